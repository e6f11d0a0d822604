"""Handwritten digits that the library draws itself."""

from typing import Any

import numpy as np
import numpy.typing as npt

from . import render, strokes
from .glyphs import PEN

Array = npt.NDArray[Any]

_CHUNK = 128
_UNIFORM = 2
_BELL = 2 * (strokes.CONTROLS + strokes.STROKES + strokes.FIELD) + 7
_EDGE = render.BOX * render.BOX // 8
_WORDS = -(-(_UNIFORM + _BELL + _EDGE) // 4) * 4


class _Draws:
    """The random numbers of images first to first + count: a fixed row of words for each."""

    def __init__(self, seed: int, split: int, first: int, count: int) -> None:
        philox = np.random.Philox(key=[seed, split], counter=first * _WORDS // 4)
        words = philox.random_raw(count * _WORDS).astype("<u8").reshape(count, _WORDS)
        uniform, bell, edge, _ = np.split(words, np.cumsum([_UNIFORM, _BELL, _EDGE]), axis=1)
        self.uniform = (uniform >> 11) * 2.0**-53
        lanes = np.ascontiguousarray(bell).view("<u2").reshape(count, _BELL, 4)
        self.bell = (lanes.sum(2, dtype=np.int64) - 2 * 65535) / 37837
        self.edge = np.ascontiguousarray(edge).view(np.uint8).reshape(count, render.BOX, render.BOX)


P = dict(
    shake=0.12,
    shift=0.05,
    field=0.12,
    cubic=0.08,
    aspect=0.2,
    slant0=0.12,
    slant=0.27,
    turn=0.06,
    r0=1.17,
    r=0.41,
    rmin=0.78,
    rmax=3.2,
    taper=0.2,
    soft=1.2,
    edge=0.3,
)


def _draw(draws: _Draws):
    n = len(draws.uniform)
    label = (draws.uniform[:, 0] * 10).astype(np.int64)
    glyph = strokes.pick(label, draws.uniform[:, 1])
    C, S, F = strokes.CONTROLS, strokes.STROKES, strokes.FIELD
    shake, shift, field, rest = np.split(draws.bell, np.cumsum([2 * C, 2 * S, 2 * F]), axis=1)
    aspect, slant, turn, width, taper, _, _ = rest.T
    points, down = strokes.trace(
        glyph, P["shake"] * shake.reshape(n, 2, C), P["shift"] * shift.reshape(n, 2, S)
    )
    points = strokes.bend(
        points, field.reshape(n, 2, F) * np.array([P["field"]] * 3 + [P["cubic"]] * 4)
    )
    points = strokes.tilt(
        points,
        np.clip(1 + P["aspect"] * aspect, 0.5, 1.6),
        P["slant0"] + P["slant"] * slant,
        P["turn"] * turn,
    )
    radius = np.clip((P["r0"] + P["r"] * width) * np.array(PEN)[label], P["rmin"], P["rmax"])
    points = render.fit(points, radius)
    along = np.linspace(-1, 1, strokes.POINTS - 1)
    pen = radius[:, None] * (1 + P["taper"] * taper[:, None] * along)
    far = render.distance(points, pen, down)
    r = radius.astype(np.float32)[:, None, None]
    inside = (
        r
        - far * r
        + (draws.edge.astype(np.float32) - np.float32(127.5)) * np.float32(P["edge"] / 255)
    )
    cover = np.clip(inside * np.float32(1 / P["soft"]) + np.float32(0.5), 0, 1)
    box = (cover * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return render.centre(box), label.astype(np.uint8)


def _split(seed: int, split: int, count: int):
    x, y = np.empty((count, 28, 28), np.uint8), np.empty(count, np.uint8)
    for first in range(0, count, _CHUNK):
        rows = slice(first, min(first + _CHUNK, count))
        x[rows], y[rows] = _draw(_Draws(seed, split, first, rows.stop - first))
    return x, y


def load_data(num_train: int = 60000, num_test: int = 10000, seed: int = 0):
    return _split(seed, 0, num_train), _split(seed, 1, num_test)
