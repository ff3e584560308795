"""Chapter of the report beyond the paper: does the core reach the periphery."""

from functools import partial

import pandas as pd

from yrdspatial.replication.chapters.naming import decimal, interval, name
from yrdspatial.replication.chapters.wording import number
from yrdspatial.replication.core_effects import FAR, NEAR, SHARED, TAU, CoreEffects
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.subregions import sub_regions
from yrdspatial.report.html import Bullets, Caution, Paragraph
from yrdspatial.report.intervals import interval_plot
from yrdspatial.report.matrix import effects_matrix
from yrdspatial.tables.speech import say

LEVEL = 0.05
SMALL = 0.01
STRANDS = ("employment", "value added")
HEADS = {
    "strand": "strand",
    "weights": "weights",
    "sends": "sends",
    "receives": "receives",
    "estimate": "effect",
    "std_error": "std. error",
    "pvalue": "p",
    "p_fdr": "p, FDR",
    "share": "% of own effect",
}


def core_chapter(core: CoreEffects) -> Chapter:
    """Show what a change in the core does to northern Anhui and northern Jiangsu.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    Chapter
        Figures and a table.
    """
    return Chapter(
        "core-periphery",
        say("Does the core reach the periphery"),
        [
            Paragraph(verdict(core)),
            Bullets([reach_point(core, strand, receives) for strand in STRANDS for receives in FAR]),
            Caution(links_point(core), title=say("What such a model can show")),
            Drawing(
                "core-effects",
                partial(interval_plot, plot_table(core), titles=titles(core)),
                say(
                    "What one log point more GDP per head in every city of the core does to a city of a set, 95 %."
                ),
                say(
                    "Two panels of dots with intervals, one a strand; rows are sets that receive, far ones first."
                ),
                estimator(),
                wide=True,
            ),
            Drawing(
                "region-effects",
                partial(effects_matrix, matrix_table(core), names={one: name(one) for one in sub_regions()}),
                say("Who sends to whom: indirect effects of GDP per head between nine sub-regions."),
                say("Coloured squares for every pair of sub-regions, two panels a strand."),
                say(
                    "A row receives, a column sends: all cities of the column change by one log point; mean over the "
                    "cities of the row, own effects left out. {estimator}",
                    estimator=estimator(),
                ),
                wide=True,
            ),
            reach_table(core),
            Exhibit("core-effects-all", core.reach, say("Effects of the core, every regressor."), long=True),
            Exhibit("region-effects-all", core.regions, say("Effects between sub-regions."), long=True),
        ],
    )


def estimator() -> str:
    """Say how the effects were estimated.

    Returns
    -------
    str
        A note.
    """
    return say(
        "Durbin models; means over years; standard errors by the delta method; all pairs: exp(−minutes/{tau:.0f}), "
        "rows sum to one. Core: Shanghai, southern Jiangsu and the cities around Hangzhou Bay.",
        tau=TAU,
    )


def far_rows(core: CoreEffects) -> pd.DataFrame:
    """Take the effects of GDP per head on the far sets.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    pandas.DataFrame
        With share, the effect in per cent of the mean own effect.
    """
    table = core.reach[(core.reach["variable"] == SHARED) & core.reach["receives"].isin(FAR)]
    return table.assign(share=100 * table["estimate"] / table["direct"]).reset_index(drop=True)


def verdict(core: CoreEffects) -> str:
    """Say whether Shanghai and its core reach the far sets.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    str
        Three sentences.
    """
    rows = far_rows(core)
    parts = []
    for strand in STRANDS:
        for sends in ("Shanghai", "core"):
            some = rows[(rows["strand"] == strand) & (rows["sends"] == sends)]
            parts.append(
                say(
                    "{sends} on {strand} {clear} of {all}",
                    sends=name(sends),
                    strand=name(strand),
                    clear=int((some["p_fdr"] < LEVEL).sum()),
                    all=len(some),
                )
            )
    clear = rows.loc[rows["p_fdr"] < LEVEL, "share"].abs()
    largest = 0.0 if clear.empty else float(clear.max())
    return say(
        "Does more GDP per head in the core move northern Anhui and northern Jiangsu? Effects other than zero, three "
        "families of weights and two sets, false discovery rate held at 5 %: {parts}. The largest of them is {size} "
        "% of what a city's own GDP per head does: {reading}.",
        parts=say("; ").join(parts),
        size=number(largest, 1),
        reading=reading(largest),
    )


def reading(share: float) -> str:
    """Say what a size means.

    Parameters
    ----------
    share : float
        Largest effect that is told from zero, in per cent of the own effect; 0 when none is.

    Returns
    -------
    str
        Half a sentence.

    Examples
    --------
    >>> reading(0.3)
    'the periphery is out of reach in practice, whatever the p-values'
    """
    if share == 0:
        return say("whether the core reaches the periphery cannot be told from chance")
    if share < 100 * SMALL:
        return say("the periphery is out of reach in practice, whatever the p-values")
    if share < 1000 * SMALL:
        return say("little of what happens in the core arrives")
    return say("what happens in the core arrives in part")


