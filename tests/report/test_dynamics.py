"""Moves: ribbons as wide as the counts, states in the colours of the map, chances as counted, cuts and tests noted."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import PathPatch, Rectangle

import yrdspatial as yrd
from yrdspatial.errors import OutputError
from yrdspatial.report.dynamics import GAP, _draw_matrix, spatial_markov_matrices, transition_flow
from yrdspatial.report.style import CLUSTERS, figure_bytes, panel_grid

STATES = ["HH", "LH", "LL", "HL"]


@pytest.fixture
def synthetic_moves():
    counts = [[40, 4, 0, 1], [3, 20, 2, 0], [0, 3, 50, 2], [1, 0, 4, 10]]
    return pd.DataFrame(counts, index=STATES, columns=STATES)


@pytest.fixture(scope="module")
def panel_of_values():
    units, years = yrd.load_units().index, range(2008, 2016)
    index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    steps = np.random.default_rng(5).normal(size=(len(units), len(years)))
    return pd.Series(steps.cumsum(axis=1).ravel(), index=index, name="invented")


@pytest.fixture(scope="module")
def contiguity():
    return yrd.contiguity_weights()


def ribbons(panel):
    return [patch for patch in panel.patches if isinstance(patch, PathPatch)]


def bars(panel):
    return [patch for patch in panel.patches if isinstance(patch, Rectangle)]


def widths(ribbon):
    vertices = ribbon.get_path().vertices
    return vertices[-1, 1] - vertices[0, 1], vertices[4, 1] - vertices[3, 1]


def test_every_move_is_a_ribbon_as_wide_as_its_count_at_both_ends(synthetic_moves):
    (panel,) = transition_flow({"invented": synthetic_moves}).axes
    moves = synthetic_moves.to_numpy()
    drawn = sorted(widths(ribbon)[0] for ribbon in ribbons(panel))
    assert drawn == pytest.approx(sorted(moves[moves > 0] / moves.sum()))
    assert all(near == pytest.approx(far) for near, far in map(widths, ribbons(panel)))


def test_bars_are_as_high_as_their_states_and_do_not_overlap(synthetic_moves):
    (panel,) = transition_flow({"invented": synthetic_moves}).axes
    heights = [bar.get_height() * synthetic_moves.to_numpy().sum() for bar in bars(panel)]
    assert heights == pytest.approx([*synthetic_moves.sum(axis=1), *synthetic_moves.sum(axis=0)])
    for side in (bars(panel)[:4], bars(panel)[4:]):
        for above, below in itertools.pairwise(side):
            assert below.get_y() - above.get_y() - above.get_height() == pytest.approx(GAP)


def test_ribbons_fill_their_bars(synthetic_moves):
    (panel,) = transition_flow({"invented": synthetic_moves}).axes
    for bar, color in zip(bars(panel)[:4], STATES, strict=True):
        own = [one for one in ribbons(panel) if to_hex(one.get_facecolor()) == CLUSTERS[color]]
        tops = [ribbon.get_path().vertices[0, 1] for ribbon in own]
        ends = [ribbon.get_path().vertices[-1, 1] for ribbon in own]
        assert min(tops) == pytest.approx(bar.get_y())
        assert max(ends) == pytest.approx(bar.get_y() + bar.get_height())


def test_stayers_are_pale_and_below_movers(synthetic_moves):
    (panel,) = transition_flow({"invented": synthetic_moves}).axes
    pale = [ribbon for ribbon in ribbons(panel) if ribbon.get_alpha() < 0.5]
    assert len(pale) == 4
    assert max(one.get_zorder() for one in pale) < min(
        one.get_zorder() for one in ribbons(panel) if one not in pale
    )


def test_states_are_named_with_their_numbers_and_wide_ribbons_with_their_shares(synthetic_moves):
    (panel,) = transition_flow({"invented": synthetic_moves}).axes
    texts = {text.get_text() for text in panel.texts}
    assert {"before", "after", "HH  45", "HH  44", "LL  55", "LL  56"} <= texts
    assert "40 (89%)" in texts  # 40 of 45
    assert "1 (2%)" not in texts
    assert panel.get_title(loc="left") == "invented: 20 of 140 moved"


def test_states_that_no_city_has_are_left_out(synthetic_moves):
    table = synthetic_moves.copy()
    table.loc["HL"], table["HL"] = 0, 0
    (panel,) = transition_flow({"invented": table}).axes
    assert len(bars(panel)) == 6


def test_other_classes_have_colours_too_up_to_five():
    classes = [str(level) for level in range(1, 7)]
    table = pd.DataFrame(np.eye(6, dtype=int), index=classes, columns=classes)
    (panel,) = transition_flow({"invented": table.iloc[:5, :5]}).axes
    assert len({to_hex(bar.get_facecolor()) for bar in bars(panel)}) == 5
    with pytest.raises(OutputError, match="6 classes cannot be told apart"):
        transition_flow({"invented": table})


@pytest.mark.parametrize("table", [pd.DataFrame([[0]], ["HH"], ["HH"]), pd.DataFrame([[1]], ["HH"], ["LL"])])
def test_what_is_no_table_of_moves_is_refused_by_name(table):
    with pytest.raises(OutputError, match="empty panel"):
        transition_flow({"empty panel": table})


def test_one_panel_a_table_and_the_same_bytes_again(synthetic_moves):
    figures = [transition_flow({"one": synthetic_moves, "two": synthetic_moves.T}) for _ in range(2)]
    assert len(figures[0].axes) == 2
    first, second = (figure_bytes(figure, dpi=40) for figure in figures)
    assert first == second


def test_quadrants_and_clusters_of_local_moran_flow(panel_of_values, contiguity):
    lisa = yrd.local_moran(panel_of_values, contiguity, permutations=99, seed=1, correction="none")
    quadrants, clusters = lisa.transitions(), lisa.transitions(of="cluster")
    figure = transition_flow({"quadrants": quadrants, "clusters": clusters})
    assert int(quadrants.to_numpy().sum()) == 41 * 7
    moved = 41 * 7 - int(np.trace(quadrants.to_numpy()))
    assert figure.axes[0].get_title(loc="left") == f"quadrants: {moved} of 287 moved"
    assert any(text.get_text().startswith("not\nsignificant\n") for text in figure.axes[1].texts)


def test_chances_are_the_shares_of_the_counts(panel_of_values, contiguity):
    result = yrd.spatial_markov(panel_of_values, contiguity, classes=3)
    figure = spatial_markov_matrices(result, label="an invented measure")
    assert len(figure.axes) == 4
    counts = result.counts.groupby(level="before").sum().to_numpy()
    shares = counts / counts.sum(axis=1, keepdims=True)
    image = figure.axes[0].images[0].get_array()
    assert np.allclose(image, shares, atol=1e-12)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == [f"{share:.2f}" for share in shares.ravel()]
    rows = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert rows == [f"{level}  (n = {size})" for level, size in zip("123", counts.sum(axis=1), strict=True)]


def test_a_class_that_was_never_left_has_a_dash(panel_of_values, contiguity):
    result = yrd.spatial_markov(panel_of_values, contiguity, classes=[0.0], lag_classes=[1e9])
    figure = spatial_markov_matrices(result, label="an invented measure")
    assert [text.get_text() for text in figure.axes[2].texts] == ["–"] * 4


def test_cuts_and_tests_are_printed(panel_of_values, contiguity):
    result = yrd.spatial_markov(panel_of_values, contiguity, classes=[-1.0, 0.5])
    (note,) = spatial_markov_matrices(result, label="an invented measure").texts
    lines = note.get_text().split("\n")
    assert lines[0] == "Classes of an invented measure: 1 up to -1, 2 up to 0.5, 3 above".replace("-", "−")
    likelihood = result.tests.set_index("test").loc["LR"]
    assert f"LR = {likelihood['statistic']:.1f} (df {likelihood['df']:.0f}" in lines[2]


def luminance(color):
    """Relative luminance of WCAG 2.2."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def test_numbers_are_readable_on_every_ground():
    shares = pd.DataFrame(np.linspace(0, 1, 121).reshape(11, 11))
    _, (panel,) = panel_grid(1, columns=1, width=4.0, aspect=1.0)
    _draw_matrix(panel, shares, shares)
    image = panel.images[0]
    for text, share in zip(panel.texts, np.ravel(image.get_array()), strict=True):
        dark, light = sorted([luminance(image.cmap(image.norm(share))[:3]), luminance(text.get_color())])
        assert (light + 0.05) / (dark + 0.05) >= 3.9  # the best there is: at 0.66 black and white are alike
