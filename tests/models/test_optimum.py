"""The maximizer on functions whose maxima are known."""

import numpy as np
import pytest

from yrdspatial.errors import EstimationError
from yrdspatial.models.optimum import inner_ends, maximize


def test_one_maximum_inside():
    point, at_bound = maximize(lambda r: -2.0 * (r - 0.3), lambda r: -((r - 0.3) ** 2), (-1.5, 1.0))
    assert point == pytest.approx(0.3, abs=1e-13)
    assert not at_bound


def test_the_higher_of_two_maxima():
    def objective(r):
        return -((r**2 - 0.25) ** 2) + 0.05 * r

    point, at_bound = maximize(lambda r: -4.0 * r * (r**2 - 0.25) + 0.05, objective, (-1.0, 1.0))
    grid = np.linspace(-1, 1, 200_001)
    assert point == pytest.approx(grid[objective(grid).argmax()], abs=1e-5)
    assert not at_bound


@pytest.mark.parametrize(("sign", "end"), [(1.0, 1), (-1.0, 0)])
def test_a_monotone_function_has_its_maximum_at_an_end(sign, end):
    point, at_bound = maximize(np.vectorize(lambda _: sign), lambda r: sign * r, (-2.0, 1.0))
    assert at_bound
    assert point == pytest.approx(inner_ends((-2.0, 1.0))[end])


def test_a_minimum_inside_leaves_the_better_end():
    point, at_bound = maximize(lambda r: r - 0.2, lambda r: 0.5 * (r - 0.2) ** 2, (-1.0, 1.0))
    assert at_bound
    assert point == pytest.approx(-1.0, abs=1e-6)


def test_a_score_that_is_nowhere_finite_is_an_error():
    with pytest.raises(EstimationError, match="not finite"):
        maximize(lambda r: r * np.nan, lambda r: r, (-1.0, 1.0))
