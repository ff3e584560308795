"""Tables on choices: printed intervals and stars against the numbers."""

import pytest

from yrdspatial.replication.chapters.naming import interval
from yrdspatial.replication.chapters.sensitivity_tables import (
    VARIANTS,
    clustering_table,
    transfer_table,
    variants_table,
    word,
)


@pytest.fixture(scope="module")
def sensitivity(beyond):
    return beyond.sensitivity


def test_every_variant_has_words(sensitivity):
    assert set(sensitivity.spillovers["variant"]) | set(sensitivity.clustering["sample"]) == set(VARIANTS)
    assert len(set(map(word, VARIANTS))) == len(VARIANTS)


def test_variants_are_printed_in_order_with_their_intervals(sensitivity):
    table = variants_table(sensitivity)
    assert len(table.shown) == 2 * (8 + 9)
    assert table.rules == [16]
    assert table.shown["variant"].iloc[0] == "main model"
    numbers = sensitivity.spillovers
    for place in (0, 5, 20):
        row = table.frame.iloc[place]
        one = numbers.query("strand == @row.strand and variant == @row.variant and weights == @row.weights")
        assert row["rho"] == interval(one[one["quantity"] == "rho"].iloc[0])
        assert row["gdp"] == interval(one[one["quantity"] == "log_gdp_head"].iloc[0])
        services = one[one["quantity"].str.startswith("lq_")].iloc[0]
        assert row["services"] == interval(services)


def test_transfer_is_printed_by_province(sensitivity):
    shown = transfer_table(sensitivity).shown
    assert shown["province"].tolist() == ["Shanghai", "Jiangsu", "Zhejiang", "Anhui"]
    summed = shown["inside the windows, summed"] + shown["2012-2013 alone"]
    assert summed.to_numpy() == pytest.approx(shown["2005-2019, across the break"].to_numpy())


def test_stars_stand_below_five_per_cent(sensitivity):
    shown = clustering_table(sensitivity, 7).shown
    table = sensitivity.clustering.set_index(["sample", "weights", "year"])
    assert len(shown) == 6
    cell = shown.loc[0, 2019]
    row = table.loc[("all", "contiguity", 2019)]
    assert cell == f"{row['I']:.3f}" + ("*" if row["p_sim"] < 0.05 else "")
