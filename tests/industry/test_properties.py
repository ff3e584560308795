"""What must hold for every measure of a units x sectors table, whatever it measures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, DataError, GapError

few = settings(max_examples=10, deadline=None, derandomize=True)
UNITS, SECTORS, YEARS = list("abcde"), list("wxyz"), [2001, 2002, 2003]
tables = arrays(float, (5, 4), elements=st.floats(0.5, 1000)).map(lambda q: pd.DataFrame(q, UNITS, SECTORS))
cubes = arrays(float, (3, 5, 4), elements=st.floats(0.5, 1000))

BY_UNIT = {
    "krugman, total": lambda q: yrd.krugman_index(q, versus="total"),
    "krugman, rest": lambda q: yrd.krugman_index(q, versus="rest"),
    "krugman, others": lambda q: yrd.krugman_index(q, versus="others"),
    "krugman, pairs": lambda q: yrd.krugman_index(q, versus="pairs", halved=True),
    "hoover": lambda q: yrd.hoover_index(q, of="units"),
    "herfindahl": yrd.herfindahl,
    "herfindahl, normalized": lambda q: yrd.herfindahl(q, normalized=True),
    "entropy": yrd.entropy,
    "entropy, normalized": lambda q: yrd.entropy(q, normalized=True),
    "concentration ratio": lambda q: yrd.concentration_ratio(q, k=2),
    "gini of units": lambda q: yrd.locational_gini(q, of="units"),
    "gini of units, quotients": lambda q: yrd.locational_gini(q, of="units", normalization="quotients"),
    "similarity, mean": lambda q: yrd.similarity(q, against="mean"),
    "similarity, region": lambda q: yrd.similarity(q, against="region"),
}
BY_SECTOR = {
    "hoover of sectors": lambda q: yrd.hoover_index(q, of="sectors"),
    "herfindahl of sectors": lambda q: yrd.herfindahl(q, of="sectors"),
    "entropy of sectors": lambda q: yrd.entropy(q, of="sectors"),
    "gini of sectors": yrd.locational_gini,
    "gini of sectors, half": lambda q: yrd.locational_gini(q, normalization="half"),
    "gini of sectors, quotients": lambda q: yrd.locational_gini(q, normalization="quotients"),
}
BY_CELL = {
    "location quotient": yrd.location_quotient,
    "location quotient, symmetric": lambda q: yrd.location_quotient(q, form="symmetric"),
    "location quotient, log": lambda q: yrd.location_quotient(q, form="log"),
}
BY_PAIR = {
    "krugman matrix": yrd.krugman_matrix,
    "similarity": yrd.similarity,
    "similarity, krugman": lambda q: yrd.similarity(q, measure="krugman"),
}
EVERY = BY_UNIT | BY_SECTOR | BY_CELL | BY_PAIR


def in_order_of(result, like):
    """Put a result into the row and column order of another."""
    return result.loc[like.index, like.columns] if isinstance(like, pd.DataFrame) else result[like.index]


def long(cube):
    return pd.concat(
        {year: pd.DataFrame(q, UNITS, SECTORS) for year, q in zip(YEARS, cube, strict=True)}
    ).rename_axis(["year", "unit"])


@pytest.mark.parametrize("name", EVERY)
@few
@given(table=tables, factor=st.floats(1e-3, 1e3))
def test_the_unit_of_money_does_not_matter(name, table, factor):
    np.testing.assert_allclose(EVERY[name](table * factor), EVERY[name](table), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", EVERY)
@few
@given(table=tables, random=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_matter(name, table, random):
    rows, columns = UNITS.copy(), SECTORS.copy()
    random.shuffle(rows)
    random.shuffle(columns)
    base = EVERY[name](table)
    turned = in_order_of(EVERY[name](table.loc[rows, columns]), base)
    np.testing.assert_allclose(turned, base, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", EVERY)
@few
@given(cube=cubes)
def test_a_panel_is_its_years_one_by_one(name, cube):
    whole = EVERY[name](long(cube).sample(frac=1, random_state=1))
    for year, q in zip(YEARS, cube, strict=True):
        one = EVERY[name](pd.DataFrame(q, UNITS, SECTORS))
        np.testing.assert_allclose(in_order_of(whole.xs(year, level="year"), one), one, rtol=1e-9, atol=1e-10)


INDIFFERENT = [
    "krugman, total",
    "krugman, rest",
    "krugman, others",
    "krugman, pairs",
    "hoover",
    "herfindahl",
    "entropy",
    "concentration ratio",
    "similarity, mean",
    "similarity, region",
    *BY_PAIR,
]


@pytest.mark.parametrize("name", INDIFFERENT)
@few
@given(table=tables)
def test_a_sector_that_nobody_has_adds_nothing(name, table):
    wider = table.assign(empty=0.0)
    np.testing.assert_allclose(EVERY[name](wider), EVERY[name](table), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", BY_UNIT)
def test_index_and_name_by_unit(name):
    one = BY_UNIT[name](pd.DataFrame(np.arange(1.0, 21).reshape(5, 4), UNITS, SECTORS))
    assert one.index.tolist() == UNITS
    several = BY_UNIT[name](long(np.arange(1.0, 61).reshape(3, 5, 4)))
    assert several.index.names == ["unit", "year"]
    assert several.name == one.name is not None


@pytest.mark.parametrize("name", BY_SECTOR)
def test_index_by_sector(name):
    one = BY_SECTOR[name](pd.DataFrame(np.arange(1.0, 21).reshape(5, 4), UNITS, SECTORS))
    assert one.index.tolist() == SECTORS
    assert BY_SECTOR[name](long(np.arange(1.0, 61).reshape(3, 5, 4))).index.names == ["sector", "year"]


@pytest.mark.parametrize("name", EVERY)
def test_the_note_under_a_table_is_complete(name):
    panel = yrd.load_panel().select(columns=yrd.sector_sets()["sectors_19"], years=range(2016, 2022))
    attrs = EVERY[name](panel).attrs
    assert set(attrs) == {"measure", "basis", "reference", "variant", "notes"}
    assert attrs["measure"]
    assert attrs["basis"] == "employment"
    assert attrs["variant"]
    notes = " | ".join(attrs["notes"])
    assert "imputed" in notes
    assert "Suzhou (Anhui) 2017" in notes
    assert "years without a value are left out: 2020-2021" in notes


@pytest.mark.parametrize("name", BY_UNIT | BY_PAIR)
def test_an_empty_unit_is_not_defined_and_named(name):
    table = pd.DataFrame(np.arange(1.0, 21).reshape(5, 4), UNITS, SECTORS)
    table.loc["c"] = 0.0
    result = EVERY[name](table)
    missing = result.isna() if isinstance(result, pd.Series) else result.isna().all(axis=1)
    assert missing["c"]
    assert any(note.startswith("0/0, not defined: ") and "c" in note for note in result.attrs["notes"])


@pytest.mark.parametrize("name", EVERY)
def test_bad_tables_are_refused_by_every_measure(name):
    table = pd.DataFrame(np.arange(1.0, 21).reshape(5, 4), UNITS, SECTORS)
    with pytest.raises(GapError, match="b x"):
        EVERY[name](table.mask(table == 6.0))
    with pytest.raises(DataError, match="negative"):
        EVERY[name](table - 5)
    with pytest.raises(DataError, match="numbers by unit and sector"):
        EVERY[name](table.assign(name="text"))
    with pytest.raises(DataError, match="there twice"):
        EVERY[name](pd.concat([table, table]))
    with pytest.raises(AlignmentError, match="there twice"):
        EVERY[name](pd.concat([long(np.ones((3, 5, 4))), long(np.ones((3, 5, 4)))]))


@pytest.mark.parametrize("name", EVERY)
def test_the_table_is_left_as_it_was(name):
    table = long(np.arange(1.0, 61).reshape(3, 5, 4))
    before = table.copy()
    EVERY[name](table)
    pd.testing.assert_frame_equal(table, before)
    assert table.attrs == {}
