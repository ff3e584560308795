"""Who sends and who receives: worked examples, sums that must agree, and errors by another route."""

from dataclasses import replace

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, SpecificationError

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
CHAIN = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])


def fitted(simulated, model="SDM", **how):
    return getattr(yrd, model)(simulated.data, "y ~ x1 + x2", weights=simulated.weights, **how).fit()


def dense(results, W, variable):
    p = results.params
    slope = p[variable] * np.eye(len(W)) + p.get(f"W_{variable}", 0.0) * W
    return np.linalg.solve(np.eye(len(W)) - p.get("rho", 0.0) * W, slope)


@pytest.mark.parametrize("model", ["SAR", "SDM", "SDEM", "SLX", "SAC"])
def test_effect_matrix_is_the_dense_inverse(panel, model):
    simulated = panel("directed")
    results = fitted(simulated, model)
    W = simulated.arrays["weights"]
    matrix = yrd.effect_matrix(results, "x1", year=2003)
    assert matrix.index.tolist() == matrix.columns.tolist() == simulated.weights.units.tolist()
    assert (matrix.index.name, matrix.columns.name) == ("receives", "sends")
    assert matrix.to_numpy() == pytest.approx(dense(results, W[2], "x1"), abs=1e-12)
    mean = np.mean([dense(results, w, "x1") for w in W], axis=0)
    assert yrd.effect_matrix(results, "x1").to_numpy() == pytest.approx(mean, abs=1e-12)


def test_units_add_up_to_the_average_effects(panel):
    results = fitted(panel("directed"))
    units = yrd.effects_by_unit(results)
    table = results.impacts().table.set_index(["variable", "effect"])["estimate"]
    means = units.groupby(["variable", "effect"])["estimate"].mean()
    assert means["x1", "own"] == pytest.approx(table["x1", "direct"])
    assert means["x1", "sent"] == pytest.approx(table["x1", "indirect"])
    assert means["x1", "received"] == pytest.approx(table["x1", "indirect"])
    matrix = yrd.effect_matrix(results, "x2")
    sent = units[(units["variable"] == "x2") & (units["unit"] == "u03") & (units["effect"] == "sent")]
    assert sent["estimate"].iloc[0] == pytest.approx(matrix["u03"].sum() - matrix.loc["u03", "u03"])
    assert (units["std_error"] > 0).any()


def test_core_to_periphery(panel):
    results = fitted(panel("directed"))
    core = ["u01", "u02", "u05"]
    table = yrd.effects_between(results, core).set_index("variable")
    matrix = yrd.effect_matrix(results, "x1")
    rest = matrix.index.difference(core)
    assert table.loc["x1", "estimate"] == pytest.approx(matrix.loc[rest, core].sum(axis=1).mean())
    both = yrd.effects_between(results, core, ["u07"], year=2004).set_index("variable")
    assert both.loc["x1", "estimate"] == pytest.approx(
        yrd.effect_matrix(results, "x1", year=2004).loc["u07", core].sum()
    )


def test_group_to_group(panel):
    """Sums over senders other than the receiver, means over receivers; errors as of the pair alone."""
    results = fitted(panel("directed"))
    groups = {"core": ["u01", "u02", "u05"], "edge": ["u07", "u08"], "one": ["u01"]}
    table = yrd.effects_between_groups(results, groups, "x1").set_index(["receives", "sends"])
    assert len(table) == 9
    matrix = yrd.effect_matrix(results, "x1")
    passed = matrix.mask(np.eye(len(matrix), dtype=bool), 0.0)
    for receives, sends in table.index:
        mean = passed.loc[groups[receives], groups[sends]].sum(axis=1).mean()
        assert table.loc[(receives, sends), "estimate"] == pytest.approx(mean, abs=1e-12)
    assert table.loc[("one", "one"), ["estimate", "std_error"]].tolist() == [0.0, 0.0]
    pair = yrd.effects_between(results, groups["core"], groups["edge"]).set_index("variable").loc["x1"]
    assert table.loc[("edge", "core"), "std_error"] == pytest.approx(pair["std_error"], rel=1e-6)
    late = yrd.effects_between_groups(results, groups, "x1", year=2004).set_index(["receives", "sends"])
    pair = yrd.effects_between(results, groups["core"], groups["edge"], year=2004).set_index("variable")
    assert late.loc[("edge", "core"), "estimate"] == pytest.approx(pair.loc["x1", "estimate"])


@pytest.mark.parametrize("groups", [{}, {"core": ["u01"], "none": []}])
def test_a_group_without_units_is_refused(panel, groups):
    with pytest.raises(SpecificationError, match="a group is empty"):
        yrd.effects_between_groups(fitted(panel("directed")), groups, "x1")


def test_everyone_to_everyone_is_the_total_effect(panel):
    results = fitted(panel("rows"))
    everyone = results.design.sample.units
    found = yrd.effects_between(results, everyone, everyone).set_index("variable")
    table = results.impacts().table.set_index(["variable", "effect"])
    for column in ("estimate", "std_error"):
        assert found.loc["x1", column] == pytest.approx(table.loc[("x1", "total"), column], rel=1e-6)


def chain_results(panel, rho, beta, theta):
    """Return a fitted model whose weights and parameters are put in place of the estimates."""
    results = fitted(panel("constant", units=6), "SDM")
    lag = results.design.problem.lag
    W = np.zeros((6, 6))
    W[:3, :3] = W[3:, 3:] = CHAIN
    spectra = type(lag).of(W[None], np.zeros(6, int))
    design = replace(results.design, problem=replace(results.design.problem, lag=spectra), durbin=(spectra,))
    beta_vector = np.array([beta, 0.0, theta, 0.0])
    return replace(
        results, design=design, fit=replace(results.fit, beta=beta_vector, spatial=np.array([rho]))
    )


