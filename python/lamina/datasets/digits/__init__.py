"""Handwritten digits that the library draws itself: no file, no network, as many as one likes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from lamina.datasets.digits import render, strokes
from lamina.datasets.digits.draws import Draws
from lamina.datasets.digits.glyphs import PEN

Array = npt.NDArray[Any]

_CHUNK = 128  # images drawn at once; any other number gives the same images

# How hands differ, as standard deviations.  Lengths in half the height of a digit, then pixels.
_SHAKE = 0.11  # of a control point
_SHIFT = 0.05  # of a stroke
_BEND = np.array([0.11] * 3 + [0.08] * 4)  # quadratic and cubic terms
_ASPECT = 0.2
_SLANT, _LEAN = 0.27, 0.12  # and the mean: most people lean to the right
_TURN = 0.06
_RADIUS, _FAT, _PEN, _THIN, _THICK = (
    0.41,
    0.0,
    1.17,
    0.78,
    3.2,
)  # of the pen: deviation, mean, limits
_PRESSURE = 0.2  # change of the radius along a path
_PAPER = 0.3  # how far ink creeps, at most
_BLUR = 1.2


def load_data(
    num_train: int = 60000, num_test: int = 10000, seed: int = 0
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """(x_train, y_train), (x_test, y_test), shaped and prepared as MNIST is.

    Images are uint8 (n, 28, 28), ink 255 on 0, at most 20 pixels large and centred by mass;
    labels are uint8 (n,), each digit equally likely.  Image i is a function of the seed, of
    being for training or test, and of i alone: asking for more leaves the first ones as they are.
    The same seed gives the same bytes on every machine and with every NumPy.

    num_train, num_test: numbers of images, from 0.
    seed: from 0 to 2**64 - 1.

    Raises ValueError or TypeError for other arguments, naming them.
    """
    num_train = _whole("num_train", num_train, 2**40)
    num_test = _whole("num_test", num_test, 2**40)
    seed = _whole("seed", seed, 2**64 - 1)
    return _split(seed, 0, num_train), _split(seed, 1, num_test)


def _whole(name: str, value: Any, most: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer. Received: {name}={value!r}") from None
    if not 0 <= number <= most:
        raise ValueError(f"{name} must lie between 0 and {most}. Received: {name}={value}")
    return number


def _split(seed: int, split: int, count: int) -> tuple[Array, Array]:
    x = np.empty((count, render.SIZE, render.SIZE), np.uint8)
    y = np.empty(count, np.uint8)
    for first in range(0, count, _CHUNK):
        last = min(first + _CHUNK, count)
        x[first:last], y[first:last] = _draw(Draws(seed, split, first, last - first))
    return x, y


def _draw(draws: Draws) -> tuple[Array, Array]:
    """Images and labels from their random numbers; each number has one use, given by the order."""
    label = (draws.uniform() * 10).astype(np.int64)
    glyph = strokes.pick(label, draws.uniform())
    shake = _SHAKE * draws.bell(2, strokes.CONTROLS)
    shift = _SHIFT * draws.bell(2, strokes.STROKES)
    points, down = strokes.trace(glyph, shake, shift)
    points = strokes.bend(points, _BEND * draws.bell(2, len(_BEND)))
    aspect = np.clip(1 + _ASPECT * draws.bell(), 0.5, 1.6)
    slant = _LEAN + _SLANT * draws.bell()
    points = strokes.tilt(points, aspect, slant, _TURN * draws.bell())
    width = draws.bell()
    radius = PEN[label] * np.clip(_PEN + width * (_RADIUS + _FAT * width), _THIN, _THICK)
    along = np.linspace(-1, 1, strokes.POINTS - 1)
    pen = radius[:, None] * (1 + _PRESSURE * draws.bell()[:, None] * along)
    far = render.distance(render.fit(points, pen.max(1)), pen, down)
    creep = _PAPER * (draws.byte(render.BOX, render.BOX) / np.float32(127.5) - 1) / 2
    box = render.ink(far, radius, creep, _BLUR)
    return render.centre(box), label.astype(np.uint8)
