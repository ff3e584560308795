"""Traces of products of G = W (I - rho W)^-1 for many units: exactly in blocks of columns, or by random probes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yrdspatial.errors import SpecificationError
from yrdspatial.models.factors import Factors
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray

EXACT = 5000
"""Up to this many units tr(G'G) is exact unless probes are asked for."""
PROBES = 64
"""Random probes beyond."""
BLOCK = 2**18
"""Numbers held at once in a block of columns of all weights."""


@dataclass(frozen=True)
class Probing:
    """How traces are found.

    Attributes
    ----------
    exact : bool
        From all columns of the identity; otherwise from random signs.
    probes : int
        How many columns of random signs.
    seed : int
        Their seed.
    """

    exact: bool
    probes: int = PROBES
    seed: int = 0

    def blocks(self, units: int, distinct: int) -> Iterator[FloatArray]:
        """Columns whose outer products average or add up to the identity.

        Parameters
        ----------
        units : int
            N.
        distinct : int
            How many weights are held at once.

        Yields
        ------
        ndarray, shape (N, m)
            Columns.
        """
        width = max(1, BLOCK // (units * max(distinct, 1)))
        rng = np.random.default_rng(self.seed)
        total = units if self.exact else self.probes
        for start in range(0, total, width):
            count = min(width, total - start)
            if self.exact:
                block = np.zeros((units, count))
                block[start + np.arange(count), np.arange(count)] = 1.0
                yield block
            else:
                yield rng.choice(np.array([-1.0, 1.0]), (units, count))


def read_probing(config: Mapping[str, Any], problem: Problem) -> tuple[Probing | None, dict[str, Any]]:
    """Take the options of the traces out of those of the covariance.

    Parameters
    ----------
    config : mapping
        Options of ``fit``.
    problem : Problem
        The arrays.

    Returns
    -------
    probing : Probing or None
        None where weights are not sparse.
    config : dict
        The other options.

    Raises
    ------
    SpecificationError
        If the options are unknown, or weights are not sparse.
    """
    rest = {key: value for key, value in config.items() if key not in {"traces", "probes", "seed"}}
    weights = problem.lag or problem.error
    if weights is None or not weights.sparse:
        if len(rest) < len(config):
            cure = "leave traces, probes and seed out: here they are exact"
            raise SpecificationError("traces are of sparse weights of many units", where="fit", cure=cure)
        return None, rest
    traces = config.get("traces", "exact" if weights.units <= EXACT else "stochastic")
    probes, seed = config.get("probes", PROBES), config.get("seed", 0)
    whole = all(isinstance(value, int | np.integer) for value in (probes, seed))
    if traces not in {"exact", "stochastic"} or not whole or probes < 2 or seed < 0:
        cure = 'use traces="exact", or traces="stochastic" with 2 probes or more and a seed'
        raise SpecificationError("unknown traces", where="fit", cure=cure)
    return Probing(traces == "exact", int(probes), int(seed)), rest


@dataclass(frozen=True)
class Estimate:
    """Traces, with the standard errors of random probes.

    Attributes
    ----------
    values : ndarray, shape (F,)
        The traces.
    errors : ndarray, shape (F,)
        Standard errors; zero when exact.
    """

    values: FloatArray
    errors: FloatArray


def total(parts: list[FloatArray], probing: Probing) -> Estimate:
    """Add up the parts of the columns.

    Parameters
    ----------
    parts : list of ndarray, each of shape (F, m)
        What each column gives.
    probing : Probing
        Whether the columns are those of the identity.

    Returns
    -------
    Estimate
        The traces.
    """
    every = np.concatenate(parts, axis=1)
    if probing.exact:
        return Estimate(every.sum(axis=1), np.zeros(len(every)))
    return Estimate(every.mean(axis=1), every.std(axis=1, ddof=1) / np.sqrt(every.shape[1]))


def squares(
    spectra: Spectra, rho: float, effects: Effects | None, probing: Probing, *, both: bool = True
) -> Estimate:
    """tr(M G' M G) and tr(M G M G) over all periods.

    Parameters
    ----------
    spectra : Spectra
        Sparse weights.
    rho : float
        The spatial parameter.
    effects : Effects or None
        The effects that M takes out; None puts the identity in its place.
    probing : Probing
        How.
    both : bool
        Whether the second is asked for.

    Returns
    -------
    Estimate
        The two, or the first.
    """
    factors = [Factors.of(weights, rho) for weights in spectra.links]
    basis = np.zeros((spectra.units, 0)) if effects is None else effects.group_basis
    parts = []
    for block in probing.blocks(spectra.units, spectra.count):
        inner = without(basis, block)
        sent = np.stack([without(basis, one.propagated(inner)) for one in factors])
        found = [between(sent, sent, spectra, effects)]
        if both:
            back = np.stack([without(basis, one.returned(inner)) for one in factors])
            found.append(between(back, sent, spectra, effects))
        parts.append(np.stack(found))
    return total(parts, probing)


def without(basis: FloatArray, columns: FloatArray) -> FloatArray:
    """Take orthonormal directions out of columns.

    Parameters
    ----------
    basis : ndarray, shape (N, R)
        Orthonormal columns.
    columns : ndarray, shape (N, m)
        Columns.

    Returns
    -------
    ndarray, shape (N, m)
        What is left.
    """
    return columns - basis @ (basis.T @ columns) if basis.shape[1] else columns


def between(left: FloatArray, right: FloatArray, spectra: Spectra, effects: Effects | None) -> FloatArray:
    """Sum (I - J_w)_st^2 <left_s, right_t> over periods s, t, column by column; J_w averages within windows.

    Parameters
    ----------
    left, right : ndarray, shape (D, N, m)
        Columns under the distinct weights.
    spectra : Spectra
        Which of them each period has.
    effects : Effects or None
        The effects; without unit effects the sum runs over s = t alone.

    Returns
    -------
    ndarray, shape (m,)
        The sums.
    """
    inner = np.einsum("dnm,dnm->dm", left, right)
    if effects is None or not effects.unit:
        return np.asarray(spectra.years_of @ inner)
    sizes = effects.window_sizes
    out = np.asarray(spectra.shared(1.0 - 2.0 / sizes[effects.windows]) @ inner)
    for window, size in enumerate(sizes):
        used = np.bincount(spectra.position[effects.windows == window], minlength=len(left)).astype(float)
        a, b = np.tensordot(used, left, axes=1), np.tensordot(used, right, axes=1)
        out = out + (a * b).sum(axis=0) / size**2
    return out
