"""Trees of dicts, lists, strings, numbers and arrays, as JSON and arrays beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_MARK = "__array__"


def take_arrays_out(tree: Any) -> tuple[Any, dict[str, np.ndarray]]:
    """The tree as JSON can hold it, with marks in place of arrays, and the arrays.

    Errors: TypeError for what is none of these, with its place in the tree.
    """
    arrays: dict[str, np.ndarray] = {}
    return _without(tree, "", arrays), arrays


def _without(tree: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(tree, np.generic):
        return tree.item()
    if isinstance(tree, np.ndarray):
        arrays[str(len(arrays))] = tree
        return {_MARK: str(len(arrays) - 1)}
    if isinstance(tree, dict):
        return {key: _without(value, f"{place}/{key}", arrays) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_without(value, f"{place}/{i}", arrays) for i, value in enumerate(tree)]
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    raise TypeError(
        "A state can hold dicts, lists, strings, numbers and arrays. Received: "
        f"{type(tree).__name__} at {place[1:]!r}"
    )


def put_arrays_in(tree: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """What `take_arrays_out` was given.  Errors: ValueError for a mark of no array."""
    if isinstance(tree, dict):
        if set(tree) == {_MARK}:
            if tree[_MARK] not in arrays:
                raise ValueError(f"There is no array {tree[_MARK]!r} in the state")
            return np.array(arrays[tree[_MARK]])  # its own: it may be written to
        return {key: put_arrays_in(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list):
        return [put_arrays_in(value, arrays) for value in tree]
    return tree


def take_prefixed(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Takes the arrays out whose names begin so, and gives them without it."""
    names = [name for name in arrays if name.startswith(prefix)]
    return {name[len(prefix) :]: arrays.pop(name) for name in names}
