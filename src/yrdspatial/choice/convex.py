"""Convex combinations of two weights: which share of contiguity and which of rail the data ask for."""

import warnings
from dataclasses import dataclass, replace

import pandas as pd
from scipy.stats import chi2

from yrdspatial.choice.candidates import read_rivals
from yrdspatial.choice.mixture import Mixture, Pair, Profile
from yrdspatial.errors import SpecificationError, WeakIdentificationWarning
from yrdspatial.models import estimators
from yrdspatial.models.model import Bias
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import Design, EffectsRequest
from yrdspatial.models.spectra import Spectra
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights, WeightsSeries

MODELS = ("SAR", "SDM", "SEM", "SDEM", "SLX")
UNEQUAL = "rows have different sums: beside time effects the adjusted likelihood of the share is approximate"
ENDS = {1.0: "the first alone", 0.0: "the second alone"}


@dataclass(frozen=True)
class ConvexWeights:
    """The share of the first weights in W(a) = a W1 + (1 - a) W2.

    Attributes
    ----------
    share : float
        The maximum of the profile likelihood over [0, 1].
    lower, upper : float
        Profile-likelihood interval.
    level : float
        Its level.
    at_bound : bool
        Whether the maximum is at 0 or at 1.
    ends : DataFrame
        Tests of the two ends: columns null, share, statistic (likelihood ratio), pvalue.
    profile : DataFrame
        Columns share, loglik: the profile likelihood on a grid.
    results : SpatialPanelResults
        The model under W(share); its standard errors take the share as known.
    weights : WeightsSeries or DataFrame
        W(share).
    notes : tuple of str
        What the interval assumes here.
    """

    share: float
    lower: float
    upper: float
    level: float
    at_bound: bool
    ends: pd.DataFrame
    profile: pd.DataFrame
    results: SpatialPanelResults
    weights: "WeightsSeries | pd.DataFrame"
    notes: tuple[str, ...]

    def __str__(self) -> str:
        interval = f"{self.level:.0%} interval {self.lower:.3f} to {self.upper:.3f}"
        head = f"share of the first weights: {self.share:.3f} ({interval})"
        tests = [
            f"{row.null}: LR {row.statistic:.3f}, p = {row.pvalue:.4f}"
            for row in self.ends.itertuples(index=False)
        ]
        return "\n".join([head, *tests, *self.notes])


