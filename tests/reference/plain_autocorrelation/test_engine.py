"""The plain engine against examples done by hand."""

import importlib.util
from fractions import Fraction
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("plain_engine", Path(__file__).with_name("engine.py"))
engine = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(engine)

PATH = {("a", "b"): 1, ("b", "a"): 1, ("b", "c"): 1, ("c", "b"): 1, ("c", "d"): 1, ("d", "c"): 1}
EVEN = {pair: weight / (1 if pair[0] in "ad" else 2) for pair, weight in PATH.items()}
Y = {"a": 1, "b": 2, "c": 3, "d": 6}


def test_path_of_four():
    # deviations -2, -1, 0, 3; sum of squares 14
    assert engine.moran(Y, PATH) == pytest.approx(float(Fraction(4, 6) * 4 / 14))
    assert engine.moran(Y, EVEN) == pytest.approx(float(Fraction(3, 14)))
    assert engine.geary(Y, PATH) == pytest.approx(float(Fraction(3, 12) * 22 / 14))
    assert engine.getis_ord(Y, PATH) == pytest.approx(2 * (2 + 6 + 18) / (144 - 50))
    assert engine.weight_sums(Y, PATH) == (6, 12, 40)


def test_local_statistics_of_the_path():
    assert list(engine.local_moran(Y, EVEN).values()) == pytest.approx([3 / 7, 3 / 14, 0, 0])
    assert list(engine.local_geary(Y, PATH).values()) == pytest.approx([3 / 14, 6 / 14, 30 / 14, 27 / 14])
    assert engine.local_g(Y, PATH)["b"] == pytest.approx(4 / 10)
    assert engine.local_g(Y, PATH, star=True)["b"] == pytest.approx(6 / 12)
    assert [engine.quadrant(Y, PATH, place) for place in "abcd"] == ["LL", "LL", "LH", "HL"]


def test_moments_are_those_of_the_enumeration():
    exact = engine.enumerated(Y, lambda y: engine.moran(y, EVEN))
    assert engine.moran_moments(Y, EVEN, True) == pytest.approx(exact)
    assert engine.moran_moments(Y, EVEN, False)[1] == pytest.approx(0.1722222, abs=1e-7)


def test_joins_of_the_path():
    kind = {"a": "x", "b": "x", "c": "y", "d": "y"}
    assert [engine.joins(kind, PATH, *pair) for pair in (("x", "x"), ("x", "y"), ("y", "y"))] == [1, 1, 1]
    assert engine.joins(kind, PATH, "different", "different") == 1


def test_local_draws_deal_the_others():
    draws = engine.local_draws(Y, PATH, "a", engine.local_g)
    assert sorted(draws) == pytest.approx(sorted(value / 11 for value in (2, 2, 3, 3, 6, 6)))
    assert engine.tails(2 / 11, draws) == (1.0, pytest.approx(1 / 3))
    assert engine.two_sided(2 / 11, draws) == pytest.approx(2 / 3)


def test_chain_of_the_path():
    histories = {"a": [1, 2, 3, 4], "b": [2, 3, 1, 3], "c": [4, 3, 2, 1], "d": [3, 4, 4, 2]}
    assert engine.moves(histories, [2.5]) == [[2, 3], [3, 4]]
    by_lag = engine.moves_by_lag(histories, EVEN, [2.5], [2.5])
    assert by_lag == [[[2, 2], [2, 2]], [[0, 1], [1, 2]]]
    assert engine.homogeneity(by_lag) == pytest.approx((1.381390, 1.027778), abs=1e-6)
    assert engine.long_run([[0.4, 0.6], [3 / 7, 4 / 7]]) == pytest.approx([5 / 12, 7 / 12])


def test_step_up():
    assert engine.step_up([0.01, 0.04, 0.03, 0.5], 0.05) == {0}
    assert engine.step_up([0.01, 0.02, 0.03, 0.5], 0.05) == {0, 1, 2}
    assert engine.step_up([0.9], 0.05) == set()


def test_rates():
    rates = engine.smoothed_rates({"a": 1, "b": 30, "c": 10}, {"a": 10, "b": 1000, "c": 100})
    assert list(rates.values()) == pytest.approx([0.0422, 0.0307, 0.0671], abs=5e-5)
    assert engine.smoothed_rates({"a": 1, "b": 2}, {"a": 100, "b": 200}) == pytest.approx(
        {"a": 0.01, "b": 0.01}
    )
