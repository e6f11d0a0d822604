"""Masks: who makes, sees, keeps and ends them; losses and metrics of steps that are masked."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .own_layers import A, Y, fill

SERIES = inputs(24 * 15, 1, seed=3).reshape(24, 5, 3)
SERIES[::2, 3:], SERIES[::3, 1:] = 0.0, 0.0
IDS = np.abs(inputs(24, 5, seed=4) * 3).astype("int32") % 6


def _own_mask_layers(keras: Keras) -> tuple[Any, Any, Any]:
    ops = keras.ops

    class Keeps(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, x: Any) -> Any:
            return 2.0 * x

    class MeanOf(keras.layers.Layer):  # type: ignore[misc, name-defined]
        """Uses the mask, and ends it."""

        def call(self, x: Any, mask: Any = None) -> Any:
            if mask is None:
                return ops.mean(x, axis=1)
            counted = ops.expand_dims(ops.cast(mask, "float32"), -1)
            return ops.sum(x * counted, axis=1) / (ops.sum(counted, axis=1) + 1e-3)

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return None

    class Only(keras.layers.Layer):  # type: ignore[misc, name-defined]
        """Makes a mask, without saying that it supports masks."""

        def call(self, x: Any) -> Any:
            return x

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return ops.any(ops.not_equal(inputs, 0.0), axis=-1)

    return Keeps, MeanOf, Only


def trained(keras: Keras, eager: bool = False) -> Record:
    """Losses of steps that are masked, through layers that keep, use and make masks."""
    k = keras.layers
    keeps, mean_of, only = _own_mask_layers(keras)
    target = np.repeat(Y[:, None], 5, axis=1)
    entry, ids = keras.Input((5, 3)), keras.Input((5,), dtype="int32")

    def steps(x: Any) -> Any:
        return k.Dense(2, name="last")(keeps()(k.Dense(3, activation="tanh", name="d")(x)))

    def pooled(x: Any) -> Any:
        return k.Dense(2, name="last")(mean_of()(k.Dense(3, activation="tanh", name="d")(x)))

    embedded, known = (k.Embedding(6, 3, mask_zero=True, name=name)(ids) for name in "ef")
    models = {
        "masking": (keras.Model(entry, steps(k.Masking()(entry))), SERIES, target),
        "own_mask": (keras.Model(entry, steps(only()(entry))), SERIES, target),
        "none": (keras.Model(entry, steps(entry)), SERIES, target),
        "pooled": (keras.Model(entry, pooled(k.Masking()(entry))), SERIES, Y),
        "embedding": (keras.Model(ids, steps(embedded)), IDS, target),
        "embedding_pooled": (keras.Model(ids, pooled(known)), IDS, Y),
        "sequential": (
            keras.Sequential([k.Input((5, 3)), k.Masking(), k.Dropout(0.0), k.Dense(2, name="last")]),
            SERIES, target,
        ),
    }  # fmt: skip
    record: Record = {}
    for name, (model, x, y) in models.items():
        fill(model)
        model.compile(
            keras.optimizers.RMSprop(0.01), "mse",
            metrics=["mae", keras.metrics.RootMeanSquaredError()],  # the latter knows no masks
            weighted_metrics=["mse"], run_eagerly=eager,
        )  # fmt: skip
        history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
        record[name] = {
            "loss": history["loss"],  # on JAX the metrics of `fit` do not see masks
            "evaluate": model.evaluate(x, y, verbose=0, return_dict=True),
            "weights": arrays(model.get_weights()),
        }
    return record


def measured(keras: Keras, eager: bool = False) -> Record:
    """Metrics of steps that are masked, beside weights of samples and a class that does not count."""
    k, metrics = keras.layers, keras.metrics
    entry = keras.Input((5,), dtype="int32")
    model = keras.Model(entry, k.Dense(3)(k.Embedding(6, 3, mask_zero=True)(entry)))
    fill(model)
    model.compile(
        "sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy", metrics.SparseTopKCategoricalAccuracy(2)],
        weighted_metrics=[
            "accuracy",
            metrics.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1, name="some"),
        ],
        run_eagerly=eager,
    )  # fmt: skip
    y = np.abs(inputs(24, 5, seed=6) * 2).astype("int32") % 3
    weights = {"none": None, "column": np.abs(A[:, :1]), "each": np.abs(inputs(24, 5, seed=7))}
    record: Record = {
        name: model.evaluate(IDS, y, sample_weight=weight, verbose=0, return_dict=True)
        for name, weight in weights.items()
    }
    fit = model.fit(IDS, y, batch_size=8, shuffle=False, sample_weight=weights["each"], verbose=0)
    return {**record, "fit": fit.history}


def of_several(keras: Keras) -> Record:
    """`<argument>_mask` for several tensors; an explicit mask."""
    _, mean_of, _ = _own_mask_layers(keras)
    ops = keras.ops

    class Pair(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, a: Any, b: Any, a_mask: Any = None, b_mask: Any = None) -> Any:
            found = [
                x if m is None else x * ops.expand_dims(ops.cast(m, "float32"), -1)
                for x, m in ((a, a_mask), (b, b_mask))
            ]
            return found[0] + 10.0 * found[1]

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return None

    entry, other = keras.Input((5, 3)), keras.Input((5, 3))
    pair = Pair()(keras.layers.Masking()(entry), b=keras.layers.Masking(0.5)(other))
    plain = Pair()(keras.layers.Masking()(entry), other)
    model = keras.Model([entry, other], [pair, plain])
    chosen = np.arange(5)[None] < np.array([1, 2, 3, 4] * 6)[:, None]
    return {
        "pair": [np.asarray(y) for y in model.predict([SERIES, SERIES[::-1].copy()], verbose=0)],
        "explicit": np.asarray(mean_of()(SERIES, mask=chosen)),
    }  # fmt: skip


def _hiding(keras: Keras) -> Any:
    ops = keras.ops

    class Hides(keras.layers.Layer):  # type: ignore[misc, name-defined]
        """Uses the mask where it sees one."""

        def call(self, x: Any, mask: Any = None) -> Any:
            return x if mask is None else x * ops.expand_dims(ops.cast(mask, "float32"), -1)

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return None

    return Hides()


def described(keras: Keras) -> Record:
    """Layers whose `call` needs a mask while a model is described; masks as arguments and outputs."""
    k, ops = keras.layers, keras.ops

    class Uses(k.Layer):  # type: ignore[misc, name-defined]
        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return None

    class Pool(Uses):
        def call(self, x: Any, mask: Any = None) -> Any:
            counted = ops.expand_dims(ops.cast(mask, "float32"), -1)
            return ops.sum(x * counted, axis=1) / (ops.sum(counted, axis=1) + 1e-3)

    class Pair(Uses):
        def call(self, a: Any, b: Any, a_mask: Any = None, b_mask: Any = None) -> Any:
            return ops.sum(a * ops.expand_dims(ops.cast(a_mask, "float32"), -1), axis=1) + ops.sum(
                b * ops.expand_dims(ops.cast(b_mask, "float32"), -1), axis=1
            )

    ids, series = keras.Input((5,), dtype="int32"), keras.Input((5, 3))
    embedded, kept = k.Embedding(6, 3, mask_zero=True)(ids), k.Masking()(series)
    pooled = Pool()(k.Dense(2)(embedded))
    plain = k.Dense(2)(series)
    models = {
        "pool": keras.Model(ids, pooled),
        "nested": keras.Model(ids, k.Dense(2)(keras.Model(ids, pooled)(ids))),
        "pair": keras.Model([ids, series], Pair()(embedded, kept)),
        "given": keras.Model([ids, series], Pool()(plain, mask=embedded._keras_mask)),
        "counted": keras.Model(ids, ops.sum(ops.cast(embedded._keras_mask, "float32"), axis=1)),
        "sequential": keras.Sequential(
            [k.Input((5,)), k.Embedding(6, 3, mask_zero=True), k.Dense(2), Pool()]
        ),
    }
    record: Record = {}
    for name, model in models.items():
        x = [IDS, SERIES] if len(model.inputs) == 2 else IDS
        record[name] = np.asarray(fill(model).predict(x, verbose=0))
    return record


def of_arrays(keras: Keras) -> Record:
    """Masks that travel without a model, within classes that are called, and into models."""
    k, hides = keras.layers, _hiding(keras)
    embed = k.Embedding(6, 3, mask_zero=True)
    fill(embed.build() or embed)

    class Both(k.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return hides(embed(x))

    class Whole(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = keras.Sequential([k.Input((5,), dtype="int32"), embed])

        def call(self, x: Any, training: Any = None) -> Any:
            return hides(self.inner(x))

    steps = keras.Input((5, 3))
    model, chain = keras.Model(steps, hides(steps)), keras.Sequential([hides, k.Dropout(0.5)])
    ids = keras.Input((5,), dtype="int32")
    one = keras.Model(ids, hides(embed(ids)))
    other = keras.Input((5, 3))
    two = keras.Model([steps, other], [hides(steps), hides(other)])
    chosen = np.arange(5)[None] < np.array([1, 2, 3, 4] * 6)[:, None]
    loss, metric = keras.losses.MeanSquaredError(), keras.metrics.MeanAbsoluteError()
    metric.update_state(SERIES, embed(IDS))
    with warnings.catch_warnings():  # a model says that it ends masks that come to it
        warnings.simplefilter("ignore")
        models = {
            "into_model": np.asarray(model(embed(IDS))),
            "explicit": np.asarray(model(SERIES, mask=chosen)),
            "chain": np.asarray(chain(SERIES, mask=chosen)),
            "several": [np.asarray(y) for y in two([SERIES, SERIES], mask=[None, chosen])],
        }
    return {
        **models,
        "layers": np.asarray(hides(embed(IDS))),
        "kept": np.asarray(hides(k.Activation("tanh")(embed(IDS)))),
        "merged": np.asarray(k.Multiply()([embed(IDS), k.Masking()(SERIES)])),
        "layer": np.asarray(Both()(IDS)),
        "class": [np.asarray(Whole()(IDS)), np.asarray(Whole()(IDS, training=False))],
        "told": [np.asarray(one(IDS)), np.asarray(one(IDS, training=False))],
        "afterwards": np.asarray(model(SERIES)),
        "loss": float(loss(SERIES, embed(IDS))),
        "metric": float(metric.result()),
    }


_masks: Callable[..., Case] = functools.partial(
    Case, "masks", backend="jax", scaled=5e-6, atol=1e-7
)

CASES = [
    _masks("trained", trained),
    _masks("trained_eagerly", functools.partial(trained, eager=True)),
    _masks("measured", measured, backend="tensorflow"),
    _masks("measured_eagerly", functools.partial(measured, eager=True), backend="tensorflow"),
    _masks("of_several", of_several),
    _masks("described", described),
    _masks("of_arrays", of_arrays),
]
