"""Which effects a request asks for, read off the data: pooled, unit, time, windows and groups, random."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.models.sample import Sample
from yrdspatial.models.within import Effects, IntArray
from yrdspatial.panel.gaps import unit_name
from yrdspatial.panel.panel import Panel

RANDOM = {"random": "baltagi", "random_kkp": "kkp", "mundlak": "baltagi"}
KINDS = {
    "pooled": (False, False),
    "unit": (True, False),
    "time": (False, True),
    "twoways": (True, True),
}


def read_effects(
    request: str | Mapping[str, str | bool], sample: Sample, data: Panel | pd.DataFrame
) -> "tuple[Effects, str, pd.Index[Any], pd.Index[Any]]":
    """Read which effects there are.

    Parameters
    ----------
    request : str or mapping
        "pooled", "unit", "time", "twoways", "random", "random_kkp", "mundlak", or {"unit": True or a column of
        windows, which may differ between units, "time": True or a column of groups}.
    sample : Sample
        The rows used.
    data : Panel or DataFrame
        The user's data; a Panel makes the column "window" from its breaks.

    Returns
    -------
    effects : Effects
        By position.
    label : str
        In words.
    windows, groups : Index
        Labels.

    Raises
    ------
    SpecificationError
        If the effects are unknown or impossible on these data.

    Examples
    --------
    >>> from yrdspatial.models.sample import read_sample
    >>> index = pd.MultiIndex.from_product([["a", "b"], range(2001, 2005)], names=["unit", "year"])
    >>> data = pd.DataFrame({"window": ["early", "early", "late", "late"] * 2}, index)
    >>> effects, label, windows, _ = read_effects({"unit": "window", "time": True}, read_sample(data), data)
    >>> label, list(windows), effects.degrees_of_freedom
    ('unit x window, time', ['early', 'late'], 2)
    """
    if isinstance(request, str) and request in RANDOM:
        return _random_effects(request, sample)
    asked = _as_mapping(request)
    periods, units = sample.shape
    one = pd.Index(["all"])
    windows, window_codes = one, np.zeros(periods, dtype=np.intp)
    groups, group_codes = one, np.zeros(units, dtype=np.intp)
    cells = None
    if isinstance(asked["unit"], str):
        windows, grid = _codes_of(asked["unit"], sample, data)
        window_codes, cells = grid[:, 0], grid if (grid != grid[:, :1]).any() else None
        if cells is not None and not (grid != grid[:1]).any():
            what = f"{asked['unit']} differs between units and never over time"
            raise SpecificationError(what, where="effects", cure='use {"unit": True}')
    if isinstance(asked["time"], str):
        groups, grid = _codes_of(asked["time"], sample, data)
        _refuse_change(asked["time"], grid, sample)
        group_codes = grid[0]
    effects = Effects(window_codes, group_codes, bool(asked["unit"]), bool(asked["time"]), cells)
    _refuse_lone(effects, sample, windows)
    if effects.time and (effects.group_sizes < 2).any():
        alone = groups[effects.group_sizes < 2][0]
        raise SpecificationError("time effects need two units", where=str(alone), cure="join groups")
    if effects.time and sample.cross_section:
        raise SpecificationError("a cross-section has no time effects", cure='use effects="pooled"')
    return effects, _label(asked), windows, groups


def _refuse_lone(effects: Effects, sample: Sample, windows: "pd.Index[Any]") -> None:
    # Every unit needs two periods in each of its windows.
    periods, units = sample.shape
    if not effects.unit:
        return
    cells = np.broadcast_to(
        effects.windows[:, None] if effects.cells is None else effects.cells, (periods, units)
    )
    codes = cells * units + np.arange(units)
    lone = np.flatnonzero(np.bincount(codes.ravel()) == 1)
    if lone.size:
        window, unit = divmod(int(lone[0]), units)
        where = str(windows[window]) if len(windows) > 1 else str(sample.periods[0])
        where = where if effects.cells is None else f"{unit_name(sample.units[unit])} {where}"
        cure = (
            'use effects="pooled" for one cross-section' if periods == 1 else "join windows or drop the year"
        )
        raise SpecificationError("unit effects need two periods", where=where, cure=cure)


def _random_effects(request: str, sample: Sample) -> "tuple[Effects, str, pd.Index[Any], pd.Index[Any]]":
    if len(sample.periods) < 2:
        raise SpecificationError(
            "random effects need two periods", where="effects", cure='use effects="pooled"'
        )
    one = pd.Index(["all"])
    return Effects.of(*sample.shape, unit=False, time=False), request, one, one


def _as_mapping(request: str | Mapping[str, str | bool]) -> dict[str, str | bool]:
    cure = f"use one of {', '.join([*KINDS, *RANDOM])}, or " + '{"unit": "window", "time": True}'
    if isinstance(request, str):
        if request not in KINDS:
            raise SpecificationError(f"unknown effects {request!r}", where="effects", cure=cure)
        return dict(zip(("unit", "time"), KINDS[request], strict=True))
    if not set(request) <= {"unit", "time"}:
        raise SpecificationError(f"unknown effects {request!r}", where="effects", cure=cure)
    return {key: request.get(key, False) for key in ("unit", "time")}


def _label(asked: Mapping[str, str | bool]) -> str:
    for name, (unit, time) in KINDS.items():
        if asked["unit"] is unit and asked["time"] is time:
            return name
    parts = [key if value is True else f"{key} x {value}" for key, value in asked.items() if value]
    return ", ".join(parts)


def _codes_of(column: str, sample: Sample, data: Panel | pd.DataFrame) -> "tuple[pd.Index[Any], IntArray]":
    """Code a column.

    Parameters
    ----------
    column : str
        Name of the column.
    sample : Sample
        The rows used.
    data : Panel or DataFrame
        The user's data.

    Returns
    -------
    labels : Index
        Sorted labels.
    codes : ndarray of int, shape (T, N)
        Code of each period and unit.

    Raises
    ------
    SpecificationError
        If there is no such column.
    GapError
        If a row has no value.
    """
    if column in sample.frame:
        values = sample.frame[column]
    elif column == "window" and isinstance(data, Panel):
        values = data.windows().reindex(sample.frame.index)
    else:
        raise SpecificationError(
            "the effects name no column of the data", where=column, cure="add the column"
        )
    codes, labels = pd.factorize(values, sort=True)
    if (codes < 0).any():
        where = sample.place(int(np.flatnonzero(codes < 0)[0]))
        raise GapError(f"no value of {column}", where=where, cure="choose years that lie in a window")
    return pd.Index(labels), np.ascontiguousarray(codes.reshape(sample.shape), dtype=np.intp)


def _refuse_change(column: str, grid: IntArray, sample: Sample) -> None:
    changed = np.flatnonzero((grid != grid[:1]).ravel())
    if changed.size:
        where = sample.place(int(changed[0]))
        raise SpecificationError(f"{column} changes over time", where=where, cure="give groups by unit")
