"""Random unit effects against the normal density, numerical derivatives, and R package splm."""

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.stats import multivariate_normal

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.models.random_effects import Random, fit_random

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
MODELS = ("OLS", "SAR", "SEM", "SDM", "SAC")


def request(simulated, model, effects="random"):
    return getattr(yrd, model)(simulated.data, FORMULA, weights=simulated.weights, effects=effects)


def covariance(problem, value, phi):
    """Variance of B u over sigma2, u from the definition of the two kinds."""
    n, (T, N) = problem.y.size, problem.y.shape
    D = np.kron(np.ones((T, 1)), np.eye(N))
    V = (
        np.zeros((n, n))
        if problem.error is None
        else block_diag(*problem.error.matrices[problem.error.position])
    )
    inverse = np.linalg.inv(np.eye(n) - value * V)
    if problem.random == "kkp":
        return inverse @ (np.eye(n) + phi * D @ D.T) @ inverse.T
    return inverse @ inverse.T + phi * D @ D.T


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("effects", ["random", "random_kkp"])
@pytest.mark.parametrize("kind", ["constant", "directed", "islands"])
def test_likelihood_is_the_normal_density(panel, model, effects, kind):
    problem = request(panel(kind), model, effects).design.problem
    fit, _ = fit_random(problem)
    rho = fit.spatial[0] if problem.lag is not None else 0.0
    value = fit.spatial[-2] if problem.error is not None else 0.0
    n = problem.y.size
    W = np.zeros((n, n)) if problem.lag is None else block_diag(*problem.lag.matrices[problem.lag.position])
    S = np.eye(n) - rho * W
    left = S @ problem.y.ravel() - problem.X.reshape(n, -1) @ fit.beta
    spread = fit.sigma2 * covariance(problem, value, fit.spatial[-1])
    expected = multivariate_normal(cov=spread).logpdf(left) + np.linalg.slogdet(S)[1]
    assert fit.loglik == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("effects", ["random", "random_kkp"])
def test_gradient_is_the_derivative_and_zero_at_the_optimum(panel, model, effects):
    problem = request(panel("directed"), model, effects).design.problem
    likelihood = Random.of(problem)
    point = np.array([*np.full(len(likelihood.bounds), 0.2), 0.3])
    steps = 1e-5 * np.eye(point.size)
    numeric = [(likelihood.loglik(point + h) - likelihood.loglik(point - h)) / 2e-5 for h in steps]
    assert likelihood.gradient(point) == pytest.approx(numeric, rel=1e-6, abs=1e-6)
    fit, _ = fit_random(problem)
    assert fit.score == pytest.approx(np.zeros(point.size), abs=1e-6)
    assert (fit.curvature > 0).all()


def test_observed_information_is_minus_the_second_derivative(panel):
    """Written out in all parameters: beta, rho, lambda, phi, sigma2."""
    problem = request(panel("constant"), "SAC").design.problem
    fit, information = fit_random(problem, observed=True)
    n = problem.y.size
    W = block_diag(*problem.lag.matrices[problem.lag.position])
    x, y = problem.X.reshape(n, -1), problem.y.ravel()

    def loglik(theta):
        S = np.eye(n) - theta[3] * W
        left = S @ y - x @ theta[:3]
        spread = theta[6] * covariance(problem, theta[4], theta[5])
        _, logdet = np.linalg.slogdet(spread)
        quadratic = left @ np.linalg.solve(spread, left)
        return np.linalg.slogdet(S)[1] - 0.5 * (n * np.log(2 * np.pi) + logdet + quadratic)

    at = np.array([*fit.beta, *fit.spatial, fit.sigma2])
    h = 1e-4 * np.maximum(np.abs(at), 0.1)
    hessian = np.empty((7, 7))
    for i in range(7):
        for j in range(7):
            a, b = h[i] * np.eye(7)[i], h[j] * np.eye(7)[j]
            hessian[i, j] = (
                loglik(at + a + b) - loglik(at + a - b) - loglik(at - a + b) + loglik(at - a - b)
            ) / (4 * h[i] * h[j])
    scale = np.sqrt(np.diag(information.slope))
    # 2e-4: second differences of a log-likelihood of about -80
    assert -hessian / np.outer(scale, scale) == pytest.approx(
        information.slope / np.outer(scale, scale), abs=2e-4
    )


@pytest.mark.parametrize(
    ("effects", "intercept", "logp", "phi", "rho"),
    [
        ("random", 0.120159046554419, 0.0264515308938814, 0.982273566002228, 0.0294441325407765),
        ("random_kkp", 0.124736345598022, 0.0261911755462539, 0.935288756865996, 0.0288906953996062),
    ],
)
def test_standard_errors_of_splm(case, effects, intercept, logp, phi, rho):
    """In splm 1.6-5 ("semre", "sem2re"): generalized least squares for beta, a numerical Hessian for the rest.

    3e-4 for beta; 2e-3 for the rest: the differences of that Hessian.
    """
    cigar = case("e01_cigar")
    model = yrd.SEM(cigar.data, cigar.formula, weights=cigar.weights, effects=effects)
    expected, observed = (model.fit(cov_type=kind).std_errors for kind in ("expected", "observed"))
    assert expected[["Intercept", "logp"]].to_numpy() == pytest.approx([intercept, logp], rel=3e-4)
    assert observed[["phi", "lambda"]].to_numpy() == pytest.approx([phi, rho], rel=2e-3)


