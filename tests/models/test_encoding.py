"""Values to JSON and back: the same values, labels and types; anything else is refused."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from yrdspatial.errors import DataError, OutputError
from yrdspatial.models.encoding import Packer, build, unpack


@dataclass(frozen=True)
class Thing:
    """A value with a part."""

    name: str
    part: object
    more: int = 3


def there_and_back(value):
    """Through the text of JSON, as in a file."""
    packer = Packer([Thing])
    plain = json.loads(json.dumps(packer.pack(value), allow_nan=False))
    return unpack(plain, packer.arrays, [Thing])


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -0.1, 1e-300, "泰州", (), (1, ("a", None)), Thing("a", (1.5, Thing("b", None)), 4)],
    ids=str,
)
def test_values_come_back(value):
    found = there_and_back(value)
    assert found == value
    assert type(found) is type(value)


def test_numbers_of_numpy_and_beyond_json_come_back():
    assert there_and_back((np.int64(3), np.bool_(True), np.float64(0.1))) == (3, True, 0.1)
    assert there_and_back((float("inf"), float("-inf"))) == (float("inf"), float("-inf"))
    assert np.isnan(there_and_back(float("nan")))


@pytest.mark.parametrize(
    "array",
    [np.arange(6.0).reshape(2, 3), np.array([1 + 2j]), np.array([True, False]), np.zeros((0, 3))],
    ids=str,
)
def test_arrays_are_set_aside(array):
    found = there_and_back((array,))[0]
    assert found is array


def test_an_array_that_is_there_twice_is_set_aside_once():
    array = np.arange(3.0)
    packer = Packer([])
    packer.pack((array, (array, array.copy())))
    assert len(packer.arrays) == 2


def test_sparse_weights_come_back():
    matrix = csr_array([[0, 2.5, 0], [1, 0, 0], [0, 0, 0]])
    found = there_and_back(matrix)
    assert isinstance(found, csr_array)
    np.testing.assert_array_equal(found.toarray(), matrix.toarray())


def test_sparse_weights_with_strange_places_are_refused():
    packer = Packer([])
    plain = packer.pack(csr_array([[0, 2.5], [1, 0]]))
    packer.arrays[plain["indices"]["$array"]] = np.array([7, 0], dtype=np.int32)
    with pytest.raises(ValueError, match="ind"):
        unpack(plain, packer.arrays, [])


def test_fields_with_defaults_can_be_left_out():
    packer = Packer([Thing], {"more"})
    assert unpack(packer.pack(Thing("a", 1, 99)), {}, [Thing]) == Thing("a", 1, 3)


INDEXES = [
    pd.Index([310000, 320100], name="unit"),
    pd.Index(["上海", "b"], name="unit"),
    pd.Index(["a", 2, 2.5, None], dtype=object),
    pd.Index(["a", "b"], dtype=object),
    pd.Index(["a", "b"], dtype="string"),
    pd.Index([0.5, 1.5]),
    pd.Index([True, False]),
    pd.DatetimeIndex(["2001-01-01", "2002-07-01"], name="when"),
    pd.period_range("2001", periods=3, freq="Y", name="year"),
    pd.period_range("2001-02", periods=3, freq="Q"),
    pd.CategoricalIndex(["b", "a", "b"], categories=["b", "a"], ordered=True, name="c"),
    pd.MultiIndex.from_product([["a", "b"], [2001, 2002]], names=["unit", "year"]),
    pd.MultiIndex.from_arrays([[1, 2], pd.to_datetime(["2001-01-01", "2002-01-01"])]),
    pd.Index([]),
]


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: f"{type(index).__name__} {index.dtype}")
def test_labels_come_back(index):
    found = there_and_back(index)
    pd.testing.assert_index_equal(found, index, exact=True)
    assert found.names == index.names


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"test": ["LM", "LR"], "df": [1, 2], "p": [0.5, np.nan]}),
        pd.DataFrame(index=pd.MultiIndex.from_product([["b", "a"], [1, 2]])),
    ],
    ids=["columns", "labels alone"],
)
def test_frames_come_back(frame):
    pd.testing.assert_frame_equal(there_and_back(frame), frame, check_column_type=False)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ([1], "list cannot be saved"),
        ({"a": 1}, "dict cannot be saved"),
        (print, "cannot be saved"),
        (object(), "object cannot be saved"),
        (np.array(["a"]), "an array of <U1"),
        (np.array([print]), "an array of object"),
        (pd.Index([print]), "cannot be saved"),
        (pd.interval_range(0, 2), "labels of type interval"),
        (pd.DatetimeIndex(["2001-01-01"], tz="UTC"), "labels of type datetime64"),
        (pd.Index([1], dtype="Int64"), "labels of type Int64"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_plain_value_is_refused(value, what):
    with pytest.raises(OutputError, match=what):
        there_and_back(value)


def test_classes_are_those_named():
    with pytest.raises(OutputError, match="Thing cannot be saved"):
        Packer([]).pack(Thing("a", 1))
    with pytest.raises(DataError, match="no part of a model"):
        unpack(Packer([Thing]).pack(Thing("a", 1)), {}, [])


@pytest.mark.parametrize(
    "plain",
    [
        [1],
        {},
        {"$eval": "1"},
        {"$array": "0", "$tuple": []},
        {"$index": "module"},
        {"$index": "text", "dtype": "int"},
    ],
    ids=str,
)
def test_unknown_forms_are_refused(plain):
    with pytest.raises(DataError, match="no known form"):
        unpack(plain, {}, [])


def test_fields_are_those_of_the_class():
    assert build(Thing, {"name": "a", "part": 1}, {}, []) == Thing("a", 1)
    with pytest.raises(DataError, match=r"Thing has other fields \[part\]"):
        build(Thing, {"name": "a"}, {}, [])
    with pytest.raises(DataError, match="color"):
        build(Thing, {"name": "a", "part": 1, "color": 2}, {}, [])
