"""What ships, where it is, and where it comes from: files found, checked against ``sources.toml``, and cited."""

import copy
import difflib
import functools
import hashlib
import importlib.resources
import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from yrdspatial.errors import DataError
from yrdspatial.registers import FIELDS, files_under, pending_path
from yrdspatial.registers import format_sources as format_sources  # noqa: PLC0414

ENVIRONMENT = "YRD_DATA"
REGISTER = "register it in the sources.toml of its data folder or take it away"
PROBLEMS = {
    "missing": "a registered file is missing",
    "unreadable": "a registered file cannot be opened",
    "changed": "a file has changed since it was registered (another sha256)",
}
CURES = {
    "shipped": "restore the shipped file; own figures belong in a data folder of your own (data_dir=...)",
    "user": "restore it, or register the new content in your sources.toml",
}
UNREGISTERED = "a file has no entry in sources.toml and does not load"
Origin = Literal["shipped", "user"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """One registered file: its name below the data folder, whose it is, where it lies, and the texts of its entry."""

    name: str
    origin: Origin
    path: Path
    title: str
    producer: str
    citation: str
    read_at: str
    terms: str
    made_by: str
    sha256: str


def data_folder() -> Path:
    """Return the folder of the shipped data: inside the installed package, or ``data/`` of the checkout.

    Returns
    -------
    Path
        The folder with the shipped ``sources.toml``.

    Examples
    --------
    >>> (data_folder() / "sources.toml").is_file()
    True
    """
    package = Path(str(importlib.resources.files("yrdspatial")))
    return package / "_data" if (package / "_data").is_dir() else package.parents[1] / "data"


def registered(data_dir: str | Path | None = None) -> dict[str, Dataset]:
    """Return the registered files by name, the user's laid over the shipped ones.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder, with a ``sources.toml`` of its own.

    Returns
    -------
    dict of str to Dataset
        Sorted by name.

    Examples
    --------
    >>> "shapes/units.csv" in registered()
    True
    """
    found: dict[str, Dataset] = {}
    for origin, root in _roots(data_dir).items():
        found |= _register(root, origin)
    return dict(sorted(found.items()))


def dataset_path(name: str, *, data_dir: str | Path | None = None) -> Path:
    """Return the path of a registered file whose content is the registered one.

    Parameters
    ----------
    name : str
        Path below the data folder: ``"shapes/units.csv"``.
    data_dir : str or Path, optional
        The user's data folder; a file there is laid over the shipped file of the same name.

    Returns
    -------
    Path
        An existing file with the registered sha256.

    Raises
    ------
    DataError
        If the file has no entry in ``sources.toml``, is missing, or has changed since it was registered.

    Examples
    --------
    >>> dataset_path("shapes/units.csv").name
    'units.csv'
    """
    dataset = _find(name, data_dir)
    status = _status(dataset.path, dataset)
    if status != "ok":  # a writer may have switched the register since it was read: look once more
        dataset = _find(name, data_dir)
        status = _status(dataset.path, dataset)
    if status != "ok":
        raise DataError(PROBLEMS[status], where=str(dataset.path), cure=CURES[dataset.origin])
    return dataset.path


def dataset_names(folder: str, *, data_dir: str | Path | None = None) -> list[str]:
    """Return the names of the registered files under a folder, shipped and user's united.

    Parameters
    ----------
    folder : str
        Path below the data folder: ``"panels/yrd"``.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    list of str
        Sorted; empty when nothing is registered there.

    Raises
    ------
    DataError
        If a file under the folder has no entry in ``sources.toml``.

    Examples
    --------
    >>> "shapes/units.csv" in dataset_names("shapes")
    True
    """
    known = registered(data_dir)
    for origin, root in _roots(data_dir).items():
        stray = set(files_under(root, folder)) - set(_register(root, origin))
        if stray:
            raise DataError(UNREGISTERED, where=str(root / min(stray)), cure=REGISTER)
    return [name for name in known if name.startswith(folder.rstrip("/") + "/")]


def read_table(name: str, *, data_dir: str | Path | None = None) -> pd.DataFrame:
    """Read a registered CSV file (UTF-8).

    Parameters
    ----------
    name : str
        Path below the data folder: ``"shapes/units.csv"``.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    pandas.DataFrame
        The table as it is in the file, with a fresh integer index.

    Raises
    ------
    DataError
        If the file is not registered, has changed, or is not a table.

    Examples
    --------
    >>> read_table("shapes/units.csv").shape
    (41, 7)
    """
    path = dataset_path(name, data_dir=data_dir)
    try:
        return pd.read_csv(path, encoding="utf-8")
    except (ValueError, OSError) as error:
        what = f"a table cannot be read ({str(error).strip()})"
        raise DataError(what, where=str(path), cure="save it as comma-separated UTF-8 text") from error


def read_toml(name: str, *, data_dir: str | Path | None = None) -> dict[str, Any]:
    """Read a registered TOML file.

    Parameters
    ----------
    name : str
        Path below the data folder: ``"shapes/regions.toml"``.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    dict
        The parsed tables.

    Examples
    --------
    >>> read_toml("shapes/regions.toml")["G60"]["status"]
    'printed'
    """
    return copy.deepcopy(_parsed(*_state(dataset_path(name, data_dir=data_dir))))


def list_datasets(data_dir: str | Path | None = None) -> pd.DataFrame:
    """List the registered files with their sources.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    pandas.DataFrame
        One row a file; index ``name`` (sorted); columns ``origin`` and ``FIELDS``.

    Examples
    --------
    >>> list_datasets().loc["shapes/units.csv", "origin"]
    'shipped'
    """
    rows = map(asdict, registered(data_dir).values())
    return pd.DataFrame(rows, columns=["name", "origin", *FIELDS]).set_index("name")


def cite(name: str, *, data_dir: str | Path | None = None) -> str:
    """Return how to cite a registered file.

    Parameters
    ----------
    name : str
        Path below the data folder.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    str
        The citation, where it was read, the terms, and the version of the file (start of its sha256).

    Examples
    --------
    >>> cite("shapes/units.csv").endswith("]")
    True
    """
    dataset = _find(name, data_dir)
    parts = [dataset.citation, f"Read at: {dataset.read_at}", f"Terms: {dataset.terms}"]
    return ". ".join(part.rstrip(". ") for part in parts) + f". [{name}, sha256 {dataset.sha256[:12]}]"


def verify(data_dir: str | Path | None = None) -> pd.DataFrame:
    """Check every file against its registration, without raising.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    pandas.DataFrame
        Index ``name``; columns ``origin``, ``path``, ``status``: ok, changed, missing, unreadable, unregistered.

    Examples
    --------
    >>> verify().loc["shapes/units.csv", "status"]
    'ok'
    """
    rows = []
    for origin, root in _roots(data_dir).items():
        entries = _register(root, origin)
        for name in sorted({*entries, *files_under(root)}):
            dataset = entries.get(name)
            path = dataset.path if dataset else root / name
            rows.append((name, origin, str(root / name), _status(path, dataset)))
    return pd.DataFrame(rows, columns=["name", "origin", "path", "status"]).set_index("name")


def _state(path: Path) -> tuple[Path, int, int]:
    state = path.stat()
    return path, state.st_mtime_ns, state.st_size


@functools.lru_cache(maxsize=4096)
def _sha256(path: Path, _mtime: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, _mtime: int, _size: int) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        what = f"not a TOML file ({str(error).strip()})"
        raise DataError(what, where=str(path), cure="correct the line named") from error


def _register(root: Path, origin: Origin) -> dict[str, Dataset]:
    sources = root / "sources.toml"
    tables = _parsed(*_state(sources)) if sources.is_file() else {}
    return {name: _dataset(name, table, root, origin) for name, table in tables.items()}


def _dataset(name: str, table: Any, root: Path, origin: Origin) -> Dataset:
    fields = table if isinstance(table, dict) else {}
    missing = [field for field in FIELDS if not isinstance(fields.get(field), str)]
    if missing:
        what = f'the entry "{name}" lacks {", ".join(missing)}'
        raise DataError(what, where=str(root / "sources.toml"), cure=f"write the texts {', '.join(FIELDS)}")
    path = root / name
    pending = pending_path(path, fields["sha256"])
    if origin == "user" and pending.is_file():
        path = pending
    return Dataset(name, origin, path, **{field: fields[field] for field in FIELDS})


def user_folder(data_dir: str | Path | None = None) -> Path | None:
    """Return the user's data folder: the one given, or the one that the environment names in ``YRD_DATA``.

    Parameters
    ----------
    data_dir : str or Path, optional
        The folder asked for; it wins over the environment.

    Returns
    -------
    Path or None
        An existing folder, resolved; None when neither names one.

    Raises
    ------
    DataError
        If there is no such folder.

    Examples
    --------
    >>> user_folder(data_folder()) == data_folder().resolve()
    True
    """
    named = os.environ.get(ENVIRONMENT) if data_dir is None else str(data_dir)
    if not named:
        return None
    folder = Path(named).expanduser().resolve()
    if not folder.is_dir():
        cure = f"make or correct {ENVIRONMENT if data_dir is None else 'data_dir'}"
        raise DataError("there is no such data folder", where=named, cure=cure)
    return folder


def _roots(data_dir: str | Path | None) -> dict[Origin, Path]:
    folder = user_folder(data_dir)
    if folder is None:
        return {"shipped": data_folder()}
    return {"shipped": data_folder(), "user": folder}


def _find(name: str, data_dir: str | Path | None) -> Dataset:
    for origin, root in reversed(_roots(data_dir).items()):
        own = _register(root, origin)
        if name in own:
            return own[name]
        if (root / name).is_file():
            raise DataError(UNREGISTERED, where=str(root / name), cure=REGISTER)
    near = difflib.get_close_matches(name, registered(data_dir), n=2)
    cure = f"did you mean {' or '.join(near)}?" if near else "list_datasets() names what there is"
    raise DataError("there is no such data file", where=name, cure=cure)


def _status(path: Path, dataset: Dataset | None) -> str:
    if dataset is None:
        return "unregistered"
    if not path.is_file():
        return "missing"
    try:
        return "ok" if _sha256(*_state(path)) == dataset.sha256 else "changed"
    except OSError:
        return "unreadable"
