"""The register of a data folder, ``sources.toml``: how it is written, and which files it has to name."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path

FIELDS = ("title", "producer", "citation", "read_at", "terms", "made_by", "sha256")
NOT_DATA = ("sources.toml", "README.md", "build")


def files_under(root: Path, folder: str = "") -> list[str]:
    """Return the names of the data files under a folder, registered or not.

    Parameters
    ----------
    root : Path
        A data folder.
    folder : str
        Path below it.

    Returns
    -------
    list of str
        Names relative to ``root``, sorted.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "own.csv").write_text("x")
    ...     files_under(Path(folder))
    ['own.csv']
    """
    names = [path.relative_to(root) for path in (root / folder).rglob("*") if path.is_file()]
    hidden = [name for name in names if any(part.startswith(".") for part in name.parts)]
    return sorted(name.as_posix() for name in {*names} - {*hidden} if name.parts[0] not in NOT_DATA)


def format_sources(entries: Mapping[str, Mapping[str, str]]) -> str:
    """Return the text of a ``sources.toml``: entries sorted by name, fields in a fixed order.

    Parameters
    ----------
    entries : mapping of str to mapping of str to str
        For each file name its ``FIELDS``.

    Returns
    -------
    str
        TOML; the same entries give the same text.

    Examples
    --------
    >>> format_sources({"panels/yrd/2030.csv": dict.fromkeys(FIELDS, "text")}).splitlines()[0]
    '["panels/yrd/2030.csv"]'
    """
    quoted = functools.partial(json.dumps, ensure_ascii=False)
    tables = []
    for name, entry in sorted(entries.items()):
        tables.append("\n".join([f"[{quoted(name)}]", *(f"{key} = {quoted(entry[key])}" for key in FIELDS)]))
    return "\n\n".join(tables) + "\n"


def pending_path(path: Path, sha256: str) -> Path:
    """Return where a new content waits until it takes its final place.

    A writer puts the new content there, then switches the register, then renames. Switching the register is the
    one step that counts: a reader that finds a pending file with the registered hash reads it, so that a writer
    may be killed between the steps.

    Parameters
    ----------
    path : Path
        Final place.
    sha256 : str
        Hash of the new content.

    Returns
    -------
    Path
        A hidden neighbour, which is no data file of its own.

    Examples
    --------
    >>> pending_path(Path("panels/yrd/2023.csv"), "0123456789abcdef").as_posix()
    'panels/yrd/.2023.csv.0123456789ab'
    """
    return path.parent / f".{path.name}.{sha256[:12]}"
