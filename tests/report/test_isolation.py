"""Figures depend on nothing around them and leave nothing behind: no open figure, no user settings, no hash seed."""

import os
import re
import subprocess
import sys
from importlib.resources import files

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.font_manager import fontManager

from yrdspatial.report.html import Paragraph, Section, report_html
from yrdspatial.report.maps import map_opening
from yrdspatial.report.style import figure_bytes, house_style, panel_grid

HASHES = """
import hashlib
import numpy as np
import yrdspatial as yrd
from yrdspatial.report.heatmap import weights_heatmap
from yrdspatial.report.html import FigureBlock, Section, report_html
from yrdspatial.report.style import figure_bytes

figure = weights_heatmap({"invented": np.eye(41)}, yrd.load_units())
files = [figure_bytes(figure, kind, dpi=40) for kind in ("png", "pdf")]
block = FigureBlock("heat", files[0], "A heat map.", "A heat map.")
files.append(report_html([Section("one", "One", [block])], title="x").encode())
print([hashlib.sha256(content).hexdigest() for content in files])
"""


def run(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


def test_processes_with_other_hash_seeds_write_the_same_bytes():
    first, second = (run(HASHES, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first == second
    assert first.count("'") == 6


def test_drawing_opens_no_figure_of_pyplot_and_needs_no_screen():
    code = """
import numpy as np
import yrdspatial as yrd
from yrdspatial.report.heatmap import weights_heatmap
from yrdspatial.report.style import figure_bytes
figure_bytes(weights_heatmap({"invented": np.eye(41)}, yrd.load_units()), dpi=20)
import matplotlib.pyplot as plt
print(plt.get_fignums())
"""
    assert run(code, MPLBACKEND="module://no_such_backend", DISPLAY="") == "[]"


def test_drawing_leaves_matplotlib_as_it_was(synthetic_shapes, synthetic_units, synthetic_segments):
    before, fonts = dict(mpl.rcParams), list(fontManager.ttflist)
    figure = map_opening(synthetic_shapes, synthetic_units, synthetic_segments, until=[2020])
    figure_bytes(figure, dpi=40)
    assert dict(mpl.rcParams) == before
    assert fontManager.ttflist == fonts


def test_drawing_leaves_the_random_numbers_of_the_user_alone(
    synthetic_shapes, synthetic_units, synthetic_segments
):
    np.random.seed(0)  # noqa: NPY002
    expected = np.random.random_sample()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    map_opening(synthetic_shapes, synthetic_units, synthetic_segments, until=[2020])
    assert np.random.random_sample() == expected  # noqa: NPY002


def test_a_letter_that_no_font_has_does_not_pass_unseen():
    with house_style():
        figure, (panel,) = panel_grid(1, columns=1, width=2.0, aspect=1.0)
        panel.set_title("\U00030edd")
    with pytest.warns(UserWarning, match="Glyph"):
        figure_bytes(figure, dpi=40)


def test_frames_of_the_user_are_not_changed(synthetic_shapes, synthetic_units, synthetic_segments):
    copies = [frame.copy() for frame in (synthetic_shapes, synthetic_units, synthetic_segments)]
    map_opening(synthetic_shapes, synthetic_units, synthetic_segments, until=[2020])
    for frame, copy in zip((synthetic_shapes, synthetic_units, synthetic_segments), copies, strict=True):
        assert frame.equals(copy)


def luminance(color):
    """Relative luminance of WCAG 2.2."""
    digits = color.lstrip("#")
    digits = "".join(letter * 2 for letter in digits) if len(digits) == 3 else digits
    channels = np.array([int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def style_sheet():
    template = (files("yrdspatial.report") / "templates" / "report.html.j2").read_text("utf-8")
    return template[template.index("<style>") : template.index("</style>")]


def test_words_of_the_page_have_contrast(style_sheet):
    colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", style_sheet))
    pairs = [
        ("ink", "#fff"),
        ("muted", "#fff"),
        ("link", "#fff"),
        ("ink", colors["soft"]),
        ("link", colors["soft"]),
    ]
    pairs += [("ink", colors["warn-soft"]), ("warn", colors["warn-soft"])]
    low = {
        pair: contrast(colors[pair[0]], pair[1]) for pair in pairs if contrast(colors[pair[0]], pair[1]) < 4.5
    }
    assert low == {}  # WCAG 2.2, success criterion 1.4.3, level AA


def test_every_class_of_the_page_has_a_rule_and_every_rule_a_class(style_sheet):
    template = (files("yrdspatial.report") / "templates" / "report.html.j2").read_text("utf-8")
    body = template[template.index("<body>") :]
    used = {name for value in re.findall(r'class="([a-z ]+)', body) for name in value.split()}
    ruled = set(re.findall(r"\.([a-z]+)(?=[ ,.:{)>])", re.sub(r"\{\{.*?\}\}", "", style_sheet)))
    assert used - ruled == {"image", "data"} - ruled
    assert ruled - used <= {"num", "hang", "rule", "wide", "tall"}


def test_focus_is_visible(style_sheet):
    assert re.search(r":focus-visible[^{]*\{ outline: 3px", style_sheet)


def test_the_page_prints_whole_tables(style_sheet):
    printed = style_sheet[style_sheet.index("@media print") :]
    assert re.search(r"\.tall \{ overflow: visible; max-height: none", printed)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7 * 7 }}", "{% raw %}", "&lt;"]
)
def test_no_text_becomes_markup(text):
    page = report_html([Section("one", text, [Paragraph(text)])], title=text, subtitle=text)
    assert "<script>" not in page
    assert "<img" not in page
    assert "49" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page[page.index("<body>") :])
