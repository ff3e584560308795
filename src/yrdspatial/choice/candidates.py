"""Rival weights of one model: the same rows, the same regressors, one design for each."""

from collections.abc import Mapping, Sequence

import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.selection import CANDIDATES
from yrdspatial.models.specification import Design, EffectsRequest, Request, read_design
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights, WeightsSeries


def read_rivals(
    data: Panel | pd.DataFrame,
    formula: str,
    weights: "Mapping[str, Weights]",
    *,
    model: str,
    effects: EffectsRequest,
    allowed: Sequence[str],
) -> dict[str, Design]:
    """Read one model under each of several weights.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    weights : mapping of str to Graph, WeightsSeries or DataFrame
        At least two, by name.
    model : str
        The model they all have.
    effects : str or mapping
        Fixed effects.
    allowed : sequence of str
        Models that the question can be asked of.

    Returns
    -------
    dict of str to Design
        By the name of the weights.

    Raises
    ------
    SpecificationError
        If there are not two weights, the model is not allowed, or the effects are random.

    Examples
    --------
    >>> import numpy as np
    >>> data = pd.DataFrame({"y": [1.0, 2.0, 4.0, 5.0], "x": [1.0, 3.0, 2.0, 2.0]}, index=list("abcd"))
    >>> rings = {n: pd.DataFrame(np.roll(np.eye(4), n, 1), list("abcd"), list("abcd")) for n in (1, 2)}
    >>> list(read_rivals(data, "y ~ x", rings, model="SAR", effects="pooled", allowed=("SAR",)))
    ['1', '2']
    """
    if model not in allowed:
        cure = f"use {', '.join(allowed)}; model_probabilities compares the others"
        raise SpecificationError(
            f"weights of {model} cannot be compared in this way", where="model", cure=cure
        )
    given: object = weights
    if isinstance(given, WeightsSeries) or len(weights) < 2:
        cure = 'pass weights={"contiguity": w1, "rail": w2}'
        raise SpecificationError("one weight has no rival", where="weights", cure=cure)
    lag, error, wx = CANDIDATES[model]
    designs = {}
    for name, W in weights.items():
        roles = {"y": W if lag else None, "x": W if wx else None, "error": W if error else None}
        design = read_design(data, Request(model, lag, error, wx, formula, effects, roles, None))
        if design.problem.random or design.problem.parts or len(design.durbin) > 1:
            what = "random effects" if design.problem.random else f"several weights at once ({name})"
            cure = "use fixed effects and one weight in each candidate"
            raise SpecificationError(f"no comparison with {what}", where=model, cure=cure)
        designs[str(name)] = design
    return designs
