"""The instruments of a spatial model: powers of W_t times the exogenous terms, the user's own and their lags."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.errors import SpecificationError
from yrdspatial.models.rank import TOLERANCE
from yrdspatial.models.specification import CONSTANT, Design
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, demean


@dataclass(frozen=True)
class Instruments:
    """Columns that are instruments and no regressors.

    Attributes
    ----------
    array : ndarray, shape (T, N, L)
        Raw values: lags are formed before the effects are taken out.
    names : tuple of str, length L
        Such as "W_x", "W2_x", "z", "W_z".
    endogenous : tuple of str, length m
        Names of the parameters whose regressors are instrumented: terms, W_<term>, rho.
    dropped : tuple of str
        Lags left out because effects, regressors and earlier instruments explain them.
    """

    array: FloatArray
    names: tuple[str, ...]
    endogenous: tuple[str, ...]
    dropped: tuple[str, ...] = ()


def columns_of(
    design: Design, own: tuple[FloatArray, tuple[str, ...]], endogenous: tuple[str, ...], lags: int
) -> Instruments:
    """Make all instruments of a model.

    Parameters
    ----------
    design : Design
        The model.
    own : tuple of (ndarray of shape (T, N, q), tuple of str)
        The user's instruments and their names.
    endogenous : tuple of str
        Endogenous terms.
    lags : int
        Powers of W; one is enough for the instruments of a model without a spatial lag of y.

    Returns
    -------
    Instruments
        The user's instruments, powers of W times the exogenous terms, and powers of W times the user's.

    Examples
    --------
    >>> import pandas as pd
    >>> import yrdspatial as yrd
    >>> data = pd.DataFrame(np.random.default_rng(3).normal(size=(8, 2)), list("abcdefgh"), ["y", "x"])
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> links = pd.DataFrame(ring, data.index, data.index)
    >>> design = yrd.SAR(data, "y ~ x", weights=links, effects="pooled").design
    >>> columns_of(design, (np.zeros((1, 8, 0)), ()), (), 2).names
    ('W_x', 'W2_x')
    """
    spec, problem = design.spec, design.problem
    lagged = [f"W_{name}" for name in endogenous if name in spec.durbin]
    weights = problem.lag if problem.lag is not None else design.durbin[0] if lagged else None
    parts = [(own[0], list(own[1]))]
    if problem.lag is not None:
        parts += [
            _powers(problem.lag, problem.X[:, :, [k]], (name,), start, start + lags - 1)
            for k, name in enumerate(spec.terms)
            if name != CONSTANT and name not in endogenous
            for start in [2 if name in spec.durbin else 1]
        ]
    if weights is not None:
        parts.append(_powers(weights, *own, 1, lags if spec.lag else 1))
    names = tuple(name for _, labels in parts for name in labels)
    found = (*endogenous, *lagged, *(["rho"] if spec.lag else []))
    return Instruments(np.concatenate([array for array, _ in parts], axis=2), names, found)


def _powers(
    weights: Spectra, values: FloatArray, names: tuple[str, ...], first: int, last: int
) -> tuple[FloatArray, list[str]]:
    # W^first values, ..., W^last values, period by period.
    arrays, labels = [np.zeros((*values.shape[:2], 0))], []
    for power in range(1, last + 1):
        values = weights.lag(values)
        if power >= first:
            arrays.append(values)
            labels += [f"W{power if power > 1 else ''}_{name}" for name in names]
    return np.concatenate(arrays, axis=2), labels


def usable(made: Instruments, design: Design, own: tuple[str, ...]) -> Instruments:
    """Leave out lags that say nothing new.

    Parameters
    ----------
    made : Instruments
        All of them.
    design : Design
        Effects, and the regressors that are not endogenous.
    own : tuple of str
        Names of the user's instruments, which are not left out without a word.

    Returns
    -------
    Instruments
        Those that add a direction; ``dropped`` names the others.

    Raises
    ------
    SpecificationError
        If one of the user's instruments adds nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> import yrdspatial as yrd
    >>> data = pd.DataFrame(np.random.default_rng(3).normal(size=(8, 2)), list("abcdefgh"), ["y", "x"])
    >>> design = yrd.OLS(data, "y ~ x", effects="pooled").design
    >>> twice = np.repeat(design.problem.y[:, :, None], 2, axis=2)
    >>> usable(Instruments(twice, ("z", "W_z"), ("x",)), design, ("z",)).dropped
    ('W_z',)
    """
    problem = design.problem
    outer = [k for k, name in enumerate(design.spec.regressors) if name not in made.endogenous]
    basis = np.linalg.qr(_flat(problem.X[:, :, outer], problem.effects))[0]
    kept: list[int] = []
    columns, size = _flat(made.array, problem.effects), np.sqrt((made.array**2).sum((0, 1)))
    for place, name in enumerate(made.names):
        left = columns[:, place]
        net = np.linalg.norm(left)
        for _ in range(2):
            left = left - basis @ (basis.T @ left)
        if net > TOLERANCE * size[place] and np.linalg.norm(left) > 1e-8 * net:
            kept.append(place)
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
        elif name in own:
            what = "effects and regressors leave nothing of an instrument"
            raise SpecificationError(
                what, where=name, cure="give one that varies beside them, or other effects"
            )
    names = tuple(made.names[place] for place in kept)
    dropped = tuple(name for name in made.names if name not in names)
    return Instruments(made.array[:, :, kept], names, made.endogenous, dropped)


def _flat(values: FloatArray, effects: Effects) -> FloatArray:
    return np.asarray(demean(values, effects).reshape(values.shape[0] * values.shape[1], -1))
