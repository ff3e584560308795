"""The log t regression against loops; the grouping against a second implementation."""

import itertools
import math

import numpy as np
import pytest

from yrdspatial.integration.log_t import (
    CRITICAL,
    LogTRule,
    bandwidth,
    core_group,
    dispersion,
    find_clubs,
    hp_trend,
    log_t,
    merge_clubs,
)


def synthetic(seed, *, units=12, years=24, levels=(10.0, 9.0, 8.0), noise=0.01):
    """Draw synthetic paths towards one of several levels, or on their own."""
    rng = np.random.default_rng(seed)
    t = np.arange(1, years + 1)
    goal = np.array(levels)[rng.integers(0, len(levels), units)]
    gap = rng.normal(size=units)[:, None] / (np.log(t + 1) * t**0.5)
    return goal[:, None] + 0.02 * t + gap + noise * rng.normal(size=(units, years)) / t


def regression(values, trim):
    """Lay out y and X by loops."""
    count, years = values.shape
    H = [
        sum((values[i, t] / (sum(values[:, t]) / count) - 1.0) ** 2 for i in range(count)) / count
        for t in range(years)
    ]
    first = round(years * trim)
    rows = [
        (math.log(H[0] / H[t - 1]) - 2 * math.log(math.log(t)), math.log(t))
        for t in range(first + 1, years + 1)
    ]
    return np.array([row[0] for row in rows]), np.array([[1.0, row[1]] for row in rows])


def long_run_by_loops(u, width):
    total = sum(value**2 for value in u) / len(u)
    for lag in range(1, len(u)):
        z = 6 * math.pi * (lag / width) / 5
        weight = 25 / (12 * math.pi**2 * (lag / width) ** 2) * (math.sin(z) / z - math.cos(z))
        total += 2 * weight * sum(u[t] * u[t - lag] for t in range(lag, len(u))) / len(u)
    return total


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("trim", [0.2, 1 / 3])
def test_slope_and_long_run_error_are_those_of_loops(seed, trim):
    values = synthetic(seed)
    y, X = regression(values, trim)
    found = log_t(values, LogTRule(trim=trim))
    b, *_ = np.linalg.lstsq(X, y, rcond=None)
    u = y - X @ b
    slope = sum(u[1:] * u[:-1]) / sum(u[:-1] ** 2)
    width = 1.3221 * (4 * slope**2 / (1 - slope) ** 4 * len(u)) ** 0.2
    error = math.sqrt(long_run_by_loops(u, width) * np.linalg.inv(X.T @ X)[1, 1])
    assert found.slope == pytest.approx(b[1], abs=1e-9)
    assert bandwidth(u) == pytest.approx(width)
    assert found.std_error == pytest.approx(error, rel=1e-8)
    assert found.tstat == pytest.approx(b[1] / error, rel=1e-8)


def test_the_sandwich_is_that_of_loops():
    values = synthetic(4)
    y, X = regression(values, 1 / 3)
    found = log_t(values, LogTRule(variance="sandwich"))
    b, *_ = np.linalg.lstsq(X, y, rcond=None)
    u = y - X @ b
    width, middle = bandwidth(u), np.zeros((2, 2))
    for s in range(len(u)):
        for t in range(len(u)):
            z = 6 * math.pi * abs(s - t) / (5 * width)
            weight = 1.0 if s == t else 3 / z**2 * (math.sin(z) / z - math.cos(z))
            middle += weight * u[s] * u[t] * np.outer(X[s], X[t])
    bread = np.linalg.inv(X.T @ X)
    assert found.std_error == pytest.approx(math.sqrt((bread @ middle @ bread)[1, 1]), rel=1e-8)


def test_the_trend_keeps_its_first_order_condition():
    values = synthetic(5, units=3)
    trend = hp_trend(values, 400.0)
    for row, g in zip(values, trend, strict=True):
        for t in range(2, row.size - 2):
            bend = g[t - 2] - 4 * g[t - 1] + 6 * g[t] - 4 * g[t + 1] + g[t + 2]
            assert row[t] - g[t] == pytest.approx(400.0 * bend, abs=1e-8)
    np.testing.assert_allclose(hp_trend(trend * 0 + np.arange(24.0), 400.0)[0], np.arange(24.0), atol=1e-9)


