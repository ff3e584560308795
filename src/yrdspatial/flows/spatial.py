"""Spatial interaction: flows that move with the flows of neighbouring origins and destinations."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.flows.interaction import Interaction, fit_interaction
from yrdspatial.flows.regressors import unit_columns
from yrdspatial.flows.spatial_results import SpatialFlowsResults, SpatialRequest
from yrdspatial.flows.table import Flows, Tables, year_tables
from yrdspatial.flows.ties import LAGS, Dependence
from yrdspatial.models.rank import check_columns
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights, as_series

CHOICES = {
    "model": ("sar", "sdm"),
    "within": ("own", "plain", "zero"),
    "transform": ("log", "log1p", "none"),
}
TIED = ("product", "equal", "equal_all")


def spatial_flows(
    flows: Flows,
    characteristics: "Panel | pd.DataFrame | None" = None,
    separation: "Mapping[str, Tables] | None" = None,
    *,
    weights: Weights,
    model: Literal["sar", "sdm"] = "sar",
    dependence: "tuple[str, ...] | str" = LAGS,
    within: Literal["own", "plain", "zero"] = "own",
    transform: Literal["log", "log1p", "none"] = "log",
) -> SpatialFlowsResults:
    """Estimate the spatial interaction model by maximum likelihood.

    Y = rho_o W Y + rho_d Y W' + rho_w W Y W' + regressors + e, with Y the N x N flows of one year: flows depend on
    those from the neighbours of the origin, to the neighbours of the destination, and between both.

    Parameters
    ----------
    flows : Flows
        One year; all pairs known (flows within units: see `within`).
    characteristics : DataFrame or Panel, optional
        Indexed by unit (or unit and year): every column x enters as ``origin_x`` and ``destination_x``.
    separation : mapping of str to DataFrame, mapping by year, or TravelTimes
        Square tables, used as they are.
    weights : Graph, WeightsSeries or DataFrame
        W between units, used as given.
    model : {"sar", "sdm"}
        "sdm" adds the neighbours' characteristics at both ends, ``W_origin_x`` and ``W_destination_x``.
    dependence : tuple of {"origin", "destination", "network"} or {"product", "equal", "equal_all"}
        Lags with a free parameter each (an empty tuple is least squares); or tied ones: "product"
        rho_w = -rho_o rho_d, "equal" rho_o = rho_d without rho_w, "equal_all" all three the same.
    within : {"own", "plain", "zero"}
        Flows within units: "own" gives them their own constant ``within`` and slopes ``within_x``, and sets the other
        regressors of units to zero there; "plain" treats them as any flow; "zero" is "own" for flows that are not
        known, set to zero after `transform`.
    transform : {"log", "log1p", "none"}
        Of the flows. A zero flow has no log; log(1 + y) depends on the unit of measure: look at both ends of it, and at
        :func:`~yrdspatial.gravity`, which keeps zeros as they are.

    Returns
    -------
    SpatialFlowsResults
        Parameters with standard errors, effects, likelihood.

    Raises
    ------
    SpecificationError
        If the request does not fit the data, or regressors cannot be told apart.

    Notes
    -----
    The errors are independent with one variance; the log-determinant is exact from the eigenvalues of W; spatial
    parameters stay where no eigenvalue of I - rho_o W_o - rho_d W_d - rho_w W_w has a real part of zero or less.

    References
    ----------
    LeSage and Pace (2008), Journal of Regional Science 48, 941-967; LeSage and Thomas-Agnan (2015), Journal of Regional
    Science 55, 188-208.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> units = [f"u{i:02d}" for i in range(25)]
    >>> ring = (np.roll(np.eye(25), 1, 1) + np.roll(np.eye(25), -1, 1)) / 2
    >>> size = pd.DataFrame({"size": rng.normal(size=25)}, index=units)
    >>> km = pd.DataFrame(rng.uniform(1, 5, (25, 25)), units, units)
    >>> s = size["size"].to_numpy()
    >>> mean = 9 + 1.0 * s[:, None] + 0.5 * s - 0.5 * km.to_numpy() + 0.3 * rng.normal(size=(25, 25))
    >>> left = np.eye(625) - 0.4 * np.kron(ring, np.eye(25)) - 0.3 * np.kron(np.eye(25), ring)
    >>> logs = np.linalg.solve(left, mean.ravel()).reshape(25, 25)
    >>> flows = Flows.from_frames(pd.DataFrame(np.exp(logs), units, units))
    >>> W = pd.DataFrame(ring, units, units)
    >>> found = spatial_flows(flows, size, {"km": km}, weights=W, within="plain")
    >>> found.rho.round(1).abs().to_dict()
    {'rho_origin': 0.4, 'rho_destination': 0.3, 'rho_network': 0.0}
    """
    given = {"model": model, "within": within, "transform": transform}
    for name, value in given.items():
        if value not in CHOICES[name]:
            raise SpecificationError(f'"{value}" is no {name}', cure=" or ".join(CHOICES[name]))
    strange = set() if dependence in TIED else set(dependence) - set(LAGS)
    if (isinstance(dependence, str) and dependence not in TIED) or strange:
        cure = f"a tuple of {', '.join(LAGS)}; or {', '.join(TIED)}"
        raise SpecificationError("there is no such dependence", where=str(dependence), cure=cure)
    if flows.periods > 1:
        cure = "choose one: flows.at(year)"
        raise SpecificationError("the flows have several years", where=str(flows.years), cure=cure)
    Y = _transformed(flows, within, transform)
    years = flows.years or (0,)
    W = as_series(weights, years).array(flows.units, years)[0]
    parts = _regressors(flows, characteristics, separation or {}, W, (model, within))
    Z = np.stack(list(parts.values()), axis=2)
    data = np.concatenate([Z, Y[..., None]], axis=2).reshape(Y.size, -1)
    check_columns(data, data, Y.size, list(parts))
    ties = Dependence.of(dependence)
    fit = fit_interaction(Interaction.of(Y, Z, W), ties)
    request = SpatialRequest(model, dependence, within, transform)
    return SpatialFlowsResults(flows, request, tuple(parts), ties, fit, W, Y, Z)


def _transformed(flows: Flows, within: str, transform: str) -> FloatArray:
    array = flows.array[0]
    inside = np.eye(len(array), dtype=bool)
    holes = np.argwhere(np.isnan(array) & ~(inside & (within == "zero")))
    if len(holes):
        own = len(holes) == len(array) and (holes[:, 0] == holes[:, 1]).all()
        cure = (
            'within="zero"'
            if own
            else "fill them, or read_flows(..., missing=) if that is true of the source"
        )
        where = f"{len(holes)}: {shorten([flows.pair_name(0, *cell) for cell in holes])}"
        raise GapError("lags of flows need every pair", where=where, cure=cure)
    known = ~(inside & (within == "zero"))
    zeros = int((known & (array == 0)).sum())
    if transform == "log" and zeros:
        cure = 'transform="log1p", or gravity(), which keeps zeros'
        raise SpecificationError("zero flows have no log", where=f"{zeros} flows", cure=cure)
    filled = np.where(known, array, 1.0)
    changes: dict[str, Callable[[FloatArray], FloatArray]] = {"log": np.log, "log1p": np.log1p}
    return np.where(known, changes[transform](filled) if transform in changes else filled, 0.0)


def _regressors(
    flows: Flows,
    characteristics: "Panel | pd.DataFrame | None",
    separation: Mapping[str, Tables],
    W: FloatArray,
    how: tuple[str, str],
) -> dict[str, FloatArray]:
    model, within = how
    shape, eye = W.shape, np.eye(len(W))
    own = within != "plain"
    away = 1.0 - eye if own else np.ones(shape)
    parts = {"Intercept": np.ones(shape)} | ({"within": eye} if own else {})
    for name, table in unit_columns(flows, characteristics, "characteristics").items():
        x = table[0]
        parts[f"origin_{name}"] = x[:, None] * away
        parts[f"destination_{name}"] = x[None, :] * away
        if own:
            parts[f"within_{name}"] = np.diag(x)
        if model == "sdm":
            parts[f"W_origin_{name}"] = (W @ x)[:, None] * away
            parts[f"W_destination_{name}"] = (W @ x)[None, :] * away
    for name, tables in separation.items():
        values = year_tables(flows, tables, name)[0]
        if name in parts:
            raise SpecificationError("two regressors have one name", where=name, cure="rename one of them")
        parts[name] = np.where(own & (eye == 1), 0.0, values)
    bad = [name for name, values in parts.items() if not np.isfinite(values).all()]
    if bad:
        raise GapError(
            "a regressor is missing or infinite", where=shorten(bad), cure="give every pair a value"
        )
    return parts
