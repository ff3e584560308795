"""A small made-up panel of twelve units, for the rules of the intake."""

import csv

import numpy as np
import pandas as pd
import pytest

from yrdspatial.geography.units import load_units
from yrdspatial.panel.breaks import no_breaks
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.known import Known
from yrdspatial.panel.panel import load_panel
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


def figures_of(year: int) -> pd.DataFrame:
    """Return the figures in force of a shipped year, 41 units by variables."""
    frame = load_panel().frame.xs(year, level="year")
    return frame.dropna(axis=1, how="all")


def write_made(path, figures: pd.DataFrame, *, title: str = "2-7 made-up table", units=None):
    """Write figures as a table in a made-up layout, titles and units in Chinese and English; return the path."""
    facts = load_columns().loc[figures.columns]
    names = load_units()["name_zh"].reindex(figures.index)
    measures = (
        facts["unit"]
        if units is None
        else facts["unit"].mask(facts.index.isin(list(units)), pd.Series(units))
    )
    rows = [
        [title],
        ["城市", *facts["title_zh"]],
        ["City", *facts["title_en"]],
        ["计量单位", *measures],
        *(
            [name, *("" if pd.isna(value) else f"{value:.12g}" for value in row)]
            for name, row in zip(names, figures.to_numpy(), strict=True)
        ),
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def made():
    return write_made


@pytest.fixture
def figures():
    return figures_of
