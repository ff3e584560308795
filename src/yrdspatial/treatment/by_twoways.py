"""The event study by two-way fixed effects, with labels and its two-by-two comparisons."""

import numpy as np
import pandas as pd

from yrdspatial.errors import EstimationError
from yrdspatial.models.within import IntArray
from yrdspatial.treatment.labels import outcome_weights
from yrdspatial.treatment.request import Request
from yrdspatial.treatment.results import SHOWN, EventStudy, estimates_table, one_row, pretrend_test
from yrdspatial.treatment.staggered import NEVER
from yrdspatial.treatment.twoways import decompose, event_dummies, regress


def by_twoways(request: Request) -> EventStudy:
    """Run a request by two-way fixed effects.

    Parameters
    ----------
    request : Request
        The arrays with their labels.

    Returns
    -------
    EventStudy
        The results.

    Raises
    ------
    EstimationError
        If event times are not identified.
    """
    sample, level = request.sample, request.options["level"]
    times, dummies = event_dummies(sample, request.window)
    D = sample.treated.ravel().astype(np.float64)
    spill = (
        [] if sample.exposure is None else [(1.0 - D) * sample.exposure.ravel(), D * sample.exposure.ravel()]
    )
    dynamic, static = (regress(sample, np.column_stack([part, *spill])) for part in (dummies, D))
    known = dynamic.identified[: times.size]
    if not known.any() or not static.identified[0]:
        raise EstimationError(
            "event times are not identified", where=request.outcome, cure="widen the sample"
        )
    chosen = np.flatnonzero(known)
    labels, sums = pd.Index(times[chosen], name="event_time"), dynamic.scores[:, chosen]
    table = estimates_table(dynamic.estimates[chosen], sums, labels, level=level)[SHOWN]
    before = labels < 0
    rows = ["att", *(["untreated", "treated"] if spill else [])]
    everything = estimates_table(static.estimates, static.scores, pd.Index(rows), level=level)
    notes = [] if known.all() else ["some event times are not identified and left out"]
    plain = not sample.X.size and not spill and (sample.windows == sample.windows[0, 0]).all()
    return EventStudy(
        request.method,
        request.comparison,
        request.outcome,
        table.assign(n=dummies.sum(axis=0).astype(int)[chosen]),
        one_row(everything, "att"),
        pretrend_test(table["estimate"].to_numpy()[before], sums[:, before], labels[before].tolist()),
        pd.DataFrame(columns=["cohort", "year", "estimate", "std_error", "treated"]),
        outcome_weights(request, static.weights[:, 0]),
        pd.DataFrame(sums.T @ sums, index=labels, columns=labels),
        sample.cluster_count,
        level,
        (*request.warnings, *notes),
        exposure=everything.drop(index="att").rename_axis("who"),
        decomposition=_decomposition(request) if plain else pd.DataFrame(),
    )


def _decomposition(request: Request) -> pd.DataFrame:
    found, years = decompose(request.sample), request.periods.to_numpy()

    def named(firsts: IntArray) -> list[object]:
        return ["never" if first == NEVER else int(years[first]) for first in firsts]

    kinds = np.where(
        found.control == NEVER,
        "against never treated",
        np.where(found.control > found.treated, "against later treated", "against earlier treated"),
    )
    return pd.DataFrame(
        {
            "treated": named(found.treated),
            "control": named(found.control),
            "kind": kinds,
            "weight": found.weights,
            "estimate": found.estimates,
        }
    )
