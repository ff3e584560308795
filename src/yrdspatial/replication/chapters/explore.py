"""The map to ask, after the first page: measures, clusters, neighbours and times of every city and year."""

import pandas as pd

from yrdspatial.replication.chapters.wording import breaks_of, title
from yrdspatial.replication.clustering import Clustering
from yrdspatial.replication.exhibits import Chapter
from yrdspatial.replication.spillovers import Spillovers
from yrdspatial.replication.study import Study
from yrdspatial.report.html import Paragraph
from yrdspatial.report.interactive import Layer, MapBlock, neighbour_table
from yrdspatial.tables.speech import say

FAMILIES = ("contiguity", "rail")
LAYERS = ("manufacturing", "producer_services_5", "va_secondary")


def explore_chapter(
    study: Study, measures: dict[str, pd.Series], clustering: Clustering, spillovers: Spillovers
) -> Chapter:
    """Build the interactive map.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    measures : dict of str to pandas.Series
        The measures, indexed (unit, year).
    clustering : Clustering
        Their local statistics.
    spillovers : Spillovers
        Stage 4.

    Returns
    -------
    Chapter
        One map.
    """
    layers = [
        Layer(title(name), {"": measures[name].unstack("year")}, steps=breaks_of(name)) for name in LAYERS
    ]
    clusters = {family: clusters_by_year(clustering, family) for family in FAMILIES}
    found = say("Clusters of manufacturing (local Moran, FDR)")
    layers.append(Layer(found, clusters, steps=breaks_of("manufacturing")))
    received = {family: spillovers.received[family] for family in FAMILIES}
    what = say("Spillover received, ln share of secondary value added")
    layers.append(Layer(what, received, steps=breaks_of("va_secondary")))
    return Chapter(
        "explore",
        say("Ask the map"),
        [
            Paragraph(
                say(
                    "Choose a layer, a year and a family of weights; a click on a city (or Tab and Enter) shows its "
                    "neighbours, the minutes to them, and its series."
                )
            ),
            MapBlock(
                "map",
                study.shapes,
                layers,
                neighbour_table({family: study.weights[family] for family in FAMILIES}, study.times),
                say("Location quotients, clusters, spillovers and neighbours by year."),
                note=say(
                    "Series are cut at the known breaks of the data. Minutes on 1 July of the year. Spillover "
                    "received: what the GDP per head of the other cities adds to the log of a city's share of "
                    "secondary value added, against the mean of the year (Durbin model of value added)."
                ),
                titles={family: title(family) for family in FAMILIES},
            ),
        ],
    )


def clusters_by_year(clustering: Clustering, family: str) -> pd.DataFrame:
    """Lay out the clusters of manufacturing.

    Parameters
    ----------
    clustering : Clustering
        The statistics.
    family : str
        A family of weights.

    Returns
    -------
    pandas.DataFrame
        Units x years, names of clusters.
    """
    table = clustering.local[family, "manufacturing"].table
    return table.set_index(["unit", "year"])["cluster"].unstack("year")
