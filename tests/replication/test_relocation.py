"""Where manufacturing went: shares, centres, ellipses and shift-share by formulas of their own."""

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from yrdspatial.replication.relocation import (
    SECTORS,
    centres_of,
    degrees,
    measure_relocation,
    moves_of,
    outlines_of,
    shift_shares,
    windows,
)
from yrdspatial.replication.subregions import sub_regions

SEED = 7


@pytest.fixture(scope="module")
def relocation(study):
    return measure_relocation(study, seed=SEED)


def shares(study, column, year):
    values = study.panel.frame[column].xs(year, level="year")
    return 100 * values / values.sum()


def test_the_transfer_is_the_change_of_shares_inside_the_windows(study, relocation):
    column = SECTORS["employment"]
    parts = [
        shares(study, column, end) - shares(study, column, base) for base, end in ((2005, 2012), (2013, 2019))
    ]
    table = relocation.transfer["employment"]
    assert list(table) == ["2005-2012", "2013-2019", "sum"]
    assert table["2005-2012"].to_numpy() == pytest.approx(parts[0].loc[table.index].to_numpy())
    assert table["sum"].to_numpy() == pytest.approx((parts[0] + parts[1]).loc[table.index].to_numpy())
    value = shares(study, SECTORS["value added"], 2022) - shares(study, SECTORS["value added"], 2005)
    assert relocation.transfer["value added"]["sum"].to_numpy() == pytest.approx(
        value.loc[table.index].to_numpy()
    )


