"""Errors: one line that says what, where and how to cure it; bad requests of the public functions."""

import inspect
import pickle

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial import errors
from yrdspatial.datasets import FIELDS, format_sources
from yrdspatial.errors import (
    AlignmentError,
    AmbiguousUnitError,
    DataError,
    GapError,
    OutputError,
    SpecificationError,
    UnknownUnitError,
    WeakIdentificationWarning,
    WeightsError,
    YrdSpatialError,
    YrdSpatialWarning,
)

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value)]
FORMULA = "log(va_secondary) ~ log(gdp)"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "gdp is missing"),
        ({"where": "Hefei, 2016"}, "gdp is missing [Hefei, 2016]"),
        ({"cure": "add it"}, "gdp is missing: add it"),
        ({"where": "Hefei, 2016", "cure": "add it"}, "gdp is missing [Hefei, 2016]: add it"),
    ],
)
def test_a_message_says_what_where_and_the_cure(words, message):
    error = YrdSpatialError("gdp is missing", **words)
    assert str(error) == message
    assert (error.what, error.where, error.cure) == (
        "gdp is missing",
        words.get("where", ""),
        words.get("cure", ""),
    )


def test_where_and_cure_are_named():
    with pytest.raises(TypeError):
        YrdSpatialError("gdp is missing", "Hefei")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_has_one_of_the_two_bases(kind):
    assert issubclass(kind, YrdSpatialError) != issubclass(kind, YrdSpatialWarning)
    assert kind.__name__.endswith("Error") == issubclass(kind, YrdSpatialError)
    assert inspect.getdoc(kind)


def test_no_error_passes_for_a_builtin_one():
    """A caller who catches ValueError or KeyError must not swallow ours by accident."""
    for kind in CLASSES:
        assert not issubclass(kind, ValueError | KeyError | OSError | ArithmeticError)
    assert issubclass(YrdSpatialWarning, UserWarning)
    assert issubclass(WeakIdentificationWarning, YrdSpatialWarning)


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if issubclass(kind, YrdSpatialError)])
def test_errors_survive_pickling(kind):
    """Workers of a parallel run send their errors home this way."""
    error = kind("what", where="where", cure="cure")
    home = pickle.loads(pickle.dumps(error))
    assert type(home) is kind
    assert str(home) == str(error) == "what [where]: cure"
    assert (home.what, home.where, home.cure) == ("what", "where", "cure")


def other_units():
    """Weights of three synthetic units that are no cities of the delta."""
    places = ["x", "y", "z"]
    return pd.DataFrame((np.ones((3, 3)) - np.eye(3)) / 2, places, places)


def gdp(years):
    """Take GDP by unit and year."""
    return yrd.load_panel().select(columns=["gdp"], years=years).frame["gdp"]


REQUESTS = {
    "unknown unit": (UnknownUnitError, lambda: yrd.find_unit("Atlantis"), ["Atlantis"]),
    "Suzhou": (AmbiguousUnitError, lambda: yrd.find_unit("Suzhou"), ["苏州", "宿州", "320500", "341300"]),
    "Taizhou": (AmbiguousUnitError, lambda: yrd.find_unit("Taizhou"), ["泰州", "台州"]),
    "unknown unit of a panel": (
        UnknownUnitError,
        lambda: yrd.load_panel().select(units=["Atlantis"]),
        ["Atlantis"],
    ),
    "year without data": (GapError, lambda: yrd.load_panel().select(years=[1990]), ["1990"]),
    "year without this column": (
        GapError,
        lambda: yrd.load_panel().array("emp_C_manufacturing", years=[2021]),
        ["emp_C_manufacturing", "2021"],
    ),
    "cell without a value": (
        GapError,
        lambda: yrd.load_panel().array("population_resident", years=[2015]),
        ["Changzhou", "2015"],
    ),
    "unknown column": (GapError, lambda: yrd.load_panel().array("gpd"), ["gpd"]),
    "weights of other units in Moran": (
        AlignmentError,
        lambda: yrd.moran(gdp([2020]), other_units(), permutations=99, seed=1),
        ["310000"],
    ),
    "weights of other units in a model": (
        AlignmentError,
        lambda: yrd.SAR(yrd.load_panel(), FORMULA, weights=other_units(), effects="twoways").fit(),
        ["310000"],
    ),
    "weights of other years": (
        AlignmentError,
        lambda: yrd.moran(
            gdp([2019, 2020]), yrd.rail_weights(yrd.travel_times([2019])), permutations=99, seed=1
        ),
        ["2020"],
    ),
    "no such weights": (WeightsError, lambda: yrd.rail_weights(yrd.travel_times([2016]), k=99), ["99"]),
    "unknown regressor": (
        SpecificationError,
        lambda: yrd.SAR(yrd.load_panel(), "gdp ~ nonsense", weights=yrd.contiguity_weights()).fit(),
        ["nonsense"],
    ),
}


@pytest.mark.parametrize(("kind", "request_", "words"), REQUESTS.values(), ids=REQUESTS.keys())
def test_a_bad_request_is_one_line_with_place_and_cure(kind, request_, words):
    with pytest.raises(YrdSpatialError) as refused:
        request_()
    message = str(refused.value)
    assert type(refused.value) is kind
    assert "\n" not in message
    assert all(word in message for word in words)
    assert refused.value.cure
    assert not refused.value.what.endswith(".")


def test_a_changed_file_does_not_load_and_stays_as_it_is(tmp_path):
    place = tmp_path / "panels" / "yrd" / "2023.csv"
    place.parent.mkdir(parents=True)
    place.write_text("synthetic\n", "utf-8")
    entry = dict.fromkeys(FIELDS, "synthetic") | {"sha256": "0" * 64}
    (tmp_path / "sources.toml").write_text(format_sources({"panels/yrd/2023.csv": entry}), "utf-8")
    with pytest.raises(DataError, match=r"another sha256.*2023\.csv.*register the new content"):
        yrd.load_panel(data_dir=tmp_path)
    assert place.read_text("utf-8") == "synthetic\n"


def test_an_unwritable_folder_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(OutputError) as refused:
        yrd.replicate(tmp_path / "file" / "results", progress=False)
    assert "\n" not in str(refused.value)
    assert refused.value.cure == "choose another folder with --out"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
