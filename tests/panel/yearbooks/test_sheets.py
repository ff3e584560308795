"""Grids of cells and their places."""

import pytest

from yrdspatial.panel.yearbooks.problems import Spot
from yrdspatial.panel.yearbooks.sheets import HEAD, KEPT, WIDTH, column_letter, make_sheet


def test_rows_are_made_equally_long():
    sheet = make_sheet("a.csv", "s", [["a"], [], ["b", 2, 3.0]])
    assert sheet.rows == [["a", "", ""], ["", "", ""], ["b", 2, 3.0]]
    assert sheet.numbers == [1, 2, 3]
    assert sheet.width == 3


def test_an_empty_sheet():
    sheet = make_sheet("a.csv", "s", [])
    assert sheet.rows == []
    assert sheet.width == 0
    assert sheet.filled() == []


def test_merged_texts_fill_their_range_and_figures_do_not():
    rows = [["title", "", ""], ["", "", ""], [5.0, "", ""], ["", "x", "y"]]
    sheet = make_sheet("a", "", rows, merges=[(0, 0, 1, 1), (2, 0, 2, 2), (3, 0, 3, 1)])
    assert sheet.filled() == [["title", "title", ""], ["title", "title", ""], [5.0, "", ""], ["", "x", "y"]]
    assert sheet.rows[0] == ["title", "", ""]


def test_merges_outside_the_table_are_cut_or_dropped():
    rows = [["a", "b"], ["c", "d"]]
    sheet = make_sheet("a", "", rows, merges=[(0, 0, 9, 9), (5, 0, 6, 0), (0, 7, 1, 8)])
    assert sheet.merges == ((0, 0, 1, 1),)


def test_places_are_those_of_the_file():
    sheet = make_sheet("a.csv", "s", [["x"], ["y", 1]])
    assert sheet.spot(1, 1) == Spot("a.csv", "s", 2, "B")
    assert sheet.spot(0) == Spot("a.csv", "s", 1, "")
    assert sheet.spot() == Spot("a.csv", "s", None, "")


def test_exchanged_rows_and_columns_keep_the_places_of_the_file():
    rows = [["in 亿元", "", ""], ["", "a", "b"], ["x", 1, 2]]
    sheet = make_sheet("a", "", rows, merges=[(0, 0, 0, 2), (1, 1, 1, 2)])
    turned = sheet.transposed(1)
    assert turned.rows == [["", "x"], ["a", 1], ["b", 2]]
    assert turned.lead == ("in 亿元",)
    assert turned.merges == ((1, 0, 2, 0),)
    assert turned.spot(2, 1) == Spot("a", "", 3, "C")
    assert turned.filled()[2] == ["a", 2]


def test_of_a_very_long_sheet_the_rows_that_matter_are_kept():
    def rows():
        for number in range(HEAD + 50_000):
            yield ["合肥市", number] if number == HEAD + 40_000 else ["某市", number]
        yield ["续表", ""]

    sheet = make_sheet("a", "", rows())
    assert len(sheet.rows) == HEAD + 2
    assert sheet.numbers[-2:] == [HEAD + 40_001, HEAD + 50_001]
    assert sheet.spot(HEAD, 1).row == HEAD + 40_001


def test_a_sheet_full_of_cities_is_cut_and_told():
    sheet = make_sheet("a", "", (["合肥市", number] for number in range(KEPT + 10)))
    assert len(sheet.rows) == KEPT
    severity, text, _, row, _ = sheet.remarks[0]
    assert severity == "error"
    assert "too long" in text
    assert row == KEPT + 1


def test_a_very_wide_sheet_is_cut():
    assert make_sheet("a", "", [[1] * (WIDTH + 9)]).width == WIDTH


@pytest.mark.parametrize(
    ("column", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")],
)
def test_letters_of_columns(column, letters):
    assert column_letter(column) == letters
