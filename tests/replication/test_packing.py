"""Outcomes of stages as bytes and back, to the last bit; bytes that are none are refused and run nothing."""

import io
import json
import pickle
import zipfile
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import DataError, OutputError
from yrdspatial.replication.packing import HEAD, pack_value, unpack_value
from yrdspatial.replication.verdicts import Verdict

AWKWARD = [0.1 + 0.2, 5e-324, -0.0, np.inf, np.nan, 1 / 3]


def again(value):
    """Pack and unpack a value, and see that packing what came back gives the same bytes."""
    content = pack_value(value)
    back = unpack_value(content)
    assert pack_value(back) == content
    return back


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        0.1,
        "上海",
        b"\x89PNG",
        (),
        ("a", (1, None)),
        {},
        {("rail", 2008): {"a": 1}, None: 2},
        1e300,
    ],
    ids=repr,
)
def test_plain_values_come_back(value):
    assert again(value) == value


def test_a_list_comes_back_as_a_tuple():
    assert again([1, [2]]) == (1, (2,))


def test_arrays_come_back_to_the_last_bit():
    back = again({"x": np.array(AWKWARD), "n": np.arange(6).reshape(2, 3)})
    assert back["x"].tobytes() == np.array(AWKWARD).tobytes()
    np.testing.assert_array_equal(back["n"], [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize(
    "column",
    [
        AWKWARD,
        list(range(6)),
        [True, False] * 3,
        ["a", None, "上海", "", "b", "c"],
        pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
        pd.array([1.5, None, 3, 4, 5, 6], dtype="Float64"),
        pd.Categorical(["HH", "LL", "HH", "HH", "LL", "LL"], ["LL", "HH"], ordered=True),
        pd.date_range("2010-07-01", periods=6, freq="YS"),
        pd.Series([1, "a", None, 2.5, True, "b"], dtype=object),
    ],
    ids=["float", "int", "bool", "text", "Int64", "Float64", "category", "date", "object"],
)
def test_every_kind_of_column_comes_back(column):
    table = pd.DataFrame({"x": column, "y": 1})
    pd.testing.assert_frame_equal(again(table), table, check_freq=False)


def test_indexes_heads_and_notes_come_back():
    index = pd.MultiIndex.from_product([[310000, 320100], [2012, 2013]], names=["unit", "year"])
    columns = pd.MultiIndex.from_tuples([("I", "p"), ("I", "z")], names=["a", None])
    table = pd.DataFrame(np.eye(4)[:, :2], index, columns)
    table.attrs = {"basis": "employment", "notes": ("one", "two")}
    back = again(table)
    pd.testing.assert_frame_equal(back, table)
    assert back.attrs == table.attrs


def test_a_table_with_a_head_twice_comes_back():
    table = pd.DataFrame([[1, 2.5]], columns=["a", "a"])
    pd.testing.assert_frame_equal(again(table), table)


@pytest.mark.parametrize(
    "table", [pd.DataFrame(), pd.DataFrame({"a": pd.Series(dtype=float)})], ids=["none", "rows"]
)
def test_an_empty_table_comes_back(table):
    pd.testing.assert_frame_equal(again(table), table, check_index_type=False, check_column_type=False)


@pytest.mark.parametrize("name", ["I", None, ("rail", 2008)])
def test_a_series_comes_back_with_its_name(name):
    series = pd.Series([0.5, 0.25], index=pd.Index(["a", "b"], name="unit"), name=name)
    series.attrs["basis"] = "value added"
    back = again(series)
    pd.testing.assert_series_equal(back, series)
    assert back.attrs == series.attrs


def test_objects_of_the_house_come_back():
    verdict = Verdict("replicated", "1.0", "", seed=7, p=0.25, by_weights={"rail": 0.5})
    assert again(verdict) == verdict


def test_the_stages_come_back(measures, clustering, spillovers, claims):
    back = unpack_value(pack_value((measures, clustering, spillovers, claims)))
    pd.testing.assert_frame_equal(back[0].sectors, measures.sectors)
    assert back[0].sectors.attrs == measures.sectors.attrs
    pd.testing.assert_frame_equal(back[1].table, clustering.table)
    assert list(back[1].local) == list(clustering.local)
    for one, other in zip(back[2].main, spillovers.main, strict=True):
        pd.testing.assert_series_equal(one.results.params, other.results.params, check_exact=True)
        pd.testing.assert_frame_equal(one.results.cov, other.results.cov, check_exact=True)
        assert (one.results.loglik, one.results.warnings) == (other.results.loglik, other.results.warnings)
    assert str(back[2].dense.results.summary) == str(spillovers.dense.results.summary)
    pd.testing.assert_frame_equal(back[3], claims)


@dataclass(frozen=True)
class Foreign:
    """A dataclass that is not of the house."""

    x: int = 1


@pytest.mark.parametrize(
    "value",
    [Foreign(), object(), {"a": Foreign()}, {1, 2}, gpd.GeoDataFrame({"a": [1]}), len],
    ids=lambda one: type(one).__name__,
)
def test_what_would_not_come_back_is_refused(value):
    with pytest.raises(OutputError, match="cannot be"):
        pack_value(value)


def zipped(head, **members):
    """Make a zip file by hand."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(HEAD, head)
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def pickled_array():
    """Return an array that numpy would have to unpickle."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([Foreign()], dtype=object), allow_pickle=True)
    return buffer.getvalue()


BAD = {
    "no zip": b"text",
    "nothing": b"",
    "a pickle": pickle.dumps({"a": 1}),
    "no json": zipped("{"),
    "a pickle inside": zipped('{"$array": "0"}', **{"0": pickled_array()}),
    "an array that is not there": zipped('{"$array": "7"}'),
    "an unknown mark": zipped('{"$code": "print()"}'),
    "a class of another house": zipped(json.dumps({"$object": ["subprocess", "Popen"], "fields": {}})),
    "a function of the house": zipped(
        json.dumps({"$object": ["yrdspatial.replication.claims", "split"], "fields": {"cell": "a"}})
    ),
    "no module": zipped(json.dumps({"$object": ["yrdspatial.nowhere", "Verdict"], "fields": {}})),
    "other fields": zipped(
        json.dumps({"$object": ["yrdspatial.replication.verdicts", "Verdict"], "fields": {"x": 1}})
    ),
    "half a table": zipped(json.dumps({"$table": None})),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_bytes_that_are_no_value_are_refused(content):
    with pytest.raises(DataError):
        unpack_value(content)
