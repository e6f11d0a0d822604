"""Weights in several files: which arrays go where, and what the index says."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from .case import Case, Keras, Record

GIGABYTE = 1024**3


def _sequential(keras: Keras) -> Any:
    k = keras.layers
    return keras.Sequential(
        [
            k.Input((20,)), k.Dense(30, name="one"), k.BatchNormalization(), k.Activation("relu"),
            k.Dense(40, name="two"), k.Dense(2),
        ],
        name="net",
    )  # fmt: skip


def _own(keras: Keras) -> Any:
    class Own(keras.Model):  # type: ignore[misc, name-defined]
        """Weights of its own, and layers in a list."""

        def __init__(self) -> None:
            super().__init__(name="own")
            self.first = keras.layers.Dense(2, name="first")
            self.gain = self.add_weight((3,), name="gain")
            self.loss_weights = self.add_weight((4,), name="weights")
            self.blocks = [keras.layers.Dense(2), keras.layers.Dense(3)]

        def call(self, x: Any) -> Any:
            return self.blocks[1](self.blocks[0](self.first(x))) * self.gain

    model = Own()
    model(np.ones((1, 3), "float32"))
    return model


def written(keras: Keras, make: Any, size: int, optimizer: Any = None) -> Record:
    """The index, and shapes by path and names of groups of each file."""
    import h5py

    keras.utils.clear_session()
    model = make(keras)
    if optimizer:
        model.compile(optimizer, "mse")
        model.optimizer.build(model.trainable_variables)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.weights.json"
        model.save_weights(path, max_shard_size=size / GIGABYTE)
        index = json.loads(path.read_text())
        files: dict[str, Any] = {}
        for shard in sorted(Path(folder).glob("*.h5")):
            found: dict[str, Any] = {}

            def take(name: str, item: Any, found: dict[str, Any] = found) -> None:
                if not name.startswith("_"):  # lamina's own
                    array = isinstance(item, h5py.Dataset)
                    found[name] = list(item.shape) if array else item.attrs.get("name", "")

            with h5py.File(shard, "r") as file:
                file.visititems(take)
            files[shard.name] = found
    index.pop("lamina", None)
    return {"index": index, "files": files}


def _case(name: str, make: Any, size: int, optimizer: Any = None) -> Case:
    bound = functools.partial(written, make=make, size=size, optimizer=optimizer)
    return Case("shards", name, bound)


CASES = [
    _case("small", _sequential, 5000),
    _case("just", _sequential, 4800),
    _case("one", _sequential, GIGABYTE),
    _case("optimizer", _sequential, 5368, "adam"),
    _case("own", _own, 24),
]
