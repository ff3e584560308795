"""Shares of sign and significance, counted once more by hand."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.choice.choices import DIMENSIONS
from yrdspatial.choice.summary import summarize_curve


def made():
    table = pd.DataFrame(
        {
            "estimate": [0.5, -0.2, 0.1, -0.9, np.nan, 0.3],
            "pvalue": [0.01, 0.04, 0.30, 0.20, np.nan, 0.06],
            "model": ["SAR", "SAR", "SAR", "SDM", "SDM", "SDM"],
            "bias": ["adjusted", "none"] * 3,
        }
    )
    return table.assign(**{name: "same" for name in DIMENSIONS if name not in table})


def test_shares_are_counted_over_what_was_estimated():
    row = summarize_curve(made()).iloc[0]
    assert (row["dimension"], row["choice"], row["specifications"], row["estimated"]) == ("all", "all", 6, 5)
    assert (row["positive"], row["negative"]) == pytest.approx((0.6, 0.4))
    assert (row["significant_positive"], row["significant_negative"]) == pytest.approx((0.2, 0.2))
    assert (row["median"], row["low"], row["high"]) == pytest.approx((0.1, -0.2, 0.3))


def test_only_dimensions_with_a_choice_have_rows():
    table = summarize_curve(made())
    assert table["dimension"].tolist() == ["all", "model", "model", "bias", "bias"]
    assert table["choice"].tolist() == ["all", "SAR", "SDM", "adjusted", "none"]
    assert table["specifications"].tolist() == [6, 3, 3, 3, 3]


def test_the_level_of_significance_is_an_argument():
    row = summarize_curve(made(), alpha=0.10).iloc[0]
    assert row["significant_positive"] == pytest.approx(0.4)


def test_a_choice_without_any_estimate_has_no_shares():
    table = made()
    table.loc[table["model"] == "SDM", ["estimate", "pvalue"]] = np.nan
    row = summarize_curve(table).set_index("choice").loc["SDM"]
    assert (row["specifications"], row["estimated"]) == (3, 0)
    assert row[["median", "positive", "significant_negative"]].isna().all()
