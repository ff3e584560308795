"""Chapters on distance and neighbours: every number of the text counted again from times, borders and dates."""

import re

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.chapters.distance import (
    MAP_YEARS,
    crossing_share,
    distance_chapter,
    gains,
    long_times,
    neighbours_chapter,
    times_from_shanghai,
    weights_table,
)
from yrdspatial.replication.exhibits import Drawing, Exhibit
from yrdspatial.report.html import Paragraph

SHANGHAI = 310000


@pytest.fixture(scope="module")
def distance(study):
    return distance_chapter(study)


@pytest.fixture(scope="module")
def neighbours(study):
    return neighbours_chapter(study)


def text_of(chapter):
    """Join the paragraphs of a chapter."""
    return " ".join(part.text for part in chapter.parts if isinstance(part, Paragraph))


def part_of(chapter, key):
    """One figure or table."""
    return next(part for part in chapter.parts if getattr(part, "key", None) == key)


def test_the_text_counts_the_cities_served(study, distance):
    served = study.rail.first_service()
    found = re.search(
        r"On 1 July 2007, .* reached (\d+) of the 41 cities, in 2016 (\d+), in 2022 (\d+)", text_of(distance)
    )
    for group, year in enumerate((2007, 2016, 2022), start=1):
        count = sum(pd.notna(day) and day <= pd.Timestamp(f"{year}-07-01") for day in served)
        assert int(found[group]) == count


def test_the_text_names_the_cities_without_service(study, distance):
    served = study.rail.first_service()
    left = [code for code in study.units.index if not served.get(code) <= pd.Timestamp("2022-07-01")]
    said = re.search(r"still without such a service: (.*)\.", text_of(distance))[1]
    assert len(left) == len(said.split(", "))
    assert all(study.units["name_en"][code] in said for code in left)


def test_the_text_says_the_median_time_from_shanghai(study, distance):
    medians = [round(study.times.frame(year).loc[SHANGHAI].median()) for year in (2007, 2022)]
    said = re.search(r"fell from (\d+) minutes to (\d+)\.", text_of(distance))
    assert abs(int(said[1]) - medians[0]) <= 0.5
    assert abs(int(said[2]) - medians[1]) <= 0.5
    assert medians[1] < medians[0]


def test_mean_times_are_drawn_as_they_are_described(study):
    mass = study.panel.frame["gdp"].xs(2005, level="year").reindex(study.times.units).to_numpy()
    others = np.where(np.eye(41, dtype=bool), 0.0, mass)
    means = [(study.times.frame(year) * others).sum(axis=1) / others.sum(axis=1) for year in (2007, 2022)]
    drawing = gains(study, 2007, 2022)
    assert f"shorter for {sum(means[1] < means[0])} of them" in drawing.alt
    assert (means[1] <= means[0]).all()
    assert drawing.caption.endswith("GDP of 2005, 2007 and 2022.")
    lines, before, after = drawing.drawn().axes[0].collections
    drawn = [piece[:, 0] for piece in lines.get_segments()]
    np.testing.assert_allclose(
        drawn, np.column_stack([before.get_offsets()[:, 0], after.get_offsets()[:, 0]])
    )
    names = [tick.get_text() for tick in drawing.drawn().axes[0].get_yticklabels()]
    codes = study.units.reset_index().set_index("name_zh")["adcode"]
    for name, pair in zip(names, drawn, strict=True):
        code = codes[f"{name}市"]
        np.testing.assert_allclose(pair, [means[0][code], means[1][code]], rtol=1e-12)


def test_times_from_shanghai_are_those_of_the_network(study):
    table = times_from_shanghai(study)
    assert table.frame.shape == (40, 20)
    assert list(table.shown) == ["2003", *map(str, MAP_YEARS)]
    assert not table.frame.index.str.contains("Shanghai").any()
    for year in (2003, 2022):
        minutes = study.times.frame(year).loc[SHANGHAI].drop(SHANGHAI)
        np.testing.assert_array_equal(table.frame[str(year)], minutes.round(0))
        assert table.formats[str(year)] == ".0f"


