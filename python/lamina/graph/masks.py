"""Masks: which steps of the axis after the batch count.  They travel with tensors and with arrays."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from lamina.graph.tensor import Tensor

_of_arrays: dict[int, Any] = {}  # by the ids of arrays, which leave it when they die


def mask_of(x: Any) -> Any:
    """The mask that a tensor or an array carries, or None."""
    if isinstance(x, np.ndarray):
        return _of_arrays.get(id(x)) if _of_arrays else None
    return getattr(x, "_keras_mask", None)


def with_mask(x: Any, mask: Any) -> Any:
    """The tensor, which carries the mask now, or a view of the array: whoever has that sees none.

    Errors: TypeError for a mask that is no array or tensor.
    """
    if not hasattr(mask, "shape"):
        raise TypeError(f"`mask` must be an array or a tensor. Received: mask={mask!r:.100}")
    if isinstance(x, np.ndarray):
        x = x.view()
        weakref.finalize(x, _of_arrays.pop, id(x), None).atexit = False
        _of_arrays[id(x)] = mask
    elif isinstance(x, Tensor):
        x._keras_mask = mask
    return x