@pytest.mark.parametrize("effects", ["random", "random_kkp"])
@pytest.mark.parametrize("model", MODELS)
def test_predicted_effects_and_residuals_add_up(panel, model, effects):
    simulated = panel("directed")
    results = request(simulated, model, effects).fit()
    problem, p = results.design.problem, results.params
    y, W = simulated.arrays["y"], simulated.arrays["weights"]
    left = y - p.get("rho", 0.0) * np.einsum("tij,tj->ti", W, y) - problem.X @ results.fit.beta
    mu = results.unit_effects.to_numpy()
    value = p.get("lambda", 0.0)

    def filtered(u):
        return u - value * np.einsum("tij,tj->ti", W, u)

    inside = filtered(left - mu) if effects == "random" else filtered(left) - mu
    assert inside == pytest.approx(results.fit.residuals, abs=1e-9)


def test_mundlak_slopes_are_those_of_the_within_estimator(panel):
    """With unit means among the regressors, random effects without spatial terms give the fixed-effects slopes."""
    simulated = panel()
    mundlak = request(simulated, "OLS", "mundlak").fit()
    within = yrd.OLS(simulated.data, FORMULA, effects="unit").fit()
    assert mundlak.params.index.tolist() == ["Intercept", "x1", "x2", "mean_x1", "mean_x2", "phi"]
    assert mundlak.params[["x1", "x2"]].to_numpy() == pytest.approx(within.params.to_numpy(), rel=1e-6)


def test_mundlak_means_in_a_durbin_model_leave_out_what_does_not_vary(panel):
    simulated = panel("constant")
    fixed = simulated.data.index.get_level_values("unit").str[1:].astype(float)
    data = simulated.data.assign(size=fixed**2)
    spec = yrd.SDM(
        data, "y ~ x1 + size", weights=simulated.weights, effects="mundlak", durbin="x1"
    ).design.spec
    assert spec.regressors == ("Intercept", "x1", "size", "W_x1", "mean_x1", "mean_W_x1")


def test_without_unit_effects_in_the_data_phi_is_zero_and_it_is_said(panel):
    simulated = panel("constant", periods=5, units=12, seed=12)
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(12, 5))
    data = simulated.data.assign(y=simulated.data["x1"] + (noise - noise.mean(axis=1, keepdims=True)).ravel())
    results = yrd.OLS(data, FORMULA, effects="random").fit()
    pooled = yrd.OLS(data, FORMULA, effects="pooled").fit()
    assert results.params["phi"] < 1e-6
    assert any("estimated as zero" in said for said in results.warnings)
    assert results.params["x1"] == pytest.approx(pooled.params["x1"], rel=1e-6)


@pytest.mark.parametrize("effects", ["random", "random_kkp"])
@pytest.mark.parametrize("kind", ["constant", "directed"])
def test_expected_information_is_that_of_the_normal_law(panel, effects, kind):
    """m_i' O^-1 m_j + tr(O^-1 O_i O^-1 O_j) / 2 for y ~ N(m, O), derivatives of m and O taken numerically."""
    problem = request(panel(kind), "SAC", effects).design.problem
    fit, information = fit_random(problem)
    n = problem.y.size
    W = block_diag(*problem.lag.matrices[problem.lag.position])
    x = problem.X.reshape(n, -1)

    def moments(theta):
        back = np.linalg.inv(np.eye(n) - theta[3] * W)
        return back @ x @ theta[:3], theta[6] * back @ covariance(problem, theta[4], theta[5]) @ back.T

    at = np.array([*fit.beta, *fit.spatial, fit.sigma2])
    spread = np.linalg.inv(moments(at)[1])
    slopes = []
    for h in 1e-5 * np.eye(7):
        (up, above), (down, below) = moments(at + h), moments(at - h)
        slopes.append(((up - down) / 2e-5, spread @ (above - below) / 2e-5))
    expected = [[m @ spread @ k + 0.5 * (A * B.T).sum() for k, B in slopes] for m, A in slopes]
    assert information.slope == pytest.approx(np.array(expected), rel=1e-5, abs=1e-4)


def test_bias_does_not_matter(panel):
    model = request(panel(), "SAR")
    one, two = model.fit(bias="adjusted"), model.fit(bias="none")
    assert one.to_frame().to_numpy() == pytest.approx(two.to_frame().to_numpy())
    assert "random unit effects" in str(one.summary)


def test_effects_of_a_random_effects_model(panel):
    results = request(panel(), "SDM").fit()
    table = results.impacts().table
    assert table["variable"].unique().tolist() == ["x1", "x2"]
    assert (table["std_error"] > 0).all()


def test_random_effects_need_a_panel(panel):
    simulated = panel()
    year = simulated.data.xs(2003, level="year")
    with pytest.raises(SpecificationError, match="two periods"):
        yrd.SAR(year, FORMULA, weights=simulated.weights[2003], effects="random")


def test_search_is_global_when_weights_are_the_same_twice(case):
    """SARAR on the cigarette panel has a second maximum; the higher one is found from every start."""
    cigar = case("e01_cigar")
    problem = yrd.SAC(cigar.data, cigar.formula, weights=cigar.weights, effects="random").design.problem
    fit, _ = fit_random(problem, observed=True)
    likelihood = Random.of(problem)
    for rho in (-0.6, -0.2, 0.2, 0.6):
        for value in (-0.6, -0.2, 0.2, 0.6):
            assert likelihood.loglik(np.array([rho, value, 1.5])) < fit.loglik
