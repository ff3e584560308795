"""Industrial gradient coefficient and relative productivity."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import AlignmentError
from yrdspatial.industry.gradient import gradient_coefficient, relative_productivity
from yrdspatial.industry.location_quotient import location_quotient


def test_product_of_quotient_productivity_and_capital():
    a = pd.Series({"x": 1.5, "y": 2.0})
    b, c = pd.Series({"y": 0.5, "x": 0.8}), pd.Series({"x": 2.0, "y": 3.0})
    assert gradient_coefficient(a, b).to_dict() == pytest.approx({"x": 1.2, "y": 1.0})
    improved = gradient_coefficient(a, b, c)
    assert improved.to_dict() == pytest.approx({"x": 2.4, "y": 3.0})
    assert improved.attrs["variant"] == "LQ x CP x CCOR"


def test_productivity_weighted_by_labour_is_one():
    panel = load_panel().select(years=range(2013, 2020))
    ratio = relative_productivity(panel, "va_secondary", "emp_C_manufacturing")
    labour = panel.frame["emp_C_manufacturing"]
    weights = labour / labour.groupby("year").transform("sum")
    np.testing.assert_allclose((ratio * weights).groupby("year").sum(), 1, rtol=1e-12)


def test_panel_form_of_the_gradient():
    panel = load_panel().select(years=range(2013, 2020))
    quotient = location_quotient(panel.select(columns=sector_sets()["sectors_19"]))["emp_C_manufacturing"]
    ratio = relative_productivity(panel, "va_secondary", "emp_C_manufacturing")
    result = gradient_coefficient(quotient, ratio)
    assert result.index.names == ["unit", "year"]
    assert result.attrs["basis"] == "employment"
    assert result[310000, 2019] == pytest.approx(quotient[310000, 2019] * ratio[310000, 2019])


def test_zero_labour():
    table = pd.DataFrame({"q": [0.0, 5.0, 5.0], "l": [0.0, 0.0, 5.0]}, index=list("abc"))
    result = relative_productivity(table, "q", "l")
    assert np.isnan(result["a"])
    assert result["b"] == np.inf
    assert result.attrs["notes"] == ("0/0, not defined: a",)


def test_labels_must_agree():
    with pytest.raises(AlignmentError, match=r"other labels .Hefei"):
        gradient_coefficient(pd.Series({310000: 1.0}), pd.Series({310000: 1.0, 340100: 1.0}))