def test_partition_of_the_chain_of_three(panel):
    """Rho = .4, beta = 1: (1, 0), (0, .4), (.106667, .053333), (0, .064), (.017067, .008533), worked by hand."""
    table = yrd.partition_by_order(chain_results(panel, 0.4, 1.0, 0.0), orders=4)
    one = table[table["variable"] == "x1"].pivot_table(index="order", columns="effect", values="estimate")
    expected = [(1, 0), (0, 0.4), (0.106667, 0.053333), (0, 0.064), (0.017067, 0.008533)]
    assert one[["direct", "indirect"]].to_numpy() == pytest.approx(np.array(expected), abs=5e-7)


def test_orders_add_up_to_the_effects(panel):
    results = fitted(panel("rows"))
    table = yrd.partition_by_order(results, orders=60)
    sums = table.groupby(["variable", "effect"])["estimate"].sum()
    effects = results.impacts().table.set_index(["variable", "effect"])["estimate"]
    assert sums.loc[effects.index].to_numpy() == pytest.approx(effects.to_numpy(), abs=1e-8)
    first = table[(table["variable"] == "x1") & (table["order"] == 0)].set_index("effect")
    assert first.loc["direct", "estimate"] == pytest.approx(results.params["x1"])
    assert first.loc["direct", "std_error"] == pytest.approx(results.std_errors["x1"], rel=1e-6)


def early_and_late(simulated):
    data = simulated.data
    years = data.index.get_level_values("year")
    halves = [replace(simulated, data=data[part]) for part in (years < 2007, years >= 2007)]
    return [fitted(half) for half in halves]


def test_network_and_coefficients_add_up_to_the_change(panel):
    simulated = panel("rows", periods=12)
    before, after = early_and_late(simulated)
    table = yrd.decompose_change(before, after, years=(2003, 2011))
    wide = table[table["variable"] == "x1"].pivot_table(index="effect", columns="part", values="estimate")
    W = simulated.arrays["weights"]
    for results, W_t, part in ((before, W[2], "before"), (after, W[10], "after")):
        assert wide.loc["total", part] == pytest.approx(dense(results, W_t, "x1").sum() / 14)
    assert wide["change"].to_numpy() == pytest.approx((wide["after"] - wide["before"]).to_numpy())
    assert (wide["network"] + wide["coefficients"]).to_numpy() == pytest.approx(wide["change"].to_numpy())
    moved = [dense(r, W[10], "x1").sum() - dense(r, W[2], "x1").sum() for r in (before, after)]
    assert wide.loc["total", "network"] == pytest.approx(np.mean(moved) / 14)


def test_errors_of_the_decomposition_are_those_of_independent_models(panel):
    """The variance of the change is the sum of the variances of the effects of the two years."""
    before, after = early_and_late(panel("rows", periods=12))
    table = yrd.decompose_change(before, after, years=(2003, 2011)).set_index(["variable", "effect", "part"])
    errors = []
    for results, year in ((before, 2003), (after, 2011)):
        by_year = results.impacts(by="year").table.set_index(["year", "variable", "effect"])
        errors.append(by_year.loc[(year, "x1", "total"), "std_error"])
    assert table.loc[("x1", "total", "before"), "std_error"] == pytest.approx(errors[0], rel=1e-6)
    assert table.loc[("x1", "total", "change"), "std_error"] == pytest.approx(np.hypot(*errors), rel=1e-6)


def test_with_one_model_all_is_network(panel):
    results = fitted(panel("rows"))
    table = yrd.decompose_change(results, results, years=(2001, 2006)).set_index(
        ["variable", "effect", "part"]
    )
    assert table.loc[("x1", "total", "coefficients"), ["estimate", "std_error"]].tolist() == [0.0, 0.0]
    direct = table.loc[("x1", "direct", "network"), "estimate"]
    assert direct == pytest.approx(table.loc[("x1", "direct", "change"), "estimate"])


def test_border_models_too(panel):
    simulated = panel("rows")
    results = yrd.SAR(simulated.data, "y ~ x1 + x2", weights={"all": simulated.weights}).fit()
    plain = fitted(simulated, "SAR")
    one, two = (yrd.effect_matrix(r, "x1").to_numpy() for r in (results, plain))
    assert one == pytest.approx(two, abs=1e-7)


def test_senseless_requests_are_refused(panel):
    simulated = panel("rows")
    results = fitted(simulated)
    with pytest.raises(SpecificationError, match="no term"):
        yrd.effect_matrix(results, "x3")
    with pytest.raises(AlignmentError, match="2050"):
        yrd.effect_matrix(results, "x1", year=2050)
    with pytest.raises(AlignmentError, match="nowhere"):
        yrd.effects_between(results, ["nowhere"])
    with pytest.raises(SpecificationError, match="empty"):
        yrd.effects_between(results, [])
    with pytest.raises(SpecificationError, match="no spillovers"):
        yrd.effects_by_unit(fitted(simulated, "SEM"))
    with pytest.raises(SpecificationError, match="no orders"):
        yrd.partition_by_order(fitted(simulated, "SLX"))
    with pytest.raises(SpecificationError, match="differ"):
        yrd.decompose_change(results, fitted(simulated, "SAR"), years=(2001, 2002))
