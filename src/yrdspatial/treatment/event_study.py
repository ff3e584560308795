"""What followed an opening: event studies by imputation, by cohort and period, and by two-way fixed effects."""

from collections.abc import Sequence
from typing import Any, Unpack

import pandas as pd

from yrdspatial.panel.panel import Panel
from yrdspatial.treatment.by_group_time import by_group_time
from yrdspatial.treatment.by_imputation import by_imputation
from yrdspatial.treatment.by_twoways import by_twoways
from yrdspatial.treatment.group_time import Comparison
from yrdspatial.treatment.request import Method, Options, Request, read_options, read_request
from yrdspatial.treatment.results import EventStudy
from yrdspatial.weights.series import Weights


def event_study(
    data: Panel | pd.DataFrame,
    outcome: str,
    *,
    first_treated: "pd.Series[Any]",
    method: Method = "imputation",
    controls: Sequence[str] = (),
    exposure: "Weights | None" = None,
    window: tuple[int, int] = (-5, 5),
    comparison: Comparison = "not_yet",
    **options: Unpack[Options],
) -> EventStudy:
    """Estimate what followed a treatment that came to units in different years and stayed.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, year), years without a gap. A column ``window`` gives each unit one effect in each
        window: levels are then compared inside windows only.
    outcome : str
        Column explained.
    first_treated : Series
        First treated year by unit, such as ``rail_openings()["first_year"]``; missing for the untreated. Units treated
        in every year are left out, and named in ``.warnings``.
    method : {"imputation", "group_time", "twoways"}
        "imputation": effects of unit, year and controls from the untreated cells, effects of treatment as the rest.
        "group_time": each cohort against others, since the year before its treatment. "twoways": the regression on
        event-time dummies, which mixes cohorts; to be shown beside, not believed.
    controls : sequence of str
        Columns; by group_time their values of the year before treatment.
    exposure : weights, optional
        Who is a neighbour in each year, used as given; W_t D_t is the exposure. A regressor of the untreated and of the
        effects on the treated: ``table`` and ``att`` are effects at no exposure. By group_time only with ``unexposed``.
    window : (int, int)
        First and last event time shown. By twoways its ends hold all that lies beyond; ``att`` always counts all.
    comparison : {"not_yet", "never"}
        By group_time: units not treated yet, or never in the sample. The other methods use all untreated cells.
    **options
        ``window_column`` ("window"; None ignores it). ``unexposed`` (False): compare with cells without exposure only.
        ``adjustment`` ("regression" | "doubly_robust"): controls of group_time. ``common`` ("horizon" | "cohort"): by
        imputation, effects that vary around the mean of their event time, or of cohort and event time, count as noise;
        "cohort" is too short where cohorts are small. ``cluster``: Series of labels by unit (units). ``level`` (0.95).
        ``draws`` (4999) and ``seed``: of the bands of group_time, where a seed is needed.

    Returns
    -------
    EventStudy
        Tables, tests and warnings. Intervals by Student's t with as many degrees as clusters less one. A request that
        makes no sense is a SpecificationError, labels that do not fit an AlignmentError, a missing value a GapError,
        effects that are not identified an EstimationError.

    References
    ----------
    Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91, 3253-3285; Callaway and Sant'Anna (2021),
    Journal of Econometrics 225, 200-230; Butts (2021), arXiv 2105.03737, for exposure; Goodman-Bacon (2021), Journal of
    Econometrics 225, 254-277.

    Examples
    --------
    An invented panel of 6 units and 6 years; the effect is 1 in the first treated year and grows by 1 a year.

    >>> import numpy as np
    >>> index = pd.MultiIndex.from_product([list("abcdef"), range(2010, 2016)], names=["unit", "year"])
    >>> first = pd.Series([2012, 2012, 2014, 2014, None, None], index=list("abcdef"))
    >>> start = first.reindex(index.get_level_values("unit")).fillna(9999).to_numpy()
    >>> since = index.get_level_values("year") - start
    >>> data = pd.DataFrame({"y": np.where(since >= 0, since + 1.0, 0.0)}, index=index)
    >>> event_study(data, "y", first_treated=first).table["estimate"].round(6).loc[0:].tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    settings = read_options(**options)
    request = read_request(
        data, outcome, first_treated, controls, exposure, (method, comparison, window), settings
    )
    return run(request)


def run(request: Request) -> EventStudy:
    """Run a checked request.

    Parameters
    ----------
    request : Request
        The arrays with their labels.

    Returns
    -------
    EventStudy
        The results.
    """
    methods = {"imputation": by_imputation, "group_time": by_group_time, "twoways": by_twoways}
    return methods[request.method](request)