def reach_point(core: CoreEffects, strand: str, receives: str) -> str:
    """Say the effects of the core on one set under each family of weights.

    Parameters
    ----------
    core : CoreEffects
        The effects.
    strand, receives : str
        Which.

    Returns
    -------
    str
        A sentence.
    """
    rows = far_rows(core)
    rows = rows[(rows["strand"] == strand) & (rows["receives"] == receives) & (rows["sends"] == "core")]
    parts = [
        say(
            "{weights} {effect}{mark}",
            weights=name(str(row["weights"])),
            effect=interval(row, 3),
            mark="*" if row["p_fdr"] < LEVEL else "",
        )
        for _, row in rows.iterrows()
    ]
    return say(
        "**{receives}**, {strand}: one log point more in every city of the core: {parts} (* at 5 % after adjustment).",
        receives=name(receives),
        strand=name(strand),
        parts=say("; ").join(parts),
    )


def links_point(core: CoreEffects) -> str:
    """Say how far the weights themselves let an effect come.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    str
        Two sentences.
    """
    links = core.links.set_index(["weights", "receives"])["share"]
    none = [weights for weights in ("contiguity", "rail") if all(links[weights, one] == 0 for one in FAR)]
    least = min(float(links["rail_decay", one]) for one in FAR)
    return say(
        "Under {sparse} Shanghai is nobody's neighbour in the far sets: what reaches them passes from neighbour to "
        "neighbour, and the form of the model makes it small. Under weights between all pairs Shanghai has {least} % "
        "to {most} % of the weight there. An effect of these models says what the weights allow, not what a plant "
        "that moves does.",
        sparse=say(" and ").join(name(one) for one in none),
        least=number(100 * least, 2),
        most=number(100 * max(float(links["rail_decay", one]) for one in FAR), 2),
    )


def plot_table(core: CoreEffects) -> pd.DataFrame:
    """Lay the effects of the core out for the figure.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    pandas.DataFrame
        Columns row, panel, series, estimate, lower, upper.
    """
    table = core.reach[(core.reach["variable"] == SHARED) & (core.reach["sends"] == "core")]
    parts = [table[table["receives"] == receives] for receives in (*FAR, *NEAR)]
    both = pd.concat(parts, ignore_index=True).sort_values("strand", kind="stable")
    both = both.assign(order=both["receives"].map({one: place for place, one in enumerate((*FAR, *NEAR))}))
    both = both.sort_values(["order", "strand"], kind="stable")
    heads = {"receives": "row", "strand": "panel", "weights": "series"}
    return both.rename(columns=heads)[["row", "panel", "series", "estimate", "lower", "upper"]]


def titles(core: CoreEffects) -> dict[str, str]:
    """Say the rows, panels and series of the figure.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    dict of str to str
        Text by key.
    """
    return {key: name(key) for key in (*FAR, *NEAR, *STRANDS, *core.reach["weights"].unique())}


def matrix_table(core: CoreEffects) -> pd.DataFrame:
    """Take the effects between sub-regions for the figure.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    pandas.DataFrame
        Columns panel, receives, sends, estimate, lower, upper: contiguity and all pairs, both strands.
    """
    kept = core.regions[core.regions["weights"].isin(["contiguity", "rail_decay"])]
    panels = [
        say("{strand}, {weights}", strand=name(strand), weights=name(weights))
        for strand, weights in zip(kept["strand"], kept["weights"], strict=True)
    ]
    return kept.assign(panel=panels)[["panel", "receives", "sends", "estimate", "lower", "upper"]]


def reach_table(core: CoreEffects) -> Exhibit:
    """Tabulate the effects on the far sets.

    Parameters
    ----------
    core : CoreEffects
        The effects.

    Returns
    -------
    Exhibit
        One row a strand, family of weights, core and set.
    """
    table = far_rows(core)
    words = {column: table[column].map(name) for column in ("strand", "weights", "sends", "receives")}
    heads = {column: say(HEADS[column]) for column in HEADS}
    starts = table.groupby(["strand", "weights"], sort=False).size().cumsum().to_list()[:-1]
    return Exhibit(
        "core-reach",
        table,
        say("Effects of the core's GDP per head on northern Anhui and northern Jiangsu."),
        notes=(
            say("FDR over {count} effects: every regressor, near sets too.", count=len(core.reach)),
            estimator(),
        ),
        formats={
            heads["estimate"]: ".5f",
            heads["std_error"]: ".5f",
            heads["pvalue"]: decimal,
            heads["p_fdr"]: decimal,
            heads["share"]: ".2f",
        },
        rules=starts,
        shown=table.assign(**words)[list(heads)].rename(columns=heads),
    )
