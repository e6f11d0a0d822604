"""What layers share that normalize, then scale by gamma and shift by beta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import constraints, initializers, regularizers
from lamina.graph import dims as _dims
from lamina.graph.variable import Variable
from lamina.layers.layer import Layer
from lamina.utils import check


class ScaledNormalization(Layer):
    """gamma * normalized + beta.

    Args:
        epsilon: added to the variance.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer: how they begin.
        beta_regularizer, gamma_regularizer: penalties added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
    """

    gamma: Variable | None
    beta: Variable | None

    def __init__(
        self,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.epsilon = check.number("epsilon", epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma = None
        self.beta = None

    def add_scale(self, shape: Sequence[int], scale: bool, center: bool) -> None:
        """Makes gamma and beta."""
        if scale:
            self.gamma = self.add_weight(
                shape, self.gamma_initializer, name="gamma",
                regularizer=self.gamma_regularizer, constraint=self.gamma_constraint,
            )  # fmt: skip
        if center:
            self.beta = self.add_weight(
                shape, self.beta_initializer, name="beta",
                regularizer=self.beta_regularizer, constraint=self.beta_constraint,
            )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }


def sizes_of(
    name: str, axis: int | Sequence[int], input_shape: Sequence[int | None]
) -> tuple[int, ...]:
    """The sizes of the input along `axis`.  Errors: ValueError for an axis that is not there, or
    whose size is not known."""
    rank = len(input_shape)
    axes = [axis] if isinstance(axis, int) else list(axis)
    if not axes or any(not -rank <= a < rank for a in axes):
        raise ValueError(
            f"Layer '{name}': axis {axis} is out of bounds. Received: axis={axis} for an input of "
            f"shape {tuple(input_shape)}"
        )
    sizes = [input_shape[a] for a in _dims.normalize_axes(name, axis, rank)]
    if any(d is None for d in sizes):
        raise ValueError(
            f"Layer '{name}': axis {axis} of the input must have a known size. Received: "
            f"input_shape={tuple(input_shape)}"
        )
    return tuple(int(d) for d in sizes if d is not None)
