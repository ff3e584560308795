"""The joint test: a term that matters is found, one that does not is not, and seeds and folders behave."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.choice.choices import Choices
from yrdspatial.choice.curve import read_source
from yrdspatial.choice.curve_task import Source
from yrdspatial.choice.curve_test import STATISTICS, curve_test, permuted, statistics_of
from yrdspatial.errors import SpecificationError


def choices_of(panel):
    return Choices({"y": "y ~ x"}, panel.weights, models=("SLX", "SAR"))


def run(panel, term="x", **changes):
    asked = {"effect": "direct", "permutations": 19, "seed": 1} | changes
    return curve_test(panel.data, choices_of(panel), term=term, **asked)


def test_a_term_that_matters_is_found(synthetic):
    found = run(synthetic(units=12, periods=4))
    assert found.table["statistic"].tolist() == list(STATISTICS)
    assert found.table.set_index("statistic").loc[["median", "stouffer"], "pvalue"].tolist() == [0.05, 0.05]
    assert found.drawn.shape == (19, 3)


def test_statistics_are_those_of_the_curve(synthetic):
    panel = synthetic(units=12, periods=4)
    curve = yrd.specification_curve(panel.data, choices_of(panel), term="x", effect="direct").table
    found = run(panel).table.set_index("statistic")["observed"]
    clear = curve["pvalue"] < 0.05
    shares = [(clear & (curve["estimate"] > 0)).mean(), (clear & (curve["estimate"] < 0)).mean()]
    expected = [abs(curve["estimate"].median()), max(shares), abs(curve["zstat"].sum()) / np.sqrt(len(curve))]
    assert found.tolist() == pytest.approx(expected)


def test_paths_move_whole(synthetic, monkeypatch):
    panel = synthetic(units=6, periods=4)
    source, blocks = read_source(panel.data, choices_of(panel), "x", "direct")
    seen = []
    monkeypatch.setattr(
        "yrdspatial.choice.curve_test.statistics_of", lambda one, _: seen.append(one) or [0.0] * 3
    )
    wide = panel.data["x"].unstack()
    permuted(source, wide, blocks, 3)
    moved = seen[0].frames["all"]
    order = np.random.default_rng(3).permutation(6)
    assert moved["x"].unstack().to_numpy().tolist() == wide.to_numpy()[order].tolist()
    pd.testing.assert_frame_equal(moved[["y", "z"]], panel.data[["y", "z"]])


def test_seed_workers_and_folder(synthetic, tmp_path):
    panel = synthetic(units=12, periods=4)
    one = run(panel, permutations=3)
    pd.testing.assert_frame_equal(one.drawn, run(panel, permutations=3, workers=2).drawn, check_exact=True)
    kept = [run(panel, permutations=3, folder=tmp_path).drawn for _ in range(2)]
    for other in kept:
        pd.testing.assert_frame_equal(one.drawn, other, check_exact=True)
    assert not run(panel, permutations=3, seed=2).drawn.equals(one.drawn)


def test_a_cross_section_has_paths_of_one_year(synthetic):
    panel = synthetic(units=20, periods=2)
    data = panel.data.xs(2001, level="year")
    choices = Choices({"y": "y ~ x"}, panel.weights, models=("SAR",), effects=("pooled",))
    found = curve_test(data, choices, term="x", effect="direct", permutations=9, seed=1)
    assert found.table.loc[0, "pvalue"] <= 0.2


def test_without_any_estimate_there_is_nothing(synthetic):
    panel = synthetic()
    source = Source({"all": panel.data}, panel.weights, "x", "direct")
    assert statistics_of(source, []) == [0.0, 0.0, 0.0]


def test_the_term_is_a_column(synthetic):
    with pytest.raises(SpecificationError, match="w is no column"):
        run(synthetic(), term="w")
