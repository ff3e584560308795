"""Weights in one order of units."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.weights.alignment import aligned, on_common_units
from yrdspatial.weights.graphs import graph_of, matrix_of

TABLE = pd.DataFrame([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0], [0.0, 4.0, 0.0]], list("abc"), list("abc"))


@pytest.mark.parametrize("order", ["abc", "cab", "bca"])
def test_labels_decide(order):
    units = pd.Index(list(order))
    wanted = TABLE.loc[units, units].to_numpy()
    assert np.array_equal(aligned(TABLE, units).toarray(), wanted)
    assert np.array_equal(aligned(graph_of(*matrix_of(TABLE)), units).toarray(), wanted)
    shuffled = TABLE.loc[list("bca"), list("cab")]
    assert np.array_equal(aligned(shuffled, units).toarray(), wanted)


def test_other_units_are_named():
    with pytest.raises(AlignmentError, match="c"):
        aligned(TABLE, pd.Index(["a", "b"]))


def test_other_forms_are_refused():
    with pytest.raises(WeightsError, match="ndarray is no form of weights"):
        aligned(TABLE.to_numpy(), pd.Index(list("abc")))


def test_years_take_the_order_of_the_first():
    matrices, units = on_common_units([(2001, TABLE), (2002, TABLE.loc[list("cab"), list("cab")])])
    assert units.tolist() == list("abc")
    assert np.array_equal(matrices[0].toarray(), matrices[1].toarray())
