"""The CD tests against loops over pairs, against simulated size, and with what they refuse."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.models.dependence import cd_test
from yrdspatial.weights.series import WeightsSeries

UNITS = list("abcdef")
YEARS = list(range(2001, 2010))


def residuals(seed=1, units=UNITS, years=YEARS):
    """Independent normal numbers (synthetic)."""
    index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    return pd.Series(np.random.default_rng(seed).normal(size=len(index)), index, name="resid")


def path(units=UNITS):
    """Each unit is linked to the next one, in one direction only."""
    return pd.DataFrame(np.eye(len(units), k=1), units, units)


def by_loops(e, linked):
    """CD by its definition: e has a row a unit."""
    pairs, total = 0, 0.0
    for i in range(len(e)):
        for j in range(i):
            if linked[i, j] or linked[j, i]:
                pairs += 1
                total += np.corrcoef(e[i], e[j])[0, 1]
    return np.sqrt(e.shape[1] / pairs) * total


def test_cd_is_the_sum_over_all_pairs():
    e = residuals()
    found = cd_test(e)
    values = e.to_numpy().reshape(len(UNITS), -1)
    assert found.statistic == pytest.approx(by_loops(values, np.ones((6, 6))), rel=1e-12)
    scale = np.sqrt(2 * len(YEARS) / (6 * 5))
    assert found.statistic == pytest.approx(
        scale * by_loops(values, np.ones((6, 6))) / np.sqrt(len(YEARS) / 15)
    )
    assert found.pvalue == pytest.approx(2 * norm.sf(abs(found.statistic)))
    assert found.test == "CD"
    assert found.note == ""


@pytest.mark.parametrize("order", [1, 2, 4])
def test_local_cd_counts_neighbours_up_to_an_order(order):
    e = residuals()
    steps = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    found = cd_test(e, weights=path(), order=order)
    values = e.to_numpy().reshape(len(UNITS), -1)
    assert found.statistic == pytest.approx(by_loops(values, (steps > 0) & (steps <= order)), rel=1e-12)
    assert found.test == f"CD({order})"


def test_beyond_the_last_order_local_is_global():
    e = residuals()
    assert cd_test(e, weights=path(), order=5).statistic == pytest.approx(cd_test(e).statistic, rel=1e-12)


def test_links_of_any_period_count():
    e = residuals()
    empty = pd.DataFrame(np.zeros((6, 6)), UNITS, UNITS)
    frames = dict.fromkeys(YEARS, empty) | {2003: path()}
    series = WeightsSeries.from_frames(frames)
    assert cd_test(e, weights=series).statistic == cd_test(e, weights=path()).statistic


def test_sizes_of_weights_do_not_matter():
    e = residuals()
    assert cd_test(e, weights=0.2 * path()).statistic == cd_test(e, weights=path()).statistic


@pytest.mark.parametrize("seed", [2, 3])
def test_order_of_rows_and_names_do_not_matter(seed):
    e = residuals()
    shuffled = e.sample(frac=1.0, random_state=seed)
    assert cd_test(shuffled).statistic == pytest.approx(cd_test(e).statistic, rel=1e-12)
    assert cd_test(shuffled, weights=path()).statistic == pytest.approx(
        cd_test(e, weights=path()).statistic, rel=1e-12
    )
    names = dict(zip(UNITS, ["z", "q", "m", "c", "x", "b"], strict=True))
    renamed = shuffled.rename(index=names, level=0)
    table = path().rename(index=names, columns=names)
    assert cd_test(renamed, weights=table).statistic == pytest.approx(
        cd_test(e, weights=path()).statistic, rel=1e-12
    )


def test_a_common_shock_is_found():
    e = residuals()
    shock = pd.Series(np.random.default_rng(9).normal(size=len(YEARS)), YEARS)
    hit = e + 2 * shock.reindex(e.index.get_level_values("year")).to_numpy()
    assert cd_test(hit).pvalue < 1e-4


def test_size_without_dependence():
    """500 synthetic panels of 20 units and 17 periods: 5 % within three Monte Carlo errors of 1 point."""
    rng = np.random.default_rng(7)
    units, years = [f"u{i:02d}" for i in range(20)], range(17)
    index = pd.MultiIndex.from_product([units, years])
    pvalues = [cd_test(pd.Series(rng.normal(size=340), index)).pvalue for _ in range(500)]
    assert 0.02 < np.mean(np.array(pvalues) < 0.05) < 0.08


def test_after_time_effects_the_note_warns(panel):
    simulated = panel("rows")
    twoways = yrd.OLS(simulated.data, "y ~ x1 + x2", effects="twoways").fit()
    unit = yrd.OLS(simulated.data, "y ~ x1 + x2", effects="unit").fit()
    assert "not N(0, 1)" in cd_test(twoways.resids).note
    assert cd_test(unit.resids).note == ""


def test_unit_effects_left_in_the_residuals_do_not_matter():
    e = residuals()
    shift = e.index.get_level_values("unit").map(dict(zip(UNITS, range(6), strict=True)))
    assert cd_test(e + 5.0 * shift.to_numpy()).statistic == pytest.approx(cd_test(e).statistic, rel=1e-9)


def test_a_unit_without_residuals_has_no_correlation():
    e = residuals()
    e.loc["b"] = 0.0
    assert "a unit has no residuals" in str(cd_test(e))
    e.loc["b"] = np.nan
    assert np.isnan(cd_test(e).statistic)


def test_no_links_no_test():
    empty = pd.DataFrame(np.zeros((6, 6)), UNITS, UNITS)
    assert "no pair of units is linked" in str(cd_test(residuals(), weights=empty))


def test_what_is_refused():
    e = residuals()
    with pytest.raises(SpecificationError, match="no Series"):
        cd_test(e.to_frame())
    with pytest.raises(SpecificationError, match="order = 0"):
        cd_test(e, weights=path(), order=0)
    with pytest.raises(SpecificationError, match="two periods"):
        cd_test(e.xs(2001, level=1))
    with pytest.raises(GapError, match="unbalanced"):
        cd_test(e.iloc[1:])
    with pytest.raises(AlignmentError):
        cd_test(e, weights=path(list("abcdeg")))
