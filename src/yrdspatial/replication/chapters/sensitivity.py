"""Chapter of the report beyond the paper: what hangs on windows, vintages of the panel, and cities."""

from functools import partial

import pandas as pd

from yrdspatial.replication.case import PROVINCES
from yrdspatial.replication.chapters.naming import interval, name, row_of, signed
from yrdspatial.replication.chapters.sensitivity_tables import (
    VARIANTS,
    clustering_table,
    transfer_table,
    variants_table,
)
from yrdspatial.replication.chapters.wording import number
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.sensitivity import Sensitivity
from yrdspatial.report.html import Bullets, Caution, Paragraph
from yrdspatial.report.intervals import interval_plot
from yrdspatial.tables.speech import listed, say

STRANDS = ("employment", "value added")


def sensitivity_chapter(sensitivity: Sensitivity, seed: int) -> Chapter:
    """Show the main numbers under other choices.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.
    seed : int
        Seed of the permutations, for the notes.

    Returns
    -------
    Chapter
        Two figures and three tables.
    """
    return Chapter(
        "sensitivity",
        say("What hangs on windows, vintages and cities"),
        [
            Paragraph(transfer_point(sensitivity)),
            Bullets(
                [
                    strand_point(sensitivity, "employment", "rho", "rail"),
                    strand_point(sensitivity, "employment", "log_gdp_head", "contiguity"),
                    strand_point(sensitivity, "value added", "rho", "contiguity"),
                    strand_point(sensitivity, "value added", "log_gdp_head", "contiguity"),
                    clustering_point(sensitivity),
                ]
            ),
            Caution(weak_point(sensitivity), title=say("What does not hold under every choice")),
            *[variants_plot(sensitivity, strand) for strand in STRANDS],
            variants_table(sensitivity),
            transfer_table(sensitivity),
            clustering_table(sensitivity, seed),
            Exhibit("sensitivity-all", sensitivity.spillovers, say("Every number by variant."), long=True),
        ],
    )


