"""The map to ask: outlines, classes, gaps, neighbours and minutes as in the frames; safe, small, always the same."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, OutputError
from yrdspatial.report.html import Paragraph, Section, SortableTableBlock, TableBlock, report_html
from yrdspatial.report.interactive import (
    PER_KM,
    Layer,
    MapBlock,
    as_script_data,
    map_content,
    neighbour_table,
    script,
)
from yrdspatial.report.style import CLUSTERS


@pytest.fixture
def synthetic_block(synthetic_shapes):
    units = synthetic_shapes.index
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame(rng.normal(size=(9, 3)), index=units, columns=[2018, 2019, 2020])
    numbers.loc[310000, 2019] = np.nan
    clusters = {
        name: pd.DataFrame({2018: ["HH"] * 9, 2020: ["LL"] * 8 + [None]}, index=units)
        for name in ("ring", "star")
    }
    layers = [Layer("An invented measure", {"": numbers}, breaks=[-1, 0, 1]), Layer("Clusters", clusters)]
    rows = [
        ("ring", year, unit, other, 30.4 + place)
        for year in (2018, 2019)
        for place, (unit, other) in enumerate(zip(units, np.roll(units, 1), strict=True))
    ]
    rows += [("star", 2020, units[0], other, np.inf) for other in units[1:]]
    neighbours = pd.DataFrame(rows, columns=["weights", "year", "unit", "neighbour", "minutes"])
    return MapBlock(
        "ask", synthetic_shapes, layers, neighbours, "Cities.", "Invented & small.", {"ring": "ring <road>"}
    )


def changed(block, **changes):
    return MapBlock(**{**vars(block), **changes})


def data_of(block):
    return json.loads(map_content(block)["data"])


def test_years_layers_and_weights_are_listed_in_order(synthetic_block):
    content = map_content(synthetic_block)
    assert (content["years"], content["year"]) == ([2018, 2019, 2020], 2020)
    assert content["layers"] == ["An invented measure", "Clusters"]
    assert content["weights"] == [{"key": "ring", "title": "ring <road>"}, {"key": "star", "title": "star"}]


def test_the_data_hold_the_numbers_of_the_frame(synthetic_block):
    table = synthetic_block.layers[0].tables[""]
    drawn = np.array(data_of(synthetic_block)["layers"][0]["tables"][""], dtype=float).T
    assert np.allclose(drawn, table.to_numpy(), rtol=5e-4, equal_nan=True)  # four digits
    assert data_of(synthetic_block)["layers"][0]["tables"][""][1][0] is None


def test_cities_in_another_order_stand_in_their_places(synthetic_block):
    first, second = synthetic_block.layers
    shuffled = Layer(first.title, {"": first.tables[""].sample(frac=1, random_state=1)}, first.breaks)
    assert data_of(changed(synthetic_block, layers=[shuffled, second])) == data_of(synthetic_block)


def test_the_first_fill_is_the_class_of_the_last_year(synthetic_block):
    content = map_content(synthetic_block)
    values = synthetic_block.layers[0].tables[""][2020].to_numpy()
    colors = json.loads(content["data"])["layers"][0]["colors"]
    assert [unit["fill"] for unit in content["units"]] == [
        colors[place] for place in np.searchsorted([-1, 0, 1], values)
    ]


def test_a_gap_has_no_colour(synthetic_block):
    first = synthetic_block.layers[0]
    early = Layer(first.title, {"": first.tables[""][[2018, 2019]]}, first.breaks)
    content = map_content(changed(synthetic_block, layers=[early]))
    assert content["units"][0]["fill"] == ""
    assert content["units"][1]["fill"] != ""


def test_clusters_keep_their_names_and_colours(synthetic_block):
    layer = data_of(synthetic_block)["layers"][1]
    assert layer["colors"] == CLUSTERS
    assert layer["tables"]["star"] == [["HH"] * 9, [None] * 9, ["LL"] * 8 + [None]]
    only = map_content(changed(synthetic_block, layers=synthetic_block.layers[1:]))
    assert [unit["fill"] for unit in only["units"]] == [CLUSTERS["LL"]] * 8 + [""]


def test_known_breaks_of_the_data_go_with_the_layer(synthetic_block):
    first = synthetic_block.layers[0]
    stepped = Layer(first.title, first.tables, first.breaks, {2019: "coverage widens"})
    assert data_of(changed(synthetic_block, layers=[stepped]))["layers"][0]["steps"] == {
        "2019": "coverage widens"
    }
    assert data_of(synthetic_block)["layers"][0]["steps"] == {}


def test_legends_name_the_cuts(synthetic_block):
    layer = data_of(synthetic_block)["layers"][0]
    assert layer["cuts"] == [-1.0, 0.0, 1.0]
    assert layer["legend"] == ["up to −1", "up to 0", "up to 1", "above 1"]
    assert len(layer["colors"]) == 4


def test_neighbours_and_minutes_are_those_of_the_table(synthetic_block):
    ring, star = data_of(synthetic_block)["weights"]
    assert ring["years"][0][1] == [[0, 31]]  # 30.4 + 1
    assert ring["years"][2] == [[]] * 9
    assert star["years"][2][0] == [[place, None] for place in range(1, 9)]
    assert star["years"][2][1:] == [[]] * 8


def test_outlines_are_the_polygons(synthetic_block, synthetic_shapes):
    albers = "+proj=aea +lat_1=28 +lat_2=34 +lat_0=31 +lon_0=119 +ellps=GRS80 +units=km"
    areas = synthetic_shapes.to_crs(albers).area.to_numpy()
    content = map_content(synthetic_block)
    width, height = map(int, content["viewbox"].split()[2:])
    for unit, area in zip(content["units"], areas, strict=True):
        numbers = np.array(re.findall(r"-?\d+", unit["path"]), dtype=float).reshape(-1, 2)
        ring = numbers.cumsum(axis=0)
        assert ring.min() >= 0
        assert (ring <= [width, height]).all()
        x, y = ring.T
        shoelace = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2 / PER_KM**2
        assert shoelace == pytest.approx(area, rel=0.01)  # corners are rounded to half a kilometre


def test_units_without_a_polygon_are_named(synthetic_block):
    first = synthetic_block.layers[0]
    more = Layer("x", {"": pd.concat([first.tables[""], pd.DataFrame({2018: [1.0]}, index=[999])])})
    with pytest.raises(AlignmentError, match="no polygon of 999"):
        map_content(changed(synthetic_block, layers=[more]))
    far = synthetic_block.neighbours.assign(neighbour=999)
    with pytest.raises(AlignmentError, match="no polygon of 999"):
        map_content(changed(synthetic_block, neighbours=far))


def test_a_layer_needs_a_table_for_every_weight(synthetic_block):
    half = Layer("Clusters", {"ring": synthetic_block.layers[1].tables["ring"]})
    with pytest.raises(OutputError, match=r"no table under star \[Clusters\]"):
        map_content(changed(synthetic_block, layers=[half]))


def test_a_map_needs_a_layer(synthetic_block):
    with pytest.raises(OutputError, match="needs a layer"):
        map_content(changed(synthetic_block, layers=[]))


def test_rail_neighbours_of_the_delta_come_with_their_minutes():
    times = yrd.travel_times([2008, 2020])
    table = neighbour_table({"rail": yrd.rail_weights(times), "W": yrd.rail_weights(times)}, times)
    assert table.groupby(["weights", "year", "unit"]).size().eq(5).all()
    for row in table.sample(30, random_state=0).itertuples():
        assert row.minutes == times.frame(row.year).loc[row.unit, row.neighbour]
    assert table.equals(
        neighbour_table({"rail": yrd.rail_weights(times), "W": yrd.rail_weights(times)}, times)
    )


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "]]>", '"', "\u2028"])
def test_no_text_ends_the_script(text):
    written = as_script_data({text: [text]})
    assert "<" not in written
    assert json.loads(written) == {text: [text]}


class Scripts(HTMLParser):
    """The scripts of a page, and its security policy."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.inside, self.policy = [], False, ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):  # noqa: D102
        given = dict(attributes)
        self.inside = tag == "script"
        if self.inside:
            self.texts.append([given.get("type", ""), ""])
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]

    def handle_endtag(self, tag):  # noqa: D102, ARG002
        self.inside = False

    def handle_data(self, data):  # noqa: D102
        if self.inside:
            self.texts[-1][1] += data


