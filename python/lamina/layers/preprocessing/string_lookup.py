"""Strings as their numbers in a vocabulary."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.layers.preprocessing.data_layer import as_strings
from lamina.layers.preprocessing.index_lookup import IndexLookup


class StringLookup(IndexLookup):
    """Strings as their numbers in a vocabulary, of arrays outside of a model.

    Numbers count from 0: the mask token's (if there is one and the mode is "int"), those for
    unknown strings, then the vocabulary's.  Bytes are decoded.

    Args:
        max_tokens: the largest size of the vocabulary, with the special tokens; None for any.
        num_oov_indices: how many numbers unknown strings share: with 0 they are refused, with more
            than 1 they are spread by their hashes.
        mask_token: a string whose number is 0, and that leaves no trace in the other modes.
        oov_token: what an unknown number becomes when `invert` is True.
        vocabulary: the strings, or a file with one in each line; None where `adapt` finds them.
        idf_weights: for "tf_idf" with a given vocabulary, a weight for each of its strings.
        invert: from numbers to strings.
        output_mode: "int" (int64, of the inputs' shape); "one_hot", "multi_hot", "count" as in
            `CategoryEncoding` (int64); "tf_idf", counts times the weights
            log(1 + documents / (1 + documents with the string)).
        pad_to_max_tokens: whether encoded vectors have `max_tokens` elements in any case.
        sparse: False.
        encoding: of bytes.
        salt: one or two integers that make another hash.

    Errors: ValueError for bad arguments and, where `num_oov_indices` is 0, unknown strings;
    TypeError for what holds no strings; RuntimeError when it is called without a vocabulary.

    Examples:
        >>> lookup = lamina.layers.StringLookup(vocabulary=["red", "green"])
        >>> print(lookup(np.array(["green", "red", "blue"])))
        [2 1 0]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self.encoding = encoding
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary_dtype="string",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens,
            name=name,
            salt=salt,
            **kwargs,
        )

    def _keys(self, name: str, x: Any) -> np.ndarray:
        return as_strings(name, x, self.encoding)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["vocabulary_dtype"]
        return {**config, "encoding": self.encoding}
