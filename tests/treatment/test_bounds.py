"""Bounds on effects: against honestdid, against linear programs, and how often they hold."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from yrdspatial.errors import SpecificationError
from yrdspatial.treatment.bounds import honest_bounds, relative_magnitude
from yrdspatial.treatment.event_study import event_study
from yrdspatial.treatment.results import EventStudy

EXPECTED = json.loads(
    (Path(__file__).parents[1] / "reference" / "event_studies" / "expected.json").read_text()
)["honestdid"]


def study_of(beta, V, times):
    index = pd.Index(times, name="event_time")
    table = pd.DataFrame({"estimate": beta}, index=index)
    att = pd.Series({"estimate": 0.0, "std_error": 1.0})
    V = pd.DataFrame(V, index, index)
    return EventStudy("twoways", "not_yet", "y", table, att, None, table, table, V, 41, 0.95, ())


@pytest.fixture(scope="module")
def reference():
    return study_of(EXPECTED["beta"], EXPECTED["V"], [-4, -3, -2, 0, 1, 2, 3, 4])


@pytest.mark.parametrize(("label", "time"), [("first", 0), ("mean", None)])
def test_smoothness_intervals_are_those_of_honestdid(reference, label, time):
    # both minimize on a grid and the length is flat near its least: lengths agree to half a per cent, ends to 3 of it
    theirs = EXPECTED[f"smoothness {label}"]
    mine = honest_bounds(reference, kind="smoothness", M=[float(M) for M in theirs], event_time=time)
    for M, ends in theirs.items():
        row = mine.loc[float(M)]
        assert row.tolist() == pytest.approx(ends, abs=0.03 * (ends[1] - ends[0]))
        assert row["upper"] - row["lower"] == pytest.approx(ends[1] - ends[0], rel=0.005)


def test_relative_intervals_hold_those_of_honestdid(reference):
    # ours is conservative: it contains the conditional interval, and is at most a half longer here
    low, high = EXPECTED["relative first 1.0"]
    row = honest_bounds(reference, M=[1.0], event_time=0).loc[1.0]
    assert row["lower"] <= low + 0.01
    assert row["upper"] >= high - 0.01
    assert row["upper"] - row["lower"] < 1.5 * (high - low)


def relative_set(times, beta, M, target):
    """Find the identified set by linear programs over trends, one for each year before and sign."""
    after = [t for t in times if t >= 0]
    steps = np.diff(np.concatenate([beta[times < 0], [0.0]]))
    largest = M * np.abs(steps).max()
    rows = np.zeros((len(after), len(after)))
    for place in range(len(after)):
        rows[place, place] = 1.0
        if place:
            rows[place, place - 1] = -1.0
    A, b = np.vstack([rows, -rows]), np.full(2 * len(after), largest)
    cost = target[times >= 0]
    ends = [linprog(sign * cost, A_ub=A, b_ub=b, bounds=(None, None)).fun for sign in (1.0, -1.0)]
    centre = target @ beta
    return centre + ends[0], centre - ends[1]


@pytest.mark.parametrize("seed", range(4))
def test_identified_sets_equal_linear_programs(seed):
    rng = np.random.default_rng(seed)
    times = np.array([-4.0, -3.0, -2.0, 0.0, 1.0, 2.0])
    beta, V = rng.normal(size=6), np.eye(6) * 0.1
    for target in ([0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 1], [0, 0, 0, 1 / 3, 1 / 3, 1 / 3]):
        found = relative_magnitude(times, beta, V, np.array(target, dtype=float), (0.7, 0.95))
        expected = relative_set(times, beta, 0.7, np.array(target, dtype=float))
        assert [found["set_lower"], found["set_upper"]] == pytest.approx(expected)


def test_relative_bounds_hold_at_least_as_often_as_they_say():
    # the worst trend that M = 1 allows, drawn 400 times; the standard error of a share of 0.95 is 0.011
    rng = np.random.default_rng(8)
    times = [-4, -3, -2, 0]
    delta = np.array([0.6, 0.5, 0.3, 0.3])  # steps -0.1, -0.2, -0.3, and 0.3 after
    root = np.linalg.cholesky(0.02 * (np.eye(4) + 0.5))
    held = 0
    for _ in range(400):
        beta = delta + root @ rng.normal(size=4) + np.array([0, 0, 0, 1.0])
        row = honest_bounds(study_of(beta, root @ root.T, times), M=[1.0]).loc[1.0]
        held += row["lower"] <= 1.0 <= row["upper"]
    assert held / 400 > 0.93


def test_no_room_is_the_plain_interval_and_a_line_is_followed(reference):
    plain = honest_bounds(reference, M=[0.0], event_time=1).loc[0.0]
    beta, error = reference.table.loc[1, "estimate"], np.sqrt(reference.covariance.loc[1, 1])
    assert plain[["lower", "upper"]].tolist() == pytest.approx(
        [beta - 1.959964 * error, beta + 1.959964 * error]
    )
    line = study_of([-0.3, -0.2, -0.1, 1.1, 1.2], np.eye(5) * 0.01, [-4, -3, -2, 0, 1])
    row = honest_bounds(line, kind="smoothness", M=[0.0]).loc[0.0]
    assert (row["lower"] + row["upper"]) / 2 == pytest.approx(1.0)


def test_bounds_widen_with_m(reference):
    for kind in ("relative_magnitude", "smoothness"):
        table = honest_bounds(reference, kind=kind, M=[0.0, 0.1, 0.5, 1.0])
        width = table["upper"] - table["lower"]
        assert (width.diff().dropna() > 0).all()


def test_what_has_no_common_reference_is_refused(synthetic):
    imputed = event_study(synthetic.data, "y", first_treated=synthetic.first)
    with pytest.raises(SpecificationError, match="different references"):
        honest_bounds(imputed)
    groups = event_study(synthetic.data, "y", first_treated=synthetic.first, method="group_time", seed=1)
    assert len(honest_bounds(groups)) == 5
    gap = replace(groups, table=groups.table.drop(index=-2))
    with pytest.raises(SpecificationError, match="have a gap"):
        honest_bounds(gap)


@pytest.mark.parametrize(
    "asked", [{"M": [-1.0]}, {"M": []}, {"level": 95}, {"kind": "flat"}, {"event_time": 9}]
)
def test_senseless_requests_are_refused(reference, asked):
    with pytest.raises(SpecificationError):
        honest_bounds(reference, **asked)
