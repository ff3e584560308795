"""The event study by cohort and period, with labels."""

import numpy as np
import pandas as pd

from yrdspatial.errors import EstimationError
from yrdspatial.models.within import IntArray
from yrdspatial.treatment.aggregation import (
    Averages,
    average,
    cell_scores,
    groups_of,
    mean_of,
    mean_of_cohorts,
    simultaneous_value,
)
from yrdspatial.treatment.group_time import GroupTime, group_time
from yrdspatial.treatment.labels import cohort_table
from yrdspatial.treatment.request import Request
from yrdspatial.treatment.results import SHOWN, EventStudy, estimates_table, one_row, pretrend_test


def by_group_time(request: Request) -> EventStudy:
    """Run a request by cohort and period.

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
        If no cohort has anybody to compare with.
    """
    sample, options, level = request.sample, request.options, request.options["level"]
    found = group_time(
        sample,
        comparison=request.comparison,
        adjustment=options["adjustment"],
        unexposed=options["unexposed"],
    )
    if not (found.horizons >= 0).any():
        raise EstimationError(
            "no cohort has anybody to compare with", where=request.outcome, cure='use "not_yet"'
        )
    rows = {by: _aggregate(request, found, by) for by in ("simple", "dynamic", "group", "calendar")}
    times, dynamic = rows["dynamic"]
    shown = (times >= request.window[0]) & (times <= request.window[1])
    sums, labels = dynamic.scores[:, shown], pd.Index(times[shown], name="event_time")
    table = estimates_table(dynamic.estimates[shown], sums, labels, level=level)[SHOWN]
    rng = np.random.default_rng(options["seed"])
    reach = simultaneous_value(sums, level=level, draws=options["draws"], rng=rng) * table["std_error"]
    before = labels < 0
    counts = [int(found.treated[found.horizons == time].sum()) for time in labels]
    simple = rows["simple"][1]
    cells = estimates_table(
        found.effects, cell_scores(sample, found), pd.RangeIndex(found.effects.size), level=level
    )
    return EventStudy(
        request.method,
        request.comparison,
        request.outcome,
        table.assign(n=counts, band_lower=table["estimate"] - reach, band_upper=table["estimate"] + reach),
        one_row(estimates_table(simple.estimates, simple.scores, pd.Index(["att"]), level=level), "att"),
        pretrend_test(table["estimate"].to_numpy()[before], sums[:, before], labels[before].tolist()),
        cohort_table(request, found.cohorts, found.periods, cells).assign(
            treated=found.treated, compared=found.compared
        ),
        _cell_weights(request, found),
        pd.DataFrame(sums.T @ sums, index=labels, columns=labels),
        sample.cluster_count,
        level,
        (*request.warnings, *_group_notes(request, found)),
        aggregations=_aggregations(request, rows),
    )


def _aggregate(request: Request, found: GroupTime, by: str) -> tuple[IntArray, Averages]:
    labels, groups = groups_of(found, by)
    return labels, average(request.sample, found, groups)


def _cell_weights(request: Request, found: GroupTime) -> pd.DataFrame:
    after = found.horizons >= 0
    years, size = request.periods.to_numpy(), found.treated[after]
    columns = {
        "cohort": years[found.cohorts[after]],
        "year": years[found.periods[after]],
        "weight": size / size.sum(),
    }
    return pd.DataFrame(columns)


def _group_notes(request: Request, found: GroupTime) -> list[str]:
    cohorts = np.unique(found.cohorts)
    alone = int(sum((request.sample.first == cohort).sum() == 1 for cohort in cohorts))
    notes = (
        [f"{alone} of {len(cohorts)} cohorts have one unit: their noise is not in the errors"]
        if alone
        else []
    )
    if found.lost:
        notes.append(f"{found.lost} treated cohort-years have nobody to compare with and are left out")
    return notes


def _aggregations(request: Request, rows: dict[str, tuple[IntArray, Averages]]) -> pd.DataFrame:
    years, level, parts = request.periods.to_numpy(), request.options["level"], []
    for by, (labels, averages) in rows.items():
        overall = (
            mean_of_cohorts(request.sample, labels, averages)
            if by == "group"
            else mean_of(averages, labels >= 0)
        )
        names = [] if by == "simple" else (labels if by == "dynamic" else years[labels]).tolist()
        joined = Averages(
            np.concatenate([averages.estimates[: len(names)], overall.estimates]),
            np.hstack([averages.scores[:, : len(names)], overall.scores]),
        )
        table = estimates_table(joined.estimates, joined.scores, pd.Index([*names, "overall"]), level=level)
        parts.append(table.rename_axis("label").reset_index().assign(by=by))
    return pd.concat(parts, ignore_index=True)[["by", "label", "estimate", "std_error", "lower", "upper"]]