def test_paths_that_meet_as_fast_as_the_theory_says_have_the_slope_of_their_speed():
    t = np.arange(1, 4001)
    sides = np.array([1.0, -1.0])[:, None] / (np.log(t + 1) * t**0.4)
    # H falls as log(t)^-2 t^-2a, so that the slope is 2a; L(t + 1) and a long sample leave a little
    assert log_t(10.0 + sides, LogTRule()).slope == pytest.approx(0.8, abs=0.01)
    apart = 10.0 + np.array([1.0, -1.0])[:, None] * (1 + 0.001 * t[:200])
    assert log_t(apart, LogTRule()).tstat < CRITICAL


def own_t(values, rule):
    y, X = regression(values, rule.trim)
    b, *_ = np.linalg.lstsq(X, y, rcond=None)
    u = y - X @ b
    slope = min(max(sum(u[1:] * u[:-1]) / sum(u[:-1] ** 2), -0.97), 0.97)
    width = 1.3221 * (4 * slope**2 / (1 - slope) ** 4 * len(u)) ** 0.2
    return b[1] / math.sqrt(long_run_by_loops(u, width) * np.linalg.inv(X.T @ X)[1, 1])


def own_clubs(values, rule):
    """Group by the four steps, over lists of names, without arrays of positions."""
    names = sorted(range(len(values)), key=lambda i: -values[i, -1])

    def t(members):
        return own_t(values[list(members)], rule)

    clubs = []
    while len(names) >= 2:
        if t(names) > CRITICAL:
            return [*clubs, set(names)]
        core = None
        for k in range(len(names) - 1):
            runs = []
            for j in range(k + 2, len(names) + 1):
                value = t(names[k:j])
                if value <= CRITICAL:
                    break
                runs.append((value, names[k:j]))
            if runs:
                core = max(runs, key=lambda run: run[0])[1]
                break
        if core is None:
            return clubs
        candidates = {one: t([*core, one]) for one in names if one not in core}
        joined = {one for one, value in candidates.items() if value > rule.sieve}
        while joined and t(sorted({*core, *joined})) <= CRITICAL:
            joined.remove(min(joined, key=candidates.get))
        clubs.append({*core, *joined})
        names = [one for one in names if one not in clubs[-1]]
    return clubs


@pytest.mark.parametrize("seed", range(8))
def test_clubs_are_those_of_a_second_implementation(seed):
    values = synthetic(seed, units=9, years=18)
    rule = LogTRule()
    assert [set(club.tolist()) for club in find_clubs(values, rule)] == own_clubs(values, rule)


def test_units_in_any_order_fall_into_the_same_clubs():
    values, order = synthetic(9), np.random.default_rng(1).permutation(12)
    clubs = find_clubs(values, LogTRule())
    shuffled = find_clubs(values[order], LogTRule())
    assert [set(order[club].tolist()) for club in shuffled] == [set(club.tolist()) for club in clubs]


@pytest.mark.parametrize("seed", range(6))
def test_after_merging_no_two_neighbours_converge_together(seed):
    values, rule = synthetic(seed, levels=(10.0, 9.9, 9.0, 8.9)), LogTRule()
    clubs = find_clubs(values, rule)
    merged = merge_clubs(values, clubs, rule)
    for first, second in itertools.pairwise(merged):
        assert log_t(values[np.concatenate([first, second])], rule).tstat <= CRITICAL
    assert sorted(np.concatenate(merged).tolist()) == sorted(np.concatenate(clubs).tolist())


def test_series_that_all_run_apart_have_no_core():
    t = np.arange(1, 31)
    values = 10.0 + np.arange(5)[:, None] * (0.5 + 0.05 * t)
    assert core_group(values[::-1], LogTRule()).size == 0
    assert find_clubs(values, LogTRule()) == []


def test_dispersion_by_hand():
    np.testing.assert_allclose(dispersion(np.array([[1.0, 2.0], [3.0, 2.0]])), [0.25, 0.0])
