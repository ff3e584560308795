"""Profile-likelihood intervals: where they end, and their coverage."""

from dataclasses import replace

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.models.likelihood import fit_lag
from yrdspatial.models.profile import profile_function, profile_interval

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def fitted(simulated, model="SDM", **how):
    return getattr(yrd, model)(simulated.data, "y ~ x1 + x2", weights=simulated.weights, **how).fit()


@pytest.mark.parametrize("model", ["SAR", "SDM", "SEM", "SDEM"])
@pytest.mark.parametrize("kind", ["constant", "directed"])
def test_the_likelihood_has_fallen_by_half_the_quantile_at_both_ends(panel, model, kind):
    results = fitted(panel(kind, periods=10, units=20), model)
    loglik = profile_function(results.design.problem)
    lower, upper = results.profile_interval(0.9)
    assert lower < results.fit.spatial[0] < upper
    for end in (lower, upper):
        # half the 90 % quantile of chi2(1)
        assert results.loglik - loglik(end) == pytest.approx(2.705543454 / 2, abs=1e-7)


def test_it_is_close_to_the_wald_interval_in_a_large_panel(panel):
    results = fitted(panel("rows", periods=25, units=30))
    wald = results.conf_int().loc["rho"]
    assert results.profile_interval() == pytest.approx((wald["lower"], wald["upper"]), abs=0.01)


def test_an_open_interval_ends_where_the_parameter_does(panel):
    simulated = panel("constant", rho=0.9)
    results = fitted(simulated, "SAR")
    assert results.profile_interval(0.999999)[1] == results.rho_bounds[1]


def test_coverage(panel):
    """300 panels of 6 x 14: 95 % within three binomial errors (3.8 points)."""
    simulated = panel("rows")
    problem = yrd.SAR(simulated.data, "y ~ x1 + x2", weights=simulated.weights).design.problem
    S = np.eye(14) - 0.4 * simulated.arrays["weights"]
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(300):
        mean = simulated.arrays["x"] @ [1.0, -0.7] + 0.5 * rng.normal(size=(6, 14))
        y = np.linalg.solve(S, mean[:, :, None])[:, :, 0]
        drawn = replace(problem, y=y)
        lower, upper = profile_interval(drawn, fit_lag(drawn), 0.95)
        held += lower <= 0.4 <= upper
    assert abs(held / 300 - 0.95) < 0.038


def test_models_with_two_parameters_or_none_are_refused(panel):
    for model, how in (("SAC", {}), ("OLS", {}), ("SAR", {"effects": "random"})):
        with pytest.raises(SpecificationError, match="one spatial parameter"):
            fitted(panel(), model, **how).profile_interval()
    with pytest.raises(SpecificationError, match="no probability"):
        fitted(panel()).profile_interval(2.0)
