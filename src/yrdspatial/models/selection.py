"""Which model with which weights: posterior probabilities of the candidates."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from yrdspatial.errors import SpecificationError
from yrdspatial.models.marginal_likelihood import log_marginal
from yrdspatial.models.specification import EffectsRequest, Request, read_design
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

CANDIDATES = {
    "OLS": (False, False, False),
    "SLX": (False, False, True),
    "SAR": (True, False, False),
    "SDM": (True, False, True),
    "SEM": (False, True, False),
    "SDEM": (False, True, True),
}
"""Lag, error, W X of each model."""


def model_probabilities(
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    weights: "Mapping[str, Weights]",
    models: Sequence[str] = ("SAR", "SDM", "SEM", "SDEM", "SLX"),
    effects: EffectsRequest = "twoways",
    g: float | None = None,
) -> pd.DataFrame:
    """Posterior probabilities of models and weights, all equally likely beforehand.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    weights : dict of str to Graph, WeightsSeries or DataFrame
        The candidate weights by name, used as given.
    models : sequence of str
        Among OLS, SLX, SAR, SDM, SEM, SDEM; OLS has no weights and is one candidate.
    effects : str or mapping
        Fixed effects, as in the models.
    g : float, optional
        Prior variance of beta over its sampling variance. By default max(M0, k^2) with M0 the observations net of the
        effects and k the number of regressors: the weight of the prior is that of one observation or less.

    Returns
    -------
    DataFrame
        Columns model, weights, log_marginal (up to a constant they share), probability; in the order asked. The
        probabilities sum to one.

    Raises
    ------
    SpecificationError
        If a model is unknown, the effects are random, a candidate has several weights, there are no candidates, or g is
        not positive.

    Notes
    -----
    The marginal likelihood integrates beta and sigma2 in closed form and rho or lambda by quadrature over the true
    interval (1/omega_min, 1/omega_max), where the prior is uniform. beta given sigma2 is N(0, g sigma2 (X'X)^-1), X net
    of the effects (filtered by B in the error models), so that SAR and SEM, which have fewer regressors than SDM and
    SDEM, compare with them; sigma2 has the prior 1/sigma2. Dummies are integrated out with a flat prior in the error
    models; in the lag models the Jacobian is that of the adjusted likelihood, tr(M ln S), which is the same for
    constant row-standardized W. Numbers depend on g when the models differ in k: vary it.

    References
    ----------
    LeSage (2014), Spatial Statistics 9; LeSage and Parent (2007), Geographical Analysis 39; Fernandez, Ley and Steel
    (2001), Journal of Econometrics 100, for g.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> units = [f"u{i}" for i in range(30)]
    >>> ring = pd.DataFrame(np.roll(np.eye(30), 1, 1) / 2 + np.roll(np.eye(30), -1, 1) / 2, units, units)
    >>> x = rng.normal(size=30)
    >>> y = np.linalg.solve(np.eye(30) - 0.7 * ring.to_numpy(), x + 0.3 * rng.normal(size=30))
    >>> data = pd.DataFrame({"y": y, "x": x}, index=units)
    >>> table = model_probabilities(data, "y ~ x", weights={"ring": ring}, effects="pooled")
    >>> table.loc[table["probability"].idxmax(), "model"]
    'SAR'
    """
    asked = (models,) if isinstance(models, str) else tuple(dict.fromkeys(models))
    unknown = [name for name in asked if name not in CANDIDATES]
    if unknown or not asked or not weights:
        what = f"no probabilities for {', '.join(unknown)}" if unknown else "no candidates"
        raise SpecificationError(
            what, where="model_probabilities", cure=f"choose among {', '.join(CANDIDATES)}"
        )
    if g is not None and not g > 0:
        raise SpecificationError(f"g = {g}", where="model_probabilities", cure="use a positive number")
    rows = []
    for model in asked:
        for name, W in weights.items() if model != "OLS" else [("", None)]:
            lag, error, wx = CANDIDATES[model]
            roles = {"y": W if lag else None, "x": W if wx else None, "error": W if error else None}
            problem = read_design(data, Request(model, lag, error, wx, formula, effects, roles, None)).problem
            if problem.random or problem.parts:
                what = "random effects" if problem.random else f"several weights at once ({name})"
                cure = "use fixed effects and one weight in each candidate"
                raise SpecificationError(f"no probabilities with {what}", where=model, cure=cure)
            rows.append((model, name, log_marginal(problem, g)))
    table = pd.DataFrame(rows, columns=["model", "weights", "log_marginal"])
    total = logsumexp(table["log_marginal"])
    return table.assign(probability=np.exp(table["log_marginal"] - total))
