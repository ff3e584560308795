"""The report of the main job itself, in both languages, at a desk and on a phone."""

import pytest
from playwright.sync_api import expect

import yrdspatial as yrd

SIZES = [(1200, 900), (390, 844)]


@pytest.fixture(scope="module", params=["en", "zh"])
def report(request, tmp_path_factory):
    out = tmp_path_factory.mktemp(request.param)
    return yrd.replicate(out, lang=request.param, progress=False)


@pytest.fixture(params=SIZES, ids=["desk", "phone"])
def sheet(request, browser, report):
    """Open the report; no error, no warning and no request may come from it."""
    width, height = request.param
    tab = browser.new_page(viewport={"width": width, "height": height})
    heard, address = [], (report.out / "report.html").resolve().as_uri()
    tab.on("console", lambda message: heard.append(message.text) if message.type != "log" else None)
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on(
        "request",
        lambda asked: heard.append(asked.url) if not asked.url.startswith((address, "data:")) else None,
    )
    tab.goto(address)
    yield tab
    tab.close()
    assert heard == []


def test_nothing_is_wider_than_the_screen(sheet):
    wide, room = sheet.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room


def test_all_claims_are_there_and_every_link_leads_somewhere(sheet):
    expect(sheet.locator("#claims-and-verdicts tbody tr")).to_have_count(125)
    lost = sheet.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
        ".filter(h => h.length > 1 && !document.getElementById(decodeURIComponent(h.slice(1))))"
    )
    assert lost == []


def test_each_layer_of_the_map_is_drawn_and_the_slider_moves_it(sheet):
    plan = sheet.locator("#map")
    for layer in range(plan.locator("select").first.locator("option").count()):
        plan.locator("select").first.select_option(index=layer)
        fills = plan.locator(".units path").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
        assert len(fills) == 41
        assert len(set(fills)) > 1
    plan.locator("input[type=range]").fill("0")
    expect(plan.locator("output")).not_to_be_empty()


def test_the_language_of_the_page_is_said(sheet):
    spoken = sheet.evaluate("document.documentElement.lang")
    text = sheet.locator("body").inner_text()
    chinese = sum("一" <= letter <= "鿿" for letter in text) / len(text)
    assert (spoken.startswith("zh"), chinese > 0.15) in {(True, True), (False, False)}
