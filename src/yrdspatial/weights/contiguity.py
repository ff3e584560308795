"""Who shares a border: from the polygons, with the borders of earlier years and a stated policy for islands."""

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.datasets import read_table
from yrdspatial.errors import WeightsError
from yrdspatial.geography.shapes import load_shapes
from yrdspatial.geography.units import load_units
from yrdspatial.weights.graphs import as_year, graph_of, label_ranks, named, unique_labels
from yrdspatial.weights.matrices import canonical
from yrdspatial.weights.standardize import Standardization
from yrdspatial.weights.standardize import standardize as scaled

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

Rule: TypeAlias = Literal["queen", "rook"]
Islands: TypeAlias = Literal["bridge", "nearest", "keep", "error"]
"""What becomes of a unit that touches no other."""

Positions: TypeAlias = npt.NDArray[np.intp]


def contiguity_weights(
    shapes: "gpd.GeoDataFrame | None" = None,
    *,
    year: int | None = None,
    rule: Rule = "queen",
    islands: Islands = "bridge",
    standardize: Standardization = "row",
) -> "Graph":
    """Make the weights of units that share a border.

    Neighbours come from the polygons. The polygons of the 41 cities are those of 2024; for years before 2016 the
    pairs that the boundary changes of 2011 and 2015 made or unmade are put back, as ``shapes/adjacency.csv`` says.

    Parameters
    ----------
    shapes : GeoDataFrame, optional
        Polygons indexed by unit; by default the 41 cities.
    year : int, optional
        Borders of that year, from 2000 on; by default those of 2016 on. Only for the 41 cities or some of them.
    rule : {"queen", "rook"}
        Neighbours share at least a point, or a line.
    islands : {"bridge", "nearest", "keep", "error"}
        - "bridge": a unit that touches no other is tied by its documented sea bridge (Zhoushan to Ningbo); an error
          if it has none.
        - "nearest": it is tied to the unit whose polygon is nearest; the smaller label where two are as near.
        - "keep": it stays without neighbours.
        - "error": it is an error.
    standardize : {"row", "spectral", "minmax", "common", "none"}
        As in ``standardize``; "none" gives zeros and ones.

    Returns
    -------
    Graph
        Weights in the order of the shapes.

    Raises
    ------
    WeightsError
        If a request does not exist, or units touch no other and ``islands`` leaves that open.

    Examples
    --------
    >>> contiguity_weights(standardize="none").n_edges // 2
    100
    >>> contiguity_weights(year=2008)[330900].to_dict()
    {330200: 1.0}
    """
    for name, value, known in (("rule", rule, Rule), ("islands policy", islands, Islands)):
        if value not in get_args(known):
            raise WeightsError(
                f"there is no {name} {value!r}", cure=f"choose one of {', '.join(get_args(known))}"
            )
    polygons = load_shapes() if shapes is None else shapes
    units = unique_labels(polygons.index, "shapes")
    links = touching(_checked_polygons(polygons, units), rule)
    if year is not None:
        links = _of_year(links, units, as_year(year))
    links = links if islands == "keep" else links + _ties(links, polygons, islands)
    return scaled(graph_of(canonical(links), units), standardize)


