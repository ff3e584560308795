"""The report in a browser: the slider, clicks, keys and filters answer; nothing is wider than a phone."""

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from yrdspatial.report.basemap import short_names
from yrdspatial.report.style import CLUSTERS

GAP = "url(#ask-gap)"


@pytest.fixture
def plan(page):
    return page.locator("#ask")


def fills(plan):
    return plan.locator(".units path").evaluate_all("all => all.map(one => one.getAttribute('fill'))")


def slide(plan, place):
    plan.locator("input[type=range]").fill(str(place))


def neighbours(block, family, year, unit):
    table = block.neighbours
    own = table[(table["weights"] == family) & (table["year"] == year) & (table["unit"] == unit)]
    names = short_names(block.shapes)
    return [
        (names[one], str(round(time))) for one, time in zip(own["neighbour"], own["minutes"], strict=True)
    ]


def listed(plan):
    rows = plan.locator(".city tbody tr")
    return [tuple(row.locator("th, td").all_text_contents()[:2]) for row in rows.all()]


def place_of(block, unit):
    return block.shapes.index.get_loc(unit)


def test_nothing_is_wider_than_the_screen(page):
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room


def test_every_city_is_drawn_and_the_first_layer_is_shown_in_its_last_year(plan, block):
    assert plan.locator(".units path").count() == 41
    expect(plan.locator("output")).to_have_text("2020")
    ranks = {color: rank for rank, color in enumerate(dict.fromkeys(fills(plan)))}
    values = block.layers[0].tables[""].loc[block.shapes.index, 2020]
    drawn = np.array([ranks[color] for color in fills(plan)])[np.argsort(values.to_numpy())]
    assert (np.diff(drawn) >= 0).all()


def test_the_slider_changes_year_colours_and_gaps(plan, block):
    before = fills(plan)
    slide(plan, 1)
    expect(plan.locator("output")).to_have_text("2016")
    after = fills(plan)
    assert after != before
    assert [place for place, color in enumerate(after) if color == GAP] == [place_of(block, 310000)]
    expect(plan.locator(".key li").last).to_have_text("no data")
    assert plan.locator("input[type=range]").get_attribute("aria-valuetext") == "2016"


