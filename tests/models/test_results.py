"""Results: labels, tables, intervals, effects recovered, and what does not apply."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from yrdspatial.errors import SpecificationError
from yrdspatial.models.estimators import SAR, SDM


def fitted(simulated, model=SDM, effects="twoways", **how):
    return model(simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=effects).fit(**how)


def test_tables_share_names_and_agree(panel):
    results = fitted(panel())
    names = ["x1", "x2", "W_x1", "W_x2", "rho"]
    table = results.to_frame()
    assert table.index.tolist() == names
    assert table.columns.tolist() == ["estimate", "std_error", "zstat", "pvalue", "lower", "upper"]
    assert results.cov.index.tolist() == results.cov.columns.tolist() == names
    assert np.sqrt(np.diag(results.cov)) == pytest.approx(results.std_errors.to_numpy())
    assert table["pvalue"].to_numpy() == pytest.approx(2 * norm.sf(np.abs(table["zstat"].to_numpy())))


def test_intervals(panel):
    results = fitted(panel())
    half = results.conf_int(0.9)["upper"] - results.params
    assert half.to_numpy() == pytest.approx(1.6448536 * results.std_errors.to_numpy())
    with pytest.raises(SpecificationError, match="no probability"):
        results.conf_int(95)


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
@pytest.mark.parametrize(
    "effects", ["pooled", "unit", "time", "twoways", {"unit": "window", "time": "region"}]
)
def test_the_parts_add_up_to_y(panel, effects):
    """Y = rho W y + X beta + W X theta + unit effects + time effects + residuals."""
    simulated = panel("rows")
    results = fitted(simulated, effects=effects)
    y, x, W = (simulated.arrays[key] for key in ("y", "x", "weights"))
    p = results.params
    total = p["rho"] * np.einsum("tij,tj->ti", W, y) + x @ p[["x1", "x2"]].to_numpy()
    total += np.einsum("tij,tjk,k->ti", W, x, p[["W_x1", "W_x2"]].to_numpy()) + p.get("Intercept", 0.0)
    index = pd.MultiIndex.from_product([range(2001, 2007), simulated.weights.units], names=["year", "unit"])
    parts = pd.Series(total.ravel(), index)
    frame = simulated.data.reorder_levels(["year", "unit"]).loc[index]
    if results.design.problem.effects.unit:
        unit = results.unit_effects
        keys = [index.get_level_values("unit")] if unit.index.nlevels == 1 else None
        keys = keys or [index.get_level_values("unit"), frame["window"]]
        parts += (
            unit.loc[keys[0]].to_numpy()
            if len(keys) == 1
            else unit.loc[list(zip(*keys, strict=True))].to_numpy()
        )
    if results.design.problem.effects.time:
        time = results.time_effects
        years = index.get_level_values("year")
        parts += (
            time.loc[years].to_numpy()
            if time.index.nlevels == 1
            else time.loc[list(zip(years, frame["region"], strict=True))].to_numpy()
        )
    residuals = results.resids.reorder_levels(["year", "unit"]).loc[index]
    assert (parts + residuals).to_numpy() == pytest.approx(frame["y"].to_numpy(), abs=1e-10)
    assert (results.fitted_values + results.resids).to_numpy() == pytest.approx(
        simulated.data["y"].to_numpy()
    )


def test_what_a_model_does_not_have_is_said(panel):
    pooled = fitted(panel(), effects="pooled")
    with pytest.raises(SpecificationError, match="no unit effects"):
        _ = pooled.unit_effects
    with pytest.raises(SpecificationError, match="no time effects"):
        _ = pooled.time_effects


def test_sigma2_and_degrees_of_freedom(panel):
    adjusted, direct = fitted(panel()), fitted(panel(), bias="none")
    sse = (adjusted.resids**2).sum()
    assert adjusted.degrees_of_freedom == 13 * 5
    assert adjusted.sigma2 == pytest.approx(sse / 65)
    assert direct.degrees_of_freedom == direct.nobs == 84
    assert (adjusted.bias, direct.bias) == ("adjusted", "none")


def test_information_criteria_count_what_was_estimated(panel):
    adjusted, direct = fitted(panel()), fitted(panel(), bias="none")
    assert adjusted.aic == pytest.approx(2 * 6 - 2 * adjusted.loglik)
    assert direct.aic == pytest.approx(2 * (6 + 19) - 2 * direct.loglik)
    assert adjusted.bic == pytest.approx(np.log(65) * 6 - 2 * adjusted.loglik)
    assert direct.bic == pytest.approx(np.log(84) * 25 - 2 * direct.loglik)


def test_the_optimum_is_reported(panel):
    results = fitted(panel())
    row = results.optimum.loc["rho"]
    assert (row["lower"], row["upper"]) == results.rho_bounds
    assert abs(row["score"]) < 1e-6
    assert row["curvature"] > 0
    assert not row["at_bound"]


def test_wald_test_of_the_durbin_terms(panel):
    results = fitted(panel())
    names = ["W_x1", "W_x2"]
    theta, block = results.params[names].to_numpy(), results.cov.loc[names, names].to_numpy()
    expected = theta @ np.linalg.solve(block, theta)
    for restriction in ("W_x1 = 0, W_x2 = 0", names):
        assert results.wald_test(restriction).statistic == pytest.approx(expected)
        assert results.wald_test(restriction).df == 2


def test_the_same_request_gives_the_same_results(panel):
    one, two = fitted(panel()), fitted(panel())
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame(), check_exact=True)
    assert str(one.summary) == str(two.summary)


def test_sar_is_sdm_without_durbin_terms(panel):
    simulated = panel()
    sdm = SDM(simulated.data, "y ~ x1 + x2", weights=simulated.weights, durbin=[]).fit()
    assert sdm.params.to_numpy() == pytest.approx(fitted(simulated, SAR).params.to_numpy(), abs=1e-12)
