"""`yrd industry`: every verb gives the numbers of its public function, on the shipped panel."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import yrdspatial as yrd
from yrdspatial.cli import main as cli

YEARS = ["--years", "2013-2019"]


@pytest.fixture(scope="module")
def panel():
    return yrd.load_panel()


@pytest.fixture(scope="module")
def employment(panel):
    return panel.select(columns=yrd.sector_sets()["sectors_19"], years=range(2013, 2020)).frame


def table_of(tmp_path, *arguments):
    """Run a verb with --out and read what it wrote."""
    out = tmp_path / "table.csv"
    result = CliRunner().invoke(cli.app, ["industry", *arguments, "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return pd.read_csv(out)


MEASURES = {
    "krugman": (
        ["--versus", "rest", "--no-halved"],
        lambda t: yrd.krugman_index(t, versus="rest", halved=False),
    ),
    "hoover": ([], lambda t: yrd.hoover_index(t, of="units")),
    "gini": (["--of", "units"], lambda t: yrd.locational_gini(t, of="units")),
    "herfindahl": (["--normalized"], lambda t: yrd.herfindahl(t, normalized=True)),
    "entropy": ([], yrd.entropy),
    "cr": (["--k", "3"], lambda t: yrd.concentration_ratio(t, 3)),
    "similarity": ([], lambda t: yrd.similarity(t, against="mean")),
}


@pytest.mark.parametrize("verb", MEASURES)
def test_a_measure_is_that_of_its_function(verb, tmp_path, employment):
    options, function = MEASURES[verb]
    found = table_of(tmp_path, verb, *options, *YEARS).set_index(["unit", "year"])
    expected = function(employment)
    assert found.iloc[:, -1].to_dict() == pytest.approx(expected.to_dict(), rel=1e-12)


def test_location_quotients_of_value_added(tmp_path, panel):
    found = table_of(tmp_path, "lq", "--basis", "three_sectors", "--years", "2022").set_index(
        ["unit", "year"]
    )
    v = panel.select(columns=yrd.sector_sets()["three_sectors"], years=[2022]).frame
    by_hand = v.div(v.sum(axis=1), axis=0).div(v.sum() / v.sum().sum())
    pd.testing.assert_frame_equal(found.drop(columns="city"), by_hand, check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize(("variant", "extra"), [("short", 0.0), ("long", 1.0)])
def test_coagglomeration_is_one_minus_the_relative_gap(variant, extra, tmp_path, employment):
    found = table_of(tmp_path, "coagglomeration", "--variant", variant, *YEARS).set_index(["unit", "year"])
    sets, total = yrd.sector_sets(), employment.sum(axis=1)

    def quotient(columns):
        share = employment[columns].sum(axis=1) / total
        whole = employment[columns].sum(axis=1).groupby("year").sum() / total.groupby("year").sum()
        return share / share.index.get_level_values("year").map(whole)

    m, s = quotient(sets["manufacturing"]), quotient(sets["producer_services_5"])
    by_hand = 1 - (m - s).abs() / (m + s) + extra * (m + s)
    assert found["coagglomeration"].to_dict() == pytest.approx(by_hand.to_dict(), rel=1e-12)


def test_tiers_put_larger_shares_first(tmp_path):
    found = table_of(tmp_path, "tiers", "--year", "2019", "--k", "4")
    bounds = found.groupby("tier")["share"].agg(["min", "max"])
    assert sorted(bounds.index) == [1, 2, 3, 4]
    assert (bounds["min"].to_numpy()[:-1] > bounds["max"].to_numpy()[1:]).all()


def test_transfer_is_the_change_of_the_share_in_points(tmp_path, panel):
    found = table_of(tmp_path, "transfer", "manufacturing", "--base", "2013", "--end", "2019").set_index(
        "unit"
    )
    share = panel.frame["emp_C_manufacturing"].unstack("year")
    share = 100 * share / share.sum()
    expected = (share[2019] - share[2013]).to_dict()
    assert found["share_change"].to_dict() == pytest.approx(expected, rel=1e-9)
    assert found["share_change"].sum() == pytest.approx(0, abs=1e-9)


def test_windows_leave_the_step_of_2013_out(tmp_path, panel):
    found = table_of(tmp_path, "windows", "manufacturing").set_index("unit")
    share = panel.frame["emp_C_manufacturing"].unstack("year")
    share = 100 * share / share.sum()
    by_hand = (share[2012] - share[2005]) + (share[2019] - share[2013])
    assert found.iloc[:, -1].to_dict() == pytest.approx(by_hand.to_dict(), rel=1e-9)


def test_shift_share_adds_up_to_the_change(tmp_path, panel):
    found = table_of(tmp_path, "shift-share", "--base", "2013", "--end", "2019")
    numbers = found.select_dtypes("number").drop(columns="unit")
    change = panel.frame["emp_finance"].unstack("year")
    finance = numbers[found["sector"] == "emp_finance"].set_index(
        found["unit"][found["sector"] == "emp_finance"]
    )
    expected = (change[2019] - change[2013]).to_dict()
    assert finance.iloc[:, 0].to_dict() == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert finance.iloc[:, 1:4].sum(axis=1).to_dict() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_centre_and_theil_run_over_every_year_there_is(tmp_path):
    centre = table_of(tmp_path, "centre", "va_secondary")
    assert centre["year"].tolist() == list(range(2003, 2023))
    theil = table_of(tmp_path, "theil", "gdp", "--population", "population_census")
    assert theil["year"].tolist() == [2010, 2020]
    assert (theil["between"] + theil["within"]).tolist() == pytest.approx(theil["total"].tolist(), rel=1e-12)


def test_a_transfer_across_the_break_is_refused_in_one_line():
    arguments = ["industry", "transfer", "manufacturing", "--base", "2005", "--end", "2019"]
    result = CliRunner().invoke(cli.app, arguments)
    assert isinstance(result.exception, yrd.errors.YrdSpatialError)
    assert "2012-2013" in str(result.exception)
    assert CliRunner().invoke(cli.app, [*arguments, "--across-breaks"]).exit_code == 0


def test_ellipse_directions_and_agreement_are_those_of_their_functions(tmp_path, panel):
    sets = yrd.sector_sets()
    ellipse = table_of(tmp_path, "ellipse", "va_secondary", "--years", "2022")
    whole = yrd.standard_deviational_ellipse(panel.frame["va_secondary"])
    assert ellipse.iloc[0, 1:].to_list() == pytest.approx(whole.loc[2022].to_list(), rel=1e-9)
    directions = table_of(tmp_path, "directions", "manufacturing")
    moved = yrd.transfer_directions(yrd.windowed_transfer(panel, sets["manufacturing"]))
    assert directions["sum"].to_list() == pytest.approx(moved["sum"].to_list(), rel=1e-9)
    agreement = table_of(tmp_path, "agreement", "manufacturing", "--base", "2013", "--end", "2019")
    ranks = agreement.set_index("measure")
    assert ranks.loc["share_change", "counterfactual"] == pytest.approx(
        1.0
    )  # the same order, by their formulas
    assert ranks.shape[0] == ranks.shape[1]


def test_gradient_is_the_quotient_times_relative_productivity(tmp_path, panel):
    found = table_of(tmp_path, "gradient", "--years", "2019").set_index("unit")["gradient"]
    frame = panel.frame.xs(2019, level="year")
    labour = frame[yrd.sector_sets()["sectors_19"]].sum(axis=1)
    own, output = frame["emp_C_manufacturing"], frame["va_secondary"]
    quotient = (own / labour) / (own.sum() / labour.sum())
    expected = quotient * (output / own) / (output.sum() / own.sum())
    assert found.to_dict() == pytest.approx(expected.to_dict(), rel=1e-9)


def test_sigma_and_beta_against_their_formulas(tmp_path, panel):
    found = table_of(tmp_path, "sigma", "gdp", "--years", "2006-2018")
    logs = np.log(panel.frame["gdp"].unstack("year"))
    assert found.shape[0] == 13
    assert (
        np.isclose(found.select_dtypes("number").iloc[:, 1:], logs[2018].std(ddof=1)).any()
        or np.isclose(found.select_dtypes("number").iloc[:, 1:], logs[2018].std(ddof=0)).any()
    )
    text = CliRunner().invoke(cli.app, ["industry", "beta", "gdp", "--base", "2006", "--end", "2018"]).output
    slope = np.polyfit(logs[2006], (logs[2018] - logs[2006]) / 12, 1)[0]
    assert f"coefficient {slope:.5f}" in text


def test_measures_on_a_table_of_the_user(tmp_path):
    prices = tmp_path / "synthetic_prices.csv"
    prices.write_text("unit,grain,cloth\nA,102,105\nB,101,103\nC,104,101\n", "utf-8")
    segmentation = table_of(tmp_path, "segmentation", str(prices))
    assert sorted(segmentation["unit"]) == ["A", "B", "C"]
    scores = tmp_path / "synthetic_scores.csv"
    scores.write_text("unit,first,second\nA,0.8,0.2\n", "utf-8")
    coupling = table_of(tmp_path, "coupling", str(scores), "--variant", "classic")
    assert coupling[["C", "D"]].iloc[0].to_list() == pytest.approx(
        [0.8, 0.632456], abs=1e-6
    )  # worked example
    plants = tmp_path / "synthetic_plants.csv"
    plants.write_text(
        "sector,unit,size\none,r1,40\none,r1,30\none,r2,30\ntwo,r2,40\ntwo,r2,30\ntwo,r1,30\n", "utf-8"
    )
    gamma = table_of(tmp_path, "ellison-glaeser", str(plants)).set_index("sector")["gamma"]
    assert gamma["one"] == pytest.approx(-0.272727, abs=1e-6)  # G = .08, H = .34, x = (.5, .5)
