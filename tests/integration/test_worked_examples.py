"""Every worked example of the integration measures, by name, to 1e-9 (they are stored with ten decimals)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from yrdspatial.integration.coupling import coupling_coordination, entropy_weights, scale_scores
from yrdspatial.integration.inequality import theil
from yrdspatial.integration.market_segmentation import market_segmentation

REFERENCE = Path(__file__).parents[1] / "reference" / "measures" / "worked_examples.json"
EXAMPLES = json.loads(REFERENCE.read_text("utf-8"))
PRICES = pd.DataFrame([[102, 105], [101, 103], [104, 101]], index=list("ABC"), columns=["k", "l"])
INDICATORS = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 3.0]})


def segmentation(variance="population"):
    return market_segmentation(PRICES, pairs=[("A", "B"), ("B", "C")], variance=variance)


def coupled(variant, *scores):
    frame = pd.DataFrame([scores], columns=[f"u{k}" for k in range(len(scores))])
    return coupling_coordination(frame, variant=variant).iloc[0]


def weights():
    return entropy_weights(scale_scores(INDICATORS, {"a": (1, 3), "b": (3, 5)}))


def split():
    groups = pd.Series({"a": 1, "b": 1, "c": 2, "d": 2})
    amounts = pd.Series({"a": 10, "b": 20, "c": 30, "d": 40})
    return theil(amounts, groups=groups)[["total", "between", "within"]].iloc[0]


CASES = {
    "CCD(0.8,0.2)": lambda: coupled("classic", 0.8, 0.2),
    "CCDmod(0.8,0.2)": lambda: coupled("modified", 0.8, 0.2),
    "CCD(0.6,0.4)": lambda: coupled("classic", 0.6, 0.4),
    "CCDmod(0.6,0.4)": lambda: coupled("modified", 0.6, 0.4),
    "CCD3_C": lambda: coupled("classic", 0.9, 0.6, 0.3)["C"],
    "CCD3_Cmod": lambda: coupled("modified", 0.9, 0.6, 0.3)["C"],
    "PW_absdQ": lambda: segmentation().absolute,
    "PW_q_demeaned": lambda: segmentation().deviations,
    "PW_var_pair_pop": lambda: segmentation().pairs["variance"],
    "PW_var_pair_sample": lambda: segmentation("sample").pairs["variance"],
    "PW_region_index_pop": lambda: segmentation().units["segmentation"],
    "theil_total,between,within": split,
    "entropy_w": lambda: weights()["weight"],
    "entropy_e": lambda: weights()["entropy"],
}


@pytest.mark.parametrize("name", CASES)
def test_worked_example(name):
    np.testing.assert_allclose(CASES[name](), EXAMPLES[name], rtol=0, atol=1e-9)


def test_no_example_is_forgotten():
    wrong_forms = {name for name in EXAMPLES if name.startswith(("CCD_wrong", "CCD_square"))}
    mine = {name for name in EXAMPLES if name.startswith(("CCD", "PW_", "theil_", "entropy_"))}
    assert mine - wrong_forms == set(CASES)
