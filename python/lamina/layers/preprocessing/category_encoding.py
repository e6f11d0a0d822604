"""Integers as one-hot, multi-hot and count vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.graph.tensor import Tensor
from lamina.layers.layer import Layer
from lamina.layers.preprocessing.data_layer import as_integers
from lamina.layers.preprocessing.encoding import check_mode, encode, encoded_shape, not_sparse
from lamina.utils import check


class CategoryEncoding(Layer):
    """Whole numbers from 0 to num_tokens - 1, encoded.

    Args:
        num_tokens: the number of categories.
        output_mode: "one_hot": (..., num_tokens) with a 1 for each number, where a last axis of
            size 1 is dropped before; "multi_hot": (n, k) to (n, num_tokens) with a 1 for each
            number that is in a row; "count": the same with how often it is.
        sparse: False.

    Called with `count_weights` of the shape of the inputs, "count" adds those up instead of ones.

    Errors: ValueError for arrays with numbers outside of 0 .. num_tokens - 1; inside of a model
    such a number gives zeros.

    Examples:
        >>> layer = lamina.layers.CategoryEncoding(4, output_mode="multi_hot")
        >>> print(layer(np.array([[0, 2], [3, 3]])).astype(int))
        [[1 0 1 0]
         [0 0 0 1]]
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if output_mode == "binary":
            output_mode = "multi_hot"
        modes = ("count", "one_hot", "multi_hot")
        self.output_mode = check_mode("CategoryEncoding", output_mode, modes)
        if num_tokens is None:
            raise ValueError(
                "`num_tokens` must be set; where it is not known, use IntegerLookup. "
                "Received: num_tokens=None"
            )
        self.num_tokens = check.integer("num_tokens", num_tokens, 1)
        not_sparse(sparse)
        self.built = True

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                "`count_weights` is not used when `output_mode` is not 'count'. "
                f"Received: count_weights={count_weights!r}, output_mode={self.output_mode!r}"
            )
        if not isinstance(inputs, Tensor):
            inputs = self._checked(inputs)
        return encode(inputs, self.output_mode, self.num_tokens, count_weights)

    def _checked(self, inputs: Any) -> np.ndarray:
        array = as_integers("inputs", inputs)
        bad = np.argwhere((array < 0) | (array >= self.num_tokens))
        if len(bad):
            where = tuple(int(i) for i in bad[0])
            raise ValueError(
                f"Inputs of CategoryEncoding must lie in 0 .. num_tokens - 1 with "
                f"num_tokens={self.num_tokens}. Received: {array[where]} at index {where}"
            )
        return array

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return encoded_shape(input_shape, self.output_mode, self.num_tokens)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_tokens": self.num_tokens,
            "output_mode": self.output_mode,
        }
