"""Layers on arrays, outside and inside a model."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs


def _named(**values: Any) -> Record:
    return dict(zip(values, arrays(values.values())))


def flatten(keras: Keras) -> Record:
    layer = keras.layers.Flatten
    x = inputs(4, 24)
    return {
        **_named(deep=layer()(x.reshape(4, 2, 3, 4)), matrix=layer()(x), flat=layer()(x[:, 0])),
        "shapes": [
            list(layer().compute_output_shape(shape)) for shape in [(None, 2, 3), (4, 5), (None,)]
        ],
    }


def rescaling(keras: Keras) -> Record:
    layer = keras.layers.Rescaling
    x = inputs(5, 3)
    return _named(
        scale=layer(1 / 255)(np.round(100 * x)),
        offset=layer(2.0, offset=-1.0)(x),
        per_column=layer([1.0, 2.0, 3.0], offset=[0.0, 0.5, 1.0])(x),
        bytes=layer(1 / 255)(np.arange(6, dtype="uint8").reshape(2, 3)),
    )


def activation(keras: Keras) -> Record:
    layer = keras.layers.Activation
    x = inputs(5, 3)
    return _named(
        relu=layer("relu")(x),
        softmax=layer("softmax")(x),
        function=layer(keras.activations.tanh)(x),
        linear=layer("linear")(x),
    )


def dropout(keras: Keras) -> Record:
    """What does not depend on the random stream."""
    layer = keras.layers.Dropout
    x = inputs(5, 3)
    return _named(
        inference=layer(0.5)(x),
        not_training=layer(0.5)(x, training=False),
        rate_zero=layer(0)(x, training=True),
        rate_one=layer(1)(x, training=True),
        rate_one_inference=layer(1.0)(x),
    )


def dropout_moments(keras: Keras) -> Record:
    """Kept values are scaled by 1 / (1 - rate); the share of zeros is the rate, within 5 sigma."""
    keras.utils.set_random_seed(1)
    record: Record = {}
    for rate in (0.1, 0.5, 0.9):
        y = np.asarray(keras.layers.Dropout(rate)(np.ones((400, 500), "float32"), training=True))
        share = float(np.mean(y == 0))
        record[str(rate)] = {
            "values": np.unique(y),
            "share": abs(share - rate) < 5 * (rate * (1 - rate) / y.size) ** 0.5,
        }
    layer = keras.layers.Dropout(0.5, noise_shape=(None, 1))
    noise = layer(np.ones((50, 7), "float32"), training=True)
    record["rows_alike"] = bool(np.all(np.ptp(np.asarray(noise), axis=1) == 0))
    return record


def dense(keras: Keras) -> Record:
    """Dense on rows, on deeper arrays, with and without bias; its shapes and its weights."""
    rng = np.random.default_rng(11)
    x = inputs(6, 4)
    kernel, bias = rng.normal(size=(4, 3)).astype("float32"), rng.normal(size=3).astype("float32")
    layer, bare = keras.layers.Dense(3, "relu"), keras.layers.Dense(3, use_bias=False)
    layer.build((None, 4))
    bare.build((None, 4))
    layer.set_weights([kernel, bias])
    bare.set_weights([kernel])
    return {
        **_named(
            rows=layer(x), bare=bare(x), deep=layer(x.reshape(2, 3, 4)), doubles=layer(x * 2.0)
        ),
        "shapes": [list(layer.compute_output_shape(s)) for s in [(None, 4), (7, 2, 4)]],
        "counts": [layer.count_params(), bare.count_params()],
        "weights": [list(w.shape) for w in layer.weights],
    }


def model_parts(keras: Keras) -> Record:
    """The lists and shapes of a model while layers are added and removed."""
    layers = keras.layers
    model = keras.Sequential(name="parts")
    record: Record = {"empty": [model.built, len(model.layers), len(model.weights)]}
    model.add(layers.Input((4, 3), name="in"))
    model.add(layers.Flatten(name="flat"))
    model.add(layers.Dense(5, name="hidden"))
    record["first"] = [model.built, list(model.input_shape), list(model.output_shape)]
    before = arrays(model.get_weights())
    model.add(layers.Dropout(0.5, name="drop"))
    model.add(layers.Dense(2, name="out"))
    record["second"] = [[layer.name for layer in model.layers], list(model.output_shape)]
    record["kept"] = all(map(np.array_equal, before, arrays(model.get_weights())))
    removed = model.pop()
    record["popped"] = [removed.name, [layer.name for layer in model.layers]]
    record["counts"] = [
        model.count_params(),
        len(model.trainable_weights),
        len(model.non_trainable_weights),
    ]
    model.get_layer("hidden").trainable = False
    record["frozen"] = [len(model.trainable_weights), len(model.non_trainable_weights)]
    record["get_layer"] = [model.get_layer("flat").name, model.get_layer(index=1).name]
    return record


def names(keras: Keras) -> Record:
    """Names of models and layers count up by class and start anew after clear_session."""
    keras.utils.clear_session()
    make = keras.layers.Dense
    first = keras.Sequential([make(2), make(2), keras.layers.Dropout(0.1), make(2)])
    second = keras.Sequential([make(2)])
    keras.utils.clear_session()
    third = keras.Sequential([make(2), keras.layers.Rescaling(2.0)])
    return {
        "models": [model.name for model in (first, second, third)],
        "layers": [[layer.name for layer in model.layers] for model in (first, second, third)],
    }


def built_by_data(keras: Keras) -> Record:
    """Without Input a model is built by the first data it sees."""
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    before = [model.built, len(model.weights)]
    shape = list(model.predict(inputs(3, 6).reshape(3, 2, 3), verbose=0).shape)
    return {
        "before": before,
        "shape": shape,
        "after": [model.built, [list(w.shape) for w in model.get_weights()]],
    }


_layer = functools.partial(Case, "layers", atol=1e-6, rtol=2e-6)

CASES = [
    _layer("flatten", flatten),
    _layer("rescaling", rescaling),
    _layer("activation", activation),
    _layer("dropout", dropout),
    _layer("dropout_moments", dropout_moments),
    _layer("dense", dense),
    _layer("model_parts", model_parts),
    _layer("names", names),
    _layer("built_by_data", built_by_data),
]
