"""Input-output transfer: the balance it must keep, alignment, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.input_output import input_output_transfer, leontief_inverse

LABELS = list("rst")
A = pd.DataFrame([[0.2, 0.1, 0.0], [0.1, 0.3, 0.1], [0.05, 0.0, 0.25]], LABELS, LABELS)
demands = arrays(float, (2, 3, 3), elements=st.floats(0, 100)).map(
    lambda values: [pd.DataFrame(part, LABELS, LABELS) for part in values]
)


def test_inverse_is_the_sum_of_its_rounds():
    rounds = sum(np.linalg.matrix_power(A.to_numpy(), k) for k in range(200))
    np.testing.assert_allclose(leontief_inverse(A), rounds, atol=1e-12)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(demands)
def test_output_covers_inputs_and_demand_and_order_does_not_matter(tables):
    before, after = tables
    moved = input_output_transfer(A, before, after)
    np.testing.assert_allclose(moved, A @ moved + (after - before), atol=1e-10)
    turned = input_output_transfer(A.loc[::-1], before.loc[::-1, ::-1], after)
    np.testing.assert_allclose(turned.loc[LABELS, LABELS], moved, atol=1e-10)


def test_refusals():
    with pytest.raises(AlignmentError, match="rows and columns differ"):
        leontief_inverse(A.rename(columns={"r": "x"}))
    with pytest.raises(DataError, match="not productive"):
        leontief_inverse(A * 3)
    with pytest.raises(DataError, match="not productive"):
        leontief_inverse(-A)
    with pytest.raises(AlignmentError, match=r"other labels .t"):
        input_output_transfer(A, A.iloc[:2], A)
