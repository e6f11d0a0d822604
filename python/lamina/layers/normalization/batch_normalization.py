"""Batch normalization (Ioffe and Szegedy, 2015)."""

from __future__ import annotations

from typing import Any

from lamina import initializers, ops
from lamina.graph.variable import Variable
from lamina.layers.input_spec import InputSpec
from lamina.layers.normalization.batch_renormalization import Renormalization
from lamina.layers.normalization.scaled import ScaledNormalization, sizes_of
from lamina.ops.rules import dims_of
from lamina.utils.epsilon import epsilon


class BatchNormalization(ScaledNormalization):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, with gamma and beta along `axis`.

    In training (`training=True`, and `trainable`) mean and variance are those of the batch, over all
    axes but `axis`, and the moving ones come closer to them: moving = momentum * moving +
    (1 - momentum) * batch's.  Else the moving ones are taken: so also when the layer is frozen.

    Args:
        axis: the axis of the features.
        momentum: how slowly the moving statistics follow.
        epsilon: added to the variance.
        center, scale: whether there is a beta, a gamma.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer:
            how the weights begin.
        beta_regularizer, gamma_regularizer: penalties added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        renorm: correct the batch's statistics towards moving ones (Ioffe, 2017), as
            `renorm_clipping` allows and with `renorm_momentum`.
        synchronized: False (there is one device).

    A mask has the input's axes but the last; what it hides is left out of mean and variance.

    Examples:
        >>> layer = lamina.layers.BatchNormalization()
        >>> y = layer(np.array([[1.0, 10.0], [3.0, 30.0]]), training=True)
        >>> print(np.round(y, 2))
        [[-1. -1.]
         [ 1.  1.]]
        >>> print(np.round(layer.moving_mean.numpy(), 2))
        [0.02 0.2 ]
    """

    moving_mean: Variable
    moving_variance: Variable

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
            gamma_regularizer, beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        if synchronized:
            raise ValueError(
                "Argument synchronized=True is not supported: there is one device. Received: "
                f"synchronized={synchronized}"
            )
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_clipping = renorm_clipping
        self.renorm_momentum = renorm_momentum
        self._renormalization = None
        if renorm:
            self.renorm_clipping = renorm_clipping or {}
            self._renormalization = Renormalization(self.renorm_clipping, renorm_momentum)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = sizes_of(self.name, self.axis, input_shape)
        self.add_scale(shape, self.scale, self.center)
        self.moving_mean = self.add_weight(
            shape, self.moving_mean_initializer, trainable=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )
        if self._renormalization is not None:
            self._renormalization.build(self, shape)
        self.input_spec = InputSpec(axes={self.axis: shape[0]})

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        if mask is not None and len(mask.shape) != len(inputs.shape) - 1:
            raise ValueError(
                "The mask must have one axis less than the inputs. Received: "
                f"mask.shape={mask.shape}, inputs.shape={inputs.shape}"
            )
        mean, variance = self.moving_mean.value, self.moving_variance.value
        gamma, beta = self.gamma, self.beta
        if training and self.trainable:
            mean, variance = self._moments(inputs, mask)
            if self._renormalization is None:
                self.follow(self.moving_mean, mean, self.momentum)
                self.follow(self.moving_variance, variance, self.momentum)
            else:
                gamma, beta = self._renormalization(self, mean, variance)
        return ops.batch_normalization(inputs, mean, variance, self.axis, beta, gamma, self.epsilon)

    @staticmethod
    def follow(moving: Variable, value: Any, momentum: float) -> Any:
        """A step of a moving average."""
        return moving.assign(moving.value * momentum + value * (1.0 - momentum))

    def _moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        rank = len(inputs.shape)
        axes = [a for a in range(rank) if a != self.axis % rank]
        if mask is None:
            return ops.moments(inputs, axes)
        seen = ops.expand_dims(mask, -1)
        weights = ops.broadcast_to(ops.where(seen, 1.0, 0.0), dims_of(inputs))
        count = ops.sum(weights, axes) + epsilon()
        mean = ops.sum(ops.where(seen, inputs, 0.0), axes) / count
        deviations = inputs - ops.along(mean, self.axis, rank)
        variance = ops.sum(ops.square(ops.where(seen, deviations, 0.0)), axes) / count
        return mean, variance

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            "synchronized": False,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }
