"""Maps: classes shared over the years, gaps shown and named, lines by day of opening, clusters with one legend."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, OutputError
from yrdspatial.report.maps import choropleth_years, map_clusters, map_network, map_opening
from yrdspatial.report.style import (
    ACCENT,
    CLUSTERS,
    DOTS,
    HATCH,
    SEQUENTIAL,
    SERIES,
    figure_bytes,
    house_style,
)

YEARS = [2005, 2010, 2015]


@pytest.fixture
def synthetic_values(synthetic_shapes):
    grid = np.linspace(0.2, 2.8, 27).reshape(9, 3)
    return pd.DataFrame(grid, index=synthetic_shapes.index, columns=YEARS)


@pytest.fixture
def synthetic_clusters(synthetic_shapes):
    codes = [
        "HH",
        "HH",
        "LL",
        "HL",
        "LH",
        "not significant",
        "not significant",
        "not significant",
        "not significant",
    ]
    rows = [
        (unit, year, code) for year in YEARS for unit, code in zip(synthetic_shapes.index, codes, strict=True)
    ]
    return pd.DataFrame(rows, columns=["unit", "year", "cluster"])


def labels(figure):
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def words(panel):
    return {text.get_text() for text in panel.texts} - {"100 km"}


def fills(panel):
    return [to_hex(color) for color in panel.collections[0].get_facecolors()]


def lines(panel):
    return {
        to_hex(collection.get_colors()[0]): len(collection.get_segments())
        for collection in panel.collections
        if isinstance(collection, LineCollection) and len(collection.get_segments())
    }


def test_one_panel_a_year_and_one_legend(synthetic_shapes, synthetic_values):
    figure = choropleth_years(synthetic_shapes, synthetic_values, label="LQ (SYNTHETIC)")
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["2005", "2010", "2015"]
    assert len(figure.legends) == 1
    assert figure.legends[0].get_title().get_text() == "LQ (SYNTHETIC)"


def test_classes_are_the_same_in_every_year(synthetic_shapes, synthetic_values):
    frame = synthetic_values.assign(**{"2020": synthetic_values[2005]}).rename(columns={"2020": 2020})
    frame.loc[310000, 2015] = 2.75
    figure = choropleth_years(synthetic_shapes, frame, label="LQ")
    first, *_, last = figure.axes
    assert fills(first) == fills(last)
    legend = [float(part) for label in labels(figure) for part in label.split(" – ")]
    assert legend[1:-1:2] == legend[2::2]
    for panel, year in zip(figure.axes, frame, strict=True):
        classes = np.searchsorted(np.array(legend[1::2]) + 0.005, frame[year])
        assert fills(panel) == [SEQUENTIAL[c] for c in classes]


def test_breaks_of_the_user_are_printed(synthetic_shapes, synthetic_values):
    figure = choropleth_years(synthetic_shapes, synthetic_values, label="LQ", breaks=[0.8, 1.2], digits=1)
    assert labels(figure) == ["0.2 – 0.8", "0.8 – 1.2", "1.2 – 2.8"]


def test_a_value_on_a_break_belongs_to_the_class_below(synthetic_shapes, synthetic_values):
    frame = pd.DataFrame({2005: [1.0] * 8 + [2.0]}, index=synthetic_values.index)
    figure = choropleth_years(synthetic_shapes, frame, label="LQ", breaks=[1.0, 2.0])
    assert fills(figure.axes[0]) == [SEQUENTIAL[0]] * 8 + [SEQUENTIAL[-1]]


def test_missing_values_are_hatched_and_named(synthetic_shapes, synthetic_values):
    synthetic_values.loc[320500, 2010] = np.nan
    frame = synthetic_values.drop(330300)
    figure = choropleth_years(synthetic_shapes, frame, label="LQ")
    hatched = [sum(c.get_hatch() == HATCH for c in panel.collections) for panel in figure.axes]
    assert hatched == [1, 1, 1]
    assert figure.texts[-1].get_text() == "No data (hatched): 2005: 温州; 2010: 苏州、温州; 2015: 温州"
    assert labels(figure)[-1] == "no data"


def test_without_a_gap_nothing_is_hatched(synthetic_shapes, synthetic_values):
    figure = choropleth_years(synthetic_shapes, synthetic_values, label="LQ")
    assert all(collection.get_hatch() is None for panel in figure.axes for collection in panel.collections)
    assert "no data" not in labels(figure)
    assert figure.texts == []


def test_every_city_is_named_in_every_panel(synthetic_shapes, synthetic_values):
    figure = choropleth_years(synthetic_shapes, synthetic_values, label="LQ")
    names = set(synthetic_shapes["name_zh"].str.removesuffix("市"))
    assert all(words(panel) == names for panel in figure.axes)


def test_values_are_matched_by_label(synthetic_shapes, synthetic_values):
    first = choropleth_years(synthetic_shapes, synthetic_values, label="LQ")
    second = choropleth_years(synthetic_shapes, synthetic_values.sample(frac=1, random_state=1), label="LQ")
    assert [fills(panel) for panel in first.axes] == [fills(panel) for panel in second.axes]


def test_a_unit_without_a_polygon_is_named(synthetic_shapes, synthetic_values):
    frame = synthetic_values.rename(index={310000: 999999})
    with pytest.raises(AlignmentError, match="no polygon of 999999"):
        choropleth_years(synthetic_shapes, frame, label="LQ")


def test_only_the_years_asked_for_are_drawn_and_pooled(synthetic_shapes, synthetic_values):
    synthetic_values[2015] *= 100
    figure = choropleth_years(synthetic_shapes, synthetic_values, label="LQ", years=[2005, 2010])
    assert len(figure.axes) == 2
    assert float(labels(figure)[-1].split(" – ")[1]) < 3


def test_clusters_have_their_colours_and_counts(synthetic_shapes, synthetic_clusters):
    figure = map_clusters(synthetic_shapes, synthetic_clusters, label="SYNTHETIC, FDR 5 %")
    panel = figure.axes[0]
    assert fills(panel) == [
        CLUSTERS[code]
        for code in [
            "HH",
            "HH",
            "LL",
            "HL",
            "LH",
            "not significant",
            "not significant",
            "not significant",
            "not significant",
        ]
    ]
    assert panel.get_title(loc="left") == "2005: 2 HH, 1 LL, 1 HL, 1 LH"
    assert labels(figure)[-1] == "not significant"
    assert len(labels(figure)) == 5


def test_only_clusters_are_named(synthetic_shapes, synthetic_clusters):
    figure = map_clusters(synthetic_shapes, synthetic_clusters)
    assert words(figure.axes[0]) == {"上海", "南京", "无锡", "徐州", "常州"}


def test_a_year_without_a_cluster_is_drawn(synthetic_shapes, synthetic_clusters):
    figure = map_clusters(
        synthetic_shapes, synthetic_clusters.assign(cluster="not significant"), years=[2010]
    )
    assert figure.axes[0].get_title(loc="left") == "2010: 0 HH, 0 LL, 0 HL, 0 LH"
    assert words(figure.axes[0]) == set()


def test_units_without_a_cluster_are_hatched_and_named(synthetic_shapes, synthetic_clusters):
    table = synthetic_clusters[
        ~((synthetic_clusters["unit"] == 320500) & (synthetic_clusters["year"] == 2010))
    ]
    table = table.assign(cluster=table["cluster"].mask(table["cluster"] == "HL"))
    figure = map_clusters(synthetic_shapes, table, years=[2005, 2010])
    assert figure.texts[-1].get_text() == "No data (hatched): 2005: 徐州; 2010: 徐州、苏州"


def test_many_units_without_data_are_counted(synthetic_shapes, synthetic_values):
    names = pd.Series([f"c{code}" for code in synthetic_shapes.index], index=synthetic_shapes.index)
    more = pd.concat([synthetic_shapes, synthetic_shapes.set_axis(range(9))])
    names = pd.concat([names, pd.Series("x", index=range(9))])
    figure = choropleth_years(more, synthetic_values.iloc[:2], label="LQ", names=names, years=[2005])
    assert figure.texts[-1].get_text() == "No data (hatched): 2005: 16 cities"


def test_a_long_note_is_broken_and_stays_on_the_page(synthetic_shapes, synthetic_values):
    years = range(2000, 2012)
    frame = pd.DataFrame(dict.fromkeys(years, synthetic_values[2005]))
    frame.iloc[:6] = np.nan
    figure = choropleth_years(synthetic_shapes, frame, label="LQ")
    note = figure.texts[-1]
    assert note.get_text().count("\n") > 1
    with house_style():
        box = note.get_window_extent(figure.canvas.get_renderer())
    assert box.x0 > 0
    assert box.x1 < figure.bbox.width
    assert box.y1 < figure.axes[-1].get_window_extent().y0


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (6, 3), (7, 4), (8, 4), (9, 3)]
)
def test_rows_of_cluster_maps_are_filled(synthetic_shapes, synthetic_clusters, count, columns):
    one = synthetic_clusters[synthetic_clusters["year"] == 2005]
    figure = map_clusters(synthetic_shapes, pd.concat(one.assign(year=year) for year in range(count)))
    assert len({round(panel.get_position().x0, 6) for panel in figure.axes}) == columns


def test_a_second_row_of_a_unit_and_year_is_refused(synthetic_shapes, synthetic_clusters):
    twice = pd.concat([synthetic_clusters.assign(variable="a"), synthetic_clusters.assign(variable="b")])
    with pytest.raises(OutputError, match="draw one variable at a time"):
        map_clusters(synthetic_shapes, twice)


@pytest.fixture
def synthetic_lisa(synthetic_clusters):
    quadrants = ["HH", "HH", "LL", "HL", "LH", "HH", "LL", "LL", "HL"]
    pvalues = [0.001] * 5 + [0.03, 0.04, 0.2, 0.9]
    return synthetic_clusters.assign(quadrant=quadrants * 3, p_sim=pvalues * 3)


def test_units_that_fail_the_correction_are_dotted(synthetic_shapes, synthetic_lisa):
    figure = map_clusters(synthetic_shapes, synthetic_lisa, nominal=0.05)
    dotted = [c for c in figure.axes[0].collections if c.get_hatch() == DOTS]
    assert [len(collection.get_paths()) for collection in dotted] == [1, 1]
    assert labels(figure)[-1] == "dotted: p < 0.05, uncorrected"
    assert figure.axes[0].get_title(loc="left") == "2005: 2 HH, 1 LL, 1 HL, 1 LH"


def test_dots_have_the_colour_of_the_quadrant(synthetic_shapes, synthetic_lisa):
    one = synthetic_lisa[synthetic_lisa["unit"].isin([330100, 330200])]
    figure = map_clusters(
        synthetic_shapes, one.assign(quadrant="LL", p_sim=0.01, cluster="not significant"), nominal=0.05
    )
    plain = map_clusters(
        synthetic_shapes, one.assign(quadrant="HH", p_sim=0.01, cluster="not significant"), nominal=0.05
    )
    assert figure_bytes(figure, dpi=60) != figure_bytes(plain, dpi=60)


def test_nothing_is_dotted_unless_asked(synthetic_shapes, synthetic_lisa):
    for figure in (
        map_clusters(synthetic_shapes, synthetic_lisa),
        map_clusters(synthetic_shapes, synthetic_lisa, nominal=0.01),
    ):
        assert not any(c.get_hatch() == DOTS for panel in figure.axes for c in panel.collections)


def test_the_legend_stays_on_the_page_and_off_the_maps(synthetic_shapes, synthetic_lisa):
    figure = map_clusters(synthetic_shapes, synthetic_lisa.iloc[1:], nominal=0.05, label="SYNTHETIC")
    with house_style():
        figure.draw_without_rendering()
        box = figure.legends[0].get_window_extent()
    assert box.x0 > 0
    assert box.x1 < figure.bbox.width
    assert box.y0 > figure.texts[-1].get_window_extent().y1
    assert box.y1 < min(panel.get_window_extent().y0 for panel in figure.axes)


def test_clusters_of_other_names_are_refused(synthetic_shapes, synthetic_clusters):
    table = synthetic_clusters.replace({"cluster": {"HH": "high-high"}})
    with pytest.raises(OutputError, match="no cluster is called 'high-high'"):
        map_clusters(synthetic_shapes, table)


def test_clusters_of_unknown_units_are_refused(synthetic_shapes, synthetic_clusters):
    with pytest.raises(AlignmentError, match="no polygon of 310000"):
        map_clusters(synthetic_shapes.drop(310000), synthetic_clusters)


def test_lines_appear_on_the_day_they_open(synthetic_shapes, synthetic_units, synthetic_segments):
    figure = map_network(
        synthetic_shapes, synthetic_units, synthetic_segments, years=[2008, 2010, 2015, 2016]
    )
    assert [lines(panel) for panel in figure.axes] == [
        {SERIES[0]: 1},
        {SERIES[0]: 1, ACCENT: 1},
        {SERIES[0]: 2, ACCENT: 1},
        {SERIES[0]: 3},
    ]


def test_served_cities_are_counted_and_filled(synthetic_shapes, synthetic_units, synthetic_segments):
    first = pd.Series({310000: "2007-04-18", 320100: "2009-12-28"}).reindex(synthetic_units.index)
    figure = map_network(
        synthetic_shapes,
        synthetic_units,
        synthetic_segments,
        years=[2008, 2010],
        first_service=pd.to_datetime(first),
    )
    titles = [panel.get_title(loc="left") for panel in figure.axes]
    assert titles == ["2008: 1 of 9 cities served", "2010: 2 of 9 cities served"]
    assert labels(figure)[-2:] == ["served", "not served"]
    filled = [to_hex(color) for color in figure.axes[1].collections[-1].get_facecolors()]
    assert filled[2:] == ["#ffffff"] * 7
    assert "#ffffff" not in filled[:2]


def test_seats_lie_at_their_places(synthetic_shapes, synthetic_units, synthetic_segments):
    figure = map_network(synthetic_shapes, synthetic_units.iloc[::-1], synthetic_segments, years=[2008])
    panel = figure.axes[0]
    points = panel.collections[-1].get_offsets()
    outlines = panel.collections[0].get_paths()
    assert all(outline.contains_point(point) for outline, point in zip(outlines, points, strict=True))


def test_lines_are_coloured_by_period(synthetic_shapes, synthetic_units, synthetic_segments):
    figure = map_opening(
        synthetic_shapes, synthetic_units, synthetic_segments, until=[2008, 2009, 2014, 2020]
    )
    assert labels(figure) == ["to 2008", "2009", "2010–2014", "2015–2020"]
    assert sorted(lines(figure.axes[0]).values()) == [1, 1, 1]
    assert len(words(figure.axes[0])) == 9


def test_lines_after_the_last_period_are_left_out(synthetic_shapes, synthetic_units, synthetic_segments):
    figure = map_opening(synthetic_shapes, synthetic_units, synthetic_segments, until=[2008, 2012])
    assert sum(lines(figure.axes[0]).values()) == 2


def test_the_real_delta_is_drawn_with_all_its_names_and_the_same_bytes():
    def draw():
        network = yrd.load_rail()
        return map_opening(
            yrd.load_shapes(),
            yrd.load_units(),
            network.lines("2024-12-31"),
            until=[2008, 2012, 2016, 2020, 2024],
            provinces=yrd.load_shapes("province"),
        )

    figure = draw()
    assert len(words(figure.axes[0])) == 41
    assert {"苏州", "无锡", "常州", "舟山", "亳州", "衢州"} <= words(figure.axes[0])
    assert figure_bytes(figure, dpi=40) == figure_bytes(draw(), dpi=40)


def test_every_kind_of_map_repeats_byte_for_byte(synthetic_shapes, synthetic_values, synthetic_clusters):
    for draw in (
        lambda: choropleth_years(synthetic_shapes, synthetic_values, label="LQ"),
        lambda: map_clusters(synthetic_shapes, synthetic_clusters),
    ):
        assert figure_bytes(draw(), dpi=40) == figure_bytes(draw(), dpi=40)
