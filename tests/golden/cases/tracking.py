"""Lists and dicts that layers keep, which weights are trainable, and what layers are built from."""

from __future__ import annotations

import functools
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .own_layers import fill

X, Y = inputs(24, 4, seed=1), np.sin(inputs(24, 3, seed=2))


def filled_later(keras: Keras) -> Record:
    """The order of weights of lists and dicts that are filled in turn, in turn with attributes."""

    class Filled(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.pairs: list[Any] = []
            self._hidden = [weight(1)]
            self.named: dict[str, Any] = {"first": weight(2)}
            self._sorted = OrderedDict(z=weight(3))
            self.single = weight(4)
            for i in range(2):
                self.pairs.append(weight(5 + i))
                self._hidden.append(weight(7 + i))
            self.named["later"] = weight(9)
            self._sorted["a"] = weight(10)
            self.pairs += [weight(11)]
            self.pairs.insert(0, weight(12))
            self.pairs.extend([weight(13)])
            self.named.update({"last": weight(14)})
            self.deep = [{"in": [weight(15)]}, (weight(16), [weight(17)])]

    def weight(units: int) -> Any:
        return keras.Variable(np.zeros(units, "float32"))

    layer = Filled()
    before = [w.shape[0] for w in layer.weights]
    layer.pairs.pop()
    layer.pairs.remove(layer.pairs[0])
    del layer.pairs[0]
    layer.named.pop("later")
    layer._sorted.clear()
    return {
        "order": before,
        "after": [w.shape[0] for w in layer.weights],
        "lengths": [len(x) for x in (layer.pairs, layer._hidden, layer.named, layer._sorted)],
        "kinds": [
            [isinstance(x, kind) for kind in (list, dict, OrderedDict)]
            for x in (layer.pairs, layer.named, layer._sorted, layer.deep[0], layer.deep[0]["in"])
        ],
        "tree": repr(keras.tree.map_structure(lambda w: w.shape[0], layer.deep)),
        "flat": len(keras.tree.flatten({"a": layer.pairs, "b": layer.named})),
    }


def trained(keras: Keras) -> Record:
    """A model whose layers are put into a list one by one, a dict, and a private list."""

    class Net(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.blocks: list[Any] = []
            self._heads: dict[str, Any] = {}
            for name in ("a", "b"):
                self.blocks.append(keras.layers.Dense(4, activation="tanh", name=name))
                self._heads[name] = keras.layers.Dense(
                    3, kernel_regularizer="l2", name=f"{name}_head"
                )

        def call(self, x: Any) -> Any:
            total = 0.0
            for block, head in zip(self.blocks, self._heads.values()):
                x = block(x)
                total = total + head(x)
            return total

    model = Net()
    model(X)
    fill(model)
    model.blocks[0].trainable = False
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {
        "layers": [layer.name for layer in model.layers],
        "count": [len(model.weights), len(model.trainable_weights), len(model.losses)],
        "loss": history.history["loss"],
        "trained": arrays(model.weights),
    }


def trainable(keras: Keras) -> Record:
    """`trainable` of layers and variables, and the order of `weights`, which it never changes."""

    class Made(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, _: Any) -> None:
            self.count = self.add_weight(shape=(1,), trainable=False)
            self.scale = self.add_weight(shape=(2,))
            self.shift = self.add_weight(shape=(3,))
            self.inner = keras.layers.Dense(1)
            self.inner.build((None, 4))

    def state(layer: Any) -> list[Any]:
        return [
            [int(np.prod(w.shape)) * (1 if w.trainable else -1) for w in layer.weights],
            [len(layer.trainable_weights), len(layer.non_trainable_weights)],
        ]

    layer, fixed, early = Made(), Made(trainable=False), Made()
    early.trainable = False
    record: Record = {}
    for made in (layer, fixed, early):
        made.build((None, 4))
    record["made"] = [state(x) for x in (layer, fixed, early)]
    layer.scale.trainable = False
    record["one"] = state(layer)
    layer.count.trainable = True
    layer.inner.kernel.trainable = False
    record["three"] = state(layer)
    for name, value in (("all", True), ("none", False), ("again", True)):
        layer.trainable = value
        record[name] = state(layer)
    fixed.trainable = True
    record["freed"] = state(fixed)
    early.inner.trainable = True
    record["inner"] = state(early)
    return record


def build_configs(keras: Keras) -> Record:
    """What a config says of the shapes that `build` was called with, and that it builds from it."""

    class One(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(shape[-1],))

    class Both(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, a_shape: Any, b_shape: Any) -> None:
            self.left = self.add_weight(shape=(a_shape[-1], b_shape[-1]))

        def call(self, a: Any, b: Any) -> Any:
            return keras.ops.matmul(a, self.left) + b

    class Maybe(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, a_shape: Any, b_shape: Any = None) -> None:
            self.left = self.add_weight(shape=(a_shape[-1], 2))

    one, both, by_name, maybe = One(), Both(), Both(), Maybe()
    one.build((None, 3))
    both(X, Y)
    by_name.build(b_shape=(None, 3), a_shape=(None, 4))
    maybe.build((None, 5))
    record: Record = {}
    for name, layer in (("one", one), ("both", both), ("by_name", by_name), ("maybe", maybe)):
        config = layer.get_build_config()
        read = type(layer)()
        read.build_from_config(json.loads(json.dumps(config)))
        record[name] = [repr(config), [list(w.shape) for w in read.weights]]
    return record


_own: Callable[..., Case] = functools.partial(Case, "tracking", scaled=5e-6, atol=1e-7)

CASES = [
    _own("filled_later", filled_later),
    _own("trained", trained, backend="jax"),
    _own("trainable", trainable),
    _own("build_configs", build_configs),
]
