"""Attention (Vaswani et al., 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.ops import elementwise as e
from lamina.ops.composite import softmax
from lamina.ops.joining import repeat
from lamina.ops.linalg import matmul
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import transpose
from lamina.utils import check

# For scores that do not take part: finite, also with a bias.
_LEAST = -0.7 * float(np.finfo(np.float32).max)


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: None = None,
) -> Any:
    """softmax(scale * query key^T + bias) value, head by head: (batch, T, heads, size).

    Args:
        query: (batch, T, heads, size).
        key, value: (batch, S, n, size), where n is `heads` or a divisor of it: a head of theirs is then
            for several of the query's.
        bias: added to the scores, broadcast to (batch, heads, T, S).
        mask: where it is 0 a place does not take part; broadcast alike.  Where it is 0 everywhere, all
            take part alike.
        scale: by default 1 / sqrt(size).
        is_causal: place t sees the places up to t alone.
        flash_attention: None or False; attn_logits_soft_cap: None (lamina has neither).

    Errors: ValueError for other ranks and sizes that do not fit.
    """
    query, key, value = (as_operand(x) for x in (query, key, value))
    heads = _checked(query, key, value)
    if flash_attention or attn_logits_soft_cap is not None:
        raise ValueError(
            "dot_product_attention: there is neither `flash_attention` nor `attn_logits_soft_cap`. "
            f"Received: flash_attention={flash_attention}, attn_logits_soft_cap={attn_logits_soft_cap}"
        )
    if heads > 1:
        key, value = repeat(key, heads, axis=2), repeat(value, heads, axis=2)
    size = query.shape[3]
    factor = size**-0.5 if scale is None else check.number("scale", scale)
    q, k, v = (transpose(x, (0, 2, 1, 3)) for x in (query, key, value))
    scores = e.multiply(matmul(q, transpose(k, (0, 1, 3, 2))), factor)
    if bias is not None:
        scores = e.add(scores, bias)
    if mask is not None:
        scores = e.where(e.not_equal(mask, 0.0), scores, _LEAST)
    if is_causal:
        seen = np.tri(query.shape[1], key.shape[1], dtype=bool)
        scores = e.where(seen, scores, _LEAST)
    return transpose(matmul(softmax(scores, axis=-1), v), (0, 2, 1, 3))


def _checked(query: Any, key: Any, value: Any) -> int:
    """How many of the query's heads share one of the keys'."""
    shapes = ", ".join(
        f"{name}.shape={tuple(x.shape)}"
        for name, x in (("query", query), ("key", key), ("value", value))
    )
    if not all(len(x.shape) == 4 for x in (query, key, value)):
        raise ValueError(
            "dot_product_attention: `query`, `key` and `value` must have 4 axes (batch, places, heads, "
            f"size). Received: {shapes}"
        )
    fits = dims_of(key)[:3] == dims_of(value)[:3] and key.shape[3] == query.shape[3]
    if not fits or not key.shape[2] or query.shape[2] % key.shape[2]:
        raise ValueError(
            "dot_product_attention: `key` and `value` must have the same places and heads, `query` and "
            f"`key` the same size, and the query's heads be a multiple of theirs. Received: {shapes}"
        )
    return int(query.shape[2] // key.shape[2])
