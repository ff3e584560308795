"""Claims on manufacturing by two-digit industry: they wait for a table, and a synthetic one decides them."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.case import Case
from yrdspatial.replication.checks.manufacturing import CHECKS, krugman_trend, yearly_slopes

INDUSTRIES = [f"C{number}" for number in range(13, 44)]
NAMES = {name: one for one in CHECKS for name in one.ids}
WAITING = sorted(set(NAMES))


@pytest.fixture(scope="module")
def even(study):
    """Synthetic: every city makes one unit of every industry."""
    return pd.DataFrame(1.0, index=study.units.index, columns=INDUSTRIES)


@pytest.fixture
def judge(study, registry, add_tables, as_manufacturing):
    """Return a function that judges a claim with synthetic tables by year."""

    def run(claim, tables):
        files = {
            f"panels/manufacturing/{year}.csv": as_manufacturing(table) for year, table in tables.items()
        }
        case = Case(study, seed=7, data_dir=add_tables(files))
        return NAMES[claim].judge(case, registry[claim])

    return run


def test_without_a_table_every_claim_waits_and_names_it(judged):
    for name in WAITING:
        assert judged[name].verdict == "not testable"
        assert "panels/manufacturing" in judged[name].why
    assert judged["S2-13"].computed.startswith("29 ")  # 41 - 8 - 4


@pytest.mark.parametrize(
    ("claim", "region", "codes"),
    [
        ("L-03", "绿色石化集群", ["C25", "C26", "C28"]),
        ("L-04", "生物医药集群", ["C27"]),
        ("L-05", "高端纺织集群", ["C17"]),
    ],
)
def test_clusters_hold_when_members_make_more(case, even, judge, claim, region, codes):
    made = even.copy()
    made.loc[case.regions[region], codes] = 10.0
    assert judge(claim, {2020: made}).verdict == "replicated"
    first = case.regions[region][0]
    share = 10.0 * len(codes) / (31 - len(codes) + 10.0 * len(codes))
    all_of_it = made[codes].to_numpy().sum() / made.to_numpy().sum()
    assert f"{case.names([first])} {share / all_of_it:.2f}" in judge(claim, {2020: made}).computed
    made.loc[first, codes] = 0.0
    expected = "replicated" if claim == "L-03" else "not replicated"  # L-03 asks for the mean of the members
    assert judge(claim, {2020: made}).verdict == expected


def concentrated(even, shares):
    """Give cities a share of their five largest industries: 31 industries, five of them equal, the rest equal."""
    made = even.copy()
    for code, share in shares.items():
        made.loc[code, INDUSTRIES[:5]] = share / 5 * 100
        made.loc[code, INDUSTRIES[5:]] = (1 - share) / 26 * 100
    return made


def test_the_printed_lists_hold_on_a_made_table(case, even, judge):
    shares = {code: 0.9 - 0.01 * i for i, code in enumerate(case.regions["CR5_gt70"])}
    shares |= dict.fromkeys(case.regions["CR5_60_70"], 0.65)
    made = concentrated(even, shares)
    assert judge("S2-11", {2020: made}).verdict == "replicated"
    assert judge("S2-12", {2020: made}).gap == "Jaccard 1.000"
    assert judge("S2-13", {2020: made}).computed == "29"
    order = judge("S2-14", {2020: made})
    assert (order.verdict, order.computed) == ("replicated", "tau 1.000")


def test_a_mismatch_is_named_with_its_share(case, even, judge):
    shares = dict.fromkeys(case.regions["CR5_gt70"], 0.8) | {320500: 0.75}
    found = judge("S2-11", {2020: concentrated(even, shares)})
    assert found.verdict == "not replicated"
    assert found.gap == f"Jaccard {8 / 9:.3f}; computed only: Suzhou (Jiangsu)"
    assert "Suzhou (Jiangsu) 75.0" in found.why


def test_specialization_sharpens_on_made_tables(even, judge):
    """Synthetic: each city favours one industry, the more the later the year."""
    rng = np.random.default_rng(1)
    favourite = np.eye(31)[rng.integers(0, 31, len(even))] * rng.uniform(0.5, 1.5, (len(even), 1))
    tables = {year: even + 4.0 * step * favourite for step, year in enumerate((2012, 2016, 2020))}
    assert judge("S2-10", tables).verdict == "replicated"
    assert (
        judge("S2-10", dict(zip((2020, 2016, 2012), tables.values(), strict=True))).verdict
        == "not replicated"
    )
    assert judge("S2-10", {2020: even}).verdict == "not testable"


def test_slopes_are_least_squares():
    index = pd.MultiIndex.from_product([["a", "b"], [2010, 2011, 2015]], names=["unit", "year"])
    values = pd.Series([1.0, 3.0, 4.0, 2.0, 2.0, 2.0], index=index)
    expected = np.polyfit([2010.0, 2011.0, 2015.0], [1.0, 3.0, 4.0], 1)[0]
    assert yearly_slopes(values).tolist() == pytest.approx([expected, 0.0])


def test_persistence_on_made_tables(even, judge):
    rng = np.random.default_rng(2)
    first = even * rng.lognormal(size=even.shape)
    light = [code for code in INDUSTRIES if int(code[1:]) < 25]
    later = first.copy()
    later[light] *= rng.lognormal(sigma=0.4, size=later[light].shape)  # light industry moves a little
    assert judge("Q4-04", {2008: first, 2020: later}).verdict == "replicated"
    later[light] = rng.lognormal(size=later[light].shape)  # light industry is dealt anew
    assert judge("Q4-04", {2008: first, 2020: later}).verdict == "not replicated"


def test_traditional_industries_on_made_tables(case, even, judge):
    """Synthetic: the destinations double chemicals and machinery, so that their shares rise and the others' fall."""
    later = even.copy()
    later.loc[case.union("皖北", "皖西", "苏北"), ["C26", "C34", "C35"]] = 2.0
    found = judge("E-06", {2008: even, 2020: later})
    assert found.verdict == "replicated"
    gain = 100 * (12 * 2 / (41 + 12) - 12 / 41)  # 6 + 1 + 5 destinations of 41 cities
    assert f"C26 {gain:+.2f}" in found.computed
    assert judge("E-06", {2008: later, 2020: even}).verdict == "not replicated"


def test_the_proxy_is_a_trend_of_the_krugman_index(case):
    text = krugman_trend(case)
    assert text.startswith("2013-2019: ")
    assert "of cities rise" in text
