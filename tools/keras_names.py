"""Writes keras_names.json: the public names of real Keras, and the parts of Keras they come from.

KERAS_BACKEND=numpy python tools/keras_names.py      (with Keras 3.15.1 installed)
"""

from __future__ import annotations

import importlib
import inspect
import json
import pathlib
from typing import Any

import keras

FAMILIES = (
    "layers", "activations", "losses", "metrics", "optimizers", "optimizers.schedules",
    "initializers", "regularizers", "constraints", "callbacks", "ops", "models", "random",
    "utils", "datasets", "saving", "wrappers",
)  # fmt: skip


def part(item: Any) -> str:
    """The folder or file of Keras's sources that an object comes from."""
    places = [p for p in getattr(item, "__module__", "").split(".") if p not in ("keras", "src")]
    return "/".join(places[1:3])


def family(name: str) -> dict[str, Any]:
    """By the objects' public names: their own name (which aliases share) and their part."""
    module = importlib.import_module(f"keras.{name}")
    found = {n: getattr(module, n) for n in dir(module) if not n.startswith("_")}
    return {
        n: [getattr(x, "__name__", n).rpartition(".")[2], part(x)]
        for n, x in sorted(found.items())
        if n not in ("get", "serialize", "deserialize", "legacy", "schedules")
        and (name == "datasets" or not inspect.ismodule(x))
    }


names = {"version": keras.__version__, "families": {name: family(name) for name in FAMILIES}}
rows = [
    f' "{f}": {{\n' + ",\n".join(f'  "{n}": {json.dumps(x)}' for n, x in items.items()) + "\n }"
    for f, items in names["families"].items()
]
path = pathlib.Path(__file__).with_name("keras_names.json")
text = f'{{"version": "{names["version"]}", "families": {{\n' + ",\n".join(rows) + "\n}}\n"
path.write_text(text)
print(f"{path}: {sum(map(len, names['families'].values()))} names of Keras {names['version']}")
