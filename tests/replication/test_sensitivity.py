"""Windows, vintages, samples: each variant against a sample made by hand."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.replication.sensitivity import (
    JUMPING,
    SAMPLES,
    adjusted_population,
    employment_variants,
    measure_sensitivity,
    spillovers_of,
    spliced_gdp,
    value_added_variants,
    weights_among,
)
from yrdspatial.replication.strands import employment_strand, value_added_strand

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
CAPITALS = (310000, 320100, 330100, 340100)


@pytest.fixture(scope="module")
def sensitivity(study):
    return measure_sensitivity(study, seed=7)


def found(sensitivity, **labels):
    table = sensitivity.spillovers
    for column, value in labels.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def by_hand(data, formula, weights, effects):
    return yrd.SDM(data, formula, weights=weights, effects=effects).fit()


@pytest.mark.parametrize("strand", ["employment", "value added"])
@pytest.mark.parametrize("weights", ["contiguity", "rail"])
def test_the_main_variant_is_the_main_model(sensitivity, spillovers, strand, weights):
    main = next(
        one for one in spillovers.main if (one.strand, one.model, one.weights) == (strand, "SDM", weights)
    )
    row = found(sensitivity, strand=strand, variant="main", weights=weights, quantity="rho")
    assert row["estimate"] == pytest.approx(main.results.params["rho"])
    assert row["std_error"] == pytest.approx(main.results.std_errors["rho"])
    indirect = main.impacts.set_index(["variable", "effect"]).loc[("log_gdp_head", "indirect"), "estimate"]
    row = found(sensitivity, strand=strand, variant="main", weights=weights, quantity="log_gdp_head")
    assert row["estimate"] == pytest.approx(indirect)
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.959964 * row["std_error"], rel=1e-5)


def test_windows_are_samples_of_their_years(study, sensitivity):
    strand = employment_strand(study.panel, study.times)
    years = strand.data.index.get_level_values("year")
    early = by_hand(strand.data[years <= 2012], strand.formula, study.weights["rail"], "twoways")
    row = found(sensitivity, strand="employment", variant="first window", weights="rail", quantity="rho")
    assert (row["years"], row["units"]) == (7, 41)
    assert row["estimate"] == pytest.approx(early.params["rho"])
    naive = by_hand(strand.data, strand.formula, study.weights["contiguity"], "twoways")
    row = found(sensitivity, strand="employment", variant="one window", weights="contiguity", quantity="rho")
    assert row["estimate"] == pytest.approx(naive.params["rho"])


def test_leaving_cities_out_leaves_their_links_out(study, sensitivity):
    strand = value_added_strand(study.panel, study.times)
    kept = [code for code in study.units.index if code not in CAPITALS]
    cube = study.weights["contiguity"].array(kept + list(CAPITALS), [2010])[0][: len(kept), : len(kept)]
    frame = pd.DataFrame(cube / cube.sum(axis=1, keepdims=True), kept, kept)
    data = strand.data[strand.data.index.get_level_values("unit").isin(kept)]
    results = by_hand(data, strand.formula, frame, "twoways")
    row = found(
        sensitivity, strand="value added", variant="no capitals", weights="contiguity", quantity="rho"
    )
    assert row["units"] == 37
    assert row["estimate"] == pytest.approx(results.params["rho"], abs=1e-7)


@pytest.mark.parametrize("without", [*SAMPLES.values(), JUMPING])
@pytest.mark.parametrize("family", ["contiguity", "rail"])
def test_rows_sum_to_one_among_those_who_stay(study, family, without):
    units = study.units.index.difference(list(without)).rename("unit")
    weights = weights_among(study.weights[family], units)
    assert list(weights.units) == list(units)
    assert weights.array().sum(axis=2) == pytest.approx(1.0)
    whole = study.weights[family].array()
    keep = np.isin(study.weights[family].units, units)
    assert ((weights.array() > 0) == (whole[:, keep][:, :, keep] > 0)).all()


def test_spliced_gdp_keeps_the_growth_of_each_vintage(study):
    old, new = study.panel.frame["gdp"].unstack("year"), spliced_gdp(study.panel).frame["gdp"].unstack("year")
    assert new[2022].to_numpy() == pytest.approx(old[2022].to_numpy())
    assert (new[2018] / new[2006]).to_numpy() == pytest.approx((old[2018] / old[2006]).to_numpy())
    index = study.panel.frame["gdp_index_prev100"].unstack("year")[2019] / 100
    assert (new[2019] / new[2018]).to_numpy() == pytest.approx(index.to_numpy())


def test_adjusted_population_stands_where_there_is_one(study):
    frame, other = study.panel.frame, adjusted_population(study.panel).frame
    late = frame["population_resident_adj"].notna()
    assert (other.loc[late, "population_resident"] == frame.loc[late, "population_resident_adj"]).all()
    early = other.loc[~late, "population_resident"]
    pd.testing.assert_series_equal(early, frame.loc[~late, "population_resident"])


def test_the_vintage_of_the_population_turns_the_sign(sensitivity):
    labels = {"strand": "value added", "weights": "contiguity", "quantity": "log_gdp_head"}
    published = found(sensitivity, variant="2010 on, population as published", **labels)
    adjusted = found(sensitivity, variant="2010 on, population adjusted", **labels)
    assert published["years"] == adjusted["years"] == 13
    assert published["estimate"] > 0 > adjusted["upper"]


def test_naive_transfer_is_windows_and_step(study, sensitivity):
    """First looks: Jiangsu +7.0 and Zhejiang -2.3 across the break, -4.1 and +5.0 inside the windows."""
    table = sensitivity.transfer
    assert (table["windows"] + table["step"]).to_numpy() == pytest.approx(table["naive"].to_numpy())
    assert table.loc[[32, 33], "naive"].tolist() == pytest.approx([7.0, -2.3], abs=0.05)
    assert table.loc[[32, 33], "windows"].tolist() == pytest.approx([-4.1, 5.0], abs=0.05)
    values = study.panel.frame["emp_C_manufacturing"].unstack("year")
    share = 100 * values / values.sum()
    step = (share[2013] - share[2012]).groupby(share.index // 10000).sum()
    assert table["step"].to_numpy() == pytest.approx(step.loc[table.index].to_numpy())


def test_moran_of_a_part_is_moran_of_its_values(study, measures, sensitivity):
    table = sensitivity.clustering.set_index(["sample", "weights", "year"])
    values = measures.groups["manufacturing"].xs(2019, level="year").drop(310000)
    keep = study.weights["contiguity"].units != 310000
    w = study.weights["contiguity"].array(None, [2019])[0][keep][:, keep]
    w /= w.sum(axis=1, keepdims=True)
    z = (values - values.mean()).to_numpy()
    row = table.loc[("no Shanghai", "contiguity", 2019)]
    assert row["I"] == pytest.approx(z @ w @ z / (z @ z))
    assert row["expected"] == pytest.approx(-1 / 39)


def test_moran_of_all_cities_is_that_of_the_chapter_on_clusters(clustering, sensitivity):
    whole = sensitivity.clustering.query("sample == 'all'").set_index(["weights", "year"])["I"]
    table = clustering.table.query("variable == 'manufacturing'").set_index(["weights", "year"])["I"]
    assert whole.to_numpy() == pytest.approx(table.loc[whole.index].to_numpy())


def test_variants_have_names_of_their_own(study):
    for variants in (employment_variants(study), value_added_variants(study)):
        names = [one.name for one in variants]
        assert len(set(names)) == len(names)
        assert names[0] == "main"


def test_a_variant_says_its_sample(study):
    variant = next(one for one in employment_variants(study) if one.name == "no jumps of scope")
    table = spillovers_of(variant, study.weights["rail"])
    assert table["quantity"].tolist() == ["rho", "lq_services", "log_gdp_head"]
    assert (table["units"].unique(), table["years"].unique()) == ([37], [14])
