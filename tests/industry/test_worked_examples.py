"""Every worked example of the industry measures, by name, to 1e-9 (they are stored with ten decimals)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from yrdspatial.industry import concentration as con
from yrdspatial.industry import gradient, gravity, input_output, plants, shift_share, similarity, transfer
from yrdspatial.industry import location_quotient as lq
from yrdspatial.industry import specialization as sp
from yrdspatial.industry.coagglomeration import coagglomeration
from yrdspatial.panel.panel import Panel

REFERENCE = Path(__file__).parents[1] / "reference" / "measures" / "worked_examples.json"
EXAMPLES = json.loads(REFERENCE.read_text("utf-8"))
TABLE_A = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"), columns=list("123"))

EVEN = pd.Series({"r1": 0.5, "r2": 0.5})
PLANTS = pd.DataFrame(
    {"sector": list("111222"), "unit": ["r1", "r1", "r2"] * 2, "size": [40, 30, 30, 50, 25, 25]}
)
MOVES = pd.DataFrame(
    {"unit": list("ABC") * 2, "year": [2000] * 3 + [2005] * 3}
    | {"q": [50, 30, 20, 60, 60, 60], "m": [100, 60, 40, 180, 110, 110]}
)

INPUTS = pd.DataFrame([[0.2, 0.1], [0.1, 0.3]], index=["r", "s"], columns=["r", "s"])
DEMAND = [pd.DataFrame(f, INPUTS.index, INPUTS.index) for f in ([[80, 20], [10, 60]], [[90, 30], [12, 90]])]


def one_unit(amounts):
    return pd.DataFrame([amounts], index=["A"])


def gini_spec():
    region = one_unit([700, 600, 500, 10000, 40000])
    everything = pd.Series([30000, 15000, 10000, 60000, 50000])
    return con.locational_gini(region, of="units", normalization="quotients", reference=everything).item()


def gini_conc():
    sector, everything = np.array([500, 500, 1000, 7000, 1000]), np.array([20000, 15000, 20000, 40000, 5000])
    table = pd.DataFrame({"sector": sector, "rest": everything - sector})
    return con.locational_gini(table, normalization="quotients")["sector"]


def farhauer_kroell():
    size = [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]
    table = pd.DataFrame({"sector": "x", "unit": [1] * 5 + [2] * 4 + [3], "size": size})
    return plants.ellison_glaeser(table, pd.Series({1: 5e5, 2: 4e5, 3: 1e5})).loc["x", "gamma"]


def theta(a, b):
    return [
        coagglomeration(pd.Series([a]), pd.Series([b]), variant=variant).item()
        for variant in ("short", "long")
    ]


def moved(measure, total=None):
    panel = Panel.from_frame(MOVES)
    return transfer.industrial_transfer(panel, "q", base=2000, end=2005, measure=measure, total=total)


def region_a(variant):
    before, after = one_unit([90, 20, 10, 60]), one_unit([100, 40, 10, 55])
    nation = pd.Series([400, 150, 150, 400]), pd.Series([440, 210, 135, 480])
    return shift_share.shift_share(before, after, reference=nation, variant=variant)


def totals(variant, columns):
    return region_a(variant)[columns].sum()


def centres():
    points = pd.DataFrame({"x": [0, 10, 0], "y": [0, 0, 10]}, index=list("ABC"))
    return gravity.gravity_centre(MOVES.set_index(["unit", "year"])["q"], points)


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
    "HHI_region": lambda: con.herfindahl(TABLE_A),
    "HHI_industry_conc": lambda: con.herfindahl(TABLE_A, of="sectors"),
    "unido_AB": lambda: similarity.similarity(TABLE_A).loc["A", "B"],
    "unido_AC": lambda: similarity.similarity(TABLE_A).loc["A", "C"],
    "unido_BC": lambda: similarity.similarity(TABLE_A).loc["B", "C"],
    "locgini_weighted": lambda: con.locational_gini(TABLE_A),
    "gini_of_LQ": lambda: con.locational_gini(TABLE_A, normalization="quotients"),
    "FK2013_gini_spec": gini_spec,
    "FK2013_gini_conc": gini_conc,
    "entropy": lambda: con.entropy(TABLE_A),
    "CR5": lambda: con.concentration_ratio(one_unit([30, 20, 12, 8, 6, 5, 5, 4, 4, 3, 3])).item(),
    "CR5_only4_industries": lambda: con.concentration_ratio(one_unit([30, 20, 12, 8])).item(),
    "EG_H": lambda: plants.ellison_glaeser(PLANTS, EVEN).loc["1", "H"],
    "EG_G": lambda: plants.ellison_glaeser(PLANTS, EVEN).loc["1", "G"],
    "EG_gamma": lambda: plants.ellison_glaeser(PLANTS, EVEN).loc["1", "gamma"],
    "EG_FK2014": farhauer_kroell,
    "EGc_gamma_c": lambda: plants.ellison_glaeser_group(PLANTS, EVEN).gamma,
    "EGc_gamma_i": lambda: plants.ellison_glaeser_group(PLANTS, EVEN).sectors["gamma"],
    "EGc_G": lambda: plants.ellison_glaeser_group(PLANTS, EVEN).G,
    "EGc_H": lambda: plants.ellison_glaeser_group(PLANTS, EVEN).H,
    "EGK_pair": lambda: plants.ellison_glaeser_group(PLANTS, EVEN).pairs.loc["1", "2"],
    "theta(1.2,0.8)": lambda: theta(1.2, 0.8),
    "theta(0.2,0.2)": lambda: theta(0.2, 0.2),
    "theta(2.0,1.0)": lambda: theta(2.0, 1.0),
    "share_change_pp": lambda: moved("share_change"),
    "rel_share_change": lambda: moved("relative_share_change"),
    "counterfactual_transfer_amount": lambda: moved("counterfactual"),
    "dyn_agg_index": lambda: moved("dynamic_agglomeration"),
    "dyn_agg_index_annual": lambda: moved("dynamic_agglomeration_annual"),
    "net_transfer_rate_half_abs": lambda: moved("churning").sum(),
    "share_change_relative_to_manuf_pp": lambda: moved("net_share_change", total="m"),
    "shiftshare_A_total": lambda: totals("classic", ["change"]).item(),
    "shiftshare_A_N,M,R": lambda: totals("classic", ["national", "mix", "regional"]),
    "shiftshare_A_R_by_industry": lambda: region_a("classic")["regional"],
    "EM_competitive,allocation": lambda: totals("esteban_marquillas", ["competitive", "allocation"]),
    "EM_homothetic": lambda: region_a("esteban_marquillas")["homothetic"],
    "IO_B": lambda: input_output.leontief_inverse(INPUTS),
    "IO_output_by_destination_t0": lambda: input_output.leontief_inverse(INPUTS) @ DEMAND[0],
    "IO_transfer": lambda: input_output.input_output_transfer(INPUTS, *DEMAND),
    "centroid_t0": lambda: centres()[["x", "y"]].iloc[0],
    "centroid_t1": lambda: centres()[["x", "y"]].iloc[1],
    "centroid_shift_len": lambda: centres()["shift"].iloc[1],
    "DO_Kd(r=2,h=1)_noreflection": lambda: plants.k_density([1, 2, 3], [2], bandwidth=1, reflection=False)[0],
    "DO_Kd_with_reflection": lambda: plants.k_density([1, 2, 3], [2], bandwidth=1)[0],
    "IGC": lambda: gradient.gradient_coefficient(pd.Series([1.5]), pd.Series([0.8])),
}


@pytest.mark.parametrize("name", CASES)
def test_worked_example(name):
    np.testing.assert_allclose(CASES[name](), EXAMPLES[name], rtol=0, atol=1e-9)


ELSEWHERE = {
    "integration": ("CCD", "PW_", "theil_", "entropy_"),
    "rail": ("WATT", "potential", "daily"),
    "weights": ("W_",),
    "autocorrelation": ("moran", "LISA", "geary"),
    "models": ("SDM", "SAR", "SLX", "SDEM", "DSDM", "TVW", "sDiD"),
    "replication": ("seed_", "anhui2020", "dist_"),
}


def test_no_example_is_forgotten():
    prefixes = tuple(prefix for group in ELSEWHERE.values() for prefix in group)
    assert {name for name in EXAMPLES if not name.startswith(prefixes)} == set(CASES)
