"""Checks of lookups' arguments and vocabularies, and the weights of their tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.utils import check


def check_lookup(layer: Any, idf_weights: Any) -> None:
    """Refuses arguments of a lookup that do not fit together."""
    if layer.max_tokens is not None and check.integer("max_tokens", layer.max_tokens) <= 1:
        raise ValueError(
            f"`max_tokens` must be greater than 1. Received: max_tokens={layer.max_tokens}"
        )
    if layer.pad_to_max_tokens and layer.max_tokens is None:
        raise ValueError("`pad_to_max_tokens` needs `max_tokens`. Received: max_tokens=None")
    if layer.oov_method not in ("floormod", "farmhash"):
        raise ValueError(
            "`oov_method` must be 'floormod' or 'farmhash'. "
            f"Received: oov_method={layer.oov_method!r}"
        )
    integers = layer.vocabulary_dtype != "string"
    if layer.salt is not None and integers and layer.oov_method != "farmhash":
        raise ValueError(
            "`salt` can only be used with oov_method='farmhash'. "
            f"Received: oov_method={layer.oov_method!r}"
        )
    if layer.invert and layer.output_mode != "int":
        raise ValueError(
            "`output_mode` must be 'int' when `invert` is True. "
            f"Received: output_mode={layer.output_mode!r}"
        )
    if idf_weights is not None and layer.output_mode != "tf_idf":
        raise ValueError(
            "`idf_weights` should only be set if `output_mode` is 'tf_idf'. "
            f"Received: idf_weights={idf_weights} and output_mode={layer.output_mode!r}"
        )


def check_tokens(
    given: list[Any],
    tokens: list[Any],
    reserved: Mapping[str, Any],
    specials: int,
    max_tokens: int | None,
) -> None:
    """Refuses a vocabulary that is empty, repeats itself, is too large, or has specials inside.

    `given` is the vocabulary as it came, `tokens` what is left of it without the specials in front,
    of which there are so many.
    """
    if not given:
        raise ValueError("Cannot set an empty vocabulary. Received: vocabulary=[]")
    repeated = [token for token, count in Counter(tokens).items() if count > 1]
    if repeated:
        raise ValueError(
            f"The vocabulary has at least one repeated term. Received: repeated terms {repeated}"
        )
    for name, token in reserved.items():
        if token is not None and token in tokens:
            raise ValueError(
                f"The `{name}` stands at an unexpected place in `vocabulary`: leave all special "
                f"tokens out, or put exactly {specials} at its start, as in `get_vocabulary()`. "
                f"Received: {name}={token!r} at index {given.index(token)}"
            )
    size = specials + len(tokens)
    if max_tokens is not None and size > max_tokens:
        raise ValueError(
            "The vocabulary is larger than `max_tokens`. "
            f"Received: {size} tokens, special ones among them, and max_tokens={max_tokens}"
        )


def padded_weights(weights: Any, count: int, front: int, size: int | None) -> np.ndarray:
    """float32 weights, one for each of `count` tokens: before them `front` times their mean for the
    special ones, behind them zeros up to `size`."""
    array = np.asarray(weights, np.float32)
    if array.shape != (count,):
        raise ValueError(
            f"`idf_weights` must hold one number for each of {count} tokens of the vocabulary. "
            f"Received: idf_weights of shape {array.shape}"
        )
    padded = np.concatenate([np.full(front, array.mean(dtype=np.float64)), array])
    behind = 0 if size is None else size - len(padded)
    return np.pad(padded, (0, behind)).astype(np.float32)
