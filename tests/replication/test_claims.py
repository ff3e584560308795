"""The registry, the table of verdicts, and the adjustment over the family of claims on structure."""

import re

import numpy as np
import pandas as pd
import pytest

from yrdspatial.datasets import read_table, read_toml
from yrdspatial.replication.claims import (
    MODULES,
    adjust,
    all_checks,
    check_claims,
    correct,
    count_verdicts,
    load_claims,
    row,
    split,
)
from yrdspatial.replication.verdicts import VERDICTS, Verdict
from yrdspatial.tables.speech import speaking

TYPES = {"N": 37, "S": 17, "T": 10, "R": 7, "E": 15, "D": 4, "L": 11, "M": 16, "F": 8}  # counted in the study
COLUMNS = ["id", "verdict", "computed", "printed", "gap", "why"]


def test_the_registry_has_125_claims_of_nine_types():
    claims = load_claims()
    assert len(claims) == len({claim.id for claim in claims}) == 125
    assert pd.Series([claim.type for claim in claims]).value_counts().to_dict() == TYPES


def test_every_claim_has_one_check_and_every_check_a_claim():
    named = [name for module in MODULES for one in module.CHECKS for name in one.ids]
    assert len(named) == len(set(named))
    assert set(named) == set(all_checks()) == {claim.id for claim in load_claims()}


def test_every_check_names_its_claims_in_its_first_line():
    for module in MODULES:
        for one in module.CHECKS:
            first = one.judge.__doc__.splitlines()[0]
            for name in one.ids:
                spans = re.findall(r"([A-Z]\d?-\d\d) to ([A-Z]\d?-\d\d)", first)
                inside = any(low <= name <= high for low, high in spans)
                assert name in first or inside, f"{module.__name__}: {name}"


def test_regions_and_defects_of_the_registry_exist(case):
    defects = set(read_table("claims/defects.csv")["defect"])
    assert defects == {f"D{number}" for number in range(1, 13)}
    for claim in load_claims():
        assert set(claim.regions) <= set(case.regions)
        assert set(claim.defects) <= defects
    touched = {defect for claim in load_claims() for defect in claim.defects}
    assert touched == defects


def test_registry_rows_are_complete():
    for claim in load_claims():
        assert claim.statement
        assert claim.rule
        if claim.type == "N" and "metadata" not in claim.rule:
            assert claim.figures, claim.id
            assert np.isfinite(claim.tolerance)


def test_terms_are_short():
    """Key terms to search by, no sentences: at most twelve characters, no sentence mark."""
    for claim in load_claims():
        assert len(claim.term) <= 12
        assert not re.search("[，。：]", claim.term)


def test_cells_split_at_semicolons():
    assert split("") == ()
    assert split("a; b") == ("a", "b")
    assert split("a;b") == ("a;b",)


def test_the_table_has_every_claim_in_order(claims):
    assert list(claims["id"]) == [claim.id for claim in load_claims()]
    assert set(COLUMNS) < set(claims)
    assert set(claims["verdict"]) <= set(VERDICTS)


def test_every_row_says_why_and_by_which_rule(claims):
    assert claims["why"].str.endswith(".").all()
    assert claims["rule"].str.len().min() > 3
    tested = claims[~claims["verdict"].isin(["not testable", "recorded"])]
    assert (tested["computed"].str.len() > 0).all()
    assert (tested["data"].str.len() > 0).all()


def test_what_is_not_testable_names_the_table_that_would_decide(claims):
    rows = claims[claims["verdict"] == "not testable"]
    assert rows["why"].str.contains("would decide|It takes:|only provinces").all()


def test_proxies_never_decide(claims):
    with_proxy = claims[claims["proxy"].str.contains("proxy, employment")]
    assert len(with_proxy) >= 8
    assert set(with_proxy["verdict"]) == {"not testable"}


def test_permuted_claims_show_their_seed_and_weights(claims):
    tested = claims[claims["p_fdr"].notna()]
    assert (tested["type"] == "E").all()
    assert (tested["weights"].str.len() > 0).all()
    permuted = claims[claims["why"].str.contains("permut|HH|high-high|low-low")]
    assert (permuted["seed"] == 7).all()


def test_verdicts_are_counted_by_type(claims):
    counts = count_verdicts(claims)
    assert list(counts.index) == list(VERDICTS)
    assert counts["all"].sum() == 125
    assert counts.drop(columns="all").sum().to_dict() == TYPES


def test_p_values_are_adjusted_as_benjamini_and_hochberg():
    p = [0.001, 0.3, 0.021, 0.04, 0.04]
    family = {f"E-{i}": Verdict("replicated", "", "", p=value) for i, value in enumerate(p)}
    family["E-none"] = Verdict("not testable", "", "")
    family["E-null"] = Verdict("replicated", "", "", p=1e-9, retain=True)
    m = len(p)
    order = sorted(range(m), key=lambda i: p[i])
    expected, least = {}, 1.0
    for rank in range(m, 0, -1):  # step down from the largest: running minimum of m p / rank
        least = min(least, m * p[order[rank - 1]] / rank)
        expected[f"E-{order[rank - 1]}"] = least
    assert adjust(family) == pytest.approx(expected, abs=1e-9)
    assert adjust({}) == {}


