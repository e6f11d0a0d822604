"""Samples: inputs, targets and weights that belong together."""

from __future__ import annotations

import copy
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lamina import tree
from lamina.data import arrays
from lamina.data.sparse import SparseRows
from lamina.graph.tensor import Spec
from lamina.utils import check

BATCH_SIZE = 32  # where nothing else is said


def batch_size_for(samples: int, steps: int | None) -> int:
    """The batch size where none is asked for: as many as make so many steps of all samples."""
    return BATCH_SIZE if steps is None else -(-samples // steps)


class Samples:
    """Arrays of one length: inputs x, targets y, and weights, each an array or nested arrays.

    `arrays` has them in one list; `layout` is what a step is given for them, with the place in that
    list for each array.
    """

    __slots__ = ("arrays", "layout")

    def __init__(self, x: Any, y: Any = None, weight: Any = None) -> None:
        self.arrays: list[np.ndarray] = []
        places = (tree.map_structure(self._add, part) for part in (x, y, weight))
        self.layout = pack_x_y_sample_weight(*places)
        _same_length(x=x, y=y, sample_weight=weight)

    def _add(self, array: np.ndarray | None) -> int | None:
        if array is None:
            return None
        self.arrays.append(array)
        return len(self.arrays) - 1

    def __len__(self) -> int:
        return len(self.arrays[0])

    def pack(self, values: Sequence[Any]) -> tuple[Any, Any, Any]:
        """(x, y, weight) with one value for each array, nested as they are."""
        return unpack_x_y_sample_weight(placed(self.layout, values))

    @property
    def x(self) -> Any:
        return self.pack(self.arrays)[0]

    @property
    def y(self) -> Any:
        return self.pack(self.arrays)[1]

    @property
    def weight(self) -> Any:
        return self.pack(self.arrays)[2]

    @property
    def specs(self) -> tuple[Spec, ...]:
        """What a program's inputs for these look like."""
        return tuple(Spec((-1, *a.shape[1:])) for a in self.arrays)

    def gatherer(self) -> Callable[[np.ndarray], list[np.ndarray]] | None:
        """Rows as arrays, where some arrays are sparse; None where all can be read as they lie."""
        if not any(isinstance(a, SparseRows) for a in self.arrays):
            return None
        return lambda rows: [
            a.take(rows) if isinstance(a, SparseRows) else a[rows] for a in self.arrays
        ]

    def dense(self) -> Samples:
        """The same with arrays in the places of sparse ones."""
        gather = self.gatherer()
        return self if gather is None else self._with(gather(np.arange(len(self))))

    def copy(self) -> Samples:
        """The same numbers in memory of their own."""
        return self._with([array.copy() for array in self.arrays])

    def given_as(self, batch: Any) -> Samples:
        """The same for steps that are given what `batch` is: (x,), and not x, but for a dict."""
        made = self._with(self.arrays)
        if not isinstance(self.layout, tuple) and not isinstance(batch, dict):
            made.layout = (self.layout,)
        return made

    def _with(self, arrays: list[np.ndarray]) -> Samples:
        """Other arrays in the places of these."""
        made = copy.copy(self)
        made.arrays = arrays
        return made

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
        parts = (slice(at), slice(at, None))
        first, last = (self._with([array[rows] for array in self.arrays]) for rows in parts)
        return first, last


def placed(layout: Any, values: Sequence[Any]) -> Any:
    """The layout of Samples with values in the places of its arrays."""
    return tree.map_structure(lambda i: None if i is None else values[i], layout)


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """What a `train_step` gets: x itself ((x,) for a tuple or list), (x, y), or all three."""
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (tuple, list)) else x


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of what a `train_step` gets: x, (x,), (x, y) or all three."""
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`. "
            f"Received: {len(data)} parts"
        )
    x, y, weight = (*data, None, None)[:3]
    return x, y, weight


def _same_length(**parts: Any) -> None:
    named = {}
    for name, part in parts.items():
        leaves = tree.flatten(part)
        for i, array in enumerate(leaves):
            named[name if len(leaves) == 1 else f"{name}[{i}]"] = array
    arrays.same_length(**named)


def sample_weights(name: str, value: Any, rank: int | None = None) -> np.ndarray:
    """A weight >= 0 per sample, shape (n,) or (n, 1), or for outputs of `rank` > 2 axes per value.

    A further last axis of size 1 is dropped.

    Errors: ValueError for other shapes and negative weights.
    """
    weights = arrays.as_samples(name, value)
    axes = max(1, (rank or 0) - 1)
    if weights.ndim == axes + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim > axes:
        raise ValueError(
            f"`{name}` must have one number per sample. Received: {name}.shape={weights.shape}"
        )
    if (weights < 0).any():
        first = np.unravel_index(int(np.argmax(weights < 0)), weights.shape)
        raise ValueError(
            f"`{name}` must not be negative. Received: {name}[{', '.join(map(str, first))}] = "
            f"{weights[first]}"
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


def class_weights(weights: Any, y: Any) -> np.ndarray:
    """Weights per sample from weights per class: by the label, or the largest of a one-hot row.

    Classes that are not named weigh 1.
    """
    if not isinstance(weights, Mapping):
        raise TypeError(f"`class_weight` must be a dict of class: weight. Received: {weights!r}")
    if y is None:
        raise ValueError("`class_weight` needs targets `y`. Received: y=None")
    if tree.is_nested(y):
        raise ValueError(
            "`class_weight` is only supported for Models with a single output. Received: y with "
            f"{len(tree.flatten(y))} arrays"
        )
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
