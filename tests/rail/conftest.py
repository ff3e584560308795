"""A small synthetic network (stations and lines named by letters, on real codes), and the shipped one."""

from types import SimpleNamespace

import pandas as pd
import pytest

from yrdspatial.rail.graph import RailParameters
from yrdspatial.rail.network import load_rail
from yrdspatial.rail.segments import check_segments, check_stations

PARAMETERS = RailParameters(
    speed_factor=0.5, station_stop_minutes=2.0, line_change_minutes=10.0, terminal_minutes=5.0
)


def make_segments(*rows, opened="2010-07-01", kind="hsr", speed=120.0):
    """Rows of (line, from, to, km) with optional opened, kind, speed; at 120 km/h and factor 0.5 a km is a minute."""
    table = pd.DataFrame(
        [
            {
                "line": row[0],
                "seq": place,
                "from_station": row[1],
                "to_station": row[2],
                "km": row[3],
                "operating_speed_kmh": speed,
                "opened": row[4] if len(row) > 4 else opened,
                "kind": row[5] if len(row) > 5 else kind,
            }
            for place, row in enumerate(rows, start=1)
        ]
    )
    return check_segments(table)


def make_stations(**cities):
    """Stations by name: a code, or (code, main); codes None = outside the delta."""
    rows = []
    for name, city in cities.items():
        code, main = city if isinstance(city, tuple) else (city, 1)
        rows.append({"station": name, "adcode": code, "main": main, "lon": float("nan"), "lat": float("nan")})
    table = pd.DataFrame(rows).astype({"adcode": "Int64", "lon": float, "lat": float})
    return check_stations(table)


@pytest.fixture(scope="session")
def synthetic():
    return SimpleNamespace(segments=make_segments, stations=make_stations, parameters=PARAMETERS)


@pytest.fixture(scope="session")
def network():
    return load_rail()
