"""Models of each kind, made alike by `keras` and `lamina`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Keras = Any
X = np.random.default_rng(1).normal(size=(32, 4)).astype(np.float32)
Y = np.random.default_rng(2).normal(size=(32, 3)).astype(np.float32)


def sequential(k: Keras) -> Any:
    return k.Sequential(
        [
            k.layers.Input((4,)),
            k.layers.Dense(5, "relu"),
            k.layers.BatchNormalization(),
            k.layers.Dropout(0.25, seed=3),
            k.layers.Dense(3),
        ]
    )


def deferred(k: Keras) -> Any:
    return k.Sequential([k.layers.Dense(4, "tanh"), k.layers.Dense(3)])


def functional(k: Keras) -> Any:
    """Two branches, a shared layer, an operation."""
    entry = k.Input((4,))
    shared = k.layers.Dense(4, name="shared")
    left = k.layers.Dropout(0.25, seed=5)(shared(entry))
    right = k.layers.LayerNormalization()(shared(shared(entry)))
    joined = k.layers.Concatenate()([left, k.layers.Add()([right, entry])])
    return k.Model(entry, k.layers.Dense(3)(joined))


def nested(k: Keras) -> Any:
    """A Sequential and a functional model in a functional one."""
    entry = k.Input((4,))
    inner = k.Sequential([k.layers.Dense(4, "relu"), k.layers.Dense(4)])
    other = k.Input((4,))
    part = k.Model(other, k.layers.Dense(4, "sigmoid")(other))
    return k.Model(entry, k.layers.Dense(3)(part(inner(entry))))


def subclassed(k: Keras) -> Any:
    """A registered class with layers as attributes, in lists and dicts, and a weight of its own."""

    @k.saving.register_keras_serializable("tests")
    class Branches(k.Model):
        def __init__(self, units: int = 3, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.zeroth = k.layers.Dense(4)
            self._private = k.layers.Dense(4)
            self.blocks = [k.layers.Dense(4), k.layers.Dense(4), [k.layers.Dense(4)]]
            self.heads = {"z": k.layers.Dense(4), "a": k.layers.Dense(units)}
            self.alias = self.zeroth
            self.scale = self.add_weight((1,), "ones", name="scale")

        def call(self, inputs: Any) -> Any:
            x = self._private(self.zeroth(inputs)) * self.scale
            for layer in [*self.blocks[:2], self.blocks[2][0]]:
                x = layer(x)
            return self.heads["a"](self.heads["z"](x))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    return Branches(3)


def own_layer(k: Keras) -> Any:
    """A registered layer with a layer inside."""

    @k.saving.register_keras_serializable("tests")
    class Wrapped(k.layers.Layer):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.inner = k.layers.Dense(units)

        def build(self, input_shape: Any) -> None:
            self.inner.build(input_shape)
            self.shift = self.add_weight((self.units,), "zeros", name="shift")
            self.fixed = self.add_weight((1,), "ones", trainable=False, name="fixed")
            self.scale = self.add_weight((1,), "ones", name="scale")

        def call(self, inputs: Any) -> Any:
            return (self.inner(inputs) + self.shift) * self.scale * self.fixed

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    return k.Sequential([k.layers.Input((4,)), Wrapped(3)])


KINDS: dict[str, Callable[[Keras], Any]] = {
    f.__name__: f for f in (sequential, deferred, functional, nested, subclassed, own_layer)
}


def trained(k: Keras, kind: str, optimizer: Any = "adam") -> Any:
    """A model of that kind after a few steps."""
    model = KINDS[kind](k)
    model.compile(optimizer, loss="mse", metrics=["mae"])
    if k.__name__ == "lamina" or k.backend.backend() != "numpy":
        model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    return model
