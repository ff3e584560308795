"""The robustness table: every column is the model it says, and its numbers are those of the fits."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from yrdspatial.models.estimators import SDM
from yrdspatial.replication.fits import both_strands
from yrdspatial.replication.robustness import (
    GROUPS,
    SHOWN,
    Column,
    columns_of,
    controls_of,
    estimated,
    robustness,
    samples_of,
    weight_families,
    windows_of,
)

CAPITALS = {310000, 320100, 330100, 340100}


@pytest.fixture(scope="module")
def result(study):
    return robustness(study)


@pytest.fixture(scope="module")
def families(study):
    return weight_families(study)


def rho(result, **labels):
    table = result.numbers[result.numbers["quantity"] == "rho"]
    for name, value in labels.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_a_table_for_every_strand_and_group(result):
    assert set(result.tables) == {(strand, group) for strand in SHOWN for group in GROUPS}
    assert list(result.tables["value added", "weights"].to_frame().columns) == [
        "contiguity",
        "distance",
        "economic",
        "rail",
        "rail_frozen",
        "rail_decay",
    ]
    assert not result.numbers.isna().any(axis=None)


def test_the_layout_of_papers(result):
    """Coefficients, their lags, rho, three blocks of effects, then the foot with controls and effects."""
    rows = result.tables["employment", "weights"].to_frame()
    names = [name for name in rows.index if name]
    order = ["lq_services", "W×lq_services", "ρ", "Direct effects", "Indirect effects", "Total effects"]
    places = [names.index(name) for name in [*order, "Controls", "Unit effects", "Observations"]]
    assert places == sorted(places)
    assert rows.loc["Controls"].tolist() == ["YES"] * 6
    assert "log_wage" not in rows.index
    assert set(result.tables["employment", "controls"].to_frame().loc["Controls"]) == {"YES", "NO"}
    assert (
        result.tables["value added", "bias"].to_frame().loc["Bias corrected"].tolist()
        == [
            "YES",
            "NO",
        ]
        * 2
    )


def test_numbers_are_those_of_a_fit_by_hand(study, result):
    strand = both_strands(study)[1]
    years = strand.data.index.get_level_values("year")
    late = SDM(
        strand.data[(years >= 2013) & (years <= 2019)], strand.formula, weights=study.weights["contiguity"]
    ).fit()
    row = rho(result, strand="value added", group="windows", variant="2013-2019", weights="contiguity")
    assert row["estimate"] == pytest.approx(late.params["rho"], abs=1e-10)
    assert row["std_error"] == pytest.approx(late.std_errors["rho"], abs=1e-10)
    assert row["nobs"] == 7 * 41
    none = SDM(strand.data, strand.formula, weights=study.weights["rail"]).fit(bias="none")
    row = rho(result, strand="value added", group="bias", variant="none", weights="rail")
    assert row["estimate"] == pytest.approx(none.params["rho"], abs=1e-10)


def test_the_same_model_in_every_group(result):
    for strand in SHOWN:
        for weights in ("contiguity", "rail"):
            found = [
                rho(result, strand=strand, group=group, variant=variant, weights=weights)["estimate"]
                for group, variant in zip(
                    GROUPS, ("main", "all years", "main", "all", "adjusted"), strict=True
                )
            ]
            assert np.ptp(found) == 0


def test_total_effects_are_the_long_formula(result):
    """Rows of all weights sum to one, so the total effect is (beta + theta) / (1 - rho) in every column."""
    keys = ["strand", "group", "variant", "weights"]
    wide = result.numbers.assign(name=result.numbers["quantity"] + " " + result.numbers["variable"])
    wide = wide.pivot_table("estimate", keys, "name")
    for variable in ("log_gdp_head", "log_access"):
        rows = wide.dropna(subset=[f"total {variable}"])
        total = rows[f"coefficient {variable}"] + rows[f"coefficient W_{variable}"]
        expected = total / (1 - rows["rho "])
        assert rows[f"total {variable}"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-8)


def test_samples_lose_their_cities_and_keep_rows_of_one(study, families):
    strand = both_strands(study)[1]
    samples = samples_of(strand)
    left = {name: set(one.data.index.unique("unit")) for name, one in samples.items()}
    assert set(study.units.index) - left["no Shanghai"] == {310000}
    assert set(study.units.index) - left["no capitals"] == CAPITALS
    column = Column("samples", "no capitals", "contiguity", samples["no capitals"])
    results = estimated(column, families["contiguity"])
    matrices = results.design.problem.lag.matrices
    assert matrices.sum(axis=2) == pytest.approx(np.ones(matrices.shape[:2]))
    whole = families["contiguity"].array(results.design.sample.units.union(CAPITALS))[0]
    kept = ~np.isin(results.design.sample.units.union(CAPITALS), list(CAPITALS))
    part = whole[np.ix_(kept, kept)]
    assert matrices[0] == pytest.approx(part / part.sum(axis=1, keepdims=True))


def test_windows_and_controls(study):
    employment, value_added = both_strands(study)
    windows = windows_of(employment)
    assert list(windows) == ["all years", "2006-2012", "2013-2019"]
    assert windows["2006-2012"].effects == "twoways"
    controls = controls_of(study, value_added)
    assert list(controls) == ["main", "only", "more"]
    assert controls["only"].formula == "log_share ~ lq_tertiary + log_gdp_head"
    assert controls["more"].data.index.get_level_values("year").max() == 2020
    assert list(controls_of(study, employment)) == ["main", "only"]


def test_columns(study, families):
    listed = list(columns_of(study, both_strands(study)[0], families))
    assert {one.group for one in listed} == set(GROUPS)
    assert len({(one.group, one.head) for one in listed}) == len(listed) == 6 + 2 * (3 + 2 + 3 + 2)
    assert replace(listed[0], group="bias", variant="none").head == "contiguity, none"


def test_weights_are_row_standardized_for_every_year(study, families):
    for weights in families.values():
        assert weights.years == tuple(study.panel.years)
        assert weights.array().sum(axis=2) == pytest.approx(np.ones((len(weights.years), 41)))


def test_in_chinese(result, study, monkeypatch):
    monkeypatch.setattr("yrdspatial.replication.robustness.columns_of", few)
    monkeypatch.setattr("yrdspatial.replication.robustness.GROUPS", ("weights",))
    table = robustness(study, lang="zh").tables["value added", "weights"].to_frame()
    english = result.tables["value added", "weights"].to_frame()
    assert "直接效应" in table.index
    numbers = [frame.loc[["log_gdp_head", "ρ"], "contiguity"] for frame in (table, english)]
    pd.testing.assert_series_equal(*numbers)


def few(study, strand, families):
    yield next(columns_of(study, strand, families))
