"""Odd edits of JSON: of values anywhere in it, and of its text."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from lamina import activations, ops
from lamina.serialization import own

_NUMBERS = (
    -1, 0, 1, 2, 3, 7, 10, 255, 65536, 10**6, 10**9, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64,
    10**18, 10**30, 10**400, -(10**9), -(2**63), 0.0, -0.0, 0.5, 1e-30, 1e30, 1e308, 1.5, -3.25,
    float("inf"), float("-inf"), float("nan"),
)  # fmt: skip
_TEXTS = (
    "", "x", "a/b", "../../x", "/etc/passwd", "\0", "\ud800", "é😀", "x" * 5000, "None", "relu", "adam",
    "float16", "float64", "bfloat16", "int8", "string", "O", "V1000000000", "zeros", "ab,bc->ac", "...",
    "%s" * 50, "builtins", "os", "system", "keras", "keras.src.ops.numpy", "same", "sum", "auto", "none",
)  # fmt: skip
_OTHERS = (None, True, False, [], {}, [[]], [None], {"a": 1}, [0] * 50, [2] * 40, ["x"])


def _classes() -> list[dict[str, Any]]:
    """The start of a config for each class and function that a file can name."""
    found = []
    for module, family in own._FAMILIES.items():
        package = __import__(family, fromlist=["x"])
        found += [
            {"module": module, "class_name": name, "config": {}, "registered_name": None}
            for name in package.__all__
        ]
    for name in (*activations.__all__, *ops.__all__, "mse", "mean_squared_error"):
        found.append({"module": "builtins", "class_name": "function", "config": name,
                      "registered_name": "function"})  # fmt: skip
    for name in ("__numpy__", "__tensor__", "__bytes__", "__slice__", "__ellipsis__", "__lambda__",
                 "__keras_tensor__", "__typespec__", "DTypePolicy"):  # fmt: skip
        found.append({"class_name": name, "config": {"value": [1], "dtype": "float32"}})
    return found


_NAMED = _classes()
OPERATIONS = ["".join(part.capitalize() for part in name.split("_")) for name in ops.__all__]


def edited(value: Any, rng: random.Random) -> Any:
    """A copy with one to four edits."""
    root = [copy.deepcopy(value)]
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        root = root or [{}]
        places = _places(root)
        container, key = rng.choice(places)  # at least the root's
        _edit(container, key, places, rng)
    return root[0] if root else None


def _places(root: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    left = [root]
    while left:
        x = left.pop()
        for key in x if isinstance(x, dict) else range(len(x)):
            found.append((x, key))
            if isinstance(x[key], (dict, list)):
                left.append(x[key])
    return found


def _edit(container: Any, key: Any, places: list[tuple[Any, Any]], rng: random.Random) -> None:
    kind = rng.randrange(12)
    old = container[key]
    if kind <= 3:
        container[key] = odd(rng, old)
    elif kind == 4:
        del container[key]
    elif kind == 5:  # what stands elsewhere
        other, place = rng.choice(places)
        if place in other if isinstance(other, dict) else place < len(other):
            container[key] = copy.deepcopy(other[place])
    elif kind == 6:  # a class or function of another name
        objects = [c for c, k in places if k == "class_name" and isinstance(c, dict)]
        named = rng.choice(_NAMED)
        target = rng.choice(objects) if objects else None
        if target is None or rng.random() < 0.3:
            container[key] = copy.deepcopy(named)
        else:
            target.update({k: v for k, v in named.items() if k != "config"})
    elif kind == 7:  # the operations between layers
        objects = [c for c, k in places if k == "class_name" and isinstance(c, dict)]
        if objects:
            rng.choice(objects).update(
                module="keras.src.ops.numpy",
                class_name=rng.choice(OPERATIONS),
                registered_name=None,
            )
    elif kind == 8 and isinstance(old, list) and old:
        container[key] = old * rng.choice((2, 3, 20)) if rng.random() < 0.5 else old[:-1]
    elif kind == 9:
        container[key] = [old] if rng.random() < 0.5 else {"x": old}
        for _ in range(rng.choice((0, 5, 200))):
            container[key] = [container[key]]
    elif kind == 10 and isinstance(old, dict):
        old[rng.choice((*_TEXTS, "shared_object_id", "name", "units", "dtype"))] = odd(rng, None)
    elif kind == 11 and isinstance(old, list):
        rng.shuffle(old)
    else:
        container[key] = odd(rng, old)


def odd(rng: random.Random, old: Any) -> Any:
    """A value that does not belong there."""
    kind = rng.randrange(5)
    if kind == 0 and isinstance(old, (int, float)):
        return rng.choice((-old, old + 1, old - 1, old * 2, str(old), [old]))
    if kind == 1 and isinstance(old, str):
        return rng.choice((old + "x", old[:-1], old.upper(), old * 3, [old]))
    if kind <= 2:
        return rng.choice(_NUMBERS)
    return rng.choice(_TEXTS) if kind == 3 else copy.deepcopy(rng.choice(_OTHERS))


def edited_text(text: str, rng: random.Random) -> str:
    """JSON, or nearly: an edited value, or an edit of the text itself."""
    if rng.random() < 0.85:
        return json.dumps(edited(json.loads(text), rng))
    at, n = rng.randrange(len(text)), rng.choice((1, 1, 5, 40))
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + n :]
    if kind == 1:
        return text[:at] + text[at : at + n] * 2 + text[at + n :]
    if kind == 2:
        return text[:at] + rng.choice(list('{}[]":,\\0-1eEn') + ["1e400", "[" * 2000]) + text[at:]
    return text.replace('"config"', '"config": 1, "config"', 1)
