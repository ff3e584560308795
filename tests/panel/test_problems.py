"""Findings in words: every rule in both languages, with a cure, and nothing left to fill in."""

import re
import string

import pytest

from yrdspatial.panel.problems import PROBLEM_COLUMNS, WORDS, finding, problem_table

FIELDS = {
    name: {field for text in words for _, field, _, _ in string.Formatter().parse(text) if field}
    for name, words in WORDS.items()
}


@pytest.mark.parametrize("rule", WORDS)
def test_every_rule_speaks_both_languages_and_knows_a_cure(rule):
    row = finding(rule, "note", 2023, unit=340100, **dict.fromkeys(FIELDS[rule], "X"))
    assert set(row) == set(PROBLEM_COLUMNS)
    assert row["city"] == "Hefei 合肥市"
    assert all(row[name] for name in ("text_en", "text_zh", "cure", "cure_zh"))
    assert re.search("[一-鿿]", row["text_zh"])
    assert not re.search("[一-鿿]", row["text_en"]) or rule == "column.districts"
    assert "{" not in row["text_en"] + row["text_zh"] + row["cure"] + row["cure_zh"]


def test_braces_in_a_cell_are_no_fields():
    row = finding("read", "error", 2023, text="a cell reads {year}", remedy="correct {it}")
    assert (row["text_en"], row["cure"]) == ("a cell reads {year}", "correct {it}")


def test_errors_come_first_and_nothing_is_said_twice():
    rows = [
        finding("coverage.unit", "warning", 2023, unit=340200),
        finding("coverage.unit", "error", 2023, unit=340100),
        finding("coverage.unit", "error", 2023, unit=340100),
    ]
    table = problem_table(rows)
    assert table["severity"].tolist() == ["error", "warning"]
    assert str(table["unit"].dtype) == "Int64"
    assert table.index.tolist() == [0, 1]


def test_no_finding_is_a_table_all_the_same():
    table = problem_table([])
    assert table.empty
    assert table.columns.tolist() == list(PROBLEM_COLUMNS)


def test_a_finding_about_no_unit_has_none():
    table = problem_table([finding("coverage.none", "error", 2023)])
    assert table["unit"].isna().all()
    assert table["city"].tolist() == [""]
