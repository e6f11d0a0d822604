"""Group normalization (Wu and He, 2018)."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.layers.input_spec import InputSpec
from lamina.layers.normalization.scaled import ScaledNormalization, sizes_of
from lamina.ops.rules import dims_of


class GroupNormalization(ScaledNormalization):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, with gamma and beta along `axis`.

    Mean and variance are each sample's own, over a group of channels and all other axes.

    Args:
        groups: how many groups the channels are divided into; -1 makes each channel one.
        axis: the axis of the channels.
        epsilon: added to the variance.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer: how they begin.
        beta_regularizer, gamma_regularizer: penalties added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        if isinstance(groups, bool) or not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise ValueError(
                "Received an invalid value for argument `groups`, expected a positive integer (or "
                f"-1 for a group per channel). Received: groups={groups!r}"
            )
        super().__init__(
            epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
            gamma_regularizer, beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        self.groups = groups
        self.axis = axis

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = sizes_of(self.name, self.axis, input_shape)
        (channels,) = shape
        if self.groups == -1:
            self.groups = channels
        if channels % self.groups:
            raise ValueError(
                f"The number of channels must be a multiple of `groups`. Received: "
                f"groups={self.groups} for {channels} channels"
            )
        self.add_scale(shape, self.scale, self.center)
        self.input_spec = InputSpec(axes={self.axis: channels})

    def call(self, inputs: Any) -> Any:
        sizes = list(dims_of(inputs))
        rank = len(sizes)
        axis = self.axis % rank
        grouped = [*sizes[:axis], self.groups, sizes[axis] // self.groups, *sizes[axis + 1 :]]
        within = [a for a in range(1, rank + 1) if a != axis]
        x = ops.layer_normalization(ops.reshape(inputs, grouped), axis=within, epsilon=self.epsilon)
        y = ops.reshape(x, sizes)
        y = y if self.gamma is None else y * ops.along(self.gamma, axis, rank)
        return y if self.beta is None else y + ops.along(self.beta, axis, rank)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups, "axis": self.axis}
