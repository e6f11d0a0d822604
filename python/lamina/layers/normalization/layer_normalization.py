"""Layer normalization (Ba et al., 2016)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.layers.normalization.scaled import ScaledNormalization, sizes_of


class LayerNormalization(ScaledNormalization):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, with each sample's own over `axis`.

    Args:
        axis: the axis or axes over which mean and variance are taken; gamma and beta have their
            sizes.
        epsilon: added to the variance.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer: how they begin.
        beta_regularizer, gamma_regularizer: penalties added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        rms_scaling: deprecated in Keras, which computes gamma * x / sqrt(variance + epsilon) then.

    Examples:
        >>> print(np.round(lamina.layers.LayerNormalization()(np.array([[1.0, 3.0], [10.0, 30.0]])), 2))
        [[-1.  1.]
         [-1.  1.]]
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        rms_scaling: bool = False,
        **kwargs: Any,
    ) -> None:
        if rms_scaling:
            warnings.warn(
                "`rms_scaling=True` is deprecated: it divides by the deviation, not by the root "
                "mean square. Use `RMSNormalization` instead.",
                stacklevel=2,
            )
        super().__init__(
            epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
            gamma_regularizer, beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        self.axis: int | list[int] = checked_axis(axis)
        self.rms_scaling = rms_scaling

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = sizes_of(self.name, self.axis, input_shape)
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        self.add_scale(shape, self.scale or self.rms_scaling, self.center and not self.rms_scaling)

    def call(self, inputs: Any) -> Any:
        if not self.rms_scaling:
            return ops.layer_normalization(inputs, self.gamma, self.beta, self.axis, self.epsilon)
        assert self.gamma is not None
        _, variance = ops.moments(inputs, self.axis, keepdims=True)
        y = inputs * ops.rsqrt(variance + self.epsilon)
        return y * ops.along(self.gamma, self.axis, len(inputs.shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "rms_scaling": self.rms_scaling}


def checked_axis(axis: Any) -> int | list[int]:
    """An axis or a list of them.  Errors: TypeError for anything else."""
    if isinstance(axis, (list, tuple)) and all(type(a) is int for a in axis):
        return list(axis)
    if isinstance(axis, int) and not isinstance(axis, bool):
        return axis
    raise TypeError(
        f"Expected an int or a list/tuple of ints for the argument 'axis'. Received: axis={axis!r}"
    )
