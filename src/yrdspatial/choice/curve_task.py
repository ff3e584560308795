"""One block of a specification curve: the specifications that share rows and weights, estimated one after another."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, diags_array

from yrdspatial.errors import SpecificationError, WeakIdentificationWarning, YrdSpatialError
from yrdspatial.models import estimators
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.weights.series import Weights, WeightsSeries, as_series

Row: TypeAlias = "dict[str, int | float | str | None]"
NUMBERS = ("estimate", "std_error", "zstat", "pvalue", "lower", "upper")
AVERAGE = ("direct", "indirect", "total")


@dataclass(frozen=True)
class Wanted:
    """One specification.

    Attributes
    ----------
    number : int
        Its number in the table.
    model, formula : str
        The model.
    effects : str or mapping
        Its effects.
    bias, cov_type : str
        How it is fitted.
    """

    number: int
    model: str
    formula: str
    effects: EffectsRequest
    bias: Any
    cov_type: Any


@dataclass(frozen=True)
class Block:
    """Specifications on the same rows under the same weights.

    Attributes
    ----------
    sample, weights : str
        Names of the rows and of the weights.
    wanted : tuple of Wanted
        The specifications.
    """

    sample: str
    weights: str
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True)
class Source:
    """What the blocks of a curve are estimated from; sent once to each worker.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        The rows of each sample.
    weights : mapping of str to Graph, WeightsSeries or DataFrame
        Weights of all units, by name; a name that is not here stands for none.
    term, effect : str
        What is read off each model.
    """

    frames: Mapping[str, pd.DataFrame]
    weights: "Mapping[str, Weights]"
    term: str
    effect: str

    def key(self, block: Block) -> str:
        """Digest all that decides the numbers of a block.

        Parameters
        ----------
        block : Block
            A block.

        Returns
        -------
        str
            Equal for equal data, weights and choices.
        """
        frame, weights = self.frames[block.sample], self.weights.get(block.weights)
        content = blake2b(digest_size=16)
        content.update(pd.util.hash_pandas_object(frame).to_numpy().tobytes())
        content.update(repr((list(frame.columns), block.wanted, self.term, self.effect)).encode())
        if weights is not None:
            series = weights if isinstance(weights, WeightsSeries) else as_series(weights, [0])
            content.update(_bytes_of(series))
        return content.hexdigest()


def _bytes_of(series: WeightsSeries) -> bytes:
    content = blake2b(digest_size=16)
    content.update(repr((list(series.units), series.years)).encode())
    for matrix in series.sparse():
        for part in (matrix.indptr, matrix.indices, matrix.data):
            content.update(np.ascontiguousarray(part).data)
    return content.digest()


def _years(frame: pd.DataFrame) -> list[int]:
    index = frame.index
    return sorted(set(index.get_level_values(1))) if index.nlevels > 1 else [0]


def weights_among(weights: Weights, frame: pd.DataFrame) -> Weights:
    """Keep the links among the units of a sample; rows that summed to one do so again.

    Parameters
    ----------
    weights : Graph, WeightsSeries or DataFrame
        Weights of all units.
    frame : DataFrame
        The rows of the sample.

    Returns
    -------
    Graph, WeightsSeries or DataFrame
        The weights as given when the sample has all units, else those of its units in its years. A unit that keeps no
        neighbour is an island.

    Examples
    --------
    >>> ring = pd.DataFrame(np.roll(np.eye(3), 1, 1) / 2 + np.roll(np.eye(3), -1, 1) / 2, list("abc"), list("abc"))
    >>> among = weights_among(ring, pd.DataFrame({"y": [1.0, 2.0]}, index=list("ab")))
    >>> among.array()[0].tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    index = frame.index
    units = index.unique(0) if index.nlevels > 1 else index
    single = index.nlevels == 1 and isinstance(weights, WeightsSeries)
    series = as_series(weights, weights.years if single else _years(frame))
    keep = np.flatnonzero(series.units.isin(units))
    if keep.size == len(series.units) or not units.isin(series.units).all():
        return weights
    kept = {}
    for year, matrix in zip(series.years, series.sparse(), strict=True):
        part = csr_array(matrix[keep][:, keep])
        sums = np.asarray(part.sum(axis=1))
        full = np.isclose(np.asarray(matrix.sum(axis=1))[keep], 1.0) & (sums > 0)
        scale = np.divide(1.0, sums, out=np.ones_like(sums), where=full)
        kept[year] = csr_array(diags_array(scale) @ part)
    return WeightsSeries.from_matrices(kept, series.units[keep])


