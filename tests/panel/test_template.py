"""The sheet to fill in: read back without a problem, filled in and added."""

import openpyxl
import pytest

import yrdspatial as yrd
from yrdspatial.errors import OutputError
from yrdspatial.geography.units import load_units
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.template import panel_template


@pytest.fixture
def template(tmp_path):
    return panel_template(2024, tmp_path / "2024.xlsx")


def fill(path, figures):
    """Write figures (units by variables) under the titles of the sheet."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[2]}
    names = {cell.value: cell.row for cell in sheet["A"]}
    titles, cities = load_columns()["title_zh"], load_units()["name_zh"]
    for variable, values in figures.items():
        for unit, value in values.dropna().items():
            sheet.cell(names[cities[unit]], places[titles[variable]], float(value))
    book.save(path)


def test_the_sheet_has_the_dictionary_the_units_and_the_names(template):
    sheet = openpyxl.load_workbook(template).worksheets[0]
    columns = load_columns()
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][1:] == columns["title_zh"].tolist()
    assert rows[2][1:] == columns["title_en"].tolist()
    assert rows[3][1:] == columns["unit"].tolist()
    assert [row[0] for row in rows[4:45]] == load_units()["name_zh"].tolist()
    notes = " ".join(str(row[0]) for row in rows[45:])
    assert all(f"{name} | {title}" in notes for name, title in columns["title_zh"].items())


def test_the_empty_sheet_loads_without_a_problem(template):
    table = yrd.read_yearbook(template, year=2024)
    assert table.problems.empty
    assert table.values["value"].isna().all()


def test_the_filled_sheet_gives_back_every_figure(template, figures):
    wanted = figures(2019)
    fill(template, wanted)
    table = yrd.read_yearbook(template, year=2024)
    assert table.problems.empty
    read = table.values.dropna(subset="value")
    assert set(read["scope"]) == {"total"}
    wide = read.pivot_table(index="adcode", columns="variable", values="value")
    assert set(wide.columns) >= set(wanted.columns)
    # figures of up to twelve digits pass through the sheet
    assert wide.index.tolist() == wanted.index.tolist()
    gap = (wide[wanted.columns] - wanted.to_numpy()).abs()
    assert (gap <= 1e-11 * wanted.abs().to_numpy()).all(axis=None)


def test_the_filled_sheet_is_added_as_the_users_own(template, figures, tmp_path):
    fill(template, figures(2022)[["gdp", "va_primary", "va_secondary", "va_tertiary"]])
    folder = tmp_path / "mine"
    folder.mkdir()
    report = yrd.add_year(template, year=2024, data_dir=folder, write=True)
    assert report.ok
    panel = yrd.load_panel(data_dir=folder)
    assert panel.years[-1] == 2024
    assert (panel.frame["gdp"].xs(2024, level="year") == figures(2022)["gdp"]).all()
    text = (folder / "panels/yrd/2024.csv").read_text("utf-8")
    assert "figures of the user, 2024.xlsx" in text
    assert "Yearbook" not in text
    assert ",as_published\n" in text


def test_a_column_taken_away_and_one_moved_do_no_harm(template, figures):
    fill(template, figures(2019))
    book = openpyxl.load_workbook(template)
    book.worksheets[0].delete_cols(3)
    book.save(template)
    table = yrd.read_yearbook(template, year=2024)
    assert not (table.problems["severity"] == "error").any()
    gdp = table.values.query("variable == 'gdp'").set_index("adcode")["value"]
    assert (gdp - figures(2019)["gdp"]).abs().max() == 0


@pytest.mark.parametrize(
    ("name", "what"), [("2024.csv", "a template is an Excel file"), ("no/2024.xlsx", "cannot be written")]
)
def test_a_place_that_will_not_do_is_refused(tmp_path, name, what):
    with pytest.raises(OutputError, match=what):
        panel_template(2024, tmp_path / name)


def test_a_sheet_that_may_be_filled_in_is_not_written_over(template):
    before = template.read_bytes()
    with pytest.raises(OutputError, match="the file exists"):
        panel_template(2024, template)
    assert template.read_bytes() == before
