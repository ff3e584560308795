"""Tests between fitted models: the likelihood ratio."""

from yrdspatial.errors import SpecificationError
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.wald import TestResult, chi2_test


def likelihood_ratio(restricted: SpatialPanelResults, full: SpatialPanelResults) -> TestResult:
    """Compare two nested models by their log-likelihoods.

    Parameters
    ----------
    restricted, full : SpatialPanelResults
        Fitted on the same rows, with the same effects and the same bias correction.

    Returns
    -------
    TestResult
        Twice the difference of the log-likelihoods, chi2 with as many degrees of freedom as parameters differ.

    Raises
    ------
    SpecificationError
        If the two are not comparable: other rows, another y, other effects, another bias correction, or not fewer
        parameters.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from yrdspatial.models.estimators import SAR, SDM
    >>> units, years = [f"u{i:02d}" for i in range(20)], range(2001, 2009)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> table = (np.roll(np.eye(20), 1, axis=1) + np.roll(np.eye(20), -1, axis=1)) / 2
    >>> ring, rng = pd.DataFrame(table, units, units), np.random.default_rng(1)
    >>> x = rng.normal(size=(20, 8))
    >>> y = np.linalg.solve(np.eye(20) - 0.5 * table, x + 0.6 * table @ x + 0.3 * rng.normal(size=(20, 8)))
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> found = likelihood_ratio(SAR(data, "y ~ x", weights=ring).fit(), SDM(data, "y ~ x", weights=ring).fit())
    >>> found.null, found.df, bool(found.pvalue < 0.01)
    ('SAR inside SDM', 1, True)
    """
    one, two = restricted.design, full.design
    reasons = (
        (not one.sample.frame.index.equals(two.sample.frame.index), "the rows differ"),
        (one.spec.dependent != two.spec.dependent, "the dependent variables differ"),
        (one.spec.effects != two.spec.effects, "the effects differ"),
        (restricted.bias != full.bias, "one is adjusted for the fixed-effects bias, the other is not"),
        (len(restricted.params) >= len(full.params), "the first model does not have fewer parameters"),
    )
    for wrong, why in reasons:
        if wrong:
            raise SpecificationError(
                "the likelihoods do not compare", where=why, cure="fit nested models alike"
            )
    statistic = 2.0 * (full.loglik - restricted.loglik)
    null = f"{one.spec.model} inside {two.spec.model}"
    return chi2_test("LR", null, statistic, len(full.params) - len(restricted.params))
