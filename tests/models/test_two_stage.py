"""Two-stage least squares and generalized moments, against formulas written here; all data are synthetic."""

from dataclasses import replace

import numpy as np
import pytest

from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models import two_stage
from yrdspatial.models.robust import Choice
from yrdspatial.models.two_stage import Equation, exogeneity, fit_two_stage, minimum_of, moment_variance

SHAPE = (9, 14)
ROBUST = [
    Choice("robust"),
    Choice("cluster"),
    Choice("driscoll-kraay", lags=1),
    Choice("robust", small_sample=False),
]


def draw(seed=1, instruments=3, endogenous=1, strong=1.0):
    """Synthetic: one exogenous regressor, then the endogenous ones; errors heavier where x is large."""
    rng = np.random.default_rng(seed)
    n = SHAPE[0] * SHAPE[1]
    Z = rng.normal(size=(n, instruments))
    x, u, v = rng.normal(size=(3, n))
    Y = strong * Z[:, :endogenous] + u[:, None] + 0.3 * v[:, None] + rng.normal(size=(n, endogenous))
    X = np.column_stack([x, Y])
    y = X @ np.arange(1.0, endogenous + 2.0) + u * (1.0 + 0.4 * np.abs(x))
    which = np.array([False] + [True] * endogenous)
    return Equation(y, X, Z, which, SHAPE, n - 5)


def dense_variance(equation, Z, errors, choice):
    """Sum over pairs of rows of z_i e_i e_j z_j', by a weight for each pair."""
    periods, units = equation.shape
    period, unit = np.divmod(np.arange(periods * units), units)
    same_unit, gap = np.equal.outer(unit, unit), np.abs(np.subtract.outer(period, period))
    weight = {
        "robust": np.eye(unit.size),
        "cluster": same_unit * units / (units - 1.0),
        "driscoll-kraay": np.clip(1.0 - gap / ((choice.lags or 0) + 1.0), 0.0, None),
    }[choice.kind]
    scale = unit.size / (equation.degrees - equation.X.shape[1]) if choice.small_sample else 1.0
    scores = Z * errors[:, None]
    return scale * scores.T @ weight @ scores


def dense_fit(equation, choice, rounds):
    """Write the formulas with (X'Z C Z'X)^-1, on the instruments themselves."""
    X, y = equation.X, equation.y
    Z = np.column_stack([X[:, ~equation.endogenous], equation.Z])
    inner = np.linalg.inv(Z.T @ Z)

    def solve(inner):
        return np.linalg.inv(X.T @ Z @ inner @ Z.T @ X) @ X.T @ Z @ inner

    params = solve(inner) @ Z.T @ y
    for _ in range(rounds):
        inner = np.linalg.inv(dense_variance(equation, Z, y - X @ params, choice))
        params = solve(inner) @ Z.T @ y
    bread, errors = solve(inner), y - X @ params
    objective = errors @ Z @ inner @ Z.T @ errors
    return params, bread @ dense_variance(equation, Z, errors, choice) @ bread.T, objective


@pytest.mark.parametrize("choice", ROBUST, ids=lambda c: f"{c.kind} {c.small_sample}")
@pytest.mark.parametrize("rounds", [0, 1])
def test_equals_the_formula_on_plain_instruments(choice, rounds):
    equation = draw()
    fit = fit_two_stage(equation, choice, efficient=bool(rounds))
    params, covariance, objective = dense_fit(equation, choice, rounds)
    np.testing.assert_allclose(fit.params, params, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-8)
    if rounds:
        np.testing.assert_allclose(fit.objective, objective, rtol=1e-8)
    assert fit.rounds == rounds


def test_homoskedastic_errors():
    equation = draw(endogenous=2)
    fit = fit_two_stage(equation)
    Z = np.column_stack([equation.X[:, :1], equation.Z])
    P = Z @ np.linalg.inv(Z.T @ Z) @ Z.T
    inverse = np.linalg.inv(equation.X.T @ P @ equation.X)
    params = inverse @ equation.X.T @ P @ equation.y
    errors = equation.y - equation.X @ params
    sigma2 = errors @ errors / (equation.degrees - 3)
    np.testing.assert_allclose(fit.params, params, rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, sigma2 * inverse, rtol=1e-9)
    assert fit.sigma2 == pytest.approx(sigma2, rel=1e-10)
    assert fit.objective == pytest.approx(errors @ P @ errors / sigma2, rel=1e-9)


def test_regressors_that_are_their_own_instruments_give_least_squares():
    equation = draw(endogenous=2)
    own = replace(equation, Z=equation.X[:, 1:])
    fit = fit_two_stage(own)
    np.testing.assert_allclose(fit.params, np.linalg.lstsq(own.X, own.y, rcond=None)[0], rtol=1e-10)
    assert fit.objective == 0.0


def test_exactly_identified_every_method_is_the_instrumental_variable_estimator():
    equation = draw(instruments=1)
    Z = np.column_stack([equation.X[:, 0], equation.Z])
    plain = np.linalg.solve(Z.T @ equation.X, Z.T @ equation.y)
    for choice in ROBUST:
        for iterate in (False, True):
            fit = fit_two_stage(equation, choice, efficient=True, iterate=iterate)
            np.testing.assert_allclose(fit.params, plain, rtol=1e-9)
            assert fit.objective == 0.0