def test_long_times_hold_each_pair_once(study):
    table = long_times(study)
    assert len(table) == 20 * 41 * 40 // 2
    assert (table["from_adcode"] < table["to_adcode"]).all()
    assert not table.duplicated(["year", "from_adcode", "to_adcode"]).any()
    for _, row in table.sample(50, random_state=1).iterrows():
        minutes = study.times.frame(row["year"]).loc[row["to_adcode"], row["from_adcode"]]
        assert row["minutes"] == pytest.approx(minutes, abs=0.0501)
        assert row["mode"] == study.times.modes(row["year"]).loc[row["from_adcode"], row["to_adcode"]]


def test_the_text_counts_the_rail_links_kept(study, neighbours):
    then, now = (
        {
            (i, j)
            for i, row in enumerate(study.weights["rail"].array(study.units.index, [year])[0])
            for j in np.flatnonzero(row)
        }
        for year in (2008, 2022)
    )
    said = re.search(r"kept (\d+) % of the (\d+) rail links", text_of(neighbours))
    assert int(said[2]) == len(then) == 41 * 5
    assert int(said[1]) == round(100 * len(then & now) / len(then))


@pytest.mark.parametrize("family", ["contiguity", "rail", "rail_frozen"])
def test_crossing_share_counts_links_over_provincial_borders(study, family):
    province = study.units["province_en"]
    links = study.weights[family][2022].adjacency
    links = links[links > 0].reset_index()
    crossing = links["focal"].map(province).to_numpy() != links["neighbor"].map(province).to_numpy()
    assert crossing_share(study)[family] == pytest.approx(crossing.mean(), abs=1e-12)


def test_the_text_says_the_crossing_shares(study, neighbours):
    shares = crossing_share(study)
    said = re.search(
        r"contiguity (\d+) % cross a provincial border, of those by rail of 2022 (\d+) %", text_of(neighbours)
    )
    assert int(said[1]) == round(100 * shares["contiguity"])
    assert int(said[2]) == round(100 * shares["rail"])


def test_the_text_counts_the_pairs_that_touch(study, neighbours):
    pairs = int((study.weights["contiguity"].array(study.units.index, [2022])[0] > 0).sum() / 2)
    assert f"the {pairs - 1} pairs of polygons that touch, and the bridge" in text_of(neighbours)


def test_weights_table_counts_every_family_and_year(study):
    table = weights_table(study)
    assert len(table.frame) == 3 * 20
    assert set(table.shown["year"]) == {2008, 2016, 2022}
    rail = table.frame[(table.frame["weights"] == "rail of the year") & (table.frame["year"] == 2022)].iloc[0]
    assert (rail["neighbours_min"], rail["neighbours_max"]) == (5, 5)
    assert rail["effective_neighbours"] == pytest.approx(5, abs=1e-9)
    cube = study.weights["contiguity"].array(study.units.index, [2016])[0]
    row = table.frame[(table.frame["weights"] == "contiguity") & (table.frame["year"] == 2016)].iloc[0]
    assert row["neighbours_mean"] == pytest.approx((cube > 0).sum() / 41)
    assert row["effective_neighbours"] == pytest.approx((1 / (cube**2).sum(axis=1)).mean())


@pytest.mark.parametrize(
    ("name", "drawings", "exhibits"),
    [
        ("distance", ["rail-network", "accessibility-change"], ["times-from-shanghai", "travel-times"]),
        ("neighbours", ["weights"], ["weights-summary"]),
    ],
)
def test_what_the_chapters_hold(request, name, drawings, exhibits):
    parts = request.getfixturevalue(name).parts
    assert [part.key for part in parts if isinstance(part, Drawing)] == drawings
    assert [part.key for part in parts if isinstance(part, Exhibit)] == exhibits
    assert all(part.alt and part.caption for part in parts if isinstance(part, Drawing))


def test_a_new_year_is_in_the_text(study_2023):
    distance = distance_chapter(study_2023)
    assert "in 2023" in text_of(distance)
    assert part_of(distance, "times-from-shanghai").frame.columns[-1] == "2023"
    assert "rail of 2023" in text_of(neighbours_chapter(study_2023))
