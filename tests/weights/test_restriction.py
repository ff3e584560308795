"""Weights on some units: numbers by hand, and against a plain computation on tables."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.weights.restriction import restrict_weights
from yrdspatial.weights.series import WeightsSeries

LABELS = list("abcd")
LINE = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 2], [0, 0, 2, 0]], dtype=float)


def series(tables):
    return WeightsSeries({2001 + t: pd.DataFrame(one, LABELS, LABELS) for t, one in enumerate(tables)})


def standardized(table):
    return table / table.sum(axis=1, keepdims=True)


def test_rows_sum_to_one_again_and_the_lost_share_is_by_hand():
    found = restrict_weights(series([standardized(LINE)]), {2001: pd.Index(["a", "b", "d"])})
    # d loses its only neighbour c, b half of its weight: (0.5 + 1) of 3
    assert found.rescale == "row"
    np.testing.assert_allclose(found.frame(2001), [[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert found.report.loc[2001].tolist() == [0.5, 1.0]


def test_weights_of_another_scale_keep_their_numbers():
    found = restrict_weights(series([LINE]), {2001: pd.Index(["b", "c", "d"])})
    assert found.rescale == "none"
    np.testing.assert_allclose(found.frame(2001), LINE[1:, 1:])
    assert found.report.loc[2001, "weights_lost"] == pytest.approx(1 - 6 / 7)


def test_the_scale_can_be_chosen():
    kept = {2001: pd.Index(["b", "c", "d"])}
    row = restrict_weights(series([LINE]), kept, rescale="row").frame(2001)
    np.testing.assert_allclose(row, standardized(LINE[1:, 1:]))
    same = restrict_weights(series([standardized(LINE)]), kept, rescale="none").frame(2001)
    np.testing.assert_allclose(same, standardized(LINE)[1:, 1:])


def test_units_may_differ_from_year_to_year_and_come_in_any_order():
    rng = np.random.default_rng(1)
    tables = rng.random((2, 4, 4)) * (1 - np.eye(4))
    kept = {2001: pd.Index(["d", "a"]), 2002: pd.Index(["c", "b", "d"])}
    found = restrict_weights(series(tables), kept)
    for t, (year, labels) in enumerate(kept.items()):
        order = [LABELS.index(label) for label in labels]
        np.testing.assert_allclose(found.frame(year), tables[t][np.ix_(order, order)])
        assert found.frame(year).index.equals(labels)


def test_all_units_lose_nothing():
    found = restrict_weights(series([standardized(LINE)]), {2001: pd.Index(LABELS)})
    assert found.report.loc[2001].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(found.frame(2001), standardized(LINE))


def test_an_unknown_scale_is_refused():
    with pytest.raises(SpecificationError, match="rescale=spectral"):
        restrict_weights(series([LINE]), {2001: pd.Index(["a", "b"])}, rescale="spectral")
