"""Placebo dates: dealt inside groups, the same with any number of workers, p-values by the definition."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.treatment.event_study import event_study
from yrdspatial.treatment.placebo import deal, placebo_openings


def test_dates_are_permuted_and_stay_inside_groups():
    dates = pd.Series([1.0, 2.0, np.nan, 4.0, 5.0], index=list("abcde"))
    groups = np.array([0, 0, 0, 1, 1])
    dealt = deal(dates, np.random.default_rng(3), groups)
    assert dealt.index.tolist() == list("abcde")
    assert sorted(dealt.iloc[:3].fillna(0.0)) == [0.0, 1.0, 2.0]
    assert sorted(dealt.iloc[3:]) == [4.0, 5.0]


def test_every_permutation_is_as_likely():
    dates = pd.Series([1, 2, 3])
    rng = np.random.default_rng(5)
    seen = pd.Series([tuple(deal(dates, rng)) for _ in range(1200)]).value_counts()
    assert len(seen) == 6
    assert ((seen - 200) ** 2 / 200).sum() < 20.5  # chi2(5) at 0.1 per cent


def test_p_values_are_shares_of_draws_and_the_dates_themselves(make):
    panel = make(noise=3.0)
    found = placebo_openings(panel.data, "y", first_treated=panel.first, draws=39, seed=7)
    observed = event_study(panel.data, "y", first_treated=panel.first).att
    assert found.observed["estimate"] == observed["estimate"]
    larger = (found.draws["estimate"].abs() >= abs(observed["estimate"])).sum()
    assert found.pvalues["estimate"] == pytest.approx((larger + 1) / 40)
    assert repr(found) == f"Placebo(39 draws, p = {found.pvalues['estimate']:.3f})"


def test_the_same_numbers_whoever_works(synthetic):
    asked = {"first_treated": synthetic.first, "draws": 6, "seed": 7}
    alone = placebo_openings(synthetic.data, "y", **asked)
    two = placebo_openings(synthetic.data, "y", workers=2, **asked)
    pd.testing.assert_frame_equal(alone.draws, two.draws)
    more = placebo_openings(synthetic.data, "y", **{**asked, "draws": 8})
    pd.testing.assert_frame_equal(alone.draws, more.draws.iloc[:6])


def test_an_effect_is_found_and_exposure_is_dealt_along(make):
    panel = make(noise=0.3)
    for options in ({}, {"exposure": panel.weights}):
        found = placebo_openings(panel.data, "y", first_treated=panel.first, draws=19, seed=1, **options)
        assert found.pvalues["statistic"] == pytest.approx(1 / 20)


def test_what_cannot_be_drawn_is_refused(synthetic):
    with pytest.raises(SpecificationError, match="no draw"):
        placebo_openings(synthetic.data, "y", first_treated=synthetic.first, draws=0, seed=1)
    with pytest.raises(SpecificationError, match="unknown method"):
        placebo_openings(synthetic.data, "y", first_treated=synthetic.first, seed=1, draws=2, method="ols")
