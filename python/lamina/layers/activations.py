"""Activations as layers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import activations, constraints, initializers, ops, regularizers
from lamina.layers.layer import Layer
from lamina.ops.rules import dims_of
from lamina.utils import check


def _least(layer: str, name: str, value: Any, least: float = 0.0) -> float:
    """A number that is not negative, as given."""
    if value is None:
        raise ValueError(
            f"{name} of a {layer} layer cannot be None or a negative value. Received: {name}=None"
        )
    check.number(name, value, least)
    return value


class ReLU(Layer):
    """x above `threshold`, `negative_slope` * (x - threshold) below, at most `max_value`.

    Args:
        max_value: the largest output; None for no bound.
        negative_slope: the slope below the threshold.
        threshold: where x begins to pass.

    Errors: ValueError for a negative number.
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.max_value = None if max_value is None else _least("ReLU", "max_value", max_value)
        self.negative_slope = _least("ReLU", "negative_slope", negative_slope)
        self.threshold = _least("ReLU", "threshold", threshold)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return activations.relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class LeakyReLU(Layer):
    """x where x > 0, else `negative_slope` * x (which was called `alpha`, and may still be).

    Errors: ValueError for a negative slope.
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
            warnings.warn(
                "Argument `alpha` is deprecated. Use `negative_slope` instead.", stacklevel=2
            )
        super().__init__(**kwargs)
        self.supports_masking = True
        self.negative_slope = _least("LeakyReLU", "negative_slope", negative_slope)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}


class ELU(Layer):
    """x where x >= 0, else `alpha` * (exp(x) - 1) (Clevert et al., 2016)."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        check.number("alpha", alpha)
        self.alpha = alpha
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}


class PReLU(Layer):
    """x where x > 0, else alpha * x with a trained alpha (He et al., 2015).

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: of alpha.
        shared_axes: the axes (the first after the batch is 1) along which alpha is one number.

    Errors: ValueError for an axis that the input does not have.
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is None:
            self.shared_axes = None
        else:
            axes = shared_axes if isinstance(shared_axes, (list, tuple)) else [shared_axes]
            self.shared_axes = [check.integer("shared_axes", axis, 1) for axis in axes]
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = list(input_shape[1:])
        for axis in self.shared_axes or ():
            if axis > len(shape):
                raise ValueError(
                    f"`shared_axes` must be axes of the input after the batch. Received: "
                    f"shared_axes={self.shared_axes} for an input of shape {input_shape}"
                )
            shape[axis - 1] = 1
        self.alpha = self.add_weight(
            shape,
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )

    def call(self, inputs: Any) -> Any:
        return ops.leaky_relu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": constraints.serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }


class Softmax(Layer):
    """exp(x) / sum(exp(x)) along an axis, or over several together.

    Called with `mask` (broadcast against the input), the places where it is False or at most 0.5
    are left out: they give 0.

    Errors: ValueError for a mask that does not broadcast to the input.
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        many = isinstance(axis, (list, tuple))
        for one in axis if isinstance(axis, (list, tuple)) else [axis]:
            check.integer("axis", one)
        if many and not axis:
            raise ValueError(f"`axis` must name at least one axis. Received: axis={axis}")
        self.axis = axis
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return ops.softmax(inputs, self.axis)
        kept = ops.greater(_checked_mask(mask, inputs), 0.5)
        outputs = ops.softmax(ops.where(kept, inputs, _FAR_BELOW), self.axis)
        return ops.where(kept, outputs, 0.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


_FAR_BELOW = -1e9  # an exponential of 0 beside any other input; finite, if all are left out


def _checked_mask(mask: Any, inputs: Any) -> Any:
    mask = mask if hasattr(mask, "shape") else np.asarray(mask)
    sizes, own = dims_of(inputs)[::-1], dims_of(mask)[::-1]
    if len(own) > len(sizes) or any(d not in (1, n) for d, n in zip(own, sizes)):
        raise ValueError(
            "The `mask` must be broadcastable to `inputs`. Received: "
            f"inputs.shape={inputs.shape}, mask.shape={mask.shape}"
        )
    return mask
