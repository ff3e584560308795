"""Standard errors, z, p and intervals of coefficients, by the formulas of the normal distribution."""

import math

import pandas as pd
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.models.coefficients import Coefficients


class Two(Coefficients):
    """Two estimates of a known covariance."""

    params = pd.Series([1.0, -3.0], ["a", "b"])
    cov = pd.DataFrame([[0.25, 0.1], [0.1, 4.0]], ["a", "b"], ["a", "b"])


def test_errors_z_and_p():
    assert Two().std_errors.to_dict() == {"a": 0.5, "b": 2.0}
    assert Two().zstats.to_dict() == {"a": 2.0, "b": -1.5}
    expected = [math.erfc(z / math.sqrt(2)) for z in (2.0, 1.5)]
    assert Two().pvalues.tolist() == pytest.approx(expected, rel=1e-12)


def test_intervals():
    table = Two().conf_int()
    assert table.loc["b"].tolist() == pytest.approx([-3 - 1.959963984540054 * 2, -3 + 1.959963984540054 * 2])


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.1])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(SpecificationError, match="no probability"):
        Two().conf_int(level)
