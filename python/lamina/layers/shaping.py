"""Layers that change the shape or the scale of their input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import activations, ops
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer
from lamina.ops.rules import dims_of
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.utils.image_data_format import checked_data_format


class Flatten(Layer):
    """(n, a, b, ...) to (n, a * b * ...), (n,) to (n, 1).

    Args:
        data_format: "channels_last" (rows are flattened as they lie in memory) or "channels_first"
            (the channel axis is moved to the end first); None is `config.image_data_format()`.

    Examples:
        >>> lamina.layers.Flatten()(np.zeros((5, 28, 28))).shape
        (5, 784)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec = InputSpec(min_ndim=1)
        self.data_format = checked_data_format(data_format)

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 1:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        sizes = dims_of(inputs)
        return ops.reshape(inputs, (sizes[0], math.prod(sizes[1:])))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class Rescaling(Layer):
    """x * scale + offset: `Rescaling(1 / 255)` takes images of bytes to [0, 1].

    Args:
        scale, offset: numbers, or lists of one number per channel (the last axis).

    Examples:
        >>> print(lamina.layers.Rescaling(2.0, offset=-1.0)(np.array([0.0, 0.5, 1.0])))
        [-1.  0.  1.]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.scale = _checked("scale", scale)
        self.offset = _checked("offset", offset)

    def call(self, inputs: Any) -> Any:
        scaled = ops.multiply(inputs, np.asarray(self.scale, self.compute_dtype))
        if _is_zero(self.offset):
            return scaled
        return ops.add(scaled, np.asarray(self.offset, self.compute_dtype))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Keras writes arrays as objects of their own."""
        given = [key for key in ("scale", "offset") if key in config]
        read: dict[str, Any] = {key: deserialize_keras_object(config[key]) for key in given}
        return cls(**{**config, **read})


def _is_zero(offset: Any) -> bool:
    return isinstance(offset, (int, float)) and offset == 0


def _checked(name: str, value: Any) -> Any:
    """A number, or a list of them, from whatever kind of array."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(
            f"`{name}` must be a finite number or a list of numbers. Received: {name}={value!r}"
        )
    return array.tolist()


class Activation(Layer):
    """An activation function as a layer: a name or a callable made of `lamina.ops`.

    Examples:
        >>> print(lamina.layers.Activation("relu")(np.array([-1.0, 2.0])))
        [0. 2.]
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.activation = activations.get(activation)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
