"""Chapter on choices: ranges, signs and the two windows read again from the numbers."""

import pandas as pd
import pytest

from yrdspatial.replication.chapters.sensitivity import (
    clustering_point,
    rows_of,
    sensitivity_chapter,
    signs,
    strand_point,
    transfer_point,
    variants_plot,
    weak_point,
)


@pytest.fixture(scope="module")
def sensitivity(beyond):
    return beyond.sensitivity


def test_the_windows_decide_the_sign_and_the_text_says_where(sensitivity, minus):
    said, table = transfer_point(sensitivity), sensitivity.transfer
    for code, words in ((31, "Shanghai"), (32, "Jiangsu"), (33, "Zhejiang"), (34, "Anhui")):
        naive, windows = (minus(table.loc[code, column], 1, "+") for column in ("naive", "windows"))
        assert f"{words} {naive} instead of {windows}" in said
    assert said.endswith("the sign turns for Jiangsu, Zhejiang.")


@pytest.mark.parametrize("strand", ["employment", "value added"])
@pytest.mark.parametrize("quantity", ["rho", "log_gdp_head"])
def test_ranges_run_from_the_smallest_to_the_largest(sensitivity, strand, quantity, minus):
    rows = rows_of(sensitivity, strand, quantity, "contiguity")
    said = strand_point(sensitivity, strand, quantity, "contiguity")
    assert f"from {minus(rows['estimate'].min(), 2)} (" in said
    assert f"to {minus(rows['estimate'].max(), 2)} (" in said
    clear = [row for row in rows.to_dict("records") if row["lower"] > 0 or row["upper"] < 0]
    assert f"told from zero in {len(clear)} of {len(rows)} variants" in said


@pytest.mark.parametrize(
    ("estimates", "words"),
    [
        ([], "in no direction"),
        ([1.0], "each time positive"),
        ([-1.0, -2.0], "each time negative"),
        ([1, -1], "both"),
    ],
)
def test_signs_are_said(estimates, words):
    assert words in signs(pd.DataFrame({"estimate": estimates}))


def test_what_does_not_hold_is_said(sensitivity):
    said = weak_point(sensitivity)
    table = sensitivity.spillovers.query("variant != 'one window'")
    clear = table[(table["lower"] > 0) | (table["upper"] < 0)]
    both = clear.groupby(["strand", "quantity", "weights"])["estimate"].agg(["min", "max"])
    both = both[(both["min"] < 0) & (both["max"] > 0)]
    assert said.split("choice: ")[1].split(". The")[0].count(";") == len(both) - 1
    early = rows_of(sensitivity, "employment", "rho", "rail").set_index("variant").loc["first window"]
    assert f"{early['estimate']:.2f} [{early['lower']:.2f}, {early['upper']:.2f}] in 2006-2012" in said


def test_clustering_without_the_largest_cities(sensitivity):
    said = clustering_point(sensitivity)
    table = sensitivity.clustering.query("year == 2019 and weights == 'contiguity'")
    for value in table["I"]:
        assert f"{value:.2f}" in said
    assert f"{(sensitivity.clustering['p_sim'] < 0.05).sum()} of {len(sensitivity.clustering)} rows" in said


@pytest.mark.parametrize(("strand", "rows"), [("employment", 8), ("value added", 9)])
def test_the_figure_has_a_row_a_variant_and_the_main_one_on_top(sensitivity, strand, rows):
    figure = variants_plot(sensitivity, strand).drawn()
    labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert labels[0] == "main model"
    assert len(labels) == rows
    assert [panel.get_title(loc="left") for panel in figure.axes][:2] == [
        "ρ",
        "indirect effect of ln GDP per head",
    ]


def test_the_chapter_holds_figures_tables_and_a_caution(sensitivity, parts_of, text_of):
    chapter = sensitivity_chapter(sensitivity, 7)
    parts = parts_of(chapter)
    assert {"sensitivity-employment", "sensitivity-value-added", "sensitivity-spillovers"} <= set(parts)
    assert "is a mean of two that differ" in text_of(chapter)