def test_the_slider_moves_by_keys(page, plan):
    plan.locator("input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    expect(plan.locator("output")).to_have_text("2016")
    page.keyboard.press("Home")
    expect(plan.locator("output")).to_have_text("2008")


@pytest.mark.parametrize("family", ["contiguity", "rail"])
def test_clusters_follow_the_weights(plan, block, family):
    plan.locator("[name=layer]").select_option(label="Invented clusters")
    plan.locator("[name=weights]").select_option(label={"rail": "rail of the year"}.get(family, family))
    expected = block.layers[1].tables[family].loc[block.shapes.index, 2020].map(CLUSTERS)
    assert fills(plan) == expected.tolist()
    assert "HH: high among high" in plan.locator(".key").inner_text()


def test_a_click_shows_neighbours_and_minutes_of_year_and_weights(plan, block):
    plan.locator(".units path").nth(place_of(block, 320500)).click()
    expect(plan.locator(".city h4")).to_have_text("苏州")
    assert listed(plan) == neighbours(block, "contiguity", 2020, 320500)
    plan.locator("[name=weights]").select_option(label="rail of the year")
    assert listed(plan) == neighbours(block, "rail", 2020, 320500)
    slide(plan, 0)
    assert listed(plan) == neighbours(block, "rail", 2008, 320500)
    assert plan.locator(".links line.link").count() == 5
    assert plan.locator(".links path.near").count() == 5


def test_a_second_click_leaves_the_city(plan, block):
    city = plan.locator(".units path").nth(place_of(block, 340100))
    city.click()
    expect(plan.locator(".city h4")).to_have_text("合肥")
    city.click()
    expect(plan.locator(".city h4")).to_have_count(0)
    expect(plan.locator(".city")).to_contain_text("Click a city")


def test_the_series_has_a_point_a_year_and_is_cut_at_gaps_and_breaks(plan, block):
    joined = plan.locator('.series line[stroke="#0b4f8a"]')
    plan.locator("[name=city]").select_option(label="上海")
    assert plan.locator(".series circle").count() == 2
    assert joined.count() == 0  # 2016 is a gap
    plan.locator("[name=city]").select_option(label="苏州")
    assert plan.locator(".series circle").count() == 3
    assert joined.count() == 1  # 2008 to 2016; 2020 comes after the break
    assert plan.locator(".series .step").count() == 1
    expect(plan.locator(".city .note")).to_have_text("Cut where the data break: 2020: an invented break.")
    value = block.layers[0].tables[""].loc[320500, 2020]
    expect(plan.locator(".city p").first).to_have_text(f"An invented measure, 2020: {value:g}")


def test_the_map_is_walked_by_keys(page, plan, block):
    plan.locator("[name=city]").select_option(label="南京")
    plan.locator(".plan").focus()
    page.keyboard.press("ArrowRight")
    name = plan.locator(".city h4").text_content()
    west = block.shapes.to_crs(4326).representative_point().x.set_axis(short_names(block.shapes))
    assert west[name] > west["南京"]
    assert plan.locator("[name=city] option:checked").text_content() == name
    page.keyboard.press("Escape")
    expect(plan.locator(".city h4")).to_have_count(0)


def test_all_controls_are_reached_by_tab(page):
    page.locator("#ask input[type=range]").focus()
    reached = []
    for _ in range(5):
        reached.append(
            page.evaluate("document.activeElement.name || document.activeElement.getAttribute('class')")
        )
        page.keyboard.press("Tab")
    assert reached == ["year", "layer", "weights", "city", "plan"]


def rows(page):
    found = page.locator("#claims tbody tr").evaluate_all(
        "all => all.filter(row => !row.hidden).map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return pd.DataFrame(found, columns=["id", "verdict", "gap", "why"])


def test_the_verdict_filters_the_claims(page):
    verdict = page.locator("#claims select")
    assert verdict.locator("option").all_text_contents() == [
        "all (30)",
        "not replicated (8)",
        "not testable (7)",
        "recorded (7)",
        "replicated (8)",
    ]
    verdict.select_option("replicated")
    assert rows(page)["verdict"].tolist() == ["replicated"] * 8
    expect(page.locator("#claims .found")).to_have_text("8 of 30 rows")
    verdict.select_option("")
    assert len(rows(page)) == 30


def test_search_and_filter_work_together(page):
    page.locator("#claims input[type=search]").fill("n2")
    assert rows(page)["id"].str.startswith("N2").all()
    page.locator("#claims select").select_option("recorded")
    assert rows(page)["id"].tolist() == ["N23", "N27"]


def test_a_head_sorts_numbers_as_numbers_with_missing_ones_last(page):
    head = page.locator("#claims th button").nth(2)
    head.click()
    gaps = rows(page)["gap"].tolist()
    numbers = [float(gap.replace("−", "-").replace(",", "")) for gap in gaps[:-1]]
    assert (numbers == sorted(numbers), gaps[-1]) == (True, "–")
    head.press("Enter")
    falling = rows(page)["gap"].tolist()
    assert falling == [*gaps[-2::-1], "–"]
    assert page.locator("#claims th").nth(2).get_attribute("aria-sort") == "descending"


def test_a_head_sorts_words(page):
    page.locator("#claims th button").nth(1).click()
    assert rows(page)["verdict"].is_monotonic_increasing
    assert page.locator("#claims th[aria-sort]").count() == 1


def test_long_texts_are_wrapped(page):
    cell = page.locator("#claims tbody tr").first.locator("td").nth(3)
    expect(cell).to_have_class("long")
    assert cell.bounding_box()["width"] < page.viewport_size["width"]
    assert cell.bounding_box()["height"] > 40  # several lines
    assert page.locator("#claims tbody td.long").count() == 30


def test_other_tables_are_left_alone(page):
    assert page.locator("#wide button").count() == 0


def test_the_map_fits_its_box_and_can_be_hit_by_a_finger(page, plan):
    box = plan.locator(".plan").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    heights = [control.bounding_box()["height"] for control in plan.locator("select, input").all()]
    assert min(heights) >= 24  # WCAG 2.2, success criterion 2.5.8, level AA
