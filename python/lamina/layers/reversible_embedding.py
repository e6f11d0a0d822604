"""Vectors for whole numbers, and numbers for vectors again (Press and Wolf, 2016)."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.layers.arguments import with_masks
from lamina.layers.config import dtype_name
from lamina.layers.embedding import Embedding
from lamina.utils import check


class ReversibleEmbedding(Embedding):
    """An Embedding that also goes back: from vectors (*, output_dim) to scores (*, input_dim).

    `layer(numbers)` gives rows of `embeddings`; `layer(vectors, reverse=True)` their products with all
    rows, or with the columns of `reverse_embeddings` when the weights are not tied.

    Args:
        input_dim, output_dim, embeddings_initializer, mask_zero: as for Embedding; there is no mask on
            the way back.
        embeddings_regularizer, embeddings_constraint: of `embeddings`, as for Embedding.
        tie_weights: whether both ways use the same numbers.
        reverse_dtype: None, or the layer's own dtype.
        logit_soft_cap: a number > 0 that no score exceeds: scores are cap * tanh(score / cap).

    Examples:
        >>> layer = lamina.layers.ReversibleEmbedding(10, 4)
        >>> hidden = layer(np.array([[1, 2, 9]]))
        >>> hidden.shape, layer(hidden, reverse=True).shape
        ((1, 3, 4), (1, 3, 10))
    """

    reverse_embeddings: Variable

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        weights = kwargs.pop("weights", None)
        super().__init__(
            input_dim, output_dim, embeddings_initializer, embeddings_regularizer,
            embeddings_constraint, mask_zero, **kwargs,
        )  # fmt: skip
        if dtype_name(reverse_dtype) not in (None, self.dtype):
            raise ValueError(
                f"`reverse_dtype` must be None or the layer's dtype, {self.dtype!r}. "
                f"Received: reverse_dtype={reverse_dtype!r}"
            )
        self.tie_weights = bool(tie_weights)
        self.reverse_dtype = dtype_name(reverse_dtype)
        self.logit_soft_cap = logit_soft_cap
        if logit_soft_cap is not None and check.number("logit_soft_cap", logit_soft_cap) <= 0:
            raise ValueError(
                f"`logit_soft_cap` must be greater than 0. Received: logit_soft_cap={logit_soft_cap}"
            )
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) else [weights])

    def build(self, input_shape: Any = None) -> None:
        if self.built:
            return
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                (self.output_dim, self.input_dim), self.embeddings_initializer,
                name="reverse_embeddings",
            )  # fmt: skip

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        if not reverse:
            return with_masks(super().call(inputs), super().compute_mask(inputs, None))
        table = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        scores = ops.matmul(inputs, table)
        cap = self.logit_soft_cap
        return scores if cap is None else ops.multiply(ops.tanh(ops.divide(scores, cap)), cap)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the vectors have their mask already, and scores have none."""
        return None

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> Any:
        """(*input, output_dim), or backwards the last size replaced by input_dim."""
        if reverse:
            return (*input_shape[:-1], self.input_dim)
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tie_weights": self.tie_weights,
            "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }
