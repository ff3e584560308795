"""Effects: the worked example of a chain of three, dense inverses, the delta method, and simulation."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.models.estimators import SAR, SDM
from yrdspatial.models.impacts import Coefficients, effects, impacts
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.spectra import Spectra

CHAIN = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])
COMPLETE = (np.ones((3, 3)) - np.eye(3)) / 2
ONE = Coefficients(own=np.array([0]), lagged=np.array([1]), rho=2)


def fitted(simulated, model=SDM, **how):
    return model(simulated.data, "y ~ x1 + x2", weights=simulated.weights, **how).fit()


def chain_effects(beta, theta, rho, matrices=(CHAIN,)):
    spectra = Spectra.of(np.stack(matrices), np.arange(len(matrices)))
    shares = np.full((1, len(matrices)), 1.0 / len(matrices))
    return effects(Multipliers.of(spectra, spectra, shares), ONE, np.array([[beta, theta, rho]]))[0, 0, 0]


@pytest.mark.parametrize(
    ("beta", "theta", "rho", "expected"),
    [
        # worked by hand from (I - .4 W)^-1 (I + .5 W) = [[1.214286, 1.071429, .214286], [.535714, 1.428571, ...], ...]
        (1.0, 0.5, 0.4, (1.285714, 1.214286, 2.5)),
        (1.0, 0.0, 0.4, (1.126984, 0.539683, 1.666667)),
        (1.0, 0.5, 0.0, (1.0, 0.5, 1.5)),
    ],
)
def test_chain_of_three(beta, theta, rho, expected):
    assert chain_effects(beta, theta, rho) == pytest.approx(expected, abs=5e-7)


def test_effects_under_changing_weights_are_averaged_over_years():
    one = chain_effects(1.0, 0.5, 0.4, (COMPLETE,))
    both = chain_effects(1.0, 0.5, 0.4, (CHAIN, COMPLETE))
    assert one == pytest.approx((1.25, 1.25, 2.5), abs=1e-12)
    assert both[:2] == pytest.approx((1.267857, 1.232143), abs=5e-7)


@pytest.mark.parametrize("kind", ["constant", "rows", "islands", "symmetric", "directed"])
def test_estimates_equal_dense_inverses(panel, kind):
    simulated = panel(kind)
    results = fitted(simulated)
    p = results.params
    table = results.impacts().table.set_index(["variable", "effect"])["estimate"]
    for name in ("x1", "x2"):
        direct, total = [], []
        for W in simulated.arrays["weights"]:
            S = np.linalg.inv(np.eye(14) - p["rho"] * W) @ (p[name] * np.eye(14) + p[f"W_{name}"] * W)
            direct.append(np.trace(S) / 14)
            total.append(S.sum() / 14)
        assert table[name, "direct"] == pytest.approx(np.mean(direct), abs=1e-10)
        assert table[name, "total"] == pytest.approx(np.mean(total), abs=1e-10)
        assert table[name, "indirect"] == pytest.approx(np.mean(total) - np.mean(direct), abs=1e-10)


@pytest.mark.parametrize("kind", ["constant", "islands", "directed"])
def test_delta_errors_are_those_of_a_numerical_gradient(panel, kind):
    results = fitted(panel(kind))
    design, theta = results.design, results.params.to_numpy()
    covariance = results.cov.to_numpy()

    def estimates(values):
        return impacts(design, values, covariance).table["estimate"].to_numpy()

    step = 1e-6
    gradient = np.stack(
        [(estimates(theta + h) - estimates(theta - h)) / (2 * step) for h in step * np.eye(5)], axis=1
    )
    expected = np.sqrt(np.diag(gradient @ covariance @ gradient.T))
    assert results.impacts().table["std_error"].to_numpy() == pytest.approx(expected, rel=1e-6)


def test_delta_and_simulation_agree_when_the_panel_is_large(panel):
    results = fitted(panel("rows", periods=25, units=30))
    delta = results.impacts().table
    simulated = results.impacts(method="simulation", draws=20_000, seed=1)
    # 20,000 draws know a standard deviation to 0.5 %; the effects are slightly curved in rho
    assert simulated.table["std_error"].to_numpy() == pytest.approx(delta["std_error"].to_numpy(), rel=0.03)
    assert simulated.table["estimate"].to_numpy() == pytest.approx(delta["estimate"].to_numpy(), abs=1e-12)
    assert simulated.table["lower"].to_numpy() == pytest.approx(delta["lower"].to_numpy(), abs=0.07)
    assert simulated.discarded == 0


def test_simulation_is_reproducible_and_needs_a_seed(panel):
    results = fitted(panel())
    first, again, other = (results.impacts(method="simulation", draws=200, seed=s).table for s in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert (first["std_error"] != other["std_error"]).all()
    with pytest.raises(SpecificationError, match="needs a seed"):
        results.impacts(method="simulation")


def test_draws_outside_the_interval_are_counted(panel):
    results = fitted(panel("constant", rho=0.6))
    wide = results.cov.copy()
    wide.loc["rho", "rho"] = 0.05
    found = impacts(
        results.design, results.params.to_numpy(), wide.to_numpy(), method="simulation", draws=400, seed=1
    )
    assert 0 < found.discarded < 400
    draws = np.random.default_rng(1).standard_normal((400, 5))
    values, vectors = np.linalg.eigh(wide.to_numpy())
    rho = results.params["rho"] + (draws @ (vectors * np.sqrt(values.clip(0))).T)[:, -1]
    assert found.discarded == ((rho <= results.rho_bounds[0]) | (rho >= results.rho_bounds[1])).sum()
    wide.loc["rho", "rho"] = 1e12
    with pytest.raises(SpecificationError, match="outside its interval"):
        impacts(
            results.design, results.params.to_numpy(), wide.to_numpy(), method="simulation", draws=4, seed=1
        )


def test_effects_by_year_average_to_the_effects(panel):
    results = fitted(panel("rows"))
    by_year = results.impacts(by="year").table
    assert by_year["year"].unique().tolist() == list(range(2001, 2007))
    means = by_year.groupby(["variable", "effect"])["estimate"].mean()
    average = results.impacts().table.set_index(["variable", "effect"])["estimate"]
    assert means.loc[average.index].to_numpy() == pytest.approx(average.to_numpy(), abs=1e-12)


def test_sar_has_the_same_ratio_of_effects_for_every_variable(panel):
    table = (
        fitted(panel(), SAR)
        .impacts()
        .table.pivot_table(index="variable", columns="effect", values="estimate")
    )
    ratio = table["indirect"] / table["direct"]
    assert ratio["x1"] == pytest.approx(ratio["x2"], rel=1e-12)


def test_a_durbin_term_left_out_has_its_effect_through_rho_alone(panel):
    results = fitted(panel(), durbin=["x1"])
    assert results.params.index.tolist() == ["x1", "x2", "W_x1", "rho"]
    table = results.impacts().table.set_index(["variable", "effect"])["estimate"]
    multiplier = table["x2", "total"] / results.params["x2"]
    assert multiplier == pytest.approx(1 / (1 - results.params["rho"]), rel=1e-10)  # row-standardized


def test_columns_of_the_table(panel):
    table = fitted(panel()).impacts().table
    assert table.columns.tolist() == [
        *("variable", "effect", "estimate", "std_error", "zstat", "pvalue", "lower", "upper")
    ]
    assert table["zstat"].to_numpy() == pytest.approx((table["estimate"] / table["std_error"]).to_numpy())


@pytest.mark.parametrize(
    "bad",
    [{"method": "bootstrap"}, {"by": "month"}, {"method": "simulation", "seed": 1, "draws": 1}],
)
def test_senseless_requests_are_refused(panel, bad):
    with pytest.raises(SpecificationError):
        fitted(panel()).impacts(**bad)
