"""Chapter on the network: parts that add up, and the count of those told from zero."""

from dataclasses import replace

import pytest
from scipy.stats import false_discovery_control

from yrdspatial.replication.chapters.network import (
    PARTS,
    change_point,
    change_table,
    indirect,
    network_chapter,
    plot_table,
    size_point,
    verdict,
)


@pytest.fixture(scope="module")
def network(beyond):
    return beyond.network


@pytest.fixture(scope="module")
def table(network):
    return indirect(network)


def test_parts_add_up_to_the_change(table):
    wide = table.pivot_table(index=["strand", "weights", "variable"], columns="part", values="estimate")
    assert (wide["network"] + wide["coefficients"]).to_numpy() == pytest.approx(wide["change"].to_numpy())
    made = table[table["part"] == "network"]
    assert made["p_fdr"].to_numpy() == pytest.approx(false_discovery_control(made["pvalue"].to_numpy()))


def test_the_verdict_counts_and_says_when_there_is_nothing(table):
    made = table[table["part"] == "network"]
    clear = sum(made["p_fdr"] < 0.05)
    said = verdict(table)
    assert f"in {clear} of {len(made)} rows" in said
    assert said.endswith("cannot be told from chance in these data.") == (clear == 0)
    loud = verdict(table.assign(p_fdr=0.01))
    assert f"in {len(made)} of {len(made)} rows" in loud
    assert "chance" not in loud


def test_the_growth_of_the_network_is_that_of_the_weights(study, network):
    import numpy as np

    years = list(study.times.years)
    sums = []
    for year in (2008, 2019):
        falls = np.exp(-study.times.array[years.index(year)] / 30.0)
        np.fill_diagonal(falls, 0.0)
        sums.append(falls.sum())
    assert f"grew by {100 * (sums[1] / sums[0] - 1):.0f} % on the scale of 2008" in size_point(network)


def test_points_say_the_network_part(table):
    said = change_point(table, "value added")
    row = table.query(
        "strand == 'value added' and weights == 'rail_common' and variable == 'log_gdp_head' and part == 'network'"
    ).iloc[0]
    assert f"network {row['estimate']:.3f} [".replace("-", "−") in said


def test_the_figure_and_the_table(network, table, parts_of):
    chapter = network_chapter(network)
    drawn = parts_of(chapter)["network-decomposition"].drawn()
    assert [panel.get_title(loc="left") for panel in drawn.axes] == [
        "change",
        "network's part",
        "coefficients' part",
    ]
    shown = plot_table(table)
    assert list(dict.fromkeys(shown["panel"])) == list(PARTS)
    assert len(shown) == 2 * 3 * 3 * 2
    printed = change_table(table)
    assert len(printed.shown) == (table["part"] == "network").sum()
    assert printed.rules == [6, 12, 15]


def test_other_effects_stay_out(network):
    only = replace(network, change=network.change[network.change["effect"] == "direct"])
    assert indirect(only).empty
