"""Posterior model probabilities: the truth is found, the table adds up, and what must not matter does not."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.models.marginal_likelihood import log_marginal
from yrdspatial.models.selection import model_probabilities

FORMULA = "y ~ x1 + x2"
FIVE = ["SAR", "SDM", "SEM", "SDEM", "SLX"]


def draw(model, seed=1, *, units=20, periods=8):
    """Synthetic panel of one of the five models, with two weights: a ring (the true one) and random links."""
    rng = np.random.default_rng(seed)
    labels, years = [f"u{i:02d}" for i in range(units)], range(2001, 2001 + periods)
    ring = 0.5 * (np.roll(np.eye(units), 1, axis=1) + np.roll(np.eye(units), -1, axis=1))
    other = (
        np.array([rng.permutation(np.eye(units)[i] * 0 + (np.arange(units) < 3)) for i in range(units)]) / 3.0
    )
    np.fill_diagonal(other, 0.0)
    x = rng.normal(size=(periods, units, 2))
    e = 0.7 * rng.normal(size=(periods, units))
    effects = rng.normal(size=units) + rng.normal(size=(periods, 1))
    inverse = np.linalg.inv(np.eye(units) - 0.6 * ring)
    mean = x @ [1.0, -0.8] + effects
    if model in {"SDM", "SDEM", "SLX"}:
        mean = mean + (x @ [0.9, 0.7]) @ ring.T
    spread = e @ inverse.T if model in {"SEM", "SDEM"} else e
    y = (mean + e) @ inverse.T if model in {"SAR", "SDM"} else mean + spread
    index = pd.MultiIndex.from_product([years, labels], names=["year", "unit"])
    data = pd.DataFrame({"y": y.ravel(), "x1": x[..., 0].ravel(), "x2": x[..., 1].ravel()}, index).swaplevel()
    frames = {name: pd.DataFrame(W, labels, labels) for name, W in (("ring", ring), ("other", other))}
    return data, frames


@pytest.mark.parametrize("model", FIVE)
def test_the_true_model_with_the_true_weights_wins(model):
    data, weights = draw(model, units=25, periods=10)
    table = model_probabilities(data, FORMULA, weights=weights)
    best = table.loc[table["probability"].idxmax()]
    assert (best["model"], best["weights"]) == (model, "ring")
    assert best["probability"] > 0.5


def test_probabilities_add_up_and_follow_the_marginals():
    data, weights = draw("SAR")
    table = model_probabilities(data, FORMULA, weights=weights)
    assert list(table.columns) == ["model", "weights", "log_marginal", "probability"]
    assert len(table) == 10
    assert table["probability"].sum() == pytest.approx(1.0)
    odds = np.log(table["probability"].iloc[0] / table["probability"].iloc[2])
    assert odds == pytest.approx(table["log_marginal"].iloc[0] - table["log_marginal"].iloc[2], abs=1e-6)
    assert list(zip(table["model"], table["weights"], strict=True))[:3] == [
        ("SAR", "ring"),
        ("SAR", "other"),
        ("SDM", "ring"),
    ]


@pytest.mark.parametrize("model", FIVE)
def test_marginals_are_those_of_the_designs(model):
    data, weights = draw("SAR")
    table = model_probabilities(data, FORMULA, weights=weights, models=[model], effects="unit")
    for name, W in weights.items():
        problem = getattr(yrd, model)(data, FORMULA, weights=W, effects="unit").design.problem
        found = table.set_index("weights").loc[name, "log_marginal"]
        assert found == pytest.approx(log_marginal(problem, None), abs=1e-9)


def test_least_squares_is_one_candidate():
    data, weights = draw("SLX")
    table = model_probabilities(data, FORMULA, weights=weights, models=["OLS", "SLX"])
    assert table["model"].tolist() == ["OLS", "SLX", "SLX"]
    assert table["weights"].tolist() == ["", "ring", "other"]


def test_nobody_profits_from_a_model_asked_twice():
    data, weights = draw("SAR")
    once = model_probabilities(data, FORMULA, weights=weights, models=["SAR", "SEM"])
    twice = model_probabilities(data, FORMULA, weights=weights, models=["SAR", "SEM", "SAR"])
    pd.testing.assert_frame_equal(once, twice)


def test_order_of_rows_and_names_do_not_matter():
    data, weights = draw("SDM")
    first = model_probabilities(data, FORMULA, weights=weights)["log_marginal"].to_numpy()
    shuffled = data.sample(frac=1.0, random_state=4)
    assert model_probabilities(shuffled, FORMULA, weights=weights)[
        "log_marginal"
    ].to_numpy() == pytest.approx(first, abs=1e-7)
    labels = weights["ring"].index
    names = dict(zip(labels, np.random.default_rng(2).permutation(labels), strict=True))
    renamed = {key: W.rename(index=names, columns=names) for key, W in weights.items()}
    moved = model_probabilities(data.rename(index=names, level="unit"), FORMULA, weights=renamed)
    assert moved["log_marginal"].to_numpy() == pytest.approx(first, abs=1e-7)


def test_kinds_of_weights_do_not_matter(panel):
    simulated = panel("constant")
    table = pd.DataFrame(simulated.arrays["weights"][0], simulated.weights.units, simulated.weights.units)
    candidates = {"series": simulated.weights, "graph": simulated.weights[2001], "table": table}
    found = model_probabilities(simulated.data, FORMULA, weights=candidates, models=["SDM"])
    assert found["log_marginal"].to_numpy() == pytest.approx(found["log_marginal"].iloc[0], abs=1e-7)
    assert found["probability"].to_numpy() == pytest.approx(1 / 3, abs=1e-7)


def test_a_larger_g_favours_the_smaller_model():
    data, weights = draw("SAR")
    shares = [
        model_probabilities(data, FORMULA, weights={"ring": weights["ring"]}, models=["SAR", "SDM"], g=g)
        .set_index("model")
        .loc["SAR", "probability"]
        for g in (1e2, 1e4)
    ]
    assert shares[1] > shares[0]


def test_windows_of_unit_effects(panel):
    simulated = panel("rows", periods=8)
    effects = {"unit": "window", "time": True}
    table = model_probabilities(simulated.data, FORMULA, weights={"w": simulated.weights}, effects=effects)
    assert table["probability"].sum() == pytest.approx(1.0)


def test_what_is_refused(panel):
    simulated = panel("rows")
    ask = {"weights": {"w": simulated.weights}}
    with pytest.raises(SpecificationError, match="no probabilities for SAC"):
        model_probabilities(simulated.data, FORMULA, models=["SAC"], **ask)
    with pytest.raises(SpecificationError, match="no candidates"):
        model_probabilities(simulated.data, FORMULA, weights={})
    with pytest.raises(SpecificationError, match="g = -1"):
        model_probabilities(simulated.data, FORMULA, g=-1.0, **ask)
    with pytest.raises(SpecificationError, match="random effects"):
        model_probabilities(simulated.data, FORMULA, effects="random", models=["SAR"], **ask)
    both = {"both": {"one": simulated.weights, "two": simulated.weights}}
    with pytest.raises(SpecificationError, match="several weights at once"):
        model_probabilities(simulated.data, FORMULA, models=["SAR"], weights=both)
