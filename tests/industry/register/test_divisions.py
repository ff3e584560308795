"""Codes of four editions of GB/T 4754 led to the divisions of 2017; expected values from titles in the standards."""

import re

import pandas as pd
import pytest

from yrdspatial.datasets import read_table
from yrdspatial.errors import DataError, SpecificationError
from yrdspatial.industry.register.divisions import (
    DIVIDED,
    UNKNOWN,
    check_edition,
    division_of,
    load_divisions,
    place_code,
)

SECTIONS = (
    "A5 B7 C31 D3 E4 F2 G8 H2 I3 J4 K1 L2 M3 N4 O3 P1 Q2 R5 S6 T1"  # the standard's own table of contents
)
SIZES = {2002: 95, 2011: 96}  # divisions, from the forewords of the editions


def test_the_sections_have_the_divisions_of_the_standard():
    counts = load_divisions()["section"].value_counts(sort=False)
    assert " ".join(f"{section}{count}" for section, count in counts.items()) == SECTIONS


def test_divisions_are_numbered_through():
    table = load_divisions()
    assert [int(code[1:]) for code in table.index] == list(range(1, 98))
    assert (table.index.str[0] == table["section"]).all()
    assert not table.duplicated("name_zh").any()
    assert not table.duplicated("name_en").any()


@pytest.mark.parametrize(("edition", "size"), SIZES.items())
def test_an_edition_has_all_its_divisions(edition, size):
    table = read_table("industry/concordance.csv")
    codes = table.loc[table["edition"] == edition, "code"]
    assert sum(bool(re.fullmatch(r"[A-T]\d\d", code)) for code in codes) == size


def test_the_concordance_leads_to_divisions_or_says_why_not():
    table = read_table("industry/concordance.csv")
    assert not table.duplicated(["edition", "code"]).any()
    assert table["code"].str.fullmatch(r"[A-T]\d{2,4}").all()
    assert table["division"].dropna().isin(load_divisions().index).all()
    assert table.loc[table["division"].isna(), "note"].notna().all()


def test_what_kept_its_title_kept_its_place():
    """Wherever a title is the same as in 2017 and the division was not divided, the concordance leads there."""
    titles = load_divisions().reset_index().set_index("name_zh")["division"]
    table = read_table("industry/concordance.csv")
    table = table[(table["code"].str.len() == 3) & table["division"].notna()]
    same = table[table["name_zh"].isin(titles.index)]
    assert len(same) >= 150
    pd.testing.assert_series_equal(same["division"], same["name_zh"].map(titles), check_names=False)


@pytest.mark.parametrize(
    ("code", "edition", "division"),
    [
        ("C3911", 2017, "C39"), ("3911", 2017, "C39"), (3911, 2017, "C39"), (3911.0, 2017, "C39"),
        (" c39 ", 2017, "C39"),
        ("0111", 2017, "A01"), ("A011", 2017, "A01"), ("N79", 2017, "N79"), ("T97", 2017, "T97"),
        ("O79", 2011, "O80"), ("T96", 2011, "T97"), ("5810", 2011, "G59"), ("5820", 2011, "G58"),
        ("C4120", 2011, "C25"),
        ("3721", 2002, "C36"), ("3751", 2002, "C37"), ("C29", 2002, "C29"), ("C30", 2002, "C29"), ("C31", 2002, "C30"),
        ("C40", 2002, "C39"), ("C4154", 2002, "C34"), ("F51", 2002, "G53"), ("M78", 2002, "M74"), ("Q86", 2002, "S94"),
        ("C41", 1994, "C39"), ("C3725", 1994, "C36"),
    ],
)  # fmt: skip
def test_codes_and_their_divisions(code, edition, division):
    assert division_of(code, edition=edition) == division


@pytest.mark.parametrize(
    ("code", "edition"),
    [("C37", 2002), ("C18", 2002), ("3726", 2002), ("G58", 2011), ("E47", 2002), ("J71", 2002),
     ("C37", 1994), ("C43", 1994)],
)  # fmt: skip
def test_a_divided_division_is_refused_by_name(code, edition):
    assert place_code(code, edition) == DIVIDED
    with pytest.raises(DataError, match=f"{code}, GB/T 4754-{edition}"):
        division_of(code, edition=edition)


@pytest.mark.parametrize(
    ("code", "edition"),
    [
        ("9911", 2017), ("A39", 2017), ("x", 2017), ("", 2017), ("391", 2017), ("N79", 2011), ("C38", 2002),
        ("F64", 2002),
        ("G52", 1994), (None, 2017), ("C39110", 2017), ("C3", 2017), (float("nan"), 2017), ("Ｃ39", 2017),
    ],
)  # fmt: skip
def test_what_is_no_code_is_refused(code, edition):
    assert place_code(code, edition) == UNKNOWN
    with pytest.raises(DataError, match=f"GB/T 4754-{edition}"):
        division_of(code, edition=edition)


@pytest.mark.parametrize("edition", [1984, 2020, "2017", None])
def test_editions_that_do_not_exist(edition):
    with pytest.raises(SpecificationError, match="no edition"):
        check_edition(edition)
