"""Chapter of the report beyond the paper: what the growth of the rail network did to spillovers."""

from functools import partial

import pandas as pd

from yrdspatial.autocorrelation.adjustment import adjust
from yrdspatial.replication.chapters.naming import decimal, interval, name, row_of
from yrdspatial.replication.chapters.wording import number
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.findings import DRAWS, LATER_YEAR, TAU, NetworkFindings
from yrdspatial.replication.study import FROZEN_YEAR
from yrdspatial.report.html import Bullets, Caution, Paragraph
from yrdspatial.report.intervals import interval_plot
from yrdspatial.tables.speech import say

LEVEL = 0.05
PARTS = ("change", "network", "coefficients")
SHOWN = {
    "employment": ("log_gdp_head", "lq_services", "log_access"),
    "value added": ("log_gdp_head", "lq_tertiary", "log_access"),
}
PANELS = {"change": "change", "network": "network's part", "coefficients": "coefficients' part"}
HEADS = {
    "strand": "strand",
    "weights": "weights",
    "variable": "variable",
    "part": "part",
    "estimate": "estimate",
    "std_error": "std. error",
    "pvalue": "p",
    "p_fdr": "p, FDR",
}


def network_chapter(network: NetworkFindings) -> Chapter:
    """Show how much of the change of spillovers the network made.

    Parameters
    ----------
    network : NetworkFindings
        The decomposition.

    Returns
    -------
    Chapter
        A figure and a table.
    """
    table = indirect(network)
    return Chapter(
        "network-change",
        say("What the rail network changed"),
        [
            Paragraph(size_point(network)),
            Paragraph(verdict(table)),
            Bullets([change_point(table, strand) for strand in SHOWN]),
            Caution(
                say(
                    "Five nearest neighbours with rows that sum to one cannot grow: the network then only changes "
                    "who is near. Weights that fall with minutes on the scale of {base} can; they stand beside. Two "
                    "models of seven years each lie behind every row.",
                    base=FROZEN_YEAR,
                ),
                title=say("What the weights let the network do"),
            ),
            Drawing(
                "network-decomposition",
                partial(
                    interval_plot, plot_table(table), titles=titles(table), rules=(len(SHOWN["employment"]),)
                ),
                say(
                    "Change of the indirect effects from {first} to {last}, and the parts of network and "
                    "coefficients, with 95 % intervals.",
                    first=FROZEN_YEAR,
                    last=LATER_YEAR,
                ),
                say("Three panels of dots with intervals, a row for each strand and regressor."),
                say(
                    "Durbin models of 2006-2012 and 2013-2019; the network's part is the mean over both coefficients "
                    "of the effect under the later less that under the earlier weights; all pairs: "
                    "exp(−minutes/{tau:.0f}).",
                    tau=TAU,
                ),
                wide=True,
            ),
            change_table(table),
            Exhibit(
                "network-change-all", network.change, say("Change of all effects and its parts."), long=True
            ),
        ],
    )


def indirect(network: NetworkFindings) -> pd.DataFrame:
    """Keep the parts of the change of the indirect effects, the network's adjusted for the number of tests.

    Parameters
    ----------
    network : NetworkFindings
        The decomposition.

    Returns
    -------
    pandas.DataFrame
        Rows of ``NetworkFindings.change`` with p_fdr, over all rows of a part.
    """
    table = network.change[network.change["effect"] == "indirect"]
    table = table[table["part"].isin(PARTS)].reset_index(drop=True)
    table["p_fdr"] = table.groupby("part")["pvalue"].transform(lambda p: adjust(p.to_numpy()))
    return table


def size_point(network: NetworkFindings) -> str:
    """Say how much nearer the network brought the cities in the weights.

    Parameters
    ----------
    network : NetworkFindings
        The decomposition.

    Returns
    -------
    str
        A sentence.
    """
    before, after = (
        row_of(network.network, weights="rail_common", year=year) for year in (FROZEN_YEAR, LATER_YEAR)
    )
    return say(
        "From {first} to {last} the sum of a city's weights grew by {growth:.0f} % on the scale of {first}, and the "
        "effective number of neighbours from {before} to {after}.",
        first=FROZEN_YEAR,
        last=LATER_YEAR,
        growth=100 * (after["mean_row_sum"] / before["mean_row_sum"] - 1),
        before=number(before["effective_neighbours"], 1),
        after=number(after["effective_neighbours"], 1),
    )


