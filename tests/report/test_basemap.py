"""The base of the maps: projection, outlines, hatching, names, scale bar, legend."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Patch
from shapely.geometry import MultiPolygon, Polygon, box

from yrdspatial.errors import AlignmentError
from yrdspatial.report.basemap import ALBERS, build_basemap, draw_legend, project, short_names
from yrdspatial.report.style import HATCH, LAND, figure_bytes, house_style

EARTH = 6371.0  # km


def panel_of(base):
    with house_style():
        figure, (panel,) = base.panels(1, columns=1, width=3.0, bottom=0.4)
    return figure, panel


def test_points_keep_their_distances():
    (shanghai, nanjing) = project([121.4737, 118.7969], [31.2304, 32.0603])
    lon, lat = np.deg2rad([121.4737, 118.7969]), np.deg2rad([31.2304, 32.0603])
    inner = np.sin(lat[0]) * np.sin(lat[1]) + np.cos(lat[0]) * np.cos(lat[1]) * np.cos(lon[0] - lon[1])
    # an equal-area map of a region this size stretches lengths by under 1 %
    assert np.linalg.norm(shanghai - nanjing) == pytest.approx(EARTH * np.arccos(inner), rel=0.01)


def test_areas_are_true(synthetic_shapes):
    base = build_basemap(synthetic_shapes)
    areas = [Polygon(outline.vertices[:-1]).area for outline in base.outlines]
    south, north = np.sin(np.deg2rad([30, 31]))
    # sphere against ellipsoid, and straight edges against parallels
    assert areas[0] == pytest.approx(EARTH**2 * np.deg2rad(1) * (north - south), rel=0.01)
    assert areas[0] > areas[8]


def test_panels_have_the_shape_of_the_map(synthetic_shapes):
    base = build_basemap(synthetic_shapes)
    figure, panel = panel_of(base)
    width, height = panel.get_position().size * figure.get_size_inches()
    left, low, right, high = base.extent
    assert height / width == pytest.approx((high - low) / (right - left))
    assert panel.get_xlim() == (left, right)
    assert not panel.axison


def signed_area(ring):
    """Shoelace formula: positive counter-clockwise, so that a hole drawn the other way round stays empty."""
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def test_holes_and_islands_are_in_the_outline():
    hole = Polygon(box(0, 0, 10, 10).exterior.coords[::-1], [list(box(4, 4, 6, 6).exterior.coords)])
    land = MultiPolygon([hole, box(20, 0, 21, 1)])
    shapes = gpd.GeoDataFrame({"name_zh": ["甲市"]}, geometry=[land], crs=ALBERS)
    (outline,) = build_basemap(shapes).outlines
    assert [signed_area(ring) for ring in outline.to_polygons()] == [100.0, -4.0, 1.0]


def test_small_islands_are_left_out_of_the_dark_borders(synthetic_shapes):
    land = gpd.GeoDataFrame(
        geometry=[MultiPolygon([box(118, 30, 119, 31), box(120, 30, 120.05, 30.05)])], crs=4326
    )
    base = build_basemap(synthetic_shapes, provinces=land)
    assert len(base.borders) == 1
    assert len(base.borders[0].vertices) == 5


def test_centres_lie_inside(synthetic_shapes):
    base = build_basemap(synthetic_shapes)
    assert all(path.contains_point(point) for path, point in zip(base.outlines, base.centres, strict=True))


def test_names_lose_their_suffix_only_at_the_end():
    assert short_names(pd.DataFrame({"name_zh": ["上海市", "市中区"]})).tolist() == ["上海", "市中区"]


def test_names_of_the_user_are_taken_by_label(synthetic_shapes):
    names = pd.Series({code: f"city {code}" for code in reversed(synthetic_shapes.index)})
    assert build_basemap(synthetic_shapes, names=names).names[0] == "city 310000"


def test_a_unit_without_a_label_is_named(synthetic_shapes):
    with pytest.raises(AlignmentError, match="no label for 320500"):
        build_basemap(synthetic_shapes, names=synthetic_shapes["name_zh"].drop(320500))


def test_all_units_are_land_without_colours(synthetic_shapes):
    base = build_basemap(synthetic_shapes)
    _, panel = panel_of(base)
    base.paint(panel)
    units, borders = panel.collections
    assert len(units.get_paths()) == 9
    assert {to_hex(color) for color in units.get_facecolors()} == {LAND}
    assert len(borders.get_paths()) == 0


def test_units_without_data_are_hatched(synthetic_shapes):
    base = build_basemap(synthetic_shapes)
    _, panel = panel_of(base)
    base.paint(panel, ["#112233"] * 7 + [None, None])
    known, blank, _ = panel.collections
    assert isinstance(blank, PatchCollection)
    assert (len(known.get_paths()), len(blank.get_paths())) == (7, 2)
    assert blank.get_hatch() == HATCH
    assert known.get_hatch() is None


def test_the_scale_bar_is_100_km_long(synthetic_shapes):
    base = build_basemap(synthetic_shapes)
    _, panel = panel_of(base)
    base.scale_bar(panel)
    (bar,) = panel.lines
    assert np.ptp(bar.get_xdata()) == pytest.approx(100.0)
    assert panel.texts[0].get_text() == "100 km"


def test_the_legend_names_what_is_hatched(synthetic_shapes):
    figure, _ = panel_of(build_basemap(synthetic_shapes))
    with house_style():
        draw_legend(figure, [Patch(label="1.0 – 2.0")], title="LQ", note="No data: 苏州", missing=True)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["1.0 – 2.0", "no data"]
    assert legend.get_title().get_text() == "LQ"
    assert [text.get_text() for text in figure.texts] == ["No data: 苏州"]
    figure_bytes(figure, dpi=50)
