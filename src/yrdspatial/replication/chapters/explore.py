"""The map to ask, after the first page: measures, clusters, neighbours and times of every city and year."""

import pandas as pd

from yrdspatial.replication.chapters.wording import title
from yrdspatial.replication.clustering import Clustering
from yrdspatial.replication.exhibits import Chapter
from yrdspatial.replication.spillovers import Spillovers
from yrdspatial.replication.study import Study
from yrdspatial.report.html import Paragraph
from yrdspatial.report.interactive import Layer, MapBlock, neighbour_table

FAMILIES = ("contiguity", "rail")
LAYERS = ("manufacturing", "producer_services_5", "va_secondary")
STEPS = {"manufacturing": {2013: "coverage widens"}, "producer_services_5": {2013: "coverage widens"}}
CENSUS = {2019: "4th census"}


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
        Layer(title(name), {"": measures[name].unstack("year")}, steps=STEPS.get(name, CENSUS))
        for name in LAYERS
    ]
    clusters = {family: clusters_by_year(clustering, family) for family in FAMILIES}
    layers.append(
        Layer("Clusters of manufacturing (local Moran, FDR)", clusters, steps=STEPS["manufacturing"])
    )
    received = {family: spillovers.received[family] for family in FAMILIES}
    layers.append(Layer("Spillover received, ln share of secondary value added", received, steps=CENSUS))
    return Chapter(
        "explore",
        "Ask the map",
        [
            Paragraph(
                "Choose a layer, a year and a family of weights; a click on a city (or Tab and Enter) shows its "
                "neighbours, the minutes to them, and its series."
            ),
            MapBlock(
                "map",
                study.shapes,
                layers,
                neighbour_table({family: study.weights[family] for family in FAMILIES}, study.times),
                "Location quotients, clusters, spillovers and neighbours by year.",
                note="Series are cut at the known breaks of the data. Minutes on 1 July of the year. Spillover "
                "received: what the GDP per head of the other cities adds to the log of a city's share of secondary "
                "value added, against the mean of the year (Durbin model of value added).",
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
