"""The event study by imputation, with labels."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from yrdspatial.errors import EstimationError
from yrdspatial.models.within import FloatArray, IntArray
from yrdspatial.treatment.imputation import Imputed, cohort_residuals, impute, leads, scores, second_stage
from yrdspatial.treatment.labels import cohort_table, outcome_weights
from yrdspatial.treatment.request import Request
from yrdspatial.treatment.results import SHOWN, EventStudy, estimates_table, one_row, pretrend_test
from yrdspatial.treatment.staggered import NEVER, BoolArray


def by_imputation(request: Request) -> EventStudy:
    """Run a request by imputation.

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
        If no treated cell has an effect, or the exposure of the treated does not vary.
    """
    sample, (first, last), level = request.sample, request.window, request.options["level"]
    imputed = impute(sample, unexposed=request.options["unexposed"])
    on = sample.treated.ravel()[imputed.treated]
    if not on.any():
        raise EstimationError(
            "no treated cell has a prediction", where=request.outcome, cure="see the openings"
        )
    horizons = sample.relative.ravel()[imputed.treated]
    times, W, left, names = _stage(request, imputed, on, horizons)
    V = imputed.outcome_weights(W, sample.y.size)
    if sample.exposure is not None and not request.options["unexposed"]:
        slope = np.zeros((sample.y.size, 1))
        slope[imputed.untreated, 0] = (imputed.fit.Z @ imputed.fit.inverse)[:, -1]
        V = np.hstack([V, slope])
        names = [*names, "untreated"]
    estimates, sums = V.T @ sample.y.ravel(), scores(sample, imputed, V, left)
    before = leads(sample, first, _plain(request))
    shown = np.flatnonzero(times <= last)
    labels = pd.Index([*before.times, *times[shown].tolist()], name="event_time")
    counts = [*before.counts, *(int((horizons[on] == time).sum()) for time in times[shown])]
    place = {name: len(times) + position for position, name in enumerate(names)}
    joint = np.hstack([before.scores, sums[:, shown]])
    table = estimates_table(np.concatenate([before.estimates, estimates[shown]]), joint, labels, level=level)
    everything = estimates_table(estimates[len(times) :], sums[:, len(times) :], pd.Index(names), level=level)
    return EventStudy(
        request.method,
        request.comparison,
        request.outcome,
        table[SHOWN].assign(n=counts),
        one_row(everything, "att"),
        pretrend_test(before.estimates, before.scores, before.times),
        _imputed_cohorts(request, imputed, on, left),
        outcome_weights(request, V[:, place["att"]]),
        pd.DataFrame(joint.T @ joint, index=labels, columns=labels),
        sample.cluster_count,
        level,
        (*request.warnings, *_imputation_notes(request, imputed, before.times)),
        exposure=everything.drop(index="att").rename_axis("who"),
    )


def _stage(
    request: Request, imputed: Imputed, on: BoolArray, horizons: IntArray
) -> tuple[IntArray, FloatArray, FloatArray, list[str]]:
    # Horizons, weights on effects (horizons, then named averages), residuals, and the names.
    sample = request.sample
    times, counts = np.unique(horizons[on], return_counts=True)
    R = (horizons[on][:, None] == times).astype(np.float64)
    W, left = np.zeros((on.size, times.size)), np.zeros(on.size)
    if sample.exposure is None:
        W[on], left[on] = second_stage(R, imputed.effects[on])
        if request.options["common"] == "cohort":
            left[on] = cohort_residuals(imputed.effects[on], _cohort_of(request, imputed)[on], horizons[on])
        return times, np.column_stack([W, W @ (counts / counts.sum())]), left, ["att"]
    exposure = sample.exposure.ravel()[imputed.treated]
    R = np.column_stack([R, exposure[on]])
    if np.linalg.matrix_rank(R) < R.shape[1]:
        cure = "use other weights, or leave exposure out"
        raise EstimationError("the exposure of the treated does not vary", where="exposure", cure=cure)
    stage, left[on] = second_stage(R, imputed.effects[on])
    W[on] = stage[:, :-1]
    slope, mean, off = (np.zeros(on.size) for _ in range(3))
    slope[on], mean[on] = stage[:, -1], 1.0 / on.sum()
    extra, names = [W @ (counts / counts.sum()), slope, mean], ["att", "treated", "at mean exposure"]
    if (~on).any():
        off[~on] = 1.0 / (~on).sum()
        left[~on] = imputed.effects[~on] - imputed.effects[~on].mean()
        extra, names = [*extra, off], [*names, "untreated"]
    return times, np.column_stack([W, *extra]), left, names


def _cohort_of(request: Request, imputed: Imputed) -> IntArray:
    return np.asarray(request.sample.first[imputed.treated % request.sample.first.size])


def _plain(request: Request) -> BoolArray:
    sample = request.sample
    plain = ~sample.treated.ravel()
    if request.options["unexposed"] and sample.exposure is not None:
        plain = plain & (sample.exposure.ravel() == 0.0)
    return np.asarray(plain)


def _imputed_cohorts(request: Request, imputed: Imputed, on: BoolArray, left: FloatArray) -> pd.DataFrame:
    sample, units = request.sample, request.sample.first.size
    cohort, period = _cohort_of(request, imputed)[on], (imputed.treated // units)[on]
    pairs, member, counts = np.unique(
        np.column_stack([cohort, period]), axis=0, return_inverse=True, return_counts=True
    )
    W = np.zeros((on.size, len(pairs)))
    W[np.flatnonzero(on), member.ravel()] = 1.0 / counts[member.ravel()]
    V = imputed.outcome_weights(W, sample.y.size)
    table = estimates_table(
        W.T @ imputed.effects, scores(sample, imputed, V, left), pd.RangeIndex(len(pairs)), level=0.95
    )
    return cohort_table(request, pairs[:, 0], pairs[:, 1], table).assign(treated=counts)


def _imputation_notes(request: Request, imputed: Imputed, times: Sequence[int]) -> list[str]:
    notes = []
    if imputed.lost:
        total = int(request.sample.treated.sum())
        notes.append(
            f"{imputed.lost} of {total} treated cells have no prediction: no untreated cell of the year or window"
        )
    if len(times) < -request.window[0]:
        notes.append(f"event times before {min(times, default=0)} are not identified, or are the reference")
    if request.options["common"] == "cohort":
        sizes = np.unique(request.sample.first[request.sample.first < NEVER], return_counts=True)[1]
        notes.append(
            f"{int((sizes == 1).sum())} cohorts of one unit count as without noise: errors are too short"
        )
    return notes
