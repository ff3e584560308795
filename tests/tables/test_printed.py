"""What no office program can hold is taken away; everything else stays."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yrdspatial.tables.excel import tables_xlsx
from yrdspatial.tables.printed import PrintedTable, printable
from yrdspatial.tables.word import tables_docx


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x0b", "\x1f", "\x7f", "\ud800", "\uffff"])
def test_control_characters_go(letter):
    assert printable(f"a{letter}b") == "ab"


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_letters_stay(text):
    assert printable(text) == text


def test_tabs_and_line_ends_stay():
    assert printable("a\tb\nc") == "a\tb\nc"


@pytest.mark.parametrize("write", [tables_docx, tables_xlsx])
def test_any_text_can_be_written(write):
    wild = "\x00\ud800=SUM(A1)&<b>\U00030edd"
    frame = pd.DataFrame([[wild]], columns=pd.Index([wild], dtype=object), dtype=object)
    table = PrintedTable(frame, wild, [wild])
    assert write([table])[:2] == b"PK"
