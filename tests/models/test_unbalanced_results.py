"""Tables of models on panels with holes: effects by dense inverses, derivatives by differences."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

UNITS, YEARS = list("abcdefghijkl"), range(2001, 2009)


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    links = (rng.random((8, 12, 12)) < 0.05).astype(float) + np.roll(np.eye(12), 1, axis=0)
    links[:, np.arange(12), np.arange(12)] = 0.0
    W = links / links.sum(axis=2, keepdims=True)
    x, z, e = rng.normal(size=(3, 8, 12))
    lagged = (W @ x[:, :, None])[:, :, 0]
    y = np.linalg.solve(np.eye(12) - 0.4 * W, (x + z + 0.5 * lagged + 0.2 * e)[:, :, None])[:, :, 0]
    index = pd.MultiIndex.from_product([YEARS, UNITS], names=["year", "unit"])
    data = pd.DataFrame({"y": y.ravel(), "x": x.ravel(), "z": z.ravel()}, index).swaplevel()
    data.loc[[("c", 2002), ("c", 2005), ("h", 2005)], "y"] = np.nan
    weights = yrd.WeightsSeries({year: pd.DataFrame(W[t], UNITS, UNITS) for t, year in enumerate(YEARS)})
    return {
        policy: yrd.balance_panel(data, "y ~ x + z", policy=policy, weights=weights)
        for policy in ("subset", "em")
    }


def by_hand(balanced, policy, params):
    """Average effects of x and z (with W_x only) by dense inverses."""
    if policy == "subset":
        tables = [table.to_numpy() for table in balanced.networks.values()]
    else:
        tables = list(balanced.weights.array(units=UNITS))
    out = []
    for name in ("x", "z"):
        theta = params.get(f"W_{name}", 0.0)
        sums = np.zeros(2)
        for W in tables:
            S = np.linalg.solve(np.eye(len(W)) - params["rho"] * W, params[name] * np.eye(len(W)) + theta * W)
            sums += [np.trace(S), S.sum()]
        direct, total = sums / sum(map(len, tables))
        out += [direct, total - direct, total]
    return np.array(out)


@pytest.mark.parametrize("policy", ["subset", "em"])
def test_effects_are_averages_over_the_rows_used(fitted, policy):
    results = fitted[policy].fit("SDM", effects="unit", durbin="x")
    table = results.impacts().table
    np.testing.assert_allclose(table["estimate"], by_hand(fitted[policy], policy, results.params), atol=1e-10)
    step = 1e-6
    gradient = np.stack(
        [
            (
                by_hand(fitted[policy], policy, results.params.add(pd.Series({name: step}), fill_value=0.0))
                - by_hand(
                    fitted[policy], policy, results.params.add(pd.Series({name: -step}), fill_value=0.0)
                )
            )
            / (2 * step)
            for name in results.params.index
        ],
        axis=1,
    )
    error = np.sqrt(np.diag(gradient @ results.cov.to_numpy() @ gradient.T))
    np.testing.assert_allclose(table["std_error"], error, rtol=1e-6)
    assert table["variable"].tolist() == ["x"] * 3 + ["z"] * 3


def test_the_tables_agree_with_each_other(fitted):
    results = fitted["em"].fit("SDM")
    frame = results.to_frame()
    np.testing.assert_allclose(frame["zstat"], frame["estimate"] / frame["std_error"])
    np.testing.assert_allclose(
        results.conf_int(0.9)["upper"], frame["estimate"] + 1.6448536 * frame["std_error"]
    )
    assert results.wald_test("rho = 0").statistic == pytest.approx(frame.loc["rho", "zstat"] ** 2)
    assert results.rho_bounds[0] < results.params["rho"] < results.rho_bounds[1]
    assert results.degrees_of_freedom == 96 - 3 - 19
    assert results.bias == "adjusted"


def test_residuals_are_those_of_the_equation(fitted):
    results = fitted["subset"].fit("SAR", effects="pooled", bias="none")
    data, params = fitted["subset"].data, results.params
    for year, W in fitted["subset"].networks.items():
        rows = data.xs(year, level="year").loc[W.index]
        left = rows["y"] - params["rho"] * W @ rows["y"] - params["Intercept"]
        left = left - params["x"] * rows["x"] - params["z"] * rows["z"]
        np.testing.assert_allclose(left, results.resids.xs(year, level="year").loc[W.index], atol=1e-9)


def test_the_summary_says_what_was_done_about_the_holes(fitted):
    em = str(fitted["em"].fit("SAR").summary)
    assert "3 values of y integrated out" in em
    assert "93 = 12 units in 8 periods" in em
    results = fitted["subset"].fit("SAR", bias="none")
    assert "93 = 10 to 12 units in 8 periods" in str(results.summary)
    assert "left in" in results._repr_html_()
    assert repr(results) == "<SAR of y, panel with holes: 93 observations>"
    assert results.filled.empty


def test_a_level_that_is_no_probability_is_refused(fitted):
    with pytest.raises(SpecificationError, match="no probability"):
        fitted["em"].fit("SAR").conf_int(95)
