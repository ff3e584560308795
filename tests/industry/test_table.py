"""The table of units by sectors: what is read, what is refused, and how results are labelled."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import AlignmentError, DataError, GapError, SpecificationError
from yrdspatial.industry.table import as_sectors, describe, divide, flag_notes, require, stamp


@pytest.fixture
def long():
    """Two units, two years, two sectors: made up for the test."""
    index = pd.MultiIndex.from_tuples(
        [("B", 2001), ("A", 2000), ("A", 2001), ("B", 2000)], names=["unit", "year"]
    )
    return pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [5.0, 6.0, 7.0, 8.0]}, index)


def test_years_units_sectors(long):
    table = as_sectors(long)
    assert table.amounts.shape == (2, 2, 2)
    assert table.years == (2000, 2001)
    assert table.amounts[1, 0].tolist() == [3.0, 7.0]
    pd.testing.assert_frame_equal(table.by_cell(table.amounts), long.sort_index())


def test_one_year_keeps_the_order_of_its_rows():
    frame = pd.DataFrame({"x": [1, 2]}, index=["B", "A"])
    table = as_sectors(frame)
    assert table.years is None
    assert table.by_unit(table.amounts[:, :, 0], "x").index.tolist() == ["B", "A"]


def test_labels_of_sectors(long):
    table = as_sectors(long)
    result = table.by_sector(table.amounts.sum(axis=1), "total")
    assert result.index.names == ["sector", "year"]
    assert result["y", 2001] == 12.0
    one = as_sectors(long.xs(2000, level="year"))
    assert one.by_sector(one.amounts.sum(axis=1), "total").to_dict() == {"x": 6.0, "y": 14.0}


def test_years_without_values_are_left_out_with_a_note(long):
    long.loc[pd.IndexSlice[:, 2000], :] = np.nan
    table = as_sectors(long)
    assert table.years == (2001,)
    assert table.notes == ("years without a value are left out: 2000",)


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda t: t.iloc[:-1], GapError, r"x, y: B 2000"),
        (lambda t: t.mask(t == 6.0), GapError, r"y: A 2000"),
        (lambda t: -t, DataError, r"negative .x, y"),
        (lambda t: t.assign(y="text"), DataError, r"numbers by unit and sector .y"),
        (lambda t: t.iloc[:0], DataError, "no row"),
        (lambda t: pd.concat([t, t]), AlignmentError, "there twice"),
        (lambda t: t.droplevel("year"), DataError, r"a unit is there twice .A, B"),
        (lambda t: t.mask(t == 6.0, np.inf), DataError, r"an amount is infinite .y"),
        (lambda t: t.set_axis(["x", "x"], axis=1), DataError, r"a sector is there twice .x"),
    ],
)
def test_bad_tables_are_refused(long, spoil, error, message):
    with pytest.raises(error, match=message):
        as_sectors(spoil(long))


@pytest.mark.parametrize("table", [pd.Series([1.0, 2.0]), np.ones((2, 2)), {"x": [1.0]}, None])
def test_what_is_no_table_is_refused_with_a_way_out(table):
    with pytest.raises(
        DataError, match=r"table of units by sectors is needed .*one unit a DataFrame of one row"
    ):
        as_sectors(table)


def test_a_panel_brings_basis_and_flags():
    panel = load_panel().select(columns=sector_sets()["manufacturing"], years=range(2016, 2019))
    table = as_sectors(panel)
    assert table.basis == "employment"
    assert any("Suzhou (Anhui) 2017" in note for note in table.notes)


def test_basis_of_frames():
    assert as_sectors(pd.DataFrame({"va_tertiary": [1.0]})).basis == "value added"
    assert as_sectors(pd.DataFrame({"steel": [1.0]})).basis == "not stated"
    stated = pd.DataFrame({"steel": [1.0]})
    stated.attrs = {"basis": "output", "notes": ("by hand",)}
    assert (as_sectors(stated).basis, as_sectors(stated).notes) == ("output", ("by hand",))


def test_flag_notes_leave_out_mere_remarks():
    flags = pd.DataFrame(
        {
            "unit": [310000] * 2,
            "year": [2010] * 2,
            "variable": ["x", "y"],
            "flag": ["note: as printed", "zero: blank"],
        }
    )
    assert flag_notes(flags, [2010], n_units=41) == ("zero: blank (y: Shanghai 2010)",)
    assert flag_notes(flags, [2011], n_units=41) == ()


def test_division_by_zero_is_defined():
    np.testing.assert_array_equal(divide([0, 1, -1, 1], [0, 0, 0, 4]), [np.nan, np.inf, -np.inf, 0.25])


def test_attributes_are_the_same_for_every_measure(long):
    result = describe(pd.Series([1.0, np.nan], index=[340100, 310000]), as_sectors(long), "m", variant="v")
    assert set(result.attrs) == {"measure", "basis", "reference", "variant", "notes"}
    assert result.attrs["notes"] == ("0/0, not defined: Shanghai",)
    assert set(stamp(pd.Series([1.0])).attrs) == set(result.attrs)


def test_attributes_survive_a_concat(long):
    table = as_sectors(long)
    parts = [describe(pd.Series([1.0], name=name), table, "m") for name in "ab"]
    assert pd.concat(parts, axis=1).attrs["measure"] == "m"


def test_variants_that_do_not_exist_are_named():
    with pytest.raises(SpecificationError, match=r"form=x.: one of a, b"):
        require("x", ["a", "b"], "form")
    with pytest.raises(SpecificationError):
        require(["a"], ["a", "b"], "form")
