"""What a misuse is, and short ways to write many of them down."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Keras = Any
Call = Callable[..., Any]  # (keras, **options)
Errors = tuple[type[Exception], ...]

# What Keras refuses by accident of its implementation may be either here.
EITHER: Errors = (ValueError, TypeError)

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
LABELS = np.random.default_rng(1).integers(0, 3, 12)
Y = np.eye(3, dtype="float32")[LABELS]


@dataclass(frozen=True)
class Misuse:
    """`call(keras)` has to raise one of `errors`, with a message in which all `words` are found."""

    id: str
    call: Callable[[Keras], Any]
    words: tuple[str, ...]  # regular expressions: the argument, and what came
    errors: Errors = (ValueError,)


def each(
    call: Call,
    argument: str,
    *values: Any,
    word: str | None = None,
    errors: Errors = (ValueError,),
    **others: Any,
) -> list[Misuse]:
    """One misuse for each bad value of an argument: its name and the value are in the message."""
    name = call.keywords["path"] if isinstance(call, functools.partial) else call.__name__
    return [
        Misuse(
            f"{name} {argument}={value!r}",
            functools.partial(call, **{argument: value}, **others),
            (word or argument, re.escape(str(value))),
            errors,
        )
        for value in values
    ]


def unknown(call: Call, argument: str, errors: Errors = EITHER, **others: Any) -> Misuse:
    """An argument that does not exist: its name is in the message."""
    (misuse,) = each(call, argument, 3, errors=errors, **others)
    return replace(misuse, words=(argument,))


def _make(keras: Keras, path: str, **options: Any) -> Any:
    found = functools.reduce(getattr, path.split("."), keras)
    return found(**options)


def make(path: str, **options: Any) -> Call:
    """The call of what the path names: `make("layers.Dense", units=2)`."""
    return functools.partial(_make, path=path, **options)


def net(
    keras: Keras, loss: Any = "categorical_crossentropy", units: int = 3, **options: Any
) -> Any:
    """A compiled model of 4 inputs and 3 outputs."""
    last = keras.layers.Dense(units, activation="softmax", name="last")
    model = keras.Sequential([keras.layers.Input((4,)), last])
    model.compile("rmsprop", loss, **options)
    return model


def fit(
    keras: Keras, x: Any = X, y: Any = Y, loss: Any = "categorical_crossentropy", **o: Any
) -> Any:
    return net(keras, loss).fit(x, y, **{"verbose": 0, **o})


def evaluate(keras: Keras, x: Any = X, y: Any = Y, **options: Any) -> Any:
    return net(keras).evaluate(x, y, **{"verbose": 0, **options})


def predict(keras: Keras, x: Any = X, **options: Any) -> Any:
    return net(keras).predict(x, **{"verbose": 0, **options})


def train_on_batch(keras: Keras, x: Any = X, y: Any = Y, **options: Any) -> Any:
    return net(keras).train_on_batch(x, y, **options)


def compile(keras: Keras, **options: Any) -> Any:
    """compile, and one step: some of it is resolved by the first data."""
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    model.compile(**{"loss": "mse", **options})
    return model.train_on_batch(X, Y)
