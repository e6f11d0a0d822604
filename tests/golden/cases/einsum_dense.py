"""EinsumDense: forward, weights, configs, in a model that learns."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .configs import config

OPTIONS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "matrix": ((4,), {"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "c"}),
    "steps": ((2, 4), {"equation": "abc,cd->abd", "output_shape": (2, 3), "bias_axes": "d"}),
    "all_axes": ((2, 4), {"equation": "abc,bcde->ade", "output_shape": (3, 2)}),
    "left": ((2, 4), {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y"}),
    "right": ((2, 4), {"equation": "ab...,bc->ac...", "output_shape": 3, "bias_axes": "c"}),
    "heads": (
        (2, 4), {"equation": "abc,cde->abde", "output_shape": (2, 3, 2), "bias_axes": "de"},
    ),
    "activated": (
        (2, 4),
        {
            "equation": "abc,cd->abd", "output_shape": (2, 3), "bias_axes": "bd",
            "activation": "tanh", "kernel_regularizer": "l2", "bias_constraint": "non_neg",
        },
    ),
}  # fmt: skip


def layer(keras: Keras, options: dict[str, Any]) -> Any:
    first = keras.initializers.GlorotUniform(seed=5)
    return keras.layers.EinsumDense(**options, kernel_initializer=first, name="e")


def learned(keras: Keras, shape: tuple[int, ...], options: dict[str, Any]) -> Record:
    """The output, and the weights after ten steps."""
    k = keras.layers
    made = layer(keras, options)
    model = keras.Sequential([k.Input(shape), made, k.Flatten(), k.Dense(1, name="d")])
    rng = np.random.default_rng(7)
    model.set_weights(
        [rng.uniform(-0.7, 0.7, w.shape).astype("float32") for w in model.get_weights()]
    )
    x = inputs(40, int(np.prod(shape)), seed=1).reshape(40, *shape)
    before = np.asarray(model.predict(x[:3], verbose=0))
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    y = np.sin(x.reshape(40, -1)[:, :1])
    model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {"predict": before, "weights": arrays(model.get_weights())}


def initial(keras: Keras) -> Record:
    """The first weights of a seed, and the shapes."""
    record: Record = {}
    for name, (shape, options) in OPTIONS.items():
        made = layer(keras, options)
        made.build((None, *shape))
        y = made(np.ones((2, *shape), "float32"))
        record[name] = [*arrays(made.get_weights()), np.asarray(y)]
    return record


CASES = [
    Case("einsum_dense", "initial", initial, atol=1e-6),
    *(
        Case(
            "einsum_dense", name, functools.partial(learned, shape=shape, options=options),
            backend="jax", atol=5e-6, rtol=1e-5,
        )
        for name, (shape, options) in OPTIONS.items()
    ),
    *(
        Case(
            "einsum_dense", f"{name}_config",
            functools.partial(config, make=functools.partial(layer, options=options)),
        )
        for name, (_, options) in OPTIONS.items()
    ),
]  # fmt: skip
