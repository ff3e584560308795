"""Natural-break tiers against exhaustive search, and weighted kappa against scikit-learn."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from yrdspatial import load_panel, load_regions
from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.industry.tiers import tiers, weighted_kappa


def exhaustive_fit(values, k):
    """Best goodness of variance fit over all ways to cut the sorted values into k classes."""
    ordered, spread = np.sort(values), ((values - values.mean()) ** 2).sum()
    cuts = combinations(range(1, len(values)), k - 1)
    within = [
        sum(((part - part.mean()) ** 2).sum() for part in np.split(ordered, list(places))) for places in cuts
    ]
    return 1 - min(within) / spread


def test_worked_example():
    # exhaustive search: split after 3, fit 0.9681274900398407
    found = tiers(pd.Series([1, 2, 3, 10, 11, 12]), k=2)
    assert found.labels.tolist() == [2, 2, 2, 1, 1, 1]
    assert found.cuts.to_numpy().tolist() == [[10.0]]
    assert found.fit.item() == pytest.approx(0.9681274900398407, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_fit_is_the_best_there_is(seed, scale):
    values = np.random.default_rng(seed).lognormal(size=14) * scale + 30_000
    found = tiers(pd.Series(values), k=4)
    assert found.fit.item() == pytest.approx(exhaustive_fit(values, 4), abs=1e-6)  # single precision inside


def test_labels_follow_the_values():
    values = pd.Series(np.random.default_rng(1).random(20), index=range(100, 120))
    found = tiers(values.sample(frac=1, random_state=1), k=5)
    ordered = found.labels[values.sort_values(ascending=False).index]
    assert ordered.is_monotonic_increasing
    assert set(found.labels) == {1, 2, 3, 4, 5}
    assert found.cuts.loc[0 if 0 in found.cuts.index else "all"].is_monotonic_decreasing


def test_panel_form_is_every_year_by_itself():
    share = load_panel().frame.eval("va_tertiary / gdp").rename("share")
    found = tiers(share, k=5)
    assert found.labels.index.equals(share.index)
    assert found.fit.index.tolist() == list(range(2003, 2023))
    assert found.cuts.shape == (20, 4)
    assert found.labels.attrs["variant"] == "5 natural breaks, each year by itself"
    one = tiers(share.xs(2020, level="year"), k=5)
    assert found.labels.xs(2020, level="year").equals(one.labels)


def test_agreement_with_given_tiers_leaves_out_others():
    regions = load_regions()
    given = (
        regions[regions["region"].str.fullmatch(r"tier\d")].set_index("adcode")["region"].str[-1].astype(int)
    )
    share = load_panel().frame.eval("va_tertiary / gdp").xs(2020, level="year")
    found = tiers(share, k=5)
    common = found.labels.index.intersection(given.index)
    for weights in ("linear", "quadratic"):
        expected = cohen_kappa_score(found.labels[common], given[common], weights=weights)
        assert found.agreement(given, weights=weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_kappa_equals_scikit_learn(weights):
    rng = np.random.default_rng(3)
    a, b = (pd.Series(rng.integers(1, 6, 50)) for _ in range(2))
    assert weighted_kappa(a, b, weights=weights) == pytest.approx(
        cohen_kappa_score(a, b, weights=weights), abs=1e-12
    )


def test_kappa_of_one_class_is_not_defined():
    one = pd.Series([1, 1])
    assert np.isnan(weighted_kappa(one, one))


def test_refusals():
    with pytest.raises(DataError, match=r"without a gap .*Hefei"):
        tiers(pd.Series({340100: np.nan, 310000: 1.0}), k=2)
    with pytest.raises(DataError, match="fewer different values"):
        tiers(pd.Series([1.0, 1.0, 2.0]), k=3)
    with pytest.raises(DataError, match="k=1"):
        tiers(pd.Series([1.0, 2.0]), k=1)
    with pytest.raises(AlignmentError, match="no unit in common"):
        weighted_kappa(pd.Series({"a": 1}), pd.Series({"b": 1}))
    with pytest.raises(SpecificationError, match="weights=cubic"):
        weighted_kappa(pd.Series([1]), pd.Series([1]), weights="cubic")
