"""Every worked example of the industry measures, by name, to 1e-9 (they are stored with ten decimals)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from yrdspatial.industry import location_quotient as lq
from yrdspatial.industry import specialization as sp

REFERENCE = Path(__file__).parents[1] / "reference" / "measures" / "worked_examples.json"
EXAMPLES = json.loads(REFERENCE.read_text("utf-8"))
TABLE_A = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"), columns=list("123"))

CASES = {
    "LQ": lambda: lq.location_quotient(TABLE_A),
    "krugman_vs_total": lambda: sp.krugman_index(TABLE_A, versus="total"),
    "krugman_vs_rest": lambda: sp.krugman_index(TABLE_A, versus="rest"),
    "krugman_half_vs_total": lambda: sp.krugman_index(TABLE_A, versus="total", halved=True),
    "krugman_pair_AB": lambda: sp.krugman_matrix(TABLE_A).loc["A", "B"],
    "krugman_pair_AC": lambda: sp.krugman_matrix(TABLE_A).loc["A", "C"],
    "krugman_pair_BC": lambda: sp.krugman_matrix(TABLE_A).loc["B", "C"],
    "krugman_mean_pairwise": lambda: sp.krugman_index(TABLE_A, versus="pairs"),
    "hoover_spec": lambda: sp.hoover_index(TABLE_A, of="units"),
    "hoover_loc": lambda: sp.hoover_index(TABLE_A, of="sectors"),
}


@pytest.mark.parametrize("name", CASES)
def test_worked_example(name):
    np.testing.assert_allclose(CASES[name](), EXAMPLES[name], rtol=0, atol=1e-9)
