"""What is printed: the table of summary, and the lines of verbose=2 with their times masked."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from typing import Any

from .case import Case, Keras, Record, inputs, labels, network, one_hot


@contextlib.contextmanager
def _terminal(columns: int) -> Iterator[None]:
    """A terminal of that width, as far as the environment says."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(columns)
    try:
        yield
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before


def lines_of_summary(model: Any, columns: int = 100, **options: Any) -> list[str]:
    """The lines that summary gives to print_fn, without blanks at their ends."""
    parts: list[str] = []
    with _terminal(columns):
        model.summary(print_fn=lambda text, *_, **__: parts.append(str(text)), **options)
    return [line.rstrip() for line in "\n".join(parts).rstrip("\n").split("\n")]


def _mnist(keras: Keras, with_input: bool = True) -> Any:
    layers = keras.layers
    body = [
        layers.Dense(256, activation="relu", name="dense"),
        layers.Dropout(0.4, name="dropout"),
        layers.Dense(128, activation="relu", name="dense_1"),
        layers.Dropout(0.3, name="dropout_1"),
        layers.Dense(10, activation="softmax", name="dense_2"),
    ]
    return keras.Sequential([layers.Input((784,))] * with_input + body, name="sequential")


def summary(keras: Keras) -> Record:
    model = _mnist(keras)
    record: Record = {f"columns_{n}": lines_of_summary(model, n) for n in (60, 80, 100, 200)}
    record["line_length"] = lines_of_summary(model, line_length=70)
    record["positions"] = lines_of_summary(model, line_length=100, positions=[0.3, 0.6, 1.0])
    record["show_trainable"] = lines_of_summary(model, show_trainable=True)
    record["layer_range"] = lines_of_summary(model, layer_range=["dropout", "dense_1"])
    model.layers[0].trainable = False
    record["frozen"] = lines_of_summary(model, show_trainable=True)
    model.compile("rmsprop", "mse")
    record["compiled"] = lines_of_summary(model)
    return record


def summary_unbuilt(keras: Keras) -> Record:
    model = _mnist(keras, with_input=False)
    record: Record = {
        "unbuilt": lines_of_summary(model),
        "empty": lines_of_summary(keras.Sequential(name="nothing")),
        "input_only": lines_of_summary(
            keras.Sequential([keras.layers.Input((3,))], name="input_only")
        ),
    }
    model.build((None, 784))
    record["built"] = lines_of_summary(model)
    return record


def summary_names(keras: Keras) -> Record:
    """Names longer than their column, a name with brackets, and deep shapes."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Rescaling(1 / 255, name="a_name_much_longer_than_the_first_column_of_the_table"),
            layers.Flatten(name="[red]flat"),
            layers.Dense(3, name="a name of several words that has to be broken in two lines"),
        ],
        name="[bold]brackets",
    )
    return {"columns_100": lines_of_summary(model), "columns_60": lines_of_summary(model, 60)}


def summary_sizes(keras: Keras) -> Record:
    """The memory's unit: bytes, kilobytes, megabytes."""
    record: Record = {}
    for units in (1, 64, 1000, 300_000):
        model = keras.Sequential(
            [keras.layers.Input((3,)), keras.layers.Dense(units, name="d")], name="m"
        )
        record[str(units)] = lines_of_summary(model)
    return record


def summary_fitted(keras: Keras) -> Record:
    """The optimizer's variables are counted once they are built."""
    x = inputs(32)
    model = network(keras)
    model.compile(keras.optimizers.RMSprop(momentum=0.9), "categorical_crossentropy")
    model.fit(x, one_hot(labels(x)), verbose=0)
    return {"fitted": lines_of_summary(model)}


_TIMES = re.compile(r"\d+(?=s )|\d+(?:us|ms|s)(?=/step)")


def verbose_lines(keras: Keras) -> Record:
    """verbose=2 of fit, evaluate and predict: large and tiny numbers, one epoch and several."""
    x = inputs(70)
    y = one_hot(labels(x))
    model = network(keras)
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    runs = {
        "one_epoch": lambda: model.fit(x, y, shuffle=False, verbose=2),
        "epochs": lambda: model.fit(
            x, y, epochs=2, validation_split=0.3, shuffle=False, verbose=2, batch_size=4
        ),
        "evaluate": lambda: model.evaluate(x, y, verbose=2),
        "evaluate_tiny": lambda: model.evaluate(x, y, sample_weight=1e-4 * x[:, 0] ** 2, verbose=2),
        "predict": lambda: model.predict(x, verbose=2),
        "silent": lambda: model.fit(x, y, epochs=2, shuffle=False, verbose=0),
    }
    record: Record = {}
    for name, run in runs.items():
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            run()
        record[name] = _TIMES.sub("_", out.getvalue()).splitlines()
    return record


CASES = [
    Case("text", "summary", summary),
    Case("text", "summary_unbuilt", summary_unbuilt),
    Case("text", "summary_names", summary_names),
    Case("text", "summary_sizes", summary_sizes),
    Case("text", "summary_fitted", summary_fitted, backend="jax"),
    Case("text", "verbose_lines", verbose_lines, backend="jax"),
]
