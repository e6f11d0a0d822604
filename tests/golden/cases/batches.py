"""Data that come batch by batch, and epochs of so many steps."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs, labels, network, one_hot

X = inputs(70)
CLASSES = labels(X)
Y = one_hot(CLASSES)
WEIGHTS = np.random.default_rng(9).uniform(0, 3, 70).astype("float32")
HELD_OUT = (inputs(45, seed=3), one_hot(labels(inputs(45, seed=3))))
SIZES = (3, 1, 9, 30, 64, 2)


def _rows(step: int, size: int = 20) -> slice:
    return slice(step * size % 60, step * size % 60 + size)


def generator(batches: int, parts: tuple[np.ndarray, ...] = (X, Y)) -> Iterator[Any]:
    for step in range(batches):
        yield tuple(part[_rows(step)] for part in parts)


def varying() -> Iterator[Any]:
    for size in SIZES:
        yield X[:size], Y[:size]


def dataset(
    keras: Keras, batches: int | None = 3, parts: tuple[np.ndarray, ...] = (X, Y), kind: Any = tuple
) -> Any:
    """A PyDataset that keeps a diary."""

    class Rows(keras.utils.PyDataset):  # type: ignore[misc, name-defined]
        num_batches = batches

        def __init__(self) -> None:
            super().__init__()
            self.diary: list[str] = []

        def __getitem__(self, step: int) -> Any:
            self.diary.append(str(step))
            return kind(part[_rows(step)] for part in parts)

        def on_epoch_begin(self) -> None:
            self.diary.append("begin")

        def on_epoch_end(self) -> None:
            self.diary.append("end")

    return Rows()


def _diary(data: Any) -> list[str]:
    """Without the look that Keras takes at the first batch before it starts."""
    diary: list[str] = data.diary
    return diary[3:] if diary[:3] == ["begin", "0", "end"] else diary


def _compiled(keras: Keras) -> Any:
    model = network(keras)
    model.compile(
        "rmsprop", "categorical_crossentropy", metrics=["mse"], weighted_metrics=["accuracy"]
    )
    return model


def events_in(keras: Keras) -> Any:
    """A callback that writes down what is called."""
    names = ["train_end", "epoch_begin", "epoch_end", "test_end", "train_batch_end"]
    names += ["test_batch_end", "predict_batch_end"]

    def hook(name: str) -> Callable[..., None]:
        def call(self: Any, *args: Any, logs: Any = None) -> None:
            self.seen.append(" ".join([name, *(str(a) for a in args if isinstance(a, int))]))

        return call

    kind = type("Events", (keras.callbacks.Callback,), {f"on_{n}": hook(n) for n in names})
    callback = kind()
    callback.seen = []
    return callback


def _noting_warnings(run: Callable[[], Any]) -> tuple[Any, int]:
    """What it returns, and how often it said that the data ran out."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        result = run()
    return result, sum("ran out of data" in str(w.message) for w in seen)


Given = Callable[[Keras], dict[str, Any]]
HELD: dict[str, Any] = {"validation_data": HELD_OUT}

