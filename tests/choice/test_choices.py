"""The list of specifications: every combination once, numbered, and empty or unknown choices refused."""

import pandas as pd
import pytest

from yrdspatial.choice.choices import DIMENSIONS, Choices
from yrdspatial.errors import SpecificationError

W = pd.DataFrame()


def test_every_combination_is_there_once():
    choices = Choices(
        outcomes={"a": "y ~ x", "b": "log(y) ~ x"},
        weights={"ring": W, "other": W},
        models=("SAR", "SDM", "SLX"),
        samples={"all": None, "late": lambda frame: frame["y"] > 0},
        controls={"none": (), "z": ("z",), "both": ("z", "w")},
        effects={"two": "twoways", "windows": {"unit": "window", "time": True}},
        bias=("adjusted", "none"),
        cov_types=("expected", "observed"),
    )
    table = choices.table()
    assert len(table) == 2 * 3 * 2 * 2 * 3 * 2 * 2 * 2
    assert list(table.columns) == list(DIMENSIONS)
    assert not table.duplicated().any()
    assert table.index.tolist() == list(range(1, len(table) + 1))
    assert table.loc[1].tolist() == ["a", "SAR", "ring", "all", "none", "two", "adjusted", "expected"]
    assert table.loc[2, "cov_type"] == "observed"
    assert choices.formula_of("b", "both") == "log(y) ~ x + z + w"
    assert choices.effects_of("windows") == {"unit": "window", "time": True}


def test_effects_may_be_a_list_of_their_own_names():
    choices = Choices({"a": "y ~ x"}, {"ring": W}, effects=("unit", "twoways"))
    assert choices.effects_of("unit") == "unit"
    assert choices.table()["effects"].tolist() == ["unit", "twoways"] * 2


def test_least_squares_has_no_weights():
    table = Choices({"a": "y ~ x"}, {"ring": W, "other": W}, models=("OLS", "SAR")).table()
    assert table[["model", "weights"]].to_numpy().tolist() == [
        ["OLS", "none"],
        ["SAR", "ring"],
        ["SAR", "other"],
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": ()}, r"nothing to choose \[model\]"),
        ({"samples": {}}, r"nothing to choose \[sample\]"),
        ({"bias": ("none", "none")}, r"given twice \[bias\]"),
        ({"models": ("SAR", "SARMA")}, r"unknown models \[SARMA\]: choose among OLS, SLX"),
        ({"models": ("Model",)}, "unknown models"),
    ],
)
def test_bad_choices_are_refused(changes, message):
    with pytest.raises(SpecificationError, match=message):
        Choices({"a": "y ~ x"}, {"ring": W}, **changes)
