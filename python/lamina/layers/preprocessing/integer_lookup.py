"""Integers as their numbers in a vocabulary."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.graph.tensor import Tensor
from lamina.layers.preprocessing.data_layer import as_integers
from lamina.layers.preprocessing.index_lookup import IndexLookup

_EXACT = 2**24  # float32 holds all integers up to here


class IntegerLookup(IndexLookup):
    """Integers as their numbers in a vocabulary.

    Inside of a model integers are exact up to 2**24, and unknown ones must share one number.

    Numbers count from 0: the mask token's (if there is one and the mode is "int"), those for
    unknown integers, then the vocabulary's.

    Args:
        max_tokens: the largest size of the vocabulary, with the special tokens; None for any.
        num_oov_indices: how many numbers unknown integers share: with 0 they are refused, with
            more than 1 they are spread by `oov_method`.
        mask_token: an integer whose number is 0, and that leaves no trace in the other modes.
        oov_token: what an unknown number becomes when `invert` is True.
        vocabulary: the integers, or a file with one in each line; None where `adapt` finds them.
        vocabulary_dtype: "int64".
        idf_weights: for "tf_idf" with a given vocabulary, a weight for each of its integers.
        invert: from numbers to integers.
        output_mode: "int" (int64, of the inputs' shape); "one_hot", "multi_hot", "count" as in
            `CategoryEncoding` (int64); "tf_idf", counts times the weights
            log(1 + documents / (1 + documents with the integer)).
        sparse: False.
        pad_to_max_tokens: whether encoded vectors have `max_tokens` elements in any case.
        oov_method: "floormod" (the integer modulo num_oov_indices) or "farmhash".
        salt: for "farmhash", one or two integers that make another hash.

    Errors: ValueError for bad arguments and, where `num_oov_indices` is 0, unknown integers;
    RuntimeError when it is called without a vocabulary.
    """

    _in_models = True

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if vocabulary_dtype != "int64":
            raise ValueError(f"`vocabulary_dtype` must be 'int64'. Received: {vocabulary_dtype=}")
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary_dtype=vocabulary_dtype,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens,
            oov_method=oov_method,
            salt=salt,
            name=name,
            **kwargs,
        )

    def _keys(self, name: str, x: Any) -> np.ndarray:
        return as_integers(name, x)

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, Tensor):
            return super().call(inputs)
        self._check_for_models()
        table = self._known()
        tokens = np.array(list(table), np.float32)
        away = np.array(list(table.values()), np.float32) - self._oov_start
        known = ops.multiply(ops.equal(ops.expand_dims(inputs, -1), tokens), away)
        return self._encode(ops.add(ops.sum(known, axis=-1), self._oov_start))

    def _describe(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """In a model that is read from a file, whose vocabulary stands beside the config, the layer
        is described by the number of tokens that the config gives."""
        if self._tokens or self._frozen_size is None:
            return super()._describe(args, kwargs)
        weights, count = self.idf_weights, self._frozen_size - self._token_start
        self._use(list(range(count)))
        if self.output_mode == "tf_idf":
            self._weigh(np.zeros(count), count, self._token_start)
        try:
            return super()._describe(args, kwargs)
        finally:
            self._tokens, self._table, self.idf_weights = [], {}, weights

    def _check_for_models(self) -> None:
        if self.invert or self.num_oov_indices != 1:
            raise ValueError(
                "Inside of a model IntegerLookup takes invert=False and num_oov_indices=1. "
                f"Received: invert={self.invert}, num_oov_indices={self.num_oov_indices}"
            )
        large = [token for token in self._known() if abs(token) > _EXACT]
        if large:
            raise ValueError(
                f"Inside of a model integers are exact up to {_EXACT}. "
                f"Received: {large[0]} in the vocabulary"
            )

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if config["vocabulary"] is not None:
            config["vocabulary"] = [int(v) for v in config["vocabulary"]]
        return config
