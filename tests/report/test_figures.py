"""Charts: breaks cut lines, filled markers mean significance, slopes are Moran's I, models stand side by side."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from yrdspatial.errors import AlignmentError, OutputError
from yrdspatial.report.figures import EFFECTS, change_plot, effects_plot, moran_over_time, moran_scatter
from yrdspatial.report.style import ACCENT, SERIES, figure_bytes

YEARS = range(2010, 2016)


@pytest.fixture
def synthetic_moran():
    rows = [
        (family, variable, year, 0.1 * position + 0.02 * (year - 2010), -0.125, 0.01 if year % 2 else 0.2)
        for position, family in enumerate(["contiguity", "rail"])
        for variable in ["manufacturing", "services"]
        for year in YEARS
    ]
    return pd.DataFrame(rows, columns=["weights", "variable", "year", "I", "expected", "p_sim"])


@pytest.fixture
def synthetic_impacts():
    rows = [
        (model, variable, effect, value, value - 0.3, value + 0.3)
        for shift, model in enumerate(["contiguity", "rail"])
        for place, variable in enumerate(["wage", "access"])
        for value, effect in zip(np.array([0.5, -0.1, 0.4]) + shift - place, EFFECTS, strict=True)
    ]
    return pd.DataFrame(rows, columns=["model", "variable", "effect", "estimate", "lower", "upper"])


@pytest.fixture
def synthetic_scatter(synthetic_units):
    values = pd.DataFrame(
        np.random.default_rng(0).normal(size=(9, 2)), index=synthetic_units.index, columns=[2010, 2019]
    )
    values = (values - values.mean()) / values.std(ddof=0)
    return values, 0.5 * values + 0.1, synthetic_units["name_zh"].str.removesuffix("市")


def labels(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def markers(panel):
    return [collection for collection in panel.collections if isinstance(collection, PathCollection)]


def solid(panel, position=0):
    return [to_hex(color) != "#ffffff" for color in markers(panel)[position].get_facecolors()]


def series(panel, color):
    return [line for line in panel.lines if line.get_color() == color]


def test_one_panel_a_variable_on_one_scale(synthetic_moran):
    figure = moran_over_time(synthetic_moran, titles={"services": "Producer services (SYNTHETIC)"})
    assert [panel.get_title(loc="left") for panel in figure.axes] == [
        "manufacturing",
        "Producer services (SYNTHETIC)",
    ]
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()


def test_the_legend_names_weights_significance_and_expectation(synthetic_moran):
    figure = moran_over_time(synthetic_moran, titles={"rail": "five nearest by rail"}, alpha=0.1)
    assert labels(figure) == [
        "contiguity",
        "five nearest by rail",
        "p < 0.1",
        "p ≥ 0.1",
        "expected without clustering",
    ]


def test_lines_are_cut_at_a_break_and_the_break_is_marked(synthetic_moran):
    breaks = {"manufacturing": {2013: "coverage widened"}}
    cut, whole = moran_over_time(synthetic_moran, breaks=breaks).axes
    assert [len(line.get_xdata()) for line in series(cut, SERIES[0])] == [3, 3]
    assert [len(line.get_xdata()) for line in series(whole, SERIES[0])] == [6]
    assert [line.get_xdata()[0] for line in cut.lines if line.get_color() == "#222222"] == [2012.5]
    assert [text.get_text() for text in cut.texts] == ["coverage widened"]
    assert len(whole.texts) == 0


def test_a_late_note_is_written_before_its_line(synthetic_moran):
    breaks = {"manufacturing": {2011: "early", 2015: "late"}}
    early, late = moran_over_time(synthetic_moran, breaks=breaks).axes[0].texts
    assert (early.get_ha(), late.get_ha()) == ("left", "right")


def test_filled_markers_are_significant_years(synthetic_moran):
    panel = moran_over_time(synthetic_moran).axes[0]
    assert solid(panel) == [year % 2 == 1 for year in YEARS]
    assert solid(moran_over_time(synthetic_moran, alpha=0.5).axes[0]) == [True] * 6


def test_bands_are_chance_around_the_expected_value_and_cut_with_the_line(synthetic_moran):
    spread = synthetic_moran["weights"].map({"contiguity": 0.05, "rail": 0.1})
    table = synthetic_moran.assign(z_rand=(synthetic_moran["I"] + 0.125) / spread)
    figure = moran_over_time(table, band=True, breaks={"manufacturing": {2013: "coverage"}})
    for panel, pieces in zip(figure.axes, (2, 1), strict=True):
        for color, sd in zip(SERIES, (0.05, 0.1), strict=False):
            bands = [part for part in panel.collections if to_hex(part.get_facecolor()[0]) == color]
            bands = [part for part in bands if not isinstance(part, PathCollection)]
            assert len(bands) == pieces
            heights = np.concatenate([part.get_paths()[0].vertices[:, 1] for part in bands])
            assert heights.min() == pytest.approx(-0.125 - 1.96 * sd)
            assert heights.max() == pytest.approx(-0.125 + 1.96 * sd)
            assert panel.get_ylim()[0] < heights.min()
            assert panel.get_ylim()[1] > heights.max()
    assert labels(figure)[-1] == "95 % of chance, by weights"


def test_a_band_without_moments_is_refused(synthetic_moran):
    with pytest.raises(OutputError, match="no column z_rand"):
        moran_over_time(synthetic_moran, band=True)


def test_another_p_value_may_be_used(synthetic_moran):
    table = synthetic_moran.assign(p_norm=0.0)
    assert solid(moran_over_time(table, pvalue="p_norm").axes[0]) == [True] * 6


def test_the_expected_value_is_a_line(synthetic_moran):
    panel = moran_over_time(synthetic_moran).axes[0]
    assert any(np.allclose(line.get_ydata(), -0.125) and line.get_linestyle() == ":" for line in panel.lines)


def test_rows_in_any_order_give_the_same_bytes(synthetic_moran):
    shuffled = synthetic_moran.groupby(["weights", "variable"], sort=False).sample(frac=1, random_state=0)
    figures = [moran_over_time(table) for table in (synthetic_moran, shuffled)]
    first, second = (figure_bytes(figure, dpi=40) for figure in figures)
    assert first == second


def test_too_many_series_are_refused(synthetic_moran):
    table = pd.concat(synthetic_moran.assign(weights=f"W{k}") for k in range(6))
    with pytest.raises(OutputError, match="6 series cannot be told apart"):
        moran_over_time(table)


def test_the_slope_of_the_scatter_is_moran(synthetic_scatter):
    values, lags, names = synthetic_scatter
    figure = moran_scatter(values, lags, names, label="LQ (SYNTHETIC)")
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["2010: I = 0.50", "2019: I = 0.50"]
    (line,) = series(figure.axes[0], ACCENT)
    assert line.get_slope() == pytest.approx(0.5)
    assert line.get_xy1() == (0, 0)


def test_a_negative_slope_has_a_true_minus(synthetic_scatter):
    values, lags, names = synthetic_scatter
    figure = moran_scatter(values, -lags, names, label="LQ")
    assert figure.axes[0].get_title(loc="left") == "2010: I = −0.50"


def test_every_point_and_quadrant_is_named(synthetic_scatter):
    figure = moran_scatter(*synthetic_scatter, label="LQ")
    for panel in figure.axes:
        words = [text.get_text() for text in panel.texts]
        assert set(words) == {*synthetic_scatter[2], "HH", "HL", "LH", "LL"}
        assert len(markers(panel)[0].get_offsets()) == 9
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()


def test_scatter_matches_by_label(synthetic_scatter):
    values, lags, names = synthetic_scatter
    straight = moran_scatter(values, lags, names, label="LQ")
    turned = moran_scatter(values, lags.iloc[::-1, ::-1], names.iloc[::-1], label="LQ")
    assert figure_bytes(straight, dpi=40) == figure_bytes(turned, dpi=40)


def test_scatter_refuses_other_units(synthetic_scatter):
    values, lags, names = synthetic_scatter
    with pytest.raises(AlignmentError, match="not of the same units"):
        moran_scatter(values, lags.drop(310000), names, label="LQ")
    with pytest.raises(AlignmentError, match="not of the same units"):
        moran_scatter(values, lags, names.drop(310000), label="LQ")


def test_effects_have_three_panels_that_share_their_rows(synthetic_impacts):
    figure = effects_plot(synthetic_impacts, titles={"wage": "log wage"})
    assert [panel.get_title(loc="left") for panel in figure.axes] == list(EFFECTS)
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["log wage", "access"]
    assert len({panel.get_ylim() for panel in figure.axes}) == 1
    assert labels(figure) == ["contiguity", "rail", "interval without zero", "with zero"]


def test_filled_effects_have_intervals_without_zero(synthetic_impacts):
    direct, indirect, _ = effects_plot(synthetic_impacts).axes
    assert solid(direct) == [True, True]
    assert solid(indirect) == [False, True]


def test_models_stand_side_by_side(synthetic_impacts):
    direct = effects_plot(synthetic_impacts).axes[0]
    first, second = (collection.get_offsets()[:, 1] for collection in markers(direct))
    assert (first > second).all()
    assert np.allclose(first - second, (first - second)[0])
    assert np.abs(first - np.array([1, 0])).max() < 0.5


def test_the_column_of_the_models_may_have_another_name(synthetic_impacts):
    table = synthetic_impacts.rename(columns={"model": "weights"})
    assert figure_bytes(effects_plot(table, by="weights"), dpi=40) == figure_bytes(
        effects_plot(synthetic_impacts), dpi=40
    )


def test_a_model_without_a_variable_leaves_its_row_free(synthetic_impacts):
    table = synthetic_impacts[
        ~((synthetic_impacts["model"] == "rail") & (synthetic_impacts["variable"] == "wage"))
    ]
    direct = effects_plot(table).axes[0]
    assert [len(collection.get_offsets()) for collection in markers(direct)] == [2, 1]


def test_change_is_sorted_by_the_later_value(synthetic_units):
    before = pd.Series(np.arange(9.0), index=synthetic_units.index)
    after = before.iloc[::-1].set_axis(before.index)
    figure = change_plot(
        before, after, synthetic_units["name_zh"], times=("2008", "2024"), label="hours (SYNTHETIC)"
    )
    (panel,) = figure.axes
    assert [tick.get_text() for tick in panel.get_yticklabels()] == list(synthetic_units["name_zh"])[::-1]
    assert labels(figure) == ["2008", "2024"]
    assert panel.get_xlabel() == "hours (SYNTHETIC)"


def test_units_without_both_values_are_counted(synthetic_units):
    before = pd.Series(1.0, index=synthetic_units.index)
    figure = change_plot(
        before, before.drop(310000), synthetic_units["name_zh"], times=("a", "b"), label="hours"
    )
    assert figure.axes[0].get_xlabel() == "hours (1 cities without data left out)"
    assert len(figure.axes[0].get_yticklabels()) == 8


def test_charts_repeat_byte_for_byte(synthetic_moran, synthetic_impacts, synthetic_scatter):
    for draw in (
        lambda: moran_over_time(synthetic_moran, breaks={"services": {2012: "note"}}),
        lambda: effects_plot(synthetic_impacts),
        lambda: moran_scatter(*synthetic_scatter, label="LQ"),
    ):
        assert figure_bytes(draw(), dpi=40) == figure_bytes(draw(), dpi=40)
