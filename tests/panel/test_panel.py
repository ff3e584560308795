"""The panel: aligned by label, immutable, honest about holes, a new year is one new file."""

import copy
import hashlib
import pickle
import shutil
import time
import tomllib
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.datasets import data_folder, files_under, format_sources
from yrdspatial.errors import AlignmentError, DataError, GapError
from yrdspatial.panel.panel import Panel, load_panel


@pytest.fixture(scope="module")
def panel():
    return load_panel()


@pytest.fixture
def synthetic():
    """Two units, three years, rows shuffled, one cell missing: made up for the test."""
    rows = [("B", 2002, 6.0), ("A", 2001, 2.0), ("B", 2000, 4.0), ("A", 2000, 1.0), ("A", 2002, 3.0)]
    return pd.DataFrame(rows, columns=["unit", "year", "y"])


def user_folder(tmp_path, files):
    """Write files into a user's data folder with the ``sources.toml`` they need."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    register(tmp_path)
    return tmp_path


def register(folder):
    fields = dict.fromkeys(["title", "producer", "citation", "read_at", "terms", "made_by"], "test")
    entries = {
        name: fields | {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
        for name in files_under(folder)
    }
    (folder / "sources.toml").write_text(format_sources(entries), "utf-8")


def year_table(year):
    return pd.read_csv(data_folder() / f"panels/yrd/{year}.csv", dtype=str, keep_default_na=False)


def test_the_shipped_panel_has_41_units_20_years_36_variables(panel):
    assert panel.frame.shape == (41 * 20, 36)
    assert panel.units.tolist() == yrd.load_units().index.tolist()
    assert panel.years == tuple(range(2003, 2023))
    assert panel.frame.index.names == ["unit", "year"]
    assert panel.frame.dtypes.unique().tolist() == [np.dtype(float)]
    assert repr(panel) == "Panel(41 units, 2003-2022, 36 variables)"


def test_printed_figures_are_there(panel):
    # Shanghai's tertiary value added of 2020, printed in its five-year plan of services: 28307.54 (100m CNY)
    assert panel.frame.loc[(310000, 2020), "va_tertiary"] == 28307.54
    # Totals of Jiangsu before and after the widening of 2013, in million persons: 8.31 and 14.99, 3.60 and 5.77
    jiangsu = panel.frame.loc[320000:329999].groupby("year").sum(min_count=13) / 100
    assert jiangsu.loc[[2012, 2013], "employed_units_total"].round(2).tolist() == [8.31, 14.99]
    assert jiangsu.loc[[2012, 2013], "emp_C_manufacturing"].round(2).tolist() == [3.60, 5.77]


def test_sectors_add_up_to_gdp_and_to_the_total(panel):
    frame = panel.frame
    accounts = frame[yrd.sector_sets()["three_sectors"]].sum(axis=1) / frame["gdp"] - 1
    assert accounts.abs().max() < 2e-4  # printed with two decimals
    workers = (
        frame[yrd.sector_sets()["sectors_19"]].sum(axis=1, min_count=19) / frame["employed_units_total"] - 1
    )
    assert (workers.abs() > 0.01).sum() <= 1  # 696 of 697 city-years add up


def test_loading_is_fast():
    start = time.process_time()
    load_panel()
    assert time.process_time() - start < 1.0


def test_a_panel_cannot_be_changed_from_outside(panel):
    with pytest.raises(FrozenInstanceError):
        panel.data = None
    before = panel.frame
    changed = panel.frame
    changed.iloc[0, 0] = -1
    del panel.flags["flag"]
    pd.testing.assert_frame_equal(panel.frame, before)
    assert "flag" in panel.flags
    panel.assign(x=1.0)
    assert "x" not in panel.frame


def test_variables_tell_unit_title_and_sources(panel):
    gdp = panel.variables.loc["gdp"]
    assert (gdp["unit"], gdp["title_zh"]) == ("100m CNY", "地区生产总值")
    assert "provincial statistical yearbooks" in gdp["sources"]
    assert panel.variables.index.tolist() == panel.frame.columns.tolist()


def test_flags_keep_source_and_vintage(panel):
    flags = panel.flags
    assert flags.columns.tolist() == ["unit", "year", "variable", "flag", "source", "vintage"]
    imputed = flags[flags["flag"].str.startswith("imputed")]
    assert imputed[["unit", "year"]].drop_duplicates().to_numpy().tolist() == [[341300, 2017]]
    assert len(imputed) == 19
    kinds = set(flags["flag"].str.partition(":")[0])
    text = tomllib.loads((data_folder() / "panels/yrd/columns.toml").read_text("utf-8"))
    assert kinds <= set(text["flags"])


def test_imputed_values_follow_the_rule_of_their_flag(panel):
    frame, sectors = panel.frame.loc[341300], yrd.sector_sets()["sectors_19"]
    shares = frame[sectors].div(frame["employed_units_total"], axis=0)
    expected = (shares.loc[2016] + shares.loc[2018]) / 2 * frame.loc[2017, "employed_units_total"]
    # values are stored with four decimals, and the shares of a year sum to one up to 1e-5
    np.testing.assert_allclose(frame.loc[2017, sectors], expected, rtol=0, atol=2e-4)


def test_interpolated_population_follows_its_rule(panel):
    frame = panel.frame
    first = frame["population_census"].xs(2010, level="year")
    last = frame["population_census"].xs(2020, level="year")
    middle = frame["population_resident_adj"].xs(2015, level="year")
    np.testing.assert_allclose(middle, np.sqrt(first * last), rtol=5e-5)  # stored with two decimals


def test_array_is_year_unit_column_in_the_asked_order(panel):
    cube = panel.array(["va_tertiary", "gdp"], years=[2020, 2005])
    frame = panel.frame
    assert cube.shape == (2, 41, 2)
    assert cube[1, 3, 0] == frame.loc[(panel.units[3], 2005), "va_tertiary"]
    assert cube[0, 40, 1] == frame.loc[(panel.units[40], 2020), "gdp"]


def test_shuffled_rows_give_the_same_panel(panel):
    shuffled = panel.frame.sample(frac=1, random_state=1)
    for frame in (shuffled, shuffled.swaplevel(), shuffled.reset_index()):
        np.testing.assert_array_equal(Panel.from_frame(frame).array("gdp"), panel.array("gdp"))


def test_array_names_every_hole(panel):
    with pytest.raises(GapError, match=r"population_resident: Changzhou 2015\].*choose other years"):
        panel.array(["gdp", "population_resident"], years=range(2005, 2023))
    with pytest.raises(GapError, match="fdi_utilised: all units 2022"):
        panel.array("fdi_utilised", years=[2021, 2022])
    with pytest.raises(GapError, match="emp_A_agriculture, emp_B_mining: all units 2020-2022"):
        panel.array(["emp_A_agriculture", "emp_B_mining"])


@pytest.mark.parametrize(
    ("columns", "years", "message"),
    [
        ("gpd", None, "no such column .gpd.: did you mean gdp"),
        ([], None, "no such column"),
        ("gdp", [2030], "no such year .2030.: the panel has 2003-2022"),
        ("gdp", [], "no such year"),
    ],
)
def test_unknown_columns_and_years_are_errors(panel, columns, years, message):
    with pytest.raises(GapError, match=message):
        panel.array(columns, years=years)


def test_gaps_lists_missing_cells(panel, synthetic):
    gaps = panel.select(years=range(2005, 2022)).gaps(["avg_wage_staff", "population_resident", "gdp"])
    assert gaps.to_numpy().tolist() == [
        [321100, 2021, "avg_wage_staff"],
        [320400, 2015, "population_resident"],
    ]
    own = Panel.from_frame(synthetic)
    assert own.gaps().to_numpy().tolist() == [["B", 2001, "y"]]


def test_from_frame_sorts_and_fills_the_grid(synthetic):
    own = Panel.from_frame(synthetic)
    assert own.units.tolist() == ["A", "B"]
    assert own.years == (2000, 2001, 2002)
    assert own.array("y", years=[2002, 2000])[:, :, 0].tolist() == [[3.0, 6.0], [1.0, 4.0]]
    assert len(own.breaks()) == 0
    assert own.variables.loc["y", "sources"] == "the user's frame"


def test_from_frame_refuses_duplicates_and_odd_years(synthetic):
    double = pd.concat([synthetic, synthetic.iloc[[1]]])
    with pytest.raises(AlignmentError, match=r"there twice \[A 2001\]"):
        Panel.from_frame(double)
    with pytest.raises(AlignmentError, match=r"not a whole number \[2001.5\]"):
        Panel.from_frame(synthetic.assign(year=2001.5))
    with pytest.raises(AlignmentError, match=r"not a whole number \[2001年\]"):
        Panel.from_frame(synthetic.assign(year="2001年"))
    with pytest.raises(AlignmentError, match="units and years are not found"):
        Panel.from_frame(synthetic.drop(columns="year"))
    with pytest.raises(DataError, match="rows and columns"):
        Panel.from_frame(synthetic.iloc[:0])


def test_assign_aligns_by_label(panel):
    gdp = panel.frame["gdp"]
    shuffled = gdp.sample(frac=1, random_state=2)
    by_unit = gdp.xs(2003, level="year").sample(frac=1, random_state=3)
    by_year = gdp.groupby(level="year").sum().iloc[::-1]
    new = panel.assign(
        same=shuffled, swapped=shuffled.swaplevel(), unit_only=by_unit, year_only=by_year, one=1, label="a"
    ).assign(half=lambda frame: frame["same"] / 2)
    frame = new.frame
    assert frame["same"].equals(gdp.rename("same"))
    assert frame["swapped"].equals(gdp.rename("swapped"))
    assert frame.loc[(340100, 2010), "unit_only"] == gdp[340100, 2003]
    assert frame.loc[(340100, 2010), "year_only"] == by_year[2010]
    assert frame.loc[(340100, 2010), "half"] == gdp[340100, 2010] / 2
    assert new.variables.loc["half", "sources"] == "assigned"
    with pytest.raises(GapError, match="labels, not numbers"):
        new.array("label")


def test_assigned_values_have_no_old_flags_and_may_have_gaps(panel):
    new = panel.assign(fdi_utilised=panel.frame["fdi_utilised"].loc[310000:320000])
    assert "fdi_utilised" not in set(new.flags["variable"])
    assert len(new.gaps("fdi_utilised")) == 820 - 17


def test_assign_refuses_what_it_cannot_align(panel):
    with pytest.raises(AlignmentError, match="no labels"):
        panel.assign(x=np.ones(820))
    with pytest.raises(AlignmentError, match="no label of a series is in the panel"):
        panel.assign(x=pd.Series({"Hefei": 1.0}))
    twice = pd.Series([1.0, 2.0], index=[340100, 340100])
    with pytest.raises(AlignmentError, match=r"there twice \[x: 340100\]"):
        panel.assign(x=twice)


def test_select_keeps_flags_of_what_is_left(panel):
    small = panel.select(columns=["emp_B_mining", "gdp"], units=["宿州", 310000], years=range(2016, 2019))
    assert small.units.tolist() == [310000, 341300]
    assert small.years == (2016, 2017, 2018)
    assert set(small.flags["unit"]) <= {310000, 341300}
    assert (small.flags["flag"].str.startswith("imputed")).sum() == 1
    assert small.array("gdp").shape == (3, 2, 1)
    with pytest.raises(yrd.errors.AmbiguousUnitError):
        panel.select(units=["Suzhou"])
    with pytest.raises(AlignmentError, match=r"no such unit \[110000\]"):
        panel.select(units=[110000])


def test_windows_label_the_years_between_breaks(panel):
    models = panel.windows()
    assert models.loc[310000].dropna().to_dict() == {
        **dict.fromkeys(range(2006, 2013), "2006-2012"),
        **dict.fromkeys(range(2013, 2020), "2013-2019"),
    }
    measures = panel.windows("measures").loc[341800]
    assert measures.groupby(measures).size().to_dict() == {"2005-2012": 8, "2013-2019": 7}
    tertiary = panel.windows("measures", strand="tertiary value added").loc[310000]
    assert tertiary.loc[[2018, 2019, 2022]].tolist() == ["2003-2018", "2019-2022", "2019-2022"]
    assert panel.assign(window=models).frame["window"].equals(models)


def test_a_new_year_is_one_new_file_in_the_users_folder(tmp_path, panel):
    text = (data_folder() / "panels/yrd/2022.csv").read_text("utf-8")
    grown = load_panel(data_dir=user_folder(tmp_path, {"panels/yrd/2023.csv": text}))
    assert grown.years == tuple(range(2003, 2024))
    np.testing.assert_array_equal(
        grown.array("gdp", years=[2022, 2023]), panel.array("gdp", years=[2022, 2022])
    )
    assert grown.windows(strand="secondary value added").iloc[-1] == "2006-2023"


def test_a_users_year_is_laid_over_the_shipped_one(tmp_path):
    table = year_table(2022)
    table.loc[(table["adcode"] == "310000") & (table["variable"] == "gdp"), "value"] = "50000"
    folder = user_folder(tmp_path, {"panels/yrd/2022.csv": table.to_csv(index=False)})
    assert load_panel(data_dir=folder).frame.loc[(310000, 2022), "gdp"] == 50000


def test_of_two_vintages_the_documented_one_is_taken(tmp_path):
    table = year_table(2018)
    cell = table[(table["adcode"] == "340100") & (table["variable"] == "gdp")]
    later = cell.assign(value="9000", vintage="census4")
    unlisted = cell.assign(value="1", vintage="rumour")
    text = pd.concat([unlisted, table, later]).to_csv(index=False)
    folder = user_folder(tmp_path, {"panels/yrd/2018.csv": text})
    assert cell["vintage"].item() == "before_census4"
    assert load_panel(data_dir=folder).frame.loc[(340100, 2018), "gdp"] == 9000


def test_of_two_editions_the_later_is_taken(tmp_path):
    table = year_table(2021)
    cell = table[(table["adcode"] == "340100") & (table["variable"] == "share_tertiary")]
    later = cell.assign(value="61", vintage="ccsy2024")
    folder = user_folder(tmp_path, {"panels/yrd/2021.csv": pd.concat([later, table]).to_csv(index=False)})
    assert load_panel(data_dir=folder).frame.loc[(340100, 2021), "share_tertiary"] == 61


def spoil(column, value):
    return lambda table: table.assign(**{column: table[column].where(table.index != 5, value)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (spoil("value", "n.a."), r"not a number .panels/yrd/2019.csv, Shanghai"),
        (spoil("value", "-1"), r"out of the range of its column .panels/yrd/2019.csv, Shanghai, emp_"),
        (spoil("variable", "gpd"), r"not in the dictionary .panels/yrd/2019.csv, Shanghai, gpd"),
        (spoil("unit", "persons"), r"another unit of measure .panels/yrd/2019.csv, Shanghai"),
        (spoil("source", ""), "has no source"),
        (lambda t: pd.concat([t, t.iloc[[7]]]), "there twice with one vintage"),
        (lambda t: t[t["adcode"] != "341800"], r"lacks units .panels/yrd/2019.csv: Xuancheng"),
        (spoil("adcode", "110000"), r"has unknown units .panels/yrd/2019.csv: 110000"),
        (lambda t: t.drop(columns="vintage"), "lacks vintage .panels/yrd/2019.csv"),
    ],
)
def test_a_bad_year_file_is_refused_with_its_place(tmp_path, change, message):
    text = change(year_table(2019)).to_csv(index=False)
    with pytest.raises(DataError, match=message):
        load_panel(data_dir=user_folder(tmp_path, {"panels/yrd/2019.csv": text}))


def test_a_changed_file_does_not_load(tmp_path):
    shutil.copy(data_folder() / "panels/yrd/2019.csv", tmp_path)
    user_folder(tmp_path, {"panels/yrd/2019.csv": (tmp_path / "2019.csv").read_text("utf-8")})
    (tmp_path / "panels/yrd/2019.csv").write_text("adcode\n", "utf-8")
    with pytest.raises(DataError):
        load_panel(data_dir=tmp_path)


def test_an_unknown_panel_is_an_error():
    with pytest.raises(DataError, match=r"there is no such panel \[atlantis\]: there is yrd"):
        load_panel("atlantis")


def test_a_panel_can_be_sent_to_another_process(panel):
    small = panel.select(columns=["gdp", "emp_B_mining"], years=range(2015, 2019))
    again = pickle.loads(pickle.dumps(small))
    pd.testing.assert_frame_equal(again.frame, small.frame)
    pd.testing.assert_frame_equal(again.flags, small.flags)
    pd.testing.assert_frame_equal(again.breaks(), small.breaks())
    assert again.units.equals(small.units)
    assert copy.deepcopy(small).years == small.years


def test_users_breaks_are_laid_over_the_shipped_ones(tmp_path):
    text = (
        (data_folder() / "panels/breaks.csv")
        .read_text("utf-8")
        .replace("2006-2012 2013-2019", "2007-2012 2013-2018")
    )
    own = load_panel(data_dir=user_folder(tmp_path, {"panels/breaks.csv": text}))
    assert sorted(own.windows().dropna().unique()) == ["2007-2012", "2013-2018"]


def test_a_users_column_needs_a_word_in_the_dictionary(tmp_path):
    extra = (
        year_table(2022).iloc[[0]].assign(variable="robots", value="12", unit="piece", flag="", vintage="own")
    )
    files = {"panels/yrd/2022.csv": pd.concat([year_table(2022), extra]).to_csv(index=False)}
    with pytest.raises(
        DataError, match=r"not in the dictionary .*robots = 12.0 piece.: describe it in columns.toml"
    ):
        load_panel(data_dir=user_folder(tmp_path, files))
    words = (
        '\n[columns.robots]\ntitle_zh = "机器人"\ntitle_en = "robots"\nunit = "piece"\nkind = "stock"\n'
        'basis = "capital"\nmin = 0\nmax = 1000000\n'
    )
    files["panels/yrd/columns.toml"] = (data_folder() / "panels/yrd/columns.toml").read_text("utf-8") + words
    grown = load_panel(data_dir=user_folder(tmp_path, files))
    assert grown.frame.loc[(310000, 2022), "robots"] == 12
    assert len(grown.gaps("robots")) == 819
    assert grown.variables.loc["robots", "title_zh"] == "机器人"


def test_a_panel_under_another_name(tmp_path):
    """A synthetic panel of the user's own: its units are those of its files."""
    header = "adcode,variable,value,unit,source,flag,vintage\n"
    rows = "1,y,{0},piece,book,,own\n2,y,{1},piece,book,suspect: by eye,own\n"
    words = '[vintages]\nown = "own"\n[columns.y]\nunit = "piece"\nkind = "stock"\nbasis = "own"\nmin = 0\nmax = 9\n'
    files = {
        "panels/mine/2001.csv": header + rows.format(1, 2),
        "panels/mine/2002.csv": header + rows.format(3, 4),
        "panels/mine/columns.toml": words,
    }
    own = load_panel("mine", data_dir=user_folder(tmp_path, files))
    assert own.array("y")[:, :, 0].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert own.flags["unit"].tolist() == [2, 2]