FITS: dict[str, Given] = {
    "generator": lambda k: {"x": generator(6), "steps_per_epoch": 3, "epochs": 2},
    "generator_weighted": lambda k: {
        "x": generator(6, (X, Y, WEIGHTS)), "steps_per_epoch": 2, "epochs": 3,
    },
    "generator_until_it_ends": lambda k: {"x": generator(4), "steps_per_epoch": 5},
    "generator_varying": lambda k: {"x": varying(), "steps_per_epoch": len(SIZES)},
    "generator_validated_on_arrays": lambda k: {
        "x": generator(4), "steps_per_epoch": 2, "epochs": 2, **HELD, "validation_batch_size": 7,
    },
    "generator_validated_on_a_generator": lambda k: {
        "x": generator(4), "steps_per_epoch": 2, "epochs": 1,
        "validation_data": generator(5), "validation_steps": 4,
    },
    "generator_validated_on_a_dataset": lambda k: {
        "x": generator(4), "steps_per_epoch": 2, "epochs": 2, "validation_data": dataset(k, 2),
    },
    "split_is_ignored": lambda k: {
        "x": generator(4), "steps_per_epoch": 4, "validation_split": 0.5, **HELD,
    },
    "dataset": lambda k: {"x": dataset(k), "epochs": 2},
    "dataset_in_lists": lambda k: {"x": dataset(k, kind=list), "epochs": 1},
    "dataset_weighted": lambda k: {"x": dataset(k, parts=(X, Y, WEIGHTS)), "epochs": 2},
    "dataset_class_weight": lambda k: {"x": dataset(k), "class_weight": {0: 2.0, 1: 0.5, 3: 0.0}},
    "dataset_fewer_steps": lambda k: {"x": dataset(k), "epochs": 4, "steps_per_epoch": 2},
    "dataset_more_steps": lambda k: {"x": dataset(k), "epochs": 2, "steps_per_epoch": 4},
    "dataset_without_end": lambda k: {"x": dataset(k, None), "epochs": 3, "steps_per_epoch": 2},
    "dataset_later_epochs": lambda k: {"x": dataset(k), "epochs": 5, "initial_epoch": 3},
    "validation_starts_anew": lambda k: {
        "x": dataset(k), "epochs": 3, "validation_data": dataset(k), "validation_steps": 2,
    },
    "validation_without_end": lambda k: {
        "x": dataset(k), "epochs": 2, "validation_data": dataset(k, None), "validation_steps": 2,
    },
    "validation_every_second": lambda k: {
        "x": dataset(k), "epochs": 4, "validation_data": dataset(k, 2), "validation_freq": 2,
    },
    "arrays_in_steps": lambda k: {"x": X, "y": Y, "steps_per_epoch": 4, "epochs": 2},
    "arrays_in_steps_and_split": lambda k: {
        "x": X, "y": Y, "steps_per_epoch": 4, "validation_split": 0.3, "validation_steps": 2,
    },
    "arrays_fewer_steps": lambda k: {
        "x": X, "y": Y, "steps_per_epoch": 3, "batch_size": 16, "epochs": 4,
    },
    "arrays_more_steps": lambda k: {"x": X, "y": Y, "steps_per_epoch": 9, "batch_size": 16},
    "arrays_validation_steps": lambda k: {
        "x": X, "y": Y, "epochs": 3, **HELD, "validation_steps": 2, "validation_batch_size": 10,
    },
    "arrays_validation_steps_alone": lambda k: {
        "x": X, "y": Y, "epochs": 2, **HELD, "validation_steps": 2,
    },
    "arrays_validation_more_steps": lambda k: {
        "x": X, "y": Y, "epochs": 2, **HELD, "validation_steps": 9, "batch_size": 10,
    },
}  # fmt: skip


def fit(keras: Keras, given: Given) -> Record:
    model, events, options = _compiled(keras), events_in(keras), given(keras)
    history, warned = _noting_warnings(
        lambda: model.fit(**options, shuffle=False, verbose=0, callbacks=[events])
    )
    record = {
        "history": history.history,
        "keys": list(history.history),
        "epoch": list(history.epoch),
        "params": dict(history.params),
        "events": events.seen,
        "warned": warned,
        "weights": arrays(model.get_weights()),
    }
    if hasattr(options["x"], "diary"):
        record["diary"] = _diary(options["x"])
    return record


EVALUATIONS: dict[str, Given] = {
    "generator": lambda k: {"x": generator(3), "steps": 3},
    "generator_steps": lambda k: {"x": generator(6), "steps": 2},
    "generator_more_steps": lambda k: {"x": generator(2), "steps": 3},
    "generator_weighted": lambda k: {"x": generator(3, (X, Y, WEIGHTS)), "steps": 3},
    "generator_varying": lambda k: {"x": varying(), "steps": len(SIZES)},
    "dataset": lambda k: {"x": dataset(k)},
    "dataset_steps": lambda k: {"x": dataset(k), "steps": 2},
    "dataset_more_steps": lambda k: {"x": dataset(k), "steps": 5},
    "arrays_in_steps": lambda k: {"x": X, "y": Y, "steps": 4},
    "arrays_fewer_steps": lambda k: {"x": X, "y": Y, "steps": 3, "batch_size": 16},
    "arrays_more_steps": lambda k: {"x": X, "y": Y, "steps": 9, "batch_size": 16},
}


def evaluate(keras: Keras, given: Given) -> Record:
    model, events = _compiled(keras), events_in(keras)
    scores, warned = _noting_warnings(
        lambda: model.evaluate(**given(keras), verbose=0, return_dict=True, callbacks=[events])
    )
    return {"scores": scores, "warned": warned, "events": events.seen}