def estimate_block(source: Source, block: Block) -> list[Row]:
    """Estimate the specifications of a block.

    Parameters
    ----------
    source : Source
        Rows and weights.
    block : Block
        The specifications.

    Returns
    -------
    list of dict
        One a specification, plain values: number, estimate, std_error, zstat, pvalue, lower, upper, units, periods,
        warnings, reason; numbers are None, and the reason says why, where a specification could not be estimated.
    """
    frame, given = source.frames[block.sample], source.weights.get(block.weights)
    try:
        weights = None if given is None else weights_among(given, frame)
    except YrdSpatialError as problem:
        return [_failed(one, str(problem)) for one in block.wanted]
    return [_estimated(source, one, frame, weights) for one in block.wanted]


def _estimated(source: Source, one: Wanted, frame: pd.DataFrame, weights: "Weights | None") -> Row:
    chosen: Mapping[str, Any] = {} if weights is None else {"weights": weights}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakIdentificationWarning)
            request = getattr(estimators, one.model)(frame, one.formula, effects=one.effects, **chosen)
            results = request.fit(bias=one.bias, cov_type=one.cov_type)
            numbers = read_effect(results, source.term, source.effect)
    except YrdSpatialError as problem:
        return _failed(one, str(problem))
    except np.linalg.LinAlgError as problem:
        return _failed(one, f"a matrix cannot be inverted ({problem})")
    periods, units = results.design.sample.shape
    said = {"units": units, "periods": periods, "warnings": "; ".join(results.warnings), "reason": ""}
    return {"number": one.number, **numbers, **said}


def _failed(one: Wanted, reason: str) -> Row:
    nothing: Row = dict.fromkeys((*NUMBERS, "units", "periods"))
    return {"number": one.number, **nothing, "warnings": "", "reason": reason}


def read_effect(results: SpatialPanelResults, term: str, effect: str) -> dict[str, float]:
    """Read what a curve is about off a fitted model.

    Parameters
    ----------
    results : SpatialPanelResults
        The model.
    term : str
        A term of its formula.
    effect : str
        "direct", "indirect" or "total" effect of the term; "coefficient" of the term; or the name of any parameter,
        such as "rho".

    Returns
    -------
    dict of str to float
        estimate, std_error, zstat, pvalue, lower, upper.

    Raises
    ------
    SpecificationError
        If the model has no such term or effect.
    """
    model = results.spec.model
    if effect in AVERAGE:
        table = results.impacts().table
        rows = table[(table["variable"] == term) & (table["effect"] == effect)]
        if len(rows) and not float(rows["std_error"].iloc[0]) > 0:
            raise SpecificationError(
                f"{model} excludes the {effect} effect", where=term, cure="leave the model out"
            )
    else:
        table = results.to_frame()
        rows = table.loc[table.index == (term if effect == "coefficient" else effect)]
    if not len(rows):
        what = f"{effect} of {term}" if effect in {*AVERAGE, "coefficient"} else effect
        cure = f"it has {', '.join(results.spec.parameters)}"
        raise SpecificationError(f"{model} has no {what}", where=results.spec.formula, cure=cure)
    return {name: float(rows[name].iloc[0]) for name in NUMBERS}
