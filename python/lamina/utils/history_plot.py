"""Draws a training history with matplotlib, without its global state (pyplot)."""

from __future__ import annotations

import io
import math
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.style import context
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

_COLOURS = {"training": "#F8766D", "validation": "#00BFC4"}
_SMOOTH_FROM = 10  # values
_MANY = 100  # values: from here on the points fade behind the curve
_SPAN = 0.4  # share of the values that a point of the smooth curve looks at, and
_NEAREST = 40  # the most of them, and
_FURTHEST = 0.7  # how far they may be in log(epoch): twice, or half, the epoch
_DPI = 100  # on the screen; files and notebooks get twice as much
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": "#333333",
    "figure.facecolor": "white",
    "axes.facecolor": "#EFEFEF",
    "axes.labelcolor": "#222222",
    "axes.labelsize": 11,
    "axes.edgecolor": "none",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "white",
    "grid.linewidth": 1.0,
    "grid.linestyle": "-",
    "grid.alpha": 1.0,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
}
_Row = Mapping[str, Any]
_Values = NDArray[np.float64]


class HistoryFigure(Figure):
    """A figure that a notebook shows."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=2 * _DPI)
        return buffer.getvalue(), {"width": round(self.get_figwidth() * _DPI)}


def draw(
    rows: Sequence[_Row], metrics: str | Sequence[str] | None = None, smooth: bool = True
) -> HistoryFigure:
    """The figure of rows in long form, as `History.as_rows` gives them.

    Raises:
        ValueError: a metric that no row has, or nothing to draw.
    """
    names = _check_metrics(metrics, list(dict.fromkeys(row["metric"] for row in rows)))
    rows = [row for row in rows if row["metric"] in names]
    with context(["default", _STYLE]):
        size = (7.0, 1.2 + 1.75 * len(names) if len(names) > 1 else 3.4)
        figure = HistoryFigure(figsize=size, dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(len(names), sharex=True, squeeze=False)[:, 0]
        for panel, name in zip(panels, names):
            _draw_panel(panel, [row for row in rows if row["metric"] == name], smooth)
            panel.set_ylabel(name, labelpad=8)
        _finish(figure, list(panels), rows)
    return figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write the figure in the format of the path's suffix; a file there is replaced at the end.

    Raises:
        ValueError: no suffix, or one that is no format.
    """
    target = Path(path)
    formats = figure.canvas.get_supported_filetypes()
    kind = target.suffix.lower().removeprefix(".")
    if kind not in formats:
        raise ValueError(
            f"path must end in one of {sorted(formats)}. Received: path={os.fspath(path)!r}"
        )
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        figure.savefig(part, format=kind, dpi=2 * _DPI)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def smooth_curve(
    x: _Values, y: _Values, at: _Values, nearest: int, furthest: float = math.inf
) -> _Values:
    """Local linear regression with tricube weights on the nearest values (loess, degree 1).

    Args:
        x, y: the values, n each, x all different.
        at: where to evaluate the curve.
        nearest: how many of the nearest values count at each place, 4 to n.
        furthest: from this distance on values do not count, but for the nearest 4.

    Returns:
        The curve's height at each place of `at`.
    """
    distance = np.abs(at[:, None] - x)
    sorted_distance = np.sort(distance, axis=1)
    reach = sorted_distance[:, nearest - 1]
    reach = np.minimum(reach, np.maximum(sorted_distance[:, 3], furthest))
    weight = (1 - np.minimum(distance / reach[:, None], 1) ** 3) ** 3
    weight /= weight.sum(axis=1, keepdims=True)
    x_mean, y_mean = weight @ x, weight @ y
    x_off = x - x_mean[:, None]
    slope = (weight * x_off * (y - y_mean[:, None])).sum(axis=1) / (weight * x_off**2).sum(axis=1)
    return np.asarray(y_mean + slope * (at - x_mean))


def _check_metrics(metrics: str | Sequence[str] | None, known: list[str]) -> list[str]:
    if not known:
        raise ValueError("The history has no epoch yet: there is nothing to plot.")
    if metrics is None:
        return known
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    if not names or not set(names) <= set(known):
        raise ValueError(f"metrics must be among {known}. Received: metrics={metrics!r}")
    return names


def _draw_panel(panel: Axes, rows: Sequence[_Row], smooth: bool) -> None:
    for data, colour in _COLOURS.items():
        points = [(row["epoch"] + 1, row["value"]) for row in rows if row["data"] == data]
        points = [(x, y) for x, y in points if math.isfinite(y)]
        if not points:
            continue
        x, y = np.array(points, dtype=float).T
        smoothed, many = smooth and _is_noisy(y), len(x) > _MANY
        panel.plot(
            *(_smoothed(x, y) if smoothed else (x, y)),
            color=colour,
            label=data if many else None,
            linewidth=2 if smoothed else 1.2,
            zorder=4 if many else 2,
        )
        panel.plot(
            x,
            y,
            "o",
            color=colour,
            label=None if many else data,
            alpha=0.35 if many else 1,
            markersize=3 if many else 5,
            markeredgecolor="none" if many else "#222222",
            markeredgewidth=0.6,
            zorder=3,
        )


def _is_noisy(y: _Values) -> bool:
    """Whether a smooth curve helps: enough values, and no learning rate that stands still."""
    return len(y) >= _SMOOTH_FROM and len(np.unique(y)) > len(y) / 2


def _smoothed(x: _Values, y: _Values) -> tuple[_Values, _Values]:
    """A curve through the points, smoothed over log(epoch): early epochs change the fastest."""
    log_at = np.linspace(math.log(x[0]), math.log(x[-1]), 300)
    nearest = min(math.ceil(_SPAN * len(x)), _NEAREST)
    return np.exp(log_at), smooth_curve(np.log(x), y, log_at, nearest, _FURTHEST)


def _finish(figure: Figure, panels: list[Axes], rows: Sequence[_Row]) -> None:
    """What the panels share: ticks at whole epochs, one legend, labels in one line."""
    for panel in panels:
        panel.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
        panel.margins(y=0.1)
        panel.tick_params(axis="x", length=0)
    bottom = panels[-1]
    epochs = [row["epoch"] + 1 for row in rows if math.isfinite(row["value"])]
    first, last = min(epochs, default=1), max(epochs, default=1)
    pad = max(0.5, 0.03 * (last - first))
    bottom.set_xlim(first - pad, last + pad)
    whole = MaxNLocator(nbins=10, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
    bottom.xaxis.set_major_locator(whole)
    bottom.tick_params(axis="x", length=3)
    bottom.set_xlabel("epoch")
    figure.align_ylabels(panels)
    entries = {
        label: handle
        for panel in panels
        for handle, label in zip(*panel.get_legend_handles_labels())
    }
    if len(entries) > 1:
        panels[0].legend(
            entries.values(),
            entries.keys(),
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=2,
            frameon=False,
            borderaxespad=0.2,
            handlelength=1.2,
            handletextpad=0.4,
            columnspacing=1.2,
        )
