"""Files written whole or not at all: any file, and a table in its kinds."""

import contextlib
from collections.abc import Collection, Hashable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from yrdspatial.errors import OutputError
from yrdspatial.tables.cells import Format
from yrdspatial.tables.render import table_csv, table_latex


def write_file(path: str | Path, content: str | bytes) -> Path:
    r"""Write a file whole or not at all: into a neighbour first, then renamed.

    Parameters
    ----------
    path : str or Path
        Where; missing folders are made.
    content : str or bytes
        Text is written as UTF-8 with ``\n`` line ends on every system.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        When the folder cannot be made or written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(f"{folder}/a/b.txt", "LQ\n").read_bytes()
    b'LQ\n'
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            part.unlink()
        reason = problem.strerror or type(problem).__name__
        message = f"the file cannot be written ({reason})"
        raise OutputError(message, where=str(path), cure="choose a folder that you may write to") from problem
    return path


def write_table(
    frame: pd.DataFrame,
    path_stem: str | Path,
    *,
    title: str,
    notes: Sequence[str] = (),
    formats: Mapping[Hashable, Format] | None = None,
    rules: Collection[int] = (),
    kinds: Sequence[str] = ("csv", "tex"),
) -> tuple[Path, ...]:
    """Write a frame as CSV (values to ten digits) and as a LaTeX three-line table (values as formatted).

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; a named index becomes its leading columns, an unnamed one is left out.
    path_stem : str or Path
        Path without an ending.
    title : str
        Caption of the LaTeX table.
    notes : sequence of str
        Notes printed under the LaTeX table.
    formats : mapping, optional
        Format of a column: a format specification such as ``".3f"``, or a function of the value. Without one,
        numbers with a fraction have three decimals.
    rules : collection of int
        Rows above which a thin rule is drawn.
    kinds : sequence of {"csv", "tex"}
        Which files to write.

    Returns
    -------
    tuple of Path
        The files written, in the order of `kinds`.

    Raises
    ------
    OutputError
        When a kind is unknown or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> table = pd.DataFrame({"lq": [1.25]}, index=pd.Index(["Suzhou (Jiangsu)"], name="city"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     csv, tex = write_table(table, f"{folder}/lq", title="Location quotients")
    ...     print(csv.read_text())
    city,lq
    Suzhou (Jiangsu),1.25
    """
    unknown = [kind for kind in kinds if kind not in {"csv", "tex"}]
    if unknown:
        message = f"tables are not written as {', '.join(unknown)}"
        raise OutputError(message, where=str(path_stem), cure='choose among "csv" and "tex"')
    text = {
        "csv": lambda: table_csv(frame),
        "tex": lambda: table_latex(
            frame, title=title, label=Path(path_stem).name, notes=notes, formats=formats, rules=rules
        ),
    }
    contents = {kind: text[kind]() for kind in kinds}
    return tuple(write_file(f"{path_stem}.{kind}", content) for kind, content in contents.items())