PREDICTIONS: dict[str, Given] = {
    "inputs_alone": lambda k: {"x": generator(3, (X,)), "steps": 3},
    "with_targets": lambda k: {"x": generator(3), "steps": 3},
    "more_steps": lambda k: {"x": generator(2), "steps": 3},
    "varying": lambda k: {"x": varying(), "steps": len(SIZES)},
    "dataset": lambda k: {"x": dataset(k)},
    "dataset_inputs_alone": lambda k: {"x": dataset(k, parts=(X,))},
    "dataset_of_arrays": lambda k: {"x": dataset(k, parts=(X,), kind=next)},
    "dataset_steps": lambda k: {"x": dataset(k), "steps": 2},
    "dataset_without_end": lambda k: {"x": dataset(k, None), "steps": 4},
    "arrays_in_steps": lambda k: {"x": X, "steps": 4},
    "arrays_fewer_steps": lambda k: {"x": X, "steps": 3, "batch_size": 16},
    "arrays_more_steps": lambda k: {"x": X, "steps": 9, "batch_size": 16},
}


def predict(keras: Keras, given: Given) -> Record:
    model, events = network(keras), events_in(keras)
    outputs, warned = _noting_warnings(
        lambda: model.predict(**given(keras), verbose=0, callbacks=[events])
    )
    return {"outputs": outputs, "warned": warned, "events": events.seen}


def _two_of_each(keras: Keras, shape: type) -> Any:
    """Inputs a and b, outputs p and q, in dicts, lists or tuples."""
    a, b = keras.Input((12,), name="a"), keras.Input((8,), name="b")
    hidden = keras.layers.Concatenate(name="both")([a, b])
    outputs = {"p": keras.layers.Dense(5, "softmax", name="p")(hidden)}
    outputs["q"] = keras.layers.Dense(1, name="q")(hidden)
    given = [{"a": a, "b": b}, outputs]
    inputs, outputs = given if shape is dict else [shape(part.values()) for part in given]
    model = keras.Model(inputs, outputs, name="net")
    rng = np.random.default_rng(7)
    model.set_weights(
        [rng.uniform(-0.5, 0.5, size=w.shape).astype("float32") for w in model.get_weights()]
    )
    names = dict if shape is dict else lambda *pairs: shape(value for _, value in pairs[0])
    losses = names([("p", "categorical_crossentropy"), ("q", "mse")])
    model.compile("rmsprop", losses if shape is dict else list(losses))
    return model


def _structured(shape: type, weighted: bool) -> Iterator[Any]:
    def pack(**parts: Any) -> Any:
        return parts if shape is dict else shape(parts.values())

    for step in range(3):
        rows = _rows(step)
        x = pack(a=X[rows, :12], b=X[rows, 12:])
        y = pack(p=Y[rows], q=X[rows, :1] * X[rows, 1:2])
        weights = pack(p=WEIGHTS[rows], q=WEIGHTS[::-1][rows])
        yield (x, y, weights) if weighted else (x, y)


def structured(keras: Keras, shape: type, weighted: bool) -> Record:
    """Batches of nested arrays."""
    model = _two_of_each(keras, shape)
    history = model.fit(
        _structured(shape, weighted), steps_per_epoch=3, shuffle=False, verbose=0
    ).history
    outputs = model.predict(_structured(shape, weighted), steps=3, verbose=0)
    return {
        "history": history,
        "shape": type(outputs).__name__,
        "outputs": dict(outputs) if shape is dict else arrays(outputs),
        "weights": arrays(model.get_weights()),
    }


_case = functools.partial(Case, "batches", backend="jax", scaled=5e-6)

CASES = [
    *(_case(f"fit_{n}", functools.partial(fit, given=given)) for n, given in FITS.items()),
    *(_case(f"evaluate_{n}", functools.partial(evaluate, given=g)) for n, g in EVALUATIONS.items()),
    *(_case(f"predict_{n}", functools.partial(predict, given=g)) for n, g in PREDICTIONS.items()),
    *(
        _case(
            f"nested_in_{shape.__name__}s{'_weighted' * weighted}",
            functools.partial(structured, shape=shape, weighted=weighted),
        )
        for shape in (dict, tuple, list)
        for weighted in (False, True)
    ),
]
