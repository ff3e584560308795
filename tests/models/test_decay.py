"""Decay curves: dense formulas for each ring, sums that must agree, other orders and labels, simulated decay."""

import itertools

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, SpecificationError, WeightsError

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
YEARS, UNITS, EDGES = tuple(range(2001, 2009)), [f"u{i:02d}" for i in range(20)], (0, 60, 120, 180)
RINGS = ["0_60", "60_120", "120_180"]


def draw_times(rng):
    """Minutes between random places that fall from year to year (synthetic)."""
    places = rng.random((20, 2)) * 300
    minutes = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    tables = {}
    for year in YEARS:
        faster = np.triu(rng.random((20, 20)) < 0.05, 1)
        minutes = np.where(faster | faster.T, 0.6 * minutes, minutes)
        tables[year] = pd.DataFrame(minutes, UNITS, UNITS)
    return tables


def masks(times):
    minutes = np.stack([times[year].to_numpy() for year in YEARS])
    return [(minutes > low) & (minutes <= high) for low, high in itertools.pairwise(EDGES)]


def draw_panel(rng, times, rho, theta):
    """Rings by the joint row sum in both lags; unit and year effects (synthetic)."""
    rings = masks(times)
    total = np.maximum(sum(rings).sum(axis=2, keepdims=True), 1)
    W = [ring / total for ring in rings]
    x = rng.normal(size=(8, 20, 2))
    drift = rng.normal(size=(1, 20)) + rng.normal(size=(8, 1)) + 0.3 * rng.normal(size=(8, 20))
    lagged = sum(c * (w @ x[:, :, :1])[:, :, 0] for c, w in zip(theta, W, strict=True))
    S = np.eye(20) - sum(c * w for c, w in zip(rho, W, strict=True))
    y = np.linalg.solve(S, (x @ [1.0, -0.7] + lagged + drift)[:, :, None])[:, :, 0]
    index = pd.MultiIndex.from_product([YEARS, UNITS], names=["year", "unit"])
    frame = pd.DataFrame({"y": y.ravel(), "x1": x[:, :, 0].ravel(), "x2": x[:, :, 1].ravel()}, index)
    return frame.swaplevel().sort_index()


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(4)
    times = draw_times(rng)
    return draw_panel(rng, times, (0.4, 0.2, 0.0), (0.8, 0.4, 0.1)), times


@pytest.mark.parametrize("model", ["SLX", "SAR", "SDM"])
@pytest.mark.parametrize("standardize", ["joint", "row"])
def test_spillovers_are_sums_of_dense_inverses(world, model, standardize):
    data, times = world
    curve = yrd.decay_curve(data, FORMULA, times=times, model=model, standardize=standardize)
    p, rings = curve.results.params, masks(times)
    joint = sum(rings).sum(axis=2, keepdims=True)
    W = [r / np.maximum(joint if standardize == "joint" else r.sum(axis=2, keepdims=True), 1) for r in rings]
    S = np.eye(20) - sum(p.get(f"rho_{name}", 0.0) * w for name, w in zip(RINGS, W, strict=True))
    slope = sum(p.get(f"W_{name}_x1", 0.0) * w for name, w in zip(RINGS, W, strict=True))
    effects = np.linalg.solve(S, p["x1"] * np.eye(20) + slope)
    table = curve.spillovers[curve.spillovers["variable"] == "x1"].set_index("ring")
    assert table.index.tolist() == [*RINGS, "farther"]
    for name, ring in zip(RINGS, rings, strict=True):
        assert table.loc[name, "estimate"] == pytest.approx((effects * ring).sum() / 160, abs=1e-10)
        assert table.loc[name, "per_link"] == pytest.approx((effects * ring).sum() / ring.sum(), abs=1e-10)
        assert table.loc[name, "pairs"] == ring.sum() / 16
        minutes = np.stack([times[year].to_numpy() for year in YEARS])
        assert table.loc[name, "minutes"] == pytest.approx(minutes[ring].mean())
    if model == "SLX":
        assert table.loc["farther", ["estimate", "std_error"]].tolist() == [0.0, 0.0]
        share = W[0].sum() / 160
        error = curve.results.std_errors["W_0_60_x1"]
        assert table.loc["0_60", "std_error"] == pytest.approx(error * share, rel=1e-6)


@pytest.mark.parametrize("model", ["SLX", "SAR", "SDM"])
def test_rings_add_up_to_the_indirect_effect(world, model):
    data, times = world
    curve = yrd.decay_curve(data, FORMULA, times=times, model=model, edges=(30, 90, 150))
    assert set(curve.spillovers["ring"]) == {"nearer", "30_90", "90_150", "farther"}
    indirect = curve.results.impacts().table.set_index(["effect", "variable"]).loc["indirect", "estimate"]
    sums = curve.spillovers.groupby("variable")["estimate"].sum()
    assert sums.to_numpy() == pytest.approx(indirect[sums.index].to_numpy(), abs=1e-12)


def test_pairs_of_each_year(world):
    data, times = world
    pairs = yrd.decay_curve(data, FORMULA, times=times).pairs.set_index(["year", "ring"])
    for name, ring in zip(RINGS, masks(times), strict=True):
        for t, year in enumerate(YEARS):
            row = pairs.loc[(year, name)]
            assert row["pairs"] == ring[t].sum() / 2
            assert row["islands"] == (~ring[t].any(axis=1)).sum()
    assert pairs.groupby("year")["pairs"].sum().tolist() == [190] * 8


