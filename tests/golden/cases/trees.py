"""keras.tree: nested structures."""

from __future__ import annotations

import functools
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable
from typing import Any

from .case import Case, Keras, Record

Point = namedtuple("Point", ["x", "y"])
FILLED = defaultdict(list, {"b": [1], "a": (2, 3)})

STRUCTURES: dict[str, Any] = {
    "leaf": 3,
    "none": None,
    "list": [1, [2, (3,)], None],
    "empty": [[], {}, ()],
    "dict": {"b": 1, "a": [2, {"d": 3, "c": 4}]},
    "ordered": OrderedDict([("b", 1), ("a", 2)]),
    "default": FILLED,
    "named": Point(1, [2, Point(3, 4)]),
    "text": ("ab", b"c"),
}

PAIRS: dict[str, tuple[Any, Any]] = {
    "leaves": (1, 2),
    "lists": ([1, [2]], [3, [4]]),
    "list_and_tuple": ([1], (1,)),
    "lengths": ([1, 2], [1]),
    "depths": ([1, [2]], [1, 2]),
    "dicts": ({"a": 1, "b": 2}, {"b": 3, "a": 4}),
    "keys": ({"a": 1}, {"b": 1}),
    "ordered_and_dict": (OrderedDict(a=1), {"a": 1}),
    "named": (Point(1, 2), Point(3, 4)),
    "named_and_tuple": (Point(1, 2), (1, 2)),
    "none_and_leaf": ([None], [1]),
    "none_and_list": ([None], [[1]]),
    "nones": ([1, None], [2, None]),
    "leaf_and_none": ([1, 3], [2, None]),
}


def _passes(call: Callable[..., Any], *arguments: Any) -> bool:
    try:
        call(*arguments)
    except (ValueError, TypeError):
        return False
    return True


def single(keras: Keras) -> Record:
    tree = keras.tree
    record: Record = {}
    for name, structure in STRUCTURES.items():
        visited: list[str] = []
        tree.traverse(lambda x, found=visited: found.append(repr(x)), structure)
        after: list[str] = []
        tree.traverse(lambda x, found=after: found.append(repr(x)), structure, top_down=False)
        flat = tree.flatten(structure)
        record[name] = {
            "nested": tree.is_nested(structure),
            "flat": repr(flat),
            "paths": repr(tree.flatten_with_path(structure)),
            "mapped": repr(tree.map_structure(lambda x: [x], structure)),
            "past_none": repr(tree.map_structure(lambda x: [x], structure, none_is_leaf=False)),
            "packed": repr(tree.pack_sequence_as(structure, list(range(len(flat))))),
            "tuples": repr(tree.lists_to_tuples(structure)),
            "down": visited,
            "up": after,
        }
    return record


def pairs(keras: Keras) -> Record:
    tree = keras.tree
    return {
        name: {
            "structure": _passes(tree.assert_same_structure, *pair),
            "paths": _passes(tree.assert_same_paths, *pair),
            "map": _passes(tree.map_structure, lambda x, y: (x, y), *pair),
            "past_none": _passes(
                functools.partial(tree.map_structure, none_is_leaf=False), lambda x, y: x, *pair
            ),
        }
        for name, pair in PAIRS.items()
    }


def others(keras: Keras) -> Record:
    tree = keras.tree
    shapes = [(None, 2), {"a": (3, None), "b": [(1,), (2, 2)]}]
    return {
        "shapes": repr(tree.map_shape_structure(len, shapes)),
        "shape": repr(tree.map_shape_structure(len, (None, 3))),
        "up_to": repr(tree.map_structure_up_to([0, 0], len, [[1, 1], [2, 2, 2]])),
        "up_to_deep": repr(tree.map_structure_up_to([0, {"a": 0}], str, [[1], {"a": (2, 2)}])),
        "up_to_pairs": repr(
            tree.map_structure_up_to((0, 0), lambda a, b: [a, b], ([1], 2), (3, [4]))
        ),
        "replaced": repr(
            tree.traverse(lambda x: 0 if isinstance(x, tuple) else None, [(1, 2), [3]])
        ),
        "to_none": repr(
            tree.traverse(lambda x: tree.MAP_TO_NONE if x in (2, [2]) else None, [1, [2, [2]], 2])
        ),
        "to_none_upwards": repr(
            tree.traverse(
                func=lambda x: tree.MAP_TO_NONE if x == [None] or x == 2 else None,
                structure=[1, [2], 2],
                top_down=False,
            )
        ),
        "keywords": repr(
            tree.pack_sequence_as(
                structure=[0, {"a": 0}],
                flat_sequence=tree.map_shape_structure(func=len, structure=[(1, 2), (3,)]),
            )
        ),
        "sums": repr(
            tree.map_structure(lambda x, y: x + y, {"a": [1], "b": 2}, {"b": 3, "a": [4]})
        ),
    }


CASES = [Case("trees", f.__name__, f) for f in (single, pairs, others)]
