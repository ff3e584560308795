"""One cell to one number, and never a guess."""

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yrdspatial.panel.yearbooks.cells import Reading, decimals_of, read_cell
from yrdspatial.panel.yearbooks.profiles import load_profile

MARKS = load_profile().marks


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        (" 12.50 ", 12.5),
        ("１２．５０", 12.5),
        ("1,234", 1234),
        ("1，234，567.8", 1234567.8),
        ("1 234 567", 1234567),
        ("1\u00a0234", 1234),
        ("1\u3000234", 1234),
        ("52． 5", 52.5),
        ("２２０６２． ３７", 22062.37),
        ("-3", -3),
        ("−3", -3),
        ("－3.5", -3.5),
        ("–3", -3),
        ("+4", 4),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1.5E-2", 0.015),
        ("1/4", 0.25),
        ("１ ／ ４", 0.25),
        ("52.5%", 52.5),
        ("52.5％", 52.5),
        ("36959［12］", 36959),
        ("36959 [12]", 36959),
        ("5.0①", 5.0),
        ("5.0*", 5.0),
        ("5.0**", 5.0),
        ("7²", 7),
        ("8†", 8),
        (3, 3),
        (3.25, 3.25),
        (0, 0),
        (-0.0, 0),
    ],
)
def test_figures(cell, value):
    reading = read_cell(cell, MARKS)
    assert reading.value == value
    assert reading.wrong == ""


@pytest.mark.parametrize(
    "cell",
    [
        "135OOO",
        "l23",
        "1O.5",
        "12.3.4",
        "1,23,4",
        "12,5",
        "1.234.567",
        "60%-70%",
        "2016—2020",
        "12\n34",
        "见上",
        "1/0",
        "(123)",
        "—5",
        "1e999",
        "ⅩⅡ",
        "143)413",
        "2604G40",
        "abc",
        "12 abc",
        "=A1",
        "inf",
        "nan1",
    ],
)
def test_what_is_no_figure_is_not_guessed(cell):
    reading = read_cell(cell, MARKS)
    assert math.isnan(reading.value)
    assert reading.wrong
    assert reading.flag.startswith("unread: ")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("135OOO", "letters stand among the digits, as after scanning"),
        ("1l", "letters stand among the digits, as after scanning"),
        ("abc", "not a number, and not a mark of the source profile"),
        (True, "a truth value stands where a number should"),
        (datetime.date(2020, 2, 7), "a date or time stands where a number should"),
        (datetime.time(1, 2), "a date or time stands where a number should"),
        (datetime.timedelta(1), "a date or time stands where a number should"),
        (float("inf"), "not a finite number"),
        (float("nan"), "not a finite number"),
        (10**400, "not a finite number"),
    ],
)
def test_the_reason_is_told(cell, reason):
    assert read_cell(cell, MARKS).wrong == reason


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("…", "below_unit"),
        ("……", "below_unit"),
        ("...", "below_unit"),
        ("⋯", "below_unit"),
        ("", "unknown"),
        ("  ", "unknown"),
        ("\u3000", "unknown"),
        ("－", "unknown"),
        ("-", "unknown"),
        ("—", "unknown"),
        ("——", "unknown"),
        ("..", "unknown"),
        ("空", "unknown"),
        ("N/A", "unknown"),
        ("NaN", "unknown"),
        ("一", "none"),
        ("无", "none"),
        ("*", "see_note"),
        ("＊", "see_note"),
        ("①", "see_note"),
        ("③", "see_note"),
        ("²", "see_note"),
    ],
)
def test_marks_mean_what_the_book_says(cell, meaning):
    reading = read_cell(cell, MARKS)
    assert reading.flag.startswith(f"{meaning}: ")
    assert reading.wrong == ""
    assert reading.value == 0 if meaning == "below_unit" else math.isnan(reading.value)


def test_the_same_mark_means_another_thing_in_another_book():
    other = load_profile("provincial").marks
    assert read_cell("—", other).flag.startswith("none: ")
    assert read_cell("…", other).flag.startswith("below_unit: ")
    assert read_cell("—", {}).wrong


def test_what_was_done_is_flagged():
    assert read_cell("1 234.5 [2]", MARKS).flag == (
        'note: "1 234.5 [2]", a footnote mark was taken off and spaces inside the number were closed'
    )
    assert read_cell("1/4", MARKS).flag == 'note: "1/4" is printed as a fraction'
    assert read_cell("1,234.5", MARKS).flag == ""
    assert read_cell("5%", MARKS).percent
    assert not read_cell("5", MARKS).percent


@pytest.mark.parametrize(
    ("cell", "decimals"),
    [
        ("12", 0),
        ("12.0", 1),
        ("12.50", 2),
        (12.5, 2 - 1),
        (12.0, 0),
        (3.8499999999999996, 2),
        ("1e-3", 3),
        (1e-9, 6),
    ],
)
def test_printed_decimals(cell, decimals):
    assert read_cell(cell, MARKS).decimals == decimals


def test_decimals_of_large_numbers():
    assert decimals_of(126927616.0) == 0
    assert decimals_of(1e15) == 0
    assert decimals_of(0.25) == 2


def test_a_reading_is_a_value():
    assert Reading(1.0) == Reading(1.0)
    with pytest.raises(AttributeError):
        Reading(1.0).value = 2


@given(st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: round(value, 4)))
def test_any_number_is_read_back_however_it_is_written(value):
    wide = str.maketrans("0123456789.-,", "０１２３４５６７８９．－，")
    for text in (
        f"{value:.4f}",
        f"{value:,.4f}",
        f"{value:,.4f}".translate(wide),
        f" {value:,.4f} ".replace(",", " "),
    ):
        assert read_cell(text, MARKS).value == pytest.approx(value, abs=1e-9)
    assert read_cell(value, MARKS).value == value


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_error(text):
    reading = read_cell(text, MARKS)
    assert isinstance(reading, Reading)
    assert math.isnan(reading.value) or math.isfinite(reading.value)
    assert not (reading.wrong and not math.isnan(reading.value))


@given(st.one_of(st.integers(), st.floats(), st.booleans(), st.dates(), st.times(), st.timedeltas()))
def test_any_cell_is_read_without_an_error(cell):
    reading = read_cell(cell, MARKS)
    assert math.isnan(reading.value) == bool(reading.wrong)
