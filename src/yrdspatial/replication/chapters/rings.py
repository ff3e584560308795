"""Chapter of the report beyond the paper: how spillovers fade with travel time."""

from functools import partial

import pandas as pd

from yrdspatial.replication.chapters.naming import decimal, interval, name, row_of
from yrdspatial.replication.chapters.wording import pvalue
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.findings import DecayFindings
from yrdspatial.report.decay import decay_plot
from yrdspatial.report.html import Bullets, Caution
from yrdspatial.tables.speech import say

MODEL, SCALE = "SDM", "joint"
SHOWN = {
    "employment": ("log_gdp_head", "lq_services", "log_access"),
    "value added": ("log_gdp_head", "lq_tertiary", "log_access"),
}
EQUAL = "equal in all rings"
REACH = 1.959963984540054
HEADS = {
    "strand": "strand",
    "variable": "variable",
    "ring": "ring",
    "estimate": "sum over the ring",
    "std_error": "std. error",
    "per_link": "per city in the ring",
    "per_link_error": "std. error, per city",
    "pvalue": "p",
}


def rings_chapter(decay: DecayFindings) -> Chapter:
    """Show the spillovers by ring of travel time.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.

    Returns
    -------
    Chapter
        A figure and a table.
    """
    return Chapter(
        "distance-decay",
        say("How spillovers fade with travel time"),
        [
            Bullets([ring_point(decay, strand, variables[0]) for strand, variables in SHOWN.items()]),
            Caution(islands_point(decay), title=say("Rings fill up as the network grows")),
            *[decay_drawing(decay, strand) for strand in SHOWN],
            ring_table(decay),
            Exhibit("ring-tests", decay.tests, say("Tests by ring."), long=True),
            Exhibit("ring-effects-all", decay.spillovers, say("Effects by ring, all models."), long=True),
        ],
    )


def ring_name(row: pd.Series) -> str:
    """Say a ring.

    Parameters
    ----------
    row : pandas.Series
        With from_minutes and to_minutes.

    Returns
    -------
    str
        In words.

    Examples
    --------
    >>> ring_name(pd.Series({"from_minutes": 60.0, "to_minutes": 120.0}))
    '60 to 120 minutes'
    """
    if row["to_minutes"] == float("inf"):
        return say("over {minutes:.0f} minutes", minutes=row["from_minutes"])
    return say("{low:.0f} to {high:.0f} minutes", low=row["from_minutes"], high=row["to_minutes"])


def chosen(decay: DecayFindings) -> pd.DataFrame:
    """Take the effects that are shown.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.

    Returns
    -------
    pandas.DataFrame
        Those of the Durbin model with rings on one scale.
    """
    table = decay.spillovers
    return table[(table["model"] == MODEL) & (table["scale"] == SCALE)].reset_index(drop=True)


def per_city(table: pd.DataFrame) -> pd.DataFrame:
    """Give the effects of one city in a ring with their intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of ``DecayFindings.spillovers``.

    Returns
    -------
    pandas.DataFrame
        The same; estimate, lower and upper per city in the ring.
    """
    half = REACH * table["per_link_error"]
    return table.assign(
        estimate=table["per_link"], lower=table["per_link"] - half, upper=table["per_link"] + half
    )


def ring_point(decay: DecayFindings, strand: str, variable: str) -> str:
    """Say how the effect of one variable changes from ring to ring.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.
    strand, variable : str
        Which effect.

    Returns
    -------
    str
        Two sentences.
    """
    table = per_city(chosen(decay))
    rows = table[(table["strand"] == strand) & (table["variable"] == variable)]
    test = row_of(decay.tests, strand=strand, model=MODEL, scale=SCALE, term=variable, null=EQUAL)
    parts = say("; ").join(
        say("{ring} {effect}", ring=ring_name(row), effect=interval(row, 3)) for _, row in rows.iterrows()
    )
    return say(
        "**{strand}**: one log point more GDP per head in one other city moves a city by: {parts}. "
        "{verdict}; that the coefficients are equal in all rings: {p}.",
        strand=name(strand),
        parts=parts,
        verdict=shape(rows),
        p=pvalue(float(test["pvalue"])),
    )


