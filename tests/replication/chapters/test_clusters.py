"""Chapter on clustering: years, values and clusters of the text counted again from the table."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.chapters.clusters import (
    cluster_chapter,
    cluster_maps,
    cluster_part,
    described_clusters,
    lisa_table,
    moran_table,
    scatter,
    verdict,
)
from yrdspatial.replication.chapters.wording import BREAKS, pvalue, title
from yrdspatial.replication.clustering import LOCAL_VARIABLES, Clustering
from yrdspatial.replication.exhibits import Drawing
from yrdspatial.report.html import Caution, Paragraph

FAMILIES = {"contiguity": "contiguity", "rail": "rail of the year"}


@pytest.fixture(scope="module")
def chapter(study, tested, clustering, options):
    return cluster_chapter(study, tested, clustering, options.permutations)


@pytest.mark.parametrize("name", LOCAL_VARIABLES)
def test_the_verdict_counts_the_years_below_five_percent(clustering, name):
    table = clustering.table
    sentences = dict(re.findall(r"\*\*(.*?)\*\* is autocorrelated at 5 % in (.*?\))\.", verdict(table)))
    said = sentences[title(name)]
    for family, words in FAMILIES.items():
        rows = table[(table["variable"] == name) & (table["weights"] == family)]
        below = sum(value < 0.05 for value in rows["p_sim"])
        last = rows.loc[rows["year"].idxmax()]
        value = f"{last['I']:.3f}".replace("-", "−")
        assert (
            f"{below} of {len(rows)} years under {words} (I = {value} in {last['year']:.0f}, "
            f"{pvalue(last['p_sim'])})"
        ) in said


def test_the_verdict_of_an_invented_table():
    rows = [
        {"weights": family, "variable": name, "year": year, "I": 0.1 * (year - 2000), "p_sim": p}
        for name in LOCAL_VARIABLES
        for family in FAMILIES
        for year, p in ((2002, 0.0004), (2001, 0.2), (2003, 0.05))
    ]
    text = verdict(pd.DataFrame(rows))
    assert text.count("1 of 3 years under contiguity (I = 0.300 in 2003, p = 0.050)") == len(LOCAL_VARIABLES)
    assert text.count("1 of 3 years under rail of the year") == len(LOCAL_VARIABLES)


def test_the_warned_fall_of_manufacturing_is_in_the_data(chapter, clustering):
    caution = next(part for part in chapter.parts if isinstance(part, Caution))
    assert "fall of Moran's I of manufacturing between 2012 and 2013" in caution.text
    wide = clustering.table.set_index(["weights", "variable", "year"])["I"].sort_index()
    for family in FAMILIES:
        assert wide[family, "manufacturing", 2013] < wide[family, "manufacturing", 2012]
        for name in ("va_secondary", "va_tertiary"):
            line = wide[family, name].diff().abs()
            assert line[2019] > 2 * line.median()


def test_breaks_lie_where_the_panel_says(study):
    known = study.panel.breaks()
    steps = set(zip(known["year_from"], known["year_to"], strict=True))
    assert {(year - 1, year) for years in BREAKS.values() for year in years} <= steps
    assert set(BREAKS) == set(LOCAL_VARIABLES)


@pytest.mark.parametrize("year", [2005, 2012, 2019])
def test_clusters_are_named(study, clustering, year):
    lisa = clustering.local["contiguity", "manufacturing"]
    rows = lisa.table[lisa.table["year"] == year]
    said = re.fullmatch(
        r"In (\d{4}), high among high: (.*); low among low: (.*)\.", described_clusters(study, lisa, year)
    )
    assert int(said[1]) == year
    for words, kind in ((said[2], "HH"), (said[3], "LL")):
        codes = rows.loc[rows["cluster"] == kind, "unit"]
        names = [f"{study.units['name_zh'][code][:-1]} {study.units['name_en'][code]}" for code in codes]
        assert words == (", ".join(names) or "none")


@pytest.mark.parametrize(("name", "last"), [("manufacturing", 2019), ("va_tertiary", 2022)])
def test_cluster_maps_end_in_the_last_year(study, clustering, name, last):
    drawing = cluster_maps(study, clustering, name, "Note.")
    years = re.findall(r"\d{4}", drawing.alt)
    assert years == sorted(set(years))
    assert years[-1] == str(last)
    assert f"In {last}, high among high" in drawing.caption


def test_the_slope_of_the_scatter_is_morans_i(study, measures, clustering):
    drawing = scatter(study, measures.groups["manufacturing"])
    table = clustering.table.set_index(["weights", "variable", "year"])["I"]
    panels = [axes for axes in drawing.drawn().axes if axes.collections or axes.lines]
    years = [2005, 2012, 2013, 2019]
    assert len(panels) == len(years)
    for axes, year in zip(panels, years, strict=True):
        points = np.vstack(
            [np.asarray(part.get_offsets()) for part in axes.collections if len(part.get_offsets())]
        )
        points = np.unique(points.round(9), axis=0)
        assert len(points) == 41
        slope = np.polyfit(points[:, 0], points[:, 1], 1)[0]
        assert slope == pytest.approx(table["contiguity", "manufacturing", year], abs=1e-6)


def test_the_printed_table_has_the_ends_of_the_windows(clustering):
    table = moran_table(clustering.table, "Note.")
    pd.testing.assert_frame_equal(table.frame, clustering.table)
    employment = table.shown[table.shown["variable"] == "Manufacturing (employment LQ)"]
    value_added = table.shown[table.shown["variable"] == "Tertiary sector (value-added LQ)"]
    assert set(employment["year"]) == {2005, 2012, 2013, 2019}
    assert set(value_added["year"]) == {2005, 2012, 2013, 2019, 2022}
    assert set(table.shown["weights"]) == set(FAMILIES.values())


def test_lisa_table_stacks_everything(clustering):
    table = lisa_table(clustering)
    assert len(table) == sum(len(lisa.table) for lisa in clustering.local.values())
    assert not table.duplicated(["weights", "variable", "year", "unit"]).any()
    assert table.groupby(["weights", "variable"]).ngroups == len(clustering.local) == 8


def test_the_note_says_the_smallest_pvalue(chapter, clustering, options):
    least = 2 / (options.permutations + 1)
    notes = [part.note for part in chapter.parts if isinstance(part, Drawing) and "p-values" in part.note]
    assert all(f"{options.permutations} permutations, at least {least:.4f}" in note for note in notes)
    assert len(notes) >= 2
    assert clustering.table["p_sim"].min() == pytest.approx(least)


def test_a_measure_without_clusters_is_a_sentence_instead_of_maps(study, clustering):
    lisa = clustering.local["contiguity", "manufacturing"]
    quiet = replace(lisa, table=lisa.table.assign(cluster="not significant"))
    assert described_clusters(study, quiet, 2019) == "In 2019, high among high: none; low among low: none."
    silent = Clustering(clustering.table, {("contiguity", "manufacturing"): quiet})
    said = cluster_part(study, silent, "manufacturing", "Note.")
    assert isinstance(said, Paragraph)
    assert "no city is a cluster or an outlier of local Moran in any year from 2003 to 2019" in said.text


@pytest.mark.parametrize("name", LOCAL_VARIABLES)
def test_a_measure_is_drawn_when_it_has_a_cluster(study, clustering, name):
    found = set(clustering.local["contiguity", name].table["cluster"]) - {"not significant"}
    assert isinstance(cluster_part(study, clustering, name, "Note."), Drawing if found else Paragraph)
