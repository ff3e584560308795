"""Encompassing tests between weights: both networks in one model, and what one of them adds to the other."""

import warnings
from collections.abc import Mapping
from itertools import combinations, permutations

import pandas as pd

from yrdspatial.choice.candidates import read_rivals
from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models import estimators
from yrdspatial.models.diagnosis import as_table, inapplicable
from yrdspatial.models.model import Bias
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.models.wald import TestResult, chi2_test
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

MODELS = ("SAR", "SDM", "SLX")
"""Models that take several weights at once."""
NO_LIKELIHOOD = 'the adjusted scores of two lags have no common likelihood: see Wald, or use bias="none"'


def encompassing_tests(
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    weights: "Mapping[str, Weights]",
    model: str = "SAR",
    effects: EffectsRequest = "twoways",
    bias: Bias = "adjusted",
) -> pd.DataFrame:
    """Put two weights at a time into one model and test what each adds to the other.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    weights : mapping of str to Graph, WeightsSeries or DataFrame
        At least two, by name, used as given; every ordered pair is tested.
    model : {"SAR", "SDM", "SLX"}
        The model.
    effects : str or mapping
        Fixed effects, as in the models.
    bias : {"adjusted", "none"}
        As in the models.

    Returns
    -------
    DataFrame
        Columns null_weights, rival, rho_null, rho_rival (in the model with both; None in SLX), test ("Wald", "LR"),
        null, statistic, df, pvalue, note. With ``bias="adjusted"`` and time effects two lags have no likelihood, and
        the LR test says that it does not apply.

    Notes
    -----
    y = rho_0 W_0 y + rho_1 W_1 y + X beta + W_0 X theta_0 + W_1 X theta_1 + effects + e. W_0 encompasses W_1 when
    rho_1 = 0 and theta_1 = 0. If neither null is rejected the two networks are too alike for the data; if both are,
    each carries something: see :func:`yrdspatial.convex_weights`.

    References
    ----------
    Mizon and Richard (1986), Econometrica 54, 657-678; Leenders (2002), Social Networks 24, 21-47, for networks.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(5)
    >>> units, years = [f"u{i:02d}" for i in range(30)], range(2001, 2007)
    >>> near, far = ((np.roll(np.eye(30), s, 1) + np.roll(np.eye(30), -s, 1)) / 2 for s in (1, 4))
    >>> x = rng.normal(size=(30, 6))
    >>> y = np.linalg.solve(np.eye(30) - 0.6 * near, x + 0.5 * rng.normal(size=(30, 6)))
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> weights = {"near": pd.DataFrame(near, units, units), "far": pd.DataFrame(far, units, units)}
    >>> table = encompassing_tests(pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index), "y ~ x", weights=weights)
    >>> wald = table[table["test"] == "Wald"].set_index("null_weights")
    >>> (wald["pvalue"] < 0.01).to_dict()
    {'near': False, 'far': True}
    """
    read_rivals(data, formula, weights, model=model, effects=effects, allowed=MODELS)
    estimator = getattr(estimators, model)

    def fitted(chosen: "Weights | Mapping[str, Weights]") -> SpatialPanelResults:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakIdentificationWarning)
            fit: SpatialPanelResults = estimator(data, formula, weights=chosen, effects=effects).fit(
                bias=bias
            )
            return fit

    alone = {name: fitted(one) for name, one in weights.items()}
    both = {
        frozenset(pair): fitted({name: weights[name] for name in pair}) for pair in combinations(weights, 2)
    }
    return pd.concat(
        [
            _pair(null, rival, alone[null], both[frozenset((null, rival))])
            for null, rival in permutations(weights, 2)
        ],
        ignore_index=True,
    )


def _pair(null: str, rival: str, restricted: SpatialPanelResults, full: SpatialPanelResults) -> pd.DataFrame:
    own = (f"rho_{rival}", *(f"W_{rival}_{name}" for name in full.spec.durbin))
    names = [name for name in full.params.index if name in own]
    tests = [full.wald_test(names), _likelihood_ratio(restricted, full, names)]
    rho = [full.params.get(f"rho_{name}") for name in (null, rival)]
    table = as_table(tests)
    for place, (column, value) in enumerate(
        {"null_weights": null, "rival": rival, "rho_null": rho[0], "rho_rival": rho[1]}.items()
    ):
        table.insert(place, column, value)
    return table


def _likelihood_ratio(
    restricted: SpatialPanelResults, full: SpatialPanelResults, names: list[str]
) -> TestResult:
    null = ", ".join(f"{name} = 0" for name in names)
    one, two = restricted.fit.loglik, full.fit.loglik
    if one is None or two is None:
        return inapplicable("LR", null, NO_LIKELIHOOD)
    return chi2_test("LR", null, 2.0 * (two - one), len(names))
