"""New figures beside those of the panel; all figures are made up."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.panel.merging import merge_year
from yrdspatial.panel.years import LAYOUT

NOTHING = pd.DataFrame(columns=list(LAYOUT)).astype({"adcode": int, "value": float})


def kinds(merge) -> dict[str, int]:
    return merge.changes["kind"].value_counts().to_dict()


def in_force(merge, known) -> set[float]:
    return set(known.in_force(merge.rows)["value"])


@pytest.mark.parametrize("answer", [None, "keep", "replace", "both"])
def test_what_the_panel_has_not_is_new(rows, known, answer):
    merge = merge_year(rows({"gdp": 5.0}), known(existing=NOTHING), answer)
    assert kinds(merge) == {"new": 12}
    assert merge.findings == []
    assert merge.rows.columns.tolist() == list(LAYOUT)
    assert merge.changes["old"].isna().all()
    assert set(merge.changes["in_force"]) == {5.0}


@pytest.mark.parametrize("answer", [None, "keep", "replace", "both"])
@pytest.mark.parametrize("new", [5.25, 5.3])
def test_the_same_figure_changes_nothing(rows, known, answer, new):
    old = rows({"gdp": 5.25}, source="old")
    merge = merge_year(rows({"gdp": new}), known(existing=old), answer)
    assert kinds(merge) == {}
    assert merge.unchanged == 12
    assert merge.rows.equals(old.sort_values(["adcode", "variable"], ignore_index=True))


def test_a_finer_figure_takes_the_place_of_the_coarse_one(rows, known):
    facts = known(existing=rows({"gdp": 5.3}, vintage="census4"))
    merge = merge_year(rows({"gdp": 5.25}, vintage="ccsy2024"), facts, None)
    assert kinds(merge) == {"finer": 12}
    assert in_force(merge, facts) == {5.25}
    assert set(merge.rows["vintage"]) == {"ccsy2024", "replaced census4"}


def test_a_printed_figure_takes_the_place_of_one_that_was_computed(rows, known):
    old = rows({"gdp": 5.2512}, flag="derived: made up, rounding within 0.1 %")
    merge = merge_year(rows({"gdp": 5.25}), known(existing=old), None)
    assert kinds(merge) == {"finer": 12}
    again = merge_year(old, known(existing=rows({"gdp": 5.25})), None)
    assert kinds(again) == {}


def test_another_figure_without_an_answer_is_an_error_for_every_cell(rows, known):
    facts = known(existing=rows({"gdp": 5.25}, vintage="census4"))
    merge = merge_year(rows({"gdp": 5.26}), facts, None)
    assert kinds(merge) == {"clash": 12}
    assert [row["severity"] for row in merge.findings] == ["error"] * 12
    row = merge.findings[0]
    assert (row["value"], row["expected"], row["column"]) == (5.26, "5.25", "gdp")
    assert "of vintage census4" in row["text_en"]
    assert in_force(merge, facts) == {5.25}


@pytest.mark.parametrize(
    ("answer", "kind", "value", "vintages"),
    [
        ("keep", "kept", 5.25, {"census4"}),
        ("replace", "replaced", 5.26, {"replaced census4", "ccsy2024"}),
        ("both", "both", 5.25, {"census4", "ccsy2024"}),
    ],
)
def test_the_answer_decides_what_is_in_force_and_nothing_old_is_lost(
    rows, known, answer, kind, value, vintages
):
    old = rows({"gdp": 5.25}, vintage="census4")
    facts = known(existing=old)
    merge = merge_year(rows({"gdp": 5.26}, vintage="ccsy2024"), facts, answer)
    assert kinds(merge) == {kind: 12}
    assert merge.findings == []
    assert in_force(merge, facts) == {value}
    assert set(merge.changes["in_force"]) == {value}
    assert set(merge.rows["vintage"]) == vintages
    assert (merge.rows["value"] == 5.25).sum() == 12


def test_both_puts_the_new_figure_in_force_when_its_vintage_is_preferred(rows, known):
    facts = known(existing=rows({"gdp": 5.25}, vintage="ccsy2023"))
    merge = merge_year(rows({"gdp": 5.26}, vintage="ccsy2024"), facts, "both")
    assert in_force(merge, facts) == {5.26}


def test_a_figure_of_a_vintage_on_record_is_no_clash(rows, known):
    old = pd.concat([rows({"gdp": 5.25}, vintage="census4"), rows({"gdp": 5.01}, vintage="ccsy2023")])
    facts = known(existing=old.reset_index(drop=True))
    for answer in (None, "keep", "both"):
        merge = merge_year(rows({"gdp": 5.01}, vintage="ccsy2023"), facts, answer)
        assert (kinds(merge), merge.unchanged, merge.findings) == ({}, 12, [])
    merge = merge_year(rows({"gdp": 5.01}, vintage="ccsy2023"), facts, "replace")
    assert kinds(merge) == {"replaced": 12}
    assert in_force(merge, facts) == {5.01}


def test_replacing_again_and_again_keeps_every_figure(rows, known):
    facts = known(existing=rows({"gdp": 1.0}, vintage="ccsy2024"))
    for value in (2.0, 3.0, 4.0):
        merge = merge_year(rows({"gdp": value}, vintage="ccsy2024"), facts, "replace")
        assert in_force(merge, facts) == {value}
        facts = known(existing=merge.rows)
    assert sorted(set(facts.existing["value"])) == [1.0, 2.0, 3.0, 4.0]
    assert not facts.existing.duplicated(["adcode", "variable", "vintage"]).any()


def test_both_of_one_edition_get_labels_of_their_own(rows, known):
    facts = known(existing=rows({"gdp": 1.0}, vintage="ccsy2024"))
    merge = merge_year(rows({"gdp": 2.0}, vintage="ccsy2024"), facts, "both")
    assert not merge.rows.duplicated(["adcode", "variable", "vintage"]).any()
    assert in_force(merge, facts) == {1.0}


def test_other_columns_of_the_year_stay(rows, known):
    facts = known(existing=rows({"population_resident": 500.0}))
    merge = merge_year(rows({"gdp": 5.0}), facts, None)
    assert set(merge.rows["variable"]) == {"gdp", "population_resident"}
    assert merge.rows[["adcode", "variable"]].equals(
        merge.rows[["adcode", "variable"]].sort_values(["adcode", "variable"], ignore_index=True)
    )


@pytest.mark.parametrize("answer", [None, "keep", "replace", "both"])
def test_the_order_of_the_rows_does_not_matter(rows, known, answer):
    facts = known(existing=rows({"gdp": np.arange(12.0)}))
    draft = rows({"gdp": np.arange(12.0) + [0, 1] * 6, "fiscal_revenue": 3.0})
    first = merge_year(draft, facts, answer)
    second = merge_year(draft.sample(frac=1, random_state=3).reset_index(drop=True), facts, answer)
    pd.testing.assert_frame_equal(first.rows, second.rows)
    pd.testing.assert_frame_equal(first.changes, second.changes)
    assert first.unchanged == second.unchanged == 6


def test_an_equal_figure_is_not_finer_however_it_was_printed(rows, known):
    old = rows({"gdp": 5.0}, source="old")
    merge = merge_year(rows({"gdp": 5.0}).assign(width=0.005), known(existing=old), None)
    assert (kinds(merge), merge.unchanged) == ({}, 12)
