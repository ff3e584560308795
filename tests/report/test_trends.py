"""Lines over the years: values, cuts at breaks, notes."""

import pandas as pd
import pytest

from yrdspatial.errors import OutputError
from yrdspatial.report.style import SERIES, figure_bytes
from yrdspatial.report.trends import lines_over_years

LABELS = {"share": "% of all", "pace": "points"}


@pytest.fixture
def synthetic_lines():
    rows = [
        (panel, series, year, base + year - 2015)
        for panel in LABELS
        for series, base in (("Anhui", 1.0), ("Zhejiang", 10.0))
        for year in (2018, 2016, 2017, 2019, 2020)
    ]
    return pd.DataFrame(rows, columns=["panel", "series", "year", "value"])


def paths(panel):
    return [line for line in panel.lines if line.get_color() in SERIES and len(line.get_xdata()) > 1]


def test_a_line_is_cut_at_a_break_and_drawn_in_order_of_years(synthetic_lines):
    figure = lines_over_years(synthetic_lines, labels=LABELS, breaks={"share": {2019: "census"}})
    first, second = figure.axes
    assert [list(line.get_xdata()) for line in paths(first)][:2] == [[2016, 2017, 2018], [2019, 2020]]
    assert list(paths(first)[0].get_ydata()) == [2.0, 3.0, 4.0]
    assert [list(line.get_xdata()) for line in paths(second)] == [[2016, 2017, 2018, 2019, 2020]] * 2
    assert [text.get_text() for text in first.texts] == ["census"]
    assert not second.texts


def test_panels_have_their_labels_and_titles(synthetic_lines):
    figure = lines_over_years(synthetic_lines, labels=LABELS, titles={"share": "Share", "Anhui": "安徽"})
    assert [panel.get_ylabel() for panel in figure.axes] == ["% of all", "points"]
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["Share", "pace"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["安徽", "Zhejiang"]


def test_the_note_stays_over_the_lines(synthetic_lines):
    figure = lines_over_years(synthetic_lines, labels=LABELS, breaks={"share": {2019: "census"}})
    panel = figure.axes[0]
    assert panel.get_ylim()[1] > synthetic_lines["value"].max() * 1.03


def test_too_many_series_are_refused(synthetic_lines):
    many = pd.concat([synthetic_lines.assign(series=f"s{place}") for place in range(6)])
    with pytest.raises(OutputError, match="6 series cannot be told apart"):
        lines_over_years(many, labels=LABELS)


def test_the_figure_repeats_byte_for_byte(synthetic_lines):
    first, second = (figure_bytes(lines_over_years(synthetic_lines, labels=LABELS), dpi=40) for _ in range(2))
    assert first == second
