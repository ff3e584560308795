"""Tables between the margins: whole cells when they fit, then a turned page, then texts that wrap."""

import pandas as pd
import pytest

from yrdspatial.tables.cells import grid_of
from yrdspatial.tables.layout import (
    SIZES,
    glyphs,
    head_length,
    heights,
    lay_out,
    least_widths,
    natural_widths,
    wrapped_widths,
)

SENTENCE = (
    "The share of the delta in the resident population of the country rose from one census to the next. " * 3
)
CLAIMS = grid_of(
    pd.DataFrame(
        {
            "id": ["P-01", "P-02"],
            "verdict": "not replicated",
            "statement": SENTENCE,
            "why": SENTENCE[:60],
            "gap": [0.5, 1.5],
        }
    )
)


def numbers(columns):
    return grid_of(pd.DataFrame({f"x{place}": [-123.456, 0.5] for place in range(columns)}))


def test_a_small_table_stands_upright_in_full_size():
    layout = lay_out(numbers(4))
    assert (layout.turned, layout.size, layout.wrapped) == (False, 9.0, False)
    assert layout.widths == natural_widths(numbers(4), 9.0)


def test_with_more_columns_the_print_shrinks_then_the_page_turns():
    found = [(lay_out(numbers(n)).turned, -lay_out(numbers(n)).size) for n in range(1, 40)]
    assert found == sorted(found)
    assert {(turned, -size) for turned, size in found} >= {
        (False, 9.0),
        (False, 7.5),
        (True, 9.0),
        (True, 7.5),
    }


@pytest.mark.parametrize("columns", [1, 8, 15, 30, 80])
@pytest.mark.parametrize("turn", [True, False])
def test_nothing_is_wider_than_the_page(columns, turn):
    layout = lay_out(numbers(columns), turn=turn)
    assert sum(layout.widths) <= layout.room + 1e-9
    assert turn or not layout.turned


def test_sentences_wrap_and_words_and_numbers_do_not():
    layout = lay_out(CLAIMS)
    assert layout.wrapped
    assert layout.turned
    assert sum(layout.widths) <= layout.room
    least = least_widths(CLAIMS, layout.size)
    assert all(width >= needed - 1e-9 for width, needed in zip(layout.widths, least, strict=True))
    places = dict(zip(CLAIMS.header, layout.widths, strict=True))
    assert places["statement"] > places["why"] > places["id"]


def test_the_room_is_used_and_lines_are_about_as_many():
    room, size = 20.0, 7.5
    widths = wrapped_widths(CLAIMS, size, room)
    assert room - 0.1 <= sum(widths) <= room + 1e-9
    long, short = (
        glyphs(text) / width for text, width in ((SENTENCE, widths[2]), (SENTENCE[:60], widths[3]))
    )
    assert long < 3 * short


def test_a_column_gets_no_more_than_its_widest_cell():
    grid = grid_of(pd.DataFrame({"a": ["one word"], "b": ["two more words"]}))
    widths = wrapped_widths(grid, 9.0, 40.0)
    most = natural_widths(grid, 9.0)
    assert sum(widths) >= sum(most)


def test_where_not_even_the_words_fit_all_columns_are_narrowed_alike():
    widths = wrapped_widths(numbers(50), 6.5, 10.0)
    assert sum(widths) == pytest.approx(10.0)
    assert len({round(width, 9) for width in widths}) == 1


def test_a_word_among_numbers_may_wrap():
    grid = grid_of(pd.DataFrame({"SDM": ["0.123", "4.567", "unit x window, time"]}))
    assert grid.numeric == (True,)
    assert natural_widths(grid, 9.0) < natural_widths(
        grid_of(pd.DataFrame({"SDM": ["unit x window, time"]})), 9.0
    )


def test_rows_are_as_high_as_their_lines():
    layout = lay_out(CLAIMS)
    one, two = heights(CLAIMS, layout)
    assert one == two > 2 * layout.size
    assert set(heights(numbers(3), lay_out(numbers(3)))) == {9.0 * 1.25 + 2.0}


def test_chinese_is_wider_and_its_heads_wrap_anywhere():
    assert glyphs("长三角") == pytest.approx(3 * 1.05)
    assert head_length("制造业就业区位熵与增加值") == 6
    assert head_length("") == 0.0


def test_a_table_without_rows_fits():
    layout = lay_out(grid_of(pd.DataFrame({"a": pd.Series(dtype=float)})))
    assert layout.size == SIZES[0]
    assert heights(grid_of(pd.DataFrame({"a": pd.Series(dtype=float)})), layout) == ()
