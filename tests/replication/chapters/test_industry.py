"""Chapter on specialization: leaders, means and the ranking counted again from the panel."""

import re

import numpy as np
import pytest

from yrdspatial.panel.columns import sector_sets
from yrdspatial.replication.chapters.industry import industry_chapter, leaders, maps, ranking
from yrdspatial.replication.exhibits import Drawing, Exhibit


@pytest.fixture(scope="module")
def text(study, measures):
    return leaders(study, measures)


def quotients(study, part, whole, year):
    """Location quotients of a group of sectors by plain sums, as (quotient, code), largest first."""
    frame = study.panel.frame.xs(year, level="year")
    own = {
        code: sum(row[name] for name in part) / sum(row[name] for name in whole)
        for code, row in frame.iterrows()
    }
    delta = frame[part].to_numpy().sum() / frame[whole].to_numpy().sum()
    return sorted(((share / delta, code) for code, share in own.items()), reverse=True)


def named(study, ranked, count):
    """Names of the first cities."""
    codes = [code for _, code in ranked[:count]]
    return ", ".join(f"{study.units['name_zh'][code][:-1]} {study.units['name_en'][code]}" for code in codes)


@pytest.mark.parametrize(
    ("pattern", "group", "basis", "year", "count"),
    [
        (r"manufacturing employment belong to (.*); those of", "manufacturing", "sectors_19", 2019, 5),
        (r"producer services \(five sectors\) to (.*?)\. By", "producer_services_5", "sectors_19", 2019, 5),
        (r"secondary sector weighs most in (.*) and the tertiary", "va_secondary", "three_sectors", 2022, 3),
        (r"and the tertiary in (.*?)\. The mean", "va_tertiary", "three_sectors", 2022, 3),
    ],
)
def test_the_text_names_the_leaders(study, text, pattern, group, basis, year, count):
    sets = sector_sets()
    part = [group] if group.startswith("va_") else sets[group]
    ranked = quotients(study, part, sets[basis], year)
    assert re.search(pattern, text)[1] == named(study, ranked, count)


def test_the_text_says_the_mean_krugman_index(study, text):
    columns = sector_sets()["sectors_19"]
    for year, said in re.findall(r"(\d\.\d{3}) in (\d{4})", text):
        table = study.panel.frame.xs(int(said), level="year")[columns].to_numpy()
        rest = table.sum(axis=0) - table
        gaps = np.abs(table / table.sum(axis=1, keepdims=True) - rest / rest.sum(axis=1, keepdims=True))
        assert float(year) == pytest.approx(gaps.sum(axis=1).mean(), abs=0.0005 + 1e-12)
    assert len(re.findall(r"\d\.\d{3} in \d{4}", text)) == 2


def test_the_ranking_falls_with_manufacturing(study, measures):
    table = ranking(study, measures)
    expected = quotients(study, sector_sets()["manufacturing"], sector_sets()["sectors_19"], 2019)
    values = table.frame["Manufacturing"]
    np.testing.assert_allclose(values, [value for value, _ in expected], rtol=1e-12)
    assert list(values.index) == [named(study, [pair], 1) for pair in expected]
    assert set(table.formats) == set(table.frame.columns)
    assert table.caption.endswith("employment in 2019 and by value added in 2022.")


def test_the_chapter_holds_maps_and_whole_tables(study, measures):
    parts = industry_chapter(study, measures).parts
    assert [part.key for part in parts if isinstance(part, Drawing)] == [
        "lq-manufacturing",
        "lq-producer-services-5",
        "lq-va-secondary",
    ]
    rows = {part.key: len(part.frame) for part in parts if isinstance(part, Exhibit) and part.long}
    assert rows == {"lq-sectors": 697, "lq-groups": 697, "lq-value-added": 820, "krugman": 697}


def test_a_map_for_each_year_with_the_same_classes(study, measures):
    drawing = maps(study, measures.groups["manufacturing"], [2005, 2012], "Basis.")
    assert drawing.alt.endswith("2005, 2012.")
    assert drawing.note == "Basis."
    titles = [axes.get_title(loc="left") + axes.get_title() for axes in drawing.drawn().axes]
    assert [year for year in ("2005", "2012") if any(year in said for said in titles)] == ["2005", "2012"]
