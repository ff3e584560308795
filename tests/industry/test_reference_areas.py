"""Against what: region, nation, and reference areas of one's own, alike in every measure that has one."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError
from yrdspatial.industry.location_quotient import reference_amounts
from yrdspatial.industry.table import as_sectors

SECTORS = yrd.sector_sets()["sectors_19"]
YEARS = range(2008, 2012)


@pytest.fixture(scope="module")
def employment():
    return yrd.load_panel().select(columns=SECTORS, years=YEARS)


@pytest.fixture(scope="module")
def nation():
    return yrd.national_totals()[SECTORS]


MEASURES = {
    "location quotient": lambda table, area: yrd.location_quotient(table, reference=area),
    "symmetric": lambda table, area: yrd.location_quotient(table, reference=area, form="symmetric"),
    "surplus": lambda table, area: yrd.location_quotient(table, reference=area, form="surplus"),
    "hoover": lambda table, area: yrd.hoover_index(table, of="units", reference=area),
    "gini": lambda table, area: yrd.locational_gini(table, of="units", reference=area),
    "gini, quotients": lambda table, area: yrd.locational_gini(
        table, of="units", normalization="quotients", reference=area
    ),
}


@pytest.mark.parametrize("name", MEASURES)
def test_the_nation_is_its_table_of_years(name, employment, nation):
    shipped = MEASURES[name](employment, "nation")
    own = MEASURES[name](employment, nation.sample(frac=1, random_state=1).iloc[:, ::-1])
    np.testing.assert_allclose(own, shipped, rtol=1e-12, atol=1e-12)
    assert shipped.attrs["reference"] == "nation: sum of the prefecture-level cities of China"
    assert own.attrs["reference"] == "own reference"


@pytest.mark.parametrize("name", MEASURES)
def test_the_region_is_the_sum_of_its_units(name, employment):
    region = MEASURES[name](employment, "region")
    sums = employment.frame.groupby("year").sum()
    np.testing.assert_allclose(MEASURES[name](employment, sums), region, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", MEASURES)
def test_one_series_counts_for_every_year(name, employment, nation):
    fixed = MEASURES[name](employment, nation.loc[2010])
    moving = MEASURES[name](employment, nation)
    at_2010 = fixed.xs(2010, level="year")
    np.testing.assert_allclose(at_2010, moving.xs(2010, level="year"), rtol=1e-12, atol=1e-12)
    assert not np.allclose(fixed.xs(2008, level="year"), moving.xs(2008, level="year"))


@pytest.mark.parametrize("name", MEASURES)
def test_the_size_of_the_reference_does_not_matter(name, employment, nation):
    np.testing.assert_allclose(
        MEASURES[name](employment, nation * 1e4), MEASURES[name](employment, nation), rtol=1e-9
    )


@pytest.mark.parametrize("name", MEASURES)
def test_a_unit_with_the_structure_of_the_reference_is_neutral(name):
    area = pd.Series({"x": 10.0, "y": 30.0, "z": 60.0})
    table = pd.DataFrame([area / 10, area * 3], index=["a", "b"])
    result = MEASURES[name](table, area)
    neutral = 1 if name == "location quotient" else 0
    np.testing.assert_allclose(result, neutral, atol=1e-12)


@pytest.mark.parametrize("name", MEASURES)
def test_a_reference_that_does_not_fit_is_refused_alike(name, employment, nation):
    with pytest.raises(AlignmentError, match=r"lacks years .own reference: 2011"):
        MEASURES[name](employment, nation.loc[:2010])
    with pytest.raises(AlignmentError, match=r"lacks sectors .*emp_finance"):
        MEASURES[name](employment, nation.drop(columns="emp_finance"))
    with pytest.raises(AlignmentError, match="year of the table is not known"):
        MEASURES[name](employment.frame.xs(2010, level="year"), nation)


def test_groups_against_the_nation(employment, nation):
    sets = yrd.sector_sets()
    groups = {"services": sets["tertiary"], "goods": [*sets["secondary"], "emp_A_agriculture"]}
    found = yrd.location_quotient(employment, reference="nation", groups=groups)
    frame, wide = employment.frame.loc[(310000, 2009)], nation.loc[2009]
    expected = (frame[sets["tertiary"]].sum() / frame.sum()) / (wide[sets["tertiary"]].sum() / wide.sum())
    assert found.loc[(310000, 2009), "services"] == pytest.approx(expected)
    weights = wide[sets["tertiary"]].sum() / wide.sum()
    recombined = found["services"].xs(2009, level="year") * weights
    recombined += found["goods"].xs(2009, level="year") * (1 - weights)
    np.testing.assert_allclose(recombined, 1)


def test_the_national_total_is_the_sum_of_the_sectors():
    # the printed total is smaller by 2-4 % in 2017-2019, so quotients against it would all be too large
    printed = yrd.national_totals()["employed_units_total"]
    summed = yrd.national_totals()[SECTORS].sum(axis=1)
    assert (summed / printed).loc[2017:].between(1.02, 1.045).all()
    table = yrd.load_panel().select(columns=SECTORS, years=[2018])
    amounts, _ = reference_amounts(as_sectors(table), "nation")
    assert amounts.sum() == pytest.approx(summed[2018])
