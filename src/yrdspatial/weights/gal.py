"""Weights by year as GAL files."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from yrdspatial.errors import OutputError

if TYPE_CHECKING:
    from libpysal.graph import Graph


def write_gal(weights: "Mapping[int, Graph]", folder: Path) -> tuple[Path, ...]:
    """Write one file a year, all or none.

    Parameters
    ----------
    weights : Mapping of int to Graph
        Weights by year.
    folder : Path
        Where the files ``<year>.gal`` go; made when missing.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    OutputError
        If the folder cannot be written to.

    Examples
    --------
    >>> with TemporaryDirectory() as folder:
    ...     write_gal({}, Path(folder))
    ()
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".") as draft:
            for year, graph in weights.items():
                graph.to_gal(str(Path(draft) / f"{year}.gal"))
            return tuple(Path(draft, f"{year}.gal").replace(folder / f"{year}.gal") for year in weights)
    except OSError as error:
        what = f"the weights cannot be written ({error.strerror})"
        raise OutputError(what, where=str(folder), cure="choose a folder you may write to") from error