def test_a_verdict_is_taken_back_by_the_adjusted_p_value_only():
    held = Verdict("replicated under another vintage", "x", "Because.", p=0.04)
    assert correct(held, 0.049) is held
    lost = correct(held, 0.05)
    assert lost.verdict == "not replicated"
    assert lost.computed == "x"
    assert "0.050" in lost.why
    failed = Verdict("not replicated", "x", "Because.", p=0.4)
    assert correct(failed, 0.9) is failed


def test_a_row_has_the_claim_and_the_verdict():
    claim = load_claims()[0]
    verdict = Verdict("replicated", "41", "Counted.", by_weights={"contiguity": 0.5, "rail time": -0.25})
    cells = row(claim, verdict, {claim.id: 0.02})
    assert cells["id"] == claim.id
    assert cells["defects"] == "D12"
    assert cells["by_weights"] == "contiguity +0.500; rail time -0.250"
    assert cells["p_fdr"] == 0.02
    assert row(claim, verdict, {})["p_fdr"] is None


def test_the_same_seed_gives_the_same_table(study, claims):
    pd.testing.assert_frame_equal(check_claims(study, seed=7), claims)


@pytest.mark.parametrize(
    ("defect", "claim", "verdict", "words"),
    [
        ("D1", "T1-04", "source inconsistent", "prints four"),
        ("D2", "Q4-03", "source inconsistent", "no C36 in Jiangsu"),
        ("D3", "T1-04", "source inconsistent", "output and revenue"),
        ("D4", "T1-04", "source inconsistent", "mark 、"),
        ("D5", "S4-04", "source inconsistent", "37 of 137"),
        ("D6", "S3-09", "source inconsistent", "another rate"),
        ("D7", "S3-07", "source inconsistent", "46.4 %"),
        ("D8", "S4-13", "source inconsistent", "Suzhou stands before both cores"),
        ("D9", "L-06", "source inconsistent", "Zhejiang"),
        ("D10", "E-05", "replicated under another vintage", "stand in tier 4"),
        ("D11", "S3-18", "not testable", "panels/services"),
        ("D12", "P-01", "replicated", "municipality"),
    ],
)
def test_each_defect_of_the_source_is_reported(claims, defect, claim, verdict, words):
    found = claims.set_index("id").loc[claim]
    assert defect in found["defects"].split()
    assert found["verdict"] == verdict
    assert words in found["why"]


def test_tables_that_a_user_adds_decide_more_and_change_no_other_claim(
    study, claims, add_tables, as_manufacturing, as_services
):
    """Synthetic: every city makes the same of everything, in 2010, 2015 and 2020."""
    even = pd.DataFrame(1.0, index=study.units.index, columns=[f"C{number}" for number in range(13, 44)])
    rng = np.random.default_rng(1)
    noisy = {year: even * rng.lognormal(sigma=0.1, size=even.shape) for year in (2010, 2015, 2020)}
    files = {f"panels/manufacturing/{year}.csv": as_manufacturing(table) for year, table in noisy.items()}
    branches = pd.DataFrame(
        rng.uniform(1, 2, (41, 14)), index=study.units.index, columns=list("FGHIJKLMNOPQRS")
    )
    folder = add_tables(files | {"panels/services/2020.csv": as_services(branches)})
    decided = check_claims(study, seed=7, data_dir=folder)
    schema = read_toml("claims/tables.toml")
    waiting = {*schema["manufacturing"]["decides"], *schema["services"]["decides"]}
    assert len(decided) == 125
    before, after = (table.set_index("id")["verdict"] for table in (claims, decided))
    assert set(before[list(waiting)]) == {"not testable"}
    assert "not testable" not in set(after[list(waiting)])
    others = [name for name in before.index if name not in waiting]
    assert after[others].to_dict() == before[others].to_dict()


def test_a_table_without_all_cities_decides_nothing(study, claims, add_tables, as_manufacturing, as_services):
    few = study.units.index[:3]
    made = pd.DataFrame(1.0, index=few, columns=["C17", "C26"])
    branches = pd.DataFrame(1.0, index=few, columns=["I", "J"])
    folder = add_tables(
        {
            "panels/manufacturing/2020.csv": as_manufacturing(made),
            "panels/services/2020.csv": as_services(branches),
        }
    )
    partial = check_claims(study, seed=7, data_dir=folder).set_index("id")["verdict"]
    assert partial.to_dict() == claims.set_index("id")["verdict"].to_dict()


def test_every_claim_is_stated_in_chinese_with_the_same_long_numbers():
    for claim in load_claims():
        assert re.search(r"[一-鿿]{3}", claim.statement_zh)
        assert re.search(r"[a-z]{3}", claim.statement_zh) is None
        english, chinese = (
            set(re.findall(r"\d{3,}", text)) for text in (claim.statement, claim.statement_zh)
        )
        assert chinese - english <= {"1000", "500"}  # 万 for millions


def test_a_claim_is_stated_in_the_language_of_the_report():
    claim = load_claims()[0]
    assert claim.stated() == claim.statement
    with speaking("zh"):
        assert claim.stated() == claim.statement_zh
