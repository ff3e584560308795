"""The within transformation: what unit and time effects take out of the data, and how they are recovered."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from yrdspatial.errors import SpecificationError

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Effects:
    """Unit and time effects of a balanced panel.

    Attributes
    ----------
    windows : ndarray of int, shape (T,)
        The window of each period, coded 0, 1, ...; plain unit effects have one window.
    groups : ndarray of int, shape (N,)
        The group of each unit, coded 0, 1, ...; plain time effects have one group.
    unit : bool
        Whether each unit has an effect in each window.
    time : bool
        Whether each period has an effect in each group.
    cells : ndarray of int, shape (T, N), or None
        The window of each period and unit where windows differ between units; ``windows`` is not used then.

    Examples
    --------
    >>> Effects.of(periods=17, units=41, unit=True, time=True).degrees_of_freedom
    640
    """

    windows: IntArray
    groups: IntArray
    unit: bool
    time: bool
    cells: IntArray | None = None

    @classmethod
    def of(cls, periods: int, units: int, *, unit: bool, time: bool) -> "Effects":
        """Effects with one window and one group.

        Parameters
        ----------
        periods, units : int
            T and N.
        unit, time : bool
            Which effects there are.

        Returns
        -------
        Effects
            The effects.
        """
        return cls(np.zeros(periods, dtype=np.intp), np.zeros(units, dtype=np.intp), unit, time)

    @property
    def window_sizes(self) -> IntArray:
        """Periods in each window, or observations where windows differ between units; shape (n windows,)."""
        return np.bincount(self.windows if self.cells is None else self.cells.ravel()).astype(np.intp)

    @property
    def group_sizes(self) -> IntArray:
        """Units in each group, shape (n groups,)."""
        return np.bincount(self.groups).astype(np.intp)

    @property
    def degrees_of_freedom(self) -> int:
        """M0, the number of observations less the number of dummies."""
        if self.cells is not None:
            return int(self.cells.size - self.basis.shape[1])
        periods = self.windows.size - self.unit * self.window_sizes.size
        units = self.groups.size - self.time * self.group_sizes.size
        return int(periods * units)

    @property
    def dummies(self) -> int:
        """The rank p of the dummies."""
        return self.windows.size * self.groups.size - self.degrees_of_freedom

    @property
    def period_mass(self) -> FloatArray:
        """The diagonal of the time part of M, 1 - 1/T_w with unit effects and 1 without, shape (T,).

        Not defined where windows differ between units.
        """
        self._refuse_cells()
        share = 1.0 / self.window_sizes[self.windows]
        return 1.0 - share if self.unit else np.ones(self.windows.size)

    @property
    def group_basis(self) -> FloatArray:
        """Orthonormal columns 1_g / sqrt(n_g), shape (N, n groups); no column without time effects.

        Not defined where windows differ between units.
        """
        self._refuse_cells()
        if not self.time:
            return np.zeros((self.groups.size, 0))
        sizes = self.group_sizes
        return np.asarray(np.equal.outer(self.groups, np.arange(sizes.size)) / np.sqrt(sizes))

    @cached_property
    def basis(self) -> FloatArray:
        """Orthonormal basis of the span of the dummies where windows differ between units, shape (T N, p)."""
        codes, counts = _codes(self)
        unit = np.equal.outer(codes, np.flatnonzero(counts)) / np.sqrt(counts[counts > 0])
        net = _time_dummies(self)
        net = net - unit @ (unit.T @ net)
        left, size, _ = np.linalg.svd(net, full_matrices=False)
        return np.hstack([unit, left[:, size > 1e-9 * max(size.max(initial=0.0), 1.0)]])

    def _refuse_cells(self) -> None:
        if self.cells is not None:
            what = "this is not defined for windows that differ between units"
            raise SpecificationError(
                what, where="effects", cure="give windows by year, the same for all units"
            )


def _codes(effects: Effects) -> tuple[IntArray, IntArray]:
    # The unit effect of each observation, window by window, and how many observations each has.
    units, windows = effects.groups.size, effects.window_sizes.size
    cells = effects.windows[:, None] if effects.cells is None else effects.cells
    codes = (cells * units + np.arange(units)).ravel().astype(np.intp)
    return codes, np.bincount(codes, minlength=windows * units).astype(np.intp)


def _time_dummies(effects: Effects) -> FloatArray:
    # Columns by period and group, (T N, T groups); none without time effects.
    periods, sizes = effects.windows.size, effects.group_sizes
    member = np.equal.outer(effects.groups, np.arange(sizes.size)).astype(np.float64)
    return np.asarray(np.kron(np.eye(periods), member)[:, : periods * sizes.size * effects.time])


def window_means(values: FloatArray, effects: Effects) -> FloatArray:
    """Means over the periods of each window.

    Parameters
    ----------
    values : ndarray, shape (T, N, k)
        Values by period, unit and column.
    effects : Effects
        The effects.

    Returns
    -------
    ndarray, shape (n windows, N, k)
        The means.
    """
    sizes = effects.window_sizes
    if sizes.size == 1:
        return np.asarray(values.mean(axis=0, keepdims=True))
    share = np.equal.outer(np.arange(sizes.size), effects.windows) / sizes[:, None]
    return np.asarray(np.tensordot(share, values, axes=1))


def group_means(values: FloatArray, effects: Effects) -> FloatArray:
    """Means over the units of each group.

    Parameters
    ----------
    values : ndarray, shape (T, N, k)
        Values by period, unit and column.
    effects : Effects
        The effects.

    Returns
    -------
    ndarray, shape (T, n groups, k)
        The means.
    """
    sizes = effects.group_sizes
    if sizes.size == 1:
        return np.asarray(values.mean(axis=1, keepdims=True))
    share = np.equal.outer(np.arange(sizes.size), effects.groups) / sizes[:, None]
    return np.asarray(share @ values)


def demean(values: FloatArray, effects: Effects) -> FloatArray:
    """Take the effects out: M values, M = I - P with P the projector on the dummies.

    Parameters
    ----------
    values : ndarray, shape (T, N, k)
        Values by period, unit and column.
    effects : Effects
        The effects.

    Returns
    -------
    ndarray, shape (T, N, k)
        Values without unit means in each window and time means in each group.
    """
    if effects.cells is not None:
        flat = values.reshape(effects.cells.size, -1)
        return np.asarray((flat - effects.basis @ (effects.basis.T @ flat)).reshape(values.shape))
    out = values
    if effects.unit:
        out = out - window_means(out, effects)[effects.windows]
    if effects.time:
        out = out - group_means(out, effects)[:, effects.groups]
    return out


def recover(remainder: FloatArray, effects: Effects) -> tuple[FloatArray, FloatArray]:
    """Split what X leaves of S y into unit and time effects by least squares.

    Parameters
    ----------
    remainder : ndarray, shape (T, N)
        S y - X beta.
    effects : Effects
        The effects.

    Returns
    -------
    unit : ndarray, shape (n windows, N)
        Unit effects; they carry the level. Zero when the model has none; NaN in a window that a unit does not have.
    time : ndarray, shape (T, n groups)
        Time effects; beside unit effects they have mean zero in each window, or among periods that windows of units
        join. Zero when the model has none.
    """
    if effects.cells is not None:
        return _recover_cells(remainder, effects)
    values = remainder[:, :, None]
    unit = window_means(values, effects)
    time = group_means(values, effects)
    if effects.unit and effects.time:
        time = time - group_means(unit, effects)[effects.windows]
    return unit[:, :, 0] * effects.unit, time[:, :, 0] * effects.time


def _recover_cells(remainder: FloatArray, effects: Effects) -> tuple[FloatArray, FloatArray]:
    codes, counts = _codes(effects)
    held = np.maximum(counts, 1)

    def net(columns: FloatArray) -> FloatArray:
        sums = np.zeros((counts.size, columns.shape[1]))
        np.add.at(sums, codes, columns)
        return np.asarray(columns - (sums / held[:, None])[codes])

    flat = remainder.reshape(-1, 1)
    time: FloatArray = np.zeros((effects.windows.size, effects.group_sizes.size))
    if effects.time:
        found = np.linalg.lstsq(net(_time_dummies(effects)), net(flat), rcond=None)[0]
        time = np.asarray(found.reshape(time.shape), dtype=np.float64)
    sums = np.bincount(codes, (remainder - time[:, effects.groups]).ravel(), counts.size)
    unit = np.where(counts > 0, sums / held, np.nan)
    return unit.reshape(-1, effects.groups.size), time


def dummy_basis(effects: Effects) -> FloatArray:
    """Return an orthonormal basis of the span of the dummies.

    Parameters
    ----------
    effects : Effects
        The effects.

    Returns
    -------
    ndarray, shape (T N, p)
        Orthonormal columns; rows run over units within periods.
    """
    if effects.cells is not None:
        return effects.basis
    periods, units = effects.windows.size, effects.groups.size
    window = _window_basis(effects)
    parts: list[FloatArray] = [np.zeros((periods * units, 0))]
    if effects.unit:
        parts.append(np.asarray(np.kron(window, np.eye(units))))
    if effects.time:
        contrasts = _complement(window) if effects.unit else np.eye(periods)
        parts.append(np.asarray(np.kron(contrasts, effects.group_basis)))
    return np.hstack(parts)


def time_contrasts(effects: Effects) -> FloatArray:
    """Return orthonormal contrasts over the periods of each window.

    Parameters
    ----------
    effects : Effects
        The effects.

    Returns
    -------
    ndarray, shape (T, T - n windows)
        Orthonormal columns that sum to zero in each window.
    """
    return _complement(_window_basis(effects))


def _window_basis(effects: Effects) -> FloatArray:
    sizes = effects.window_sizes
    return np.asarray(np.equal.outer(effects.windows, np.arange(sizes.size)) / np.sqrt(sizes))


def _complement(basis: FloatArray) -> FloatArray:
    # Orthonormal columns that span what the orthonormal columns of ``basis`` do not.
    full = np.linalg.qr(basis, mode="complete")[0]
    return np.ascontiguousarray(full[:, basis.shape[1] :])
