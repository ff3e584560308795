"""Which unit a point lies in: cells wholly inside a unit answer at once, the others ask the polygons."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

CELLS_A_SIDE = 400
MARGIN = 1e-9  # degrees: a point that rounding puts into the next cell is still inside the unit
OUTSIDE, BORDER = -1, -2
NOWHERE = -999.0
Places = npt.NDArray[np.int16]


@dataclass(frozen=True)
class UnitGrid:
    """The polygons of units under a grid of square cells.

    Attributes
    ----------
    polygons : ndarray of geometries, shape (N,)
        Longitude and latitude, WGS 84.
    origin : tuple of float
        South-west corner in degrees.
    step : float
        Side of a cell in degrees.
    cells : ndarray, shape (rows, columns)
        The unit that a cell lies in, ``OUTSIDE``, or ``BORDER``.
    """

    polygons: npt.NDArray[np.object_]
    origin: tuple[float, float]
    step: float
    cells: Places

    def find(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Places:
        """Find the units that points lie in; a point on a common border belongs to the first of its units.

        Parameters
        ----------
        lon, lat : ndarray, shape (n,)
            Degrees, WGS 84.

        Returns
        -------
        ndarray, shape (n,)
            Positions of units, or ``OUTSIDE``.
        """
        column = np.floor((lon - self.origin[0]) / self.step)
        row = np.floor((lat - self.origin[1]) / self.step)
        within = (row >= 0) & (row < self.cells.shape[0]) & (column >= 0) & (column < self.cells.shape[1])
        found = np.full(len(lon), OUTSIDE, np.int16)
        found[within] = self.cells[row[within].astype(int), column[within].astype(int)]
        doubtful = np.flatnonzero(found == BORDER)
        found[doubtful] = self._ask(lon[doubtful], lat[doubtful])
        return found

    def _ask(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Places:
        tree = shapely.STRtree(self.polygons)
        points, units = tree.query(shapely.points(lon, lat), predicate="intersects")
        first = np.full(len(lon), len(self.polygons), np.int16)
        np.minimum.at(first, points, units.astype(np.int16))
        first[first == len(self.polygons)] = OUTSIDE
        return first


def unit_grid(shapes: gpd.GeoDataFrame) -> UnitGrid:
    """Lay a grid over the polygons of units.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        N units, EPSG:4326.

    Returns
    -------
    UnitGrid
        Gives the same answers as the polygons alone.

    Examples
    --------
    >>> from yrdspatial import load_shapes
    >>> unit_grid(load_shapes()).find(np.array([121.47, 0.0]), np.array([31.23, 0.0])).tolist()
    [0, -1]
    """
    polygons = shapes.geometry.to_numpy()
    west, south, east, north = shapes.total_bounds
    step = max(east - west, north - south, MARGIN) / CELLS_A_SIDE
    columns, rows = int((east - west) / step) + 1, int((north - south) / step) + 1
    x, y = np.meshgrid(west + step * np.arange(columns), south + step * np.arange(rows))
    boxes = shapely.box(x - MARGIN, y - MARGIN, x + step + MARGIN, y + step + MARGIN).ravel()
    tree = shapely.STRtree(boxes)
    cells = np.full(rows * columns, OUTSIDE, np.int16)
    cells[tree.query(polygons, predicate="intersects")[1]] = BORDER
    units, inside = tree.query(polygons, predicate="contains_properly")
    cells[inside[::-1]] = units[::-1]
    return UnitGrid(polygons, (float(west), float(south)), float(step), cells.reshape(rows, columns))
