"""Claims on leading industries and similar structures: overlaps of the printed lists, and synthetic tables."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.case import Case
from yrdspatial.replication.checks.leading import CHECKS, among, largest, overlaps

INDUSTRIES = [f"C{number}" for number in range(13, 44)]
CODES = [310000, 320000, 330000, 340000]
NAMES = {name: one for one in CHECKS for name in one.ids}


@pytest.fixture
def judge(study, registry, add_tables, as_manufacturing):
    def run(claim, table):
        folder = add_tables({"panels/manufacturing/2020.csv": as_manufacturing(table)})
        return NAMES[claim].judge(Case(study, seed=7, data_dir=folder), registry[claim])

    return run


@pytest.fixture(scope="module")
def as_printed(case):
    """Synthetic: provinces whose five largest industries are those printed; Anhui's fifth is C38."""
    table = pd.DataFrame(1.0, index=CODES, columns=INDUSTRIES)
    for code, names in case.leading.items():
        for rank, name in enumerate([*names, "C38"][:5]):
            table.loc[code, name] = 20.0 - rank
    return table


def test_overlaps_of_the_printed_lists(case):
    """Counted by hand: 5 of 5, 4 of 6, 2 of 7, 1 of 8 industries are shared."""
    expected = {
        "Shanghai-Zhejiang": 5 / 5,
        "Shanghai-Jiangsu": 4 / 6,
        "Jiangsu-Zhejiang": 4 / 6,
        "Shanghai-Anhui": 2 / 7,
        "Zhejiang-Anhui": 2 / 7,
        "Jiangsu-Anhui": 1 / 8,
    }
    assert overlaps(case) == pytest.approx(expected)


def test_overlaps_stand_in_the_table(judged):
    for text in (
        "Shanghai-Zhejiang 1.000",
        "Shanghai-Jiangsu 0.667",
        "Shanghai-Anhui 0.286",
        "Jiangsu-Anhui 0.125",
    ):
        assert text in judged["Q4-02"].computed
    assert judged["Q4-02"].verdict == "not testable"


def test_cars_do_not_lead_in_jiangsu(judged):
    found = judged["Q4-03"]
    assert (found.verdict, found.computed, found.gap) == ("source inconsistent", "8 of 9 cells", "-1")
    assert "C26, C34, C38, C39" in found.why  # common to the three lists


def test_without_a_table_three_lists_wait_and_one_is_inconsistent(judged):
    assert [judged[f"T1-0{number}"].verdict for number in (1, 2, 3)] == ["not testable"] * 3
    assert judged["T1-04"].verdict == "source inconsistent"


@pytest.mark.parametrize("claim", ["T1-01", "T1-02", "T1-03"])
def test_printed_lists_hold_on_a_made_table(judge, as_printed, claim):
    found = judge(claim, as_printed)
    assert found.verdict == "replicated"
    assert "same order" in found.why
    spoiled = as_printed.copy()
    spoiled["C13"] = 99.0
    assert judge(claim, spoiled).verdict == "not replicated"
    assert judge(claim, spoiled).gap == f"Jaccard {4 / 6:.3f}"


def test_the_fifth_of_anhui_is_reported(judge, as_printed):
    found = judge("T1-04", as_printed)
    assert found.verdict == "source inconsistent"
    assert "the fifth is C38" in found.why


def test_sums_of_cities_are_another_vintage(judge, as_printed, study):
    units = study.units.index
    cities = as_printed.loc[units // 10000 * 10000].set_axis(units)
    assert judge("T1-01", cities).verdict == "replicated under another vintage"
    assert judge("T1-03", cities).verdict == "replicated under another vintage"


def test_similarity_on_a_made_table(judge, as_printed):
    values = as_printed.to_numpy()
    norms = np.sqrt((values**2).sum(axis=1))
    cosine = values @ values.T / np.outer(norms, norms)
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    mean = np.mean([cosine[pair] for pair in pairs])
    three = np.mean([cosine[pair] for pair in pairs if 3 not in pair])
    rest = np.mean([cosine[pair] for pair in pairs if 3 in pair])
    found = judge("Q4-01", as_printed)
    assert found.computed == f"mean {mean:.3f}; among the three {three:.3f}; with Anhui {rest:.3f}"
    assert found.verdict == ("replicated" if mean > 0.7 else "not replicated")
    assert judge("Q4-02", as_printed).verdict == "replicated"
    turned = as_printed.set_axis([340000, 320000, 330000, 310000]).sort_index()
    assert judge("Q4-02", turned).verdict == "not replicated"


def test_the_five_largest_are_sorted(as_printed):
    assert largest(as_printed, 310000) == ["C36", "C39", "C34", "C26", "C38"]


def test_means_over_pairs():
    matrix = pd.DataFrame(
        [[1.0, 0.2, 0.4], [0.2, 1.0, 0.9], [0.4, 0.9, 1.0]], index=[1, 2, 3], columns=[1, 2, 3]
    )
    assert among(matrix, [1, 2, 3]) == pytest.approx(0.5)
    assert among(matrix, [1, 3]) == pytest.approx(0.4)
