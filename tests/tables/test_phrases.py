"""The fixed words in both languages."""

import dataclasses

import pandas as pd
import pytest

from yrdspatial.errors import OutputError
from yrdspatial.tables.cells import format_value, grid_of
from yrdspatial.tables.phrases import PHRASES, joined, phrases
from yrdspatial.tables.regression import regression_table
from yrdspatial.tables.render import table_html, table_latex

TERMS = pd.DataFrame({"estimate": [1.0], "std_error": [0.4], "pvalue": [0.02]}, index=["x"])


def test_both_languages_have_every_word():
    for words in PHRASES.values():
        assert all(dataclasses.asdict(words)[name] != "" for name in ("notes", "brackets", "yes", "no"))


def test_notes_are_joined_as_the_language_does():
    assert joined(["One.", "Two."], "en") == "Notes: One. Two."
    assert joined(["一。", "二。"], "zh") == "注：一。二。"
    assert joined([], "zh") == ""


def test_another_language_is_refused_with_a_cure():
    with pytest.raises(OutputError, match=r"do not speak 'fr': use \"en\" or \"zh\""):
        phrases("fr")


def test_truth_is_told_in_the_language():
    assert [format_value(True, lang="zh"), format_value(False, lang="zh")] == ["是", "否"]
    frame = pd.DataFrame({"capital": [True]})
    assert grid_of(frame, lang="zh").rows == (("是",),)
    assert "<td>是</td>" in table_html(frame, lang="zh")


def test_latex_notes_begin_with_the_word_of_the_language():
    frame = pd.DataFrame({"lq": [1.25]})
    latex = table_latex(frame, title="x", label="x", notes=["一。"], lang="zh")
    assert r"\footnotesize 注：一。" in latex


def test_the_legend_speaks_the_language():
    notes = regression_table({"": {"m": TERMS}}, lang="zh").notes
    assert notes == ("括号内为标准误。", "* p < 0.10，** p < 0.05，*** p < 0.01。")


@pytest.mark.parametrize(
    ("convention", "cell", "legend"),
    [
        ("zh", "1.000**", "* p < 0.10, ** p < 0.05, *** p < 0.01."),
        ("en", "1.000*", "* p < 0.05, ** p < 0.01, *** p < 0.001."),
    ],
)
def test_each_convention_states_its_levels(convention, cell, legend):
    table = regression_table({"": {"m": TERMS}}, stars=convention)
    assert table.frame["m"].iloc[0] == cell
    assert table.notes[1] == legend


def test_an_unknown_convention_is_refused():
    with pytest.raises(OutputError, match="no stars are known as 'us'"):
        regression_table({"": {"m": TERMS}}, stars="us")
