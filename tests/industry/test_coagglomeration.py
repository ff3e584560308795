"""Co-agglomeration of two location quotients: ranges, alignment, 0/0."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.industry.coagglomeration import coagglomeration
from yrdspatial.industry.location_quotient import location_quotient

amounts = st.lists(st.tuples(st.floats(0.01, 50), st.floats(0.01, 50)), min_size=2, max_size=8)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(amounts)
def test_short_is_in_unit_interval_symmetric_and_long_adds_the_height(pairs):
    a, b = (pd.Series(values) for values in zip(*pairs, strict=True))
    short = coagglomeration(a, b, variant="short")
    assert short.between(0, 1).all()
    np.testing.assert_allclose(short, [2 * min(x, y) / (x + y) for x, y in pairs], atol=1e-12)
    np.testing.assert_array_equal(short, coagglomeration(b, a, variant="short"))
    np.testing.assert_allclose(coagglomeration(a, b, variant="long"), short + a + b)


def test_aligned_by_label():
    a, b = pd.Series({"x": 1.0, "y": 2.0}), pd.Series({"y": 2.0, "x": 3.0})
    assert coagglomeration(a, b, variant="short").to_dict() == {"x": 0.5, "y": 1.0}


def test_both_zero_is_not_defined_one_zero_is_zero():
    result = coagglomeration(
        pd.Series({"x": 0.0, "y": 0.0}), pd.Series({"x": 0.0, "y": 3.0}), variant="short"
    )
    assert np.isnan(result["x"])
    assert result["y"] == 0
    assert result.attrs["notes"] == ("0/0, not defined: x",)


def test_panel_form_keeps_flags_once():
    panel = load_panel().select(columns=sector_sets()["sectors_19"])
    sets = sector_sets()
    quotients = location_quotient(
        panel, groups={name: sets[name] for name in ("manufacturing", "producer_services_5")}
    )
    result = coagglomeration(quotients["manufacturing"], quotients["producer_services_5"], variant="short")
    assert result.index.names == ["unit", "year"]
    notes = result.attrs["notes"]
    assert len(notes) == len(set(notes)) > 1
    assert result.attrs["variant"].startswith("short: 1 - |a - b|")


def test_refusals():
    a = pd.Series({340100: 1.0})
    with pytest.raises(AlignmentError, match=r"other labels .310000"):
        coagglomeration(a, pd.Series({340100: 1.0, 310000: 1.0}), variant="short")
    with pytest.raises(AlignmentError, match="there twice"):
        coagglomeration(pd.concat([a, a]), a, variant="short")
    with pytest.raises(DataError, match=r"negative .Hefei"):
        coagglomeration(a, -a, variant="long")
    with pytest.raises(SpecificationError, match="variant=middle"):
        coagglomeration(a, a, variant="middle")
    with pytest.raises(TypeError):
        coagglomeration(a, a)
