"""The specification curve drawn: what stands where, which colour, and what is left out is counted."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from yrdspatial.choice.choices import DIMENSIONS
from yrdspatial.errors import OutputError
from yrdspatial.report.curves import curve_plot
from yrdspatial.report.style import ACCENT, MUTED, SERIES, figure_bytes
from yrdspatial.tables.speech import speaking


def synthetic_table():
    table = pd.DataFrame(
        {
            "estimate": [0.5, -0.4, 0.1, np.nan],
            "lower": [0.2, -0.6, -0.2, np.nan],
            "upper": [0.8, -0.2, 0.4, np.nan],
            "pvalue": [0.001, 0.01, 0.5, np.nan],
            "model": ["SAR", "SDM", "SAR", "OLS"],
            "effects": ["unit", "unit", "twoways", "twoways"],
        }
    )
    return table.assign(**{name: "same" for name in DIMENSIONS if name not in table})


def test_estimates_are_sorted_and_coloured():
    upper = curve_plot(synthetic_table(), label="indirect").axes[0]
    dots = next(one for one in upper.collections if isinstance(one, PathCollection))
    assert np.asarray(dots.get_offsets())[:, 1].tolist() == [-0.4, 0.1, 0.5]
    assert [to_hex(face) for face in dots.get_facecolors()] == [ACCENT, MUTED, SERIES[0]]
    lines = next(one for one in upper.collections if isinstance(one, LineCollection))
    assert np.array(lines.get_segments())[:, :, 1].tolist() == [[-0.6, -0.2], [-0.2, 0.4], [0.2, 0.8]]
    assert upper.get_ylabel() == "indirect"


def test_choices_stand_under_their_estimates():
    lower = curve_plot(synthetic_table(), titles={"unit": "city"}).axes[1]
    rows = dict(zip([tick.get_text() for tick in lower.get_yticklabels()], lower.get_yticks(), strict=True))
    assert list(rows) == ["SAR", "SDM", "OLS", "city", "twoways"]
    marks = {name: [] for name in rows}
    for part in lower.collections:
        for segment in part.get_segments():
            name = next(one for one, place in rows.items() if abs(segment[:, 1].mean() - place) < 1e-9)
            marks[name].append(int(segment[0, 0]))
    assert marks == {"SAR": [1, 2], "SDM": [0], "OLS": [], "city": [0, 2], "twoways": [1]}
    assert [text.get_text() for text in lower.texts] == ["model ", "fixed effects "]


def test_words_of_the_choices_are_said_in_the_language():
    with speaking("zh"):
        figure = curve_plot(synthetic_table().assign(controls=["none", "all", "z", "z"]))
    lower = figure.axes[1]
    assert [text.get_text() for text in lower.texts] == ["模型 ", "控制变量 ", "固定效应 "]
    assert [tick.get_text() for tick in lower.get_yticklabels()][3:6] == ["无", "全部", "z"]


def test_what_is_not_drawn_is_counted():
    assert curve_plot(synthetic_table()).axes[1].get_xlabel() == (
        "3 specifications, sorted by estimate (1 without an estimate are not drawn)"
    )
    whole = curve_plot(synthetic_table().dropna())
    assert whole.axes[1].get_xlabel() == "3 specifications, sorted by estimate"


def test_the_level_is_an_argument():
    figure = curve_plot(synthetic_table(), alpha=0.005)
    dots = next(one for one in figure.axes[0].collections if isinstance(one, PathCollection))
    assert [to_hex(face) for face in dots.get_facecolors()] == [MUTED, MUTED, SERIES[0]]


def test_a_thousand_specifications_fit_and_far_intervals_do_not_flatten_the_rest():
    rng = np.random.default_rng(1)
    estimate = rng.normal(size=1000)
    table = pd.DataFrame({"estimate": estimate, "lower": estimate - 1, "upper": estimate + 1, "pvalue": 0.5})
    table.loc[0, "upper"] = 1e6
    table = table.assign(**dict.fromkeys(DIMENSIONS, "same")).assign(
        model=np.where(estimate > 0, "SAR", "SDM")
    )
    figure = curve_plot(table)
    low, high = figure.axes[0].get_ylim()
    assert -6 < low < estimate.min()
    assert estimate.max() < high < 6
    assert figure_bytes(figure, dpi=40)[:4] == b"\x89PNG"


def test_the_same_table_gives_the_same_bytes():
    one, two = (figure_bytes(curve_plot(synthetic_table()), dpi=50) for _ in range(2))
    assert one == two


def test_nothing_to_draw_is_refused():
    with pytest.raises(OutputError, match="no specification has an estimate"):
        curve_plot(synthetic_table().iloc[3:])