def transfer_point(sensitivity: Sensitivity) -> str:
    """Say what going across the break of 2013 does to the transfer.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.

    Returns
    -------
    str
        Two sentences.
    """
    table = sensitivity.transfer
    names = {code // 10000: name(province) for province, code in PROVINCES.items()}
    parts = [
        say(
            "{province} {naive} instead of {windows}",
            province=names[int(code)],
            naive=signed(row["naive"]),
            windows=signed(row["windows"]),
        )
        for code, row in zip(table.index, table.to_dict("records"), strict=True)
    ]
    flipped = [names[int(code)] for code in table.index[table["naive"] * table["windows"] < 0]]
    return say(
        "**The windows decide the sign.** Taken straight from 2005 to 2019, the provinces' shares of manufacturing "
        "employment change by {parts} points inside the windows. The difference is the step from 2012 to 2013, when "
        "the coverage of the statistics widened; the sign turns for {flipped}.",
        parts=listed(parts),
        flipped=listed(flipped) or say("none"),
    )


def rows_of(sensitivity: Sensitivity, strand: str, quantity: str, weights: str) -> pd.DataFrame:
    """Take one number under every variant.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.
    strand, quantity, weights : str
        Which number.

    Returns
    -------
    pandas.DataFrame
        The main variant first.
    """
    table = sensitivity.spillovers
    keep = (table["strand"] == strand) & (table["quantity"] == quantity) & (table["weights"] == weights)
    return table[keep].reset_index(drop=True)


def quantity_name(quantity: str) -> str:
    """Say which number it is.

    Parameters
    ----------
    quantity : str
        "rho" or a regressor.

    Returns
    -------
    str
        In words.

    Examples
    --------
    >>> quantity_name("rho"), quantity_name("log_gdp_head")
    ('ρ', 'indirect effect of ln GDP per head')
    """
    return "ρ" if quantity == "rho" else say("indirect effect of {variable}", variable=name(quantity))


def strand_point(sensitivity: Sensitivity, strand: str, quantity: str, weights: str) -> str:
    """Say the range of one number over the variants, and where it is told from zero.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.
    strand, quantity, weights : str
        Which number.

    Returns
    -------
    str
        Two sentences.
    """
    rows = rows_of(sensitivity, strand, quantity, weights)
    ordered = rows.sort_values("estimate", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    clear = rows[(rows["lower"] > 0) | (rows["upper"] < 0)]
    return say(
        "**{strand}**, {quantity} under {weights}: {main} in the main model, from {low} ({lowest}) to {high} "
        "({highest}); told from zero in {clear} of {all} variants, {signs}.",
        strand=name(strand),
        quantity=quantity_name(quantity),
        weights=name(weights),
        main=interval(rows.iloc[0]),
        low=number(float(low["estimate"])),
        lowest=say(VARIANTS[str(low["variant"])]),
        high=number(float(high["estimate"])),
        highest=say(VARIANTS[str(high["variant"])]),
        clear=len(clear),
        all=len(rows),
        signs=signs(clear),
    )


def signs(clear: pd.DataFrame) -> str:
    """Say whether clear estimates agree in sign.

    Parameters
    ----------
    clear : pandas.DataFrame
        Estimates whose interval leaves zero out.

    Returns
    -------
    str
        Half a sentence.

    Examples
    --------
    >>> signs(pd.DataFrame({"estimate": [0.2, -0.1]}))
    'with both signs'
    """
    if clear.empty:
        return say("in no direction")
    if (clear["estimate"] > 0).all():
        return say("each time positive")
    return say("each time negative") if (clear["estimate"] < 0).all() else say("with both signs")


def clustering_point(sensitivity: Sensitivity) -> str:
    """Say what Moran's I of manufacturing is without the largest cities.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.

    Returns
    -------
    str
        A sentence.
    """
    table = sensitivity.clustering
    last = table[(table["year"] == table["year"].max()) & (table["weights"] == "contiguity")]
    parts = [
        say("{moran} {sample}", moran=number(one["I"]), sample=say(VARIANTS[one["sample"]]))
        for one in last.to_dict("records")
    ]
    return say(
        "**Clustering** of manufacturing hangs on no single city: Moran's I under contiguity in {year} is {parts}; "
        "below 5 % in {clear} of {all} rows of [[sensitivity-moran]].",
        year=int(table["year"].max()),
        parts=listed(parts),
        clear=int((table["p_sim"] < 0.05).sum()),
        all=len(table),
    )


def weak_point(sensitivity: Sensitivity) -> str:
    """List the numbers whose clear estimates disagree in sign, or that are clear in one window alone.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.

    Returns
    -------
    str
        Two sentences.
    """
    table = sensitivity.spillovers[sensitivity.spillovers["variant"] != "one window"]
    clear = table[(table["lower"] > 0) | (table["upper"] < 0)]
    turning = [
        say(
            "{strand}, {quantity} under {weights}",
            strand=name(str(strand)),
            quantity=quantity_name(str(quantity)),
            weights=name(str(weights)),
        )
        for (strand, quantity, weights), rows in clear.groupby(["strand", "quantity", "weights"])
        if rows["estimate"].min() < 0 < rows["estimate"].max()
    ]
    early, late = (
        row_of(rows_of(sensitivity, "employment", "rho", "rail"), variant=f"{which} window")
        for which in ("first", "second")
    )
    return say(
        "Told from zero with both signs, depending on the choice: {turning}. The spillover of manufacturing "
        "employment along the railway, ρ, is {early} in 2006-2012 and {late} in 2013-2019: one number for both "
        "windows is a mean of two that differ.",
        turning=say("; ").join(turning) or say("none"),
        early=interval(early),
        late=interval(late),
    )


def variants_plot(sensitivity: Sensitivity, strand: str) -> Drawing:
    """Draw the numbers of a strand, one row a variant.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.
    strand : str
        "employment" or "value added".

    Returns
    -------
    Drawing
        Three panels.
    """
    table = sensitivity.spillovers[sensitivity.spillovers["strand"] == strand]
    shown = table.rename(columns={"variant": "row", "quantity": "panel", "weights": "series"})
    shown = shown.assign(order=shown["panel"].map({"rho": 0, "log_gdp_head": 1}).fillna(2))
    first = shown["row"].map({key: place for place, key in enumerate(dict.fromkeys(shown["row"]))})
    shown = shown.assign(first=first).sort_values(["first", "order"], kind="stable")
    words = {key: say(VARIANTS[key]) for key in dict.fromkeys(shown["row"])}
    panels = {key: quantity_name(key) for key in dict.fromkeys(shown["panel"])}
    key = strand.replace(" ", "-")
    return Drawing(
        f"sensitivity-{key}",
        partial(
            interval_plot,
            shown[["row", "panel", "series", "estimate", "lower", "upper"]],
            titles={**words, **panels, "contiguity": name("contiguity"), "rail": name("rail")},
            rules=(1,),
        ),
        say(
            "Numbers of the Durbin model of {strand} under other choices, with 95 % intervals.",
            strand=name(strand),
        ),
        say("Three panels of dots with intervals, one row a variant of the sample or of the data."),
        say(
            "Without cities, their links are taken out and the rows of the others sum to one again. Population "
            "between censuses: published levels put on those of 2010 and 2020. Standard errors by the delta method."
        ),
        wide=True,
    )
