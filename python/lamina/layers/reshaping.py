"""Layers that bring the elements of a sample into another shape or order, or repeat them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.graph import dims as _dims
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer
from lamina.ops.rules import dims_of
from lamina.utils.image_data_format import checked_data_format


class Reshape(Layer):
    """The elements of each sample in the same order, in another shape.

    Args:
        target_shape: the shape of a sample; one size may be -1 (inferred).

    Errors: ValueError for other negative sizes, or when the number of elements differs.

    Examples:
        >>> lamina.layers.Reshape((2, -1))(np.zeros((5, 6))).shape
        (5, 2, 3)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)
        for size in self.target_shape:
            if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < -1:
                raise ValueError(
                    "Each dimension in `target_shape` must be a non-negative integer, or -1 for one "
                    f"that is inferred. Received: target_shape={self.target_shape}"
                )
        if self.target_shape.count(-1) > 1:
            raise ValueError(
                "There must be at most one unknown dimension (-1) in `target_shape`. Received: "
                f"target_shape={self.target_shape}"
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        batch, *sample = dims_of(inputs)
        try:
            shape = _dims.reshape(tuple(sample), self.target_shape)
        except ValueError:
            raise ValueError(
                "The total size of the tensor must be unchanged. Received: "
                f"input_shape={tuple(sample)}, target_shape={self.target_shape}"
            ) from None
        return ops.reshape(inputs, (batch, *shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}


class Permute(Layer):
    """The axes of each sample in another order.

    Args:
        dims: the axes of the input in the order of the output, counted from 1.
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Invalid permutation argument `dims` for Permute Layer: each axis from 1 on must be "
                f"there once. Received: dims={dims}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return ops.transpose(inputs, (0, *self.dims))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}


class RepeatVector(Layer):
    """(batch, size) to (batch, n, size): each sample n times.

    Args:
        n: a positive integer.
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = _positive("n", n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        batch, size = dims_of(inputs)
        return ops.broadcast_to(ops.expand_dims(inputs, 1), (batch, self.n, size))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}


class UpSampling1D(Layer):
    """(batch, steps, size) to (batch, steps * size, channels): each step several times.

    Args:
        size: how often, a positive integer.
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = _positive("size", size)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        batch, steps, channels = dims_of(inputs)
        repeated = ops.broadcast_to(ops.expand_dims(inputs, 2), (batch, steps, self.size, channels))
        return ops.reshape(repeated, (batch, steps * self.size, channels))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


class Cropping1D(Layer):
    """(batch, steps, channels) without so many steps at the beginning and at the end.

    Args:
        cropping: (first, last), or one number for both.
    """

    def __init__(self, cropping: int | Sequence[int] = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = _pair("cropping", cropping)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        steps = dims_of(inputs)[1]
        if sum(self.cropping) >= steps:
            raise ValueError(
                "`cropping` parameter of `Cropping1D` layer must be smaller than the input length. "
                f"Received: input_shape={tuple(inputs.shape)}, cropping={self.cropping}"
            )
        return inputs[:, self.cropping[0] : steps - self.cropping[1], :]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping}


class ZeroPadding1D(Layer):
    """(batch, steps, channels) with so many steps of zeros before and after.

    Args:
        padding: (before, after), or one number for both.
        data_format: "channels_last", or "channels_first" for (batch, channels, steps); None is
            `config.image_data_format()`.
    """

    def __init__(
        self, padding: int | Sequence[int] = 1, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = checked_data_format(data_format)
        self.padding = _pair("padding", padding)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        widths = [(0, 0), (0, 0), (0, 0)]
        widths[2 if self.data_format == "channels_first" else 1] = self.padding
        return ops.pad(inputs, widths)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "padding": self.padding,
            "data_format": self.data_format,
        }


def _positive(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"Expected an integer value for `{name}`. Received: {name}={value!r}")
    if value <= 0:
        raise ValueError(
            f"Argument `{name}` should be a positive integer. Received: {name}={value}"
        )
    return value


def _pair(name: str, value: Any) -> tuple[int, int]:
    pair = (value, value) if isinstance(value, int) else value
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(
            f"The `{name}` argument must be an integer or a tuple of 2 integers. Received: "
            f"{name}={value!r}"
        )
    for n in pair:
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise ValueError(
                f"The `{name}` argument must be made of integers that are not negative. Received: "
                f"{name}={value!r}"
            )
    return pair[0], pair[1]
