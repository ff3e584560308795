"""Stacked rows of panels with holes: positions against labels."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.models.unbalanced_design import UnbalancedRequest, as_terms, read_unbalanced

UNITS, YEARS = list("abcdef"), range(2001, 2006)
RING = pd.DataFrame(np.roll(np.eye(6), 1, 1) / 2 + np.roll(np.eye(6), -1, 1) / 2, UNITS, UNITS)


def synthetic(*cells):
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([UNITS, YEARS], names=["unit", "year"])
    data = pd.DataFrame(rng.normal(size=(30, 3)), index, ["y", "x", "z"])
    for cell in cells:
        data.loc[cell, "y"] = np.nan
    return data


def test_rows_networks_and_dummies_of_a_subset():
    data = synthetic(("b", 2002), ("f", 2004))
    design = read_unbalanced(data, UnbalancedRequest("y ~ x + z", RING, "subset", durbin=("z",)))
    problem = design.problem
    assert len(design.rows) == 28
    assert design.regressors == ("x", "z", "W_z")
    np.testing.assert_allclose(problem.y, data["y"].reindex(design.rows))
    assert problem.blocks.sum() == 5
    assert sorted(one.units for one in problem.weights) == [5, 5, 6]
    chain = RING.drop(index="b", columns="b")
    chain = chain.div(chain.sum(axis=1), axis=0)
    rows = design.rows.get_level_values("year") == 2002
    expected = chain @ data["z"].xs(2002, level="year").drop("b")
    np.testing.assert_allclose(problem.X[rows, 2], expected)
    dummies = pd.get_dummies(pd.DataFrame(list(design.rows)).astype(str)).to_numpy(float)
    assert problem.basis.shape[1] == np.linalg.matrix_rank(dummies) == 10
    np.testing.assert_allclose(problem.basis @ (problem.basis.T @ dummies), dummies, atol=1e-10)


def test_holes_of_em_keep_their_row():
    data = synthetic(("b", 2002), ("f", 2004))
    problem = read_unbalanced(data, UnbalancedRequest("y ~ x", RING, "em", model="SAR")).problem
    assert problem.missing.tolist() == [6 + 1, 3 * 6 + 5]
    assert (problem.y[problem.missing] == 0).all()
    assert len(problem.weights) == 1
    assert problem.divisor == 30 - 2 - 10


def test_the_constant_stays_without_effects_and_goes_with_them():
    data = synthetic(("b", 2002))
    pooled = read_unbalanced(data, UnbalancedRequest("y ~ x", RING, "em", model="SAR", effects="pooled"))
    assert pooled.terms == ("Intercept", "x")
    assert pooled.problem.basis.shape == (30, 0)
    unit = read_unbalanced(data, UnbalancedRequest("y ~ x", RING, "em", model="SAR", effects="unit"))
    assert unit.terms == ("x",)


def test_unit_effects_by_window_span_what_the_dummies_do():
    data = synthetic(("b", 2002)).assign(window=["early", "early", "late", "late", "late"] * 6)
    effects = {"unit": "window", "time": True}
    design = read_unbalanced(data, UnbalancedRequest("y ~ x", RING, "subset", model="SAR", effects=effects))
    assert design.effects == "unit x window, time"
    assert design.problem.basis.shape[1] == 12 + 5 - 2


def test_terms_that_are_not_there_are_refused():
    data = synthetic(("b", 2002))
    with pytest.raises(SpecificationError, match="durbin names no term"):
        read_unbalanced(data, UnbalancedRequest("y ~ x", RING, "em", durbin=("z",)))
    with pytest.raises(SpecificationError, match="SAR has no spatial lag of X"):
        read_unbalanced(data, UnbalancedRequest("y ~ x", RING, "em", model="SAR", durbin=("x",)))
    with pytest.raises(SpecificationError, match="collinear"):
        read_unbalanced(data.assign(w=2 * data["x"]), UnbalancedRequest("y ~ x + w", RING, "em", model="SAR"))
    assert as_terms(["x", "z"]) == ("x", "z")
