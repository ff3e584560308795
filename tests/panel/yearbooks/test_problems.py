"""The list of problems."""

import pandas as pd

from yrdspatial.panel.yearbooks.problems import COLUMNS, LIMIT, Problems, Spot


def test_problems_are_kept_in_order_with_their_places():
    problems = Problems()
    problems.add("error", "one", "cure it", Spot("a.xlsx", "Sheet1", 3, "B"))
    problems.add("note", "two", "", Spot())
    frame = problems.frame()
    assert tuple(frame.columns) == COLUMNS
    assert frame.iloc[0].tolist() == ["error", "a.xlsx", "Sheet1", 3, "B", "one", "cure it"]
    assert frame["row"].dtype == pd.Int64Dtype()
    assert pd.isna(frame.loc[1, "row"])


def test_no_problem_is_an_empty_table_with_columns():
    frame = Problems().frame()
    assert frame.empty
    assert tuple(frame.columns) == COLUMNS


def test_very_many_problems_are_counted_and_not_kept():
    problems = Problems()
    for number in range(LIMIT + 5):
        problems.add("warning", str(number), "", Spot())
    frame = problems.frame()
    assert len(frame) == LIMIT + 1
    assert frame.iloc[-1]["text"] == "5 more problems are not listed"
    assert frame.iloc[-1]["severity"] == "error"
