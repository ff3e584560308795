"""Tables on what hangs on windows, vintages and cities."""

from yrdspatial.replication.case import PROVINCES
from yrdspatial.replication.chapters.naming import interval, name
from yrdspatial.replication.chapters.wording import number
from yrdspatial.replication.exhibits import Exhibit
from yrdspatial.replication.sensitivity import PERMUTATIONS, Sensitivity
from yrdspatial.tables.speech import say

VARIANTS = {
    "main": "main model",
    "first window": "2006-2012 alone",
    "second window": "2013-2019 alone",
    "no years at the break": "without 2012 and 2013",
    "one window": "one window across 2013 (wrong)",
    "no jumps of scope": "without 4 cities whose scope jumps",
    "no Shanghai": "without Shanghai",
    "no capitals": "without Shanghai and capitals",
    "before the census": "to 2018: before the census",
    "window at the census": "city effects cut at the census",
    "spliced GDP": "GDP of the census carried back",
    "2010 on, population as published": "2010 on, population as published",
    "2010 on, population adjusted": "2010 on, population between censuses",
    "more controls, to 2020": "more controls, to 2020",
    "all": "all cities",
}
HEADS = {
    "strand": "strand",
    "variant": "variant",
    "weights": "weights",
    "rho": "ρ",
    "gdp": "indirect, ln GDP per head",
    "services": "indirect, LQ of services",
    "units": "cities",
    "years": "years",
}


def word(key: str) -> str:
    """Say a variant, or the name of anything else.

    Parameters
    ----------
    key : str
        Name in the data.

    Returns
    -------
    str
        Name in print.

    Examples
    --------
    >>> word("no Shanghai"), word("rail")
    ('without Shanghai', 'rail of the year')
    """
    return say(VARIANTS[key]) if key in VARIANTS else name(key)


def variants_table(sensitivity: Sensitivity) -> Exhibit:
    """Tabulate the numbers, one row a variant and family of weights.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.

    Returns
    -------
    Exhibit
        Estimates with their intervals.
    """
    table = sensitivity.spillovers
    texts = table.assign(
        text=[interval(row) for _, row in table.iterrows()],
        kind=table["quantity"].map({"rho": "rho", "log_gdp_head": "gdp"}).fillna("services"),
    )
    labels = ["strand", "variant", "weights", "units", "years"]
    wide = texts.set_index([*labels, "kind"])["text"].unstack("kind")
    order = table[labels].drop_duplicates()
    shown = wide.loc[[tuple(row) for row in order.to_numpy().tolist()]].reset_index()
    words = {column: shown[column].map(word) for column in ("strand", "variant", "weights")}
    heads = {column: say(HEADS[column]) for column in HEADS}
    starts = order.groupby("strand", sort=False).size().cumsum().to_list()[:-1]
    return Exhibit(
        "sensitivity-spillovers",
        shown,
        say("Spillovers under other windows, vintages and samples: estimates with 95 % intervals."),
        notes=(
            say("LQ of services: of producer services by employment, of the tertiary sector by value added."),
            say("The row across 2013 takes the wider coverage for a change; it stands here as a warning."),
        ),
        formats={heads["units"]: ".0f", heads["years"]: ".0f"},
        rules=starts,
        shown=shown.assign(**words)[list(heads)].rename(columns=heads),
    )


def transfer_table(sensitivity: Sensitivity) -> Exhibit:
    """Tabulate the transfer by province with and without the break.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.

    Returns
    -------
    Exhibit
        Four provinces.
    """
    names = {code // 10000: name(province) for province, code in PROVINCES.items()}
    heads = {
        "naive": say("2005-2019, across the break"),
        "windows": say("inside the windows, summed"),
        "step": say("2012-2013 alone"),
    }
    table = sensitivity.transfer.reset_index()
    shown = table.assign(province=[names[int(code)] for code in table["province"]])
    return Exhibit(
        "sensitivity-transfer",
        table,
        say("Change of the provinces' shares of manufacturing employment, in points."),
        notes=(say("The first column is the sum of the other two."),),
        formats=dict.fromkeys(heads.values(), ".2f"),
        shown=shown.rename(columns={"province": say("province"), **heads}),
    )


def clustering_table(sensitivity: Sensitivity, seed: int) -> Exhibit:
    """Tabulate Moran's I with and without the largest cities.

    Parameters
    ----------
    sensitivity : Sensitivity
        Numbers by variant.
    seed : int
        Seed of the permutations.

    Returns
    -------
    Exhibit
        Rows by sample and weights, columns by year.
    """
    table = sensitivity.clustering
    texts = [number(one["I"], 3) + ("*" if one["p_sim"] < 0.05 else "") for one in table.to_dict("records")]
    wide = table.assign(text=texts).pivot_table(
        index=["sample", "weights"], columns="year", values="text", aggfunc="first", sort=False
    )
    shown = wide.rename_axis(columns=None).reset_index()
    words = {column: shown[column].map(word) for column in ("sample", "weights")}
    return Exhibit(
        "sensitivity-moran",
        table,
        say("Moran's I of manufacturing (employment LQ) with and without the largest cities."),
        notes=(
            say(
                "* below 5 %, {permutations} permutations, two-sided, seed {seed}. Location quotients are those "
                "among all cities.",
                permutations=PERMUTATIONS,
                seed=seed,
            ),
        ),
        shown=shown.assign(**words).rename(columns={"sample": say("sample"), "weights": say("weights")}),
    )
