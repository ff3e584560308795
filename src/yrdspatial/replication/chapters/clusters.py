"""Chapter 4 of the report: does specialization cluster, and where."""

from functools import partial

import pandas as pd

from yrdspatial.autocorrelation.permutation import floor
from yrdspatial.autocorrelation.results import Lisa
from yrdspatial.replication.chapters.wording import breaks_of, cities, number, pvalue, short_names, title
from yrdspatial.replication.clustering import LOCAL_VARIABLES, Clustering
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.study import Study
from yrdspatial.report.dynamics import transition_flow
from yrdspatial.report.figures import moran_over_time, moran_scatter
from yrdspatial.report.html import Caution, Paragraph
from yrdspatial.report.maps import map_clusters
from yrdspatial.tables.speech import listed, say


def cluster_chapter(
    study: Study, measures: dict[str, pd.Series], clustering: Clustering, permutations: int
) -> Chapter:
    """Show Moran's I over time, the clusters by year, and the scatter behind them.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    measures : dict of str to pandas.Series
        The measures tested, indexed (unit, year).
    clustering : Clustering
        Their statistics.
    permutations : int
        Number of permutations, for the notes.

    Returns
    -------
    Chapter
        Figures and tables.
    """
    table = clustering.table
    note = say(
        "Permutation p-values, two-sided, {permutations} permutations, at least {floor:.4f}; rail weights are those of "
        "the year.",
        permutations=permutations,
        floor=floor(permutations),
    )
    over_time = partial(
        moran_over_time,
        table[table["variable"].isin(LOCAL_VARIABLES)],
        breaks={name: breaks_of(name) for name in LOCAL_VARIABLES},
        band=True,
        titles={name: title(name) for name in (*LOCAL_VARIABLES, "contiguity", "rail")},
    )
    return Chapter(
        "clustering",
        say("Does it cluster"),
        [
            Paragraph(verdict(table)),
            Drawing(
                "moran-over-time",
                over_time,
                say(
                    "Moran's I by year under contiguity and under rail time of the year, each with its band of chance "
                    "(95 %, randomization); breaks of the data marked."
                ),
                say(
                    "Four panels of lines over the years, one for each measure; each panel has a line for contiguity "
                    "and one for rail."
                ),
                note,
            ),
            Caution(
                say(
                    "The fall of Moran's I of manufacturing between 2012 and 2013 is the wider coverage of the "
                    "statistics, not a change of the economy; so is a step of value added between 2018 and 2019 "
                    "(economic census)."
                ),
                title=say("Steps that are no change"),
            ),
            *[cluster_part(study, clustering, name, note) for name in LOCAL_VARIABLES],
            scatter(study, measures["manufacturing"]),
            flow(clustering),
            moran_table(table, note),
            Exhibit("lisa", lisa_table(clustering), say("Local Moran by unit and year."), long=True),
        ],
    )


def verdict(table: pd.DataFrame) -> str:
    """Say in how many years each measure clusters.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of `Clustering`.

    Returns
    -------
    str
        A paragraph.
    """
    sentences = []
    for name in LOCAL_VARIABLES:
        parts = []
        for family in ("contiguity", "rail"):
            line = table[(table["variable"] == name) & (table["weights"] == family)].sort_values("year")
            end = line.iloc[-1]
            parts.append(
                say(
                    "{count} of {years} years under {weights} (I = {moran} in {end:.0f}, {p})",
                    count=int((line["p_sim"] < 0.05).sum()),
                    years=len(line),
                    weights=title(family),
                    moran=number(end["I"], 3),
                    end=end["year"],
                    p=pvalue(end["p_sim"]),
                )
            )
        sentences.append(
            say(
                "**{measure}** is autocorrelated at 5 % in {parts}.",
                measure=title(name),
                parts=say(" and ").join(parts),
            )
        )
    return say(" ").join(sentences)


def cluster_part(study: Study, clustering: Clustering, name: str, note: str) -> Drawing | Paragraph:
    """Draw the clusters of a measure, or say that there are none in any year.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    clustering : Clustering
        The statistics.
    name : str
        A measure.
    note : str
        How the p-values were made.

    Returns
    -------
    Drawing or Paragraph
        Maps, or a sentence.
    """
    table = clustering.local["contiguity", name].table
    if (table["cluster"] == "not significant").all():
        years = table["year"]
        return Paragraph(
            say(
                "**{measure}**: under contiguity no city is a cluster or an outlier of local Moran in any year from "
                "{first} to {last} once the false discovery rate over all cities and years is held at 5 %.",
                measure=title(name),
                first=years.min(),
                last=years.max(),
            )
        )
    return cluster_maps(study, clustering, name, note)


