"""Rows become positions by label, and what is not a balanced panel is refused by name."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.models.sample import read_sample
from yrdspatial.panel.panel import Panel


def frame(rows):
    index = pd.MultiIndex.from_tuples(rows, names=["unit", "year"])
    return pd.DataFrame({"y": np.arange(float(len(rows)))}, index)


ROWS = [("b", 2002), ("a", 2001), ("b", 2001), ("a", 2002)]


def test_rows_are_sorted_by_period_and_unit():
    sample = read_sample(frame(ROWS))
    assert sample.shape == (2, 2)
    assert sample.frame["y"].tolist() == [1.0, 2.0, 3.0, 0.0]
    assert sample.series(np.array([[1.0, 2.0], [3.0, 0.0]]), "y").tolist() == [0.0, 1.0, 2.0, 3.0]
    assert sample.place(3) == "b 2002"
    assert not sample.cross_section


def test_a_cross_section_has_one_period():
    data = pd.DataFrame({"y": [2.0, 1.0]}, index=["b", "a"])
    sample = read_sample(data)
    assert sample.cross_section
    assert sample.shape == (1, 2)
    assert sample.place(1) == "b"
    assert sample.series(np.array([[1.0, 2.0]]), "z").loc["b"] == 2.0


def test_a_panel_object_is_read_like_its_frame():
    data = frame([(310000, 2001), (310000, 2002), (320100, 2001), (320100, 2002)])
    sample = read_sample(Panel.from_frame(data))
    assert sample.units.tolist() == [310000, 320100]
    assert sample.place(1) == "Nanjing 2001"


def test_missing_rows_are_named():
    with pytest.raises(GapError, match=r"unbalanced.*b 2002"):
        read_sample(frame(ROWS[1:]))


def test_repeated_rows_are_named():
    with pytest.raises(AlignmentError, match=r"repeat.*a 2001"):
        read_sample(frame([*ROWS, ("a", 2001)]))


def test_a_row_without_a_label_is_refused():
    with pytest.raises(AlignmentError, match="no label"):
        read_sample(frame([*ROWS[:3], (np.nan, 2002)]))


def test_labels_of_mixed_types_keep_the_order_of_appearance():
    sample = read_sample(frame([(1, 2001), ("a", 2001), (1, 2002), ("a", 2002)]))
    assert sample.units.tolist() == [1, "a"]


@pytest.mark.parametrize(
    "bad", [np.zeros((3, 2)), frame(ROWS).iloc[:0], frame(ROWS).set_index("y", append=True).assign(x=1.0)]
)
def test_what_is_no_panel_is_refused(bad):
    with pytest.raises(SpecificationError):
        read_sample(bad)
