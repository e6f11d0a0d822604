"""Checks of targets before training starts: what a loss cannot learn from is refused.

A check takes the name of the loss, the targets, the shape of the output and the loss's arguments.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

Shape = tuple[int | None, ...]
Check = Callable[..., None]


def checked_by(check: Check) -> Callable[[Any], Any]:
    """Lets a loss function be asked about targets: `function.check_targets(y, output_shape)`."""

    def attach(function: Any) -> Any:
        function.check_targets = functools.partial(check, function.__name__)
        return function

    return attach


def shapes(loss: str, y: np.ndarray, output_shape: Shape, **_: Any) -> None:
    """Of the shape of the output, or broadcast to it."""
    own, wanted = y.shape[1:], tuple(output_shape[1:])
    if own == (*wanted, 1):  # `match_ranks` drops it
        own = wanted
    elif (*own, 1) == wanted:
        wanted = own
    if len(own) != len(wanted) or any(a != b and 1 not in (a, b) for a, b in zip(own, wanted)):
        hint = ""
        if own in ((), (1,)) and len(wanted) == 1:
            hint = (
                ". For one number per sample the last layer has 1 unit; labels of "
                f"{wanted[0]} classes go with sparse_categorical_crossentropy"
            )
        raise ValueError(
            f"{loss} needs `y` of the shape of the output, {(None, *output_shape[1:])}. "
            f"Received: y.shape={y.shape}{hint}"
        )


def within(least: float, most: float = math.inf) -> Check:
    """Of the shape of the output, with numbers in [least, most]."""

    def check(loss: str, y: np.ndarray, output_shape: Shape, **_: Any) -> None:
        shapes(loss, y, output_shape)
        _check_range(loss, y, least, most)

    return check


def one_hot(loss: str, y: np.ndarray, output_shape: Shape, **_: Any) -> None:
    """One number in [0, 1] per class."""
    if y.shape[1:] != tuple(output_shape[1:]):
        hint = ""
        if y.ndim == 1 or y.shape[1:] == (1,):
            hint = (
                ". For labels that are integers use sparse_categorical_crossentropy, or make them "
                f"one-hot with to_categorical(y, {output_shape[-1]})"
            )
        raise ValueError(
            f"{loss} needs `y` of shape {(None, *output_shape[1:])}, one number per class. "
            f"Received: y.shape={y.shape}{hint}"
        )
    _check_range(loss, y, 0.0, 1.0)


def labels(
    loss: str,
    y: np.ndarray,
    output_shape: Shape,
    ignore_class: int | None = None,
    axis: int = -1,
    **_: Any,
) -> None:
    """One whole number from 0 to classes - 1 per sample, or `ignore_class`."""
    rank = len(output_shape)
    wanted = tuple(d for a, d in enumerate(output_shape) if a != axis % rank)
    shape = y.shape
    if len(shape) == rank and shape[axis] == 1:
        shape = tuple(d for a, d in enumerate(shape) if a != axis % rank)
    if shape[1:] != wanted[1:]:
        hint = ""
        if y.shape[1:] == output_shape[1:]:
            hint = ". For one-hot targets use categorical_crossentropy"
        elif rank > 2 and shape[1:] == ():
            hint = ". For one label per sample bring its numbers into one row first, by Flatten()"
        raise ValueError(
            f"{loss} needs `y` of shape {(None, *wanted[1:])}, one label per "
            f"{'sample' if rank == 2 else 'row'}, for an output of shape {(None, *output_shape[1:])}. "
            f"Received: y.shape={y.shape}{hint}"
        )
    classes = output_shape[axis]
    assert classes is not None
    check_labels(y if ignore_class is None else y[y != ignore_class], classes)


def groups(loss: str, y: np.ndarray, output_shape: Shape, **_: Any) -> None:
    """One whole number per sample."""
    if y.shape[1:] not in ((), (1,)):
        raise ValueError(
            f"{loss} needs `y` of shape (None,), one label per sample. Received: y.shape={y.shape}"
        )
    flat = y.reshape(-1)
    if flat.dtype.kind == "f" and (flat != np.floor(flat)).any():
        index = int(np.argmax(flat != np.floor(flat)))
        raise ValueError(
            f"Labels must be whole numbers for {loss}. Received: y[{index}] = {flat[index]}"
        )


def check_labels(y: np.ndarray, classes: int) -> None:
    """Refuses labels other than whole numbers in 0 .. classes - 1."""
    flat = y.reshape(-1)
    wrong = (flat < 0) | (flat >= classes)
    if flat.dtype.kind == "f":
        wrong |= flat != np.floor(flat)
    if wrong.any():
        index = int(np.argmax(wrong))
        raise ValueError(
            f"Labels must be whole numbers from 0 to {classes - 1} for an output of {classes} "
            f"classes. Received: y[{index}] = {flat[index]}"
        )


def _check_range(loss: str, y: np.ndarray, least: float, most: float) -> None:
    wrong = (y < least) | (y > most) if y.dtype.kind != "b" else np.zeros(1, bool)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        bounds = f"in [{least:g}, {most:g}]" if math.isfinite(most) else f"of at least {least:g}"
        raise ValueError(
            f"{loss} needs targets {bounds}. Received: y[{', '.join(map(str, index))}] = {y[index]}"
        )
