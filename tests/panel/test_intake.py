"""A year checked and added through the real reader: real figures in a made-up layout, and figures made wrong."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial import datasets
from yrdspatial.errors import DataError, SpecificationError
from yrdspatial.panel.check_report import CheckReport
from yrdspatial.replication.strands import value_added_strand

ROOT = Path(__file__).parents[2]
HEFEI = 340100
ACCOUNTS = ["gdp", "va_primary", "va_secondary", "va_tertiary", "gdp_index_prev100"]


def tree(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def seen(report, **wanted):
    """Return the findings of a report that fit."""
    problems = report.problems
    for name, value in wanted.items():
        problems = problems.loc[problems[name] == value]
    return problems


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


@pytest.fixture
def accounts(figures):
    """Return the accounts of 2022, grown by four to nine per cent: a made-up 2023 that adds up."""
    values = figures(2022)[ACCOUNTS].copy()
    growth = 1 + np.linspace(0.04, 0.09, len(values))
    parts = ACCOUNTS[1:4]
    values[parts] = values[parts].mul(growth, axis=0).round(2)
    values["gdp"] = values[parts].sum(axis=1).round(2)
    return values


@pytest.fixture
def table(made, accounts, tmp_path):
    return made(tmp_path / "2-7 made-up.csv", accounts)


# checking


def test_a_good_table_can_be_added(table):
    report = yrd.check_year(table, year=2023)
    assert isinstance(report, CheckReport)
    assert report.ok
    assert not (report.problems["severity"] == "warning").any()
    assert set(report.changes["kind"]) == {"new"}
    assert len(report.changes) == 41 * len(ACCOUNTS)


@pytest.mark.parametrize("year", [2013, 2019, 2021, 2022])
def test_the_shipped_year_in_another_layout_is_nothing_new(made, figures, tmp_path, year):
    report = yrd.check_year(made(tmp_path / "made-up.csv", figures(year)), year=year)
    assert report.ok
    assert report.changes.empty
    assert report.unchanged == figures(year).notna().sum().sum()


def test_the_order_of_columns_and_rows_does_not_matter(made, accounts, tmp_path):
    mixed = accounts.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=1)
    first = yrd.check_year(made(tmp_path / "a.csv", accounts), year=2023)
    second = yrd.check_year(made(tmp_path / "b.csv", mixed), year=2023)
    columns = ["adcode", "variable", "new", "kind"]
    pd.testing.assert_frame_equal(first.changes[columns], second.changes[columns])


def test_a_city_left_out_is_named(made, accounts, tmp_path):
    report = yrd.check_year(made(tmp_path / "a.csv", accounts.drop(HEFEI)), year=2023)
    assert not report.ok
    (row,) = seen(report, rule="coverage.unit").to_dict("records")
    assert (row["severity"], row["unit"], row["city"]) == ("error", HEFEI, "Hefei 合肥市")


@pytest.mark.parametrize("factor", [1e-8, 1e-4, 1e4])
def test_a_column_whose_unit_slipped_is_one_finding(made, accounts, tmp_path, factor):
    report = yrd.check_year(made(tmp_path / "a.csv", accounts * [factor, 1, 1, 1, 1]), year=2023)
    assert not report.ok
    errors = seen(report, severity="error")
    assert errors[["rule", "column"]].to_numpy().tolist() == [["slip.column", "gdp"]]


def test_another_unit_that_is_printed_is_converted(made, accounts, tmp_path):
    path = made(tmp_path / "a.csv", accounts * [1e4, 1, 1, 1, 1], units={"gdp": "万元"})
    report = yrd.check_year(path, year=2023)
    assert report.ok
    new = report.changes.query("variable == 'gdp'").set_index("adcode")["new"]
    assert np.allclose(new, accounts["gdp"], rtol=1e-11)


@pytest.mark.parametrize(
    ("column", "value", "rule", "severity"),
    [
        ("va_secondary", 1.2, "identity", "error"),
        ("va_secondary", 1.001, "identity", "warning"),
        ("gdp_index_prev100", 2.0, "schema.range", "error"),
        ("va_primary", 1e4, "slip.cell", "error"),
        ("va_primary", 3.0, "jump", "warning"),
        ("va_primary", -1.0, "schema.range", "error"),
    ],
)
def test_a_wrong_cell_is_found_at_its_place(made, accounts, tmp_path, column, value, rule, severity):
    wrong = accounts.copy()
    wrong.loc[HEFEI, column] *= value
    report = yrd.check_year(made(tmp_path / "a.csv", wrong), year=2023)
    assert report.ok == (rule == "identity" and severity == "warning")
    found = seen(report, rule=rule)
    assert set(found["unit"]) == {HEFEI}
    assert set(found["severity"]) == {severity}
    assert set(found["column"]) == {"gdp" if rule == "identity" else column}


def test_two_cities_that_changed_places_are_found(made, accounts, tmp_path):
    swapped = accounts.copy()
    swapped.loc[[HEFEI, 341700]] = accounts.loc[[341700, HEFEI]].to_numpy()
    report = yrd.check_year(made(tmp_path / "a.csv", swapped), year=2023)
    assert set(seen(report, rule="jump")["unit"]) == {HEFEI, 341700}


def test_a_cell_that_is_no_number_is_an_error_with_its_place(table):
    table.write_text(table.read_text("utf-8").replace("合肥市,", "合肥市,12O3,", 1), "utf-8")
    report = yrd.check_year(table, year=2023)
    assert not report.ok
    assert "12O3" in report.to_text()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("none.csv", None),
        ("empty.csv", b""),
        ("noise.xlsx", b"PK\x03\x04 no workbook"),
        ("noise.xls", b"\xd0\xcf\x11\xe0 no workbook"),
        ("bytes.csv", bytes(range(256))),
        ("words.csv", "一段文字\n没有表格\n".encode("gbk")),
        ("page.html", b"<html><p>no table"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_never_a_traceback(tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    report = yrd.check_year(path, year=2023)
    assert not report.ok
    assert report.changes.empty
    json.loads(report.to_json())
    assert "\n" in report.to_text("zh")


def test_a_table_of_another_year_is_refused(made, figures, tmp_path):
    path = made(tmp_path / "a.csv", figures(2022)[ACCOUNTS], title="2-7 地区生产总值 (2021年)")
    report = yrd.check_year(path, year=2023)
    assert not report.ok
    assert "2021" in report.to_text()


def test_a_column_that_the_dictionary_does_not_know_is_a_note(table):
    lines = table.read_text("utf-8").splitlines()
    heads = ["", ",民用汽车拥有量", ",Civil Motor Vehicles", ",辆"]
    lines = [line + head for line, head in zip(lines[:4], heads, strict=True)] + [
        f"{line},7" for line in lines[4:]
    ]
    table.write_text("\n".join(lines), "utf-8")
    report = yrd.check_year(table, year=2023)
    assert report.ok
    assert seen(report, rule="column.unknown")["column"].tolist() == ["民用汽车拥有量"]
    assert "民用汽车拥有量" not in set(report.changes["variable"])


@pytest.mark.parametrize("year", ["2023a", 23, True, 20230, None])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(SpecificationError, match="a year is a whole number"):
        yrd.check_year("a.csv", year=year)


def test_an_unknown_vintage_rule_is_refused():
    with pytest.raises(SpecificationError, match="there is no such vintage rule"):
        yrd.add_year("a.csv", year=2023, vintage="newest")


# adding


def test_without_write_nothing_changes(table, mine):
    report = yrd.add_year(table, year=2023, data_dir=mine)
    assert report.ok
    assert report.written == ""
    assert tree(mine) == {}


def test_a_year_lands_with_its_entry_and_loads(table, mine, accounts):
    report = yrd.add_year(table, year=2023, data_dir=mine, write=True)
    assert report.written == "panels/yrd/2023.csv"
    assert sorted(tree(mine)) == ["panels/yrd/2023.csv", "sources.toml"]
    panel = yrd.load_panel(data_dir=mine)
    assert panel.years == (*range(2003, 2024),)
    frame = panel.frame.xs(2023, level="year")[ACCOUNTS]
    assert np.allclose(frame, accounts, rtol=1e-12)
    entry = tomllib.loads((mine / "sources.toml").read_text("utf-8"))["panels/yrd/2023.csv"]
    assert entry["read_at"] == "2-7 made-up.csv"
    assert "China City Statistical Yearbook 2024" in entry["citation"]
    assert entry["sha256"] == hashlib.sha256((mine / "panels/yrd/2023.csv").read_bytes()).hexdigest()
    assert "2-7 made-up.csv" in datasets.cite("panels/yrd/2023.csv", data_dir=mine)


def test_the_same_table_again_changes_nothing(table, mine):
    yrd.add_year(table, year=2023, data_dir=mine, write=True)
    before = tree(mine)
    again = yrd.add_year(table, year=2023, data_dir=mine, write=True)
    assert (again.ok, again.written, len(again.changes)) == (True, "", 0)
    assert tree(mine) == before


def test_a_second_table_adds_its_columns(table, made, figures, mine, tmp_path):
    yrd.add_year(table, year=2023, data_dir=mine, write=True)
    more = made(tmp_path / "2-1 more.csv", figures(2022)[["population_resident"]])
    report = yrd.add_year(more, year=2023, data_dir=mine, write=True)
    assert set(report.changes["variable"]) == {"population_resident"}
    values = yrd.load_panel(data_dir=mine).frame.xs(2023, level="year")
    assert values[[*ACCOUNTS, "population_resident"]].notna().all(axis=None)
    entry = tomllib.loads((mine / "sources.toml").read_text("utf-8"))["panels/yrd/2023.csv"]
    assert entry["read_at"] == "2-7 made-up.csv; 2-1 more.csv"


def test_figures_for_a_shipped_year_are_laid_over_it_and_the_shipped_file_stays(
    made, figures, mine, tmp_path
):
    shipped = datasets.dataset_path("panels/yrd/2022.csv").read_bytes()
    wages = figures(2021)[["avg_wage_staff"]].dropna() * 1.05
    report = yrd.add_year(made(tmp_path / "a.csv", wages.round(0)), year=2022, data_dir=mine, write=True)
    assert report.ok
    panel = yrd.load_panel(data_dir=mine).frame.xs(2022, level="year")
    assert panel["avg_wage_staff"].notna().sum() == len(wages)
    assert (panel["gdp"] == figures(2022)["gdp"]).all()
    assert datasets.data_folder().joinpath("panels/yrd/2022.csv").read_bytes() == shipped


@pytest.mark.parametrize("wrong", ["error", "clash"])
def test_a_refused_year_changes_nothing(made, accounts, table, mine, tmp_path, wrong):
    yrd.add_year(table, year=2023, data_dir=mine, write=True)
    before = tree(mine)
    other = accounts.copy()
    other.loc[HEFEI, "gdp"] *= 1e4 if wrong == "error" else 1.0001
    report = yrd.add_year(made(tmp_path / "b.csv", other), year=2023, data_dir=mine, write=True)
    assert (report.ok, report.written) == (False, "")
    assert tree(mine) == before


@pytest.mark.parametrize(("vintage", "kind"), [("keep", "kept"), ("replace", "replaced"), ("both", "both")])
def test_the_user_answers_the_vintage_question(made, accounts, table, mine, tmp_path, vintage, kind):
    yrd.add_year(table, year=2023, data_dir=mine, write=True)
    revised = accounts.copy()
    parts = ACCOUNTS[1:4]
    revised[parts] = (revised[parts] * 1.001).round(2)
    revised["gdp"] = revised[parts].sum(axis=1).round(2)
    path = made(tmp_path / "revised.csv", revised)
    asked = yrd.add_year(path, year=2023, data_dir=mine)
    assert set(seen(asked, severity="error")["rule"]) == {"vintage"}
    assert (seen(asked, rule="vintage")["column"] == "gdp").sum() == 41
    report = yrd.add_year(path, year=2023, data_dir=mine, write=True, vintage=vintage)
    assert report.ok
    assert set(report.changes["kind"]) == {kind}
    assert (report.written == "") == (vintage == "keep")
    value = yrd.load_panel(data_dir=mine).frame.loc[(HEFEI, 2023), "gdp"]
    assert value == (revised if vintage == "replace" else accounts).loc[HEFEI, "gdp"]
    rows = pd.read_csv(mine / "panels/yrd/2023.csv").query("adcode == @HEFEI and variable == 'gdp'")
    kept = {accounts.loc[HEFEI, "gdp"]} | (set() if vintage == "keep" else {revised.loc[HEFEI, "gdp"]})
    assert set(rows["value"]) == kept


def test_nothing_is_written_without_a_folder_of_ones_own(table, monkeypatch):
    monkeypatch.delenv("YRD_DATA", raising=False)
    for folder in (None, datasets.data_folder()):
        with pytest.raises(DataError, match="--data-dir"):
            yrd.add_year(table, year=2023, data_dir=folder, write=True)
    assert not (datasets.data_folder() / "panels/yrd/2023.csv").exists()


def test_the_environment_names_the_folder(table, mine, monkeypatch):
    monkeypatch.setenv("YRD_DATA", str(mine))
    assert yrd.add_year(table, year=2023, write=True).written
    assert yrd.load_panel().years[-1] == 2023
    assert yrd.check_year(table, year=2023).changes.empty


def test_a_missing_folder_is_an_error(table, tmp_path):
    with pytest.raises(DataError, match="there is no such data folder"):
        yrd.add_year(table, year=2023, data_dir=tmp_path / "nowhere", write=True)


def test_paths_may_come_one_by_one(table, mine):
    report = yrd.add_year((path for path in [table]), year=2023, data_dir=mine, write=True)
    assert report.written
    assert "2-7 made-up.csv" in (mine / "sources.toml").read_text("utf-8")


# kills


ADD = """
import sys
import yrdspatial as yrd
sys.stdout.write("ready\\n")
sys.stdout.flush()
path, folder, vintage = sys.argv[1:]
for _ in range(3):
    yrd.add_year(path, year=2023, data_dir=folder, write=True, vintage=vintage)