def shape(rows: pd.DataFrame) -> str:
    """Say whether the effect fades from ring to ring.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row a ring, from near to far, with estimate, lower and upper.

    Returns
    -------
    str
        Half a sentence.

    Examples
    --------
    >>> shape(pd.DataFrame({"estimate": [0.2, 0.1], "lower": [-0.1, -0.2], "upper": [0.5, 0.3]}))
    'No ring can be told from zero'
    """
    if ((rows["lower"] <= 0) & (rows["upper"] >= 0)).all():
        return say("No ring can be told from zero")
    sizes = rows["estimate"].abs().to_list()
    if sizes == sorted(sizes, reverse=True):
        return say("In size it falls from ring to ring")
    return say("In size it does not fall evenly from ring to ring")


def islands_point(decay: DecayFindings) -> str:
    """Say how many cities have nobody in the nearest ring.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.

    Returns
    -------
    str
        A sentence.
    """
    nearest = decay.pairs[decay.pairs["ring"] == decay.pairs["ring"].iloc[0]].sort_values("year")
    first, last = nearest.iloc[0], nearest.iloc[-1]
    return say(
        "In {first}, {islands} cities had no other within {minutes:.0f} minutes, in {last} {fewer}; pairs so near "
        "rose from {before} to {after}. A ring that few cities have is estimated from few.",
        first=int(first["year"]),
        islands=int(first["islands"]),
        minutes=decay.spillovers["to_minutes"].min(),
        last=int(last["year"]),
        fewer=int(last["islands"]),
        before=int(first["pairs"]),
        after=int(last["pairs"]),
    )


def decay_drawing(decay: DecayFindings, strand: str) -> Drawing:
    """Draw the effects of a strand against minutes.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.
    strand : str
        "employment" or "value added".

    Returns
    -------
    Drawing
        Three panels.
    """
    table = per_city(decay.spillovers)
    keep = (table["strand"] == strand) & (table["scale"] == SCALE) & table["variable"].isin(SHOWN[strand])
    titles = {variable: name(variable) for variable in SHOWN[strand]}
    return Drawing(
        "distance-decay-" + strand.replace(" ", "-"),
        partial(decay_plot, table[keep], titles=titles, label=say("effect of one city")),
        say(
            "Indirect effects on {strand} by ring of rail time, per city in the ring, with 95 % intervals.",
            strand=name(strand),
        ),
        say("Three panels of lines over minutes of travel, a point a ring, one panel a regressor."),
        say(
            "Means over cities and years; every ring is divided by the number of cities in any ring; effects are "
            "free of the zero of the scales; the ring beyond the last has no coefficient of its own."
        ),
        wide=True,
    )


def ring_table(decay: DecayFindings) -> Exhibit:
    """Tabulate the effects by ring.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.

    Returns
    -------
    Exhibit
        The Durbin models.
    """
    table = chosen(decay)
    shown = table.assign(
        strand=table["strand"].map(name),
        variable=table["variable"].map(name),
        ring=[ring_name(row) for _, row in table.iterrows()],
    )
    heads = {column: say(HEADS[column]) for column in HEADS}
    numbers = ("estimate", "std_error", "per_link", "per_link_error")
    starts = table.groupby(["strand", "variable"], sort=False).size().cumsum().to_list()[:-1]
    return Exhibit(
        "ring-effects",
        table,
        say("Indirect effects by ring of rail time, Durbin models."),
        notes=(
            say(
                "Sum over the ring: all cities of the ring change by one; mean over cities that receive and years."
            ),
        ),
        formats={**{heads[column]: ".4f" for column in numbers}, heads["pvalue"]: decimal},
        rules=starts,
        shown=shown[list(heads)].rename(columns=heads),
    )
