"""Models of many units: the sparse path against eigenvalues and dense matrices where both run, and no dense matrix."""

import tracemalloc
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, diags_array, eye_array
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.models import spectra as rooms
from yrdspatial.models.large_information import filtered_groups, take_out
from yrdspatial.weights.series import WeightsSeries

UNITS, PERIODS = 60, 5
AGREE = 1e-8  # what a derivative of the interpolated ln|S| keeps of sixteen digits


def nearest(units, seed, *, mutual):
    """Four nearest neighbours of random points (synthetic)."""
    points = np.random.default_rng(seed).random((units, 2))
    order = cKDTree(points).query(points, k=5)[1][:, 1:]
    links = csr_array((np.ones(4 * units), (np.repeat(np.arange(units), 4), order.ravel())), (units, units))
    return csr_array(links.maximum(links.T)) if mutual else links


def rows(links):
    sums = np.asarray(links.sum(axis=1)).ravel()
    return csr_array(diags_array(1.0 / np.where(sums > 0, sums, 1.0)) @ links)


@cache
def matrices(kind):
    """One matrix a period."""
    if kind == "symmetric":
        return [nearest(UNITS, 1, mutual=True)] * PERIODS
    if kind == "rows":
        return [rows(nearest(UNITS, 1, mutual=True))] * PERIODS
    if kind == "asymmetric":
        return [rows(nearest(UNITS, 1, mutual=False))] * PERIODS
    out = [nearest(UNITS, t // 2, mutual=bool(t % 4)).toarray() for t in range(PERIODS)]
    if kind == "islands":
        for one in out:
            one[3] = one[50] = one[:, 50] = 0.0
    return [rows(csr_array(one)) for one in out]


KINDS = ("symmetric", "rows", "asymmetric", "by year", "islands")


@cache
def drawn(kind, rho, where):
    """Draw a panel (synthetic) with a lag of y or a spatial error."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(PERIODS, UNITS, 2))
    mean = x @ [1.0, -0.5] + rng.normal(size=UNITS) + rng.normal(size=(PERIODS, 1))
    noise = rng.normal(size=(PERIODS, UNITS))
    inverses = np.linalg.inv(np.eye(UNITS) - rho * np.stack([W.toarray() for W in matrices(kind)]))
    moved = noise if where == "error" else mean + noise
    y = (inverses @ moved[:, :, None])[:, :, 0] + (mean if where == "error" else 0.0)
    index = pd.MultiIndex.from_product([range(2001, 2001 + PERIODS), range(UNITS)], names=["year", "unit"])
    frame = pd.DataFrame({"y": y.ravel(), "x1": x[..., 0].ravel(), "x2": x[..., 1].ravel()}, index)
    units = pd.RangeIndex(UNITS)
    series = WeightsSeries.from_matrices({2001 + t: W for t, W in enumerate(matrices(kind))}, units)
    return frame.swaplevel(), series


def both(monkeypatch, model, kind, rho, *, effects="twoways", **options):
    """Fit by eigenvalues, and by sparse factors."""
    data, weights = drawn(kind, rho, "lag" if model in {"SAR", "SDM"} else "error")
    out = []
    for large in (UNITS, UNITS - 1):
        monkeypatch.setattr(rooms, "LARGE", large)
        asked = getattr(yrd, model)(data, "y ~ x1 + x2", weights=weights, effects=effects)
        problem = asked.design.problem
        assert (problem.lag or problem.error).sparse == (large < UNITS)
        out.append(asked.fit(**options))
    return out


def same(one, two):
    assert two.params.to_numpy() == pytest.approx(one.params.to_numpy(), abs=AGREE)
    assert two.std_errors.to_numpy() == pytest.approx(one.std_errors.to_numpy(), rel=AGREE)
    assert two.sigma2 == pytest.approx(one.sigma2, rel=AGREE)
    assert two.loglik == pytest.approx(one.loglik, abs=AGREE)
    assert two.resids.to_numpy() == pytest.approx(one.resids.to_numpy(), abs=AGREE)


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", ["SAR", "SDM", "SEM", "SDEM"])
def test_sparse_factors_give_what_eigenvalues_give(monkeypatch, kind, model):
    rho = 0.06 if kind == "symmetric" else 0.4
    same(*both(monkeypatch, model, kind, rho))


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
@pytest.mark.parametrize("effects", ["pooled", "time", "unit", {"unit": True, "time": True}])
@pytest.mark.parametrize("bias", ["adjusted", "none"])
@pytest.mark.parametrize("cov_type", ["expected", "observed"])
@pytest.mark.parametrize("model", ["SAR", "SEM"])
def test_every_effect_and_information(monkeypatch, effects, bias, cov_type, model):
    for kind in ("rows", "by year"):
        same(*both(monkeypatch, model, kind, -0.5, effects=effects, bias=bias, cov_type=cov_type))


def test_one_cross_section(monkeypatch):
    data, weights = drawn("asymmetric", 0.4, "lag")
    one, graph = data.xs(2003, level="year"), weights[2003]
    fits = []
    for large in (UNITS, UNITS - 1):
        monkeypatch.setattr(rooms, "LARGE", large)
        fits.append(yrd.SAR(one, "y ~ x1 + x2", weights=graph, effects="pooled").fit())
    same(*fits)


def test_probes_give_a_standard_error_close_to_the_exact(monkeypatch):
    monkeypatch.setattr(rooms, "LARGE", UNITS - 1)
    data, weights = drawn("rows", 0.4, "lag")
    asked = yrd.SAR(data, "y ~ x1 + x2", weights=weights)
    exact, probed = asked.fit(), asked.fit(traces="stochastic", probes=400, seed=4)
    assert "exact" in exact.fit.method
    assert "probes" in probed.fit.method
    assert probed.std_errors["rho"] == pytest.approx(exact.std_errors["rho"], rel=0.02)
    assert probed.std_errors["rho"] != exact.std_errors["rho"]
    assert asked.fit(traces="stochastic", probes=400, seed=4).std_errors["rho"] == probed.std_errors["rho"]


def test_summary_says_how(monkeypatch):
    _, sparse = both(monkeypatch, "SAR", "rows", 0.4)
    assert "sparse LU" in str(sparse.summary)
    assert "error below" in str(sparse.summary)


def test_recovered_effects_and_profile_intervals(monkeypatch):
    for model in ("SAR", "SEM"):
        one, two = both(monkeypatch, model, "rows", 0.4)
        for name in ("unit_effects", "time_effects", "fitted_values"):
            assert getattr(two, name).to_numpy() == pytest.approx(getattr(one, name).to_numpy(), abs=AGREE)
        assert two.profile_interval() == pytest.approx(one.profile_interval(), abs=AGREE)


def test_filtered_time_effects_are_taken_out(monkeypatch):
    monkeypatch.setattr(rooms, "LARGE", UNITS - 1)
    data, weights = drawn("by year", 0.4, "error")
    problem = yrd.SEM(data, "y ~ x1 + x2", weights=weights, effects="time").design.problem
    bases = filtered_groups(problem, 0.3)
    left = take_out(problem.error, bases, problem.y[:, :, None])[:, :, 0]
    for t, d in enumerate(problem.error.position):
        moved = np.ones(UNITS) - 0.3 * matrices("by year")[t] @ np.ones(UNITS)
        assert moved @ left[t] == pytest.approx(0.0, abs=1e-12)
        assert bases[d].shape == (UNITS, 1)


@pytest.mark.parametrize("model", ["SAR", "SEM", "SDM", "SDEM"])
def test_no_dense_matrix_of_many_units_is_formed(monkeypatch, model):
    # 3,000 units: one N x N table is 72 MB; the data, factors and blocks of columns stay far below half of it.
    units = 3000
    W, rng = rows(nearest(units, 1, mutual=True)), np.random.default_rng(5)
    x, noise = rng.normal(size=(2, units)), rng.normal(size=(2, units))
    y = x + splu((eye_array(units) - 0.4 * W).tocsc()).solve(noise.T).T
    index = pd.MultiIndex.from_product([[2001, 2002], range(units)], names=["year", "unit"])
    data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index).swaplevel()
    weights = WeightsSeries.from_matrices({2001: W, 2002: W}, pd.RangeIndex(units))

    def refuse(*_args, **_options):
        raise AssertionError("a sparse matrix was made dense")

    for name in ("toarray", "todense"):
        monkeypatch.setattr(csr_array, name, refuse)
    tracemalloc.start()
    try:
        fit = getattr(yrd, model)(data, "y ~ x", weights=weights).fit(traces="stochastic", probes=8)
        fit.impacts()
        str(fit.summary)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.5 * 8 * units**2


def test_what_needs_dense_matrices_is_refused_above_the_limit(monkeypatch):
    data, weights = drawn("rows", 0.4, "lag")
    monkeypatch.setattr(rooms, "LARGE", 10)
    monkeypatch.setattr(rooms, "DENSE", 20)
    for model, options in (("SAC", {}), ("SEM", {"bias": "none"}), ("SAR", {"cov_type": "robust"})):
        with pytest.raises(SpecificationError, match="above 20 none is formed"):
            getattr(yrd, model)(data, "y ~ x1 + x2", weights=weights).fit(**options)
    changing = drawn("by year", 0.4, "error")
    with pytest.raises(SpecificationError, match="weights that stay"):
        yrd.SEM(changing[0], "y ~ x1 + x2", weights=changing[1]).fit()


def test_full_tables_of_some_units_stay_full(monkeypatch):
    monkeypatch.setattr(rooms, "LARGE", 10)
    data, _ = drawn("rows", 0.4, "lag")
    distance = np.abs(np.subtract.outer(np.arange(UNITS), np.arange(UNITS)))
    full = pd.DataFrame(1.0 / (distance + np.eye(UNITS)) - np.eye(UNITS))
    asked = yrd.SAR(data, "y ~ x1 + x2", weights=full / full.sum(axis=1).to_numpy()[:, None])
    assert not asked.design.problem.lag.sparse
