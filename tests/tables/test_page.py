"""Tables as a page: well formed, escaped, three lines, in the language asked for."""

import re

import pandas as pd
import pytest

from yrdspatial.tables.page import STYLE, tables_page
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.render import table_html

TABLE = PrintedTable(
    pd.DataFrame({"lq": [1.25]}), "Quotients & <shares>", ["p < 0.05."], formats={"lq": ".1f"}
)


def test_title_table_and_notes_stand_in_this_order():
    page = tables_page([TABLE])
    figure = page[page.index("<figure>") :]
    table = table_html(TABLE.frame, formats=TABLE.formats)
    expected = f"<figcaption>Quotients &amp; &lt;shares&gt;</figcaption>\n{table}\n<p>Notes: p &lt; 0.05.</p>"
    assert expected in figure


def test_every_table_is_on_the_page():
    assert tables_page([TABLE, TABLE]).count("<table>") == 2


def test_a_table_without_notes_has_no_paragraph():
    assert "<p>" not in tables_page([PrintedTable(TABLE.frame, "x")])


@pytest.mark.parametrize(("lang", "code", "word"), [("en", "en", "Notes: "), ("zh", "zh-Hans", "注：")])
def test_the_language_is_declared_and_spoken(lang, code, word):
    page = tables_page([TABLE], lang=lang)
    assert f'<html lang="{code}">' in page
    assert f"<p>{word}" in page


def test_three_lines_and_nothing_from_outside():
    assert "border-top: 1.5pt solid; border-bottom: 1.5pt solid" in STYLE
    assert "thead th { border-bottom: .75pt solid; }" in STYLE
    assert "border-left" not in STYLE
    assert not re.search(r"https?:|src=|@import", tables_page([TABLE]))
