"""The few ways in which a computed number agrees with a printed one, against the rules written out."""

import numpy as np
import pytest

from yrdspatial.replication.verdicts import (
    VERDICTS,
    Check,
    Claim,
    Verdict,
    check,
    compare,
    compare_sets,
    decide,
    jaccard,
    said,
)


def claim(figures, unit="%", tolerance=0.05):
    return Claim("X-1", "N", "", "", "", tuple(figures), unit, "2020", "", tolerance, "", (), ())


def test_the_six_verdicts_are_those_of_the_registry():
    assert VERDICTS == (
        "replicated",
        "replicated under another vintage",
        "not replicated",
        "source inconsistent",
        "not testable",
        "recorded",
    )


@pytest.mark.parametrize(
    ("printed", "computed", "vintage", "expected"),
    [
        (16.7, 16.74, "same", "replicated"),  # half a unit of the last digit
        (16.7, 16.76, "same", "not replicated"),
        (16.7, 16.65, "same", "replicated"),  # the edge counts
        (16.7, 17.2, "another", "replicated under another vintage"),  # 0.5 points
        (16.7, 17.21, "another", "not replicated"),
        (52.5, 51.96, "another", "not replicated"),  # 0.54 points are more than 0.5
    ],
)
def test_shares_agree_within_half_a_digit_or_half_a_point(printed, computed, vintage, expected):
    found = compare(claim([printed]), [computed], vintage=vintage, data="", why="")
    assert found.verdict == expected
    assert float(found.gap) == pytest.approx(round(computed - printed, 2), abs=1e-9)


def test_levels_of_another_vintage_agree_within_half_a_per_cent():
    level = claim([1000.0], unit="100m CNY", tolerance=0.0)
    assert compare(level, [1005.0], vintage="another", data="", why="").verdict == VERDICTS[1]
    assert compare(level, [1005.1], vintage="another", data="", why="").verdict == VERDICTS[2]
    assert compare(level, [1001.0], vintage="same", data="", why="").verdict == VERDICTS[2]
    assert compare(level, [1020.0], vintage="another", data="", why="", loose=20.0).verdict == VERDICTS[1]


def test_every_figure_must_agree():
    pair = claim([1.0, 2.0], tolerance=0.1)
    assert compare(pair, [1.0, 2.0], vintage="same", data="", why="").verdict == "replicated"
    assert compare(pair, [1.0, 2.2], vintage="same", data="", why="").verdict == "not replicated"
    with pytest.raises(ValueError, match="longer"):
        compare(pair, [1.0], vintage="same", data="", why="")


def test_what_a_comparison_says():
    found = compare(claim([3005.9, 1.0], tolerance=1.0), [3005.9, 0.5], vintage="same", data="here", why="so")
    assert (found.computed, found.gap, found.data, found.vintage, found.why) == (
        "3005.9; 0.5",
        "0; -0.5",
        "here",
        "same",
        "so",
    )


def test_a_rule_holds_or_not():
    assert [decide(True), decide(True, vintage="another"), decide(False, vintage="another")] == list(
        VERDICTS[:3]
    )


def test_sets_are_compared_both_ways():
    equal, gap = compare_sets({1, 2, 3}, {2, 3, 4}, lambda codes: ",".join(map(str, codes)))
    assert not equal
    assert gap == "Jaccard 0.500; printed only: 1; computed only: 4"
    assert compare_sets({1}, {1}, str) == (True, "Jaccard 1.000")


def test_jaccard_counts():
    rng = np.random.default_rng(3)
    for _ in range(20):
        a, b = (set(rng.integers(0, 9, 5).tolist()) for _ in range(2))
        both = sum(item in b for item in a)
        assert jaccard(a, b) == pytest.approx(both / (len(a) + len(b) - both))


def test_numbers_lose_their_empty_decimals():
    assert said([41.0, 0.333333, -0.0001, 120.0]) == "41; 0.33; -0; 120"
    assert said([120.0, 81.4], 0) == "120; 81"
    assert said([]) == ""


def test_a_check_knows_its_claims():
    one = check("A-1", "A-2")(lambda _, claim: Verdict("recorded", "", claim.id))
    assert isinstance(one, Check)
    assert one.ids == ("A-1", "A-2")
    assert one.judge(None, claim([])).why == "X-1"
