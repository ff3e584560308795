"""Chapter from core to periphery: counts, the largest clear effect, and what the weights allow."""

from dataclasses import replace

import pytest

from yrdspatial.replication.chapters.core import (
    core_chapter,
    far_rows,
    links_point,
    matrix_table,
    plot_table,
    reach_point,
    reach_table,
    reading,
    verdict,
)


@pytest.fixture(scope="module")
def core(beyond):
    return beyond.core


def test_far_rows_are_gdp_per_head_on_both_far_sets(core):
    rows = far_rows(core)
    assert len(rows) == 2 * 3 * 2 * 2
    assert set(rows["receives"]) == {"皖北", "苏北"}
    assert rows["share"].to_numpy() == pytest.approx((100 * rows["estimate"] / rows["direct"]).to_numpy())


def test_the_verdict_counts_and_names_the_largest_clear_effect(core):
    rows, said = far_rows(core), verdict(core)
    for strand, words in (
        ("employment", "manufacturing employment"),
        ("value added", "secondary value added"),
    ):
        for sends, who in (("Shanghai", "Shanghai"), ("core", "Core around Shanghai")):
            part = rows[(rows["strand"] == strand) & (rows["sends"] == sends)]
            assert f"{who} on {words} {sum(part['p_fdr'] < 0.05)} of 6" in said
    most = max(abs(share) for share, p in zip(rows["share"], rows["p_fdr"], strict=True) if p < 0.05)
    assert f"is {most:.1f} % of what" in said


def test_without_a_clear_effect_the_verdict_says_chance(core):
    quiet = replace(core, reach=core.reach.assign(p_fdr=1.0))
    assert verdict(quiet).endswith("cannot be told from chance.")


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "chance"), (0.9, "out of reach"), (1.7, "little"), (25.0, "arrives in part")]
)
def test_sizes_have_a_reading(share, words):
    assert words in reading(share)


def test_points_mark_what_stays_after_adjustment(core):
    said = reach_point(core, "value added", "皖北")
    rows = far_rows(core).query("strand == 'value added' and receives == '皖北' and sends == 'core'")
    assert said.count("]*") == int((rows["p_fdr"] < 0.05).sum())
    assert said.startswith("**Northern Anhui**")


def test_the_caution_says_what_the_weights_allow(core):
    said = links_point(core)
    far = core.links[(core.links["weights"] == "rail_decay") & core.links["receives"].isin(["皖北", "苏北"])]
    assert f"has {100 * far['share'].min():.2f} % to {100 * far['share'].max():.2f} % of the weight" in said
    assert "Under contiguity and rail of the year Shanghai is nobody's neighbour" in said


def test_figures_and_tables(core, parts_of):
    parts = parts_of(core_chapter(core))
    dots = parts["core-effects"].drawn()
    assert [tick.get_text() for tick in dots.axes[0].get_yticklabels()][:2] == [
        "Northern Anhui",
        "Northern Jiangsu",
    ]
    assert len(plot_table(core)) == 2 * 3 * 4
    squares = parts["region-effects"].drawn()
    assert len([panel for panel in squares.axes if panel.images]) == 4
    assert len(matrix_table(core)) == 4 * 81
    table = reach_table(core)
    assert len(table.shown) == 24
    assert f"over {len(core.reach)} effects" in table.notes[0]
