"""Training without dropout and without shuffling: weights, optimizer variables and history.

In float64 Keras comes within 1e-6 of these float32 numbers, by the largest of each array.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs, labels, network, one_hot, weights_of

RMSPROP: dict[str, dict[str, Any]] = {
    "defaults": {},
    "learning_rate": {"learning_rate": 0.01},
    "momentum": {"momentum": 0.9},
    "centered": {"centered": True},
    "momentum_centered": {"momentum": 0.9, "centered": True},
    "rho": {"rho": 0.5},
    "epsilon": {"epsilon": 1e-3},
    "weight_decay": {"weight_decay": 0.01},
    "clipnorm": {"clipnorm": 0.1},
    "clipvalue": {"clipvalue": 0.01},
    "global_clipnorm": {"global_clipnorm": 0.1},
    "use_ema": {"use_ema": True, "ema_momentum": 0.9},
    "ema_overwrite": {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 3},
    "accumulation": {"gradient_accumulation_steps": 4},
    "accumulation_clipped": {"gradient_accumulation_steps": 3, "global_clipnorm": 0.1},
    "accumulation_ema": {
        "gradient_accumulation_steps": 4,
        "use_ema": True,
        "ema_momentum": 0.9,
        "ema_overwrite_frequency": 2,
    },
    "loss_scale": {"loss_scale_factor": 8.0},
    "everything": {
        "learning_rate": 0.002,
        "rho": 0.8,
        "momentum": 0.5,
        "centered": True,
        "epsilon": 1e-5,
        "weight_decay": 0.02,
        "clipnorm": 0.2,
    },
}


def rmsprop(keras: Keras, options: dict[str, Any]) -> Record:
    """20 steps of RMSprop on the probabilities of a softmax."""
    x = inputs(640)
    model = network(keras)
    model.compile(keras.optimizers.RMSprop(**options), "categorical_crossentropy")
    model.fit(x, one_hot(labels(x)), batch_size=32, shuffle=False, verbose=0)
    return weights_of(model)


def hundred_steps(keras: Keras, from_logits: bool) -> Record:
    """640 rows for training and the last 214 for validation: 5 epochs of 20 steps."""
    x = inputs(854)
    model = network(keras, last=None if from_logits else "softmax")
    loss = keras.losses.CategoricalCrossentropy(from_logits=from_logits)
    model.compile(keras.optimizers.RMSprop(), loss, metrics=["accuracy"])
    history = model.fit(
        x,
        one_hot(labels(x)),
        batch_size=32,
        epochs=5,
        validation_split=0.25,
        shuffle=False,
        verbose=0,
    )
    return {**weights_of(model), "history": history.history}


def _targets(kind: str, x: np.ndarray) -> np.ndarray:
    if kind == "one_hot":
        return one_hot(labels(x))
    if kind == "sparse":
        return labels(x)
    if kind == "binary":
        return (labels(x, 2) == 1).astype("float32")[:, None]
    return np.stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]], axis=1).astype("float32")


LOSSES: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    # name: targets, arguments of network, loss, its arguments
    "sparse": ("sparse", {}, "SparseCategoricalCrossentropy", {}),
    "sparse_logits": (
        "sparse",
        {"last": None},
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
    ),
    "smoothing": ("one_hot", {}, "CategoricalCrossentropy", {"label_smoothing": 0.1}),
    "summed": ("one_hot", {}, "CategoricalCrossentropy", {"reduction": "sum"}),
    "tanh": ("one_hot", {"hidden": "tanh"}, "CategoricalCrossentropy", {}),
    "sigmoid": ("one_hot", {"hidden": "sigmoid"}, "CategoricalCrossentropy", {}),
    "binary": ("binary", {"units": 1, "last": "sigmoid"}, "BinaryCrossentropy", {}),
    "binary_logits": (
        "binary",
        {"units": 1, "last": None},
        "BinaryCrossentropy",
        {"from_logits": True},
    ),
    "binary_smoothing": (
        "binary",
        {"units": 1, "last": "sigmoid"},
        "BinaryCrossentropy",
        {"label_smoothing": 0.2},
    ),
    "mse": ("real", {"units": 2, "last": "linear"}, "MeanSquaredError", {}),
    "mae": ("real", {"units": 2, "last": "linear"}, "MeanAbsoluteError", {}),
    "softmax_mse": ("one_hot", {}, "MeanSquaredError", {}),
}


def loss(keras: Keras, kind: str, net: dict[str, Any], name: str, args: dict[str, Any]) -> Record:
    """40 steps of RMSprop on another loss or another activation."""
    x = inputs(640)
    model = network(keras, **net)
    model.compile(keras.optimizers.RMSprop(), getattr(keras.losses, name)(**args))
    history = model.fit(x, _targets(kind, x), batch_size=32, epochs=2, shuffle=False, verbose=0)
    return {**weights_of(model), "history": history.history}


def deep_inputs(keras: Keras) -> Record:
    """Rows of rank 3, a layer without bias, and a Dense over the last axis of three."""
    x = inputs(64, 12).reshape(64, 3, 4)
    rng = np.random.default_rng(5)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((3, 4)),
            layers.Rescaling(0.5, 0.1),
            layers.Dense(5, activation="tanh"),
            layers.Flatten(),
            layers.Dense(4, use_bias=False),
            layers.Activation("softmax"),
        ]
    )
    model.set_weights([rng.uniform(-0.5, 0.5, size=w.shape) for w in model.get_weights()])
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    y = one_hot(labels(x.reshape(64, 12), 4), 4)
    history = model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
    return {**weights_of(model), "history": history.history}


def frozen(keras: Keras) -> Record:
    """A layer that is not trainable keeps its weights and gets no slots."""
    x = inputs(96)
    model = network(keras)
    model.layers[1].trainable = False
    model.compile("rmsprop", "categorical_crossentropy")
    model.fit(x, one_hot(labels(x)), batch_size=32, shuffle=False, verbose=0)
    return weights_of(model)


def compiled_again(keras: Keras) -> Record:
    """compile keeps the weights and forgets the optimizer."""
    x = inputs(96)
    y = one_hot(labels(x))
    model = network(keras)
    for momentum in (0.9, 0.5):
        model.compile(keras.optimizers.RMSprop(momentum=momentum), "categorical_crossentropy")
        model.fit(x, y, batch_size=32, shuffle=False, verbose=0)
    model.fit(x, y, batch_size=32, shuffle=False, verbose=0)
    return weights_of(model)


def optimizer_alone(keras: Keras, options: dict[str, Any]) -> Record:
    """build and apply on variables of our own: gradients from 0 to huge, then a new rate."""
    optimizer = keras.optimizers.RMSprop(**options)
    start = [np.linspace(-1, 1, 6).reshape(2, 3), np.ones(4)]
    variables = [keras.Variable(v.astype("float32")) for v in start]
    optimizer.build(variables)
    rng = np.random.default_rng(12)
    steps = []
    for size in (1.0, 0.0, 1e-6, 1e4, 0.1, 1.0):
        grads = [(size * rng.normal(size=v.shape)).astype("float32") for v in variables]
        optimizer.apply(grads, variables)
        steps.append(arrays(variables))
    optimizer.learning_rate = 0.25
    optimizer.apply([np.ones(v.shape, "float32") for v in variables], variables)
    return {
        "steps": steps,
        "last": arrays(variables),
        "optimizer": arrays(optimizer.variables),
        "iterations": int(np.asarray(optimizer.iterations)),
    }


_train = functools.partial(Case, "training", backend="jax", scaled=5e-6)

CASES = [
    _train("hundred_steps", functools.partial(hundred_steps, from_logits=False)),
    _train("hundred_steps_logits", functools.partial(hundred_steps, from_logits=True)),
    *(
        _train(f"rmsprop_{name}", functools.partial(rmsprop, options=options))
        for name, options in RMSPROP.items()
    ),
    *(
        _train(f"optimizer_{name}", functools.partial(optimizer_alone, options=options))
        for name, options in RMSPROP.items()
    ),
    *(
        _train(f"loss_{name}", functools.partial(loss, kind=kind, net=net, name=cls, args=args))
        for name, (kind, net, cls, args) in LOSSES.items()
    ),
    _train("deep_inputs", deep_inputs),
    _train("frozen", frozen),
    _train("compiled_again", compiled_again),
]
