"""Sequences of different lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.utils import check


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """The sequences as the rows of one array (n, maxlen, ...), filled up with `value`.

    Args:
        sequences: a sequence of sequences, whose elements are all of one shape.
        maxlen: the length of a row; None is the longest sequence's.
        dtype: of the result; `object` for strings of any length.
        padding, truncating: "pre" or "post": the side that is filled, and the side that is cut off.
        value: what rows are filled with.

    Errors: ValueError for what is no sequence of sequences, elements of different shapes, a string
    as `value` of another dtype, or another word for `padding` or `truncating`.

    Examples:
        >>> print(lamina.utils.pad_sequences([[1, 2], [3]], maxlen=3))
        [[0 1 2]
         [0 0 3]]
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ValueError(f"`{name}` must be 'pre' or 'post'. Received: {name}={side!r}")
    lengths = _lengths(sequences)
    if maxlen is None:
        if not lengths:
            raise ValueError("`maxlen` is needed when there are no `sequences`. Received: None")
        maxlen = max(lengths)
    maxlen = check.integer("maxlen", maxlen, 0)
    _check_value(value, dtype)
    first = next((s for s, length in zip(sequences, lengths) if length), ())
    shape = np.asarray(first).shape[1:]
    rows = np.full((len(lengths), maxlen, *shape), value, dtype)
    for i, (sequence, length) in enumerate(zip(sequences, lengths)):
        kept = min(length, maxlen)
        if kept == 0:
            continue
        part = sequence[length - kept :] if truncating == "pre" else sequence[:kept]
        array = np.asarray(part, dtype)
        if array.shape[1:] != shape:
            raise ValueError(
                f"The elements of all `sequences` must have one shape, {shape} as in the first. "
                f"Received: {array.shape[1:]} in the sequence at position {i}"
            )
        rows[i, slice(maxlen - kept, None) if padding == "pre" else slice(kept)] = array
    return rows


def _lengths(sequences: Any) -> list[int]:
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"`sequences` must be a sequence of sequences. Received: {sequences!r}")
    for i, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise ValueError(
                "`sequences` must be a sequence of sequences. "
                f"Received at position {i}: {sequence!r}"
            )
    return [len(sequence) for sequence in sequences]


def _check_value(value: Any, dtype: Any) -> None:
    if isinstance(value, str) and np.dtype(dtype).kind not in "OUST":
        raise ValueError(
            f"A string as `value` does not fit dtype={dtype!r}: for strings of any length use "
            f"dtype=object. Received: value={value!r}"
        )
