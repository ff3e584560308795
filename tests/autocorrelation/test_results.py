"""What a family of local tests shows: clusters, transitions, summary, text."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.autocorrelation.families import is_zero
from yrdspatial.autocorrelation.results import QUADRANTS
from yrdspatial.errors import SpecificationError


@pytest.fixture(scope="module")
def lisa(panel, grid):
    return yrd.local_moran(panel, grid, permutations=4999, seed=1)


def test_clusters_of_a_year(lisa):
    clusters = lisa.clusters(2006, variable="clustered")
    rows = lisa.table[(lisa.table["year"] == 2006) & (lisa.table["variable"] == "clustered")]
    assert clusters.index.tolist() == list(range(36))
    assert clusters.tolist() == rows["cluster"].tolist()
    assert set(clusters) <= set(lisa.labels)


def test_clusters_need_a_choice(lisa, panel, grid):
    with pytest.raises(SpecificationError, match="no variable was chosen: it has clustered, noise"):
        lisa.clusters(2006)
    with pytest.raises(SpecificationError, match=r"no such year \[2010\]: it has 2005, 2006, 2007"):
        lisa.clusters(2010, variable="noise")
    with pytest.raises(SpecificationError, match="no year was chosen"):
        lisa.clusters(variable="noise")
    one = yrd.local_moran(panel["noise"].xs(2005, level="year"), grid, permutations=9, seed=1)
    assert len(one.clusters()) == 36


def test_clusters_are_significant_quadrants(panel, grid):
    lisa = yrd.local_moran(panel, grid, permutations=999, seed=1, alpha=0.01, correction="none")
    table = lisa.table
    significant = table["p_adjusted"] <= lisa.alpha
    assert (table.loc[significant, "cluster"] == table.loc[significant, "quadrant"]).all()
    assert (table.loc[~significant, "cluster"] == "not significant").all()
    assert significant.any()


def test_transitions_count_moves_between_quadrants(lisa):
    counts = lisa.transitions(variable="noise")
    assert list(counts.index) == list(QUADRANTS) == list(counts.columns)
    rows = lisa.table[lisa.table["variable"] == "noise"]
    wide = {year: part.set_index("unit")["quadrant"] for year, part in rows.groupby("year")}
    for before in QUADRANTS:
        for after in QUADRANTS:
            moves = sum(int(((wide[y] == before) & (wide[y + 1] == after)).sum()) for y in (2005, 2006))
            assert counts.loc[before, after] == moves
    assert counts.to_numpy().sum() == 72


def test_transitions_between_clusters(lisa, panel, grid):
    counts = lisa.transitions(variable="clustered", of="cluster")
    assert list(counts.index) == [*QUADRANTS, "not significant"]
    assert counts.to_numpy().sum() == 72
    with pytest.raises(SpecificationError, match="one year has no transitions"):
        yrd.local_moran(panel, grid, year=2005, permutations=9, seed=1).transitions(variable="noise")


def test_summary_counts_every_unit_once(lisa):
    summary = lisa.summary()
    assert len(summary) == 6
    assert (summary[list(lisa.labels)].sum(axis=1) == 36).all()
    assert (summary["tests"] == 36).all()
    assert (summary["p_floor"] == 0.0004).all()
    row = summary.iloc[1]
    rows = lisa.table[(lisa.table["variable"] == row["variable"]) & (lisa.table["year"] == row["year"])]
    assert row["HH"] == (rows["cluster"] == "HH").sum()
    assert row["p_adjusted"] == rows["p_adjusted"].min()


def test_text_says_the_floor_and_the_family(lisa):
    assert repr(lisa) == (
        "<Lisa: local I, 4999 permutations (p_sim >= 0.0004), clusters at 0.05 with correction 'fdr' "
        "over 216 tests (36 units x 2 variables x 3 years)>"
    )


def test_data_without_years_have_missing_years(panel, grid):
    result = yrd.local_moran(panel["noise"].xs(2005, level="year"), grid, permutations=9, seed=1)
    assert result.table["year"].isna().all()
    assert result.summary()["tests"].tolist() == [36]


def test_zero_means_zero_but_for_rounding():
    values = np.array([[1.0, 0.0], [1e-14, 0.0], [-1e-3, 0.0]])
    assert is_zero(values).tolist() == [[False, True], [True, True], [False, True]]


def test_corrections_only_change_the_adjusted_pvalues(lisa, panel, grid):
    none = yrd.local_moran(panel, grid, permutations=4999, seed=1, correction="none").table
    pd.testing.assert_series_equal(none["p_sim"], lisa.table["p_sim"])
    pd.testing.assert_series_equal(none["p_adjusted"], none["p_sim"], check_names=False)
    assert (lisa.table["p_adjusted"] >= none["p_sim"]).all()


def test_tests_can_be_judged_again_by_map(lisa, panel, grid):
    by_map = lisa.readjust(family="map")
    assert by_map.family == "216 tests (36 units x 2 variables x 3 years, each map a family of its own)"
    for (variable, year), part in by_map.table.groupby(["variable", "year"]):
        alone = yrd.local_moran(panel[variable], grid, year=year, permutations=4999, seed=1).table
        assert part["p_adjusted"].tolist() == alone["p_adjusted"].tolist()
        assert part["cluster"].tolist() == alone["cluster"].tolist()
    assert by_map.table["p_sim"].equals(lisa.table["p_sim"])


def test_judging_again_and_back_changes_nothing(lisa):
    loose = lisa.readjust(correction="none", alpha=0.2)
    assert (loose.correction, loose.alpha) == ("none", 0.2)
    assert (loose.table["cluster"] != "not significant").sum() == (loose.table["p_sim"] <= 0.2).sum()
    pd.testing.assert_frame_equal(loose.readjust(correction="fdr", alpha=0.05).table, lisa.table)
    with pytest.raises(SpecificationError, match='choose "call" or "map"'):
        lisa.readjust(family="year")


def test_kinds_follow_the_statistic(panel, grid):
    geary = yrd.local_geary(panel, grid, permutations=99, seed=1).readjust(correction="none", alpha=1.0)
    table = geary.table
    alike = table["C"] < table["expected"]
    assert (table.loc[~alike, "cluster"] == "negative").all()
    same = table["quadrant"].isin(["HH", "LL"])
    assert (table.loc[alike & same, "cluster"] == table.loc[alike & same, "quadrant"]).all()
    assert (table.loc[alike & ~same, "cluster"] == "positive").all()
