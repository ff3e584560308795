"""``yrd panel``: the report of the public function, an exit code, and nothing on disk unless asked."""

import csv
import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import yrdspatial as yrd
from yrdspatial.cli import main as cli


def invoke(*arguments):
    return CliRunner().invoke(cli.app, ["panel", *map(str, arguments)])


@pytest.fixture
def table(tmp_path):
    """Write the product of 2021, two per cent larger, in a made-up layout: a synthetic table of 2023."""
    path = tmp_path / "made-up.csv"
    gdp = yrd.load_panel().frame["gdp"].xs(2022, level="year") * 1.02
    names = yrd.load_units()["name_zh"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["2-7 made-up table"], ["城市", "地区生产总值(亿元)"]])
        writer.writerows([names[unit], f"{value:.2f}"] for unit, value in gdp.items())
    return path


@pytest.fixture
def broken(table):
    table.write_text(table.read_text("utf-8").replace("合肥市,1", "合肥市,-1"), "utf-8")
    return table


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_check_shows_the_report_and_ends_with_zero(table, lang):
    result = invoke("check", table, "--year", 2023, "--lang", lang)
    assert result.exit_code == 0
    assert result.stdout == yrd.check_year(table, year=2023).to_text(lang) + "\n"


def test_an_error_in_the_data_ends_with_one(broken):
    result = invoke("check", broken, "--year", 2023)
    assert result.exit_code == 1
    assert "Hefei" in result.stdout
    assert "Traceback" not in result.output


def test_machines_read_json_and_browsers_a_page(broken, tmp_path):
    content = json.loads(invoke("check", broken, "--year", 2023, "--format", "json").stdout)
    assert content["ok"] is False
    out = tmp_path / "deep" / "report.html"
    result = invoke("check", broken, "--year", 2023, "--format", "html", "--out", out)
    assert (result.exit_code, result.stdout) == (1, "")
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_add_year_shows_and_writes_only_when_asked(table, mine):
    shown = invoke("add-year", table, "--year", 2023, "--data-dir", mine)
    assert shown.exit_code == 0
    assert "41 figures would change (41 new)" in shown.stdout
    assert list(mine.iterdir()) == []
    done = invoke("add-year", table, "--year", 2023, "--data-dir", mine, "--write")
    assert done.stdout.splitlines()[-1] == "written: panels/yrd/2023.csv"
    assert yrd.load_panel(data_dir=mine).years[-1] == 2023


def test_add_year_takes_the_folder_of_the_environment_and_the_answer(table, mine, monkeypatch):
    monkeypatch.setenv("YRD_DATA", str(mine))
    assert invoke("add-year", table, "--year", 2023, "--write").exit_code == 0
    before = (mine / "panels/yrd/2023.csv").read_bytes()
    frame = pd.read_csv(table, skiprows=1)
    frame.iloc[:, 1] = (frame.iloc[:, 1] * 1.001).round(2)
    frame.to_csv(table, index=False)
    refused = invoke("add-year", table, "--year", 2023, "--write")
    assert refused.exit_code == 1
    assert "vintage keep, replace or both" in refused.stdout
    assert (mine / "panels/yrd/2023.csv").read_bytes() == before
    done = invoke("add-year", table, "--year", 2023, "--write", "--vintage", "replace")
    assert done.exit_code == 0
    assert "(41 replaced)" in done.stdout
    assert (mine / "panels/yrd/2023.csv").read_bytes() != before


def test_a_refused_year_is_not_written(broken, mine):
    assert invoke("add-year", broken, "--year", 2023, "--data-dir", mine, "--write").exit_code == 1
    assert list(mine.iterdir()) == []


def test_nothing_is_written_without_a_folder(table, monkeypatch, capsys):
    monkeypatch.delenv("YRD_DATA", raising=False)
    monkeypatch.setattr("sys.argv", ["yrd", "panel", "add-year", str(table), "--year", "2023", "--write"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: a year can only be written to a data folder of your own: name a folder")


def test_a_template_is_written_and_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke("template", "--year", 2024)
    assert result.stdout == "2024.xlsx\n"
    assert yrd.read_yearbook(tmp_path / "2024.xlsx", year=2024).problems.empty
    assert invoke("template", "--year", 2024, "--out", tmp_path / "other.xlsx").exit_code == 0


@pytest.mark.parametrize("arguments", [["check"], ["check", "a.csv"], ["add-year", "a.csv", "--year", "x"]])
def test_a_request_that_cannot_be_read_ends_with_two(arguments):
    assert invoke(*arguments).exit_code == 2
