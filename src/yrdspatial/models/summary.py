"""The summary of a fitted model, as text and HTML."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from yrdspatial.models.identification import effective_neighbours
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.small_samples import small_sample_notes
from yrdspatial.models.weight_roles import weight_roles
from yrdspatial.tables.render import table_html

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
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_text(self) -> str:
        """Return the summary as text.

        Returns
        -------
        str
            Title, facts, coefficients, notes.
        """
        width = max(len(name) for name, _ in self.facts)
        lines = [self.title, "", *(f"{name:<{width}}  {value}" for name, value in self.facts), ""]
        lines.append(self.table.to_string(float_format=lambda value: f"{value:.4f}"))
        lines.extend(["", *self.notes] if self.notes else [])
        return "\n".join(lines)

    def to_html(self) -> str:
        """Return the summary as HTML.

        Returns
        -------
        str
            Two tables with scoped heads under the title, and a paragraph for each note.
        """
        facts = "\n".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
            for name, value in self.facts
        )
        table = table_html(self.table, formats=dict.fromkeys(self.table.columns, ".4f"))
        notes = "".join(f"\n<p>{escape(note, quote=False)}</p>" for note in self.notes)
        title = f"<p><strong>{escape(self.title)}</strong></p>"
        return f"{title}\n<table>\n<tbody>\n{facts}\n</tbody>\n</table>\n{table}{notes}"


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
    for roles, weights in weight_roles(results.design):
        distinct = f"{weights.count} distinct in {periods} periods"
        said = f"{distinct}, {effective_neighbours(weights):.1f} effective neighbours"
        facts.append((f"weights of {', '.join(roles)}", said))
    if any(spectra is not None and spectra.sparse for spectra in (problem.lag, problem.error)):
        facts.append(("log-determinants", fit.method or "eigenvalues"))
    for row in results.optimum.itertuples():
        where = f"({row.lower:.3f}, {row.upper:.3f})"
        facts.append(
            (f"optimum of {row.Index}", f"in {where}; score {row.score:.1e}, curvature {row.curvature:.4g}")
        )
    title = f"{spec.model} of {spec.dependent}"
    notes = [f"warning: {one}" for one in results.warnings]
    notes += [f"note: {one}" for one in small_sample_notes(results.design)]
    return Summary(title, tuple(facts), results.to_frame(), tuple(notes))
