"""The first page of the report: the answers in a few sentences, each from a number computed below."""

from collections.abc import Sequence

import pandas as pd

from yrdspatial.replication.chapters.wording import cities, number, title
from yrdspatial.replication.clustering import Clustering
from yrdspatial.replication.exhibits import Chapter
from yrdspatial.replication.specialization import Specialization
from yrdspatial.replication.spillovers import Estimate, Spillovers
from yrdspatial.replication.study import FROZEN_YEAR, Study
from yrdspatial.report.html import Bullets, Paragraph
from yrdspatial.tables.speech import listed, say, term


def summary_chapter(
    study: Study,
    measures: Specialization,
    clustering: Clustering,
    spillovers: Spillovers,
    more: Sequence[str] = (),
) -> Chapter:
    """Answer the questions of the report.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    measures : Specialization
        Stage 2.
    clustering : Clustering
        Stage 3.
    spillovers : Spillovers
        Stage 4.
    more : sequence of str
        Points on the findings beyond the paper.

    Returns
    -------
    Chapter
        A few points.
    """
    return Chapter(
        "summary",
        say("In brief"),
        [
            Paragraph(
                say(
                    "Forty-one cities, {first} to {last}, official statistics, and a rail network dated to the day. "
                    "Each sentence is computed from the data that ship; the sections below show how.",
                    first=study.panel.years[0],
                    last=study.panel.years[-1],
                )
            ),
            Bullets(
                [
                    distance_point(study),
                    industry_point(study, measures),
                    cluster_point(clustering),
                    *[spillover_point(spillovers, strand) for strand in ("employment", "value added")],
                    *more,
                ]
            ),
        ],
    )


def distance_point(study: Study) -> str:
    """Say how much nearer the cities came.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    str
        A sentence.
    """
    last = study.times.years[-1]
    medians = {
        year: pd.Series(study.times.frame(year).to_numpy().ravel()).loc[lambda minutes: minutes > 0].median()
        for year in (FROZEN_YEAR, last)
    }
    return say(
        "**How far.** The median time between two cities fell from {before:.0f} minutes in {first} to {after:.0f} in "
        "{last} ([[how-far]]).",
        before=medians[FROZEN_YEAR],
        first=FROZEN_YEAR,
        after=medians[last],
        last=last,
    )


def industry_point(study: Study, measures: Specialization) -> str:
    """Say where manufacturing and services weigh most.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    measures : Specialization
        Stage 2.

    Returns
    -------
    str
        A sentence.
    """
    newest = int(measures.value_added.index.unique("year").max())
    table = measures.value_added.xs(newest, level="year")
    return say(
        "**Who does what.** By value added in {year} the tertiary sector weighs most in {tertiary}, the secondary in "
        "{secondary} ([[specialization]]).",
        year=newest,
        tertiary=cities(study, table["va_tertiary"].nlargest(3).index),
        secondary=cities(study, table["va_secondary"].nlargest(3).index),
    )


def cluster_point(clustering: Clustering) -> str:
    """Say whether manufacturing and services cluster in the last year.

    Parameters
    ----------
    clustering : Clustering
        Stage 3.

    Returns
    -------
    str
        A sentence.
    """
    table = clustering.table
    phrases = []
    for name in ("manufacturing", "producer_services_5", "va_secondary", "va_tertiary"):
        rows = table[table["variable"] == name]
        last = rows[rows["year"] == rows["year"].max()].set_index("weights")
        values = say(" and ").join(
            say(
                "{value}{star} ({weights})",
                value=number(last.loc[family, "I"]),
                star="*" if last.loc[family, "p_sim"] < 0.05 else "",
                weights=title(family),
            )
            for family in ("contiguity", "rail")
        )
        phrases.append(
            say("{measure} in {year}: {values}", measure=title(name), year=rows["year"].max(), values=values)
        )
    return say(
        "**Does it cluster.** Moran's I, * at 5 %: {phrases} ([[clustering]]).",
        phrases=say("; ").join(phrases),
    )


def spillover_point(spillovers: Spillovers, strand: str) -> str:
    """Say the spatial parameter of a strand.

    Parameters
    ----------
    spillovers : Spillovers
        Stage 4.
    strand : str
        Name of a strand.

    Returns
    -------
    str
        A sentence.
    """
    models = [one for one in spillovers.main if (one.strand, one.model) == (strand, "SDM")]
    values = listed(
        say(
            "{rho} ± {half:.2f} ({weights})",
            rho=number(one.results.params["rho"]),
            half=1.96 * one.results.std_errors["rho"],
            weights=title(one.weights),
        )
        for one in models
    )
    readings = say("; ").join(
        say("{reading} under {weights}", reading=reading(one), weights=title(one.weights)) for one in models
    )
    return say(
        "**Does it spill over: {strand}.** Given their own and their neighbours' characteristics, the shares of "
        "neighbours {readings}. ρ of the Durbin model with its 95 % band: {values} ([[spillovers]]).",
        strand=term(strand),
        readings=readings,
        values=values,
    )


def reading(one: Estimate) -> str:
    """Say what ρ says.

    Parameters
    ----------
    one : Estimate
        A fitted model.

    Returns
    -------
    str
        Three verbs: move together, move apart, or show no link that can be told from zero at 5 %.
    """
    if one.results.pvalues["rho"] >= 0.05:
        return say("show no link that can be told from chance")
    return say("move together") if one.results.params["rho"] > 0 else say("move apart")
