"""Numbers scaled to mean 0 and variance 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.layers.layer import Layer
from lamina.utils import check
from lamina.utils.epsilon import epsilon

_CHUNK = 1 << 18  # elements of an array that are taken into float64 at a time


class Normalization(Layer):
    """(x - mean) / max(sqrt(variance), config.epsilon()), by mean and variance of the data or given.

    Args:
        axis: the axes that have a mean and a variance for each of their indices; None for one mean
            and variance of everything.
        mean, variance: given together, of a shape that fits the kept axes; without them `adapt`
            finds both, and until then they are 0 and 1.
        invert: whether x * max(sqrt(variance), config.epsilon()) + mean is computed instead.

    Errors: ValueError for one of `mean` and `variance` without the other or of another shape, and
    for an axis that the inputs do not have.

    Examples:
        >>> layer = lamina.layers.Normalization()
        >>> layer.adapt(np.array([[1.0], [2.0], [3.0]]))
        >>> print(np.round(layer(np.array([[2.0], [4.0]])), 2))
        [[0.  ]
         [2.45]]
    """

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        axes = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.axis = tuple(check.integer("axis", a) for a in axes)
        self.input_mean, self.input_variance = mean, variance
        self.invert = bool(invert)
        if (mean is None) != (variance is None):
            raise ValueError(
                "`mean` and `variance` must be set together. "
                f"Received: mean={mean} and variance={variance}"
            )
        if np.shape(mean) != np.shape(variance):
            raise ValueError(
                "`mean` and `variance` must have the same shape. Received: mean of shape "
                f"{np.shape(mean)} and variance of shape {np.shape(variance)}"
            )
        if mean is not None and len(np.shape(mean)) > len(self.axis):
            raise ValueError(
                f"`mean` must have no more axes than the {len(self.axis)} in `axis`. "
                f"Received: mean of shape {np.shape(mean)} for axis={self.axis}"
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        rank = len(input_shape)
        if any(not -rank <= a < rank for a in self.axis):
            raise ValueError(
                f"`axis` must lie in [-{rank}, {rank}) for inputs of shape {input_shape}. "
                f"Received: axis={self.axis}"
            )
        self._keep = tuple(sorted(a % rank for a in self.axis))
        if any(input_shape[a] is None for a in self._keep):
            raise ValueError(
                "The axes to be kept must have a known size. "
                f"Received: axis={self.axis} for inputs of shape {input_shape}"
            )
        self._reduce = tuple(a for a in range(rank) if a not in self._keep)
        sizes = tuple(int(input_shape[a] or 0) for a in self._keep)
        self._broadcast = tuple(
            int(input_shape[a] or 0) if a in self._keep else 1 for a in range(rank)
        )
        if self.input_mean is None:
            self._mean = self.add_weight(sizes, "zeros", trainable=False, name="mean")
            self._variance = self.add_weight(sizes, "ones", trainable=False, name="variance")
            self._count = self.add_weight((), "zeros", "int32", trainable=False, name="count")
        else:
            self._mean = _given("mean", self.input_mean, sizes, self.compute_dtype)
            self._variance = _given("variance", self.input_variance, sizes, self.compute_dtype)

    @property
    def mean(self) -> Any:
        """The mean, in a shape that fits the inputs; None before the layer is built."""
        return ops.reshape(self._mean, self._broadcast) if self.built else None

    @property
    def variance(self) -> Any:
        """The variance, in a shape that fits the inputs; None before the layer is built."""
        return ops.reshape(self._variance, self._broadcast) if self.built else None

    def adapt(self, data: Any) -> None:
        """Sets mean and variance to those of the data, which may come in any pieces.

        They are computed in float64, a piece at a time, so that a memmap is never copied.

        data: an array, or batches of them: a list, a generator, a PyDataset; of a batch (x, y) x
        is taken.

        Errors: ValueError for data that are empty, not finite or of another shape than before,
        and where mean and variance were given.
        """
        if self.input_mean is not None:
            raise ValueError(
                "Cannot adapt a Normalization layer that was given `mean` and `variance`. "
                f"Received: mean={self.input_mean}"
            )
        count, mean, squares = 0, np.float64(0), np.float64(0)
        for piece in _pieces(data):
            self._fit_shape(piece.shape)
            for part in _parts(piece, 0 in self._reduce):
                n = math.prod(part.shape[a] for a in self._reduce)
                own = part.mean(axis=self._reduce, dtype=np.float64)
                apart = own - mean
                spread = part.var(axis=self._reduce, dtype=np.float64) * n
                squares = squares + spread + apart**2 * (count * n / (count + n))
                mean = mean + apart * (n / (count + n))
                count += n
        if count == 0:
            raise ValueError("`data` must hold at least one sample. Received: no data")
        self._mean.assign(mean)
        self._variance.assign(squares / count)

    def _fit_shape(self, shape: tuple[int, ...]) -> None:
        if not self.built:
            self.build(shape)
        known = self._build_shapes["input_shape"]
        if len(shape) != len(known) or any(shape[a] != known[a] for a in self._keep):
            raise ValueError(
                f"The layer was built for inputs of shape {known}. Received: data of shape {shape}"
            )

    def call(self, inputs: Any) -> Any:
        scale = ops.maximum(ops.sqrt(self.variance), epsilon())
        if self.invert:
            return ops.add(self.mean, ops.multiply(inputs, scale))
        return ops.divide(ops.subtract(inputs, self.mean), scale)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": np.array(self.input_mean).tolist(),
            "variance": np.array(self.input_variance).tolist(),
        }


def _given(name: str, value: Any, sizes: tuple[int, ...], dtype: str) -> Any:
    try:
        return np.broadcast_to(np.asarray(value, dtype), sizes)
    except ValueError:
        raise ValueError(
            f"`{name}` does not fit the sizes {sizes} of the axes that are kept. "
            f"Received: {name} of shape {np.shape(value)}"
        ) from None


def _pieces(data: Any) -> Iterator[np.ndarray]:
    """The batches of whatever holds data."""
    numbers = isinstance(data, (list, tuple)) and not any(hasattr(x, "shape") for x in data)
    whole = numbers or hasattr(data, "__array__") or not hasattr(data, "__iter__")
    batches: Iterable[Any] = [data] if whole else data
    for batch in batches:
        array = batch[0] if isinstance(batch, tuple) and not whole else batch
        array = array if isinstance(array, np.ndarray) else np.asarray(array)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"`data` must hold numbers. Received: data with dtype={array.dtype}")
        yield array


def _parts(array: np.ndarray, by_rows: bool) -> Iterator[np.ndarray]:
    """Groups of rows, checked to be finite."""
    rows = max(1, _CHUNK // max(1, array[:1].size)) if by_rows else max(1, len(array))
    for first in range(0, len(array), rows):
        part = array[first : first + rows]
        if part.dtype.kind == "f" and not np.isfinite(part).all():
            where = [int(i) for i in np.argwhere(~np.isfinite(part))[0]]
            where[0] += first
            raise ValueError(
                f"`data` must be finite. Received: {array[tuple(where)]} at index {tuple(where)}"
            )
        if part.size:
            yield part
