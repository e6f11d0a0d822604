"""Layers and models in pickles and copies: the bytes of a file of lamina's own format."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from lamina.saving.files import read_native, write_native
from lamina.serialization.serialize import collected_custom_objects


def reduce(obj: Any) -> tuple[Any, ...]:
    """How to make an equal object: users' own classes and functions go along by reference."""
    buffer = io.BytesIO()
    with collected_custom_objects() as custom_objects:
        write_native(buffer, obj)
    return restore, (buffer.getvalue(), custom_objects)


def restore(data: bytes, custom_objects: Mapping[str, Any]) -> Any:
    """The object that `reduce` was given, in the same state."""
    return read_native(data, custom_objects, compile=True, safe_mode=True)
