"""The mechanics of fit, evaluate, predict and their one-batch forms."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs, labels, network, one_hot, weights_of


def _data(n: int = 70) -> tuple[np.ndarray, np.ndarray]:
    x = inputs(n)
    return x, one_hot(labels(x))


def _compiled(keras: Keras, **options: Any) -> Any:
    model = network(keras)
    options = {"metrics": ["accuracy"], **options}
    model.compile("rmsprop", "categorical_crossentropy", **options)
    return model


_WEIGHT = np.random.default_rng(9).uniform(0, 3, 70).astype("float32")
_HELD_OUT = (inputs(45, seed=3), one_hot(labels(inputs(45, seed=3))))

FITS: dict[str, dict[str, Any]] = {
    "plain": {},
    "partial_batch": {"epochs": 2, "batch_size": 32},
    "one_batch": {"batch_size": 1000},
    "rows_one_by_one": {"batch_size": 1},
    "validation_split": {"epochs": 2, "validation_split": 0.3},
    "validation_data": {"epochs": 2, "validation_data": _HELD_OUT},
    "validation_wins": {"validation_data": _HELD_OUT, "validation_split": 0.5},
    "validation_weighted": {"validation_data": (*_HELD_OUT, _WEIGHT[:45])},
    "validation_batch_size": {"validation_data": _HELD_OUT, "validation_batch_size": 7},
    "validation_list": {"validation_data": list(_HELD_OUT)},
    "initial_epoch": {"initial_epoch": 2, "epochs": 5},
    "initial_epoch_past": {"initial_epoch": 5, "epochs": 5},
    "no_epochs": {"epochs": 0},
    "validation_every_second": {"epochs": 5, "validation_data": _HELD_OUT, "validation_freq": 2},
    "validation_at": {"epochs": 4, "validation_data": _HELD_OUT, "validation_freq": [1, 4]},
    "class_weight": {"class_weight": {0: 2.0, 1: 0.5, 3: 0.0}},
    "class_weight_keys": {"class_weight": {0.0: 2.0, True: 0.5, np.int64(3): 0}},
    "sample_weight": {"sample_weight": _WEIGHT},
    "sample_weight_column": {"sample_weight": _WEIGHT[:, None]},
    "sample_weight_split": {"sample_weight": _WEIGHT, "validation_split": 0.25, "epochs": 2},
    "class_weight_split": {"class_weight": {0: 2.0, 1: 0.5}, "validation_split": 0.25},
}


def fit(keras: Keras, **options: Any) -> Record:
    """History (keys in order, values, epochs, params) and the weights after."""
    x, y = _data()
    model = _compiled(keras, weighted_metrics=["categorical_accuracy", "accuracy"])
    history = model.fit(x, y, shuffle=False, verbose=0, **options)
    return {
        "keys": list(history.history),
        "history": history.history,
        "types": sorted({type(v).__name__ for vs in history.history.values() for v in vs}),
        "epoch": list(history.epoch),
        "params": dict(history.params),
        **weights_of(model),
    }


def class_weight_sparse(keras: Keras) -> Record:
    """class_weight with integer labels, flat and as a column."""
    x = inputs(70)
    record: Record = {}
    for name, y in (("flat", labels(x)), ("column", labels(x)[:, None])):
        model = network(keras)
        model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(
            x, y, class_weight={0: 3.0, 2: 0.25}, shuffle=False, verbose=0, epochs=2
        )
        record[name] = {"history": history.history, "weights": arrays(model.get_weights())}
    return record


def fits_in_turn(keras: Keras) -> Record:
    """The optimizer goes on, the epochs start anew, model.history is the last one."""
    x, y = _data()
    model = _compiled(keras)
    first = model.fit(x, y, epochs=2, shuffle=False, verbose=0)
    second = model.fit(x, y, epochs=3, shuffle=False, verbose=0)
    return {
        "first": first.history,
        "second": second.history,
        "epochs": [list(first.epoch), list(second.epoch)],
        "last": model.history is second,
        **weights_of(model),
    }


def evaluate(keras: Keras) -> Record:
    # (As a list, Keras gives "accuracy" twice when it is in both kinds of metrics: no golden.)
    x, y = _data()
    bare, model = _compiled(keras, metrics=None), _compiled(keras, metrics=["mse", "accuracy"])
    weighted = _compiled(keras, metrics=["accuracy"], weighted_metrics=["mse", "accuracy"])
    kept = model.evaluate(x, y, verbose=0, return_dict=True)
    record: Record = {
        "scalar": bare.evaluate(x, y, verbose=0),
        "scalar_type": type(bare.evaluate(x, y, verbose=0)).__name__,
        "bare_dict": bare.evaluate(x, y, verbose=0, return_dict=True),
        "list": model.evaluate(x, y, verbose=0),
        "dict": kept,
        "dict_keys": list(kept),
        "list_types": [type(v).__name__ for v in model.evaluate(x, y, verbose=0)],
        "sample_weight": model.evaluate(x, y, sample_weight=_WEIGHT, verbose=0),
        "weighted": weighted.evaluate(x, y, sample_weight=_WEIGHT, verbose=0, return_dict=True),
    }
    for size in (1, 7, 70, 500):
        record[f"batches_of_{size}"] = model.evaluate(x, y, batch_size=size, verbose=0)
    return record


def predict(keras: Keras) -> Record:
    """Shapes, dtypes and values, from every dtype and layout a user brings."""
    x, _ = _data()
    model = network(keras)
    whole = (4 * x).astype("int64")
    given = {
        "float64": x.astype("float64"),
        "float16": x.astype("float16"),
        "int64": whole,
        "int8": whole.astype("int8"),
        "uint8": np.abs(whole).astype("uint8"),
        "bool": x > 0,
        "fortran": np.asfortranarray(x),
        "strided": np.repeat(x, 2, axis=1)[::-1, ::2],
    }
    record: Record = {name: model.predict(v, verbose=0) for name, v in given.items()}
    for size in (1, 32, 70, 100):
        record[f"batches_of_{size}"] = model.predict(x, batch_size=size, verbose=0)
    record["one_row"] = model.predict(x[:1], verbose=0)
    record["on_batch"] = model.predict_on_batch(x[:9])
    record["called"] = np.asarray(model(x[:9]))
    record["deep"] = model.predict(x[:, :, None], verbose=0)
    return record


def on_batch(keras: Keras) -> Record:
    """train_on_batch and test_on_batch: what they return, call after call."""
    x, y = _data(24)
    model, bare = _compiled(keras), _compiled(keras, metrics=None)
    weight = _WEIGHT[:8]
    record: Record = {
        "train": [model.train_on_batch(x[i : i + 8], y[i : i + 8]) for i in (0, 8, 16)],
        "train_dict": model.train_on_batch(x[:8], y[:8], return_dict=True),
        "train_sample_weight": model.train_on_batch(x[:8], y[:8], sample_weight=weight),
        "train_class_weight": model.train_on_batch(x[:8], y[:8], class_weight={1: 2.0}),
        "test": model.test_on_batch(x[:8], y[:8]),
        "test_dict": model.test_on_batch(x[8:], y[8:], return_dict=True),
        "test_sample_weight": model.test_on_batch(x[:8], y[:8], sample_weight=weight),
        "bare": [bare.train_on_batch(x, y), bare.test_on_batch(x, y)],
    }
    return {**{name: _floats(value) for name, value in record.items()}, **weights_of(model)}


def _floats(value: Any) -> Any:
    """Floats in place of the scalars of any backend."""
    if isinstance(value, dict):
        return {k: _floats(v) for k, v in value.items()}
    return [_floats(v) for v in value] if isinstance(value, list) else float(value)


def callback_events(keras: Keras) -> Record:
    """Which hooks run, in what order, and the names they are told."""
    events: list[str] = []

    def hook(name: str) -> Any:
        def call(self: Any, *args: Any, logs: Any = None) -> None:
            index = [str(a) for a in args if isinstance(a, int)]
            told = next((a for a in (*args, logs) if isinstance(a, dict)), {})
            events.append(" ".join([name, *index, *sorted(told)]))

        return call

    hooks = ["train_begin", "train_end", "epoch_begin", "epoch_end", "test_begin", "test_end"]
    hooks += [f"{kind}_batch_{end}" for kind in ("train", "test") for end in ("begin", "end")]
    recorder = type("Recorder", (keras.callbacks.Callback,), {f"on_{h}": hook(h) for h in hooks})
    x, y = _data()
    model = _compiled(keras)
    model.fit(
        x, y, epochs=2, validation_split=0.3, shuffle=False, verbose=0, callbacks=[recorder()]
    )
    return {"events": events}


def stopped(keras: Keras) -> Record:
    """stop_training from a callback: after the epoch, and after a batch."""

    class AfterEpoch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 1

    class AfterBatch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    record: Record = {}
    for name, callback in (("epoch", AfterEpoch()), ("batch", AfterBatch())):
        x, y = _data()
        model = _compiled(keras)
        history = model.fit(
            x, y, batch_size=16, epochs=5, shuffle=False, verbose=0, callbacks=[callback]
        )
        record[name] = {"history": history.history, **weights_of(model)}
    return record


_fit = functools.partial(Case, "fit", backend="jax", scaled=5e-6)

CASES = [
    *(_fit(f"fit_{name}", functools.partial(fit, **options)) for name, options in FITS.items()),
    _fit("class_weight_sparse", class_weight_sparse),
    _fit("fits_in_turn", fits_in_turn),
    _fit("evaluate", evaluate),
    _fit("predict", predict),
    _fit("on_batch", on_batch),
    _fit("callback_events", callback_events),
    _fit("stopped", stopped),
]
