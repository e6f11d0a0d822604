"""Files whose config gives each class of the library each odd value for each of its arguments."""

from __future__ import annotations

import importlib
import inspect
import json
import random
from typing import Any

from json_edits import OPERATIONS, odd
from model_files import with_checksum

from lamina.serialization import own

_VALUES: tuple[Any, ...] = (
    10**9, 10**5, 3000, -1, 0, 10**18, 2**64, 10**400, 0.5, 1e308, float("nan"), "/etc/passwd", "a" * 9,
    None, True, [10**9], [10**5, 10**5], [3, 3], [], [-1], [[1]], [0.5] * 5, {"a": 1}, ["x"],
)  # fmt: skip
_ARGUMENTS: tuple[Any, ...] = (
    2,
    1,
    0.5,
    "relu",
    [2],
    [1],
    True,
    "ab,bc->ac",
    ["a", "b"],
    [0.0, 1.0],
)
_ENDS = {"keras.metrics": "metrics", "keras.losses": "loss", "keras.optimizers": "optimizer"}


def classes() -> list[tuple[str, str, list[str], list[str]]]:
    """Module, name, all arguments and the required ones of each class that a config can name."""
    found = []
    for module, family in own._FAMILIES.items():
        package = importlib.import_module(family)
        for name in sorted(package.__all__):
            if own.find_class(module, name) is not None:
                parameters = inspect.signature(getattr(package, name)).parameters.values()
                named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
                needed = [p.name for p in named if p.default is p.empty]
                found.append((module, name, [p.name for p in named], needed))
    return found


def configs(known: list[Any], rng: random.Random) -> bytes:
    """A file with one object of a random class, made with an odd argument or two."""
    module, name, named, needed = rng.choice(known)
    given: dict[str, Any] = {key: rng.choice(_ARGUMENTS) for key in needed}
    for _ in range(rng.choice((1, 1, 1, 2))):
        if named:
            given[rng.choice(named)] = rng.choice(_VALUES) if rng.random() < 0.8 else odd(rng, 1)
    made = {"module": module, "class_name": name, "config": given, "registered_name": None}
    shape = rng.choice(([None, 4], [None, 2, 3], [None, 1], [None, 3, 4, 2], [None], [2, 4]))
    if rng.random() < 0.1:
        model = _operation(rng, shape)
    elif module in _ENDS:
        model = _sequential(shape, [])
        value = [made] if module == "keras.metrics" else made
        model["compile_config"] = {"optimizer": "sgd", "loss": "mse", _ENDS[module]: value}
    elif module == "keras.layers" or module.startswith("keras.src"):
        model = _sequential(shape, [made])
    elif module.startswith("keras.optimizers"):
        sgd = _entry("keras.optimizers", "SGD", {"learning_rate": made})
        model = {**_sequential(shape, []), "compile_config": {"optimizer": sgd, "loss": "mse"}}
    else:
        place = {"keras.initializers": "kernel_initializer", "keras.constraints": "kernel_constraint",
                 "keras.regularizers": "kernel_regularizer"}.get(module, "activation")  # fmt: skip
        model = _sequential(shape, [_entry("keras.layers", "Dense", {"units": 3, place: made})])
    metadata = {"format": "lamina 1", "config": json.dumps(model)}  # weights are still missing
    return with_checksum({"__metadata__": metadata}, b"")


def _entry(module: str, name: str, config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def _sequential(shape: Any, layers: list[Any]) -> dict[str, Any]:
    first = _entry("keras.layers", "InputLayer", {"batch_shape": shape, "name": "entry"})
    return _entry("keras", "Sequential", {"name": "model", "layers": [first, *layers]})


def _operation(rng: random.Random, shape: Any) -> dict[str, Any]:
    """A model of an operation on its input, with odd arguments."""
    value = {
        "class_name": "__keras_tensor__",
        "config": {"shape": shape, "dtype": "float32", "keras_history": ["entry", 0, 0]},
    }
    first = _entry("keras.layers", "InputLayer", {"batch_shape": shape, "name": "entry"})
    arguments = [value, *(rng.choice(_VALUES) for _ in range(rng.choice((0, 1, 1, 2))))]
    rng.shuffle(arguments)
    keys = (
        "axis",
        "shape",
        "num",
        "repeats",
        "n",
        "k",
        "num_classes",
        "size",
        "newshape",
        "pad_width",
    )
    config = {key: rng.choice(_VALUES) for key in rng.sample(keys, rng.choice((0, 1, 1, 2)))}
    step = _entry("keras.src.ops.numpy", rng.choice(OPERATIONS), {"name": "step", **config})
    step |= {"name": "step", "inbound_nodes": [{"args": arguments, "kwargs": {}}]}
    ends = {"input_layers": [["entry", 0, 0]], "output_layers": [["step", 0, 0]]}
    functional = {"name": "model", "layers": [first, step], **ends}
    return {**_entry("keras.src.models.functional", "Functional", functional),
            "registered_name": "Functional"}  # fmt: skip
