"""Every kind of figure keeps its words on the page, its names apart, and its panels off legend and note."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.report.basemap import short_names
from yrdspatial.report.figures import EFFECTS, change_plot, effects_plot, moran_over_time, moran_scatter
from yrdspatial.report.heatmap import weights_heatmap
from yrdspatial.report.maps import choropleth_years, map_clusters, map_network, map_opening
from yrdspatial.report.style import house_style

CODES = ["HH", "LL", "HL", "LH", "not significant"]
SLACK = 1.0  # pixels at 100 dpi: rounding of text boxes


def network(years):
    rail = yrd.load_rail()
    return map_network(
        yrd.load_shapes(),
        yrd.load_units(),
        rail.lines("2024-12-31"),
        years=years,
        first_service=rail.first_service(),
        provinces=yrd.load_shapes("province"),
    )


def opening():
    lines = yrd.load_rail().lines("2024-12-31")
    return map_opening(yrd.load_shapes(), yrd.load_units(), lines, until=[2008, 2012, 2016, 2020, 2024])


def choropleth(panels, gaps):
    shapes = yrd.load_shapes()
    invented = np.random.default_rng(0).lognormal(size=(41, panels))
    invented[:gaps] = np.nan
    frame = pd.DataFrame(invented, index=shapes.index, columns=range(2000, 2000 + panels))
    return choropleth_years(shapes, frame, label="an invented measure, in units of nothing")


def clusters(panels, nominal=None):
    shapes = yrd.load_shapes()
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([shapes.index, range(2000, 2000 + panels)], names=["unit", "year"])
    invented = pd.DataFrame({"cluster": rng.choice(CODES, len(index)), "quadrant": "HH"}, index=index)
    invented = invented.assign(p_sim=rng.uniform(size=len(index))).reset_index()
    return map_clusters(shapes, invented, label="an invented measure", nominal=nominal)


def over_time(variables, breaks=None):
    rng = np.random.default_rng(0)
    names = [f"variable {k}" for k in range(variables)]
    index = pd.MultiIndex.from_product([["contiguity", "rail of the year"], names, range(2003, 2023)])
    invented = index.to_frame(index=False).set_axis(["weights", "variable", "year"], axis=1)
    invented = invented.assign(
        I=rng.normal(size=len(index)), expected=-0.025, p_sim=rng.uniform(size=len(index))
    )
    return moran_over_time(invented, breaks={"variable 0": breaks or {}})


def scatter(panels, columns):
    units = yrd.load_units()
    values = pd.DataFrame(np.random.default_rng(0).normal(size=(41, panels)), index=units.index)
    return moran_scatter(
        values, 0.3 * values**3, short_names(units), label="an invented measure", columns=columns
    )


def effects(models, variables):
    index = pd.MultiIndex.from_product(
        [
            [f"model {k}" for k in range(models)],
            [f"a regressor of name {k}" for k in range(variables)],
            EFFECTS,
        ]
    )
    invented = index.to_frame(index=False).set_axis(["model", "variable", "effect"], axis=1)
    middle = np.random.default_rng(0).normal(size=len(index))
    return effects_plot(invented.assign(estimate=middle, lower=middle - 1, upper=middle + 1))


def heatmap(matrices):
    invented = np.random.default_rng(0).uniform(size=(41, 41))
    return weights_heatmap({f"matrix {k}": invented for k in range(matrices)}, yrd.load_units())


def change():
    units = yrd.load_units()
    before = pd.Series(np.random.default_rng(0).uniform(100, 500, 41), index=units.index)
    return change_plot(before, before / 2, short_names(units), times=("2008", "2022"), label="minutes")


FIGURES = {
    "network of six years": lambda: network([2008, 2010, 2012, 2016, 2020, 2024]),
    "network of one year": lambda: network([2016]),
    "opening": opening,
    "choropleth": lambda: choropleth(6, 0),
    "choropleth with gaps": lambda: choropleth(6, 4),
    "choropleth with many gaps": lambda: choropleth(4, 20),
    "clusters": lambda: clusters(6),
    "clusters dotted": lambda: clusters(7, nominal=0.05),
    "moran of one variable": lambda: over_time(1),
    "moran of four variables": lambda: over_time(
        4, {2004: "an early note", 2013: "a note", 2022: "a late note"}
    ),
    "scatter of one year": lambda: scatter(1, 1),
    "scatter of three years": lambda: scatter(3, 3),
    "effects of one model": lambda: effects(1, 1),
    "effects of three models": lambda: effects(3, 6),
    "heat maps": lambda: heatmap(4),
    "one heat map": lambda: heatmap(1),
    "change": change,
}
MAPS = [name for name in FIGURES if name.split()[0] in {"network", "opening", "choropleth", "clusters"}]


@pytest.fixture(scope="module", params=FIGURES, ids=lambda name: name.replace(" ", "-"))
def named(request):
    with house_style():
        figure = FIGURES[request.param]()
        figure.draw_without_rendering()
        yield request.param, figure


def title_of(panel):
    return panel._left_title  # the house puts titles at the left


def drawn_ticks(panel):
    if not panel.axison:
        return []
    across = [tick for tick in panel.get_xticklabels() if low_high(panel.get_xlim(), tick.get_position()[0])]
    return across + [
        tick for tick in panel.get_yticklabels() if low_high(panel.get_ylim(), tick.get_position()[1])
    ]


def low_high(limits, value):
    return min(limits) <= value <= max(limits)


def words(figure):
    texts = list(figure.texts) + [text for legend in figure.legends for text in legend.get_texts()]
    for panel in figure.axes:
        texts += [*panel.texts, title_of(panel), *drawn_ticks(panel)]
        texts += [panel.xaxis.label, panel.yaxis.label] if panel.axison else []
    return [text for text in texts if text.get_text()]


def test_no_word_leaves_the_page(named):
    _, figure = named
    for text in words(figure):
        box = text.get_window_extent()
        assert box.x0 > -SLACK, text.get_text()
        assert box.y0 > -SLACK, text.get_text()
        assert box.x1 < figure.bbox.width + SLACK, text.get_text()
        assert box.y1 < figure.bbox.height + SLACK, text.get_text()


def test_legends_stay_on_the_page_and_below_the_panels(named):
    _, figure = named
    low = min(panel.get_window_extent().y0 for panel in figure.axes)
    for legend in figure.legends:
        box = legend.get_window_extent()
        assert box.x0 > 0
        assert box.x1 < figure.bbox.width
        assert box.y1 < low


def test_panels_do_not_touch(named):
    _, figure = named
    boxes = [panel.get_window_extent() for panel in figure.axes]
    for first, second in combinations(boxes, 2):
        assert not first.overlaps(second)


def test_titles_do_not_run_into_the_panel_beside(named):
    _, figure = named
    titles = [title_of(panel).get_window_extent() for panel in figure.axes if panel.get_title(loc="left")]
    for first, second in combinations(titles, 2):
        assert not first.overlaps(second)


def test_names_on_maps_are_apart(named):
    name, figure = named
    for panel in figure.axes if name in MAPS else []:
        boxes = np.array(
            [text.get_window_extent().extents for text in panel.texts if text.get_text() != "100 km"]
        )
        if not len(boxes):
            continue
        width = np.minimum(boxes[:, None, 2], boxes[None, :, 2]) - np.maximum(
            boxes[:, None, 0], boxes[None, :, 0]
        )
        height = np.minimum(boxes[:, None, 3], boxes[None, :, 3]) - np.maximum(
            boxes[:, None, 1], boxes[None, :, 1]
        )
        shared = np.triu(np.clip(width, 0, None) * np.clip(height, 0, None), 1)
        area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1).mean()
        assert shared.max() < 0.1 * area  # the boxes of texts are larger than their ink