def convex_weights(
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    first: Weights,
    second: Weights,
    model: str = "SAR",
    effects: EffectsRequest = "twoways",
    bias: Bias = "adjusted",
    level: float = 0.95,
) -> ConvexWeights:
    """Estimate which mixture of two weights the data ask for.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    first, second : Graph, WeightsSeries or DataFrame
        The two weights, used as given: give both the same scale (row-standardized, say).
    model : {"SAR", "SDM", "SEM", "SDEM", "SLX"}
        The model; y, X and the error have the same W(a).
    effects : str or mapping
        Fixed effects, as in the models.
    bias : {"adjusted", "none"}
        As in the models.
    level : float
        Coverage of the interval.

    Returns
    -------
    ConvexWeights
        The share with its interval, tests of both ends, the profile, and the model under the mixture.

    Raises
    ------
    SpecificationError
        If the two weights are equal, or the level is no probability.

    Notes
    -----
    The likelihood is maximized over all else at every share. The interval holds the shares whose log-likelihood is
    within half the quantile of chi2(1) of the maximum over [0, 1]. Where the true share is inside, that is the usual
    interval; where it is an end, the likelihood ratio is a mixture of zero and chi2(1) (Self and Liang), the interval
    covers more often than it says, and the tests of the ends halve the tail. Where nothing is spatial (rho = 0 and
    theta = 0) the share is not identified at all: the interval is then most of [0, 1], and a note says so.

    References
    ----------
    Debarsy and LeSage (2018), Regional Science and Urban Economics 69, 155-164, for the model; Self and Liang (1987),
    Journal of the American Statistical Association 82, 605-610, for the ends.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(5)
    >>> units, years = [f"u{i:02d}" for i in range(30)], range(2001, 2011)
    >>> near, far = ((np.roll(np.eye(30), s, 1) + np.roll(np.eye(30), -s, 1)) / 2 for s in (1, 4))
    >>> x = rng.normal(size=(30, 10))
    >>> mixed = 0.7 * near + 0.3 * far
    >>> y = np.linalg.solve(np.eye(30) - 0.6 * mixed, x + 0.5 * rng.normal(size=(30, 10)))
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> first, second = pd.DataFrame(near, units, units), pd.DataFrame(far, units, units)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> found = convex_weights(data, "y ~ x", first=first, second=second)
    >>> bool(found.lower < 0.7 < found.upper), found.at_bound
    (True, False)
    """
    if not 0 < level < 1:
        raise SpecificationError(f"level {level} is no probability", cure="use a level such as 0.95")
    designs = read_rivals(
        data, formula, {"first": first, "second": second}, model=model, effects=effects, allowed=MODELS
    )
    one, two = designs["first"], designs["second"]
    pair = Pair.of(_spectra(one), _spectra(two))
    if all(abs(a - b).max() == 0 for a, b in pair.links):
        raise SpecificationError("the two weights are equal", where="convex_weights", cure="give two weights")
    adjusted = bias == "adjusted"
    mixture = Mixture(replace(one.problem, adjusted=adjusted), replace(two.problem, adjusted=adjusted), pair)
    profile = Profile.of(mixture.loglik)
    lower, upper = profile.interval(level)
    weights = _labelled(pair, profile.best, one)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        results = getattr(estimators, model)(data, formula, weights=weights, effects=effects).fit(bias=bias)
    at_bound = profile.best in ENDS
    return ConvexWeights(
        share=profile.best,
        lower=lower,
        upper=upper,
        level=level,
        at_bound=at_bound,
        ends=_tests(profile),
        profile=pd.DataFrame({"share": profile.shares, "loglik": profile.logliks}),
        results=results,
        weights=weights,
        notes=_notes(profile, level, results, pair),
    )


def _spectra(design: Design) -> Spectra:
    return design.problem.lag or design.problem.error or design.durbin[0]


def _labelled(pair: Pair, share: float, design: Design) -> "WeightsSeries | pd.DataFrame":
    mixed, units = pair.at(share), design.sample.units
    if design.sample.cross_section:
        return pd.DataFrame(mixed.links[0].toarray(), units, units)
    by_year = zip(design.sample.periods, mixed.position, strict=True)
    return WeightsSeries.from_matrices({year: mixed.links[d] for year, d in by_year}, units)


def _tests(profile: Profile) -> pd.DataFrame:
    rows = []
    for share, null in ENDS.items():
        statistic = max(2.0 * (profile.peak - profile.logliks[-1 if share else 0]), 0.0)
        rows.append((null, share, statistic, 0.5 * float(chi2.sf(statistic, 1)) if statistic > 0 else 1.0))
    return pd.DataFrame(rows, columns=["null", "share", "statistic", "pvalue"])


def _notes(profile: Profile, level: float, results: SpatialPanelResults, pair: Pair) -> tuple[str, ...]:
    notes = []
    if profile.best in ENDS:
        notes.append(
            f"the maximum is at an end of [0, 1] ({ENDS[profile.best]}): the interval is wider than it says"
        )
    if not profile.connected(level):
        notes.append("the likelihood has more than one hill: the interval spans a valley that is outside it")
    spatial = [name for name in results.params.index if name in {"rho", "lambda"} or name[:2] == "W_"]
    test = results.wald_test(spatial)
    if test.pvalue > 1.0 - level:
        what = f"no spatial term is clearly different from zero (Wald p = {test.pvalue:.3f})"
        notes.append(f"{what}: the share is hardly identified")
    problem = results.design.problem
    if (
        problem.lag is not None
        and problem.adjusting is not None
        and problem.effects.time
        and not pair.equal_sums()
    ):
        notes.append(UNEQUAL)
    return tuple(notes)
