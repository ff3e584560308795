"""The gravity equation: flows from the size of both ends and what lies between them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.flows.absorption import absorb, linked
from yrdspatial.flows.gravity_results import GravityRequest, GravityResults
from yrdspatial.flows.pair_covariance import KINDS, PairCovariance
from yrdspatial.flows.poisson import fit_log, fit_poisson, separated
from yrdspatial.flows.regressors import Pairs, read_pairs
from yrdspatial.flows.table import Flows, Tables
from yrdspatial.models.rank import check_columns
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel

CHOICES = {"method": ("ppml", "ols"), "effects": ("none", "origin_destination"), "cov_type": KINDS}


def gravity(
    flows: Flows,
    origin: "Panel | pd.DataFrame | None" = None,
    destination: "Panel | pd.DataFrame | None" = None,
    separation: "Mapping[str, Tables] | None" = None,
    *,
    method: Literal["ppml", "ols"] = "ppml",
    effects: Literal["none", "origin_destination"] = "none",
    cov_type: PairCovariance = "two-way",
    self_flows: bool = False,
) -> GravityResults:
    """Estimate a gravity equation.

    E(y_ij) = exp(x_i' a + x_j' b + g_ij' c), or with effects exp(o_i + d_j + g_ij' c), in each year.

    Parameters
    ----------
    flows : Flows
        Of one or several years; unknown pairs are left out.
    origin, destination : DataFrame or Panel, optional
        Characteristics, indexed by unit or by unit and year; all columns enter as they are (take logs first) and are
        named ``origin_<column>`` and ``destination_<column>``.
    separation : mapping of str to DataFrame, mapping by year, or TravelTimes
        Distance, minutes, a shared border ...: square labelled tables, used as they are.
    method : {"ppml", "ols"}
        Poisson pseudo maximum likelihood, which keeps zero flows; or least squares of the log of the positive ones.
    effects : {"none", "origin_destination"}
        Effects of every origin and destination in every year; they take the place of `origin` and `destination`.
    cov_type : {"two-way", "dyadic", "origin", "destination", "pair", "robust"}
        Which pairs are correlated: two-way those that share the origin or the destination; dyadic those that share any
        unit on any side.
    self_flows : bool
        Whether flows within units count, with the dummy ``within``.

    Returns
    -------
    GravityResults
        Slopes with standard errors, fitted flows, effects, tests.

    Raises
    ------
    SpecificationError
        If the request does not fit the data, or regressors cannot be told apart.

    Notes
    -----
    Zero flows that effects and regressors predict without fail (a city that sends nothing, say) have no maximum; they
    are found exactly, left out, counted and named in ``.warnings``. Log-linear least squares is consistent only when
    the variance of the flows is proportional to their squared mean; it is here for comparison.

    References
    ----------
    Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88, 641-658; Anderson and van Wincoop (2003),
    American Economic Review 93, 170-192, for the effects.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> units = [f"u{i:02d}" for i in range(20)]
    >>> km = pd.DataFrame(rng.uniform(50, 500, (20, 20)), units, units)
    >>> size = pd.DataFrame({"size": rng.normal(size=20)}, index=units)
    >>> mean = np.exp(3 + size.to_numpy() + 0.5 * size.to_numpy().T - 0.01 * km)
    >>> flows = Flows.from_frames(pd.DataFrame(rng.poisson(mean), units, units))
    >>> gravity(flows, size, size, {"km": km}).params.round(2).to_dict()
    {'Intercept': 2.99, 'origin_size': 1.02, 'destination_size': 0.48, 'km': -0.01}
    """
    given = {"method": method, "effects": effects, "cov_type": cov_type}
    for name, value in given.items():
        if value not in CHOICES[name]:
            raise SpecificationError(f'"{value}" is no {name}', cure=" or ".join(CHOICES[name]))
    absorbed = effects == "origin_destination"
    if absorbed and (origin is not None or destination is not None):
        cure = 'leave them out, or use effects="none"'
        raise SpecificationError("effects take in all that origins and destinations are", cure=cure)
    pairs = read_pairs(
        flows, origin, destination, separation or {}, constant=not absorbed, self_flows=self_flows
    )
    pairs, warnings = _with_maximum(flows, pairs, method, absorbed)
    _check(pairs, absorbed)
    fit = (fit_poisson if method == "ppml" else fit_log)(pairs.y, pairs.X, pairs.used, effects=absorbed)
    return GravityResults(flows, GravityRequest(method, absorbed, cov_type), pairs, fit, warnings)


def _with_maximum(flows: Flows, pairs: Pairs, method: str, absorbed: bool) -> tuple[Pairs, tuple[str, ...]]:
    if method == "ols":
        out = pairs.used & (pairs.y == 0)
        said = "zero flows left out: their log does not exist"
    else:
        out = separated(pairs.y, pairs.X, pairs.used, effects=absorbed)
        said = "zero flows left out, which effects and regressors predict without fail"
    if not out.any():
        return pairs, ()
    used = pairs.used & ~out
    names = shorten([flows.pair_name(*cell) for cell in np.argwhere(out)])
    kept = np.where(used[..., None], pairs.X, 0.0)
    return replace(pairs, used=used, X=kept), (f"{int(out.sum())} {said} ({names})",)


def _check(pairs: Pairs, absorbed: bool) -> None:
    if absorbed and not linked(pairs.used):
        cure = "keep the pairs that link all units"
        raise SpecificationError("the pairs fall apart into groups without a link", cure=cure)
    data = np.concatenate([pairs.X, pairs.y[..., None]], axis=3)
    inner = absorb(data, pairs.used.astype(np.float64)).residual if absorbed else data
    taken = 0
    if absorbed:
        taken = int(pairs.used.any(axis=2).sum() + pairs.used.any(axis=1).sum()) - len(pairs.used)
    count = int(pairs.used.sum())
    check_columns(data[pairs.used], inner[pairs.used], count - taken, pairs.names)
