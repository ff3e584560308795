"""Empirical Bayes rates against esda and their definition."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes, assuncao_rate

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError, SpecificationError

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture
def sids():
    table = pd.read_csv(REFERENCE / "c07_ncsids" / "autocorrelation_data.csv", index_col="id")
    return table["SID74"], table["BIR74"]


def test_smoothed_equals_esda(sids):
    events, births = sids
    theirs = Empirical_Bayes(events.to_numpy(), births.to_numpy()).r.ravel()
    np.testing.assert_allclose(yrd.empirical_bayes_rates(events, births), theirs, rtol=1e-10)


def test_standardized_equals_esda(sids):
    events, births = sids
    theirs = assuncao_rate(events.to_numpy(), births.to_numpy())
    found = yrd.empirical_bayes_rates(events, births, kind="standardized")
    np.testing.assert_allclose(found, theirs, rtol=1e-9, atol=1e-12)
    assert found.name == "standardized"


def test_standardized_rates_have_the_variance_of_the_definition(sids):
    # independent formula, written with loops
    events, births = (part.tolist() for part in sids)
    b = sum(events) / sum(births)
    s2 = sum(p * (e / p - b) ** 2 for e, p in zip(events, births, strict=True)) / sum(births)
    a = s2 - b / (sum(births) / len(births))
    wanted = [(e / p - b) / (a + b / p) ** 0.5 for e, p in zip(events, births, strict=True)]
    assert yrd.empirical_bayes_rates(*sids, kind="standardized").tolist() == pytest.approx(wanted, rel=1e-10)


def test_small_places_are_drawn_to_the_mean():
    events, people = pd.Series([0, 500, 2, 90], list("abcd")), pd.Series([2, 1000, 4, 300], list("abcd"))
    raw, b = events / people, events.sum() / people.sum()
    share = (yrd.empirical_bayes_rates(events, people) - b) / (raw - b)
    assert share.sort_values().index.tolist() == people.sort_values().index.tolist()
    assert share.between(0, 1).all()


def test_no_spread_beyond_chance_gives_the_mean_everywhere():
    events, people = pd.Series([1, 2, 3], list("abc")), pd.Series([100, 200, 300], list("abc"))
    assert yrd.empirical_bayes_rates(events, people).tolist() == pytest.approx([0.01] * 3)


def test_each_year_on_its_own_and_order_kept():
    index = pd.MultiIndex.from_product([list("abc"), [2005, 2006]])
    events, people = pd.Series([1, 4, 30, 9, 10, 2], index), pd.Series([10, 20, 999, 50, 100, 80], index)
    both = yrd.empirical_bayes_rates(events, people)
    alone = yrd.empirical_bayes_rates(events.xs(2006, level=1), people.xs(2006, level=1))
    assert both.xs(2006, level=1).tolist() == alone.tolist()
    order = [3, 0, 5, 1, 4, 2]
    moved = yrd.empirical_bayes_rates(events.iloc[order], people.sample(frac=1, random_state=1))
    pd.testing.assert_series_equal(moved, both.iloc[order])


def test_bad_requests():
    events, people = pd.Series([1.0, 2], list("ab")), pd.Series([10.0, 0], list("ab"))
    with pytest.raises(SpecificationError, match=r"not positive.*\[b\]"):
        yrd.empirical_bayes_rates(events, people)
    with pytest.raises(AlignmentError, match="different labels"):
        yrd.empirical_bayes_rates(events, people.rename({"b": "c"}))
    with pytest.raises(SpecificationError, match="kind 'raw'"):
        yrd.empirical_bayes_rates(events, people, kind="raw")
    with pytest.raises(GapError, match="a, events"):
        yrd.empirical_bayes_rates(events.where(events > 1), people + 1)
