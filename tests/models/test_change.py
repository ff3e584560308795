"""A change of spillovers, simulated: the draws written out, what lies outside the region, seeds."""

from dataclasses import replace

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.models.change import EFFECTS, PARTS, network_of, split

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
KEYS = ["variable", "effect", "part"]


@pytest.fixture
def halves(panel):
    simulated = panel("rows", periods=12)
    years = simulated.data.index.get_level_values("year")
    fits = [
        yrd.SDM(simulated.data[part], "y ~ x1 + x2", weights=simulated.weights).fit()
        for part in (years < 2007, years >= 2007)
    ]
    return fits, simulated.arrays["weights"][[2, 10]]


def by_hand(point, W, names):
    p = dict(zip(names, point, strict=True))
    E = np.linalg.inv(np.eye(14) - p["rho"] * W) @ (p["x1"] * np.eye(14) + p["W_x1"] * W)
    direct, total = np.trace(E) / 14, E.sum() / 14
    return np.array([direct, total - direct, total])


def parts_by_hand(old, new, networks, names):
    (a, b), (c, d) = ([by_hand(point, W, names) for W in networks] for point in (old, new))
    return np.stack([a, d, d - a, (b - a + d - c) / 2, (c - a + d - b) / 2], axis=-1)


def test_the_parts_at_any_coefficients(halves):
    """Dense inverses at random coefficients, all at once."""
    (before, after), W = halves
    names = before.spec.parameters
    rng = np.random.default_rng(2)
    old, new = (np.column_stack([rng.normal(size=(5, 4)), rng.uniform(-0.6, 0.6, 5)]) for _ in range(2))
    found = split([network_of(before, 2003), network_of(after, 2011)], old, new)
    assert found.shape == (5, 2, len(EFFECTS), len(PARTS))
    for m in range(5):
        assert found[m, 0] == pytest.approx(parts_by_hand(old[m], new[m], W, names), abs=1e-12)


def test_simulated_errors_are_those_of_draws_by_hand(halves):
    """Other draws, written out: deviations and ends of intervals agree within 10 % of the deviation (4,000 draws)."""
    (before, after), W = halves
    table = yrd.decompose_change(
        before, after, years=(2003, 2011), method="simulation", draws=4000, seed=1
    ).set_index(KEYS)
    delta = yrd.decompose_change(before, after, years=(2003, 2011)).set_index(KEYS)
    assert table["estimate"].to_numpy() == pytest.approx(delta["estimate"].to_numpy(), abs=1e-12)
    rng = np.random.default_rng(9)
    drawn = [
        parts_by_hand(old, new, W, before.spec.parameters)
        for old, new in zip(
            *(rng.multivariate_normal(m.params, m.cov, 4000) for m in (before, after)), strict=True
        )
        if max(old[-1], new[-1]) < 1
    ]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    for row, name in enumerate(EFFECTS):
        rows = table.loc[("x1", name)].loc[list(PARTS)]
        sd = np.std(drawn, axis=0)[row]
        assert rows["std_error"].to_numpy() == pytest.approx(sd, rel=0.1)
        assert (np.abs(rows["lower"].to_numpy() - low[row]) < 0.2 * sd).all()
        assert (np.abs(rows["upper"].to_numpy() - high[row]) < 0.2 * sd).all()
        beyond = np.minimum((np.array(drawn) <= 0).mean(axis=0), (np.array(drawn) >= 0).mean(axis=0))[row]
        assert rows["pvalue"].to_numpy() == pytest.approx(np.minimum(1, 2 * beyond), abs=0.04)
    clear = (table["lower"] > 0) | (table["upper"] < 0)
    assert (clear == (table["pvalue"] < 0.05)).all()


def test_the_same_seed_gives_the_same_numbers(halves):
    (before, after), _ = halves
    one, two, three = (
        yrd.decompose_change(
            before, after, years=(2003, 2011), method="simulation", draws=50, seed=seed
        ).to_numpy()
        for seed in (4, 4, 5)
    )
    assert (one == two).all()
    assert (one != three).any()


def test_with_one_model_the_coefficients_do_not_move(halves):
    (before, _), _ = halves
    table = yrd.decompose_change(
        before, before, years=(2001, 2006), method="simulation", draws=30, seed=1
    ).set_index(KEYS)
    row = table.loc[("x1", "total", "coefficients")]
    assert row[["estimate", "std_error", "lower", "upper"]].tolist() == [0.0] * 4


def test_draws_outside_the_region_are_left_out(halves):
    """With an error of rho so large that half the draws explode, what is left is finite."""
    (before, after), _ = halves
    wild = before.covariance.copy()
    wild[4, :] = wild[:, 4] = 0.0
    wild[4, 4] = 4.0
    table = yrd.decompose_change(
        replace(before, covariance=wild), after, years=(2003, 2011), method="simulation", draws=300, seed=1
    )
    assert np.isfinite(table[["std_error", "lower", "upper"]].to_numpy()).all()
    hopeless = replace(before, fit=replace(before.fit, spatial=np.array([30.0])))
    with pytest.raises(SpecificationError, match="outside the feasible region"):
        yrd.decompose_change(hopeless, after, years=(2003, 2011), method="simulation", draws=20, seed=1)


def test_a_simulation_needs_a_seed(halves):
    (before, after), _ = halves
    with pytest.raises(SpecificationError, match="needs a seed"):
        yrd.decompose_change(before, after, years=(2003, 2011), method="simulation")