def test_published_first_looks_at_the_windows(relocation):
    """Summed inside the windows Jiangsu is -4.1 and Zhejiang +5.0: computed apart from the shipped tables."""
    sums = relocation.transfer["employment"]["sum"]
    by_province = sums.groupby(sums.index // 10000).sum()
    assert by_province[32] == pytest.approx(-4.1, abs=0.05)
    assert by_province[33] == pytest.approx(5.0, abs=0.05)


def test_sub_regions_are_sums_and_add_up_to_zero(relocation):
    assert list(relocation.regions.index) == list(sub_regions())
    for name, codes in sub_regions().items():
        expected = relocation.transfer.loc[codes].sum()
        pd.testing.assert_series_equal(relocation.regions.loc[name], expected, check_names=False)
    assert relocation.regions.sum().abs().max() < 1e-9


def test_destinations_less_origins_and_their_chance(relocation):
    change = relocation.transfer["value added"]["sum"]
    regions = sub_regions()
    origins = [*regions["Shanghai"], *regions["苏南"], *regions["浙东"], *regions["浙北"]]
    ends = [*regions["皖北"], *regions["苏北"]]
    row = relocation.contrast.loc["value added"]
    assert row["origins"] == pytest.approx(change.loc[origins].sum())
    assert row["destinations"] == pytest.approx(change.loc[ends].sum())
    assert row["difference"] == pytest.approx(change.loc[ends].mean() - change.loc[origins].mean())
    rng = np.random.default_rng(123)  # another stream: Monte Carlo error of 20,000 draws is below 0.003
    values = change.loc[[*origins, *ends]].to_numpy()
    draws = np.array([rng.permutation(values) for _ in range(20_000)])
    simulated = draws[:, len(origins) :].mean(axis=1) - draws[:, : len(origins)].mean(axis=1)
    assert row["pvalue"] == pytest.approx((np.abs(simulated) >= abs(row["difference"])).mean(), abs=0.004)


def test_centres_are_weighted_means_inside_the_windows(study, relocation):
    assert windows(study.panel, "employment") == [(2005, 2012), (2013, 2019)]
    assert windows(study.panel, "value added") == [(2005, 2022)]
    table = relocation.centres
    assert not table.duplicated(["strand", "year"]).any()
    row = table[(table["strand"] == "value added") & (table["year"] == 2022)].iloc[0]
    weight = study.panel.frame["va_secondary"].xs(2022, level="year")
    seats = study.units.loc[weight.index, ["seat_lon", "seat_lat"]]
    mean = seats.mul(weight / weight.sum(), axis=0).sum()
    # the mean of degrees and the mean on the plane are within a few km of one another over 600 km
    assert abs(row["lon"] - mean["seat_lon"]) < 0.02
    assert abs(row["lat"] - mean["seat_lat"]) < 0.02


def test_moves_agree_with_distances_on_the_globe(relocation):
    table = relocation.centres[relocation.centres["strand"] == "value added"].sort_values("year")
    first, last = table.iloc[0], table.iloc[-1]
    bearing, _, metres = Geod(ellps="WGS84").inv(first["lon"], first["lat"], last["lon"], last["lat"])
    move = relocation.moves[(relocation.moves["strand"] == "value added")].iloc[0]
    assert (move["first"], move["last"], move["window"]) == (2005, 2022, "2005-2022")
    # an equal-area plane of 600 km keeps lengths to a few parts in a thousand, and directions to the meridian's turn
    assert move["distance"] == pytest.approx(metres / 1000, rel=5e-3)
    assert move["bearing"] == pytest.approx(bearing % 360, abs=1.0)


def test_moves_add_up_over_windows():
    path = pd.DataFrame(
        {
            "strand": "a",
            "window": ["w1", "w1", "w2", "w2"],
            "year": [2000, 2001, 2002, 2003],
            "x": [0.0, 3.0, 100.0, 100.0],
            "y": [0.0, 0.0, 50.0, 54.0],
        }
    )
    moves = moves_of(path).set_index("window")
    assert moves.loc["sum", ["east", "north", "distance", "first", "last"]].tolist() == [3, 4, 5, 2000, 2003]
    assert moves["bearing"].tolist() == pytest.approx([90.0, 0.0, np.degrees(np.arctan2(3, 4))])


def test_outlines_lie_one_standard_deviation_from_the_centre(study, relocation):
    """The variance of the points along any direction is that of the support function of the ellipse."""
    line = relocation.ellipses[
        (relocation.ellipses["strand"] == "employment") & (relocation.ellipses["year"] == 2019)
    ]
    assert (line[["lon", "lat"]].iloc[0] - line[["lon", "lat"]].iloc[-1]).abs().max() < 1e-9
    row = relocation.centres.query("strand == 'employment' and year == 2019").iloc[0]
    weight = study.panel.frame["emp_C_manufacturing"].xs(2019, level="year")
    x = study.units.loc[weight.index, "seat_lon"] - row["lon"]
    spread = np.sqrt((weight * x**2).sum() / weight.sum())
    # degrees of longitude shrink by 1 % a 0.9 degrees of latitude: the reach east is that of the plane within 2 %
    assert line["lon"].max() - row["lon"] == pytest.approx(spread, rel=0.02)
    assert set(relocation.ellipses["year"]) == {2005, 2012, 2013, 2019, 2022}


def test_an_ellipse_to_the_east():
    flat = pd.DataFrame(
        {
            "strand": "a",
            "window": "w",
            "year": [2000],
            "x": 0.0,
            "y": 0.0,
            "major": 50.0,
            "minor": 10.0,
            "angle": 90.0,
        }
    )
    line = outlines_of(flat)
    east = degrees(pd.DataFrame({"x": [50.0], "y": [0.0]}))
    assert line["lon"].max() == pytest.approx(east["lon"].iloc[0], abs=1e-9)
    assert line["lat"].max() == pytest.approx(
        degrees(pd.DataFrame({"x": [0.0], "y": [10.0]}))["lat"].iloc[0], abs=1e-3
    )


def test_the_regional_part_is_growth_against_the_delta(study, relocation):
    table = relocation.shift_share.set_index(["strand", "window", "region"])
    frame = study.panel.frame
    first, last = (frame["emp_C_manufacturing"].xs(year, level="year") for year in (2013, 2019))
    codes = sub_regions()["苏北"]
    row = table.loc[("employment", "2013-2019", "苏北")]
    growth = last.sum() / first.sum()
    assert row["regional"] == pytest.approx(last.loc[codes].sum() - growth * first.loc[codes].sum())
    assert row["change"] == pytest.approx(row["national"] + row["mix"] + row["regional"])
    assert row["base"] == pytest.approx(first.loc[codes].sum())
    whole = table.groupby(["strand", "window"])["regional"].sum()
    assert whole.abs().max() < 1e-6 * table["base"].max()
    assert set(table.loc["value added"].index.get_level_values("window")) == {"2005-2018", "2019-2022"}


def test_a_year_that_a_user_adds_moves_the_end(study_2023):
    assert windows(study_2023.panel, "value added") == [(2005, 2023)]
    assert centres_of(study_2023.panel, "value added")["year"].max() == 2023
    assert "2019-2023" in set(shift_shares(study_2023.panel, "value added")["window"])


def test_the_seed_moves_the_pvalue_only(study, relocation):
    other = measure_relocation(study, seed=SEED + 1)
    pd.testing.assert_frame_equal(other.transfer, relocation.transfer)
    assert other.contrast["pvalue"].to_numpy() == pytest.approx(
        relocation.contrast["pvalue"].to_numpy(), abs=0.01
    )
    assert any("census" in note for note in relocation.notes["value added"])
