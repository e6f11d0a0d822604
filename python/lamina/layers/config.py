"""Dtypes and shapes as they stand in layers' configs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lamina.dtype_policies import DTypePolicy


def dtype_name(dtype: Any) -> Any:
    """The name of a DTypePolicy, also in its config; anything else as it is."""
    if isinstance(dtype, Mapping) and dtype.get("class_name") == "DTypePolicy":
        return dtype["config"]["name"]
    return dtype.name if isinstance(dtype, DTypePolicy) else dtype


def restored_shape(shape: Any) -> Any:
    """A shape, or a list or dict of shapes, after JSON, which has no tuples; None as it is."""
    if shape is None:
        return None
    if isinstance(shape, Mapping):
        return {key: restored_shape(value) for key, value in shape.items()}
    if any(isinstance(item, (list, tuple)) for item in shape):
        return [restored_shape(item) for item in shape]
    return tuple(shape)
