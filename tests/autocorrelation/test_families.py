"""From arrays to a labelled family: quadrants, kinds, flags, order of rows."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from yrdspatial.autocorrelation.alignment import Aligned
from yrdspatial.autocorrelation.families import FLAGS, LABELS, Local, Plan
from yrdspatial.autocorrelation.results import QUADRANTS

OWN = np.array([[1.0, -1], [2, 0], [-1, 3], [-2, -2]])
LAG = np.array([[0.5, 0.5], [-0.5, 1], [-1, -1], [1, 0]])


def local(name="I", **changes):
    parts = {
        "own": OWN,
        "lag": LAG,
        "value": OWN * LAG,
        "expected": np.full((4, 2), -0.1),
        "variance": np.ones((4, 2)),
        "pvalue": np.array([[0.001, 0.5], [0.002, 0.5], [0.003, 0.5], [0.004, 0.5]]),
        "zero": np.zeros((4, 2), dtype=bool),
    }
    return Local(name, **parts | changes)


@pytest.fixture
def found():
    ring = csr_array(np.roll(np.eye(4), 1, axis=1))
    return Aligned(pd.Index(list("abcd")), ("x", "y"), (2005, 2005), OWN, (ring, ring))


def test_quadrants():
    names = np.array(QUADRANTS)[local().quadrants()]
    assert names.T.tolist() == [["HH", "HL", "LL", "LH"], ["LH", "LH", "HL", "LL"]]


def test_kinds_of_local_geary():
    below = local("C", value=np.full((4, 2), -1.0)).kinds()
    names = np.array(LABELS["C"])[below]
    assert names[:, 0].tolist() == ["HH", "positive", "LL", "positive"]
    assert set(np.array(LABELS["C"])[local("C", value=np.ones((4, 2))).kinds()].ravel()) == {"negative"}


def test_kinds_of_local_g():
    value = np.array([[1.0, -1], [0, 0], [-1, 1], [5, 5]])
    names = np.array(LABELS["G"])[local("G", value=value).kinds()]
    assert names[:, 0].tolist() == ["hot", "hot", "cold", "hot"]


def test_flags_in_the_order_of_their_weight():
    zero, variance = np.zeros((4, 2), dtype=bool), np.ones((4, 2))
    zero[0, 0] = zero[1, 0] = True
    variance[1, 0] = variance[2, 0] = 0
    islands = np.zeros((4, 2), dtype=bool)
    islands[0, 0] = True
    flags = np.array(FLAGS)[local(zero=zero, variance=variance).flags(islands)]
    assert flags[:, 0].tolist() == ["island", "zero", "fixed", ""]


def test_rows_come_by_variable_year_and_unit(found):
    table = local().tested(found, Plan(999, 1, 0.05, "fdr")).table
    assert table["variable"].tolist() == ["x"] * 4 + ["y"] * 4
    assert table["unit"].tolist() == list("abcd") * 2
    assert table["I"].tolist() == (OWN * LAG).T.ravel().tolist()
    assert table["z"].tolist() == pytest.approx(((OWN * LAG + 0.1).T.ravel()).tolist())


def test_clusters_need_a_small_adjusted_pvalue(found):
    result = local().tested(found, Plan(999, 1, 0.01, "bonferroni"))
    assert result.table["p_adjusted"].tolist()[:4] == pytest.approx([0.008, 0.016, 0.024, 0.032])
    assert result.table["cluster"].tolist()[:4] == ["HH"] + ["not significant"] * 3
    assert result.kinds.tolist() == local().kinds().T.ravel().tolist()


def test_a_fixed_sum_has_no_z_and_no_evidence(found):
    variance = np.ones((4, 2))
    variance[0, 0] = 0
    row = local(variance=variance).tested(found, Plan(999, 1, 0.05, "none")).table.iloc[0]
    assert np.isnan(row["z"])
    assert row[["p_sim", "p_adjusted", "flag", "cluster"]].tolist() == [1.0, 1.0, "fixed", "not significant"]


def test_an_island_is_left_out_of_the_family(found):
    lonely = csr_array(np.diag([0.0, 1, 1, 1]) @ np.roll(np.eye(4), 1, axis=1))
    alone = Aligned(found.units, found.variables, found.years, found.array, (lonely, found.matrices[1]))
    result = local().tested(alone, Plan(999, 1, 0.05, "bonferroni"))
    assert result.family == "7 tests (4 units x 2 variables, 1 without neighbours left out)"
    assert result.table["p_adjusted"].tolist()[:4] == pytest.approx([1.0, 0.014, 0.021, 0.028])
