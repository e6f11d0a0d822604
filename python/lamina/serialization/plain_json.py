"""JSON from files that nobody vouches for."""

from __future__ import annotations

import json
from typing import Any

_DEEPEST = 100  # a model in a model takes about four levels
_FACTOR, _SPARE = 2, 16 << 20  # a text may take twice its size and 16 MB more
_OBJECT, _VALUE = 240, 40  # bytes of a dict or list, and of what stands in it, as Python has them


def read_json(what: str, text: str | bytes) -> dict[str, Any]:
    """The object in a JSON text.

    Errors: ValueError for what is no JSON, no object, has a key twice, is nested too deeply, or would
    take far more memory than its text does.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        _check_size(text)
        value = json.loads(text, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a JSON object. Received: {type(value).__name__}")
    if _is_deeper(value, _DEEPEST):
        raise ValueError(f"{what} cannot be read: it is nested deeper than {_DEEPEST} levels")
    return value


def _check_size(text: str) -> None:
    objects = text.count("{") + text.count("[")
    size = _OBJECT * objects + _VALUE * (objects + text.count(","))
    if "\\u" in text or not text.isascii():  # a single rare character makes a whole string wide
        size += 3 * len(text)
    if size > _FACTOR * len(text) + _SPARE:
        raise ValueError(f"{len(text)} characters would become objects of {size} bytes")


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    while level and levels:
        level = [
            inner
            for x in level
            for inner in (x.values() if isinstance(x, dict) else x)
            if isinstance(inner, (dict, list))
        ]
        levels -= 1
    return bool(level)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found
