"""Vectors for whole numbers."""

from __future__ import annotations

import warnings
from typing import Any

from lamina import constraints, initializers, ops, regularizers
from lamina.graph.variable import Variable
from lamina.layers.layer import Layer


class Embedding(Layer):
    """Row i of `embeddings` (input_dim, output_dim) for each whole number i: (*input, output_dim).

    On arrays a number that is not one of -input_dim .. input_dim - 1 is refused; in a model, where it
    cannot be, it gives a row of NaN and its gradient goes nowhere.

    Args:
        input_dim: how many numbers there are: 0 .. input_dim - 1.
        output_dim: the length of a vector.
        embeddings_initializer: how the vectors begin.
        embeddings_regularizer: a penalty added to the loss.
        embeddings_constraint: applied after each update.
        mask_zero: whether 0 is padding: a mask then hides it from what follows.
        weights: the first vectors, instead of the initializer's.
        lora_rank, lora_alpha, quantization_config: None (lamina has neither).

    Examples:
        >>> layer = lamina.layers.Embedding(10, 4)
        >>> layer(np.array([[1, 2, 9]])).shape
        (1, 3, 4)
    """

    embeddings: Variable

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: None = None,
        lora_alpha: None = None,
        quantization_config: None = None,
        **kwargs: Any,
    ) -> None:
        for name, value in (("input_dim", input_dim), ("output_dim", output_dim)):
            if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
                raise ValueError(
                    f"`{name}` must be a positive integer. Received: {name}={value!r} (of type "
                    f"{type(value).__name__})."
                )
        for name, unsupported in (
            ("lora_rank", lora_rank),
            ("lora_alpha", lora_alpha),
            ("quantization_config", quantization_config),
        ):
            if unsupported is not None:
                raise ValueError(f"`{name}` is not supported. Received: {name}={unsupported!r}")
        if kwargs.pop("input_length", None) is not None:
            warnings.warn("Argument `input_length` is deprecated. Just remove it.", stacklevel=2)
        super().__init__(**kwargs)
        self.input_dim, self.output_dim = input_dim, output_dim
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        if weights is not None:
            self.build()
            self.set_weights(
                weights if isinstance(weights, list) and len(weights) == 1 else [weights]
            )

    def build(self, input_shape: Any = None) -> None:
        if self.built:
            return
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim), self.embeddings_initializer, name="embeddings",
            regularizer=self.embeddings_regularizer, constraint=self.embeddings_constraint,
        )  # fmt: skip

    def call(self, inputs: Any) -> Any:
        return ops.take(self.embeddings, inputs, axis=0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0.0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
            "quantization_config": None,
        }
