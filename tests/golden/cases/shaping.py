"""Layers that change a sample's shape: forward, shapes, configs, in models that learn."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .configs import config

Make = Callable[[Keras], Any]

LAYERS: dict[str, tuple[Make, tuple[int, ...]]] = {
    "reshape": (lambda k: k.layers.Reshape((4, 3), name="s"), (12,)),
    "reshape_inferred": (lambda k: k.layers.Reshape((2, -1), name="s"), (3, 4)),
    "reshape_flat": (lambda k: k.layers.Reshape((-1,), name="s"), (3, 2, 2)),
    "permute": (lambda k: k.layers.Permute((2, 1), name="s"), (3, 4)),
    "permute_three": (lambda k: k.layers.Permute([3, 1, 2], name="s"), (2, 3, 2)),
    "repeat": (lambda k: k.layers.RepeatVector(3, name="s"), (4,)),
    "up_sampling": (lambda k: k.layers.UpSampling1D(3, name="s"), (2, 3)),
    "cropping": (lambda k: k.layers.Cropping1D((1, 2), name="s"), (5, 3)),
    "cropping_one": (lambda k: k.layers.Cropping1D(1, name="s"), (5, 2)),
    "cropping_start": (lambda k: k.layers.Cropping1D((2, 0), name="s"), (3, 4)),
    "padding": (lambda k: k.layers.ZeroPadding1D((1, 2), name="s"), (2, 3)),
    "padding_channels_first": (
        lambda k: k.layers.ZeroPadding1D(1, data_format="channels_first", name="s"), (2, 3),
    ),
    "flatten": (lambda k: k.layers.Flatten(name="s"), (2, 3)),
    "flatten_channels_first": (
        lambda k: k.layers.Flatten(data_format="channels_first", name="s"), (2, 3, 2),
    ),
    "identity": (lambda k: k.layers.Identity(name="s"), (6,)),
}  # fmt: skip


def forward(keras: Keras, make: Make, shape: tuple[int, ...]) -> Record:
    layer = make(keras)
    x = inputs(3, int(np.prod(shape))).reshape(3, *shape)
    return {
        "y": np.asarray(layer(x)),
        "shapes": [list(layer.compute_output_shape((n, *shape))) for n in (None, 5)],
    }


def learned(keras: Keras, make: Make, shape: tuple[int, ...]) -> Record:
    """Ten steps of a model with the layer between two dense ones."""
    k = keras.layers
    model = keras.Sequential(
        [
            k.Input((4,)), k.Dense(int(np.prod(shape)), "tanh", name="first"), k.Reshape(shape),
            make(keras), k.Flatten(), k.Dense(2, name="last"),
        ]
    )  # fmt: skip
    rng = np.random.default_rng(7)
    model.set_weights(
        [rng.uniform(-0.7, 0.7, w.shape).astype("float32") for w in model.get_weights()]
    )
    x = inputs(40, 4, seed=1)
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    model.fit(x, np.sin(x[:, :2]), batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {"weights": arrays(model.get_weights())}


def masking(keras: Keras) -> Record:
    x = inputs(3, 8).reshape(3, 4, 2)
    x[0, 1], x[1, 2:], x[2, 0, 0] = 0.0, 0.0, 0.0
    y = x.copy()
    y[1, :2] = -1.0
    return {
        "zeros": np.asarray(keras.layers.Masking()(x)),
        "ones": np.asarray(keras.layers.Masking(mask_value=-1.0)(y)),
        "shape": list(keras.layers.Masking().compute_output_shape((None, 4, 2))),
    }


def masked_statistics(keras: Keras) -> Record:
    """A mask travels to a layer that takes one, and to the loss."""
    x = inputs(24, 8).reshape(24, 4, 2)
    x[::2, 3:], x[1::3, 1:] = 0.0, 0.0
    k = keras.layers
    model = keras.Sequential([k.Input((4, 2)), k.Masking(), k.BatchNormalization(momentum=0.5)])
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    history = model.fit(x, np.sin(x) + 0.3, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {"weights": arrays(model.get_weights()), "loss": history.history["loss"]}


def a_function(keras: Keras) -> Record:
    """A Lambda alone and in a model."""
    x = inputs(4, 3)
    ops = keras.ops
    double = keras.layers.Lambda(lambda z: z * 2.0)
    shifted = keras.layers.Lambda(lambda z, by: ops.tanh(z) + by, arguments={"by": 3.0})
    model = keras.Sequential([keras.layers.Input((3,)), double, shifted])
    return {
        "double": np.asarray(double(x)),
        "shifted": np.asarray(shifted(x)),
        "model": np.asarray(model.predict(x, verbose=0)),
        "shape": list(model.output_shape),
    }


_forward = functools.partial(Case, "shaping", atol=1e-6, rtol=1e-6)
_trained = functools.partial(Case, "shaping", backend="jax", atol=5e-6, rtol=1e-5)

CASES = [
    *(
        _forward(f"{name}_forward", functools.partial(forward, make=make, shape=shape))
        for name, (make, shape) in LAYERS.items()
    ),
    *(
        _trained(f"{name}_learned", functools.partial(learned, make=make, shape=shape))
        for name, (make, shape) in LAYERS.items()
    ),
    *(
        Case("shaping", f"{name}_config", functools.partial(config, make=make))
        for name, (make, _) in {
            **LAYERS,
            "masking": (lambda k: k.layers.Masking(mask_value=2.0, name="s"), ()),
        }.items()
    ),
    _forward("masking", masking),
    _trained("masked_statistics", masked_statistics),
    _forward("lambda", a_function),
]
