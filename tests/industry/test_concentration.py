"""Herfindahl, entropy, CR-k, and locational Gini: published values, other packages, identities, zeros."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from inequality.gini import Gini

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.industry.concentration import concentration_ratio, entropy, herfindahl, locational_gini
from yrdspatial.industry.location_quotient import location_quotient

TABLE_A = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"), dtype=float)
few = settings(max_examples=15, deadline=None, derandomize=True)
tables = arrays(float, (5, 4), elements=st.floats(0.5, 1000)).map(
    lambda values: pd.DataFrame(values, index=list("abcde"), columns=list("wxyz"))
)


@pytest.fixture(scope="module")
def employment():
    return load_panel().select(columns=sector_sets()["sectors_19"])


def test_herfindahl_published():
    # REAT herf(c(20, 50, 20, 10)) = 0.34, normalized 0.12
    table = pd.DataFrame([[20, 50, 20, 10]], index=["firm sizes"])
    assert herfindahl(table).item() == pytest.approx(0.34, abs=1e-12)
    assert herfindahl(table, normalized=True).item() == pytest.approx(0.12, abs=1e-12)


@few
@given(tables, st.floats(1e-3, 1e3))
def test_ranges_scale_and_order(table, factor):
    turned = table.iloc[::-1, ::-1] * factor
    for measure, low in ((herfindahl, 1 / 4), (entropy, 0.0), (concentration_ratio, 0.0)):
        base = measure(table)
        assert ((base >= low - 1e-12) & (base <= np.log(5))).all()
        np.testing.assert_allclose(measure(turned)[base.index], base, rtol=1e-9)
    assert herfindahl(table, normalized=True).between(-1e-12, 1 + 1e-12).all()
    assert entropy(table, normalized=True).between(0, 1 + 1e-12).all()


@few
@given(tables)
def test_entropy_equals_scipy(table):
    np.testing.assert_allclose(entropy(table), scipy.stats.entropy(table, axis=1), rtol=1e-10)
    np.testing.assert_allclose(entropy(table, of="sectors"), scipy.stats.entropy(table, axis=0), rtol=1e-10)


def test_zero_times_log_zero_is_zero():
    table = pd.DataFrame([[1, 1, 0], [5, 0, 0]], index=["two", "one"])
    assert entropy(table).tolist() == pytest.approx([np.log(2), 0.0])
    assert herfindahl(table, normalized=True)["one"] == pytest.approx(1)


def test_empty_rows_are_not_defined_and_named():
    table = TABLE_A.copy()
    table.loc["B"] = 0
    for measure in (herfindahl, entropy, concentration_ratio):
        result = measure(table)
        assert result.isna().tolist() == [False, True, False]
        assert result.attrs["notes"] == ("0/0, not defined: B",)
    gini = locational_gini(table, of="units")
    assert gini.isna().tolist() == [False, True, False]


def test_one_sector_normalized_is_not_defined():
    assert np.isnan(herfindahl(TABLE_A[[0]], normalized=True)["A"])
    assert herfindahl(TABLE_A[[0]])["A"] == 1


def test_concentration_ratio_takes_the_printed_total():
    table = pd.DataFrame([[30, 20, 12, 8, 6, 5], [9, 8, 7, 6, 5, 4]], index=["A", "B"])
    total = pd.Series({"B": 70, "A": 100})
    assert concentration_ratio(table, total=total).tolist() == pytest.approx([0.76, 0.5])
    assert concentration_ratio(table, k=2, total=total).tolist() == pytest.approx([0.5, 17 / 70])
    assert concentration_ratio(table, total=total).attrs["reference"] == "printed total"
    assert concentration_ratio(table, k=99).tolist() == [1.0, 1.0]


def test_concentration_ratio_refuses_totals_that_do_not_fit():
    table = pd.DataFrame([[30, 20], [9, 8]], index=[340100, 310000])
    with pytest.raises(DataError, match=r"below its largest sectors .Hefei"):
        concentration_ratio(table, total=pd.Series({340100: 40, 310000: 20}))
    with pytest.raises(AlignmentError, match=r"do not fit the table .Shanghai"):
        concentration_ratio(table, total=pd.Series({340100: 100}))
    with pytest.raises(DataError, match="k=0"):
        concentration_ratio(table, k=0)


def test_panel_forms(employment):
    total = load_panel().frame["employed_units_total"].dropna()
    for result in (
        herfindahl(employment),
        entropy(employment),
        concentration_ratio(employment, total=total.sample(frac=1, random_state=1) * 1.2),
        locational_gini(employment, of="units"),
    ):
        assert result.index.names == ["unit", "year"]
        assert len(result) == 41 * 17
        assert result.attrs["basis"] == "employment"
        assert any("imputed" in note for note in result.attrs["notes"])
    frame = employment.frame.xs(2011, level="year")
    np.testing.assert_allclose(herfindahl(employment).xs(2011, level="year"), herfindahl(frame), rtol=1e-12)
    localized = locational_gini(employment, of="sectors")
    np.testing.assert_allclose(
        localized.xs(2011, level="year"), locational_gini(frame, of="sectors"), rtol=1e-10
    )


def test_printed_totals_go_by_unit_and_year(employment):
    total = load_panel().frame["employed_units_total"].dropna() * 2
    frame = employment.frame.loc[(310000, 2010)].sort_values()
    expected = frame.iloc[-5:].sum() / total[310000, 2010]
    assert concentration_ratio(employment, total=total)[310000, 2010] == pytest.approx(expected)


def test_gini_published():
    # REAT gini.spec and gini.conc, Farhauer and Kröll (2013): 0.6222222 and 0.4068966
    spec = pd.DataFrame([[700, 600, 500, 10000, 40000]], index=["region"])
    nation = pd.Series([30000, 15000, 10000, 60000, 50000])
    result = locational_gini(spec, of="units", normalization="quotients", reference=nation)
    assert result.item() == pytest.approx(0.6222222, abs=5e-8)
    industry, everything = (
        np.array([500, 500, 1000, 7000, 1000]),
        np.array([20000, 15000, 20000, 40000, 5000]),
    )
    conc = pd.DataFrame({"industry": industry, "rest": everything - industry})
    result = locational_gini(conc, of="sectors", normalization="quotients")["industry"]
    assert result == pytest.approx(0.4068966, abs=5e-8)


@few
@given(tables)
def test_gini_of_quotients_equals_another_package(table):
    quotients = location_quotient(table)
    expected = [Gini(quotients[sector].to_numpy()).g for sector in table]
    np.testing.assert_allclose(locational_gini(table, normalization="quotients"), expected, atol=1e-10)


@few
@given(tables)
def test_gini_by_pairs_and_its_normalizations(table):
    # independent formula: the weighted Lorenz Gini is sum_ij x_i x_j |LQ_i - LQ_j| / 2
    size = (table.sum(axis=1) / table.to_numpy().sum()).to_numpy()
    quotients = location_quotient(table).to_numpy()
    gaps = np.abs(quotients[:, None] - quotients[None]) * (size[:, None] * size)[:, :, None]
    lorenz = locational_gini(table)
    np.testing.assert_allclose(lorenz, gaps.sum(axis=(0, 1)) / 2, atol=1e-10)
    np.testing.assert_allclose(locational_gini(table, normalization="half"), lorenz / 2)
    assert lorenz.between(-1e-12, 1 - size.min() + 1e-12).all()


def test_variants_that_do_not_exist_are_errors():
    with pytest.raises(SpecificationError, match="normalization=area"):
        locational_gini(TABLE_A, normalization="area")
    with pytest.raises(SpecificationError, match="of=cities"):
        herfindahl(TABLE_A, of="cities")
