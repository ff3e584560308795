"""Reading tables of flows: spellings, encodings, and every policy; nothing guessed."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AmbiguousUnitError, DataError, GapError, UnknownUnitError
from yrdspatial.flows.reading import flows_template, read_flows

ROWS = [("上海", "苏州", 9), ("上海", "合肥", 2), ("苏州", "上海", 4), ("苏州", "合肥", 0)]
ROWS += [("合肥", "上海", 6), ("合肥", "苏州", 1)]


def synthetic(rows=ROWS):
    return pd.DataFrame(rows, columns=["origin", "destination", "flow"])


def test_every_spelling_is_one_city():
    other = [("310000", "Suzhou (Jiangsu)", 9), (310000, "合肥市", 2), ("苏州市", "Shanghai", 4)]
    other += [("蘇州", 340100, 0), ("Hefei", "上海市", 6), ("合肥", 320500, 1)]
    np.testing.assert_array_equal(read_flows(synthetic()).array, read_flows(synthetic(other)).array)


def test_labels_of_elsewhere_stand_as_they_are():
    flows = read_flows(synthetic([("b", "a", 1), ("a", "b", 2)]))
    assert flows.units.tolist() == ["a", "b"]
    assert flows.array[0, 0, 1] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_files(tmp_path, encoding, separator):
    path = tmp_path / "flows.csv"
    table = synthetic().rename(columns={"origin": "流出地", "destination": "流入地", "flow": "流量"})
    path.write_bytes(table.to_csv(index=False, sep=separator).encode(encoding))
    np.testing.assert_array_equal(read_flows(path).array, read_flows(synthetic()).array)


def test_excel(tmp_path):
    path = tmp_path / "flows.xlsx"
    synthetic().assign(年份=2019).to_excel(path, index=False)
    flows = read_flows(path)
    assert flows.years == (2019,)
    np.testing.assert_array_equal(flows.array, read_flows(synthetic()).array)


def test_the_template_filled_in_is_read(tmp_path):
    path = flows_template(tmp_path / "flows.csv", year=2019)
    table = pd.read_csv(path)
    assert len(table) == 41 * 40
    with pytest.raises(DataError, match="no flow is known"):
        read_flows(path)
    table.assign(flow=range(1640)).to_csv(path, index=False)
    flows = read_flows(path)
    assert flows.units.tolist() == yrd.load_units().index.tolist()
    assert np.nansum(flows.array) == 1639 * 1640 / 2
    with pytest.raises(DataError, match="exists"):
        flows_template(path)


def test_missing_pairs_by_each_policy():
    holes = synthetic([row if row[2] != 6 else (*row[:2], None) for row in ROWS if row[2] != 1])
    with pytest.raises(GapError, match=r"2: Hefei to Shanghai, Hefei to Suzhou \(Jiangsu\)"):
        read_flows(holes)
    zero, keep = (read_flows(holes, missing=policy) for policy in ("zero", "keep"))
    assert np.isnan(keep.array[0, 2, :2]).all()
    np.testing.assert_array_equal(zero.array[0, 2, :2], 0)
    assert zero.notes == ("flows within units are not known", "2 pairs without a figure: set to zero")
    assert np.isnan(np.diagonal(zero.array[0])).all()


def test_self_flows():
    whole = synthetic([*ROWS, *((name, name, 5) for name in ("上海", "苏州", "合肥"))])
    assert read_flows(whole).self_flows
    dropped = read_flows(whole, self_flows="drop")
    assert dropped.notes[0] == "3 flows within units dropped"
    np.testing.assert_array_equal(dropped.array, read_flows(synthetic()).array)
    with pytest.raises(GapError, match="Hefei to Hefei"):
        read_flows(whole.iloc[:-1])


def test_duplicates():
    twice = synthetic([*ROWS, ("上海市", "苏州市", 1)])
    with pytest.raises(DataError, match=r"more than once \[Shanghai to Suzhou \(Jiangsu\)\]"):
        read_flows(twice)
    flows = read_flows(twice, duplicates="sum")
    assert flows.array[0, 0, 1] == 10
    assert flows.notes[0] == "1 rows added to others of the same pair"


def test_units_asked_for_give_the_order():
    flows = read_flows(synthetic(), units=["合肥", "上海", "苏州"])
    assert flows.units.tolist() == [340100, 310000, 320500]
    assert flows.array[0, 0, 1] == 6
    with pytest.raises(UnknownUnitError, match=r"not asked for \[Hefei\]"):
        read_flows(synthetic(), units=["上海", "苏州"])


def test_years():
    table = pd.concat([synthetic().assign(year="2018"), synthetic().assign(year=2019)])
    assert read_flows(table).years == (2018, 2019)
    assert read_flows(table, year=2019).years == (2019,)
    with pytest.raises(DataError, match="no flow of this year"):
        read_flows(table, year=2020)
    with pytest.raises(DataError, match=r"no number \[row 1\]"):
        read_flows(synthetic().assign(year="last"))


def test_codes_and_years_that_a_spreadsheet_made_decimal(tmp_path):
    rows = [(310000.0, 320500.0, 9.0), (320500.0, 310000.0, 4.0), (None, None, None)]
    table = synthetic(rows).assign(year=[2019.0, 2019.0, None])
    table.to_excel(tmp_path / "flows.xlsx", index=False)
    flows = read_flows(tmp_path / "flows.xlsx")
    assert flows.units.tolist() == [310000, 320500]
    assert flows.years == (2019,)


def test_labels_of_two_kinds():
    flows = read_flows(
        synthetic([(7, "b", 1), ("b", 7, 2), (7, 10, 3), (10, 7, 4), (10, "b", 5), ("b", 10, 6)])
    )
    assert flows.units.tolist() == [7, 10, "b"]


def test_thousands_marks():
    assert read_flows(synthetic([("a", "b", "1,200"), ("b", "a", " 3 ")])).array[0, 0, 1] == 1200


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        (synthetic([("上海", "苏州", -1)]), DataError, r"negative \[Shanghai to Suzhou \(Jiangsu\)\]"),
        (synthetic([("上海", "苏州", "many")]), DataError, "no numbers"),
        (synthetic([("上海", "Suzhou", 1)]), AmbiguousUnitError, "more than one"),
        (synthetic([("上海", "北京", 1)]), UnknownUnitError, "北京"),
        (synthetic([("上海", None, 1)]), DataError, r"no name \[row 1\]"),
        (synthetic().assign(year=2019.5), DataError, r"no number \[row 1\]"),
        (synthetic().drop(columns="flow"), DataError, r"missing \[flow\]"),
        ("no such file.csv", DataError, "no such file"),
    ],
)
def test_refused(table, error, words):
    with pytest.raises(error, match=words):
        read_flows(table)


def test_no_policy_is_guessed():
    with pytest.raises(DataError, match='"drop" is no policy'):
        read_flows(synthetic(), missing="drop")


def test_a_file_that_is_no_table(tmp_path):
    path = tmp_path / "flows.xlsx"
    path.write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="no table of flows"):
        read_flows(path)