def verdict(table: pd.DataFrame) -> str:
    """Say how often the network's part can be told from chance.

    Parameters
    ----------
    table : pandas.DataFrame
        As of `indirect`.

    Returns
    -------
    str
        Two sentences.
    """
    made = table[table["part"] == "network"]
    coefficients = table[table["part"] == "coefficients"]
    clear = int((made["p_fdr"] < LEVEL).sum())
    said = say(
        "The part that the network made of the change of indirect effects is other than zero in {clear} of {all} "
        "rows once the false discovery rate is held at 5 % (before, {raw} single intervals leave zero out); the part "
        "of the coefficients in {other}.",
        clear=clear,
        all=len(made),
        raw=int(((made["lower"] > 0) | (made["upper"] < 0)).sum()),
        other=int((coefficients["p_fdr"] < LEVEL).sum()),
    )
    if clear:
        return said
    return said + say(" What the new lines did to spillovers cannot be told from chance in these data.")


def change_point(table: pd.DataFrame, strand: str) -> str:
    """Say the parts for GDP per head on one strand.

    Parameters
    ----------
    table : pandas.DataFrame
        As of `indirect`.
    strand : str
        "employment" or "value added".

    Returns
    -------
    str
        A sentence.
    """
    parts = []
    for weights in table["weights"].unique():
        rows = {
            part: row_of(table, strand=strand, weights=weights, variable="log_gdp_head", part=part)
            for part in PARTS
        }
        parts.append(
            say(
                "under {weights} it changed by {change}, of which network {network}",
                weights=name(weights),
                change=interval(rows["change"]),
                network=interval(rows["network"], 3),
            )
        )
    return say(
        "**{strand}**, indirect effect of GDP per head: {parts}.",
        strand=name(strand),
        parts=say("; ").join(parts),
    )


def plot_table(table: pd.DataFrame) -> pd.DataFrame:
    """Lay the parts out for the figure.

    Parameters
    ----------
    table : pandas.DataFrame
        As of `indirect`.

    Returns
    -------
    pandas.DataFrame
        Columns row, panel, series, estimate, lower, upper.
    """
    rows = [
        row_of(table, strand=strand, variable=variable, weights=weights, part=part)
        for strand, variables in SHOWN.items()
        for variable in variables
        for part in PARTS
        for weights in table["weights"].unique()
    ]
    shown = pd.DataFrame(rows)
    return pd.DataFrame(
        {
            "row": shown["strand"] + "/" + shown["variable"],
            "panel": shown["part"],
            "series": shown["weights"],
            "estimate": shown["estimate"],
            "lower": shown["lower"],
            "upper": shown["upper"],
        }
    )


def titles(table: pd.DataFrame) -> dict[str, str]:
    """Say the rows, panels and series of the figure.

    Parameters
    ----------
    table : pandas.DataFrame
        As of `indirect`.

    Returns
    -------
    dict of str to str
        Text by key.
    """
    rows = {
        f"{strand}/{variable}": say("{strand}: {variable}", strand=name(strand), variable=name(variable))
        for strand, variables in SHOWN.items()
        for variable in variables
    }
    panels = {part: say(PANELS[part]) for part in PARTS}
    return {**rows, **panels, **{weights: name(weights) for weights in table["weights"].unique()}}


def change_table(table: pd.DataFrame) -> Exhibit:
    """Tabulate the network's part.

    Parameters
    ----------
    table : pandas.DataFrame
        As of `indirect`.

    Returns
    -------
    Exhibit
        The network's part in the report, all parts in the file.
    """
    made = table[table["part"] == "network"]
    shown = made.assign(**{column: made[column].map(name) for column in ("strand", "weights", "variable")})
    heads = {column: say(HEADS[column]) for column in HEADS if column != "part"}
    starts = made.groupby(["strand", "weights"], sort=False).size().cumsum().to_list()[:-1]
    return Exhibit(
        "network-part",
        table,
        say("The network's part of the change of indirect effects."),
        notes=(
            say(
                "FDR over the rows of this table. Standard errors are those of {draws} draws of both models, which "
                "are independent; intervals are their quantiles.",
                draws=DRAWS,
            ),
        ),
        formats={
            heads["estimate"]: ".4f",
            heads["std_error"]: ".4f",
            heads["pvalue"]: decimal,
            heads["p_fdr"]: decimal,
        },
        rules=starts,
        shown=shown[list(heads)].rename(columns=heads),
    )
