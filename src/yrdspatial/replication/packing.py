"""What a stage of the main job computed, as bytes that hold data only: JSON and plain arrays, nothing that runs."""

import importlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from yrdspatial.errors import DataError, OutputError
from yrdspatial.models.encoding import Array, Packer, unpack
from yrdspatial.tables.archive import fixed_archive

HEAD = "value.json"
HOUSE = "yrdspatial."
Plain: TypeAlias = Any
"""What JSON holds."""


def pack_value(value: Any) -> bytes:
    """Turn the outcome of a stage into bytes.

    Parameters
    ----------
    value : object
        Mappings, tuples, dataclasses of this package, series, frames, arrays of numbers, numbers, texts, bytes, None.

    Returns
    -------
    bytes
        A zip file.

    Notes
    -----
    An `OutputError` says that a part of the value is of another type.

    Examples
    --------
    >>> unpack_value(pack_value({("rail", 2008): pd.Series([0.1, 0.2], name="I")}))["rail", 2008].tolist()
    [0.1, 0.2]
    """
    packer = Packer([])
    text = json.dumps(_plain(value, packer), ensure_ascii=False, allow_nan=False)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(HEAD, text)
        for name, array in packer.arrays.items():
            member = io.BytesIO()
            np.save(member, array, allow_pickle=False)
            archive.writestr(f"{name}.npy", member.getvalue())
    return fixed_archive(buffer.getvalue())


def unpack_value(content: bytes) -> Any:
    """Turn the bytes of `pack_value` back into the value.

    Parameters
    ----------
    content : bytes
        As of `pack_value`.

    Returns
    -------
    object
        The value: mappings are dicts, sequences tuples.

    Raises
    ------
    DataError
        If the bytes are no packed value.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            arrays = {
                name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
                for name in archive.namelist()
                if name != HEAD
            }
            return _value(json.loads(archive.read(HEAD)), arrays)
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, ImportError) as problem:
        raise DataError("the bytes are no packed value", cure="compute it again") from problem


def _plain(value: Any, packer: Packer) -> Plain:
    for kinds, turn in TURNS:
        if isinstance(value, kinds):
            return turn(value, packer)
    if is_dataclass(value) and not isinstance(value, type):
        return _plain_object(value, packer)
    return packer.pack(value)


def _plain_mapping(value: Mapping[Any, Any], packer: Packer) -> Plain:
    return {"$mapping": [[_plain(key, packer), _plain(one, packer)] for key, one in value.items()]}


def _plain_sequence(value: Sequence[Any], packer: Packer) -> Plain:
    return {"$tuple": [_plain(one, packer) for one in value]}


def _plain_bytes(value: bytes, packer: Packer) -> Plain:
    return {"$bytes": packer.pack(np.frombuffer(value, np.uint8))}


def _plain_series(value: "pd.Series[Any]", packer: Packer) -> Plain:
    table, name, attrs = (_plain(part, packer) for part in (value.to_frame(0), value.name, value.attrs))
    return {"$series": table, "name": name, "attrs": attrs}


def _plain_table(table: pd.DataFrame, packer: Packer) -> Plain:
    if type(table) is not pd.DataFrame:  # a GeoDataFrame would come back as another thing
        raise _unkept(table)
    nullable = {
        place: str(kind)
        for place, kind in enumerate(table.dtypes)
        if pd.api.types.is_extension_array_dtype(kind) and pd.api.types.is_numeric_dtype(kind)
    }
    columns = [table.iloc[:, place].rename(place) for place in range(table.shape[1])]
    for place in nullable:  # numbers with holes have no plain array: they are kept one by one
        column = columns[place]
        columns[place] = column.astype(object).where(column.notna(), None)
    return {
        "$table": packer.pack(pd.DataFrame(dict(enumerate(columns)), index=table.index)),
        "columns": packer.pack(table.columns),
        "nullable": [[place, kind] for place, kind in nullable.items()],
        "attrs": _plain(table.attrs, packer),
    }


def _plain_object(value: Any, packer: Packer) -> Plain:
    kind = type(value)
    if not kind.__module__.startswith(HOUSE):
        raise _unkept(value)
    parts = {one.name: _plain(getattr(value, one.name), packer) for one in fields(value)}
    return {"$object": [kind.__module__, kind.__qualname__], "fields": parts}


def _unkept(value: Any) -> OutputError:
    what = f"{type(value).__name__} cannot be kept"
    return OutputError(what, cure="keep plain frames, arrays, and dataclasses of this package")


TURNS: tuple[tuple[type | tuple[type, ...], Callable[[Any, Packer], Plain]], ...] = (
    (Mapping, _plain_mapping),
    ((tuple, list), _plain_sequence),
    (bytes, _plain_bytes),
    (pd.Series, _plain_series),
    (pd.DataFrame, _plain_table),
)


def _value(plain: Plain, arrays: Mapping[str, Array]) -> Any:
    readers: dict[str, Callable[[Any], Any]] = {
        "$mapping": lambda one: {_value(key, arrays): _value(part, arrays) for key, part in one["$mapping"]},
        "$tuple": lambda one: tuple(_value(part, arrays) for part in one["$tuple"]),
        "$series": lambda one: _series(one, arrays),
        "$table": lambda one: _table(one, arrays),
        "$object": lambda one: _object(one, arrays),
        "$bytes": lambda one: unpack(one["$bytes"], arrays, []).tobytes(),
    }
    if isinstance(plain, dict):
        for mark in readers.keys() & plain.keys():
            return readers[mark](plain)
    return unpack(plain, arrays, [])


def _series(plain: Mapping[str, Plain], arrays: Mapping[str, Array]) -> "pd.Series[Any]":
    table: pd.DataFrame = _value(plain["$series"], arrays)
    series = table[0].rename(_value(plain["name"], arrays))
    series.attrs = _value(plain["attrs"], arrays)
    return series


def _table(plain: Mapping[str, Plain], arrays: Mapping[str, Array]) -> pd.DataFrame:
    table: pd.DataFrame = unpack(plain["$table"], arrays, []).astype(dict(plain["nullable"]))
    table = table.set_axis(unpack(plain["columns"], arrays, []), axis=1)
    table.attrs = _value(plain["attrs"], arrays)
    return table


def _object(plain: Mapping[str, Plain], arrays: Mapping[str, Array]) -> Any:
    module, name = plain["$object"]
    kind = getattr(importlib.import_module(module), name) if module.startswith(HOUSE) else None
    if not (isinstance(kind, type) and is_dataclass(kind)):
        raise DataError(
            "the bytes name no part of a result", where=f"{module}.{name}", cure="compute it again"
        )
    return kind(**{field: _value(part, arrays) for field, part in plain["fields"].items()})
