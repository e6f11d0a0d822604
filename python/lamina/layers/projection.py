"""What layers share that multiply by a kernel, add a bias and apply an activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import activations, constraints, initializers, ops, regularizers
from lamina.graph.variable import Variable
from lamina.layers.layer import Layer


class Projection(Layer):
    """activation(product with the kernel + bias).

    Args:
        activation: a name, or a callable made of `lamina.ops`; None is linear.
        kernel_initializer, bias_initializer: how the weights begin.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: applied to the weights after each update.
        unsupported: arguments that Keras has and lamina has not; they must be None.
    """

    kernel: Variable
    bias: Variable | None

    def __init__(
        self,
        activation: Any,
        kernel_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        bias_regularizer: Any,
        kernel_constraint: Any,
        bias_constraint: Any,
        unsupported: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in unsupported.items():
            if value is not None:
                raise ValueError(f"`{name}` is not supported. Received: {name}={value!r}")
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def add_kernel_and_bias(
        self, kernel: Sequence[int], bias: Sequence[int] | None, initializer: Any
    ) -> None:
        """Makes the weights of these shapes; no bias for None."""
        self.kernel = self.add_weight(
            kernel, initializer, name="kernel",
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = None
        if bias is not None:
            self.bias = self.add_weight(
                bias, self.bias_initializer, name="bias",
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip

    def finished(self, product: Any) -> Any:
        """The product with bias and activation."""
        return self.activation(product if self.bias is None else ops.add(product, self.bias))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "activation": activations.serialize(self.activation),
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "quantization_config": None,
        }
