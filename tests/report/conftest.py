"""Synthetic inputs of the figure tests: nine square cities in two provinces, with invented numbers."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

NAMES = ["上海市", "南京市", "无锡市", "徐州市", "常州市", "苏州市", "杭州市", "宁波市", "温州市"]
CODES = [310000, 320100, 320200, 320300, 320400, 320500, 330100, 330200, 330300]
PROVINCES = ["上海市", *["江苏省"] * 5, *["浙江省"] * 3]


@pytest.fixture
def synthetic_shapes():
    squares = [box(118 + col, 30 + row, 119 + col, 31 + row) for row in range(3) for col in range(3)]
    return gpd.GeoDataFrame(
        {"name_zh": NAMES, "province_zh": PROVINCES},
        index=pd.Index(CODES, name="adcode"),
        geometry=squares,
        crs=4326,
    )


@pytest.fixture
def synthetic_units(synthetic_shapes):
    centres = np.array([[118.5 + col, 30.5 + row] for row in range(3) for col in range(3)])
    table = pd.DataFrame(synthetic_shapes.drop(columns="geometry"))
    return table.assign(seat_lon=centres[:, 0], seat_lat=centres[:, 1])


@pytest.fixture
def synthetic_segments():
    return pd.DataFrame(
        {
            "from_lon": [118.5, 119.5, 118.5],
            "from_lat": [30.5, 30.5, 31.5],
            "to_lon": [119.5, 120.5, 119.5],
            "to_lat": [30.5, 30.5, 31.5],
            "opened": ["2007-04-18", "2009-12-28", "2015-07-01"],
        }
    )