@pytest.fixture
def page(synthetic_block):
    table = pd.DataFrame({"verdict": ["replicated", "recorded"], "gap": [1.5, -2.0]})
    claims = SortableTableBlock("claims", table, "Claims.", filters=["verdict"])
    blocks = [
        Paragraph("See [[ask]] and [[claims]]."),
        synthetic_block,
        claims,
        TableBlock("plain", table, "Plain."),
    ]
    return report_html([Section("one", "One", blocks)], title="x")


def test_only_the_script_of_the_house_may_run(page):
    found = Scripts(page)
    code = [text for kind, text in found.texts if kind == ""]
    assert code == [script()[0]]
    digest = base64.b64encode(hashlib.sha256(code[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in found.policy
    assert found.policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in found.policy


def test_the_page_holds_the_data_and_asks_nobody(page, synthetic_block):
    found = Scripts(page)
    assert [json.loads(text) for kind, text in found.texts if kind == "application/json"] == [
        data_of(synthetic_block)
    ]
    body = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|fetch\(|XMLHttp|import\(|eval\(|innerHTML", body)


def test_exhibits_are_numbered_and_linked(page):
    assert '<a href="#ask">Figure 1</a>' in page
    assert '<a href="#claims">Table 1</a>' in page
    assert "<b>Figure 1.</b>Cities." in page
    assert "Invented &amp; small." in page
    assert "ring &lt;road&gt;" in page


def test_only_the_table_that_asks_for_it_is_sortable(page):
    assert page.count("<figure") == 3
    assert re.findall(r'id="(\w+)" data-filters="([^"]*)"', page) == [("claims", "[&#34;verdict&#34;]")]


def test_every_control_has_a_label_and_the_map_a_name(page):
    controls = re.findall(r"<label>[A-Z][a-z ]+<(?:output|select)", page)
    assert len(controls) == 4
    assert re.search(r'<svg class="plan"[^>]*tabindex="0"[^>]*aria-label="Figure 1: map', page)
    assert "<noscript>" in page


def test_a_page_without_them_has_no_script():
    page = report_html([Section("one", "One", [Paragraph("text")])], title="x")
    assert "<script" not in page
    assert "script-src" not in page


def test_a_filter_of_no_column_is_refused():
    block = SortableTableBlock("claims", pd.DataFrame({"a": [1]}), "Claims.", filters=["verdict"])
    with pytest.raises(OutputError, match=r"no column verdict \[claims\]"):
        report_html([Section("one", "One", [block])], title="x")


def test_the_same_blocks_give_the_same_bytes(page, synthetic_block):
    assert map_content(synthetic_block) == map_content(synthetic_block)
    assert page.count(map_content(synthetic_block)["data"]) == 1


def test_the_delta_is_small():
    shapes = yrd.load_shapes()
    layer = Layer("invented", {"": pd.DataFrame({2020: np.arange(41.0)}, index=shapes.index)})
    none = pd.DataFrame([], columns=["weights", "year", "unit", "neighbour", "minutes"])
    content = map_content(MapBlock("ask", shapes, [layer], none, "Cities."))
    assert sum(len(unit["path"]) for unit in content["units"]) < 60_000
    assert len({unit["name"] for unit in content["units"]}) == 41
