"""What a specification curve varies, and the list of all its specifications."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias

import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models import estimators
from yrdspatial.models.model import Model
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.weights.series import Weights

SampleRule: TypeAlias = "Callable[[pd.DataFrame], Any] | pd.Series[bool] | None"
DIMENSIONS = ("outcome", "model", "weights", "sample", "controls", "effects", "bias", "cov_type")
"""Columns of the choices, in the order in which they are varied: the last one fastest."""
NO_WEIGHTS = "none"
"""What stands in the column of the weights of a model without any."""


@dataclass(frozen=True)
class Choices:
    """The choices of a specification curve; every combination is one specification.

    Attributes
    ----------
    outcomes : mapping of str to str
        Formulas by name, the term of interest in each: {"share": "log_share ~ lq"}.
    weights : mapping of str to Graph, WeightsSeries or DataFrame
        Weights by name, of all units of the data. Where a sample has fewer units, the links among these are kept; rows
        that summed to one do so again.
    models : sequence of str
        Among OLS, SLX, SAR, SDM, SEM, SDEM, SAC, GNS; OLS, which has no weights, is estimated once.
    samples : mapping of str to callable, Series of bool, or None
        Which rows, by name: a function of the data (a frame indexed (unit, time)) that returns one truth value a row,
        the values themselves, or None for all rows.
    controls : mapping of str to sequence of str
        Terms that are added to the formula, by name.
    effects : mapping of str to effects, or sequence of str
        Fixed or random effects by name, as in the models.
    bias : sequence of str
        Among "adjusted" and "none".
    cov_types : sequence of str
        Kinds of standard errors that need no options, as in ``fit``.

    Examples
    --------
    >>> ring, both = pd.DataFrame(), ("adjusted", "none")
    >>> choices = Choices({"share": "y ~ x"}, {"ring": ring}, models=("OLS", "SAR"), bias=both)
    >>> choices.table()[["model", "weights", "bias"]].to_numpy().tolist()
    [['OLS', 'none', 'adjusted'], ['OLS', 'none', 'none'], ['SAR', 'ring', 'adjusted'], ['SAR', 'ring', 'none']]
    """

    outcomes: Mapping[str, str]
    weights: "Mapping[str, Weights]"
    models: Sequence[str] = ("SAR", "SDM")
    samples: Mapping[str, SampleRule] = field(default_factory=lambda: {"all": None})
    controls: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"none": ()})
    effects: "Mapping[str, EffectsRequest] | Sequence[str]" = ("twoways",)
    bias: Sequence[str] = ("adjusted",)
    cov_types: Sequence[str] = ("expected",)

    def __post_init__(self) -> None:
        parts = {name: list(one) for name, one in self._dimensions().items()}
        empty = [name for name, one in parts.items() if not one]
        if empty:
            cure = "give each dimension at least one choice"
            raise SpecificationError("there is nothing to choose", where=", ".join(empty), cure=cure)
        twice = [name for name, one in parts.items() if len(set(one)) < len(one)]
        if twice:
            raise SpecificationError("a choice is given twice", where=", ".join(twice), cure="give each once")
        known = [name for name, one in vars(estimators).items() if _is_model(one)]
        unknown = [name for name in self.models if name not in known]
        if unknown:
            cure = f"choose among {', '.join(known)}"
            raise SpecificationError("unknown models", where=", ".join(unknown), cure=cure)

    def _dimensions(self) -> dict[str, Sequence[str]]:
        parts = (
            self.outcomes,
            self.models,
            self.weights,
            self.samples,
            self.controls,
            self.effects,
            self.bias,
            self.cov_types,
        )
        return {name: [str(one) for one in part] for name, part in zip(DIMENSIONS, parts, strict=True)}

    def effects_of(self, name: str) -> EffectsRequest:
        """Return the effects that a name stands for.

        Parameters
        ----------
        name : str
            A name in the table.

        Returns
        -------
        str or mapping
            The effects, as the models take them.
        """
        return self.effects[name] if isinstance(self.effects, Mapping) else name

    def formula_of(self, outcome: str, controls: str) -> str:
        """Return a formula with its controls.

        Parameters
        ----------
        outcome, controls : str
            Names in the table.

        Returns
        -------
        str
            The formula.
        """
        return " + ".join([self.outcomes[outcome], *self.controls[controls]])

    def table(self) -> pd.DataFrame:
        """List the specifications.

        Returns
        -------
        DataFrame
            One row a specification, numbered from 1: columns outcome, model, weights, sample, controls, effects, bias,
            cov_type.
        """
        rows = pd.DataFrame(list(product(*self._dimensions().values())), columns=list(DIMENSIONS))
        rows.loc[rows["model"] == "OLS", "weights"] = NO_WEIGHTS
        rows = rows.drop_duplicates(ignore_index=True)
        return rows.set_axis(pd.RangeIndex(1, len(rows) + 1, name="specification"))


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Model) and value is not Model
