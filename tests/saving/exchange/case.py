"""What a case of the exchange is: a model made alike by `keras` and `lamina`, and its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Keras = Any  # a module with the Keras API: keras itself, or lamina


@dataclass(frozen=True)
class FileCase:
    """`make(keras)` gives a model that is built, x, and y (None where it is not compiled).

    random: whether a training step draws random numbers, which differ between the libraries.
    refits: whether Keras on JAX can go on training it.
    since: the first release of Keras that has it.
    on_torch: whether Keras can compute it on PyTorch.
    tensorflow: whether Keras needs its TensorFlow backend for it.
    """

    make: Callable[[Keras], tuple[Any, Any, Any]]
    random: bool = False
    refits: bool = True
    since: tuple[int, ...] = (3, 0)
    on_torch: bool = True
    tensorflow: bool = False


def normal(*shape: int, seed: int = 1) -> np.ndarray:
    """float32, standard normal."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


X, Y = normal(24, 4), normal(24, 2, seed=2)


def compiled(model: Any, x: Any = X, y: Any = Y, **how: Any) -> tuple[Any, Any, Any]:
    """The model with its data; adam and mse unless `how` says otherwise."""
    model.compile(**{"optimizer": "adam", "loss": "mse", **how})
    return model, x, y


def dense(k: Keras, last: str | None = None, units: int = 2) -> Any:
    """4-3-2."""
    return k.Sequential(
        [
            k.layers.Input((4,)),
            k.layers.Dense(3, "tanh", name="hidden"),
            k.layers.Dense(units, last, name="last"),
        ],
        name="net",
    )
