"""Trainings in which one step has a loss that is not finite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import lamina
from lamina import Input, Sequential, callbacks, layers, optimizers

SIZE, STEPS, BAD = 10, 8, 5  # the batch of step 5 is bad
rng = np.random.default_rng(0)
X = rng.normal(size=(SIZE * STEPS, 6)).astype(np.float32)
Y = X[:, :2] @ np.array([[1.0, 0.5], [-2.0, 0.3]], np.float32)
HUGE = X.copy()
HUGE[SIZE * BAD + 3, 2] = 1e30  # finite, but its squared error is not
WHERE = f"at step {BAD} of epoch 0: the model has the weights from before this step"


def network(optimizer: Any = None, **compiled: Any) -> Sequential:
    lamina.utils.set_random_seed(3)
    model = Sequential([Input((6,)), layers.Dense(7, "relu"), layers.Dropout(0.3), layers.Dense(2)])
    model.compile(optimizer or optimizers.Adam(0.01), "mse", metrics=["mae"], **compiled)
    return model


def batch(x: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    rows = slice(SIZE * step, SIZE * (step + 1))
    return x[rows], Y[rows]


def batches(x: np.ndarray) -> Iterator[Any]:
    """All in the same memory: a batch is overwritten when the next one is asked for."""
    memory = np.empty((SIZE, 6), np.float32)
    for step in range(STEPS):
        memory[:] = batch(x, step)[0]
        yield memory, batch(x, step)[1]


class Rows(lamina.utils.PyDataset):
    def __init__(self, x: np.ndarray, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.x = x

    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, step: int) -> Any:
        return batch(self.x, step)


class EachBatch(callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.ended: list[int] = []

    def on_train_batch_end(self, step: int, logs: Any = None) -> None:
        assert np.isfinite(list(logs.values())).all()
        self.ended.append(step)


FEEDS: dict[str, Callable[[np.ndarray], tuple[Any, ...]]] = {
    "arrays": lambda x: (x, Y),
    "generator": lambda x: (batches(x),),
    "dataset": lambda x: (Rows(x),),
    "workers": lambda x: (Rows(x, workers=2),),
}


def fit(model: Any, *data: Any, **settings: Any) -> Any:
    return model.fit(
        *data, **{"batch_size": SIZE, "shuffle": False, "verbose": 0, "epochs": 1, **settings}
    )


def by_hand(steps: int = BAD, x: np.ndarray = X, **compiled: Any) -> Sequential:
    """What is trained step by step, without a guard."""
    model = network(**compiled)
    for step in range(steps):
        model.train_on_batch(*batch(x, step))
    return model
