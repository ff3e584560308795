"""Chapter on decay: effects per city, the shape said, the islands counted."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.chapters.rings import (
    SHOWN,
    chosen,
    islands_point,
    per_city,
    ring_name,
    ring_point,
    ring_table,
    rings_chapter,
    shape,
)


@pytest.fixture(scope="module")
def decay(beyond):
    return beyond.decay


def test_effects_are_per_city_with_their_intervals(decay):
    table = per_city(chosen(decay))
    assert set(table["model"]) == {"SDM"}
    assert set(table["scale"]) == {"joint"}
    assert table["estimate"].to_numpy() == pytest.approx(table["per_link"].to_numpy())
    assert (table["upper"] - table["lower"]).to_numpy() == pytest.approx(
        2 * 1.959964 * table["per_link_error"].to_numpy(), rel=1e-6
    )


@pytest.mark.parametrize(
    ("estimates", "half", "words"),
    [
        ([0.3, 0.2, 0.1], 0.05, "it falls from ring to ring"),
        ([0.3, -0.1, 0.2], 0.05, "it does not fall evenly"),
        ([0.3, 0.2, 0.1], 0.5, "No ring can be told from zero"),
    ],
)
def test_the_shape_is_said(estimates, half, words):
    values = np.array(estimates)
    assert words in shape(pd.DataFrame({"estimate": values, "lower": values - half, "upper": values + half}))


def test_rings_have_names():
    assert ring_name(pd.Series({"from_minutes": 180.0, "to_minutes": np.inf})) == "over 180 minutes"


@pytest.mark.parametrize("strand", SHOWN)
def test_the_text_says_every_ring(decay, strand):
    said = ring_point(decay, strand, "log_gdp_head")
    rows = chosen(decay).query("strand == @strand and variable == 'log_gdp_head'")
    for row in rows.to_dict("records"):
        assert f"{row['per_link']:.3f} [".replace("-", "−") in said
    assert "In size In size" not in said


def test_islands_are_cities_without_another_within_the_hour(study, decay):
    said = islands_point(decay)
    years = list(study.times.years)
    for year in (2006, 2022):
        minutes = study.times.array[years.index(year)].copy()
        np.fill_diagonal(minutes, np.inf)
        near = minutes <= 60
        assert f"In 2006, {int((~near.any(axis=1)).sum())} cities" in said or year != 2006
        assert str(int(near.sum() // 2)) in said


def test_figures_and_table(decay, parts_of):
    parts = parts_of(rings_chapter(decay))
    for strand in ("employment", "value-added"):
        figure = parts[f"distance-decay-{strand}"].drawn()
        assert len(figure.axes) == 3
    table = ring_table(decay)
    assert len(table.shown) == len(chosen(decay))
    assert table.shown["per city in the ring"].to_numpy() == pytest.approx(
        chosen(decay)["per_link"].to_numpy()
    )
