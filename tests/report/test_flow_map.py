"""The flow map: which flows are drawn, where, how wide, and what is said of the rest."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch

from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.flows.table import Flows
from yrdspatial.report.basemap import project
from yrdspatial.report.flow_map import THICK, arc, flow_map, largest_flows
from yrdspatial.report.style import PERIODS, SERIES, figure_bytes
from yrdspatial.tables.speech import speaking


@pytest.fixture
def synthetic_flows(synthetic_shapes):
    units = synthetic_shapes.index
    table = pd.DataFrame(np.zeros((9, 9)), units, units)
    table.loc[310000, 320100], table.loc[320100, 310000], table.loc[330300, 320500] = 100.0, 40.0, 60.0
    return Flows.from_frames({2019: table, 2020: 2 * table})


def arcs(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]


def test_the_largest_come_last_and_the_share_is_of_all_between_units(synthetic_flows):
    chosen, share = largest_flows(synthetic_flows, 2019, 2)
    assert chosen["flow"].tolist() == [60.0, 100.0]
    assert chosen["origin"].tolist() == [330300, 310000]
    assert share == 160 / 200
    every, whole = largest_flows(synthetic_flows, 2020, 99)
    assert len(every) == 3
    assert whole == 1.0


def test_flows_within_units_and_unknown_ones_are_not_drawn():
    table = pd.DataFrame([[50.0, np.nan], [3.0, 70.0]], index=["a", "b"], columns=["a", "b"])
    chosen, share = largest_flows(Flows.from_frames(table), None, 9)
    assert chosen.to_numpy().tolist() == [["b", "a", 3.0]]
    assert share == 1.0


def test_arcs_bend_to_the_right_of_their_way_and_both_ways_do_not_meet():
    a, b = np.array([0.0, 0.0]), np.array([10.0, 0.0])
    there, back = arc(a, b), arc(b, a)
    assert (there[1:-1, 1] < 0).all()
    assert (back[1:-1, 1] > 0).all()
    np.testing.assert_allclose(there[[0, -1]], [a, b])


def test_ends_widths_and_colours(synthetic_flows, synthetic_shapes, synthetic_units):
    figure = flow_map(synthetic_flows, synthetic_shapes, synthetic_units, year=2019, top=2, unit="firms")
    pieces = arcs(figure)
    assert len(pieces) == 4
    first, last = pieces[-2], pieces[-1]
    seats = project(synthetic_units["seat_lon"], synthetic_units["seat_lat"])
    np.testing.assert_allclose(first.get_path().vertices[0], seats[0])
    np.testing.assert_allclose(last.get_path().vertices[-1], seats[1])
    assert [to_hex(piece.get_edgecolor()) for piece in (first, last)] == [SERIES[1], PERIODS[0]]
    assert first.get_linewidth() == THICK > pieces[0].get_linewidth()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["100", "50", "10"]
    assert legend.get_title().get_text() == "firms"
    assert figure.axes[0].get_title(loc="left") == "2019"
    assert "The 2 largest flows between cities, 80% of all" in {text.get_text()[:46] for text in figure.texts}


def test_in_chinese_and_the_same_bytes_twice(synthetic_flows, synthetic_shapes, synthetic_units):
    with speaking("zh"):
        figures = [flow_map(synthetic_flows.at(2019), synthetic_shapes, synthetic_units) for _ in range(2)]
    assert any("城市间最大的3笔流量" in text.get_text() for text in figures[0].texts)
    one, two = (figure_bytes(figure, dpi=60) for figure in figures)
    assert one == two


def test_small_flows_have_decimals(synthetic_flows, synthetic_shapes, synthetic_units):
    small = Flows(synthetic_flows.array / 100, synthetic_flows.units, synthetic_flows.years)
    figure = flow_map(small, synthetic_shapes, synthetic_units, year=2019)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["1", "0.5", "0.1"]


def test_refused(synthetic_flows, synthetic_shapes, synthetic_units):
    nothing = Flows(0 * synthetic_flows.array, synthetic_flows.units, synthetic_flows.years)
    with pytest.raises(SpecificationError, match="no flow between units"):
        flow_map(nothing, synthetic_shapes, synthetic_units, year=2019)
    with pytest.raises(SpecificationError, match="no such year"):
        flow_map(synthetic_flows, synthetic_shapes, synthetic_units)
    with pytest.raises(AlignmentError, match="no polygon"):
        flow_map(synthetic_flows.at(2019), synthetic_shapes.drop(index=320500), synthetic_units)
