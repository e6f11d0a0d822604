"""Layers that have layers inside: wrappers of one's own, and pipelines."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .configs import config


def doubled(keras: Keras, *arguments: Any, **options: Any) -> Any:
    """A wrapper that doubles what its layer gives."""

    class Doubled(keras.layers.Wrapper):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return self.layer(x) * 2.0

        def compute_output_shape(self, shape: Any) -> Any:
            return self.layer.compute_output_shape(shape)

    return Doubled(*arguments, **options)


def _pipeline(keras: Keras, name: str = "p") -> Any:
    k = keras.layers
    steps = [
        k.Rescaling(0.5, name="scale"), k.Dense(5, "tanh", name="one"),
        k.BatchNormalization(momentum=0.5, name="norm"), k.Dense(3, name="two"),
    ]  # fmt: skip
    return k.Pipeline(steps, name=name)


def wrapper(keras: Keras) -> Record:
    """What a wrapper has of its layer."""
    keras.utils.clear_session()
    k = keras.layers
    made = doubled(keras, k.Dense(2, "tanh", name="inner"), name="outer")
    made.build((None, 3))
    built = made.layer.built
    made.set_weights([np.linspace(-1, 1, 6).reshape(3, 2), np.array([0.1, -0.1])])
    names = [w.name for w in made.weights]
    y = np.asarray(made(inputs(4, 3)))
    made.trainable = False
    return {
        "built": [built, made.built],
        "names": names,
        "y": y,
        "shape": list(made.compute_output_shape((None, 3))),
        "frozen": [made.layer.trainable, len(made.trainable_weights), len(made.weights)],
        "named": k.Wrapper(k.Flatten()).name,
        "masks": k.Wrapper(k.Flatten()).supports_masking,
    }


def pipeline(keras: Keras) -> Record:
    """A pipeline alone: training unless it is told otherwise."""
    keras.utils.clear_session()
    k = keras.layers
    made = _pipeline(keras)
    x = inputs(6, 4)
    made(x)
    rng = np.random.default_rng(5)
    made.set_weights([rng.uniform(0.2, 0.9, w.shape).astype("float32") for w in made.weights])
    training, inference = np.asarray(made(x)), np.asarray(made(x, training=False))
    dropping = k.Pipeline([k.Dropout(0.5), k.Rescaling(3.0)])
    return {
        "training": training,
        "inference": inference,
        "statistics": arrays(made.get_weights())[-2:],
        "weights": [w.name for w in made.weights],
        "trainable": len(made.trainable_weights),
        "layers": [layer.name for layer in made.layers],
        "drops": bool((np.asarray(dropping(np.ones((50, 4)))) == 0).any()),
        "named": k.Pipeline([]).name,
        "of_a_list": np.asarray(k.Pipeline([k.Add(), k.Flatten()])([x, x])),
    }


def learned(keras: Keras, which: str) -> Record:
    """Ten steps of a model with such a layer."""
    k = keras.layers
    middle = _pipeline(keras) if which == "pipeline" else doubled(keras, k.Dense(3), name="w")
    model = keras.Sequential([k.Input((4,)), middle, k.Dense(2, name="last")])
    rng = np.random.default_rng(7)
    model.set_weights(
        [rng.uniform(0.1, 0.7, w.shape).astype("float32") for w in model.get_weights()]
    )
    x = inputs(40, 4, seed=1)
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    model.fit(x, np.sin(x[:, :2]), batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {
        "weights": arrays(model.get_weights()),
        "predict": np.asarray(model.predict(x[:5], verbose=0)),
    }


def from_configs(keras: Keras) -> Record:
    """Layers made of configs have equal configs, and weights once they were built."""
    k = keras.layers
    wrapped = k.Wrapper(k.Dense(2, name="d"), name="w")
    wrapped.build((None, 3))
    made = [k.deserialize(k.serialize(layer)) for layer in (wrapped, _pipeline(keras))]
    return {
        "built": made[0].layer.built,
        "classes": [type(layer).__name__ for layer in made[1].layers],
        "names": [layer.name for layer in made[1].layers],
    }


CASES = [
    Case("wrapping", "wrapper", wrapper, atol=1e-6, rtol=1e-6),
    Case("wrapping", "pipeline", pipeline, atol=1e-6, rtol=2e-6),
    *(
        Case(
            "wrapping", f"{which}_learned", functools.partial(learned, which=which),
            backend="jax", atol=5e-6, rtol=1e-5,
        )
        for which in ("wrapper", "pipeline")
    ),
    Case("wrapping", "from_configs", from_configs),
    Case(
        "wrapping", "wrapper_config",
        functools.partial(config, make=lambda k: k.layers.Wrapper(k.layers.Dense(2, name="d"), name="w")),
    ),
    Case("wrapping", "pipeline_config", functools.partial(config, make=_pipeline)),
]  # fmt: skip