def test_a_rotation_of_the_instruments_changes_nothing():
    equation = draw()
    turned = replace(equation, Z=equation.Z @ np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0], [5.0, 0.0, 1.0]]))
    for efficient in (False, True):
        one, two = (fit_two_stage(e, Choice("robust"), efficient=efficient) for e in (equation, turned))
        np.testing.assert_allclose(one.params, two.params, rtol=1e-9)
        np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-8)
        assert one.objective == pytest.approx(two.objective, rel=1e-8)


def test_iterated_weights_are_a_fixed_point():
    equation = draw()
    fit = fit_two_stage(equation, Choice("robust"), efficient=True, iterate=True)
    Z = np.column_stack([equation.X[:, 0], equation.Z])
    inner = np.linalg.inv(dense_variance(equation, Z, fit.residuals, Choice("robust")))
    slope, level = Z.T @ equation.X, Z.T @ equation.y
    again = np.linalg.solve(slope.T @ inner @ slope, slope.T @ inner @ level)
    np.testing.assert_allclose(again, fit.params, rtol=1e-9)
    assert fit.rounds > 2
    two = fit_two_stage(equation, Choice("robust"), efficient=True)
    assert np.abs(two.params - fit.params).max() > 1e-9


def test_iterations_that_do_not_settle_are_an_error(monkeypatch):
    monkeypatch.setattr(two_stage, "ROUNDS", 1)
    with pytest.raises(EstimationError, match="do not settle"):
        fit_two_stage(draw(), Choice("robust"), efficient=True, iterate=True)


def test_two_stage_least_squares_has_the_j_of_two_steps():
    equation = draw()
    one = fit_two_stage(equation, Choice("cluster"))
    two = fit_two_stage(equation, Choice("cluster"), efficient=True)
    assert one.objective == pytest.approx(two.objective, rel=1e-9)


def test_too_few_or_irrelevant_instruments_are_refused():
    equation = draw(endogenous=2)
    with pytest.raises(SpecificationError, match="do not identify"):
        fit_two_stage(replace(equation, Z=equation.Z[:, :1]))
    nothing = equation.net(equation.Z)
    nothing = nothing - equation.X[:, 1:] @ np.linalg.lstsq(equation.X[:, 1:], nothing, rcond=None)[0]
    with pytest.raises(SpecificationError, match="do not identify"):
        fit_two_stage(replace(equation, Z=equation.net(nothing)))


def test_more_moments_than_clusters_or_periods_are_refused_by_gmm_and_left_without_j_by_2sls():
    equation = draw(instruments=20)
    for kind in ("cluster", "driscoll-kraay"):
        with pytest.raises(SpecificationError, match=r"singular \[21 instruments, 14 units, 9 periods"):
            fit_two_stage(equation, Choice(kind), efficient=True)
        assert np.isnan(fit_two_stage(equation, Choice(kind)).objective)


def test_variance_of_several_errors_is_that_of_each_on_its_diagonal():
    equation = draw(endogenous=2)
    errors = equation.X[:, 1:]
    for choice in (None, *ROBUST):
        both = moment_variance(equation, equation.basis, errors, choice, lost=3)
        count = equation.basis.shape[1]
        for j in range(2):
            one = moment_variance(equation, equation.basis, errors[:, j], choice, lost=3)
            np.testing.assert_allclose(
                both[j * count :][:count, j * count :][:, :count], one, rtol=1e-10, atol=1e-12
            )


def test_minimum_of_a_quadratic_form():
    rng = np.random.default_rng(3)
    slope, level, root = rng.normal(size=(5, 2)), rng.normal(size=5), rng.normal(size=(5, 5))
    variance = root @ root.T + np.eye(5)
    half = np.linalg.inv(np.linalg.cholesky(variance))
    left = np.linalg.lstsq(half @ slope, half @ level, rcond=None)[1][0]
    assert minimum_of(slope, level, variance) == pytest.approx(left, rel=1e-10)


def test_exogeneity_is_the_difference_of_two_sargan_statistics_with_one_variance():
    equation = draw(endogenous=2)
    for tested in ([False, True, False], [False, True, True]):
        which = np.array(tested)
        more = np.column_stack([equation.X[:, ~equation.endogenous | which], equation.Z])
        less = np.column_stack([equation.X[:, :1], equation.Z])
        sums = []
        for Z in (more, less):
            P = Z @ np.linalg.inv(Z.T @ Z) @ Z.T
            params = np.linalg.solve(equation.X.T @ P @ equation.X, equation.X.T @ P @ equation.y)
            errors = equation.y - equation.X @ params
            sums.append((errors @ P @ errors, errors @ errors / (equation.degrees - 3)))
        expected = (sums[0][0] - sums[1][0]) / sums[0][1]
        assert exogeneity(equation, None, which) == pytest.approx(expected, rel=1e-9)


def test_exogeneity_is_never_negative_and_finds_what_is_endogenous():
    values = [
        exogeneity(draw(seed, strong=0.3), c, np.array([False, True])) for seed in range(5) for c in ROBUST
    ]
    assert min(values) >= 0.0
    found = exogeneity(draw(strong=2.0), Choice("robust"), np.array([False, True]))
    assert found > 20.0
