"""Flows as a labelled object: orders, years, totals, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import AlignmentError, DataError, SpecificationError, YrdSpatialError
from yrdspatial.flows.table import Flows, aligned_square, year_tables

UNITS = pd.Index([310000, 320500, 340100])
TABLE = pd.DataFrame([[7.0, 5.0, 1.0], [2.0, 9.0, 0.0], [4.0, 3.0, 8.0]], UNITS, UNITS)


def test_rows_and_columns_in_any_order_give_the_same_flows():
    shuffled = TABLE.loc[[340100, 310000, 320500], [320500, 340100, 310000]]
    flows = Flows.from_frames({2018: TABLE, 2019: shuffled})
    np.testing.assert_array_equal(flows.array[0], flows.array[1])
    assert flows.units.tolist() == UNITS.tolist()
    assert flows.periods == 2


def test_totals_by_a_loop():
    flows = Flows.from_frames({2018: TABLE, 2019: 2 * TABLE})
    totals = flows.totals()
    for unit in UNITS:
        others = [one for one in UNITS if one != unit]
        out = sum(TABLE.loc[unit, one] for one in others)
        into = sum(TABLE.loc[one, unit] for one in others)
        assert totals.loc[(unit, 2018)].tolist() == [out, into, into - out, TABLE.loc[unit, unit]]
        assert totals.loc[(unit, 2019), "net"] == 2 * (into - out)


def test_unknown_self_flows_are_missing_in_the_totals_and_not_in_the_long_table():
    away = TABLE.mask(np.eye(3, dtype=bool))
    flows = Flows.from_frames(away)
    assert not flows.self_flows
    assert flows.totals()["within"].isna().all()
    assert flows.totals()["outflow"].tolist() == [6.0, 2.0, 7.0]
    assert len(flows.long()) == 6
    assert list(flows.long().columns) == ["origin", "destination", "flow"]


def test_long_and_back():
    flows = Flows.from_frames({2018: TABLE, 2019: 2 * TABLE})
    wide = (
        flows.long().query("year == 2019").pivot_table(index="origin", columns="destination", values="flow")
    )
    np.testing.assert_array_equal(wide, flows.at(2019).frame())
    assert flows.at(2019).years == (2019,)


def test_what_it_says():
    flows = Flows.from_frames({2018: TABLE})
    assert repr(flows) == "<Flows between 3 units in 2018: 9 known, 1 zero>"
    assert flows.pair_name(0, 0, 1) == "Shanghai to Suzhou (Jiangsu) 2018"


@pytest.mark.parametrize(
    ("value", "words"), [(-1.0, "negative or infinite.*Shanghai to Hefei"), (np.inf, "negative or infinite")]
)
def test_flows_that_cannot_be(value, words):
    table = TABLE.copy()
    table.iloc[0, 2] = value
    with pytest.raises(DataError, match=words):
        Flows.from_frames(table)


def test_labels_that_do_not_fit():
    with pytest.raises(AlignmentError):
        Flows.from_frames(TABLE.rename(columns={310000: 330100}))
    with pytest.raises(AlignmentError, match="do not fit"):
        Flows(np.ones((1, 2, 2)), UNITS)
    with pytest.raises(AlignmentError, match="do not rise"):
        Flows(np.ones((2, 3, 3)), UNITS, (2019, 2018))
    with pytest.raises(YrdSpatialError):
        Flows(np.ones((1, 2, 2)), pd.Index([1, 1]))
    with pytest.raises(DataError, match="no flow is known"):
        Flows(np.full((1, 3, 3), np.nan), UNITS)
    with pytest.raises(DataError, match="no year"):
        Flows.from_frames({})
    with pytest.raises(AlignmentError, match="has no labels"):
        aligned_square(np.ones((3, 3)), UNITS, "times")


def test_a_year_has_to_be_named_when_there_are_two():
    flows = Flows.from_frames({2018: TABLE, 2019: TABLE})
    with pytest.raises(SpecificationError, match="no such year"):
        flows.frame()
    with pytest.raises(SpecificationError, match="2018, 2019"):
        flows.at(2020)


def test_tables_of_every_year_from_three_forms():
    class Times:
        """Travel times are read by their years and frames."""

        years = (2018, 2019)

        @staticmethod
        def frame(year):
            return TABLE * (year - 2017)

    flows = Flows.from_frames({2018: TABLE, 2019: TABLE})
    expected = np.stack([TABLE, 2 * TABLE])
    np.testing.assert_array_equal(year_tables(flows, Times(), "minutes"), expected)
    np.testing.assert_array_equal(year_tables(flows, {2018: TABLE, 2019: 2 * TABLE}, "minutes"), expected)
    np.testing.assert_array_equal(year_tables(flows, TABLE, "km"), np.stack([TABLE, TABLE]))
    with pytest.raises(AlignmentError, match=r"minutes \[2019\]"):
        year_tables(flows, {2018: TABLE}, "minutes")
    with pytest.raises(AlignmentError, match="years without a table"):
        year_tables(flows, 3.0, "minutes")
