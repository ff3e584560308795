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
