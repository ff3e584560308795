"""Chapter on borders: counts and numbers of the text, counted again."""

import re

import pytest
from scipy.stats import false_discovery_control

from yrdspatial.replication.chapters.borders import (
    adjusted,
    borders_chapter,
    plot_table,
    shanghai_point,
    side_point,
    verdict,
    weights_point,
)


@pytest.fixture(scope="module")
def borders(beyond):
    return beyond.borders


@pytest.fixture(scope="module")
def chapter(borders):
    return borders_chapter(borders)


def test_tests_are_adjusted_apart_for_single_and_joint_ones(borders):
    table = adjusted(borders.tests)
    assert set(table["model"]) == {"SDM"}
    for rows in (table[table["term"] == "all"], table[table["term"] != "all"]):
        expected = false_discovery_control(rows["pvalue"].to_numpy())
        assert rows["p_fdr"].to_numpy() == pytest.approx(expected)


def test_the_verdict_counts_the_models_that_tell_the_sides_apart(borders):
    table = adjusted(borders.tests)
    said = verdict(table)
    count = sum(table.loc[table["term"] == "rho", "p_fdr"] < 0.05)
    joint = sum(table.loc[table["term"] == "all", "p_fdr"] < 0.05)
    assert f"told apart in {count} of 4 Durbin models" in said
    assert f"told apart in {joint} of 4, false" in said
    quiet = verdict(table.assign(p_fdr=1.0))
    assert quiet.endswith("held at 5 %: none.")


@pytest.mark.parametrize("strand", ["employment", "value added"])
def test_what_crosses_the_border_is_said_with_its_chance(borders, strand):
    said = side_point(borders, strand, "contiguity")
    rows = borders.effects.query(
        "strand == @strand and model == 'SDM' and weights == 'contiguity' and variable == 'log_gdp_head'"
    ).set_index("pairs")
    across = rows.loc["across"]
    number = f"{across['estimate']:.2f}".replace("-", "−")
    assert f"by {number} [" in said
    assert ("it crosses the border." in said and "cannot" not in said) == (across["pvalue"] < 0.05)


def test_what_shanghai_does_is_said(borders):
    said = shanghai_point(borders)
    for sample, words in (
        ("all", "all cities"),
        ("no Shanghai", "without Shanghai"),
        ("2006-2012", "2006-2012"),
    ):
        rows = borders.samples[borders.samples["sample"] == sample]
        assert f"{words} {sum(rows['pvalue'] < 0.05)} of {len(rows)}" in said


def test_links_are_counted_on_the_map(study, borders):
    said = weights_point(borders)
    matrix = study.weights["contiguity"].array(None, [2022])[0] > 0
    province = study.weights["contiguity"].units.to_numpy() // 10000
    across = int((matrix & (province[:, None] != province)).sum())
    assert f"contiguity {across} of {int(matrix.sum())} links" in said


def test_the_figure_has_a_row_a_model_and_both_sides(chapter, borders, parts_of):
    table = plot_table(borders)
    assert len(table) == 2 * 2 * 2 * 2
    assert list(dict.fromkeys(table["series"])) == ["within", "across"]
    figure = parts_of(chapter)["border-effects"].drawn()
    assert figure.axes[0].get_title(loc="left") == "ρ"
    labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert labels[0] == "manufacturing employment, contiguity"
    assert len(labels) == 4


def test_the_caution_is_there(chapter, text_of):
    assert re.search(r"Every link of Shanghai crosses a border", text_of(chapter))
