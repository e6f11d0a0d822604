"""Kernels divided by their largest singular value."""

from __future__ import annotations

from typing import Any

from lamina import initializers, ops
from lamina.graph.variable import Variable
from lamina.layers.input_spec import InputSpec
from lamina.layers.layer import Layer
from lamina.layers.wrapper import Wrapper
from lamina.utils import check


class SpectralNormalization(Wrapper):
    """`layer`, whose kernel each call in training first divides by its spectral norm.

    The norm is estimated by steps of the power method from the vector of the call before (Miyato et
    al., 2018).  As in Keras on TensorFlow the quotient takes the kernel's place, and the gradient is
    that of the quotient.  A kernel of zeros stays as it is.

    Args:
        layer: one with a `kernel` (Dense, EinsumDense) or `embeddings`.
        power_iterations: steps of the power method in each call, at least 1.

    Errors: ValueError for a layer that has neither, once it is built.

    Examples:
        >>> dense = lamina.layers.Dense(3, kernel_initializer=np.diag([8.0, 2.0, 4.0]))
        >>> layer = lamina.layers.SpectralNormalization(dense, power_iterations=20)
        >>> print(layer(np.ones((1, 3)), training=True).round(3))
        [[1.   0.25 0.5 ]]
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = check.integer("power_iterations", power_iterations, 1)

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        self.kernel = _normalized_weight(self.layer)
        self.vector_u = self.add_weight(
            (1, self.kernel.shape[-1]), initializers.TruncatedNormal(stddev=0.02),
            trainable=False, name="vector_u", dtype=self.kernel.dtype,
        )  # fmt: skip

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self._normalize()
        return self.layer(inputs)

    def _normalize(self) -> None:
        u, kernel = self.normalized_weights()
        zero = ops.all(ops.equal(self.kernel, 0.0))
        self.vector_u.assign(ops.where(zero, self.vector_u, u))
        self.kernel.assign(ops.where(zero, self.kernel, kernel))

    def normalized_weights(self) -> tuple[Any, Any]:
        """The next vector of the power method, and the kernel divided by its norm."""
        weights = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        u: Any = self.vector_u
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(weights)))
            u = ops.normalize(ops.matmul(v, weights))
        norm = ops.matmul(ops.matmul(v, weights), ops.transpose(u))
        return u, ops.divide(self.kernel, ops.reshape(norm, ()))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}


def _normalized_weight(layer: Layer) -> Variable:
    for name in ("kernel", "embeddings"):
        found: Variable | None = getattr(layer, name, None)
        if found is not None:
            return found
    raise ValueError(
        f"`layer` must have a kernel or embeddings. Received: {type(layer).__name__} '{layer.name}'"
    )
