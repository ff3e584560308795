"""The polygons of the delta, cities and provinces, with names and codes."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from yrdspatial.datasets import dataset_path
from yrdspatial.errors import DataError
from yrdspatial.geography.units import load_units

if TYPE_CHECKING:
    import geopandas as gpd

LAYERS = {"city": "cities", "province": "provinces"}
FILE = "shapes/yrd.gpkg"
SWAP = "write the layers cities and provinces as data/README.md says and register the file again"


def load_shapes(
    level: Literal["city", "province"] = "city", *, data_dir: str | Path | None = None
) -> "gpd.GeoDataFrame":
    """Load the polygons of the cities or the provinces.

    The boundaries are those of 2024, simplified together (neighbours keep a common border); coastal polygons include
    water, so areas come from the yearbook and not from here.

    Parameters
    ----------
    level : {"city", "province"}
        The 41 cities, or the three provinces and Shanghai.
    data_dir : str or Path, optional
        The user's data folder; ``shapes/yrd.gpkg`` there replaces the shipped polygons.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``adcode`` (int64, sorted), EPSG:4326; columns ``name_zh``, ``name_en`` (cities also ``province_zh``,
        ``province_en``) and ``geometry``.

    Raises
    ------
    DataError
        If the level does not exist, or the file is not registered, has no such layer, column or reference system, or
        does not hold exactly the units.

    Examples
    --------
    >>> load_shapes().shape
    (41, 5)
    >>> load_shapes("province")["name_en"].tolist()
    ['Shanghai', 'Jiangsu', 'Zhejiang', 'Anhui']
    """
    if level not in LAYERS:
        raise DataError(f'there are no shapes of level "{level}"', cure=f"choose one of {', '.join(LAYERS)}")
    path = dataset_path(FILE, data_dir=data_dir)
    shapes = _read(path, LAYERS[level])
    lacking = {"adcode", "name_zh", "name_en"} - set(shapes.columns)
    if lacking or shapes.crs is None:
        what = f"a layer lacks {', '.join(sorted(lacking)) or 'its reference system'}"
        raise DataError(what, where=f"{path}, {LAYERS[level]}", cure=SWAP)
    shapes = shapes.astype({"adcode": "int64"}).set_index("adcode").sort_index().to_crs(4326)
    expected = load_units().index if level == "city" else (load_units().index // 10000 * 10000).unique()
    odd = expected.symmetric_difference(shapes.index)
    if len(odd) or not shapes.index.is_unique:
        what = f"a layer does not hold each unit once ({', '.join(map(str, odd)) or 'doubles'})"
        raise DataError(what, where=f"{path}, {LAYERS[level]}", cure=SWAP)
    return shapes


def _read(path: Path, layer: str) -> "gpd.GeoDataFrame":
    import geopandas as gpd

    try:
        return gpd.read_file(path, layer=layer, engine="pyogrio")
    except (RuntimeError, ValueError, OSError) as error:
        what = f"polygons cannot be read ({str(error).partition(chr(10))[0]})"
        raise DataError(what, where=f"{path}, {layer}", cure=SWAP) from error
