"""Batch renormalization (Ioffe, 2017): the correction of a batch's statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import ops
from lamina.graph.variable import Variable

if TYPE_CHECKING:
    from lamina.layers.normalization.batch_normalization import BatchNormalization

_KEYS = ["rmax", "rmin", "dmax"]


class Renormalization:
    """normalized * r + d, with r = deviation / moving one, d = (mean - moving one) / moving one.

    Args:
        clipping: r is kept in [rmin, rmax], d in [-dmax, dmax]; what is missing has no bound.
        momentum: how slowly the moving mean and deviation follow.
    """

    moving_stddev: Variable
    mean: Variable
    stddev: Variable

    def __init__(self, clipping: dict[str, float], momentum: float) -> None:
        if set(clipping) - set(_KEYS):
            raise ValueError(
                "Received invalid keys for `renorm_clipping` argument: "
                f"{clipping}. Supported values: {_KEYS}."
            )
        self.rmax, self.rmin, self.dmax = (clipping.get(key) for key in _KEYS)
        if self.rmax is not None and self.rmin is not None and self.rmax < self.rmin:
            raise ValueError(
                "rmax should be at least rmin in the `renorm_clipping` argument. Received: "
                f"renorm_clipping={clipping}"
            )
        if self.dmax is not None and self.dmax < 0:
            raise ValueError(
                "dmax should not be negative in the `renorm_clipping` argument. Received: "
                f"renorm_clipping={clipping}"
            )
        self.momentum = momentum

    def build(self, layer: BatchNormalization, shape: tuple[int, ...]) -> None:
        """Makes the layer's further weights."""

        def deviation(shape: Any, dtype: str | None = None) -> Any:
            return np.sqrt(layer.moving_variance_initializer(shape, dtype=dtype))

        self.moving_stddev = layer.add_weight(
            shape, deviation, trainable=False, name="moving_stddev"
        )
        self.mean = layer.add_weight(
            shape, layer.moving_mean_initializer, trainable=False, name="renorm_mean"
        )
        self.stddev = layer.add_weight(shape, deviation, trainable=False, name="renorm_stddev")

    def __call__(self, layer: BatchNormalization, mean: Any, variance: Any) -> tuple[Any, Any]:
        """Gamma and beta with the correction in them; the moving statistics take a step."""
        stddev = ops.sqrt(variance + layer.epsilon)
        r, d = self._correction(mean, stddev, layer.epsilon)
        scale = r if layer.gamma is None else r * layer.gamma
        shift = d if layer.gamma is None else d * layer.gamma
        layer.follow(self.mean, mean, self.momentum)
        layer.follow(self.stddev, stddev, self.momentum)
        layer.follow(layer.moving_mean, mean, layer.momentum)
        layer.follow(self.moving_stddev, stddev, layer.momentum)
        moving = self.moving_stddev.value
        layer.moving_variance.assign(ops.relu(moving * moving - layer.epsilon))
        return scale, shift if layer.beta is None else shift + layer.beta

    def _correction(self, mean: Any, stddev: Any, epsilon: float) -> tuple[Any, Any]:
        moving = ops.maximum(
            self.stddev.value, float(np.sqrt(np.asarray(epsilon, self.stddev.dtype)))
        )
        r = stddev / moving
        d = (mean - self.mean.value) / moving
        r = r if self.rmin is None else ops.maximum(r, self.rmin)
        r = r if self.rmax is None else ops.minimum(r, self.rmax)
        d = d if self.dmax is None else ops.clip(d, -self.dmax, self.dmax)
        return ops.stop_gradient(r), ops.stop_gradient(d)
