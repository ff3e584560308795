"""Formulas, read once by formulaic: y, X, and lags over time that stay within a unit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula
from formulaic.errors import FormulaicError

from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.models.sample import POLICIES, Sample
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.gaps import shorten

INTERCEPT = "Intercept"
PLAIN = re.compile(r"\s*(?P<y>[^\W\d]\w*)\s*~\s*(?P<terms>[^\W\d]\w*(?:\s*\+\s*[^\W\d]\w*)*)\s*")
"""A formula that only adds up names; it is read without a parser."""


@dataclass(frozen=True)
class ModelMatrix:
    """The columns a formula asks for.

    Attributes
    ----------
    y : ndarray, shape (T, N)
        Dependent variable.
    X : ndarray, shape (T, N, k)
        Terms.
    dependent : str
        Name of y.
    terms : tuple of str, length k
        Names of the terms.
    """

    y: FloatArray
    X: FloatArray
    dependent: str
    terms: tuple[str, ...]


@dataclass
class TimeLag:
    """The transform ``L(x)`` and ``L(x, n)`` of a formula: x of n periods ago, same unit.

    Attributes
    ----------
    sample : Sample
        Rows in the order period, unit.
    deepest : int
        The longest lag asked so far.
    """

    sample: Sample
    deepest: int = 0

    def __call__(self, values: Any, periods: int = 1) -> "pd.Series[float]":
        """Shift over time within units.

        Parameters
        ----------
        values : Series, T N rows
            A column in the order of the sample.
        periods : int
            How many periods ago; at least 1.

        Returns
        -------
        Series
            NaN in the first periods.

        Raises
        ------
        SpecificationError
            If the lag is not a positive whole number, or the periods are not evenly spaced.
        """
        if periods < 1 or int(periods) != periods:
            raise SpecificationError(
                "a lag is at least one period", where=f"L(x, {periods})", cure="use L(x, 1)"
            )
        check_spacing(self.sample, int(periods))
        self.deepest = max(self.deepest, int(periods))
        return pd.Series(values).reset_index(drop=True).shift(int(periods) * len(self.sample.units))


def check_spacing(sample: Sample, periods: int) -> None:
    """Check that a lag over time means the same everywhere.

    Parameters
    ----------
    sample : Sample
        The rows.
    periods : int
        Length of the lag.

    Raises
    ------
    SpecificationError
        If the periods are not whole numbers, evenly spaced, and more than the lag.
    """
    labels = sample.periods
    steps = np.diff(labels.to_numpy()) if pd.api.types.is_integer_dtype(labels) else np.zeros(0)
    if len(labels) <= periods or steps.size == 0 or (steps != steps[0]).any():
        cure = "use a panel with whole years, none left out"
        raise SpecificationError(
            "a lag over time needs evenly spaced periods", where=shorten(list(labels)), cure=cure
        )


def model_matrix(formula: str, sample: Sample, *, holes: bool = False) -> tuple[ModelMatrix, Sample]:
    """Evaluate a formula on a sample.

    Parameters
    ----------
    formula : str
        Such as ``"log(y) ~ x1 + L(x2)"``.
    sample : Sample
        The rows.
    holes : bool
        Whether values may be missing; they are NaN in the matrix.

    Returns
    -------
    matrix : ModelMatrix
        y and X.
    sample : Sample
        The rows used: lags over time cost the first periods.

    Raises
    ------
    SpecificationError
        If the formula cannot be read or evaluated, or has not exactly one dependent variable.
    """
    names = _plain_names(formula, sample.frame)
    if names:
        return _plain_matrix(names, sample, holes=holes), sample
    parsed = _parse(formula)
    if not holes:
        _check_holes(parsed.required_variables, sample)
    lag = TimeLag(sample)
    try:
        with np.errstate(all="ignore"):
            plain = sample.frame.reset_index(drop=True)
            both = parsed.get_model_matrix(plain, na_action="ignore", context={"L": lag})
    except FormulaicError as error:
        what = "the formula cannot be evaluated"
        raise SpecificationError(what, where=formula, cure=_plain(error)) from error
    left, right = both.lhs, both.rhs
    if not isinstance(right, pd.DataFrame) or left.shape[1] != 1:
        raise SpecificationError(
            "the formula needs one dependent variable", where=formula, cure="y ~ x1 + x2"
        )
    periods, units = sample.shape
    y = left.to_numpy(dtype=np.float64).reshape(periods, units)[lag.deepest :]
    X = right.to_numpy(dtype=np.float64).reshape(periods, units, -1)[lag.deepest :]
    matrix = ModelMatrix(y, X, str(left.columns[0]), tuple(map(str, right.columns)))
    used = drop_first(sample, lag.deepest)
    _check_finite(matrix, used, holes=holes)
    return matrix, used


def required_columns(formula: str, frame: pd.DataFrame) -> list[str]:
    """Name the columns of the data that a formula uses.

    Parameters
    ----------
    formula : str
        The formula.
    frame : DataFrame
        The data.

    Returns
    -------
    list of str
        In the order of the data.

    Examples
    --------
    >>> required_columns("log(y) ~ x + L(z)", pd.DataFrame(columns=["z", "y", "x", "other"]))
    ['z', 'y', 'x']
    """
    needed = {str(name) for name in _parse(formula).required_variables}
    return [name for name in frame.columns if name in needed]


def _plain_names(formula: str, frame: pd.DataFrame) -> list[str]:
    # y and the terms of a formula that only adds up columns of numbers; empty for any other.
    match = PLAIN.fullmatch(formula)
    if match is None:
        return []
    terms = dict.fromkeys(name.strip() for name in match["terms"].split("+"))
    names = [match["y"], *terms]
    known = frame.columns.is_unique and INTERCEPT not in names and not any(map(iskeyword, names))
    return names if known and all(_holds_numbers(frame, name) for name in names) else []


def _holds_numbers(frame: pd.DataFrame, name: str) -> bool:
    return name in frame.columns and isinstance(kind := frame[name].dtype, np.dtype) and kind.kind in "iuf"


def _plain_matrix(names: list[str], sample: Sample, *, holes: bool) -> ModelMatrix:
    values = np.column_stack([sample.frame[name].to_numpy(dtype=np.float64) for name in names])
    if np.isnan(values).any() and not holes:
        _check_holes(names, sample)
    columns = np.insert(values, 1, 1.0, axis=1).reshape(*sample.shape, -1)
    matrix = ModelMatrix(columns[:, :, 0], columns[:, :, 1:], names[0], (INTERCEPT, *names[1:]))
    _check_finite(matrix, sample, holes=holes)
    return matrix


def _parse(formula: str) -> Formula:
    if re.search(r"(?<![\w.])lag\s*\(", formula):
        cure = "use L(x), which lags over time within a unit"
        raise SpecificationError("lag() shifts rows, not years", where=formula, cure=cure)
    try:
        parsed = Formula(formula)
    except (FormulaicError, SyntaxError) as error:
        raise SpecificationError("the formula cannot be read", where=formula, cure=_plain(error)) from error
    if not (hasattr(parsed, "lhs") and hasattr(parsed, "rhs")):
        raise SpecificationError("the formula has no dependent variable", where=formula, cure="y ~ x1 + x2")
    return parsed


def _plain(error: Exception) -> str:
    # First line of a message, without terminal colours.
    return re.sub(r"\x1b\[[0-9;]*m|⧛.*?⧚", "", str(error)).splitlines()[0]


def _check_holes(names: Iterable[str], sample: Sample) -> None:
    used = sorted(name for name in set(names) if name in sample.frame)
    holes = [
        f"{name}: {shorten([sample.place(int(row)) for row in np.flatnonzero(sample.frame[name].isna())])}"
        for name in used
        if sample.frame[name].isna().any()
    ]
    if holes:
        cure = f"choose other years or units, fill the values in the open, or {POLICIES}"
        raise GapError("values are missing", where="; ".join(holes), cure=cure)


def _check_finite(matrix: ModelMatrix, sample: Sample, *, holes: bool) -> None:
    if np.isfinite(matrix.y).all() and np.isfinite(matrix.X).all():
        return
    columns = np.concatenate([matrix.y[:, :, None], matrix.X], axis=2).reshape(matrix.y.size, -1)
    bad = np.isinf(columns) if holes else ~np.isfinite(columns)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        name = (matrix.dependent, *matrix.terms)[column]
        cure = "a logarithm needs positive values, a ratio a denominator that is not zero"
        raise SpecificationError(f"{name} is not finite", where=sample.place(int(row)), cure=cure)


def drop_first(sample: Sample, periods: int) -> Sample:
    """Leave out the first periods, the user's order kept.

    Parameters
    ----------
    sample : Sample
        The rows.
    periods : int
        How many.

    Returns
    -------
    Sample
        The later rows.
    """
    if not periods:
        return sample
    gone = periods * len(sample.units)
    kept = sample.order[gone:]
    rows = np.sort(kept)
    return replace(
        sample,
        frame=sample.frame.iloc[gone:],
        periods=sample.periods[periods:],
        order=np.searchsorted(rows, kept).astype(np.intp),
        index=sample.index[rows],
    )
