"""Formulas: names, transforms, lags within units, and errors that name the cells."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.models.formula import TimeLag, _plain_names, model_matrix
from yrdspatial.models.sample import read_sample


@pytest.fixture
def data():
    index = pd.MultiIndex.from_product([list("abc"), range(2001, 2006)], names=["unit", "year"])
    rng = np.random.default_rng(0)
    return pd.DataFrame({"y": rng.random(15), "x": rng.random(15) + 1, "g": list("mmmmmnnnnnmmmmm")}, index)


def read(formula, data):
    return model_matrix(formula, read_sample(data))


def test_terms_carry_the_names_of_the_formula(data):
    matrix, _ = read("log(y) ~ x + log(x) + I(x**2) + x:g", data)
    assert matrix.dependent == "log(y)"
    assert matrix.terms == ("Intercept", "x", "log(x)", "I(x ** 2)", "x:g[T.n]")
    assert matrix.y[1, 2] == pytest.approx(np.log(data.loc[("c", 2002), "y"]))
    assert matrix.X[1, 2, 2] == pytest.approx(np.log(data.loc[("c", 2002), "x"]))


def test_a_lag_stays_within_the_unit_and_costs_the_first_periods(data):
    matrix, sample = read("y ~ L(x) + L(log(x), 2)", data)
    assert matrix.y.shape == (3, 3)
    assert sample.periods.tolist() == [2003, 2004, 2005]
    for i, unit in enumerate("abc"):
        assert matrix.X[0, i, 1] == data.loc[(unit, 2002), "x"]
        assert matrix.X[0, i, 2] == pytest.approx(np.log(data.loc[(unit, 2001), "x"]))
    assert len(sample.index) == 9


def test_rows_used_keep_the_order_of_the_user(data):
    shuffled = data.sample(frac=1, random_state=1)
    matrix, sample = read("y ~ L(x)", shuffled)
    kept = shuffled[shuffled.index.get_level_values("year") > 2001]
    assert sample.index.equals(kept.index)
    assert sample.series(matrix.y, "y").to_numpy() == pytest.approx(kept["y"].to_numpy())


@pytest.mark.parametrize("lag", ["L(x, 0)", "L(x, 1.5)", "L(x, 5)"])
def test_senseless_lags_are_refused(data, lag):
    with pytest.raises(SpecificationError):
        read(f"y ~ {lag}", data)


def test_a_lag_over_a_missing_year_is_refused(data):
    holed = data.drop(index=2003, level="year")
    with pytest.raises(SpecificationError, match="evenly spaced"):
        read("y ~ L(x)", holed)
    sample = read_sample(holed)
    with pytest.raises(SpecificationError):
        TimeLag(sample)(sample.frame["x"])


def test_the_lag_of_formulaic_is_refused(data):
    with pytest.raises(SpecificationError, match=r"use L\(x\)"):
        read("y ~ lag(x)", data)


def test_holes_are_named_by_column_unit_and_year(data):
    data.loc[("b", 2003), "x"] = np.nan
    data.loc[("c", 2004), "y"] = np.nan
    with pytest.raises(GapError, match=r"x: b 2003; y: c 2004"):
        read("y ~ x", data)
    read("x ~ 1", data.fillna(1.0))


def test_values_that_are_not_finite_are_named(data):
    data.loc[("b", 2003), "x"] = 0.0
    with pytest.raises(SpecificationError, match=r"log\(x\) is not finite \[b 2003\]"):
        read("y ~ log(x)", data)


@pytest.mark.parametrize("formula", ["y ~ x +", "y ~ nothing", "~ x", "y", "y + x ~ x", "y ~ x | x", "g ~ x"])
def test_formulas_that_make_no_sense_are_refused_in_one_line(data, formula):
    with pytest.raises(SpecificationError) as caught:
        read(formula, data)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("formula", ["y ~ __import__('os').getcwd()", "y ~ x +* 2"])
def test_what_python_cannot_read_is_one_line(formula, data):
    with pytest.raises(SpecificationError, match="cannot be read") as caught:
        read(formula, data)
    assert "\n" not in str(caught.value)


PLAIN = ("y ~ x1 + x2", " y~x2+x1+x2 ", "y ~ x1", "y ~ x1 + whole", "y ~ y + x1")


@pytest.mark.parametrize("formula", PLAIN)
def test_a_plain_sum_is_what_the_parser_makes_of_it(panel, formula, monkeypatch):
    data = panel().data.assign(whole=lambda frame: np.arange(len(frame)))
    sample = read_sample(data)
    quick, _ = model_matrix(formula, sample)
    monkeypatch.setattr("yrdspatial.models.formula._plain_names", lambda *_: [])
    parsed, _ = model_matrix(formula, sample)
    assert (quick.dependent, quick.terms) == (parsed.dependent, parsed.terms)
    assert np.array_equal(quick.y, parsed.y)
    assert np.array_equal(quick.X, parsed.X)


@pytest.mark.parametrize(
    "formula",
    ["y ~ x1 + log(x1)", "y ~ x1:x2", "y ~ 0 + x1", "y ~ x1 - 1", "y ~ region", "y ~ nothing", "y ~ L(x1)"],
)
def test_anything_else_goes_to_the_parser(panel, formula):
    frame = read_sample(panel().data).frame
    assert _plain_names(formula, frame) == []


def test_columns_of_other_types_go_to_the_parser(panel):
    frame = read_sample(panel().data).frame
    assert _plain_names("y ~ x1", frame) == ["y", "x1"]
    assert _plain_names("y ~ x1", frame.astype({"x1": "Float64"})) == []
    assert _plain_names("y ~ x1", frame.assign(x1=frame["x1"] > 0)) == []
    assert _plain_names("y ~ x1", pd.concat([frame, frame[["x1"]]], axis=1)) == []
