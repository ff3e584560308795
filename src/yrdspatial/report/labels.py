"""Names beside points that do not cover one another: the places are computed, and the same every time."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from yrdspatial.report.style import INK, MUTED

Floats = npt.NDArray[np.float64]

LINE_HEIGHT = 1.15
LEADER_FROM = 4.0
SWEEPS = 30
ANGLES = np.deg2rad(
    np.array([0, 180, 90, 270, 45, 135, 225, 315, 22.5, 157.5, 202.5, 337.5, 67.5, 112.5, 247.5, 292.5])
)
RADII = np.array([1.0, 4.0, 8.0, 13.0, 19.0, 26.0])


def place_labels(
    anchors: Floats, sizes: Floats, bounds: tuple[float, float, float, float], *, marker: float = 2.0
) -> Floats:
    """Find a place for every label, near its point, inside the frame, off the other labels and points.

    Each label in turn takes the cheapest of 16 directions times 6 distances (and its own point, when points carry no
    marker), the most crowded first; then all are revised until none moves.

    Parameters
    ----------
    anchors : ndarray, shape (N, 2)
        Points, in typographic points of the page (1/72 inch).
    sizes : ndarray, shape (N, 2)
        Widths and heights of the labels, in the same unit.
    bounds : (float, float, float, float)
        Left, bottom, right and top of the frame, in the same unit.
    marker : float
        Radius of the marker at a point, in the same unit; 0 for none, and the label may then sit on its point.

    Returns
    -------
    ndarray, shape (N, 2)
        Centres of the labels.

    Examples
    --------
    >>> anchors = np.array([[50.0, 50.0], [54.0, 50.0]])
    >>> centres = place_labels(anchors, np.full((2, 2), 10.0), (0.0, 0.0, 100.0, 100.0))
    >>> bool(np.abs(centres[0] - centres[1]).max() >= 10.0)
    True
    """
    offsets, distances = _candidates(sizes, marker)
    centres = anchors[:, None, :] + offsets
    fixed = (
        distances[None, :] + _outside(centres, sizes, bounds) + _on_markers(centres, sizes, anchors, marker)
    )
    gaps = np.linalg.norm(anchors[:, None] - anchors[None], axis=2)
    order = np.argsort((gaps < 3 * sizes.max(initial=1.0)).sum(axis=1), kind="stable")[::-1]
    chosen = np.argmin(fixed, axis=1)
    placed = np.zeros(len(anchors), dtype=bool)
    for _ in range(SWEEPS):
        before = chosen.copy()
        for i in order:
            others = np.flatnonzero(placed & (np.arange(len(anchors)) != i))
            taken = centres[others, chosen[others]]
            overlap = _overlap(centres[i], sizes[i], taken, sizes[others]).sum(axis=1)
            chosen[i] = np.argmin(fixed[i] + 3.0 * overlap + 20.0 * (overlap > 0))
            placed[i] = True
        if np.array_equal(before, chosen):
            break
    return np.asarray(centres[np.arange(len(anchors)), chosen], dtype=np.float64)


def draw_labels(
    axes: Axes,
    points: Floats,
    names: Sequence[str] | npt.NDArray[np.object_],
    *,
    size: float,
    marker: float = 2.0,
    color: str = INK,
) -> None:
    """Write names beside points of a panel that has its final place and limits, with a thin leader where one is far.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    points : ndarray, shape (N, 2)
        Points in data coordinates.
    names : sequence of str
        N names.
    size : float
        Font size, in points.
    marker : float
        Radius of the markers at the points, in points; 0 for none.
    color : str
        Colour of the names.

    Examples
    --------
    >>> from yrdspatial.report.style import house_style, panel_grid
    >>> with house_style():
    ...     figure, (panel,) = panel_grid(1, columns=1, width=3.0, aspect=1.0)
    ...     draw_labels(panel, np.array([[0.2, 0.2], [0.3, 0.2]]), ["Wuxi", "Suzhou"], size=7)
    >>> [text.get_text() for text in panel.texts]
    ['Wuxi', 'Suzhou']
    """
    if not len(names):
        return
    axes.apply_aspect()
    to_page = axes.transData
    scale = 72.0 / axes.figure.get_dpi()
    anchors = to_page.transform(points) * scale
    frame = np.asarray(axes.get_window_extent().extents) * scale
    sizes = np.array([[text_width(name) * size, LINE_HEIGHT * size] for name in names]).reshape(-1, 2)
    centres = place_labels(anchors, sizes, tuple(frame), marker=marker)
    places = to_page.inverted().transform(centres / scale)
    for name, point, place, anchor, centre, box in zip(
        names, points, places, anchors, centres, sizes, strict=True
    ):
        if np.maximum(np.abs(centre - anchor) - box / 2, 0).max() > LEADER_FROM:
            axes.plot(
                *zip(point, place, strict=True),
                color=MUTED,
                linewidth=0.35,
                zorder=4,
                scalex=False,
                scaley=False,
            )
        text = axes.text(
            place[0], place[1], name, ha="center", va="center", fontsize=size, color=color, zorder=6
        )
        text.set_path_effects([withStroke(linewidth=size / 5, foreground="white")])


def text_width(text: str) -> float:
    """Estimate the width of a text in units of its font size: 1 for a Chinese character, 0.58 for a Latin letter.

    Parameters
    ----------
    text : str
        One line.

    Returns
    -------
    float
        Width over font size.

    Examples
    --------
    >>> text_width("上海")
    2.0
    """
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in text)


def wrap_pieces(text: str, width: float, between: str = "; ") -> str:
    r"""Break a list into lines after its semicolons.

    Parameters
    ----------
    text : str
        Pieces, divided by `between`.
    width : float
        Room for a line, in units of the font size.
    between : str
        The semicolon of the language, with its space.

    Returns
    -------
    str
        Lines no wider than the room, unless one piece alone is.

    Examples
    --------
    >>> wrap_pieces("2005: 上海; 2010: 苏州; 2015: 无锡", 13)
    '2005: 上海; 2010: 苏州;\n2015: 无锡'
    """
    lines: list[str] = []
    for piece in text.split(between):
        if lines and text_width(lines[-1] + between + piece) <= width:
            lines[-1] += between + piece
        else:
            lines.append(piece)
    return f"{between.rstrip()}\n".join(lines)


def _candidates(sizes: Floats, marker: float) -> tuple[Floats, Floats]:
    radius = marker + np.repeat(RADII, len(ANGLES))
    angle = np.tile(ANGLES, len(RADII))
    direction = np.column_stack([np.cos(angle), np.sin(angle)])
    offsets = direction[None] * (sizes[:, None, :] / 2 + radius[None, :, None])
    preference = np.tile(np.arange(len(ANGLES)) * 0.05, len(RADII))
    distances = radius - marker + preference
    if marker > 0:
        return offsets, distances
    centre = np.zeros((len(sizes), 1, 2))
    return np.concatenate([centre, offsets], axis=1), np.concatenate([[0.0], distances])


def _outside(centres: Floats, sizes: Floats, bounds: tuple[float, float, float, float]) -> Floats:
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    half = sizes[:, None, :] / 2
    beyond = np.maximum(low - (centres - half), 0) + np.maximum(centres + half - high, 0)
    return np.asarray(50.0 * beyond.sum(axis=2), dtype=np.float64)


def _on_markers(centres: Floats, sizes: Floats, anchors: Floats, marker: float) -> Floats:
    if marker == 0:
        return np.zeros(centres.shape[:2])
    box = np.full((len(anchors), 2), 2 * marker)
    return np.stack(
        [2.0 * _overlap(c, s, anchors, box).sum(axis=1) for c, s in zip(centres, sizes, strict=True)]
    )


def _overlap(centres: Floats, size: Floats, others: Floats, other_sizes: Floats) -> Floats:
    reach = (size + other_sizes)[None] / 2 - np.abs(centres[:, None] - others[None])
    limit = np.minimum(size, other_sizes)[None]
    return np.asarray(np.prod(np.clip(np.minimum(reach, limit), 0, None), axis=2), dtype=np.float64)
