"""What a golden case is, and the small networks and data that several cases share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Keras = Any  # a module with the Keras API: keras itself, or lamina
Record = dict[str, Any]  # arrays, numbers, strings, None, and lists and dicts of them


@dataclass(frozen=True)
class Case:
    """`run(keras)` computes a record; `backend` is the one of real Keras that told the truth.

    Numbers agree when they differ by at most `allowed`; everything else must be equal.
    """

    family: str
    name: str
    run: Callable[[Keras], Record]
    backend: str = "numpy"
    atol: float = 0.0
    rtol: float = 0.0
    scaled: float = 0.0

    def allowed(self, want: Any) -> Any:
        """atol, a share of each value, and a share of the array's largest."""
        size = np.where(np.isfinite(want), np.abs(want), 0)
        return self.atol + self.rtol * size + self.scaled * np.max(size, initial=0)

    @property
    def id(self) -> str:
        return f"{self.family}/{self.name}"


def arrays(values: Iterable[Any]) -> list[np.ndarray]:
    """Variables or tensors of any backend as NumPy arrays."""
    return [np.asarray(value) for value in values]


def inputs(n: int, width: int = 20, seed: int = 0) -> np.ndarray:
    """(n, width) float32, standard normal."""
    return np.random.default_rng(seed).normal(size=(n, width)).astype("float32")


def labels(x: np.ndarray, classes: int = 5, seed: int = 1) -> np.ndarray:
    """(n,) int64 classes that depend on x by a random linear rule, so that there is a slope."""
    rule = np.random.default_rng(seed).normal(size=(x.shape[1], classes))
    return np.argmax(x @ rule, axis=1)


def one_hot(classes: np.ndarray, count: int = 5) -> np.ndarray:
    """(n,) integers to (n, count) float32."""
    return np.eye(count, dtype="float32")[classes]


def network(
    keras: Keras, units: int = 5, last: str | None = "softmax", hidden: str = "relu"
) -> Any:
    """20-16-8-units with weights drawn here, so that no library's initializer takes part."""
    model = keras.Sequential(
        [
            keras.layers.Input((20,)),
            keras.layers.Dense(16, activation=hidden, name="first"),
            keras.layers.Dense(8, activation=hidden, name="second"),
            keras.layers.Dense(units, activation=last, name="third"),
        ],
        name="net",
    )
    rng = np.random.default_rng(7)
    model.set_weights(
        [rng.uniform(-0.5, 0.5, size=w.shape).astype("float32") for w in model.get_weights()]
    )
    return model


def weights_of(model: Any) -> Record:
    """The weights and the optimizer's variables, in the library's order."""
    return {"weights": arrays(model.get_weights()), "optimizer": arrays(model.optimizer.variables)}
