"""Nested lists, tuples and dicts: what several inputs or outputs come in.

Everything that is no list, tuple or dict is a leaf.  Dicts are walked in the order of their sorted
keys, OrderedDicts in their own, as in Keras.
"""

from __future__ import annotations

import copy
import functools
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]


def is_nested(structure: Any) -> bool:
    """Whether it is a list, tuple or dict."""
    return isinstance(structure, (list, tuple, dict))


# --- leaves ---------------------------------------------------------------------------------------


def flatten(structure: Any) -> list[Any]:
    """The leaves, from left to right."""
    if not isinstance(structure, (list, tuple, dict)):
        return [structure]
    leaves: list[Any] = []
    _collect(structure, leaves)
    return leaves


def _collect(structure: Any, leaves: list[Any]) -> None:
    if isinstance(structure, dict):
        for key in _keys(structure):
            _collect(structure[key], leaves)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _collect(item, leaves)
    else:
        leaves.append(structure)


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves with their paths: the keys and places that lead to each."""
    if not is_nested(structure):
        return [((), structure)]
    keys = _keys(structure) if isinstance(structure, dict) else range(len(structure))
    parts = zip(keys, _children(structure))
    return [((key, *path), leaf) for key, part in parts for path, leaf in flatten_with_path(part)]


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any]) -> Any:
    """The leaves `flat_sequence` in the shape of `structure`.

    Errors: ValueError when it has another number of leaves.
    """
    if len(flat_sequence) == 1 and not is_nested(structure):
        return flat_sequence[0]
    wanted = len(flatten(structure))
    if wanted != len(flat_sequence):
        raise ValueError(
            f"The structure has {wanted} leaves. Received: {len(flat_sequence)} values"
        )
    return _pack(structure, iter(flat_sequence))


def _pack(structure: Any, values: Iterator[Any]) -> Any:
    if not is_nested(structure):
        return next(values)
    return _rebuilt(structure, [_pack(part, values) for part in _children(structure)])


# --- maps -----------------------------------------------------------------------------------------


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """The first structure with `func(leaf, ...)` in place of its leaves.

    Args:
        none_is_leaf: False leaves None as it is; where one structure has it, all must.

    Errors: ValueError when the structures differ.
    """
    if not none_is_leaf:
        func = functools.partial(_unless_none, func)
    if not structures:
        raise ValueError("Must provide at least one structure. Received: none")
    first = structures[0]
    if len(structures) == 1 and not isinstance(first, (list, tuple, dict)):
        return func(first)
    for other in structures[1:]:
        assert_same_structure(first, other)
    results = [func(*leaves) for leaves in zip(*map(flatten, structures))]
    return pack_sequence_as(first, results)


def _unless_none(func: Callable[..., Any], *leaves: Any) -> Any:
    missing = [x is None for x in leaves]
    if not any(missing):
        return func(*leaves)
    if not all(missing):
        raise ValueError(f"None stands in some of the structures alone. Received: {leaves!r:.200}")
    return None


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """`func(part, ...)` of what stands in the structures where the first has a leaf.

    Errors: ValueError when they are not nested like the first, as far as it goes.
    """
    if not structures:
        raise ValueError("Must provide at least one structure. Received: none")
    if not is_nested(shallow_structure):
        return func(*structures)
    for other in structures:
        if not _same_level(shallow_structure, other):
            raise ValueError(
                f"The structures differ. Received: {other!r} beside {shallow_structure!r}"
            )
    is_dict = isinstance(shallow_structure, dict)
    keys = _keys(shallow_structure) if is_dict else range(len(shallow_structure))
    parts = [[x[key] for x in (shallow_structure, *structures)] for key in keys]
    mapped = [map_structure_up_to(shallow, func, *others) for shallow, *others in parts]
    return _rebuilt(shallow_structure, mapped)


def map_shape_structure(func: Callable[..., Any], structure: Any) -> Any:
    """`map_structure` with shapes as leaves: lists and tuples of integers and None alone."""
    is_shape = isinstance(structure, (list, tuple)) and all(
        x is None or isinstance(x, int) for x in structure
    )
    if is_shape or not is_nested(structure):
        return func(structure)
    mapped = [map_shape_structure(func, part) for part in _children(structure)]
    return _rebuilt(structure, mapped)


class MAP_TO_NONE:  # noqa: N801
    """What a function gives `traverse` to put None in a part's place."""


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """The structure with `func(part)` in place of each part for which it is not None.

    `func` gives `MAP_TO_NONE` to put None in a part's place.

    Args:
        top_down: parents before their children, which are left out where the parent was replaced.
    """
    found = func(structure) if top_down else None
    if found is not None:
        return _or_none(found)
    made = structure
    if is_nested(structure):
        parts = [traverse(func, part, top_down) for part in _children(structure)]
        made = _rebuilt(structure, parts)
    found = None if top_down else func(made)
    return made if found is None else _or_none(found)


