"""What must not matter does not, for every estimator under every kind of effects it has."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.weights.series import WeightsSeries

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
WINDOWS = {"unit": "window", "time": "region"}


@dataclass(frozen=True)
class Variant:
    """An estimator with its options."""

    model: str
    options: dict[str, Any] = field(default_factory=dict)
    split: bool = False

    def __str__(self):
        return "-".join(
            [self.model, *(str(v) for v in self.options.values()), *(["split"] if self.split else [])]
        )

    def fit(self, data, weights):
        """Fit, with two weights where the variant has them."""
        given = weights if not self.split else {"near": weights[0], "far": weights[1]}
        return getattr(yrd, self.model)(data, FORMULA, weights=given, **self.options).fit()


SINGLE = [
    *(Variant(model, {"effects": "time"}) for model in ("SLX", "SAR", "SEM", "SDM")),
    *(Variant(model, {"effects": "unit"}) for model in ("SDM", "SDEM", "SAC")),
    *(Variant(model, {"effects": WINDOWS}) for model in ("OLS", "SAR", "SEM", "SAC")),
    *(Variant(model, {"effects": "random"}) for model in ("OLS", "SAR", "SEM", "SDM", "SAC")),
    *(Variant(model, {"effects": "random_kkp"}) for model in ("SEM", "SAC")),
    Variant("SDM", {"effects": "mundlak"}),
    Variant("SAR", {"dynamic": ("y",)}),
    Variant("SDM", {"dynamic": ("y", "Wy")}),
    Variant("SDM", {"dynamic": ("y", "Wy"), "effects": "unit"}),
    Variant("SDM", {"durbin": "x1"}),
]
SPLIT = [
    Variant("SLX", split=True),
    Variant("SAR", split=True),
    Variant("SDM", {"effects": "unit"}, split=True),
]
VARIANTS = [*SINGLE, *SPLIT]


def weights_of(simulated, variant, transform=lambda table: table):
    """Give weights by year, in two halves where the variant has two."""
    labels, years = simulated.weights.units, simulated.weights.years
    masks = [np.ones((14, 14))]
    if variant.split:
        group = np.arange(14) % 2
        masks = [np.equal.outer(group, group), ~np.equal.outer(group, group)]
    series = [
        WeightsSeries.from_frames(
            {
                year: transform(pd.DataFrame(w * mask, labels, labels))
                for year, w in zip(years, simulated.arrays["weights"], strict=True)
            }
        )
        for mask in masks
    ]
    return series if variant.split else series[0]


def numbers(results):
    """Collect what may not move."""
    table = results.impacts().table["estimate"].to_numpy()
    return np.concatenate([results.params, results.std_errors, [results.sigma2], table])


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_order_of_rows(panel, variant):
    simulated = panel("rows", periods=7)
    weights = weights_of(simulated, variant)
    one = variant.fit(simulated.data, weights)
    two = variant.fit(simulated.data.sample(frac=1, random_state=2), weights)
    assert numbers(two) == pytest.approx(numbers(one), abs=1e-8)
    pd.testing.assert_series_equal(two.resids.loc[one.resids.index], one.resids, atol=1e-8)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_labels_and_order_of_units(panel, variant):
    """Another order of units is another order of eigenvalues, dummies and starts: 1e-6."""
    simulated = panel("rows", periods=7)
    one = variant.fit(simulated.data, weights_of(simulated, variant))
    order = np.random.default_rng(3).permutation(14)
    names = {f"u{i:02d}": f"w{order[i]:02d}" for i in range(14)}

    def renamed(table):
        return table.rename(index=names, columns=names).sort_index()

    two = variant.fit(
        simulated.data.rename(index=names, level="unit"), weights_of(simulated, variant, renamed)
    )
    assert numbers(two) == pytest.approx(numbers(one), abs=1e-6)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_units_of_measure_of_a_regressor(panel, variant):
    simulated = panel("rows", periods=7)
    weights = weights_of(simulated, variant)
    one = variant.fit(simulated.data, weights)
    two = variant.fit(simulated.data.assign(x1=1000 * simulated.data["x1"]), weights)
    scale = np.where(one.params.index.str.endswith("x1"), 1e-3, 1.0)
    assert two.params.to_numpy() == pytest.approx(scale * one.params.to_numpy(), rel=1e-5, abs=1e-8)
    assert two.std_errors.to_numpy() == pytest.approx(scale * one.std_errors.to_numpy(), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_units_of_measure_of_y(panel, variant):
    simulated = panel("rows", periods=7)
    weights = weights_of(simulated, variant)
    one = variant.fit(simulated.data, weights)
    two = variant.fit(simulated.data.assign(y=50 * simulated.data["y"]), weights)
    spatial = one.params.index.isin(["phi", "lambda", "y_lag", "W_y_lag"]) | one.params.index.str.startswith(
        "rho"
    )
    scale = np.where(spatial, 1.0, 50.0)
    assert two.params.to_numpy() == pytest.approx(scale * one.params.to_numpy(), rel=1e-5, abs=1e-7)
    assert two.sigma2 == pytest.approx(2500 * one.sigma2, rel=1e-6)


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v.options.get("effects") not in ("time",)], ids=str
)
def test_labels_of_years(panel, variant):
    simulated = panel("rows", periods=7)
    weights = weights_of(simulated, variant)
    one = variant.fit(simulated.data, weights)
    later = {year: year + 50 for year in simulated.weights.years}
    moved = simulated.data.rename(index=later, level="year")
    shifted = [
        WeightsSeries({later[y]: g for y, g in w.items()}) for w in (weights if variant.split else [weights])
    ]
    two = variant.fit(moved, shifted if variant.split else shifted[0])
    assert numbers(two) == pytest.approx(numbers(one), abs=1e-10)


@pytest.mark.parametrize("variant", [v for v in SINGLE if v.model != "OLS"], ids=str)
def test_constant_weights_in_three_forms(panel, variant):
    simulated = panel("constant", periods=7)
    table = pd.DataFrame(simulated.arrays["weights"][0], simulated.weights.units, simulated.weights.units)
    found = [
        numbers(variant.fit(simulated.data, form))
        for form in (simulated.weights, table, simulated.weights[2001])
    ]
    assert found[1] == pytest.approx(found[0], abs=1e-10)
    assert found[2] == pytest.approx(found[0], abs=1e-10)


@pytest.mark.parametrize("variant", SINGLE, ids=str)
def test_a_constant_in_a_regressor(panel, variant):
    """Row-standardized weights: a constant in x1 goes into the intercept or the effects."""
    simulated = panel("rows", periods=7)
    weights = weights_of(simulated, variant)
    one = variant.fit(simulated.data, weights)
    two = variant.fit(simulated.data.assign(x1=simulated.data["x1"] + 5.0), weights)
    kept = [name for name in one.params.index if name != "Intercept"]
    assert two.params[kept].to_numpy() == pytest.approx(one.params[kept].to_numpy(), abs=1e-6)
