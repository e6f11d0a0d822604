"""Samples: inputs, targets and weights that belong together."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.data import arrays
from lamina.graph.tensor import Spec
from lamina.utils import check


class Samples:
    """Arrays of one length: x, targets y, and a weight per sample, as far as given."""

    __slots__ = ("weight", "x", "y")

    def __init__(
        self, x: np.ndarray, y: np.ndarray | None = None, weight: np.ndarray | None = None
    ) -> None:
        arrays.same_length(x=x, y=y, sample_weight=weight)
        self.x, self.y, self.weight = x, y, weight

    def __len__(self) -> int:
        return len(self.x)

    @property
    def given(self) -> list[np.ndarray]:
        """The arrays that are there."""
        return [a for a in (self.x, self.y, self.weight) if a is not None]

    @property
    def specs(self) -> tuple[Spec | None, Spec | None, Spec | None]:
        """What a program's inputs for these look like."""
        x, y, weight = (
            None if a is None else Spec((-1, *a.shape[1:])) for a in (self.x, self.y, self.weight)
        )
        return x, y, weight

    def steps(self, batch_size: int, name: str, limit: int | None = None) -> int:
        """The number of batches, at most `limit` (the argument `name`)."""
        steps = -(-len(self) // batch_size)
        return steps if limit is None else min(steps, check.integer(name, limit, 1))

    def split_tail(self, share: Any) -> tuple[Samples, Samples]:
        """(first, last) parts; the last `share` of the samples is for validation.

        Errors: ValueError unless 0 < share < 1, or when one part would be empty.
        """
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
            raise ValueError(
                f"`validation_split` must be a number in [0, 1). Received: validation_split={share!r}"
            )
        n = len(self)
        at = int(n * (1 - share))
        if at in (0, n):
            raise ValueError(
                f"Training data contains {n} samples, which is not sufficient to split it into a "
                f"validation and training set as specified by `validation_split={share}`. Either "
                "provide more data, or a different value for the `validation_split` argument."
            )

        def part(rows: slice) -> Samples:
            y, weight = (None if a is None else a[rows] for a in (self.y, self.weight))
            return Samples(self.x[rows], y, weight)

        return part(slice(at)), part(slice(at, None))


def sample_weights(name: str, value: Any) -> np.ndarray:
    """One weight per sample, >= 0: shape (n,) or (n, 1)."""
    weights = arrays.as_samples(name, value)
    if weights.ndim > 2 or (weights.ndim == 2 and weights.shape[1] != 1):
        raise ValueError(
            f"`{name}` must have one number per sample. Received: {name}.shape={weights.shape}"
        )
    weights = weights.reshape(len(weights))
    if (weights < 0).any():
        first = int(np.argmax(weights < 0))
        raise ValueError(
            f"`{name}` must not be negative. Received: {name}[{first}] = {weights[first]}"
        )
    return weights


def _class(key: Any, classes: int | None) -> int:
    """A key of class_weight as a class: a whole number of any type, as in Keras."""
    label = int(float(key)) if isinstance(key, numbers.Real) and key // 1 == key else -1
    if label < 0 or (classes is not None and label >= classes):
        most = "" if classes is None else f" to {classes - 1}"
        raise ValueError(
            f"The keys of `class_weight` must be classes from 0{most}. Received: {key!r}"
        )
    return label


def class_weights(weights: Any, y: np.ndarray | None) -> np.ndarray:
    """Weights per sample from weights per class: by the label, or the largest of a one-hot row.

    Classes that are not named weigh 1.
    """
    if not isinstance(weights, Mapping):
        raise TypeError(f"`class_weight` must be a dict of class: weight. Received: {weights!r}")
    if y is None:
        raise ValueError("`class_weight` needs targets `y`. Received: y=None")
    labels = y
    if y.ndim > 1:
        labels = y.argmax(axis=-1) if y.shape[-1] != 1 else y[..., 0]
    if labels.ndim > 1:
        raise ValueError(f"`class_weight` is not supported for targets of shape {y.shape}")
    labels = np.round(labels).astype(np.int64)
    classes = y.shape[-1] if y.ndim > 1 and y.shape[-1] != 1 else None
    result = np.ones(len(y), np.float32)
    for label, weight in weights.items():
        chosen = labels == _class(label, classes)
        result[chosen] = check.number(f"class_weight[{label}]", weight, 0)
    return result