def cluster_maps(study: Study, clustering: Clustering, name: str, note: str) -> Drawing:
    """Draw the clusters of one measure by year under contiguity, and say them in the caption.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    clustering : Clustering
        The statistics.
    name : str
        A measure.
    note : str
        How the p-values were made.

    Returns
    -------
    Drawing
        One map a year.
    """
    lisa = clustering.local["contiguity", name]
    present = lisa.table["year"].unique()
    employment = (2005, 2009, 2012, 2013, 2016, 2019)
    wanted = (2006, 2009, 2012, 2015, 2018, max(present)) if name.startswith("va_") else employment
    years = [year for year in wanted if year in present]
    return Drawing(
        "clusters-" + name.replace("_", "-"),
        partial(
            map_clusters,
            study.shapes,
            lisa.table,
            years=years,
            label=title(name),
            nominal=0.05,
            provinces=study.provinces,
        ),
        say(
            "{measure}: clusters of local Moran under contiguity at a false discovery rate of 5 %. ",
            measure=title(name),
        )
        + described_clusters(study, lisa, int(max(present))),
        say(
            "Maps of the delta with the clusters of {measure}, one for each of {years}.",
            measure=title(name),
            years=listed(map(str, years)),
        ),
        note
        + say(
            " One family of tests: all cities and years of the measure. Dots: below 5 % before the correction only."
        ),
        wide=True,
    )


def described_clusters(study: Study, lisa: Lisa, year: int) -> str:
    """Name the high and low clusters of a year.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    lisa : Lisa
        Local statistics.
    year : int
        A year.

    Returns
    -------
    str
        A sentence.
    """
    clusters = lisa.clusters(year)
    high, low = (cities(study, clusters.index[clusters == kind]) for kind in ("HH", "LL"))
    return say("In {year}, high among high: {high}; low among low: {low}.", year=year, high=high, low=low)


def scatter(study: Study, values: pd.Series) -> Drawing:
    """Draw the Moran scatter of the ends of both windows.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    values : pandas.Series
        Indexed (unit, year).

    Returns
    -------
    Drawing
        Four panels.
    """
    wide = values.unstack("year")[[2005, 2012, 2013, 2019]]
    scores = (wide - wide.mean()) / wide.std(ddof=0)
    matrix = study.weights["contiguity"].array(scores.index, [2019])[0]
    lags = pd.DataFrame(matrix @ scores.to_numpy(), index=scores.index, columns=scores.columns)
    return Drawing(
        "moran-scatter",
        partial(moran_scatter, scores, lags, short_names(study), label=title(str(values.name)), columns=2),
        say(
            "{measure}: each city against the mean of its neighbours, ends of both windows.",
            measure=title(str(values.name)),
        ),
        say("Four scatter plots of cities against the mean of their neighbours, with names."),
        say("Standardized values; contiguity, row-standardized; the slope is Moran's I."),
        wide=True,
    )


def flow(clustering: Clustering) -> Drawing:
    """Draw the moves between the quadrants of the Moran scatter from year to year.

    Parameters
    ----------
    clustering : Clustering
        The statistics.

    Returns
    -------
    Drawing
        One panel a measure.
    """
    moves = {title(name): clustering.local["contiguity", name].transitions() for name in LOCAL_VARIABLES}
    return Drawing(
        "lisa-transitions",
        partial(transition_flow, moves),
        say(
            "Moves of the cities between the quadrants of the Moran scatter from one year to the next, contiguity."
        ),
        say("Ribbons from the quadrants of one year to those of the next; most cities stay."),
        say(
            "All pairs of successive years; HH high among high, LL low among low, HL and LH outliers; not tested. The "
            "moves across a known break of the data are among them."
        ),
        wide=True,
    )


def moran_table(table: pd.DataFrame, note: str) -> Exhibit:
    """Tabulate the global statistics, with the main years in the report.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of `Clustering`.
    note : str
        How the p-values were made.

    Returns
    -------
    Exhibit
        Moran's I with its moments and p-values.
    """
    ends = table.groupby("variable")["year"].transform("max")
    shown = table[(table["year"].isin([2005, 2012, 2013, 2019]) | (table["year"] == ends))]
    shown = shown.assign(variable=shown["variable"].map(title), weights=shown["weights"].map(title))
    return Exhibit(
        "moran",
        table,
        say("Moran's I of location quotients, ends of the windows and the last year."),
        notes=(note, say("z and p under normality and under randomization beside the permutation p-value.")),
        formats={
            "z_norm": ".2f",
            "z_rand": ".2f",
            "p_norm": ".4f",
            "p_rand": ".4f",
            "p_sim": ".4f",
            "year": ".0f",
        },
        shown=shown.sort_values(["variable", "weights", "year"]).reset_index(drop=True),
    )


def lisa_table(clustering: Clustering) -> pd.DataFrame:
    """Stack the local statistics of every measure and family of weights.

    Parameters
    ----------
    clustering : Clustering
        The statistics.

    Returns
    -------
    pandas.DataFrame
        The tables of `Lisa` with a column weights.
    """
    return pd.concat(
        [lisa.table.assign(weights=family) for (family, _), lisa in clustering.local.items()],
        ignore_index=True,
    )
