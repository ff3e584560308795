"""The look of every figure: the shipped font, colours that survive greyscale, and files with the same bytes."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from yrdspatial.autocorrelation.results import NOT_SIGNIFICANT
from yrdspatial.datasets import dataset_path
from yrdspatial.tables.files import write_file

FONT_FILE = "fonts/yrd-sans-sc.otf"
FONT_FAMILY = "YRD Sans SC"
DPI = 300

INK = "#222222"
MUTED = "#6b6b6b"
LAND = "#f2f2ef"
BORDER = "#b5b5ae"
ACCENT = "#d55e00"
SEQUENTIAL = ("#eef6c8", "#a5dab5", "#46b0c3", "#2a6fae", "#22306f")
PERIODS = ("#3b0f70", "#8c2981", "#de4968", "#fe9f6d", "#d9b84a")
SERIES = ("#0b4f8a", "#d55e00", "#009e73", "#a6559a", "#5f5f5f")
MARKERS = ("o", "s", "^", "D", "v")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
CLUSTERS = {"HH": "#a50f15", "LL": "#2b7bba", "HL": "#f08a6c", "LH": "#a9cfe9", NOT_SIGNIFICANT: "#f0f0f0"}
CLUSTER_NAMES = {
    "HH": "HH: high among high",
    "LL": "LL: low among low",
    "HL": "HL: high among low",
    "LH": "LH: low among high",
    NOT_SIGNIFICANT: NOT_SIGNIFICANT,
}
HATCH = "//////"
DOTS = "....."

STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "figure.titlesize": 12,
    "font.family": [FONT_FAMILY, "DejaVu Sans"],
    "font.size": 9,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "hatch.color": "#8a8a8a",
    "hatch.linewidth": 0.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "savefig.dpi": DPI,
    "svg.hashsalt": "yrdspatial",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": 8,
    "ytick.color": INK,
    "ytick.labelsize": 8,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style inside the block (or the decorated function), and leave matplotlib as it was.

    Starts from matplotlib's own defaults, so that a user's ``matplotlibrc`` changes no byte.

    Yields
    ------
    None
        The style holds until the block ends.

    Examples
    --------
    >>> with house_style():
    ...     mpl.rcParams["font.family"]
    ['YRD Sans SC', 'DejaVu Sans']
    """
    fonts = list(fontManager.ttflist)
    fontManager.addfont(dataset_path(FONT_FILE))
    try:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            yield
    finally:
        fontManager.ttflist[:] = fonts


def panel_grid(
    count: int,
    *,
    columns: int,
    width: float,
    aspect: float,
    top: float = 0.3,
    bottom: float = 0.6,
    gap: tuple[float, float] = (0.12, 0.3),
    left: float = 0.1,
) -> tuple[Figure, list[Axes]]:
    """Make equal panels at fixed places, so that a label's room is known before it is drawn.

    Parameters
    ----------
    count : int
        Number of panels.
    columns : int
        Panels in a row, at most.
    width : float
        Width of the figure, in inches.
    aspect : float
        Height of a panel over its width.
    top, bottom, left : float
        Margins above the first row, below the last one, and at the left, in inches; the right margin is 0.1.
    gap : (float, float)
        Inches between columns and between rows.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The figure.
    panels : list of matplotlib.axes.Axes
        `count` panels, row by row.

    Examples
    --------
    >>> figure, panels = panel_grid(5, columns=3, width=9.0, aspect=1.1)
    >>> len(panels)
    5
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    wide = (width - left - 0.1 - (columns - 1) * gap[0]) / columns
    high = wide * aspect
    height = top + bottom + rows * high + (rows - 1) * gap[1]
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    panels = []
    for position in range(count):
        row, column = divmod(position, columns)
        x = left + column * (wide + gap[0])
        y = height - top - (row + 1) * high - row * gap[1]
        panels.append(figure.add_axes((x / width, y / height, wide / width, high / height)))
    return figure, panels


def figure_bytes(figure: Figure, kind: Literal["png", "pdf", "svg"] = "png", *, dpi: int = DPI) -> bytes:
    r"""Render a figure to the bytes of a file that carries no date and no name of a program.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    kind : {"png", "pdf", "svg"}
        File format.
    dpi : int
        Dots per inch.

    Returns
    -------
    bytes
        The content of the file: the same figure gives the same bytes.

    Examples
    --------
    >>> figure, panels = panel_grid(1, columns=1, width=2.0, aspect=1.0)
    >>> figure_bytes(figure, dpi=50)[:4]
    b'\x89PNG'
    """
    metadata: dict[str, dict[str, None]] = {
        "png": {"Software": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "svg": {"Date": None, "Creator": None},
    }
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata[kind])
    return buffer.getvalue()


def save_figure(figure: Figure, stem: str | Path, *, dpi: int = DPI) -> tuple[Path, Path]:
    """Write a figure as PNG and as PDF with embedded fonts.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    stem : str or Path
        Path without an ending; missing folders are made.
    dpi : int
        Dots per inch of the PNG, and of what is an image inside the PDF.

    Returns
    -------
    (Path, Path)
        The PNG and the PDF.

    Examples
    --------
    >>> import tempfile
    >>> figure, panels = panel_grid(1, columns=1, width=2.0, aspect=1.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save_figure(figure, f"{folder}/map", dpi=50)]
    ['map.png', 'map.pdf']
    """
    png, pdf = (figure_bytes(figure, kind, dpi=dpi) for kind in ("png", "pdf"))
    return write_file(f"{stem}.png", png), write_file(f"{stem}.pdf", pdf)
