"""Chapter of the report beyond the paper: how spillovers fade with travel time."""

from functools import partial

import pandas as pd

from yrdspatial.replication.chapters.borders import decimal
from yrdspatial.replication.chapters.naming import interval, name, row_of
from yrdspatial.replication.chapters.wording import pvalue
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.findings import DecayFindings
from yrdspatial.report.html import Bullets, Caution
from yrdspatial.report.intervals import interval_plot
from yrdspatial.tables.speech import say

MODEL, SCALE = "SDM", "joint"
SHOWN = {
    "employment": ("log_gdp_head", "lq_services"),
    "value added": ("log_gdp_head", "lq_tertiary"),
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
            Drawing(
                "distance-decay-plot",
                partial(interval_plot, plot_table(decay), titles=titles(decay)),
                say("Indirect effects by ring of rail time, per city in the ring, with 95 % intervals."),
                say("Four panels of dots with intervals, one row a ring of travel time."),
                say(
                    "Durbin models with one lag a ring; the farthest ring has no coefficient of its own, what "
                    "reaches it passes through others."
                ),
                wide=True,
            ),
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


def per_city(decay: DecayFindings) -> pd.DataFrame:
    """Give the effects of one city in a ring with their intervals.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.

    Returns
    -------
    pandas.DataFrame
        Rows of the Durbin model, estimate, lower and upper per city in the ring.
    """
    table = chosen(decay)
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
    table = per_city(decay)
    rows = table[(table["strand"] == strand) & (table["variable"] == variable)]
    test = row_of(decay.tests, strand=strand, model=MODEL, scale=SCALE, term=variable, null=EQUAL)
    parts = say("; ").join(
        say("{ring} {effect}", ring=ring_name(row), effect=interval(row, 3)) for _, row in rows.iterrows()
    )
    return say(
        "**{strand}**: one log point more GDP per head in one other city moves a city by: {parts}. In size "
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


def plot_table(decay: DecayFindings) -> pd.DataFrame:
    """Lay the effects out for the figure.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.

    Returns
    -------
    pandas.DataFrame
        Columns row, panel, series, estimate, lower, upper.
    """
    table = per_city(decay)
    kept = pd.concat(
        [
            table[(table["strand"] == strand) & (table["variable"] == variable)]
            for strand, variables in SHOWN.items()
            for variable in variables
        ],
        ignore_index=True,
    )
    return kept.assign(
        row=kept["ring"], panel=kept["strand"] + "/" + kept["variable"], series=kept["strand"]
    )[["row", "panel", "series", "estimate", "lower", "upper"]]


def titles(decay: DecayFindings) -> dict[str, str]:
    """Say the rows, panels and series of the figure.

    Parameters
    ----------
    decay : DecayFindings
        Estimates by ring.

    Returns
    -------
    dict of str to str
        Text by key.
    """
    rings = decay.spillovers.drop_duplicates("ring")
    rows = {str(row["ring"]): ring_name(row) for _, row in rings.iterrows()}
    panels = {
        f"{strand}/{variable}": name(variable)
        for strand, variables in SHOWN.items()
        for variable in variables
    }
    return {**rows, **panels, **{strand: name(strand) for strand in SHOWN}}


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
