"""The J test between weights: does what a rival network predicts help the model that holds another to be true."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from yrdspatial.choice.candidates import read_rivals
from yrdspatial.choice.nonnested import Addition, Redraw, bootstrap_j, j_statistics
from yrdspatial.errors import SpecificationError
from yrdspatial.execution.seeds import task_seeds
from yrdspatial.models.model import estimate
from yrdspatial.models.specification import Design, EffectsRequest
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

MODELS = ("SAR", "SDM", "SLX", "SDEM")
"""Models whose mean depends on W."""
EVERY = "all others"
HELD = "the null model holds what the rival predicts: nothing is left to test"


@dataclass(frozen=True)
class JTest:
    """J tests of each weights against its rivals.

    Attributes
    ----------
    table : DataFrame
        Columns null, rival ("all others" together where there are more than two weights), coefficient, std_error (of a
        predictor with a standard deviation of one net of the effects; NaN with several), statistic, df, pvalue, note;
        with a bootstrap pvalue_bootstrap.
    model, effects : str
        What was estimated.
    bootstrap : int
        Draws asked for.
    discarded : int
        Draws that could not be estimated, over all nulls.
    """

    table: pd.DataFrame
    model: str
    effects: str
    bootstrap: int
    discarded: int

    def __str__(self) -> str:
        head = f"J tests between weights: {self.model}, effects {self.effects}"
        return f"{head}\n{self.table.to_string(index=False)}"


def j_test(
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    weights: "Mapping[str, Weights]",
    model: str = "SAR",
    effects: EffectsRequest = "twoways",
    bootstrap: int = 0,
    seed: int | None = None,
) -> JTest:
    """Test every weights against the others, none nested in another.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    weights : mapping of str to Graph, WeightsSeries or DataFrame
        At least two, by name, used as given.
    model : {"SAR", "SDM", "SLX", "SDEM"}
        The model under every weights. SEM is refused: its mean does not depend on W.
    effects : str or mapping
        Fixed effects, as in the models.
    bootstrap : int
        Draws of a bootstrap under each null: its residuals are drawn again, everything is estimated again.
    seed : int
        Seed of the bootstrap, without which it is refused.

    Returns
    -------
    JTest
        ``.table``, one row a null and rival.

    Raises
    ------
    SpecificationError
        If there are not two weights, the model has no J test, or a bootstrap has no seed.

    Notes
    -----
    Under the null y = rho_0 W_0 y + X_0 beta_0 + effects + e. The rival is estimated on its own; its reduced form
    predicts S_1^-1 X_1 beta_1, of which rho_1 W_1 S_1^-1 X_1 beta_1 + W_1 X theta_1 is not in X. The null model is
    estimated once more with this regressor, with the adjustment for fixed effects: a Wald test of its coefficient, chi2
    with one degree of freedom, as the estimates in the regressor do not matter under the null (Davidson and MacKinnon).
    The effects of the rival stay out of its prediction. A rejection speaks against the null, not for the rival: both
    may be rejected, or neither. Where the rival finds nothing (rho_1 near zero, theta_1 = 0) the regressor is noise,
    and the test has no power.

    References
    ----------
    Kelejian (2008), Letters in Spatial and Resource Sciences 1, 3-11; Kelejian and Piras (2011), Regional Science and
    Urban Economics 41, 281-292; Burridge (2012), Spatial Economic Analysis 7, 447-472; Jin and Lee (2013), Regional
    Science and Urban Economics 43, 590-616, for maximum likelihood and the bootstrap.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> units, years = [f"u{i:02d}" for i in range(30)], range(2001, 2007)
    >>> near, far = ((np.roll(np.eye(30), s, 1) + np.roll(np.eye(30), -s, 1)) / 2 for s in (1, 4))
    >>> x = rng.normal(size=(30, 6))
    >>> y = np.linalg.solve(np.eye(30) - 0.6 * near, x + 0.5 * rng.normal(size=(30, 6)))
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> weights = {"near": pd.DataFrame(near, units, units), "far": pd.DataFrame(far, units, units)}
    >>> found = j_test(pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index), "y ~ x", weights=weights).table
    >>> (found.set_index("null")["pvalue"] < 0.01).to_dict()
    {'near': False, 'far': True}
    """
    if bootstrap and seed is None:
        raise SpecificationError("a bootstrap needs a seed", where="j_test", cure="pass seed=")
    designs = read_rivals(data, formula, weights, model=model, effects=effects, allowed=MODELS)
    rows, discarded = [], 0
    children = task_seeds(seed if bootstrap else 0, len(designs))
    for (null, design), child in zip(designs.items(), children, strict=True):
        others = [name for name in designs if name != null]
        groups = [[k] for k in range(len(others))] + ([list(range(len(others)))] if len(others) > 1 else [])
        rivals = [designs[name].problem for name in others]
        terms = len(design.spec.terms)
        found = j_statistics(design.problem, rivals, groups, terms)
        table = _rows(null, [*others, EVERY], found)
        if bootstrap:
            redraw = Redraw.of(design.problem, estimate(design.problem)[0])
            rngs = [np.random.default_rng(one) for one in task_seeds(child, bootstrap)]
            drawn = bootstrap_j(redraw, rivals, groups, terms, rngs)
            discarded += int(np.isnan(drawn).any(axis=1).sum())
            table = table.assign(pvalue_bootstrap=_tails(table["statistic"].to_numpy(), drawn))
        rows.append(table)
    return JTest(pd.concat(rows, ignore_index=True), model, _label(designs), bootstrap, discarded)


def _rows(null: str, names: list[str], found: list[Addition]) -> pd.DataFrame:
    lines = [
        (
            null,
            name,
            one.coefficients[0] if one.coefficients.size == 1 else np.nan,
            one.errors[0] if one.errors.size == 1 else np.nan,
            one.statistic,
            one.coefficients.size,
            float(chi2.sf(one.statistic, one.coefficients.size)),
            HELD if np.isnan(one.statistic) else "",
        )
        for name, one in zip(names, found, strict=False)
    ]
    columns = ["null", "rival", "coefficient", "std_error", "statistic", "df", "pvalue", "note"]
    return pd.DataFrame(lines, columns=columns)


def _tails(statistics: FloatArray, drawn: FloatArray) -> FloatArray:
    # The share of draws at least as large, the observed one among them; draws without a statistic do not count.
    valid = ~np.isnan(drawn)
    above = (drawn >= statistics) & valid
    share = (1.0 + above.sum(axis=0)) / (1.0 + valid.sum(axis=0))
    return np.where(np.isnan(statistics), np.nan, share)


def _label(designs: Mapping[str, Design]) -> str:
    return next(iter(designs.values())).spec.effects
