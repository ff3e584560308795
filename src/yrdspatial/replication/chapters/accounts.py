"""Chapter of the report beyond the paper: what value added says to the last year."""

from functools import partial

import numpy as np
import pandas as pd

from yrdspatial.replication.accounts import CENSUS, Accounts
from yrdspatial.replication.chapters.naming import interval, name, row_of, signed
from yrdspatial.replication.chapters.wording import number, pvalue
from yrdspatial.replication.clustering import Clustering
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.relocation import Relocation
from yrdspatial.replication.sensitivity import Sensitivity
from yrdspatial.report.html import Bullets, Caution, Paragraph
from yrdspatial.report.trends import lines_over_years
from yrdspatial.tables.speech import listed, say

SECTORS = ("va_secondary", "va_tertiary")
LEVEL = 0.05


def accounts_chapter(
    accounts: Accounts, relocation: Relocation, clustering: Clustering, sensitivity: Sensitivity
) -> Chapter:
    """Show what the accounts say to the last year there is.

    Parameters
    ----------
    accounts : Accounts
        Shares and their pace.
    relocation : Relocation
        Centres by year.
    clustering : Clustering
        Moran's I by year.
    sensitivity : Sensitivity
        The spillovers before the census and to the last year.

    Returns
    -------
    Chapter
        A figure and a table.
    """
    return Chapter(
        "to-the-last-year",
        say("Value added to the last year"),
        [
            Paragraph(shares_point(accounts)),
            Bullets(
                [
                    recent_point(accounts),
                    pace_point(accounts),
                    centre_point(relocation),
                    *[moran_point(clustering, sector) for sector in SECTORS],
                    spillover_point(sensitivity),
                ]
            ),
            Caution(
                say(
                    "The accounts from {census} on follow the fourth economic census, those before do not: the step "
                    "from {before} to {census} is a revision, in the tertiary sector above all. Shares are of value "
                    "added at current prices; employment by sector ends in 2019, so that nothing here can be checked "
                    "against it later.",
                    census=CENSUS,
                    before=CENSUS - 1,
                ),
                title=say("Two vintages in one line"),
            ),
            shares_plot(accounts),
            recent_table(accounts),
            Exhibit(
                "province-shares",
                accounts.shares,
                say("Shares of the provinces by sector and year."),
                long=True,
            ),
            Exhibit(
                "pace-of-change", accounts.pace, say("Points that change place from year to year."), long=True
            ),
        ],
    )


def shares_point(accounts: Accounts) -> str:
    """Say how the provinces' shares of the secondary sector changed before and after the census.

    Parameters
    ----------
    accounts : Accounts
        Shares and their pace.

    Returns
    -------
    str
        A sentence.
    """
    table = accounts.shares[accounts.shares["sector"] == "va_secondary"]
    wide = table.pivot_table(index="province", columns="year", values="share", sort=False)
    first, last = wide.columns[0], wide.columns[-1]
    parts = [
        say(
            "{province} {start} % in {first}, {before} % in {end}, {after} % in {last}",
            province=name(str(province)),
            start=number(row[first], 1),
            first=first,
            before=number(row[CENSUS - 1], 1),
            end=CENSUS - 1,
            after=number(row[last], 1),
            last=last,
        )
        for province, row in zip(wide.index, wide.to_dict("records"), strict=True)
    ]
    return say("**Shares of the delta's secondary value added**: {parts}.", parts=say("; ").join(parts))


def recent_point(accounts: Accounts) -> str:
    """Say who gained and lost since the census.

    Parameters
    ----------
    accounts : Accounts
        Shares and their pace.

    Returns
    -------
    str
        A sentence.
    """
    last = int(accounts.shares["year"].max())
    parts = []
    for sector in SECTORS:
        sums = accounts.recent[sector].sort_values()
        ends = [
            f"{name(str(sums.index[place]))} {signed(float(sums.iloc[place]), 2)}" for place in (-1, -2, 1, 0)
        ]
        parts.append(say("{sector}: {ends}", sector=name(sector), ends=listed(ends)))
    return say(
        "**Since the census**, {first} to {last}, the largest gains and losses in points: {parts}.",
        first=CENSUS,
        last=last,
        parts=say("; ").join(parts),
    )


def pace_point(accounts: Accounts) -> str:
    """Say whether the sectors change place faster or slower than before.

    Parameters
    ----------
    accounts : Accounts
        Shares and their pace.

    Returns
    -------
    str
        A sentence.
    """
    parts = []
    for sector in SECTORS:
        rows = accounts.pace[accounts.pace["sector"] == sector]
        parts.append(
            say(
                "{sector} {before} points a year to {end}, {after} since",
                sector=name(sector),
                before=number(rows.loc[rows["year"] < CENSUS, "moved"].mean()),
                end=CENSUS - 1,
                after=number(rows.loc[rows["year"] > CENSUS, "moved"].mean()),
            )
        )
    return say("**Pace**: what is in another city than the year before, {parts}.", parts=listed(parts))


