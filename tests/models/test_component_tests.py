"""The tables of Baltagi and others: values of splm, one-sided p-values, and what must not matter."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, norm

from yrdspatial.errors import SpecificationError
from yrdspatial.models.component_tests import bsjk_tests, bsk_tests

VALUES = pd.read_csv(Path(__file__).parents[1] / "reference" / "diagnostics" / "splm.csv")
FORMULA = "y ~ x1 + x2"


@cache
def tables(load, name):
    case = load(name)
    both = [form(case.data, case.formula, weights=case.weights) for form in (bsk_tests, bsjk_tests)]
    return pd.concat(both).set_index("test")


@pytest.mark.parametrize("row", [pytest.param(r, id=f"{r.case}/{r.path}") for r in VALUES.itertuples()])
def test_value_of_splm(case, row):
    value = tables(case, row.case).loc[row.test, "statistic"]
    found = np.sqrt(value) if row.form == "signed root" else value
    assert found == pytest.approx(row.value, rel=row.rtol, abs=row.atol)


def test_tables_name_their_tests(panel):
    simulated = panel("rows")
    bsk = bsk_tests(simulated.data, FORMULA, weights=simulated.weights)
    bsjk = bsjk_tests(simulated.data, FORMULA, weights=simulated.weights)
    assert bsk["test"].tolist() == [
        "BSK joint",
        "BSK joint, one-sided",
        "BSK LM1",
        "BSK LM2",
        "BSK LM lambda",
        "BSK LM mu",
    ]
    assert bsjk["test"].tolist() == ["BSJK J", "BSJK C.1", "BSJK C.2", "BSJK C.3"]
    assert list(bsk.columns) == ["test", "null", "statistic", "df", "pvalue", "note"]


def test_pvalues_are_those_of_the_distribution_in_the_note(panel):
    simulated = panel("rows")
    table = bsk_tests(simulated.data, FORMULA, weights=simulated.weights).set_index("test")
    for name in ("BSK LM1", "BSK LM mu"):
        assert table.loc[name, "pvalue"] == pytest.approx(norm.sf(table.loc[name, "statistic"]))
        assert "one-sided" in table.loc[name, "note"]
    for name in ("BSK LM2", "BSK LM lambda"):
        assert table.loc[name, "pvalue"] == pytest.approx(chi2.sf(table.loc[name, "statistic"], 1))
    joint = table.loc["BSK joint, one-sided"]
    mixed = 0.5 * (chi2.sf(joint["statistic"], 1) + chi2.sf(joint["statistic"], 2))
    assert joint["pvalue"] == pytest.approx(mixed)
    assert table.loc["BSK joint", "pvalue"] == pytest.approx(chi2.sf(table.loc["BSK joint", "statistic"], 2))


def without_components(seed, periods=6, units=12):
    """Synthetic panel with independent errors."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[f"u{i:02d}" for i in range(units)], range(2001, 2001 + periods)])
    frame = pd.DataFrame(rng.normal(size=(len(index), 3)), index, ["x1", "x2", "e"])
    return frame.assign(y=1 + frame["x1"] - frame["x2"] + frame["e"])


def ring(units=12):
    table = 0.5 * (np.eye(units, k=1) + np.eye(units, k=-1))
    table[0, -1] = table[-1, 0] = 0.5
    labels = [f"u{i:02d}" for i in range(units)]
    return pd.DataFrame(table, labels, labels)


def test_negative_variance_is_no_evidence():
    """A panel whose units differ less than chance: the one-sided joint test counts lambda alone."""
    for seed in range(20):
        data = without_components(seed)
        table = bsk_tests(data, FORMULA, weights=ring()).set_index("test")
        if table.loc["BSK LM1", "statistic"] < 0:
            break
    assert table.loc["BSK LM1", "pvalue"] > 0.5
    assert table.loc["BSK joint, one-sided", "statistic"] == pytest.approx(table.loc["BSK LM2", "statistic"])
    assert table.loc["BSK joint", "statistic"] > table.loc["BSK joint, one-sided", "statistic"]


def test_each_component_is_found_by_its_own_test():
    """Synthetic: strong unit effects, then strong spatial errors, then strong serial correlation."""
    data, W = without_components(3, periods=10), ring()
    unit = data.index.get_level_values(0).str.slice(1).astype(float).to_numpy()
    draws = np.random.default_rng(6).normal(size=12)
    effects = data.assign(y=data["y"] + 2 * draws[unit.astype(int)])
    assert bsk_tests(effects, FORMULA, weights=W).set_index("test").loc["BSK LM mu", "pvalue"] < 1e-4
    e = data["e"].unstack(level=1)
    spread = np.linalg.solve(np.eye(12) - 0.8 * W.to_numpy(), e.to_numpy())
    filtered = pd.Series(spread.ravel(), pd.MultiIndex.from_product([e.index, e.columns]))
    spatial = data.assign(y=data["x1"] + filtered.reindex(data.index))
    assert bsk_tests(spatial, FORMULA, weights=W).set_index("test").loc["BSK LM lambda", "pvalue"] < 1e-4
    drift = e.to_numpy(copy=True)
    for t in range(1, drift.shape[1]):
        drift[:, t] += 0.8 * drift[:, t - 1]
    serial = pd.Series(drift.ravel(), pd.MultiIndex.from_product([e.index, e.columns]))
    drifting = data.assign(y=data["x1"] + serial.reindex(data.index))
    assert bsjk_tests(drifting, FORMULA, weights=W).set_index("test").loc["BSJK C.2", "pvalue"] < 1e-4


def test_order_of_rows_and_kind_of_weights_do_not_matter(panel):
    simulated = panel("constant")
    table = pd.DataFrame(simulated.arrays["weights"][0], simulated.weights.units, simulated.weights.units)
    first = bsk_tests(simulated.data, FORMULA, weights=simulated.weights)["statistic"].to_numpy()
    shuffled = simulated.data.sample(frac=1.0, random_state=1)
    for weights in (table, simulated.weights[2001]):
        again = bsk_tests(shuffled, FORMULA, weights=weights)["statistic"].to_numpy()
        assert again == pytest.approx(first, rel=1e-6)


def test_one_period_is_refused(panel):
    simulated = panel("constant")
    table = pd.DataFrame(simulated.arrays["weights"][0], simulated.weights.units, simulated.weights.units)
    with pytest.raises(SpecificationError, match="two periods"):
        bsk_tests(simulated.data.xs(2001, level="year"), FORMULA, weights=table)


def test_size_of_the_conditional_test_of_lambda():
    """40 synthetic panels with unit effects and no spatial errors: 5 %, and three Monte Carlo errors of 3.4 points."""
    W, pvalues = ring(), []
    for seed in range(40):
        data = without_components(seed, periods=4)
        draws = np.random.default_rng(seed + 500).normal(size=12).repeat(4)
        table = bsk_tests(data.assign(y=data["y"] + draws), FORMULA, weights=W).set_index("test")
        pvalues.append(table.loc["BSK LM lambda", "pvalue"])
    assert np.mean(np.array(pvalues) < 0.05) < 0.153