def test_parameters_and_tests_are_those_of_the_model(world):
    data, times = world
    curve = yrd.decay_curve(data, FORMULA, times=times, model="SDM", durbin="x1")
    results = curve.results
    assert list(zip(curve.parameters["term"], curve.parameters["ring"], strict=True)) == [
        (term, ring) for term in ("rho", "x1") for ring in RINGS
    ]
    names = [*(f"rho_{ring}" for ring in RINGS), *(f"W_{ring}_x1" for ring in RINGS)]
    assert curve.parameters["estimate"].tolist() == results.params[names].tolist()
    assert curve.parameters["std_error"].tolist() == results.std_errors[names].tolist()
    tests = curve.tests.set_index(["term", "null"])
    V = results.cov.loc[names[:3], names[:3]].to_numpy()
    rho, R = results.params[names[:3]].to_numpy(), np.array([[1, -1, 0], [0, 1, -1]])
    zero, equal = rho @ np.linalg.solve(V, rho), (R @ rho) @ np.linalg.solve(R @ V @ R.T, R @ rho)
    assert tests.loc[("rho", "zero in every ring"), "statistic"] == pytest.approx(zero)
    assert tests.loc[("rho", "equal in all rings"), ["statistic", "df"]].tolist() == pytest.approx([equal, 2])
    one = yrd.decay_curve(data, FORMULA, times=times, edges=(0, 90), model="SAR").tests
    assert one["null"].tolist() == ["zero in every ring"]


def test_order_and_labels_do_not_matter(world):
    data, times = world
    straight = yrd.decay_curve(data, FORMULA, times=times, model="SDM").spillovers
    rng = np.random.default_rng(2)
    order = rng.permutation(UNITS)
    shuffled = yrd.decay_curve(
        data.sample(frac=1, random_state=1),
        FORMULA,
        times={year: table.loc[order, order] for year, table in times.items()},
        model="SDM",
    ).spillovers
    names = {unit: f"z{99 - int(unit[1:])}" for unit in UNITS}
    relabelled = yrd.decay_curve(
        data.rename(index=names, level="unit"),
        FORMULA,
        times={year: table.rename(index=names, columns=names) for year, table in times.items()},
        model="SDM",
    ).spillovers
    for other in (shuffled, relabelled):
        pd.testing.assert_frame_equal(other, straight, rtol=1e-7, atol=1e-9)


def test_units_of_measure_do_not_matter(world):
    """Hours and wider edges, another zero of y, growth of x1 that all share: the same curve."""
    data, times = world
    straight = yrd.decay_curve(data, FORMULA, times=times, model="SDM").spillovers
    years = data.index.get_level_values("year").to_numpy(dtype=float)
    other = yrd.decay_curve(
        data.assign(y=data["y"] - 5.0, x1=data["x1"] + (years - 2000) ** 2),
        FORMULA,
        times={year: table / 60 for year, table in times.items()},
        edges=(0, 1, 2, 3),
        model="SDM",
    ).spillovers
    for column in ("estimate", "std_error", "per_link", "pairs"):
        assert other[column].to_numpy() == pytest.approx(straight[column].to_numpy(), abs=1e-8)


def test_one_table_counts_for_every_year(world):
    data, times = world
    one = yrd.decay_curve(data, FORMULA, times=times[2001])
    each = yrd.decay_curve(data, FORMULA, times=dict.fromkeys(YEARS, times[2001]))
    pd.testing.assert_frame_equal(one.spillovers, each.spillovers)
    assert not any(name.startswith("level_") for name in one.results.params.index)


@pytest.mark.parametrize("model", ["SLX", "SDM"])
def test_a_simulated_decay_is_found(model):
    """25 synthetic panels: the mean estimate of each ring is within three standard errors of the truth."""
    rng = np.random.default_rng(31)
    times = draw_times(rng)
    rho = (0.4, 0.2, 0.0) if model == "SDM" else (0.0, 0.0, 0.0)
    names = [f"W_{ring}_x1" for ring in RINGS] + [f"rho_{ring}" for ring in RINGS if model == "SDM"]
    truth = [0.8, 0.4, 0.1, *(rho if model == "SDM" else ())]
    found = []
    for _ in range(25):
        data = draw_panel(rng, times, rho, (0.8, 0.4, 0.1))
        found.append(yrd.decay_curve(data, FORMULA, times=times, model=model).results.params[names])
    spread = np.std(found, axis=0, ddof=1) / np.sqrt(25)
    assert (np.abs(np.mean(found, axis=0) - truth) < 3 * spread).all()


def test_senseless_requests(world):
    data, times = world
    with pytest.raises(SpecificationError, match="no decay curve of 'SEM'"):
        yrd.decay_curve(data, FORMULA, times=times, model="SEM")
    with pytest.raises(WeightsError, match="no edges"):
        yrd.decay_curve(data, FORMULA, times=times, edges=(60, 0))
    with pytest.raises(AlignmentError, match="2008"):
        yrd.decay_curve(data, FORMULA, times={year: times[year] for year in YEARS[:-1]})
    with pytest.raises(SpecificationError, match="no spatial lag of X"):
        yrd.decay_curve(data, FORMULA, times=times, model="SAR", durbin="x1")
