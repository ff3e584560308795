"""With constant weights the panel of contrasts gives what the panel with unit effects gives."""

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.models.collapse import collapse, collapsible, expand
from yrdspatial.models.combined import fit_both
from yrdspatial.models.filtered import fit_error
from yrdspatial.models.filtered_covariance import filtered_information

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def problem_of(simulated, model, effects):
    return getattr(yrd, model)(
        simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=effects
    ).design.problem


@pytest.mark.parametrize("model", ["SEM", "SDEM", "SAC", "GNS"])
@pytest.mark.parametrize("effects", ["unit", "twoways", {"unit": "window", "time": "region"}])
@pytest.mark.parametrize("observed", [False, True])
def test_the_short_panel_gives_the_same(panel, model, effects, observed):
    problem = problem_of(panel("constant", periods=8), model, effects)
    assert collapsible(problem)
    fit_one = fit_error if problem.lag is None else fit_both
    whole, (short, contrasts) = fit_one(problem), collapse(problem)
    fit = expand(fit_one(short), contrasts)
    assert fit.spatial == pytest.approx(whole.spatial, abs=1e-8)
    assert fit.beta == pytest.approx(whole.beta, abs=1e-8)
    assert fit.sigma2 == pytest.approx(whole.sigma2, rel=1e-9)
    assert fit.loglik == pytest.approx(whole.loglik, abs=1e-8)
    assert fit.residuals == pytest.approx(whole.residuals, abs=1e-8)
    one = filtered_information(short, fit_one(short), observed=observed)
    two = filtered_information(problem, whole, observed=observed)
    assert one.slope == pytest.approx(two.slope, rel=1e-5, abs=1e-5)
    assert one.variance == pytest.approx(two.variance, rel=1e-5, abs=1e-5)


def test_what_does_not_collapse(panel):
    assert not collapsible(problem_of(panel("rows"), "SEM", "unit"))
    assert not collapsible(problem_of(panel("constant"), "SEM", "time"))


def test_contrasts_sum_to_zero_in_each_window(panel):
    problem = problem_of(panel("constant"), "SEM", {"unit": "window"})
    _, contrasts = collapse(problem)
    assert contrasts.shape == (6, 4)
    assert contrasts.T @ contrasts == pytest.approx(np.eye(4), abs=1e-12)
    assert contrasts[:3].sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
