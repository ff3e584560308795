"""What the main job works on: the data of the delta, opened once, and the weights that every stage shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from yrdspatial.geography.shapes import load_shapes
from yrdspatial.geography.units import load_units
from yrdspatial.panel.panel import Panel, load_panel
from yrdspatial.rail.network import RailNetwork, load_rail
from yrdspatial.rail.travel_time import TravelTimes, travel_times
from yrdspatial.weights.contiguity import contiguity_weights
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.series import WeightsSeries, as_series

FROZEN_YEAR = 2008


@dataclass(frozen=True)
class Study:
    """The inputs of the main job.

    Attributes
    ----------
    units : pandas.DataFrame
        The 41 units, indexed by adcode.
    shapes, provinces : geopandas.GeoDataFrame
        Polygons of the units and of the four provinces, EPSG:4326.
    panel : Panel
        The city panel, every year there is.
    rail : RailNetwork
        The dated rail network.
    times : TravelTimes
        Minutes between cities at the middle of each panel year, with fallback.
    weights : mapping of str to WeightsSeries
        "contiguity" (the pairs of 2016 on, in every year), "rail" (five nearest in rail time of the year) and
        "rail_frozen" (five nearest in the rail time of 2008, in every year); row-standardized.
    """

    units: pd.DataFrame
    shapes: gpd.GeoDataFrame
    provinces: gpd.GeoDataFrame
    panel: Panel
    rail: RailNetwork
    times: TravelTimes
    weights: Mapping[str, WeightsSeries]


def open_study(data_dir: str | Path | None = None) -> Study:
    """Open the data of the main job.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's own data folder: its years, polygons and railways are laid over the shipped ones.

    Returns
    -------
    Study
        Data and weights, ready for every stage.
    """
    panel = load_panel(data_dir=data_dir)
    years = list(panel.years)
    rail = load_rail(data_dir=data_dir)
    times = travel_times(years, network=rail)
    shapes = load_shapes("city", data_dir=data_dir)
    return Study(
        units=load_units(),
        shapes=shapes,
        provinces=load_shapes("province", data_dir=data_dir),
        panel=panel,
        rail=rail,
        times=times,
        weights=shared_weights(times, years, shapes),
    )


def shared_weights(
    times: TravelTimes, years: list[int], shapes: gpd.GeoDataFrame | None = None
) -> dict[str, WeightsSeries]:
    """Build the three families of weights that every stage compares.

    Parameters
    ----------
    times : TravelTimes
        Minutes between cities by year; must hold 2008.
    years : list of int
        The years of the panel.
    shapes : GeoDataFrame, optional
        The polygons that say who touches whom; the shipped ones when left out.

    Returns
    -------
    dict of str to WeightsSeries
        "contiguity", "rail" and "rail_frozen", row-standardized, for every year of `years`.
    """
    by_year = rail_weights(times)
    return {
        "contiguity": as_series(contiguity_weights(shapes), years),
        "rail": by_year,
        "rail_frozen": as_series(by_year[FROZEN_YEAR], years),
    }
