"""The core of the J test against Lee and Yu's transformation, dense dummies and draws whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from yrdspatial.choice.candidates import read_rivals
from yrdspatial.choice.nonnested import Redraw, added, addition_of, bootstrap_j, j_statistics, solved
from yrdspatial.errors import EstimationError
from yrdspatial.models.model import estimate
from yrdspatial.models.spectra import Spectra

CLOSE = 1e-6  # the maxima of two searches


def problems(panel, model="SAR", effects="twoways"):
    allowed = ("SAR", "SDM", "SLX", "SDEM")
    read = read_rivals(panel.data, "y ~ x + z", panel.weights, model=model, effects=effects, allowed=allowed)
    return [design.problem for design in read.values()]


@pytest.mark.parametrize("model", ["SAR", "SDM"])
def test_the_statistic_is_that_of_the_transformed_cross_section(synthetic, lee_yu, model):
    panel = synthetic(theta=0.4 if model == "SDM" else 0.0)
    x, z, y, ring, other = (panel.arrays[name] for name in ("x", "z", "y", "ring", "other"))
    own = [x, z]

    def columns(W):
        return own + ([x @ W.T, z @ W.T] if model == "SDM" else [])

    rho, beta, _, _ = lee_yu(other, y, columns(other)).fit()
    mean = sum(b * one for b, one in zip(beta, columns(other), strict=True))
    predicted = mean @ np.linalg.inv(np.eye(20) - rho * other).T
    fit = lee_yu(ring, y, [*columns(ring), predicted - beta[0] * x - beta[1] * z]).fit()
    position = len(columns(ring))
    expected = fit[1][-1] ** 2 / fit[3][position, position]
    null, rival = problems(panel, model)
    assert j_statistics(null, [rival], [[0]], 2)[0].statistic == pytest.approx(expected, rel=CLOSE)


def test_in_slx_it_is_the_squared_t_of_least_squares_with_dummies(synthetic):
    panel = synthetic(rho=0.0, theta=0.5)
    x, z, y, ring, other = (panel.arrays[name] for name in ("x", "z", "y", "ring", "other"))
    dummies = np.hstack([np.kron(np.ones((8, 1)), np.eye(20)), np.kron(np.eye(8), np.ones((20, 1)))])

    def regress(columns):
        X = np.hstack([np.stack([one.ravel() for one in columns], axis=1), dummies])
        return X, np.linalg.lstsq(X, y.ravel(), rcond=None)[0]

    _, rival = regress([x, z, x @ other.T, z @ other.T])
    new = rival[2] * x @ other.T + rival[3] * z @ other.T
    X, beta = regress([x, z, x @ ring.T, z @ ring.T, new])
    e = y.ravel() - X @ beta
    s2 = e @ e / (19 * 7 - 5)
    expected = beta[4] ** 2 / (s2 * np.linalg.pinv(X.T @ X)[4, 4])
    null, other_problem = problems(panel, "SLX")
    assert j_statistics(null, [other_problem], [[0]], 2)[0].statistic == pytest.approx(expected, rel=1e-8)


def test_a_lagged_system_is_solved_year_by_year():
    rng = np.random.default_rng(1)
    W = rng.random((2, 5, 5)) / 10.0
    position = np.array([0, 1, 1], dtype=np.intp)
    values = rng.normal(size=(3, 5))
    out = solved(Spectra.of(W, position), 0.7, values)
    back = out - 0.7 * np.stack([W[d] @ out[t] for t, d in enumerate(position)])
    assert back == pytest.approx(values)
    assert solved(None, 0.0, values) is values


def test_many_units_are_solved_by_sparse_factors(synthetic):
    panel = synthetic(units=120, periods=3)
    null = problems(panel)[0]
    assert null.lag.thin
    values = np.random.default_rng(1).normal(size=(3, 120))
    dense = np.linalg.solve(np.eye(120) - 0.4 * panel.arrays["ring"], values.T).T
    assert solved(null.lag, 0.4, values) == pytest.approx(dense)


def test_the_addition_is_the_mean_less_the_common_terms(synthetic):
    panel = synthetic(theta=0.3)
    problem = problems(panel, "SDM")[0]
    fit = estimate(problem)[0]
    W, x, z = (panel.arrays[name] for name in ("ring", "x", "z"))
    own = fit.beta[0] * x + fit.beta[1] * z
    mean = own + (fit.beta[2] * x + fit.beta[3] * z) @ W.T
    expected = mean @ np.linalg.inv(np.eye(20) - fit.spatial[0] * W).T - own
    assert addition_of(problem, fit, 2) == pytest.approx(expected)


def test_what_the_null_holds_already_has_no_statistic(synthetic):
    null = problems(synthetic())[0]
    found = added(null, [null.X[:, :, 0] + 3.0])
    assert np.isnan(found.statistic)
    assert np.isnan(found.coefficients).all()
    twice = np.random.default_rng(1).normal(size=null.y.shape)
    assert np.isnan(added(null, [twice, 2.0 * twice]).statistic)


def test_the_scale_of_a_predictor_does_not_matter(synthetic):
    null = problems(synthetic())[0]
    new = np.random.default_rng(1).normal(size=null.y.shape)
    one, two = added(null, [new]), added(null, [1e4 * new + 7.0])
    assert one.statistic == pytest.approx(two.statistic, rel=1e-8)
    assert one.coefficients == pytest.approx(two.coefficients, rel=1e-8)


@pytest.mark.parametrize(("model", "effects"), [("SAR", "twoways"), ("SDEM", "unit"), ("SLX", "time")])
def test_a_redraw_with_its_own_residuals_gives_y_back(synthetic, model, effects):
    problem = problems(synthetic(), model, effects)[0]
    redraw = Redraw.of(problem, estimate(problem)[0])
    scale = np.sqrt(problem.y.size / problem.effects.degrees_of_freedom)

    class InOrder:
        def choice(self, values, size):
            return values[:size] / scale

    assert redraw.draw(InOrder()) == pytest.approx(problem.y, abs=1e-8)


def test_redraws_have_the_variance_of_the_model(synthetic):
    problem = problems(synthetic(units=40, periods=17))[0]
    fit = estimate(problem)[0]
    redraw = Redraw.of(problem, fit)
    assert (redraw.residuals**2).mean() == pytest.approx(fit.sigma2, rel=1e-9)
    assert redraw.residuals.mean() == pytest.approx(0.0, abs=1e-12)


def test_a_draw_that_fails_is_left_empty(synthetic, monkeypatch):
    null, rival = problems(synthetic())
    redraw = Redraw.of(null, estimate(null)[0])
    calls = []

    def broken(problem):
        calls.append(problem)
        if len(calls) == 1:
            raise EstimationError("no maximum")
        return estimate(problem)

    monkeypatch.setattr("yrdspatial.choice.nonnested.estimate", broken)
    drawn = bootstrap_j(redraw, [rival], [[0]], 2, [np.random.default_rng(k) for k in range(2)])
    assert np.isnan(drawn[0]).all()
    assert np.isfinite(drawn[1]).all()


def test_without_adjustment_the_null_is_the_plain_likelihood(synthetic):
    null, rival = problems(synthetic())
    plain = [replace(one, adjusted=False) for one in (null, rival)]
    adjusted = j_statistics(null, [rival], [[0]], 2)[0].statistic
    assert j_statistics(plain[0], plain[1:], [[0]], 2)[0].statistic != pytest.approx(adjusted, rel=1e-3)
