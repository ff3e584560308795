"""A small made-up panel of twelve units, for the rules of the intake."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.geography.units import load_units
from yrdspatial.panel.breaks import no_breaks
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.known import Known
from yrdspatial.panel.years import LAYOUT

UNITS = load_units().index[:12]


def made_rows(values: dict[str, object], **fields: object) -> pd.DataFrame:
    """Return made-up rows of a year file for the twelve units; a scalar stands for all of them."""
    units = load_columns()["unit"]
    texts = {"source": "made up", "flag": "", "vintage": "as_published"} | fields
    tables = [
        pd.DataFrame({"adcode": UNITS, "variable": name, "value": value, "unit": units[name]}).assign(**texts)
        for name, value in values.items()
    ]
    return pd.concat(tables, ignore_index=True).astype({"value": float})[list(LAYOUT)]


def made_known(before=None, existing=None, breaks=None) -> Known:
    """Return what is known of the made-up year 2023; `before` are the figures of 2022."""
    rows = made_rows(before or {"gdp": np.arange(1.0, 13.0) * 100})
    panel = rows.assign(year=2022).pivot_table(
        index=["adcode", "year"], columns="variable", values="value", aggfunc="first"
    )
    return Known(
        year=2023,
        columns=load_columns(),
        units=UNITS,
        panel=panel.rename_axis(["unit", "year"]),
        breaks=no_breaks() if breaks is None else breaks,
        existing=made_rows({"gdp": 1.0}).head(0) if existing is None else existing,
        vintages=["census4", "as_published", "ccsy"],
    )


@pytest.fixture
def rows():
    return made_rows


@pytest.fixture
def known():
    return made_known