def _or_none(found: Any) -> Any:
    return None if found is MAP_TO_NONE else found


def lists_to_tuples(structure: Any) -> Any:
    """The structure with tuples in place of lists."""
    return traverse(lambda x: tuple(x) if isinstance(x, list) else None, structure, top_down=False)


# --- comparisons ----------------------------------------------------------------------------------


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Errors: ValueError unless both are nested alike (a list beside a list, the same keys).

    `check_types` has no effect, as in Keras; `assert_same_paths` takes tuples for lists.
    """
    if check_types is not None:
        warnings.warn(
            f"`check_types` has no effect; `assert_same_paths` takes tuples for lists. "
            f"Received: check_types={check_types}",
            DeprecationWarning,
            stacklevel=2,
        )
    if not _alike(a, b):
        raise ValueError(
            "The structures differ. Received: "
            f"{map_structure(lambda _: '*', a)} and {map_structure(lambda _: '*', b)}"
        )


def assert_same_paths(a: Any, b: Any) -> None:
    """Errors: ValueError unless the same keys and places lead to leaves; lists may be tuples."""
    paths = [{path for path, _ in flatten_with_path(x)} for x in (a, b)]
    if paths[0] != paths[1]:
        only = [sorted(one - other, key=str) for one, other in (paths, paths[::-1])]
        raise ValueError(
            "`a` and `b` don't have the same paths. Received: paths of `a` alone: "
            f"{only[0]}, of `b` alone: {only[1]}"
        )


def _alike(a: Any, b: Any) -> bool:
    if not is_nested(a) and not is_nested(b):
        return True
    return _same_level(a, b) and all(map(_alike, *map(_by_key, (a, b))))


def _same_level(a: Any, b: Any) -> bool:
    """Whether two structures have the same kind and keys, or length."""
    if isinstance(a, dict) or isinstance(b, dict):
        return isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys()
    return is_nested(a) and is_nested(b) and _kind(a) is _kind(b) and len(a) == len(b)


def _kind(structure: Any) -> type:
    if hasattr(structure, "_fields"):
        return type(structure)
    return list if isinstance(structure, list) else tuple


# --- one level ------------------------------------------------------------------------------------


def _keys(structure: Mapping[Any, Any]) -> Iterable[Any]:
    return structure if isinstance(structure, OrderedDict) else sorted(structure)


def _children(structure: Any) -> Sequence[Any]:
    """The parts of a nested structure, in order."""
    if isinstance(structure, dict):
        return [structure[key] for key in _keys(structure)]
    return structure


def _by_key(structure: Any) -> Sequence[Any]:
    """The parts, those of every dict by sorted keys."""
    if isinstance(structure, dict):
        return [structure[key] for key in sorted(structure)]
    return structure


def _rebuilt(structure: Any, children: Sequence[Any]) -> Any:
    """A structure of the same kind with other parts, given in order."""
    if isinstance(structure, dict):
        made = copy.copy(structure)  # its order, and what else its class keeps
        made.update(zip(_keys(structure), children))
        return made
    return (
        type(structure)(*children) if hasattr(structure, "_fields") else type(structure)(children)
    )