def touching(polygons: npt.NDArray[np.object_], rule: Rule = "queen") -> csr_array:
    """Find the polygons that touch.

    In a valid coverage, polygons that touch share vertices, and these are counted; otherwise (small overlaps,
    vertices on one side of a border only) the relation of each pair of near polygons is computed.

    Parameters
    ----------
    polygons : ndarray of shapely geometries, shape (N,)
        Valid polygons.
    rule : {"queen", "rook"}
        At least a point, or a line, in common; an overlap counts for both.

    Returns
    -------
    csr_array, shape (N, N)
        One where two polygons touch, symmetric, zero diagonal.

    Examples
    --------
    >>> import shapely
    >>> boxes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(2, 1, 3, 2)])
    >>> touching(boxes, "rook").toarray()
    array([[0., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    import shapely

    find = _shared if shapely.coverage_is_valid(polygons) else _related
    rows, cols = find(polygons, rule)
    apart = rows != cols
    return _ones(rows[apart], cols[apart], len(polygons))


def _shared(polygons: npt.NDArray[np.object_], rule: Rule) -> tuple[Positions, Positions]:
    # pairs of polygons with a vertex (queen) or an edge (rook) in common
    import shapely

    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    key = np.unique(points.view(np.complex128).ravel(), return_inverse=True)[1]
    if rule == "rook":
        inside = ring[:-1] == ring[1:]
        first, second = key[:-1][inside], key[1:][inside]
        edge = np.minimum(first, second) * (int(key.max()) + 1) + np.maximum(first, second)
        key = np.unique(edge, return_inverse=True)[1]
        ring = ring[:-1][inside]
    unit = owner[part[ring]]
    incidence = csr_array((np.ones(key.size), (unit, key)), shape=(len(polygons), int(key.max()) + 1))
    rows, cols = (incidence @ incidence.T).nonzero()
    return rows, cols


def _related(polygons: npt.NDArray[np.object_], rule: Rule) -> tuple[Positions, Positions]:
    # pairs of polygons with a point (queen), or with more than points (rook), in common
    import shapely

    rows, cols = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    if rule == "queen":
        return rows, cols
    rows, cols = rows[rows < cols], cols[rows < cols]
    more = ~shapely.relate_pattern(polygons[rows], polygons[cols], "F***0****")
    return np.concatenate([rows[more], cols[more]]), np.concatenate([cols[more], rows[more]])


def _ones(rows: Positions, cols: Positions, count: int) -> csr_array:
    matrix = canonical(csr_array((np.ones(rows.size), (rows, cols)), shape=(count, count)))
    matrix.data[:] = 1.0
    return matrix


def _checked_polygons(shapes: "gpd.GeoDataFrame", units: "pd.Index[Any]") -> npt.NDArray[np.object_]:
    import shapely

    if not hasattr(shapes, "geometry"):
        raise WeightsError("no polygons", where=type(shapes).__name__, cure="give shapes as of load_shapes()")
    polygons = np.asarray(shapes.geometry.array, dtype=object)
    areal = np.isin(shapely.get_type_id(polygons), (3, 6)) & ~shapely.is_empty(polygons)
    for what, good, cure in (
        ("shapes that are no polygons", areal, "give every unit a polygon"),
        ("invalid polygons", shapely.is_valid(polygons), "repair them with shapes.make_valid()"),
    ):
        if not good.all():
            raise WeightsError(what, where=named(units[~good]), cure=cure)
    return polygons


def _of_year(links: csr_array, units: "pd.Index[Any]", year: int) -> csr_array:
    table = read_table("shapes/adjacency.csv")
    eras = {int(name.split("_")[1]): name for name in table.columns if name.startswith("adj_")}
    strange = units[~units.isin(load_units().index)]
    if len(strange):
        cure = "leave year out; the shapes are the borders"
        raise WeightsError(
            "borders of other years are known for the 41 cities only", where=named(strange), cure=cure
        )
    if year < min(eras):
        cure = f"choose a year from {min(eras)} on, or leave year out"
        raise WeightsError("borders of this year are not known", where=str(year), cure=cure)
    then, now = (table[eras[max(start for start in eras if start <= limit)]] for limit in (year, max(eras)))
    made, gone = _pairs(table[then > now], units), _pairs(table[then < now], units)
    return canonical(links.maximum(made) - links.multiply(gone))


def _pairs(table: pd.DataFrame, units: "pd.Index[Any]") -> csr_array:
    # pairs of codes, both ways; a pair with an end outside the units is left out
    ends = np.stack([units.get_indexer(pd.Index(table[name])) for name in ("a_adcode", "b_adcode")])
    rows, cols = ends[:, (ends >= 0).all(axis=0)]
    return _both_ways(rows, cols, len(units))


def _both_ways(rows: Positions, cols: Positions, count: int) -> csr_array:
    return _ones(np.concatenate([rows, cols]), np.concatenate([cols, rows]), count)


def _ties(links: csr_array, shapes: "gpd.GeoDataFrame", islands: Islands) -> csr_array:
    alone = np.flatnonzero(np.diff(links.indptr) == 0)
    if islands == "nearest":
        return _both_ways(alone, _nearest(shapes, alone), len(shapes))
    table = read_table("shapes/adjacency.csv")
    bridges = table[(table["kind"] == "sea_bridge") & (islands == "bridge")]
    rows, cols = _pairs(bridges, shapes.index).nonzero()
    ends = np.isin(rows, alone)
    left = np.setdiff1d(alone, rows[ends])
    if left.size:
        what = "units that touch no other" + (" and have no documented bridge" if islands == "bridge" else "")
        raise WeightsError(what, where=named(shapes.index[left]), cure='choose islands="nearest" or "keep"')
    return _both_ways(rows[ends], cols[ends], len(shapes))


def _nearest(shapes: "gpd.GeoDataFrame", alone: Positions) -> Positions:
    plane = shapes.geometry
    if plane.crs is not None and plane.crs.is_geographic:
        plane = plane.to_crs(plane.estimate_utm_crs())
    ranks = label_ranks(shapes.index)
    found = np.empty_like(alone)
    for place, island in enumerate(alone):
        gaps = plane.distance(plane.iloc[island], align=False).to_numpy(copy=True)
        gaps[island] = np.inf
        found[place] = np.lexsort((ranks, gaps))[0]
    return found
