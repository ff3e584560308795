"""Chapter of the report beyond the paper: where manufacturing went."""

from functools import partial

import pandas as pd

from yrdspatial.replication.chapters.naming import direction, name, row_of, signed
from yrdspatial.replication.chapters.relocation_tables import (
    by_city,
    moves_table,
    regions_table,
    shift_share_table,
)
from yrdspatial.replication.chapters.wording import cities, pvalue
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.relocation import Relocation
from yrdspatial.replication.study import Study
from yrdspatial.report.changes import map_centres, map_changes
from yrdspatial.report.html import Caution, Paragraph
from yrdspatial.tables.speech import listed, say

LEVEL = 0.05


def relocation_chapter(study: Study, relocation: Relocation, seed: int) -> Chapter:
    """Show who gained and who lost, how the centres moved, and the parts of the change.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    relocation : Relocation
        The measures.
    seed : int
        Seed of the permutation test, for the notes.

    Returns
    -------
    Chapter
        Maps and tables.
    """
    return Chapter(
        "where-it-went",
        say("Where manufacturing went"),
        [
            Paragraph(
                say(" ").join(
                    [transfer_point(relocation, "employment"), largest(study, relocation, "employment")]
                )
            ),
            Paragraph(
                say(" ").join(
                    [transfer_point(relocation, "value added"), largest(study, relocation, "value added")]
                )
            ),
            Paragraph(centre_point(relocation)),
            Caution(
                say(
                    "Totals of cities show who gained and who lost, not which plant went where. Employment counts "
                    "urban units that are not private, and no change goes across the wider coverage of 2013. The two "
                    "strands measure different things: work, and value added at current prices."
                ),
                title=say("What the totals cannot say"),
            ),
            changes_map(study, relocation),
            centres_map(study, relocation),
            regions_table(study, relocation, seed),
            shift_share_table(relocation),
            moves_table(relocation),
            Exhibit(
                "transfer-by-city",
                by_city(study, relocation),
                say("Change of each city's share, in points."),
                long=True,
            ),
            Exhibit(
                "gravity-centres", relocation.centres, say("Gravity centres and ellipses by year."), long=True
            ),
        ],
    )


def transfer_point(relocation: Relocation, strand: str) -> str:
    """Say which sub-regions gained and lost, and whether the named destinations did.

    Parameters
    ----------
    relocation : Relocation
        The measures.
    strand : str
        "employment" or "value added".

    Returns
    -------
    str
        Two or three sentences.
    """
    sums = relocation.regions[strand, "sum"].sort_values()
    spans = [window for window in relocation.transfer[strand].columns if window != "sum"]
    row = row_of(relocation.contrast.reset_index(), strand=strand)
    chance = row["pvalue"] >= LEVEL
    said = say(
        "**By {strand}**, {windows}, the largest loss of share is that of {loser} ({loss} points); the largest gains "
        "are those of {winner} ({gain}) and {second} ({next}). The destinations that policy names, northern Anhui "
        "and northern Jiangsu, moved by {destinations} points together, the origins (Shanghai, southern Jiangsu, "
        "northern and eastern Zhejiang) by {origins}. Mean change of a destination less that of an origin: "
        "{difference} points ({p}, permutation of cities)",
        strand=name(strand),
        windows=say(" and ").join(spans),
        loser=name(str(sums.index[0])),
        loss=signed(sums.iloc[0]),
        winner=name(str(sums.index[-1])),
        gain=signed(sums.iloc[-1]),
        second=name(str(sums.index[-2])),
        next=signed(sums.iloc[-2]),
        destinations=signed(row["destinations"]),
        origins=signed(row["origins"]),
        difference=signed(row["difference"], 2),
        p=pvalue(float(row["pvalue"])),
    )
    return said + (say(": that cannot be told from chance.") if chance else say("."))


def largest(study: Study, relocation: Relocation, strand: str) -> str:
    """Name the cities that gained and lost most.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    relocation : Relocation
        The measures.
    strand : str
        "employment" or "value added".

    Returns
    -------
    str
        A sentence.
    """
    change = relocation.transfer[strand, "sum"]
    return say(
        "Among cities {gained} gained most and {lost} lost most.",
        gained=cities(study, change.nlargest(3).index),
        lost=cities(study, change.nsmallest(3).index),
    )


def centre_point(relocation: Relocation) -> str:
    """Say how far the centres moved, and where.

    Parameters
    ----------
    relocation : Relocation
        The measures.

    Returns
    -------
    str
        Two sentences.
    """
    parts = []
    for strand in relocation.contrast.index:
        row = row_of(relocation.moves, strand=strand, window="sum")
        parts.append(
            say(
                "that of {strand} by {distance:.0f} km {direction} from {first} to {last}",
                strand=name(strand),
                distance=row["distance"],
                direction=direction(float(row["bearing"])),
                first=row["first"],
                last=row["last"],
            )
        )
    return say(
        "**The gravity centre** moved: {parts} (moves inside the windows, added up).", parts=listed(parts)
    )


def changes_map(study: Study, relocation: Relocation) -> Drawing:
    """Draw gains and losses by city.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    relocation : Relocation
        The measures.

    Returns
    -------
    Drawing
        Two maps.
    """
    strands = list(relocation.contrast.index)
    changes = pd.DataFrame({strand: relocation.transfer[strand, "sum"] for strand in strands})
    spans = {
        strand: say(" and ").join(window for window in relocation.transfer[strand].columns if window != "sum")
        for strand in strands
    }
    return Drawing(
        "map-of-transfer",
        partial(
            map_changes,
            study.shapes,
            changes,
            titles={
                strand: say("{strand}, {windows}", strand=name(strand), windows=spans[strand])
                for strand in strands
            },
            provinces=study.provinces,
            unit=say("pp"),
        ),
        say("Change of each city's share of the delta, in percentage points."),
        say("Two maps with a triangle a city, filled for gains and hollow for losses, sized by the change."),
        say(
            "The nine largest changes of each map are named. What the data say of breaks: [[transfer-by-region]]."
        ),
        wide=True,
    )


def centres_map(study: Study, relocation: Relocation) -> Drawing:
    """Draw the paths of the gravity centres and the ellipses.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    relocation : Relocation
        The measures.

    Returns
    -------
    Drawing
        The delta and an enlarged part.
    """
    return Drawing(
        "gravity-path",
        partial(
            map_centres,
            study.shapes,
            relocation.centres.rename(columns={"strand": "series"}),
            relocation.ellipses.rename(columns={"strand": "series"}),
            titles={strand: name(strand) for strand in relocation.contrast.index},
            provinces=study.provinces,
        ),
        say("Gravity centres of manufacturing by year, and ellipses of one standard deviation."),
        say(
            "A map with two ellipses a sector, and the paths of the centres in an enlarged part with arrows."
        ),
        say(
            "Weighted by the seats of the cities. A path is cut between 2012 and 2013, where the coverage of "
            "employment changes: the jump between its two parts is no move."
        ),
        wide=True,
    )
