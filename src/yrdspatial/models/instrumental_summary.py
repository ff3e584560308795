"""The summary of a model with endogenous regressors: coefficients, and what its instruments are worth."""

from typing import TYPE_CHECKING

import numpy as np

from yrdspatial.models.summary import Summary

if TYPE_CHECKING:
    from yrdspatial.models.instrumental_results import InstrumentalResults


def summarize_instrumental(results: "InstrumentalResults") -> Summary:
    """Collect the summary of a fitted model.

    Parameters
    ----------
    results : InstrumentalResults
        The fitted model.

    Returns
    -------
    Summary
        The summary.
    """
    periods, units = results.design.problem.y.shape
    spare = results.equation.overidentification
    facts = [
        ("model", f"{results.spec.model}: {results.spec.formula}"),
        ("effects", results.spec.effects),
        ("estimator", {"2sls": "two-stage least squares"}.get(results.method, results.method)),
        ("standard errors", results.cov_type),
        (
            "observations",
            f"{results.nobs} = {units} units x {periods} periods, {results.degrees_of_freedom} for sigma2",
        ),
        ("sigma2", f"{results.sigma2:.6g}"),
        ("endogenous", ", ".join(results.endogenous)),
        ("instruments", ", ".join(results.instruments.names)),
    ]
    facts += [
        (
            f"first stage of {row.Index}",
            f"F {row.F:.1f}, Sanderson-Windmeijer F {row.sanderson_windmeijer:.1f}",
        )
        for row in results.first_stage.itertuples()
    ]
    facts.append(("identification", f"Kleibergen-Paap rk F {results.strength.kleibergen_paap:.1f}"))
    if spare and np.isfinite(results.fit.objective):
        test = results.overidentification
        facts.append((test.test, f"{test.statistic:.3f} (df {test.df}), p = {test.pvalue:.3f}"))
    notes = [f"warning: {one}" for one in results.warnings]
    if results.instruments.dropped:
        notes.append(
            f"note: {', '.join(results.instruments.dropped)} left out, explained by the other instruments"
        )
    return Summary(f"S2SLS of {results.spec.dependent}", tuple(facts), results.to_frame(), tuple(notes))
