"""The first page: each sentence counted again from the stages behind it."""

import re

import numpy as np
import pytest

from yrdspatial.replication.chapters.summary import (
    cluster_point,
    distance_point,
    industry_point,
    spillover_point,
    summary_chapter,
)
from yrdspatial.replication.chapters.wording import title
from yrdspatial.report.html import Bullets

MEASURES = ("manufacturing", "producer_services_5", "va_secondary", "va_tertiary")


def test_the_median_time_between_two_cities(study):
    said = re.search(r"from (\d+) minutes in 2008 to (\d+) in 2022", distance_point(study))
    rows, columns = np.triu_indices(41, 1)
    for group, year in ((1, 2008), (2, 2022)):
        median = np.median(study.times.frame(year).to_numpy()[rows, columns])
        assert int(said[group]) == pytest.approx(median, abs=0.5 + 1e-9)
    assert int(said[2]) < int(said[1])


@pytest.mark.parametrize(
    ("pattern", "sector"),
    [
        (r"tertiary sector weighs most in (.*), the secondary in", "va_tertiary"),
        (r"the secondary in (.*) \(\[\[specialization", "va_secondary"),
    ],
)
def test_the_leaders_by_value_added(study, measures, pattern, sector):
    frame = study.panel.frame.xs(2022, level="year")
    share = frame[sector] / frame[["va_primary", "va_secondary", "va_tertiary"]].sum(axis=1)
    codes = share.sort_values(ascending=False).index[:3]
    names = ", ".join(f"{study.units['name_zh'][code][:-1]} {study.units['name_en'][code]}" for code in codes)
    assert re.search(pattern, industry_point(study, measures))[1] == names


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("family", ["contiguity", "rail"])
def test_morans_i_of_the_last_year_with_its_star(clustering, name, family):
    rows = clustering.table[
        (clustering.table["variable"] == name) & (clustering.table["weights"] == family)
    ].sort_values("year")
    last = rows.iloc[-1]
    star = "*" if last["p_sim"] < 0.05 else ""
    phrase = next(part for part in cluster_point(clustering).split(";") if title(name) in part)
    assert f"in {last['year']:.0f}:" in phrase
    value = f"{last['I']:.2f}".replace("-", "−")
    assert f"{value}{star} ({title(family)})" in phrase


@pytest.mark.parametrize("strand", ["employment", "value added"])
def test_rho_with_its_band(spillovers, strand):
    said = spillover_point(spillovers, strand)
    for one in spillovers.main:
        if (one.strand, one.model) == (strand, "SDM"):
            band = one.results.conf_int().loc["rho"]
            half = (band["upper"] - band["lower"]) / 2
            rho = f"{one.results.params['rho']:.2f}".replace("-", "−")
            assert f"{rho} ± {half:.2f} ({title(one.weights)})" in said
    assert said.count("±") == 3


def test_the_chapter_points_to_the_others(study, measures, clustering, spillovers):
    chapter = summary_chapter(study, measures, clustering, spillovers)
    assert "Forty-one cities, 2003 to 2022" in chapter.parts[0].text
    (bullets,) = [part for part in chapter.parts if isinstance(part, Bullets)]
    links = re.findall(r"\[\[(.*?)\]\]", " ".join(bullets.points))
    assert links == ["how-far", "specialization", "clustering", "spillovers", "spillovers"]
