"""The summary of a fitted model, as text and HTML."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yrdspatial.models.identification import effective_neighbours
from yrdspatial.models.likelihood import Problem

if TYPE_CHECKING:
    from yrdspatial.models.results import SpatialPanelResults


@dataclass(frozen=True)
class Summary:
    """A summary that prints as text and shows as HTML in a notebook.

    Attributes
    ----------
    title : str
        First line.
    facts : tuple of (str, str)
        What was estimated and how.
    table : DataFrame
        Coefficients.
    notes : tuple of str
        What the reader should know.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    table: pd.DataFrame
    notes: tuple[str, ...]

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.facts)
        lines = [self.title, "", *(f"{name:<{width}}  {value}" for name, value in self.facts), ""]
        lines.append(self.table.to_string(float_format=lambda value: f"{value:.4f}"))
        lines.extend(["", *self.notes] if self.notes else [])
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        facts = pd.DataFrame(self.facts).to_html(header=False, index=False, border=0)
        table = self.table.to_html(float_format=lambda value: f"{value:.4f}", border=0)
        notes = pd.DataFrame(self.notes).to_html(header=False, index=False, border=0) if self.notes else ""
        title = self.title.replace("&", "&amp;").replace("<", "&lt;")
        return f"<p><strong>{title}</strong></p>\n{facts}\n{table}\n{notes}"


def method_name(problem: Problem) -> str:
    """Name the estimator; "Lee-Yu" only where the adjustment is their transformation.

    Parameters
    ----------
    problem : Problem
        The arrays.

    Returns
    -------
    str
        The name.
    """
    if problem.random:
        return "maximum likelihood with random unit effects"
    if not (problem.effects.unit or problem.effects.time):
        return "maximum likelihood"
    if not problem.adjusted:
        return "maximum likelihood with dummies, fixed-effects bias left in"
    weights = [spectra for spectra in (problem.lag, problem.error) if spectra is not None]
    constant = all(
        spectra.count == 1 and np.allclose(spectra.row_sums, 1.0, rtol=0, atol=1e-12) for spectra in weights
    )
    simple = problem.effects.window_sizes.size == 1 and problem.effects.group_sizes.size == 1
    exact = " (the Lee-Yu transformation)" if weights and constant and simple else ""
    return "adjusted profile likelihood" + exact


def summarize(results: "SpatialPanelResults") -> Summary:
    """Collect the summary of a fitted model.

    Parameters
    ----------
    results : SpatialPanelResults
        The fitted model.

    Returns
    -------
    Summary
        The summary.
    """
    spec, problem, fit = results.spec, results.design.problem, results.fit
    periods, units = problem.y.shape
    facts = [
        ("model", f"{spec.model}: {spec.formula}"),
        ("effects", spec.effects),
        ("estimator", method_name(problem)),
        ("standard errors", results.cov_type),
        (
            "observations",
            f"{results.nobs} = {units} units x {periods} periods, {results.degrees_of_freedom} for sigma2",
        ),
        ("sigma2", f"{results.sigma2:.6g}"),
    ]
    if fit.loglik is not None:
        facts.append(("log-likelihood", f"{fit.loglik:.4f} (AIC {results.aic:.3f}, BIC {results.bic:.3f})"))
    named = [(f"y, {name}", part) for name, part in zip(spec.parts, problem.parts, strict=True)]
    for role, spectra in (*named, ("y", problem.lag), ("error", problem.error)):
        if spectra is not None:
            distinct = f"{spectra.count} distinct in {periods} periods"
            facts.append(
                (
                    f"weights of {role}",
                    f"{distinct}, {effective_neighbours(spectra):.1f} effective neighbours",
                )
            )
    if any(spectra is not None and spectra.sparse for spectra in (problem.lag, problem.error)):
        facts.append(("log-determinants", fit.method or "eigenvalues"))
    for row in results.optimum.itertuples():
        where = f"({row.lower:.3f}, {row.upper:.3f})"
        facts.append(
            (f"optimum of {row.Index}", f"in {where}; score {row.score:.1e}, curvature {row.curvature:.4g}")
        )
    title = f"{spec.model} of {spec.dependent}"
    return Summary(title, tuple(facts), results.to_frame(), tuple(f"warning: {w}" for w in results.warnings))
