"""Values of a fitted model as plain JSON beside named arrays, and back: nothing that could run is ever stored."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import DataError, OutputError

Array: TypeAlias = npt.NDArray[Any]
Plain: TypeAlias = Any
"""What JSON holds: None, truth values, numbers, texts, lists, and mappings by text."""
NUMERIC = "biufc"
TEXTS = ("str", "string", "object")


class Packer:
    """Turns values into JSON, and sets arrays aside under running numbers.

    Parameters
    ----------
    classes : sequence of type
        Frozen dataclasses that may be part of a value.
    skipped : collection of str
        Fields with defaults that are left out: what can be computed anew.

    Attributes
    ----------
    arrays : dict of str to ndarray
        The arrays met so far, by name.

    Examples
    --------
    >>> packer = Packer([])
    >>> packer.pack((1, None, np.arange(3)))
    {'$tuple': [1, None, {'$array': '0'}]}
    >>> unpack(packer.pack((1, "a")), {}, [])
    (1, 'a')
    """

    def __init__(self, classes: Sequence[type], skipped: Collection[str] = ()) -> None:
        self._classes, self._skipped = classes, skipped
        self.arrays: dict[str, Array] = {}

    def pack(self, value: Any) -> Plain:
        """Turn a value into JSON.

        Parameters
        ----------
        value : object
            None, truth values, numbers, texts, tuples, arrays of numbers, sparse ones too, indexes, frames, and the
            classes.

        Returns
        -------
        object
            What ``json`` can write.

        Raises
        ------
        OutputError
            If the value, or a part of it, is of another type.
        """
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            return {"$float": str(value)}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, tuple):
            return {"$tuple": [self.pack(one) for one in value]}
        packs: list[tuple[type, Callable[[Any], Plain]]] = [
            (np.ndarray, self._array),
            (pd.Index, self._index),
            (pd.DataFrame, self._frame),
            (csr_array, self._sparse),
        ]
        for kind, pack in packs:
            if isinstance(value, kind):
                return pack(value)
        if is_dataclass(value) and type(value) in self._classes:
            return {"$kind": type(value).__name__, "fields": self.fields_of(value)}
        raise OutputError(
            f"{type(value).__name__} cannot be saved", cure="label units and years by codes or names"
        )

    def fields_of(self, value: Any) -> dict[str, Plain]:
        """Turn the fields of a dataclass into JSON.

        Parameters
        ----------
        value : dataclass
            Any.

        Returns
        -------
        dict
            Field by name.
        """
        names = [one.name for one in fields(value) if one.name not in self._skipped]
        return {name: self.pack(getattr(value, name)) for name in names}

    def _array(self, value: Array) -> Plain:
        if value.dtype.kind not in NUMERIC:
            raise OutputError(f"an array of {value.dtype} cannot be saved", cure="keep numbers in arrays")
        known = (name for name, array in self.arrays.items() if array is value)
        name = next(known, str(len(self.arrays)))
        self.arrays[name] = value
        return {"$array": name}

    def _sparse(self, matrix: csr_array) -> Plain:
        parts = {name: self._array(getattr(matrix, name)) for name in ("data", "indices", "indptr")}
        return {"$sparse": list(matrix.shape), **parts}

    def _index(self, index: "pd.Index[Any]") -> Plain:
        if isinstance(index, pd.MultiIndex):
            levels = [self._index(level) for level in index.levels]
            codes = [self._array(np.asarray(code)) for code in index.codes]
            return {
                "$index": "multi",
                "levels": levels,
                "codes": codes,
                "names": list(map(self.pack, index.names)),
            }
        head = {"name": self.pack(index.name), "dtype": str(index.dtype)}
        if isinstance(index, pd.CategoricalIndex):
            categories = self._index(index.categories)
            codes = self._array(np.asarray(index.codes))
            return {
                "$index": "category",
                **head,
                "categories": categories,
                "codes": codes,
                "ordered": index.ordered,
            }
        if isinstance(index, pd.PeriodIndex):
            return {
                "$index": "period",
                **head,
                "values": self._array(np.asarray(index.asi8)),
                "freq": index.freqstr,
            }
        if isinstance(index.dtype, np.dtype) and index.dtype.kind == "M":
            return {"$index": "date", **head, "values": self._array(index.to_numpy().view(np.int64))}
        if isinstance(index.dtype, np.dtype) and index.dtype.kind in NUMERIC:
            return {"$index": "number", **head, "values": self._array(index.to_numpy())}
        if str(index.dtype) not in TEXTS:
            cure = "label units and years by numbers, texts or dates"
            raise OutputError(
                f"labels of type {index.dtype} cannot be saved", where=str(index.name), cure=cure
            )
        return {"$index": "text", **head, "values": [self.pack(one) for one in index.tolist()]}

    def _frame(self, frame: pd.DataFrame) -> Plain:
        columns = [self._index(pd.Index(frame[name])) for name in frame.columns]
        return {"$frame": columns, "index": self._index(frame.index), "names": self._index(frame.columns)}


def unpack(plain: Plain, arrays: Mapping[str, Array], classes: Sequence[type]) -> Any:
    """Turn JSON back into the value it was made from.

    Parameters
    ----------
    plain : object
        As of `Packer.pack`.
    arrays : mapping of str to ndarray
        The arrays.
    classes : sequence of type
        The dataclasses that may be made.

    Returns
    -------
    object
        The value.

    Raises
    ------
    DataError
        If the JSON is not of that form.
    """
    if plain is None or isinstance(plain, bool | int | float | str):
        return plain
    readers: dict[str, Callable[..., Any]] = {
        "$float": lambda one: float(one["$float"]),
        "$tuple": lambda one: tuple(unpack(part, arrays, classes) for part in one["$tuple"]),
        "$array": lambda one: arrays[one["$array"]],
        "$index": lambda one: _index_of(one, arrays),
        "$sparse": lambda one: _sparse_of(one, arrays),
        "$frame": lambda one: _frame_of(one, arrays),
        "$kind": lambda one: _object_of(one, arrays, classes),
    }
    marks = [mark for mark in readers if isinstance(plain, dict) and mark in plain]
    if len(marks) != 1:
        raise DataError(
            "a value in the file has no known form", where=str(plain)[:40], cure="save the model again"
        )
    return readers[marks[0]](plain)


def build(
    kind: type, plain: Mapping[str, Plain], arrays: Mapping[str, Array], classes: Sequence[type]
) -> Any:
    """Make a dataclass of its fields.

    Parameters
    ----------
    kind : type
        The dataclass.
    plain : mapping of str to object
        Its fields as JSON; one with a default may be missing.
    arrays : mapping of str to ndarray
        The arrays.
    classes : sequence of type
        The dataclasses that its fields may hold.

    Returns
    -------
    object
        The instance.

    Raises
    ------
    DataError
        If fields are missing or unknown.
    """
    known = {one.name: one.default is MISSING and one.default_factory is MISSING for one in fields(kind)}
    wrong = [
        *(set(plain) - set(known)),
        *(name for name, needed in known.items() if needed and name not in plain),
    ]
    if wrong:
        cure = "load it with the version that saved it"
        raise DataError(f"{kind.__name__} has other fields", where=", ".join(sorted(wrong)), cure=cure)
    return kind(**{name: unpack(value, arrays, classes) for name, value in plain.items()})


def _object_of(plain: Mapping[str, Any], arrays: Mapping[str, Array], classes: Sequence[type]) -> Any:
    named = {one.__name__: one for one in classes}
    if plain["$kind"] not in named:
        raise DataError(
            "the file names no part of a model", where=str(plain["$kind"]), cure="save the model again"
        )
    return build(named[plain["$kind"]], plain["fields"], arrays, classes)


def _sparse_of(plain: Mapping[str, Any], arrays: Mapping[str, Array]) -> csr_array:
    parts = tuple(arrays[plain[name]["$array"]] for name in ("data", "indices", "indptr"))
    matrix = csr_array(parts, shape=tuple(plain["$sparse"]))
    matrix.check_format(full_check=True)
    return matrix


def _index_of(plain: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
    def array(key: str) -> Any:
        return arrays[plain[key]["$array"]]

    name: Any = plain.get("name")
    match plain["$index"]:
        case "multi":
            levels = [_index_of(level, arrays) for level in plain["levels"]]
            codes: list[Any] = [arrays[code["$array"]] for code in plain["codes"]]
            return pd.MultiIndex(levels=levels, codes=codes, names=plain["names"])
        case "category":
            categories, ordered = _index_of(plain["categories"], arrays), bool(plain["ordered"])
            values = pd.Categorical.from_codes(array("codes"), categories, ordered=ordered)
            return pd.CategoricalIndex(values, name=name)
        case "period":
            return pd.PeriodIndex.from_ordinals(array("values"), freq=plain["freq"], name=name)  # type: ignore[attr-defined]
        case "date" if plain["dtype"].startswith("datetime64["):
            return pd.DatetimeIndex(array("values").view(plain["dtype"]), name=name)
        case "number":
            return pd.Index(array("values"), name=name)
        case "text" if plain["dtype"] in TEXTS:
            texts = [unpack(one, arrays, ()) for one in plain["values"]]
            return pd.Index(texts, dtype=plain["dtype"], name=name)
    raise DataError("labels have no known form", where=str(plain["$index"]), cure="save the model again")


def _frame_of(plain: Mapping[str, Any], arrays: Mapping[str, Array]) -> pd.DataFrame:
    index, names = _index_of(plain["index"], arrays), _index_of(plain["names"], arrays)
    columns = [pd.Series(_index_of(one, arrays), index=index) for one in plain["$frame"]]
    return (
        pd.concat(columns, axis=1).set_axis(names, axis=1)
        if columns
        else pd.DataFrame(index=index, columns=names)
    )
