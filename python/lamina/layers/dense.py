"""The fully connected layer."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.layers.input_spec import InputSpec
from lamina.layers.projection import Projection


class Dense(Projection):
    """activation(x @ kernel + bias), with x (..., inputs), kernel (inputs, units), bias (units,).

    Args:
        units: the size of the output's last axis, a positive integer.
        activation: a name, or a callable made of `lamina.ops`; None is linear.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: how the weights begin.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: applied to the weights after each update.
        lora_rank, lora_alpha, quantization_config: None (lamina has neither).

    Errors: ValueError for units that are not a positive integer, an unknown name, or an input whose
    last axis has another size than at first.

    Examples:
        >>> layer = lamina.layers.Dense(2, kernel_initializer="ones", bias_initializer="ones")
        >>> print(layer(np.array([[1.0, 2.0, 3.0]])))
        [[7. 7.]]
        >>> layer.kernel.shape, layer.bias.shape
        ((3, 2), (2,))
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: None = None,
        lora_alpha: None = None,
        quantization_config: None = None,
        **kwargs: Any,
    ) -> None:
        unsupported = {
            "lora_rank": lora_rank, "lora_alpha": lora_alpha,
            "quantization_config": quantization_config,
        }  # fmt: skip
        super().__init__(
            activation, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
            kernel_constraint, bias_constraint, unsupported,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        if isinstance(units, bool) or not isinstance(units, int) or units <= 0:
            raise ValueError(
                "Received an invalid value for `units`, expected a positive integer. "
                f"Received: units={units!r}"
            )
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=2)
        self.units = units
        self.use_bias = bool(use_bias)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ValueError(
                f"Input 0 of layer '{self.name}' is incompatible with the layer: expected "
                f"min_ndim=2 and a known last axis. Received: input_shape={input_shape}"
            )
        inputs = input_shape[-1]
        bias = (self.units,) if self.use_bias else None
        self.add_kernel_and_bias((inputs, self.units), bias, self.kernel_initializer)
        self.input_spec = InputSpec(min_ndim=2, axes={-1: inputs})

    def call(self, inputs: Any) -> Any:
        return self.finished(ops.matmul(inputs, self.kernel))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "use_bias": self.use_bias}
