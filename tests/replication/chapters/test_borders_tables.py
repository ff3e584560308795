"""Tables of the chapter on borders."""

import pytest

from yrdspatial.replication.chapters.borders import adjusted
from yrdspatial.replication.chapters.borders_tables import samples_table, wald_table


def test_wald_tests_are_grouped_by_model(beyond):
    tests = adjusted(beyond.borders.tests)
    table = wald_table(tests)
    assert len(table.shown) == len(tests) == 2 * (7 + 1) + 2 * (4 + 1) - 0
    assert table.rules == [8, 16, 21]
    assert (table.shown["term"] == "all together").sum() == 4
    assert table.shown["Wald"].to_numpy() == pytest.approx(tests["statistic"].to_numpy())
    assert table.formats["p"](0.0001) == "<0.001"


def test_samples_are_printed_with_both_sides(beyond):
    table = samples_table(beyond.borders)
    samples = beyond.borders.samples
    assert len(table.shown) == len(samples)
    assert table.shown["ρ across"].to_numpy() == pytest.approx(samples["rho_across"].to_numpy())
    assert "without Shanghai" in set(table.shown["sample"])
    assert len(table.rules) == 3
