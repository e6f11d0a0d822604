"""From glyphs to pen paths: smooth curves through shaken control points, bent as hands bend them.

Only +, -, *, / and comparisons touch the numbers, in a fixed order and never through BLAS or
the C library: so a seed gives the same bits on every machine and with every NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lamina.datasets.digits.glyphs import GLYPHS, WIDTH

Array = npt.NDArray[Any]

POINTS = 30  # of a pen path, for every glyph
CONTROLS = 16
STROKES = 2


@dataclass(frozen=True)
class Glyphs:
    """All V glyphs as tables, sorted by digit.

    Point p of glyph v is sum_k weight[v, p, k] * control[v, index[v, p, k]].
    """

    first: Array  # (10,) the first glyph of each digit
    share: Array  # (10, most) cumulative shares, 1 after the last
    control: Array  # (V, CONTROLS, 2) in [-1, 1]
    stroke: Array  # (V, CONTROLS) which stroke a control point belongs to
    index: Array  # (V, POINTS, 4)
    weight: Array  # (V, POINTS, 4)
    ink: Array  # (V, POINTS - 1) false where the pen is lifted


def _parse(path: str) -> list[list[list[tuple[float, float]]]]:
    """Strokes of smooth pieces of points; a piece starts where the one before it ended."""
    strokes = []
    for text in path.split(";"):
        pieces: list[list[tuple[float, float]]] = [[]]
        for word in text.split():
            x, y = word.rstrip("!").split(",")
            point = (float(x) / 50 - 0.8, float(y) / 50 - 1)
            pieces[-1].append(point)
            if word.endswith("!"):
                pieces.append([point])
        strokes.append(pieces)
    return strokes


def _spline(points: int, t: Array) -> tuple[Array, Array]:
    """Catmull-Rom through `points` controls at t in [0, points - 1]: index and weight (n, 4).

    Beyond an end the curve continues as if the neighbour were mirrored.
    """
    span = np.minimum(t.astype(int), points - 2)
    u = t - span
    index = span[:, None] + np.arange(-1, 3)
    weight = np.stack(
        [
            u * (u * (2 - u) - 1),
            2 + u * u * (3 * u - 5),
            u * (1 + u * (4 - 3 * u)),
            u * u * (u - 1),
        ],
        axis=1,
    )
    before, after = index[:, 0] < 0, index[:, 3] >= points
    for rows, end, mirror, far in ((before, 1, 2, 0), (after, 2, 1, 3)):
        weight[rows, end] += 2 * weight[rows, far]
        weight[rows, mirror] -= weight[rows, far]
        weight[rows, far] = 0
    return np.clip(index, 0, points - 1), weight / 2


def _even(controls: Array, count: int) -> Array:
    """Parameters of count + 1 points evenly spaced along the spline."""
    t = np.linspace(0, len(controls) - 1, 64 * (len(controls) - 1) + 1)
    index, weight = _spline(len(controls), t)
    xy = (weight[:, :, None] * controls[index]).sum(1)
    length = np.concatenate([[0], np.sqrt((np.diff(xy, axis=0) ** 2).sum(1)).cumsum()])
    even = np.interp(np.linspace(0, length[-1], count + 1), length, t)
    return np.round(even * 4096) / 4096  # a last bit that differs between CPUs goes no further


def _share_out(lengths: list[float], total: int) -> list[int]:
    """Whole numbers >= 1 with the given total, near the proportions of the lengths."""
    counts = [1] * len(lengths)
    for _ in range(total - len(lengths)):
        counts[int(np.argmax([a / n for a, n in zip(lengths, counts)]))] += 1
    return counts


def _tables(path: str, wide: float) -> tuple[Array, Array, Array, Array, Array]:
    """One glyph's rows of control, stroke, index, weight, ink."""
    strokes = _parse(path)
    pieces = [np.array(p) for s in strokes for p in s]
    lengths = [float(np.sqrt((np.diff(p, axis=0) ** 2).sum(1)).sum()) for p in pieces]
    counts = iter(_share_out(lengths, POINTS - len(strokes)))
    control, stroke = np.zeros((CONTROLS, 2)), np.zeros(CONTROLS, int)
    index, weight, ink = [], [], []
    n = 0
    for k, parts in enumerate(strokes):
        for j, part in enumerate(map(np.array, parts)):
            start = n - (j > 0)
            n = start + len(part)
            control[start:n], stroke[start:n] = part * [wide, 1], k
            count = next(counts)
            i, w = _spline(len(part), _even(part, count))
            skip = int(j > 0)
            index.append(start + i[skip:])
            weight.append(w[skip:])
            ink += [True] * count
        ink.append(False)
    return control, stroke, np.concatenate(index), np.concatenate(weight), np.array(ink[:-1])


def _compile(glyphs: dict[int, list[tuple[float, str]]]) -> Glyphs:
    rows = [_tables(path, WIDTH[digit]) for digit in range(10) for _, path in glyphs[digit]]
    sizes = [len(glyphs[digit]) for digit in range(10)]
    share = np.ones((10, max(sizes)))
    for digit in range(10):
        shares = np.array([weight for weight, _ in glyphs[digit]])
        share[digit, : sizes[digit] - 1] = shares.cumsum()[:-1] / shares.sum()
    first = np.cumsum([0, *sizes[:-1]])
    return Glyphs(first, share, *(np.stack(column) for column in zip(*rows)))


@cache
def _glyphs() -> Glyphs:
    return _compile(GLYPHS)


def pick(label: Array, u: Array) -> Array:
    """The glyph (n,) for digits (n,) and u (n,) uniform in [0, 1)."""
    glyphs = _glyphs()
    return np.asarray(glyphs.first[label] + (u[:, None] >= glyphs.share[label]).sum(1))


def trace(glyph: Array, shake: Array, shift: Array) -> tuple[Array, Array]:
    """Pen paths.

    glyph (n,); shake (n, 2, CONTROLS) moves control points, shift (n, 2, STROKES) strokes.
    Returns x and y as (n, 2, POINTS), and ink (n, POINTS - 1).
    """
    glyphs = _glyphs()
    stroke = glyphs.stroke[glyph][:, None, :]
    control = glyphs.control[glyph].transpose(0, 2, 1) + shake
    control += np.take_along_axis(shift, np.broadcast_to(stroke, control.shape), 2)
    index, weight = glyphs.index[glyph], glyphs.weight[glyph]
    points = np.zeros((len(glyph), 2, POINTS))
    for k in range(4):
        at = np.broadcast_to(index[:, None, :, k], points.shape)
        points += weight[:, None, :, k] * np.take_along_axis(control, at, 2)
    return points, glyphs.ink[glyph]


def bend(points: Array, field: Array) -> Array:
    """Adds a smooth displacement: field (n, 2, 7) times the quadratic and cubic terms of x, y."""
    x, y = points[:, :1], points[:, 1:]
    out: Array = points.copy()
    for k, term in enumerate((x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y)):
        out += field[:, :, k : k + 1] * term
    return out


def tilt(points: Array, aspect: Array, slant: Array, turn: Array) -> Array:
    """Scales x, shears x by y, and rotates by 2 atan(turn); each argument (n,)."""
    x, y = points[:, 0], points[:, 1]
    x = x * aspect[:, None] - slant[:, None] * y
    cos = ((1 - turn * turn) / (1 + turn * turn))[:, None]
    sin = (2 * turn / (1 + turn * turn))[:, None]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)
