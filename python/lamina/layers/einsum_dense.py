"""The fully connected layer over any axes."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from lamina import ops, regularizers
from lamina.initializers.random import VarianceScaling
from lamina.layers.input_spec import InputSpec
from lamina.layers.projection import Projection

_FORM = re.compile(
    r"(?P<left>\.\.\.)?(?P<input>[a-zA-Z]+)(?P<right>\.\.\.)?,(?P<kernel>[a-zA-Z]+)->"
    r"(?(left)\.\.\.)(?P<output>[a-zA-Z]+)(?(right)\.\.\.)"
)


class EinsumDense(Projection):
    """activation(einsum(equation, x, kernel) + bias): "abc,cd->abd" is `Dense` on (batch, b, c).

    Args:
        equation: of the forms `ab,bc->ac`, `...ab,bc->...ac` and `ab...,bc->ac...`; without dots
            the first letter is the batch.
        output_shape: of a sample, without the axes under the dots; None for a size of the input.
        activation: a name, or a callable made of `lamina.ops`; None is linear.
        bias_axes: the letters of the output that the bias has a size along; None: no bias.
        kernel_initializer, bias_initializer: how the weights begin.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: applied to the weights after each update.
        lora_rank, lora_alpha, gptq_unpacked_column_size, quantization_config: None (lamina has none).

    Errors: ValueError for another equation, or shapes that do not fit it.
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: None = None,
        lora_alpha: None = None,
        gptq_unpacked_column_size: None = None,
        quantization_config: None = None,
        **kwargs: Any,
    ) -> None:
        unsupported = {
            "lora_rank": lora_rank, "lora_alpha": lora_alpha,
            "gptq_unpacked_column_size": gptq_unpacked_column_size,
            "quantization_config": quantization_config,
        }  # fmt: skip
        super().__init__(
            activation, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
            kernel_constraint, bias_constraint, unsupported, **kwargs,
        )  # fmt: skip
        self.equation = equation
        shape = (output_shape,) if isinstance(output_shape, int) else output_shape
        self.partial_output_shape = tuple(shape)
        self.bias_axes = bias_axes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        terms = _parsed(self.equation)
        inside, outside = _sizes(terms, input_shape, self.partial_output_shape)
        for name in terms.output:
            if name not in terms.input + terms.kernel:
                raise _refused(self.equation, f"{name!r} of the output is in no operand")
        known = inside | outside
        kernel = [d for d in map(known.get, terms.kernel) if d is not None]
        if len(kernel) < len(terms.kernel):
            raise _refused(self.equation, f"the kernel's sizes are not known from {input_shape}")
        initializer = self.kernel_initializer
        if isinstance(initializer, VarianceScaling) and initializer.input_axes is None:
            initializer = copy.copy(initializer)
            axes = range(len(kernel))
            initializer.output_axes = [i for i in axes if terms.kernel[i] in outside]
            initializer.input_axes = [i for i in axes if terms.kernel[i] not in outside]
        self.add_kernel_and_bias(kernel, self._bias_shape(terms, input_shape, known), initializer)
        self.input_spec = InputSpec(ndim=len(input_shape))

    def _bias_shape(self, terms: Terms, input_shape: Any, sizes: dict[str, Any]) -> Any:
        if self.bias_axes is None:
            return None
        if not self.bias_axes or not set(self.bias_axes) <= set(terms.output):
            raise ValueError(
                f"`bias_axes` must be letters of the output {terms.output!r}. Received: "
                f"bias_axes={self.bias_axes!r}"
            )
        names = terms.output[min(map(terms.output.find, self.bias_axes)) :]
        under_dots = len(input_shape) - len(terms.input) if terms.right else 0
        return [sizes[n] if n in self.bias_axes else 1 for n in names] + [1] * under_dots

    def call(self, inputs: Any) -> Any:
        return self.finished(ops.einsum(self.equation, inputs, self.kernel))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "bias_axes": self.bias_axes,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }


class Terms(NamedTuple):
    """The letters of an equation, and where its dots are."""

    input: str
    kernel: str
    output: str
    left: bool
    right: bool


def _parsed(equation: str) -> Terms:
    found = _FORM.fullmatch(equation)
    if found and not (found["left"] and found["right"]):
        left, right = bool(found["left"]), bool(found["right"])
        return Terms(found["input"], found["kernel"], found["output"], left, right)
    raise ValueError(
        f"Invalid einsum equation '{equation}'. Equations must be in the form [X],[Y]->[Z], "
        "...[X],[Y]->...[Z], or [X]...,[Y]->[Z]...."
    )


def _sizes(
    terms: Terms, input_shape: Sequence[int | None], output_shape: Sequence[int | None]
) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """The sizes of the input's and of the output's letters; those that both have must agree."""
    under_dots = len(input_shape) - len(terms.input)
    if under_dots < 0 or (under_dots and not (terms.left or terms.right)):
        raise ValueError(f"{terms} does not fit an input of shape {tuple(input_shape)}")
    inside = dict(zip(terms.input, input_shape[under_dots if terms.left else 0 :]))
    sample = output_shape if terms.left and under_dots else (input_shape[0], *output_shape)
    outside = dict(zip(terms.output, sample))
    for name in set(inside) & set(outside):
        if None not in (inside[name], outside[name]) and inside[name] != outside[name]:
            raise ValueError(
                f"Input shape and output shape do not match at shared dimension '{name}'. Input shape "
                f"is {inside[name]}, and output shape is {outside[name]}."
            )
        outside[name] = inside[name]
    return inside, outside


def _refused(equation: str, why: str) -> ValueError:
    return ValueError(f"EinsumDense: {why}. Received: equation={equation!r}")
