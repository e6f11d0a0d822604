"""Layers that normalize: forward, in training, in a model that learns; their configs."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .configs import config

Make = Callable[[Keras], Any]

LAYERS: dict[str, tuple[Make, tuple[int, ...]]] = {
    "batch": (lambda k: k.layers.BatchNormalization(name="n"), (6,)),
    "batch_of_images": (lambda k: k.layers.BatchNormalization(name="n"), (2, 3, 4)),
    "batch_axis_1": (lambda k: k.layers.BatchNormalization(axis=1, momentum=0.5, name="n"), (3, 4)),
    "batch_bare": (
        lambda k: k.layers.BatchNormalization(
            center=False, scale=False, epsilon=0.1, moving_mean_initializer="ones", name="n"
        ),
        (5,),
    ),
    "batch_regularized": (
        lambda k: k.layers.BatchNormalization(
            momentum=0.9, gamma_regularizer="l2", beta_regularizer=k.regularizers.L1(0.1),
            gamma_constraint="non_neg", beta_constraint=k.constraints.MaxNorm(0.05),
            gamma_initializer=k.initializers.Constant(0.5),
            beta_initializer=k.initializers.Constant(0.02), name="n",
        ),
        (5,),
    ),
    "batch_renorm": (
        lambda k: k.layers.BatchNormalization(
            renorm=True, renorm_momentum=0.8, momentum=0.7,
            renorm_clipping={"rmax": 1.5, "rmin": 0.6, "dmax": 0.4}, name="n",
        ),
        (5,),
    ),
    "batch_renorm_bare": (
        lambda k: k.layers.BatchNormalization(renorm=True, center=False, scale=False, name="n"),
        (2, 3),
    ),
    "layer": (lambda k: k.layers.LayerNormalization(name="n"), (20,)),
    "layer_axis_1": (lambda k: k.layers.LayerNormalization(axis=1, name="n"), (3, 4)),
    "layer_axes": (lambda k: k.layers.LayerNormalization(axis=[1, 2], name="n"), (3, 4)),
    "layer_outer_axes": (lambda k: k.layers.LayerNormalization(axis=(3, 1), name="n"), (3, 2, 4)),
    "layer_bare": (
        lambda k: k.layers.LayerNormalization(center=False, scale=False, epsilon=1e-6, name="n"),
        (7,),
    ),
    "layer_regularized": (
        lambda k: k.layers.LayerNormalization(
            gamma_regularizer="l1", beta_regularizer="l2", gamma_constraint="unit_norm",
            beta_initializer="ones", name="n",
        ),
        (6,),
    ),
    "rms": (lambda k: k.layers.RMSNormalization(name="n"), (9,)),
    "rms_axes": (lambda k: k.layers.RMSNormalization(axis=[1, 2], epsilon=0.01, name="n"), (3, 4)),
    "group": (lambda k: k.layers.GroupNormalization(3, name="n"), (6,)),
    "group_of_images": (lambda k: k.layers.GroupNormalization(2, name="n"), (2, 3, 4)),
    "group_axis_1": (lambda k: k.layers.GroupNormalization(2, axis=1, name="n"), (4, 3)),
    "group_instance": (
        lambda k: k.layers.GroupNormalization(-1, scale=False, name="n"), (5, 3),
    ),
    "unit": (lambda k: k.layers.UnitNormalization(name="n"), (7,)),
    "unit_axes": (lambda k: k.layers.UnitNormalization(axis=[1, 2], name="n"), (3, 4)),
}  # fmt: skip


def _data(shape: tuple[int, ...], n: int = 8) -> np.ndarray:
    """Numbers that are far from normalized."""
    x = inputs(n, int(np.prod(shape)), seed=3)
    return (1.5 * x + np.linspace(-1, 2, x.shape[1], dtype="float32")).reshape(n, *shape)


def forward(keras: Keras, make: Make, shape: tuple[int, ...]) -> Record:
    """On arrays, with weights drawn here: what inference gives, what training gives and leaves."""
    layer, x = make(keras), _data(shape)
    layer.build((None, *shape))
    rng = np.random.default_rng(5)
    layer.set_weights(
        [rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in layer.get_weights()]
    )
    record: Record = {
        "shapes": [list(layer.compute_output_shape((None, *shape)))],
        "weights": [[w.name, list(w.shape), w.trainable] for w in layer.weights],
        "inference": np.asarray(layer(x)),
    }
    if "Batch" in type(layer).__name__:
        record["training"] = np.asarray(layer(x, training=True))
        record["left"] = arrays(layer.get_weights())
        record["after"] = np.asarray(layer(x, training=False))
        layer.trainable = False
        record["frozen"] = np.asarray(layer(x, training=True))
        record["left_frozen"] = arrays(layer.get_weights())
    return record


def learned(keras: Keras, make: Make, shape: tuple[int, ...]) -> Record:
    """Ten steps of a small model with the layer between two dense ones."""
    width = int(np.prod(shape))
    model = keras.Sequential(
        [
            keras.layers.Input((4,)),
            keras.layers.Dense(width, activation="tanh", name="first"),
            keras.layers.Reshape(shape),
            make(keras),
            keras.layers.Flatten(),
            keras.layers.Dense(2, name="last"),
        ]
    )
    rng = np.random.default_rng(7)
    for name in ("first", "last"):
        layer = model.get_layer(name)
        layer.set_weights(
            [rng.uniform(-0.7, 0.7, w.shape).astype("float32") for w in layer.get_weights()]
        )
    x = inputs(40, 4, seed=1)
    y = np.stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]], axis=1)
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {
        "loss": history.history["loss"],
        "weights": arrays(model.get_weights()),
        "evaluate": float(model.evaluate(x, y, verbose=0)),
        "predict": np.asarray(model.predict(x[:5], verbose=0)),
    }


def masked(keras: Keras) -> Record:
    """What a mask hides does not count."""
    x = _data((3, 4))
    mask = np.random.default_rng(2).uniform(size=(8, 3)) < 0.6
    layer = keras.layers.BatchNormalization(momentum=0.5)
    y = np.asarray(layer(x, training=True, mask=mask))
    return {"training": y, "left": arrays(layer.get_weights())}


def frozen(keras: Keras) -> Record:
    """A frozen layer in a model that learns: its statistics stay, and are used."""
    model = keras.Sequential(
        [keras.layers.Input((4,)), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    )
    rng = np.random.default_rng(7)
    model.set_weights([rng.uniform(0.2, 1, w.shape).astype("float32") for w in model.get_weights()])
    model.layers[0].trainable = False
    counts = [len(model.trainable_weights), len(model.non_trainable_weights)]
    x = inputs(16, 4, seed=1)
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    model.fit(x, x[:, :2], batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {"counts": counts, "weights": arrays(model.get_weights())}


def rms_scaling(keras: Keras) -> Record:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = keras.layers.LayerNormalization(rms_scaling=True)
        y = np.asarray(layer(_data((6,))))
    return {"y": y, "weights": [w.name for w in layer.weights]}


_close = functools.partial(Case, "normalization", atol=2e-6, rtol=2e-6, scaled=1e-6)
# Keras takes mean / deviation off x / deviation: it loses digits where a group varies little.
_closest = {"group": 2e-5}
_trained = functools.partial(Case, "normalization", backend="jax", atol=5e-6, rtol=1e-5)

CASES = [
    *(
        _close(
            f"{name}_forward",
            functools.partial(forward, make=make, shape=shape),
            atol=_closest.get(name, 2e-6),
        )
        for name, (make, shape) in LAYERS.items()
    ),
    *(
        _trained(f"{name}_learned", functools.partial(learned, make=make, shape=shape))
        for name, (make, shape) in LAYERS.items()
    ),
    _close("masked", masked),
    _trained("frozen", frozen),
    _close("rms_scaling", rms_scaling),
    *(
        Case("normalization", f"{name}_config", functools.partial(config, make=make), rtol=1e-7)
        for name, (make, _) in LAYERS.items()
    ),
]