"""


def test_a_killed_run_leaves_the_old_or_the_new_year_and_the_next_run_works(
    made, accounts, table, mine, tmp_path
):
    revised = accounts.copy()
    revised["gdp_index_prev100"] += 0.01
    path = made(tmp_path / "revised.csv", revised)
    yrd.add_year(table, year=2023, data_dir=mine, write=True)
    old, new = accounts["gdp_index_prev100"][HEFEI], revised["gdp_index_prev100"][HEFEI]
    start = time.perf_counter()
    yrd.add_year(path, year=2023, data_dir=mine, vintage="replace")
    span = time.perf_counter() - start
    for moment in np.random.default_rng(5).uniform(0, 1.5 * span, 4):
        folder = tmp_path / f"{moment:.6f}"
        shutil.copytree(mine, folder)
        process = subprocess.Popen(
            [sys.executable, "-c", ADD, str(path), str(folder), "replace"], stdout=subprocess.PIPE
        )
        process.stdout.readline()
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        value = yrd.load_panel(data_dir=folder).frame.loc[(HEFEI, 2023), "gdp_index_prev100"]
        assert min(abs(value - old), abs(value - new)) < 1e-9
        assert (datasets.verify(folder)["status"] == "ok").all()
        assert yrd.add_year(path, year=2023, data_dir=folder, write=True, vintage="replace").ok
        value = yrd.load_panel(data_dir=folder).frame.loc[(HEFEI, 2023), "gdp_index_prev100"]
        assert value == pytest.approx(new, abs=1e-9)
        assert sorted(tree(folder)) == ["panels/yrd/2023.csv", "sources.toml"]


# the whole chain


CHAIN = """
import sys
import yrdspatial as yrd
from yrdspatial.replication.strands import value_added_strand
table, folder = sys.argv[1:]
assert yrd.load_panel().years[-1] == 2021
report = yrd.add_year(table, year=2022, data_dir=folder, write=True)
assert report.ok, report.to_text()
panel = yrd.load_panel(data_dir=folder)
times = yrd.travel_times(panel.years)
strand = value_added_strand(panel, times)
sectors = panel.frame[yrd.sector_sets()["three_sectors"]].xs(2022, level="year")
quotient = yrd.location_quotient(sectors, reference="region")["va_tertiary"]
weights = yrd.rail_weights(times)[2022]
moran = yrd.moran(quotient, weights, permutations=99, seed=1)
print(strand.data.index.get_level_values("year").max(), len(strand.data), strand.data.notna().all(axis=None))
print(repr(float(moran["I"].iloc[0])))
print(repr(float(strand.data.xs(2022, level="year").to_numpy().sum())))
"""


def test_the_chain_runs_with_a_year_that_was_taken_away_and_added_back(made, figures, mine, tmp_path):
    """Real figures of 2022 in a made-up layout, on a copy of code and data without 2022."""
    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src/yrdspatial", copy / "src/yrdspatial", ignore=ignore)
    shutil.copytree(ROOT / "data", copy / "data", ignore=ignore)
    (copy / "data/panels/yrd/2022.csv").unlink()
    register = copy / "data/sources.toml"
    entries = tomllib.loads(register.read_text("utf-8"))
    del entries["panels/yrd/2022.csv"]
    register.write_text(datasets.format_sources(entries), "utf-8")
    wanted = figures(2022)
    path = made(tmp_path / "made-up.csv", wanted)
    done = subprocess.run(
        [sys.executable, "-c", CHAIN, str(path), str(mine)],
        env={"PYTHONPATH": str(copy / "src"), "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last, moran, total = done.stdout.splitlines()
    assert last == f"2022 {41 * 17} True"
    panel = yrd.load_panel()
    times = yrd.travel_times(panel.years)
    quotient = yrd.location_quotient(wanted[yrd.sector_sets()["three_sectors"]], reference="region")
    direct = yrd.moran(quotient["va_tertiary"], yrd.rail_weights(times)[2022], permutations=99, seed=1)
    assert float(moran) == pytest.approx(direct["I"].iloc[0], abs=1e-12)
    strand = value_added_strand(panel, times).data.xs(2022, level="year")
    assert float(total) == pytest.approx(strand.to_numpy().sum(), rel=1e-12)