def centre_point(relocation: Relocation) -> str:
    """Say how far the centre of the secondary sector moved before and after the census.

    Parameters
    ----------
    relocation : Relocation
        Centres by year.

    Returns
    -------
    str
        A sentence.
    """
    path = relocation.centres[relocation.centres["strand"] == "value added"].set_index("year")[["x", "y"]]
    first, last = int(path.index.min()), int(path.index.max())
    x, y = path["x"], path["y"]

    def moved(start: int, end: int) -> float:
        return float(np.hypot(x[end] - x[start], y[end] - y[start]))

    return say(
        "**The gravity centre** of the secondary sector moved {before:.1f} km from {first} to {end} and {after:.1f} "
        "km from {census} to {last}.",
        before=moved(first, CENSUS - 1),
        first=first,
        end=CENSUS - 1,
        after=moved(CENSUS, last),
        census=CENSUS,
        last=last,
    )


def moran_point(clustering: Clustering, sector: str) -> str:
    """Say whether a sector clusters in the last year.

    Parameters
    ----------
    clustering : Clustering
        Moran's I by year.
    sector : str
        A measure.

    Returns
    -------
    str
        A sentence.
    """
    table = clustering.table[clustering.table["variable"] == sector]
    last = int(table["year"].max())
    parts = []
    for weights in ("contiguity", "rail"):
        row = row_of(table, weights=weights, year=last)
        chance = say(", cannot be told from chance") if row["p_sim"] >= LEVEL else ""
        parts.append(
            say(
                "{weights} {moran} ({p}{chance})",
                weights=name(weights),
                moran=number(row["I"], 3),
                p=pvalue(float(row["p_sim"])),
                chance=chance,
            )
        )
    return say(
        "**Clustering** in {last}, {sector}, Moran's I of the location quotient: {parts}.",
        last=last,
        sector=name(sector),
        parts=listed(parts),
    )


def spillover_point(sensitivity: Sensitivity) -> str:
    """Say the spatial parameter before the census and to the last year.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.

    Returns
    -------
    str
        A sentence.
    """
    table = sensitivity.spillovers
    parts = []
    for weights in ("contiguity", "rail"):
        rows = {
            variant: row_of(table, strand="value added", quantity="rho", weights=weights, variant=variant)
            for variant in ("before the census", "main")
        }
        parts.append(
            say(
                "under {weights} {before} to {end}, {after} to the last year",
                weights=name(weights),
                before=interval(rows["before the census"]),
                end=CENSUS - 1,
                after=interval(rows["main"]),
            )
        )
    return say(
        "**Spillovers**, ρ of the Durbin model: {parts} ([[sensitivity]]).", parts=say("; ").join(parts)
    )


def shares_plot(accounts: Accounts) -> Drawing:
    """Draw the shares of the provinces over the years.

    Parameters
    ----------
    accounts : Accounts
        Shares and their pace.

    Returns
    -------
    Drawing
        Two panels.
    """
    table = accounts.shares.rename(columns={"sector": "panel", "province": "series", "share": "value"})
    keys = (*SECTORS, *dict.fromkeys(accounts.shares["province"]))
    return Drawing(
        "province-shares-plot",
        partial(
            lines_over_years,
            table,
            labels=dict.fromkeys(SECTORS, say("% of the delta")),
            titles={key: name(key) for key in keys},
            breaks={sector: {CENSUS: say("4th census")} for sector in SECTORS},
        ),
        say("Shares of the provinces in the delta's value added, by sector; lines are cut at the census."),
        say("Two panels of four lines over the years, one a province."),
        say("Sums of the cities; current prices."),
    )


def recent_table(accounts: Accounts) -> Exhibit:
    """Tabulate the changes since the census.

    Parameters
    ----------
    accounts : Accounts
        Shares and their pace.

    Returns
    -------
    Exhibit
        Nine sub-regions.
    """
    heads = {sector: name(sector) for sector in SECTORS}
    table = accounts.recent.rename_axis("region").reset_index()
    shown = table.assign(region=table["region"].map(name)).rename(columns={"region": say("region"), **heads})
    return Exhibit(
        "change-since-census",
        table,
        say(
            "Change of the sub-regions' shares of the delta from {first} to {last}, in points.",
            first=CENSUS,
            last=int(accounts.shares["year"].max()),
        ),
        formats=dict.fromkeys(heads.values(), ".2f"),
        shown=pd.DataFrame(shown),
    )
