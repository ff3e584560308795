"""The border: arguments of another kind than the signature names are refused before anything is computed."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from yrdspatial.autocorrelation.alignment import observed
from yrdspatial.autocorrelation.bivariate import bivariate_moran
from yrdspatial.border import bordered, described, fits
from yrdspatial.errors import SpecificationError, YrdSpatialError
from yrdspatial.industry.plants import k_density
from yrdspatial.industry.tiers import tiers, weighted_kappa
from yrdspatial.integration.coupling import entropy_weights
from yrdspatial.integration.inequality import mann_kendall
from yrdspatial.rail.modes import RoadRule


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (int, [0, -3, np.int64(4)], [True, 1.0, "1", None, 10**30, float("nan"), [1]]),
        (float, [0, 2.5, np.float32(1), np.int8(3)], [True, "1", None, 1j, [1.0]]),
        (bool, [True, np.True_], [1, "yes", None]),
        (str, ["", "泰州"], [b"x", None, 3, "a\0b", "\ud800"]),
        (str | Path, ["a", Path("b")], [3, None, Path("a\0b"), b"a"]),
        (None, [None], [0, "", False]),
        (Literal["row", "none"], ["row", "any word: the function says which"], [3, None, []]),
        (Iterable[int], [[1], (2,), range(3), iter([1]), {2005: "x"}], [3, "2005", None, np.eye(2)]),
        (Sequence[str], [["a"], ("b",)], ["a", [1], [None], {"a"}, 3]),
        (tuple[str, str], [("a", "b"), ["a", "b"]], [("a",), ("a", 1), "ab", None]),
        (tuple[int, ...], [(), (1, 2)], [("a",), 3]),
        (Mapping[str, float], [{}, {"a": 1}], [{1: 1.0}, {"a": "b"}, [], None]),
        (pd.DataFrame | None, [None, pd.DataFrame()], [pd.Series(dtype=float), 3, []]),
        (Any, [None, 3, object()], []),
    ],
)
def test_what_fits_a_kind(kind, good, bad):
    assert [value for value in good if not fits(value, kind)] == []
    assert [value for value in bad if fits(value, kind)] == []


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (int, "a whole number"),
        (Literal["a", "b"] | None, '"a", "b" or None'),
        (Mapping[str, int], "a mapping from a text to a whole number"),
        (tuple[str, int], "(a text, a whole number)"),
        (str | Path, "a text or a path"),
        (pd.DataFrame, "a DataFrame"),
        (Any, "what it asks for"),
    ],
)
def test_kinds_in_words(kind, words):
    assert described(kind) == words


def example(
    table: pd.DataFrame,
    values: "pd.Series[float]",
    points: npt.ArrayLike = (),
    weights: "NotImported | None" = None,  # noqa: F821
    *,
    years: Iterable[int] | None = None,
    **more: Any,
) -> int:
    """Say what it is for."""
    return len(more) + 0 * len([table, values, points, weights, years])


def test_a_checked_function_is_the_same_to_look_at_and_to_call():
    checked = bordered(example)
    assert (checked.__name__, checked.__doc__) == ("example", "Say what it is for.")
    assert checked(pd.DataFrame(), pd.Series(dtype=float), object(), object(), years=[2005], other=1) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"table": 3, "values": pd.Series([1.0])},
            r"^table cannot be a int \(3\) \[example\]: give a DataFrame$",
        ),
        ({"table": pd.DataFrame(), "values": [1]}, r"values cannot be a list \(\[1\]\) .*: give a Series"),
        (
            {"table": pd.DataFrame(), "values": pd.Series([1.0]), "years": 2005},
            r"^2005 is one year: give years in a list, such as \[2005\]$",
        ),
    ],
)
def test_what_is_refused_is_named_with_its_cure(arguments, message):
    with pytest.raises(SpecificationError, match=message):
        bordered(example)(**arguments)


def test_an_argument_that_is_lacking_is_pythons_own_error():
    with pytest.raises(TypeError, match="missing a required argument"):
        bordered(example)(pd.DataFrame())


@pytest.mark.parametrize("rule", [{"detour": "1.3"}, {"speed_kmh": None}, {"start_minutes": [30.0]}])
def test_a_road_rule_of_no_numbers_is_refused(rule):
    with pytest.raises(YrdSpatialError, match="a road rule makes no sense"):
        RoadRule(**rule)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: k_density(["a"], [1.0], bandwidth=1.0), "distances are not numbers"),
        (lambda: k_density([1.0], [np.nan], bandwidth=1.0), "missing or infinite"),
        (lambda: tiers(pd.Series([1.0, 2.0, np.inf]), 2), "missing or infinite"),
        (lambda: weighted_kappa(pd.Series([1, np.nan]), pd.Series([1, 2])), "a unit has no tier"),
        (lambda: weighted_kappa(pd.Series(["a", "b"]), pd.Series([1, 2])), "tiers are not numbers"),
        (lambda: mann_kendall(pd.Series([1.0, 2.0, np.inf])), "three values without a gap"),
        (lambda: entropy_weights(pd.DataFrame({"u": [0.1, 0.2]}), shift=np.nan), "shift = nan"),
        (lambda: observed(pd.Series([1.0] * 4), year=["nonsense"]), "a year is no integer"),
        (lambda: bivariate_moran(3, pd.DataFrame(), ("y", "x"), seed=1), "two columns are needed"),
    ],
)
def test_values_that_fuzzing_found_are_refused(call, message):
    with pytest.raises(YrdSpatialError, match=message):
        call()
