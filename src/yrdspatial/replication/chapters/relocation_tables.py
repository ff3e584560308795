"""Tables on where manufacturing went."""

from collections.abc import Hashable

import pandas as pd

from yrdspatial.replication.chapters.naming import name
from yrdspatial.replication.chapters.wording import pvalue, with_names
from yrdspatial.replication.exhibits import Exhibit
from yrdspatial.replication.relocation import Relocation
from yrdspatial.replication.study import Study
from yrdspatial.tables.cells import Format
from yrdspatial.tables.speech import listed, say, term


def regions_table(study: Study, relocation: Relocation, seed: int) -> Exhibit:
    """Tabulate the changes of the sub-regions.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    relocation : Relocation
        The measures.
    seed : int
        Seed of the permutation test.

    Returns
    -------
    Exhibit
        Nine rows and their sums.
    """
    table = relocation.regions
    single = {strand for strand in relocation.contrast.index if len(relocation.transfer[strand].columns) == 2}
    kept = [column for column in table.columns.to_list() if not (column[1] == "sum" and column[0] in single)]
    heads = {
        column: say("{strand}, {window}", strand=name(str(column[0])), window=name(str(column[1])))
        for column in kept
    }
    shown = pd.DataFrame({head: table[column].to_numpy() for column, head in heads.items()})
    shown.insert(0, say("region"), [name(str(region)) for region in table.index])
    tests = listed(
        say("{strand} {p}", strand=name(str(strand)), p=pvalue(float(row["pvalue"])))
        for strand, row in relocation.contrast.iterrows()
    )
    flat = table.set_axis([" ".join(column) for column in table.columns.to_list()], axis=1)
    return Exhibit(
        "transfer-by-region",
        flat.rename_axis("region").reset_index(),
        say("Change of the sub-regions' shares of the delta, in percentage points."),
        notes=(
            say(
                "Columns add up to zero. Named sets are usual lists; the rest of a province is what is left."
            ),
            say(
                "Destinations against origins, two-sided permutation of cities, seed {seed}: {tests}.",
                seed=seed,
                tests=tests,
            ),
            notes_of(study, relocation),
        ),
        formats=dict.fromkeys(heads.values(), ".2f"),
        shown=shown,
    )


def shift_share_table(relocation: Relocation) -> Exhibit:
    """Tabulate the parts of the change.

    Parameters
    ----------
    relocation : Relocation
        The measures.

    Returns
    -------
    Exhibit
        One row a strand, window and sub-region.
    """
    table = relocation.shift_share
    parts = ["change", "national", "mix", "regional"]
    relative = table.assign(**{part: 100 * table[part] / table["base"] for part in parts})
    heads = {
        "strand": say("strand"),
        "window": say("window"),
        "region": say("region"),
        "change": say("change"),
        "national": say("all sectors"),
        "mix": say("sector mix"),
        "regional": say("regional"),
    }
    named = relative.assign(strand=table["strand"].map(name), region=table["region"].map(name))
    starts = table.groupby(["strand", "window"], sort=False).size().cumsum().to_list()[:-1]
    return Exhibit(
        "shift-share",
        table,
        say("Shift-share of manufacturing by sub-region, in per cent of the first year's amount."),
        notes=(
            say(
                "Change = growth of all sectors in the delta + mix (manufacturing against all) + regional (the "
                "region against manufacturing in the delta)."
            ),
            say(
                "Value added at current prices, so that growth holds prices; its windows end at the census of 2018, "
                "where the tertiary sector breaks."
            ),
        ),
        formats=dict.fromkeys([heads[part] for part in parts], ".1f"),
        rules=starts,
        shown=named[list(heads)].rename(columns=heads),
    )


def moves_table(relocation: Relocation) -> Exhibit:
    """Tabulate the moves of the centres.

    Parameters
    ----------
    relocation : Relocation
        The measures.

    Returns
    -------
    Exhibit
        One row a window.
    """
    table = relocation.moves
    heads = {
        "strand": say("strand"),
        "window": say("window"),
        "east": say("east, km"),
        "north": say("north, km"),
        "distance": say("distance, km"),
        "bearing": say("bearing, degrees"),
    }
    named = table.assign(strand=table["strand"].map(name), window=table["window"].map(name))
    formats: dict[Hashable, Format] = {heads[part]: ".1f" for part in ("east", "north", "distance")}
    return Exhibit(
        "moves-of-centres",
        table,
        say("Moves of the gravity centres inside the windows."),
        notes=(say("Lambert azimuthal equal-area projection; bearing clockwise from north."),),
        formats={**formats, heads["bearing"]: ".0f"},
        shown=named[list(heads)].rename(columns=heads),
    )


def by_city(study: Study, relocation: Relocation) -> pd.DataFrame:
    """Lay the changes of the cities out with their names.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    relocation : Relocation
        The measures.

    Returns
    -------
    pandas.DataFrame
        Columns adcode, name_zh, name_en, then one a strand and window.
    """
    flat = relocation.transfer.set_axis(
        [" ".join(column) for column in relocation.transfer.columns.to_list()], axis=1
    )
    return study.units[["name_zh", "name_en"]].join(flat).rename_axis("adcode").reset_index()


def notes_of(study: Study, relocation: Relocation) -> str:
    """Say what the data say about breaks and flags of both strands.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    relocation : Relocation
        The measures.

    Returns
    -------
    str
        Sentences, each once.
    """
    notes = dict.fromkeys(note for part in relocation.notes.values() for note in part)
    return say(" ").join(say("{note}.", note=with_names(study, term(note))) for note in notes)
