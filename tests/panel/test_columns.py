"""The column dictionary and the named sets of sectors."""

import tomllib

import pandas as pd

from yrdspatial.datasets import data_folder
from yrdspatial.panel.columns import blank_columns, load_columns, load_vintages, sector_sets
from yrdspatial.panel.panel import load_panel


def test_every_column_is_described():
    columns = load_columns()
    assert set(load_panel().frame.columns) <= set(columns.index)
    assert set(columns["kind"]) == {"stock", "flow", "share", "index", "price"}
    assert (columns[["title_zh", "title_en", "unit", "basis"]] != "").all().all()
    assert (columns["min"] < columns["max"]).all()


def test_sections_are_the_letters_a_to_s_once():
    columns = load_columns()
    with_section = columns.loc[columns["section"] != ""]
    assert "".join(sorted(with_section["section"])) == "ABCDEFGHIJKLMNOPQRS"
    assert with_section.index.tolist() == sector_sets()["sectors_19"]


def test_producer_services_are_nested():
    sets = {name: set(columns) for name, columns in sector_sets().items()}
    assert sets["producer_services_5"] - sets["producer_services_4"] == {"emp_transport_post"}
    assert sets["producer_services_6"] - sets["producer_services_5"] == {"emp_wholesale_retail"}
    assert sets["secondary"] | sets["tertiary"] | {"emp_A_agriculture"} == sets["sectors_19"]
    assert sets["industry"] < sets["secondary"]


def test_sets_are_copies_of_panel_columns():
    sector_sets()["manufacturing"].append("gdp")
    assert sector_sets()["manufacturing"] == ["emp_C_manufacturing"]
    assert {name for names in sector_sets().values() for name in names} <= set(load_columns().index)


def test_every_vintage_that_ships_is_explained():
    known = set(load_vintages())
    folder = data_folder() / "panels/yrd"
    found = pd.concat(pd.read_csv(file)["vintage"] for file in sorted(folder.glob("2*.csv"))).unique()
    assert {text.rstrip("0123456789") if text not in known else text for text in found} <= known
    assert set(tomllib.loads((folder / "columns.toml").read_text("utf-8"))) == {
        "vintages",
        "flags",
        "columns",
    }


def test_blank_columns_have_the_same_fields():
    blank = blank_columns(["x"], "here")
    assert [*load_columns().columns, "sources"] == blank.columns.tolist()
    assert blank[["min", "max"]].dtypes.tolist() == [float, float]
