"""The within transformation against dummies in the open."""

import numpy as np
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.models.within import Effects, demean, dummy_basis, group_means, recover, window_means

PERIODS, UNITS = 7, 6
WINDOWS = np.array([0, 0, 0, 1, 1, 1, 1])
GROUPS = np.array([0, 1, 1, 0, 1, 0])
CELLS = np.where(np.arange(PERIODS)[:, None] < np.array([3, 3, 5, 3, 7, 2]), 0, 1)
"""Windows that differ between units; unit 4 has one."""


def dummies(effects):
    """All dummy columns, redundant ones too, rows by period and then unit."""
    windows, groups = effects.windows, effects.groups
    cells = np.broadcast_to(windows[:, None] if effects.cells is None else effects.cells, (PERIODS, UNITS))
    columns = [np.zeros((PERIODS, UNITS))]
    if effects.unit:
        columns += [(cells == w) & (np.arange(UNITS) == i) for w in np.unique(cells) for i in range(UNITS)]
    if effects.time:
        columns += [
            np.outer(np.arange(PERIODS) == t, groups == g) for t in range(PERIODS) for g in np.unique(groups)
        ]
    return np.stack([column.ravel() for column in columns], axis=1).astype(float)


CASES = [
    Effects(windows, groups, unit, time)
    for windows in (np.zeros(PERIODS, int), WINDOWS)
    for groups in (np.zeros(UNITS, int), GROUPS)
    for unit in (False, True)
    for time in (False, True)
]
CASES += [
    Effects(np.zeros(PERIODS, int), groups, unit=True, time=time, cells=CELLS)
    for groups in (np.zeros(UNITS, int), GROUPS)
    for time in (False, True)
]


@pytest.mark.parametrize("effects", CASES)
def test_demeaning_is_the_residual_on_the_dummies(effects):
    values = np.random.default_rng(1).normal(size=(PERIODS, UNITS, 3))
    D = dummies(effects)
    flat = values.reshape(-1, 3)
    expected = flat - D @ np.linalg.lstsq(D, flat, rcond=None)[0]
    # 1e-12: rounding of sums of 42 numbers
    assert demean(values, effects).reshape(-1, 3) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("effects", CASES)
def test_degrees_of_freedom_are_what_the_rank_leaves(effects):
    rank = np.linalg.matrix_rank(dummies(effects))
    assert effects.dummies == rank
    assert effects.degrees_of_freedom == PERIODS * UNITS - rank


@pytest.mark.parametrize("effects", CASES)
def test_the_basis_is_orthonormal_and_spans_the_dummies(effects):
    basis, D = dummy_basis(effects), dummies(effects)
    assert basis.shape == (PERIODS * UNITS, effects.dummies)
    assert basis.T @ basis == pytest.approx(np.eye(effects.dummies), abs=1e-12)
    assert basis @ (basis.T @ D) == pytest.approx(D, abs=1e-12)


@pytest.mark.parametrize("effects", CASES[:-4])
def test_period_mass_and_group_basis_are_the_factors_of_the_projector(effects):
    M = np.eye(PERIODS * UNITS) - dummy_basis(effects) @ dummy_basis(effects).T
    Z = effects.group_basis
    C = np.eye(UNITS) - Z @ Z.T
    for t, mass in enumerate(effects.period_mass):
        block = M[t * UNITS : (t + 1) * UNITS, t * UNITS : (t + 1) * UNITS]
        assert block == pytest.approx(mass * C, abs=1e-12)


@pytest.mark.parametrize("effects", CASES)
def test_recovered_effects_add_up_to_what_demeaning_takes(effects):
    remainder = np.random.default_rng(2).normal(size=(PERIODS, UNITS)) + 3.0
    unit, time = recover(remainder, effects)
    taken = remainder - demean(remainder[:, :, None], effects)[:, :, 0]
    of_unit = unit[effects.windows]
    if effects.cells is not None:
        of_unit = unit[effects.cells, np.arange(UNITS)]
        assert np.isnan(unit[1, 4])  # unit 4 has one window
        assert time.sum(axis=0) == pytest.approx(np.zeros(time.shape[1]), abs=1e-12)
    assert of_unit + time[:, effects.groups] == pytest.approx(taken, abs=1e-12)


def test_windows_by_unit_have_no_factors():
    for name in ("period_mass", "group_basis"):
        with pytest.raises(SpecificationError, match="windows that differ between units"):
            getattr(CASES[-1], name)


def test_time_effects_beside_unit_effects_have_mean_zero_in_each_window():
    effects = Effects(WINDOWS, GROUPS, unit=True, time=True)
    time = recover(np.random.default_rng(2).normal(size=(PERIODS, UNITS)), effects)[1]
    for window in (0, 1):
        assert time[window == WINDOWS].mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_means_of_one_window_and_of_several_are_plain_means():
    values = np.arange(PERIODS * UNITS * 2, dtype=float).reshape(PERIODS, UNITS, 2)
    effects = Effects(WINDOWS, GROUPS, unit=True, time=True)
    assert window_means(values, effects)[1] == pytest.approx(values[3:].mean(axis=0))
    assert group_means(values, effects)[:, 0] == pytest.approx(values[:, GROUPS == 0].mean(axis=1))
    plain = Effects.of(PERIODS, UNITS, unit=True, time=True)
    assert window_means(values, plain)[0] == pytest.approx(values.mean(axis=0))
    assert group_means(values, plain)[:, 0] == pytest.approx(values.mean(axis=1))


def test_two_way_degrees_of_freedom_of_the_delta():
    assert Effects.of(17, 41, unit=True, time=True).degrees_of_freedom == 40 * 16
