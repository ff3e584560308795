"""What to do about holes: stated policies, what each changes, and the models on what is left."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from yrdspatial.errors import GapError, SpecificationError, WeakIdentificationWarning
from yrdspatial.industry.table import require
from yrdspatial.models import estimators
from yrdspatial.models.formula import required_columns
from yrdspatial.models.identification import DENSE, HELP, WIDE, effective_neighbours
from yrdspatial.models.model import Bias, Model
from yrdspatial.models.observed_fit import ObservedFit, fit_observed
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.models.unbalanced_design import UnbalancedDesign, UnbalancedRequest, as_terms, read_unbalanced
from yrdspatial.models.unbalanced_results import UnbalancedResults
from yrdspatial.panel.balance import complete_labels, find_holes, names_of
from yrdspatial.panel.gaps import shorten, unit_name, year_runs
from yrdspatial.panel.labels import as_panel_index
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.restriction import Rescale, Restricted, restrict_weights
from yrdspatial.weights.series import Weights, WeightsSeries, as_series

Policy: TypeAlias = Literal["drop_years", "drop_units", "subset", "em"]
AnyModel: TypeAlias = Literal["OLS", "SLX", "SAR", "SEM", "SDM", "SDEM", "SAC", "GNS"]
MANY = 0.1
"""The share of holes above which filling them leans on the model more than on the data."""


@dataclass(frozen=True, eq=False)
class Balanced:
    """A panel whose holes have a stated policy (made by :func:`balance_panel`).

    Attributes
    ----------
    data : Panel or DataFrame
        After "drop_years" and "drop_units" the rows that stay, balanced. Under "subset" and "em" the full grid, its
        holes left open: :meth:`fit` knows what to do with them.
    weights : WeightsSeries or None
        Of the units and years in ``data``, rescaled where that was asked; under "subset" and "em" those given.
    policy : str
        The policy.
    columns : tuple of str
        The columns in which holes count.
    formula : str or None
        The formula, if one was given.
    holes : DataFrame
        Columns unit, year, variable: the missing cells.
    report : DataFrame
        Index year: ``units``, before; ``units_kept``, rows that the models use; ``rows_lost``, complete rows that
        are left out all the same; ``holes``, missing cells; ``filled``, values of y that are integrated out;
        ``weights_lost``, the share of the weight of the rows kept that pointed to units left out (zero without
        weights); ``new_islands``, units that have lost all their neighbours.
    rescale : str or None
        How weights that lost units are scaled: "row", "none", or None where there are none.
    networks : dict of int to DataFrame
        Under "subset" the weights of each year, on the units of that year; empty otherwise.
    """

    data: Panel | pd.DataFrame
    weights: "Weights | None"
    policy: Policy
    columns: tuple[str, ...]
    formula: str | None
    holes: pd.DataFrame
    report: pd.DataFrame
    rescale: Rescale | None
    networks: dict[int, pd.DataFrame]

    def __repr__(self) -> str:
        return f"<Balanced by {self.policy}: {'; '.join(self.changes)}>"

    @property
    def changes(self) -> tuple[str, ...]:
        """What the policy changed, in words."""
        report, holes = self.report, self.holes
        years = [int(year) for year in report.index[report["units_kept"] == 0]]
        said = [f"{len(holes)} of {int(report['units'].sum()) * len(self.columns)} cells are missing"]
        if years:
            said.append(f"{len(years)} of {len(report)} years are left out: {year_runs(years)}")
        if self.policy == "drop_units":
            gone = [unit_name(unit) for unit in holes["unit"].unique()]
            said.append(f"{len(gone)} of {int(report['units'].max())} units are left out: {shorten(gone)}")
        if self.policy == "em":
            said.append(f"{int(report['filled'].sum())} values of y are integrated out, none is left out")
            return tuple(said)
        rows = int((report["units"] - report["units_kept"]).sum())
        said.append(f"{rows} rows are left out, {int(report['rows_lost'].sum())} of them complete")
        if self.weights is not None and report["weights_lost"].max() > 0:
            used = report.loc[report["units_kept"] > 0]
            share = np.average(used["weights_lost"], weights=used["units_kept"])
            said.append(f"{share:.1%} of the weights of the rows kept are lost, rescaled by {self.rescale}")
        if report["new_islands"].sum():
            said.append(f"{int(report['new_islands'].sum())} rows have lost all their neighbours")
        return tuple(said)

    def fit(
        self,
        model: AnyModel = "SDM",
        *,
        effects: EffectsRequest = "twoways",
        durbin: str | Iterable[str] | None = None,
        bias: Bias = "adjusted",
    ) -> SpatialPanelResults | UnbalancedResults:
        """Estimate a model under the policy.

        Parameters
        ----------
        model : str
            Any model after "drop_years" and "drop_units"; "SAR" or "SDM" under "subset" and "em".
        effects : str or mapping
            As of the estimators; fixed effects under "subset" and "em".
        durbin : str or iterable of str, optional
            The terms with W X; all by default in models that have it.
        bias : {"adjusted", "none"}
            As of the estimators.

        Returns
        -------
        SpatialPanelResults or UnbalancedResults
            The second under "subset" and "em": maximum likelihood of what is observed.

        Raises
        ------
        SpecificationError
            If no formula or no weights were given.
        """
        if self.formula is None:
            cure = 'pass a formula to balance_panel, such as "y ~ x"'
            raise SpecificationError("the panel was balanced for columns, not for a model", cure=cure)
        require(model, get_args(AnyModel), "model")
        require(bias, get_args(Bias), "bias")
        if self.policy in {"drop_years", "drop_units"}:
            request: dict[str, Any] = {"effects": effects} | ({"durbin": durbin} if durbin else {})
            weights = None if model == "OLS" else self.weights
            estimator: type[Model] = getattr(estimators, model)
            return estimator(self.data, self.formula, weights=weights, **request).fit(bias=bias)
        return self._fit_holes(model, effects, as_terms(durbin), bias)

    def _fit_holes(
        self, model: Any, effects: EffectsRequest, durbin: tuple[str, ...] | None, bias: Bias
    ) -> UnbalancedResults:
        if self.weights is None or self.formula is None:
            raise SpecificationError("a lag model needs weights", cure="pass weights= to balance_panel")
        policy: Any = self.policy
        request = UnbalancedRequest(
            self.formula, self.weights, policy, self.rescale, model, effects, durbin, bias == "adjusted"
        )
        design = read_unbalanced(self.data, request)
        fit = fit_observed(design.problem)
        said = _doubts(design, fit)
        for sentence in said:
            warnings.warn(sentence, WeakIdentificationWarning, stacklevel=3)
        share = design.problem.missing.size / design.problem.y.size
        if share > MANY:
            said.append(f"{share:.0%} of y are missing: what is filled leans on the model")
        return UnbalancedResults(design, fit, self.policy, tuple(said))


def _doubts(design: UnbalancedDesign, fit: ObservedFit) -> list[str]:
    # What makes rho doubtful, as identification.weak_points says it of a balanced panel.
    problem, said = design.problem, []
    error = float(np.sqrt(fit.covariance[-2, -2]))
    if fit.at_bound:
        said.append(
            f"rho = {fit.rho:.3f} lies at the end of its interval: standard errors mean little; {HELP}"
        )
    elif error > WIDE:
        said.append(f"rho is weakly identified: its standard error is {error:.2f}; {HELP}")
    counts = np.array([effective_neighbours(one) / one.units for one in problem.weights])
    share = float(problem.blocks @ counts / problem.blocks.sum())
    if ("time" in design.effects or design.effects == "twoways") and share > DENSE:
        said.append(
            f"the weights of y are dense: effective neighbours are {share:.0%} of the units, so that the spatial lag "
            f"is nearly the time effect; {HELP}"
        )
    return said


def balance_panel(
    data: Panel | pd.DataFrame,
    columns: str | Iterable[str],
    *,
    policy: Policy,
    weights: "Weights | None" = None,
    rescale: Rescale | None = None,
) -> Balanced:
    """State what is done about the holes of a panel.

    Models refuse a panel with holes. A policy is a choice of the user, said and reported:

    - "drop_years": years with a hole are left out. Lags over time then need years without a gap between them.
    - "drop_units": units with a hole are left out, for all years, and the weights lose their rows and columns.
    - "subset": a row with a hole is left out, and its unit leaves the network of that year alone. The likelihood is
      exact for a network of N_t units, W_t being the submatrix, rescaled.
    - "em": y alone may have holes. They are integrated out of the likelihood (the fixed point of the EM algorithm);
      every unit keeps its place in the network. It assumes that values are missing at random given what is observed.

    Leaving units out of a network changes the model: where the unit acts on its neighbours though its figure is not
    printed, what it did to them is no longer accounted for ("drop_units", "subset").

    Parameters
    ----------
    data : Panel or DataFrame
        Indexed (unit, year); rows may be missing.
    columns : str or iterable of str
        A formula such as ``"log(y) ~ x1 + x2"``, or the names of columns.
    policy : {"drop_years", "drop_units", "subset", "em"}
        What is done. There is no default.
    weights : Graph, WeightsSeries or DataFrame, optional
        Weights of all units; "subset" and "em" need them.
    rescale : {"row", "none"}, optional
        The scale of weights that lost units: rows that sum to one again, or as they are. By default "row" for weights
        whose rows sum to one, else "none".

    Returns
    -------
    Balanced
        The data, the weights, and what was changed.

    Raises
    ------
    SpecificationError
        If the data are no panel, or the policy lacks its weights or its formula.

    References
    ----------
    Rubin (1976), Biometrika 63, 581-592, on what may be ignored; LeSage and Pace (2004), Journal of Real Estate Finance
    and Economics 29, 233-254; Wang and Lee (2013), Journal of Econometrics 174, 1-14.

    Examples
    --------
    >>> rng, units = np.random.default_rng(1), list("abcdefgh")
    >>> index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    >>> ring = pd.DataFrame(np.roll(np.eye(8), 1, 1) / 2 + np.roll(np.eye(8), -1, 1) / 2, units, units)
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = np.linalg.solve(np.eye(8) - 0.4 * ring.to_numpy(), x + 0.1 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> data.loc[("b", 2004), "y"] = np.nan
    >>> em = balance_panel(data, "y ~ x", policy="em", weights=ring)
    >>> em.changes
    ('1 of 160 cells are missing', '1 values of y are integrated out, none is left out')
    >>> em.fit("SAR").params.round(1).to_dict()
    {'x': 1.0, 'rho': 0.4}
    >>> balance_panel(data, "y ~ x", policy="drop_years", weights=ring).changes[1:]
    ('1 of 10 years are left out: 2004', '8 rows are left out, 7 of them complete')
    """
    require(policy, get_args(Policy), "policy")
    if not isinstance(data, Panel | pd.DataFrame):
        cure = "give a Panel or a DataFrame indexed (unit, year)"
        raise SpecificationError(f"{type(data).__name__} is no panel", where="balance_panel", cure=cure)
    frame = as_panel_index(data.frame if isinstance(data, Panel) else data)
    formula = columns if isinstance(columns, str) and "~" in columns else None
    names = names_of(columns, "columns") if formula is None else _columns_of(formula, frame)
    if policy in {"subset", "em"} and (weights is None or formula is None):
        cure = "pass weights= and a formula"
        raise SpecificationError(
            f'policy "{policy}" belongs to a lag model', where="balance_panel", cure=cure
        )
    holes = find_holes(frame, names)
    present, used = _kept(frame, names, holes, policy)
    series = None if weights is None else as_series(weights, frame.index.unique("year"))
    part = _restricted(series, used, rescale)
    return Balanced(
        data=_selected(data, frame, used) if policy.startswith("drop") else _full(data, frame),
        weights=_weights_of(part, series, used) if policy.startswith("drop") else weights,
        policy=policy,
        columns=tuple(names),
        formula=formula,
        holes=holes,
        report=_report(present, used, holes, part, policy),
        rescale=None if part is None else "none" if part.rescale == "none" else "row",
        networks={year: part.frame(year) for year in part.units} if part and policy == "subset" else {},
    )


def _columns_of(formula: str, frame: pd.DataFrame) -> list[str]:
    names = required_columns(formula, frame)
    if not names:
        cure = "name columns of the data in the formula"
        raise GapError("the formula uses no column of the panel", where=formula, cure=cure)
    return names


def _kept(
    frame: pd.DataFrame, names: list[str], holes: pd.DataFrame, policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    # Whether each cell of the grid is complete, and whether the models use it; tables of units by years.
    years = frame.index.unique("year")
    complete = pd.DataFrame(True, frame.index.unique("unit"), years)
    values = complete.to_numpy(copy=True)
    at = [
        labels.get_indexer(pd.Index(holes[name]))
        for labels, name in ((complete.index, "unit"), (years, "year"))
    ]
    values[at[0], at[1]] = False
    complete = pd.DataFrame(values, complete.index, years)
    used = pd.DataFrame(True, complete.index, years)
    if policy == "drop_years":
        used = used & np.asarray(years.isin(complete_labels(frame, names, "year")))
    elif policy == "drop_units":
        used.loc[~used.index.isin(complete_labels(frame, names, "unit"))] = False
    elif policy == "subset":
        used = complete
    return complete, used


def _restricted(
    series: WeightsSeries | None, used: pd.DataFrame, rescale: Rescale | None
) -> Restricted | None:
    years = used.columns.astype("int64").tolist()
    kept = {year: used.index[used[year]] for year in years if used[year].any()}
    if series is None:
        return None
    if not kept:
        raise GapError("no row is complete", where="balance_panel", cure="ask for fewer columns")
    series.array(units=used.index, years=[min(kept)])
    return restrict_weights(series, kept, rescale=rescale)


def _selected(data: Panel | pd.DataFrame, frame: pd.DataFrame, used: pd.DataFrame) -> Panel | pd.DataFrame:
    units, years = used.index[used.any(axis=1)], used.columns[used.any(axis=0)]
    if isinstance(data, Panel):
        return data.select(units=units, years=years.astype("int64").tolist())
    rows = frame.index.get_level_values("unit").isin(units) & frame.index.get_level_values("year").isin(years)
    return frame.loc[rows]


def _full(data: Panel | pd.DataFrame, frame: pd.DataFrame) -> Panel | pd.DataFrame:
    return data if isinstance(data, Panel) else frame


def _weights_of(
    part: Restricted | None, series: WeightsSeries | None, used: pd.DataFrame
) -> WeightsSeries | None:
    if part is None or series is None:
        return None
    if used.any(axis=1).all() and set(used.index) == set(series.units):
        return series.take(part.matrices)
    return WeightsSeries.from_matrices(part.matrices, next(iter(part.units.values())))


def _report(
    complete: pd.DataFrame, used: pd.DataFrame, holes: pd.DataFrame, part: Restricted | None, policy: Policy
) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "units": len(used),
            "units_kept": used.sum(axis=0),
            "rows_lost": (complete & ~used).sum(axis=0),
            "holes": holes.groupby("year").size().reindex(used.columns, fill_value=0),
            "filled": (~complete & used).sum(axis=0) if policy == "em" else 0,
        }
    ).rename_axis("year")
    lost = pd.DataFrame(0.0, table.index, ["weights_lost", "new_islands"])
    if part is not None:
        lost.loc[part.report.index] = part.report.to_numpy(dtype=float)
    return table.join(lost).astype({"new_islands": int})
