"""The chapters of the report beyond the paper, and what the first page says of them."""

from yrdspatial.replication.beyond import Beyond
from yrdspatial.replication.chapters.accounts import accounts_chapter
from yrdspatial.replication.chapters.borders import LEVEL, adjusted, borders_chapter
from yrdspatial.replication.chapters.core import core_chapter, far_rows
from yrdspatial.replication.chapters.naming import direction, interval, name, row_of, signed
from yrdspatial.replication.chapters.network import indirect, network_chapter
from yrdspatial.replication.chapters.relocation import relocation_chapter
from yrdspatial.replication.chapters.rings import rings_chapter
from yrdspatial.replication.chapters.sensitivity import rows_of, sensitivity_chapter
from yrdspatial.replication.chapters.wording import pvalue
from yrdspatial.replication.clustering import Clustering
from yrdspatial.replication.exhibits import Chapter
from yrdspatial.replication.study import Study
from yrdspatial.tables.speech import say


def beyond_chapters(study: Study, beyond: Beyond, clustering: Clustering, seed: int) -> list[Chapter]:
    """Tell the findings beyond the paper.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    beyond : Beyond
        The findings.
    clustering : Clustering
        Moran's I by year.
    seed : int
        Seed, for the notes.

    Returns
    -------
    list of Chapter
        In the order of the questions.
    """
    return [
        relocation_chapter(study, beyond.relocation, seed),
        borders_chapter(beyond.borders),
        network_chapter(beyond.network),
        rings_chapter(beyond.decay),
        core_chapter(beyond.core),
        sensitivity_chapter(beyond.sensitivity, seed),
        accounts_chapter(beyond.accounts, beyond.relocation, clustering, beyond.sensitivity),
    ]


def beyond_points(beyond: Beyond) -> list[str]:
    """Say the findings beyond the paper for the first page.

    Parameters
    ----------
    beyond : Beyond
        The findings.

    Returns
    -------
    list of str
        One point a question.
    """
    return [relocation_point(beyond), borders_point(beyond), core_point(beyond), sensitivity_point(beyond)]


def relocation_point(beyond: Beyond) -> str:
    """Say where manufacturing went.

    Parameters
    ----------
    beyond : Beyond
        The findings.

    Returns
    -------
    str
        A sentence a strand.
    """
    parts = []
    for strand in beyond.relocation.contrast.index:
        move = row_of(beyond.relocation.moves, strand=strand, window="sum")
        row = row_of(beyond.relocation.contrast.reset_index(), strand=strand)
        parts.append(
            say(
                "by {strand} northern Anhui and northern Jiangsu moved by {destinations} points of the delta and the "
                "origins that policy names by {origins} ({p}{chance}), the centre by {distance:.0f} km {direction}",
                strand=name(str(strand)),
                destinations=signed(row["destinations"]),
                origins=signed(row["origins"]),
                p=pvalue(float(row["pvalue"])),
                chance=say(", cannot be told from chance") if row["pvalue"] >= LEVEL else "",
                distance=move["distance"],
                direction=direction(float(move["bearing"])),
            )
        )
    return say("**Where manufacturing went**: {parts} ([[where-it-went]]).", parts=say("; ").join(parts))


def borders_point(beyond: Beyond) -> str:
    """Say whether spillovers cross borders, and what the network did.

    Parameters
    ----------
    beyond : Beyond
        The findings.

    Returns
    -------
    str
        Two sentences.
    """
    joint = adjusted(beyond.borders.tests).query("term == 'all'")
    without = beyond.borders.samples.query("sample == 'no Shanghai'")
    made = indirect(beyond.network).query("part == 'network'")
    return say(
        "**Borders and railways**: the neighbours inside a province and across its border are told apart in {apart} "
        "of {models} Durbin models, ρ alone without Shanghai in {rest} of {models} ([[borders]]); the part that the "
        "growth of the network had in the change of spillovers is told from zero in {clear} of {rows} rows "
        "([[network-change]]).",
        apart=int((joint["p_fdr"] < LEVEL).sum()),
        models=len(joint),
        rest=int((without["pvalue"] < LEVEL).sum()),
        clear=int((made["p_fdr"] < LEVEL).sum()),
        rows=len(made),
    )


def core_point(beyond: Beyond) -> str:
    """Say whether the core reaches the periphery.

    Parameters
    ----------
    beyond : Beyond
        The findings.

    Returns
    -------
    str
        A sentence.
    """
    rows = far_rows(beyond.core)
    clear = rows[rows["p_fdr"] < LEVEL]
    return say(
        "**From core to periphery**: what a change in Shanghai or the core around it does to northern Anhui and "
        "northern Jiangsu is told from zero in {clear} of {rows} rows, and never passes {most:.1f} % of what a "
        "city's own change does there ([[core-periphery]]).",
        clear=len(clear),
        rows=len(rows),
        most=float(clear["share"].abs().max()) if len(clear) else 0.0,
    )


def sensitivity_point(beyond: Beyond) -> str:
    """Say what hangs on the windows and vintages.

    Parameters
    ----------
    beyond : Beyond
        The findings.

    Returns
    -------
    str
        A sentence.
    """
    rows = rows_of(beyond.sensitivity, "employment", "rho", "rail")
    vintages = rows_of(beyond.sensitivity, "value added", "log_gdp_head", "contiguity")
    return say(
        "**What hangs on choices**: ρ of employment along the railway is {early} in 2006-2012 and {late} in "
        "2013-2019; the spillover of GDP per head on value added from 2010 on is {published} with the population "
        "first published and {adjusted} with the one between censuses ([[sensitivity]]).",
        early=interval(row_of(rows, variant="first window")),
        late=interval(row_of(rows, variant="second window")),
        published=interval(row_of(vintages, variant="2010 on, population as published")),
        adjusted=interval(row_of(vintages, variant="2010 on, population adjusted")),
    )
