"""Tables that a user adds: read, refused with a way out, and their provinces."""

import re

import pandas as pd
import pytest

from yrdspatial.datasets import read_table, read_toml
from yrdspatial.errors import DataError
from yrdspatial.replication.added_tables import (
    cities_of,
    known_units,
    load_added,
    provinces_of,
    read_added,
    spellings,
    template,
)

SYNTHETIC = pd.DataFrame({"C17": [1.0, 2.0], "C26": [3.0, 4.0]}, index=[310000, 320100])
NAME = "panels/manufacturing/2020.csv"


def test_a_table_is_read_by_year(add_tables, as_manufacturing):
    folder = add_tables(
        {NAME: as_manufacturing(SYNTHETIC), NAME.replace("2020", "2015"): as_manufacturing(SYNTHETIC * 2)}
    )
    tables = load_added("manufacturing", data_dir=folder)
    assert sorted(tables) == [2015, 2020]
    pd.testing.assert_frame_equal(tables[2020], SYNTHETIC, check_names=False)
    assert load_added("services", data_dir=folder) == {}


def test_names_of_industries_stand_for_codes(add_tables, as_manufacturing):
    text = as_manufacturing(SYNTHETIC).replace("C17", "纺织业").replace("C26", "化学原料及化学制品制造业")
    folder = add_tables({NAME: text})
    pd.testing.assert_frame_equal(read_added(NAME, data_dir=folder), SYNTHETIC, check_names=False)


def test_services_are_read_by_branch(add_tables, as_services):
    table = pd.DataFrame({"I": [1.0], "J": [2.0]}, index=[310000])
    folder = add_tables({"panels/services/2020.csv": as_services(table)})
    assert load_added("services", data_dir=folder)[2020].loc[310000].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("C17", "C99", "names are not in the schema"),
        ("100m CNY", "10k CNY", "values are not in 100m CNY"),
        ("C17,1.0", "C17,-1.0", "values are negative or no numbers"),
        ("C17,1.0", "C17,", "values are negative or no numbers"),
        ("320100", "110000", "units are not of the delta"),
        ("320100", "310000", "cells are given twice"),
        ("C26", "纺织业", "cells are given twice"),
        ("indicator", "kind", "columns are missing"),
    ],
)
def test_a_bad_table_is_refused_with_a_way_out(add_tables, as_manufacturing, old, new, message):
    folder = add_tables({NAME: as_manufacturing(SYNTHETIC).replace(old, new)})
    with pytest.raises(DataError, match=re.escape(message)) as refused:
        read_added(NAME, data_dir=folder)
    assert "template_manufacturing.csv" in str(refused.value)
    assert NAME in str(refused.value)


def test_an_unregistered_table_does_not_load(tmp_path, as_manufacturing):
    path = tmp_path / NAME
    path.parent.mkdir(parents=True)
    path.write_text(as_manufacturing(SYNTHETIC), "utf-8")
    with pytest.raises(DataError, match="no entry"):
        load_added("manufacturing", data_dir=tmp_path)


@pytest.mark.parametrize("name", ["manufacturing", "services"])
def test_the_templates_have_the_columns_of_the_schema(name):
    kind = read_toml("claims/tables.toml")[name]
    assert list(read_table(kind["template"])) == list(kind["columns"])
    assert kind["template"] in template(kind)
    assert kind["branch"] in kind["columns"]


def test_the_schema_knows_31_industries_and_14_branches():
    schema = read_toml("claims/tables.toml")
    assert list(schema["industries"]) == [f"C{number}" for number in range(13, 44)]  # GB/T 4754-2017
    assert list(schema["branches"]) == list("FGHIJKLMNOPQRS")
    codes = spellings(schema["industries"])
    assert codes["计算机通信和其他电子设备制造业"] == codes["计算机、通信和其他电子设备制造业"] == "C39"  # D4
    names = [name for names in schema["industries"].values() for name in names]
    assert len(names) == len(set(names))


def test_what_the_tables_decide_is_in_the_registry(registry):
    schema = read_toml("claims/tables.toml")
    for name in ("manufacturing", "services"):
        for claim in schema[name]["decides"]:
            assert f"panels/{name}" in registry[claim].data, claim


def test_provinces_stand_in_the_table_or_are_summed():
    cities = pd.DataFrame({"C17": [1.0, 2.0, 4.0]}, index=[310000, 320100, 320200])
    summed, printed = provinces_of(cities)
    assert not printed
    assert summed["C17"].to_dict() == {310000: 1.0, 320000: 6.0}
    whole = pd.concat([cities, pd.DataFrame({"C17": [9.0, 8.0, 7.0]}, index=[320000, 330000, 340000])])
    rows, printed = provinces_of(whole)
    assert printed
    assert rows["C17"].tolist() == [1.0, 9.0, 8.0, 7.0]
    pd.testing.assert_frame_equal(cities_of(whole), cities)


def test_known_units_are_the_cities_and_provinces():
    assert len(known_units()) == 44
