"""Nested lists, tuples and dicts: what several inputs or outputs come in.

Everything that is no list, tuple or dict is a leaf.  Dicts are walked in the order of their sorted
keys, as in Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]


def is_nested(structure: Any) -> bool:
    """Whether it is a list, tuple or dict."""
    return isinstance(structure, (list, tuple, dict))


def flatten(structure: Any) -> list[Any]:
    """The leaves, from left to right."""
    leaves: list[Any] = []
    _collect(structure, leaves)
    return leaves


def _collect(structure: Any, leaves: list[Any]) -> None:
    if isinstance(structure, dict):
        for key in sorted(structure):
            _collect(structure[key], leaves)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _collect(item, leaves)
    else:
        leaves.append(structure)


def map_structure(function: Callable[..., Any], *structures: Any) -> Any:
    """The first structure with `function(leaf, ...)` in place of its leaves.

    Errors: ValueError when the structures differ.
    """
    first = structures[0]
    if len(structures) == 1 and not isinstance(first, (list, tuple, dict)):
        return function(first)
    for other in structures[1:]:
        assert_same_structure(first, other)
    results = [function(*leaves) for leaves in zip(*map(flatten, structures))]
    return _pack(first, iter(results))


def pack_sequence_as(structure: Any, flat: Sequence[Any]) -> Any:
    """The leaves `flat` in the shape of `structure`.

    Errors: ValueError when it has another number of leaves.
    """
    wanted = len(flatten(structure))
    if wanted != len(flat):
        raise ValueError(f"The structure has {wanted} leaves. Received: {len(flat)} values")
    return _pack(structure, iter(flat))


def _pack(structure: Any, values: Iterator[Any]) -> Any:
    if isinstance(structure, dict):
        packed = {key: _pack(structure[key], values) for key in sorted(structure)}
        return type(structure)((key, packed[key]) for key in structure)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*(_pack(item, values) for item in structure))
    if isinstance(structure, (list, tuple)):
        return type(structure)(_pack(item, values) for item in structure)
    return next(values)


def assert_same_structure(a: Any, b: Any) -> None:
    """Errors: ValueError unless both are nested alike (a list beside a list, the same keys)."""
    if not _alike(a, b):
        raise ValueError(
            "The structures differ. Received: "
            f"{map_structure(lambda _: '*', a)} and {map_structure(lambda _: '*', b)}"
        )


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, dict) or isinstance(b, dict):
        same = isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys()
        return same and all(_alike(a[key], b[key]) for key in a)
    if is_nested(a) or is_nested(b):
        kinds = [isinstance(x, (list, tuple)) and isinstance(x, list) for x in (a, b)]
        same = is_nested(a) and is_nested(b) and kinds[0] == kinds[1] and len(a) == len(b)
        return same and all(map(_alike, a, b))
    return True
