"""The style leaves matplotlib as it was, the palettes survive greyscale, and files repeat byte for byte."""

import re
import zlib
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font

from yrdspatial.datasets import dataset_path
from yrdspatial.errors import OutputError
from yrdspatial.geography.units import load_units
from yrdspatial.report import style
from yrdspatial.report.style import figure_bytes, house_style, panel_grid, save_figure

SRGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)


def lab(color, seen_by):
    """CIE 1976 L*a*b* of a colour (IEC 61966-2-1, D65), as seen with a deficiency (Machado et al. 2009, severity 1)."""
    channels = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    relative = SRGB @ np.clip(seen_by @ linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    root = np.where(relative > 216 / 24389, np.cbrt(relative), (24389 / 27 * relative + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def lightness(color):
    return lab(color, np.eye(3))[0]


def sample(text="泰州 ρ = −0.5"):
    with house_style():
        figure, (panel,) = panel_grid(1, columns=1, width=2.0, aspect=1.0)
        panel.set_title(text)
        panel.plot([0, 1], [0, 1])
    return figure


@pytest.mark.parametrize(
    "palette", [style.SEQUENTIAL, list(style.CLUSTERS.values())], ids=["sequential", "clusters"]
)
def test_area_colours_differ_in_greyscale(palette):
    steps = np.abs(np.diff([lightness(color) for color in palette]))
    assert steps.min() > 10  # L* of 10 is the contrast of neighbouring fields that cartographers ask for


def test_classes_run_from_light_to_dark():
    values = [lightness(color) for color in style.SEQUENTIAL]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    "seen_by", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["full", "deuteranopia", "protanopia"]
)
@pytest.mark.parametrize(
    "palette",
    [style.SEQUENTIAL, style.SERIES, style.PERIODS, tuple(style.CLUSTERS.values())],
    ids=["sequential", "series", "periods", "clusters"],
)
def test_colours_differ_for_every_eye(palette, seen_by):
    gaps = [np.linalg.norm(lab(a, seen_by) - lab(b, seen_by)) for a, b in combinations(palette, 2)]
    assert min(gaps) > 10  # a difference of 2.3 is just noticeable; lines and fields need several of it


def test_every_series_has_its_own_marker_and_dash():
    assert len(set(style.MARKERS)) == len(set(style.DASHES)) == len(style.SERIES) == 5


def test_text_is_readable_on_white():
    for color in (style.INK, style.MUTED):
        luminance = ((lightness(color) + 16) / 116) ** 3
        assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG 2.2, success criterion 1.4.3


def test_the_style_ends_with_its_block():
    before, fonts = dict(mpl.rcParams), list(fontManager.ttflist)
    with house_style():
        assert mpl.rcParams["font.family"] == ["YRD Sans SC", "DejaVu Sans"]
        assert any(font.name == style.FONT_FAMILY for font in fontManager.ttflist)
    assert dict(mpl.rcParams) == before
    assert fontManager.ttflist == fonts


def test_the_style_ends_after_an_error_too():
    before, fonts = dict(mpl.rcParams), list(fontManager.ttflist)
    with pytest.raises(ZeroDivisionError), house_style():
        raise ZeroDivisionError
    assert dict(mpl.rcParams) == before
    assert fontManager.ttflist == fonts


def test_the_settings_of_the_user_change_no_byte():
    plain = figure_bytes(sample(), dpi=50)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.bbox": "tight"}):
        assert figure_bytes(sample(), dpi=50) == plain


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_the_same_figure_gives_the_same_bytes(kind):
    assert figure_bytes(sample(), kind, dpi=50) == figure_bytes(sample(), kind, dpi=50)


def test_saving_twice_one_figure_gives_the_same_bytes(tmp_path):
    figure = sample()
    first = [path.read_bytes() for path in save_figure(figure, tmp_path / "a" / "map", dpi=50)]
    second = [path.read_bytes() for path in save_figure(figure, tmp_path / "b" / "map", dpi=50)]
    assert first == second
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["map.pdf", "map.png"]


def test_files_carry_no_date_and_no_program():
    pdf, png, svg = (figure_bytes(sample(), kind, dpi=50) for kind in ("pdf", "png", "svg"))
    assert b"CreationDate" not in pdf
    assert b"atplotlib" not in png
    assert b"<dc:date>" not in svg


def test_the_pdf_embeds_the_shipped_font():
    pdf = figure_bytes(sample(), "pdf")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    unpacked = pdf + b"".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"\x78")
    assert re.search(rb"/FontFile[23]?", unpacked)
    assert b"YRD" in unpacked


def test_the_shipped_font_has_every_name_of_the_units():
    letters = set("".join(load_units()[["name_zh", "province_zh", "name_en"]].to_numpy().ravel()))
    charmap = FT2Font(str(dataset_path(style.FONT_FILE))).get_charmap()
    assert {letter for letter in letters if ord(letter) not in charmap} == set()


def test_signs_of_the_figures_are_in_one_of_the_two_fonts():
    figure_bytes(sample("ρ λ − × ≥ ≤ – ² ° ∞ 、；（）"), dpi=50)


def test_the_default_resolution_is_that_of_print():
    width = int.from_bytes(figure_bytes(sample())[16:20], "big")
    assert width == 2.0 * 300


def test_a_folder_that_cannot_be_written_to_is_an_error_with_a_cure(tmp_path):
    (tmp_path / "figures").write_text("in the way")
    with pytest.raises(OutputError, match="choose a folder"):
        save_figure(sample(), tmp_path / "figures" / "map", dpi=50)


def test_panels_are_equal_and_do_not_touch():
    figure, panels = panel_grid(5, columns=3, width=9.0, aspect=1.2, gap=(0.2, 0.4))
    boxes = np.array([panel.get_position().bounds for panel in panels]) * np.tile(figure.get_size_inches(), 2)
    assert np.allclose(boxes[:, 2:], boxes[0, 2:])
    assert boxes[0, 3] / boxes[0, 2] == pytest.approx(1.2)
    assert boxes[1, 0] - boxes[0, 0] - boxes[0, 2] == pytest.approx(0.2)
    assert boxes[0, 1] - boxes[3, 1] - boxes[3, 3] == pytest.approx(0.4)


def test_few_panels_take_the_whole_width():
    figure, (panel,) = panel_grid(1, columns=3, width=5.0, aspect=1.0)
    assert panel.get_position().width * figure.get_figwidth() == pytest.approx(5.0 - 0.2)
