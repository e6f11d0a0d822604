"""Pen paths as pixels, prepared as MNIST's digits were: 20 pixels large, centred by mass in 28."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BOX = 20
SIZE = 28
_CENTRES = np.arange(BOX, dtype=np.float32) + np.float32(0.5)


def fit(points: Array, radius: Array) -> Array:
    """Scales and moves points (n, 2, p) so that discs of radius (n,) around them fill BOX."""
    low, high = points.min(2), points.max(2)
    scale = (BOX - 2 * radius) / (high - low).max(1)
    middle = (low + high) / 2
    return np.asarray((points - middle[:, :, None]) * scale[:, None, None] + BOX / 2)


def distance(points: Array, radius: Array, down: Array) -> Array:
    """Distance to the nearest segment over the pen's radius there, (n, BOX, BOX) float32.

    points (n, 2, p) in pixels, radius (n, p - 1), down (n, p - 1) true where the pen writes.
    """
    step = np.diff(points)
    half = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1]) / 2
    along = step / np.maximum(2 * half, 1e-9)[:, None]
    middle = points[:, :, :-1] + step / 2
    parts = (along, middle, half, np.where(down, 1 / (radius * radius), 1e9))
    u, m, half, sharp = (part.astype(np.float32) for part in parts)
    best = np.full((len(points), BOX, BOX), np.inf, np.float32)
    a, b = np.empty_like(best), np.empty_like(best)
    for s in range(half.shape[1]):
        ux, uy = u[:, 0, s, None], u[:, 1, s, None]
        x, y = _CENTRES - m[:, 0, s, None], _CENTRES - m[:, 1, s, None]
        np.add((y * uy)[:, :, None], (x * ux)[:, None, :], out=a)
        np.subtract((y * ux)[:, :, None], (x * uy)[:, None, :], out=b)
        np.abs(a, out=a)
        a -= half[:, s, None, None]
        np.maximum(a, 0, out=a)
        a *= a
        b *= b
        a += b
        a *= sharp[:, s, None, None]
        np.minimum(best, a, out=best)
    return np.sqrt(best, out=best)


def ink(far: Array, radius: Array, creep: Array, blur: float) -> Array:
    """uint8 grey (n, BOX, BOX) for distances far in radii (n,); creep adds to the pen there.

    The outline fades over blur pixels.
    """
    pen = radius.astype(np.float32)[:, None, None]
    inside = pen - far * pen + creep.astype(np.float32)
    cover = np.clip(inside * np.float32(1 / blur) + np.float32(0.5), 0, 1)
    return np.asarray(cover * np.float32(255) + np.float32(0.5), np.uint8)


def centre(box: Array) -> Array:
    """Puts uint8 boxes (n, BOX, BOX) into (n, SIZE, SIZE), mass on pixel 14 as in MNIST."""
    out = np.zeros((len(box), SIZE, SIZE), np.uint8)
    ramp = np.arange(BOX)
    columns, rows = box.sum(1, dtype=np.int64), box.sum(2, dtype=np.int64)
    mass = np.maximum(rows.sum(1), 1)
    top, left = (
        np.clip(SIZE // 2 - ((line * ramp).sum(1) + mass // 2) // mass, 0, SIZE - BOX)
        for line in (rows, columns)
    )
    image = np.arange(len(box))[:, None, None]
    out[image, (top[:, None] + ramp)[:, :, None], (left[:, None] + ramp)[:, None, :]] = box
    return out
