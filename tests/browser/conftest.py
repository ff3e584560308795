"""A headless Chromium and a page with an interactive map of the delta and an invented table."""

import os
import shutil

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

import yrdspatial as yrd
from yrdspatial.report.html import Paragraph, Section, SortableTableBlock, TableBlock, render_report
from yrdspatial.report.interactive import Layer, MapBlock, neighbour_table

YEARS = [2008, 2016, 2020]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def block():
    """Invented numbers on the real map, contiguity and rail of three years."""
    shapes, times = yrd.load_shapes(), yrd.travel_times(YEARS)
    units = shapes.index
    numbers = pd.DataFrame({year: np.arange(41.0) + place for place, year in enumerate(YEARS)}, index=units)
    numbers.loc[310000, 2016] = np.nan
    kinds = np.resize(["HH", "LL", "not significant"], 41)
    clusters = {
        name: pd.DataFrame({year: np.roll(kinds, shift) for year in YEARS}, index=units)
        for shift, name in enumerate(("contiguity", "rail"))
    }
    rail = yrd.rail_weights(times)
    adjacent = yrd.WeightsSeries.from_frames(
        {year: yrd.contiguity_weights().adjacency.unstack(fill_value=0.0).loc[units, units] for year in YEARS}
    )
    return MapBlock(
        "ask",
        shapes,
        [
            Layer("An invented measure", {"": numbers}, steps={2020: "an invented break"}),
            Layer("Invented clusters", clusters),
        ],
        neighbour_table({"contiguity": adjacent, "rail": rail}, times),
        "The cities (invented numbers).",
        "Hatched: no data.",
        {"rail": "rail of the year"},
    )


@pytest.fixture(scope="session")
def address(block, tmp_path_factory):
    """Write the page and give its address."""
    verdicts = np.resize(["replicated", "not replicated", "not testable", "recorded"], 30)
    claims = pd.DataFrame(
        {
            "id": [f"N{place}" for place in range(30)],
            "verdict": verdicts,
            "gap": [np.nan if place == 4 else (-1) ** place * place * 100.5 for place in range(30)],
            "why": ["An invented reason of many words, so that it has to be wrapped. " * 3] * 30,
        }
    )
    wide = pd.DataFrame({f"column {place}": [place / 7] for place in range(40)})
    blocks = [
        Paragraph("See [[ask]] and [[claims]]."),
        block,
        SortableTableBlock(
            "claims", claims, "Claims (invented).", formats={"gap": ",.1f"}, filters=["verdict"]
        ),
        TableBlock("wide", wide, "Wide (invented)."),
    ]
    out = tmp_path_factory.mktemp("report") / "report.html"
    return render_report([Section("one", "One", blocks)], out, title="The delta").as_uri()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(params=[(1200, 900), (390, 844)], ids=["desk", "phone"])
def page(request, browser, address):
    """Open the page at the size of a desk and of a phone; no error, no warning and no request may come from it."""
    width, height = request.param
    tab = browser.new_page(viewport={"width": width, "height": height})
    heard = []
    tab.on("console", lambda message: heard.append(message.text) if message.type != "log" else None)
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on(
        "request", lambda asked: None if asked.url.startswith((address, "data:")) else heard.append(asked.url)
    )
    tab.goto(address)
    yield tab
    tab.close()
    assert heard == []
