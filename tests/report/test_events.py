"""Figures of event studies and openings: places, colours, intervals and years read back from the figure."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from yrdspatial.errors import OutputError
from yrdspatial.report.events import event_plot, openings_plot
from yrdspatial.report.style import SERIES, figure_bytes
from yrdspatial.tables.speech import speaking
from yrdspatial.treatment.results import EventStudy


def synthetic_study(shift=0.0, *, bands=False):
    index = pd.Index([-3, -2, 0, 1], name="event_time")
    estimate = np.array([0.1, -0.1, 1.0, 2.0]) + shift
    table = pd.DataFrame(
        {"estimate": estimate, "lower": estimate - 0.5, "upper": estimate + 0.5}, index=index
    )
    if bands:
        table = table.assign(band_lower=estimate - 0.9, band_upper=estimate + 0.9)
    att = pd.Series({"estimate": 1.5, "std_error": 0.2})
    return EventStudy("twoways", "not_yet", "y", table, att, None, table, table, table, 41, 0.95, ())


@pytest.fixture
def synthetic_openings():
    first = pd.array([2010, 2008, None, 2025], dtype="Int64")
    return pd.DataFrame({"name_en": list("ABCD"), "first_year": first}, index=[1, 2, 3, 4])


def of_kind(panel, kind):
    return [one for one in panel.collections if isinstance(one, kind)]


def test_methods_stand_side_by_side_at_their_event_times():
    panel = event_plot({"one": synthetic_study(), "two": synthetic_study(0.3)}).axes[0]
    one, two = (np.asarray(dots.get_offsets()) for dots in of_kind(panel, PathCollection))
    assert ((one + two) / 2)[:, 0] == pytest.approx([-3, -2, 0, 1])
    assert (one[:, 0] < two[:, 0]).all()
    assert one[:, 1] == pytest.approx([0.1, -0.1, 1.0, 2.0])
    colors = [to_hex(dots.get_facecolors()[0]) for dots in of_kind(panel, PathCollection)]
    assert colors == list(SERIES[:2])


def test_bands_stand_behind_intervals():
    panel = event_plot({"one": synthetic_study(bands=True)}).axes[0]
    bands, intervals = (np.array(lines.get_segments())[:, :, 1] for lines in of_kind(panel, LineCollection))
    assert intervals[2] == pytest.approx([0.5, 1.5])
    assert bands[2] == pytest.approx([0.1, 1.9])
    assert any(set(line.get_xdata()) == {-0.5} for line in panel.lines)


def test_what_cannot_be_told_apart_is_refused():
    with pytest.raises(OutputError, match="0 studies"):
        event_plot({})
    with pytest.raises(OutputError, match="6 studies"):
        event_plot({str(n): synthetic_study() for n in range(6)})


def test_cities_are_in_the_order_of_service(synthetic_openings):
    first, second = openings_plot(synthetic_openings, range(2006, 2021)).axes
    ticks = sorted(zip(first.get_yticks(), [t.get_text() for t in first.get_yticklabels()], strict=True))
    assert [name for _, name in ticks] == ["C", "D", "A", "B"]
    spans = np.array(of_kind(first, LineCollection)[0].get_segments())[:, :, 0]
    assert spans.tolist() == [[2008, 2021], [2010, 2021]]
    shares = dict(zip(second.lines[0].get_xdata(), second.lines[0].get_ydata(), strict=True))
    assert [shares[2007], shares[2008], shares[2020]] == [0.0, 0.25, 0.5]


def test_names_and_language(synthetic_openings):
    names = {1: "甲", 2: "乙", 3: "丙", 4: "丁"}
    with speaking("zh"):
        first, second = openings_plot(synthetic_openings, range(2006, 2021), names=names).axes
        assert event_plot({"one": synthetic_study()}).axes[0].get_xlabel() == "距首个通高铁年份的年数"
    assert {t.get_text() for t in first.get_yticklabels()} == set(names.values())
    assert second.get_ylabel() == "城市占比"


def test_panels_do_not_overlap(synthetic_openings):
    figure = openings_plot(synthetic_openings, range(2006, 2021))
    above, below = (panel.get_position() for panel in figure.axes)
    assert 0 < below.y0 < below.y1 < above.y0 < above.y1 < 1


def test_the_figures_repeat_byte_for_byte(synthetic_openings):
    for draw in (
        lambda: event_plot({"one": synthetic_study()}),
        lambda: openings_plot(synthetic_openings, range(2006, 2012)),
    ):
        assert figure_bytes(draw(), dpi=40) == figure_bytes(draw(), dpi=40)
