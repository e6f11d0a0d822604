"""Trainings that are interrupted and go on, and all that must come out the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import lamina
from lamina import callbacks, layers, optimizers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(22, 5)).astype("float32")
Y = RNG.integers(0, 3, size=22)
HELD_OUT = (X[:6], Y[:6])


def sequential(optimizer: Any = None) -> Any:
    """Dropout, moving averages, metrics with several totals."""
    model = lamina.Sequential(
        [
            lamina.Input((5,)),
            layers.Dense(7, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        optimizer or optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def accumulating() -> Any:
    return sequential(optimizers.RMSprop(0.01, gradient_accumulation_steps=3))


def scheduled() -> Any:
    return sequential(
        optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 10), momentum=0.9, clipnorm=1.0)
    )


def functional() -> Any:
    x = lamina.Input((5,))
    a, b = layers.Dense(6, activation="tanh")(x), layers.GaussianNoise(0.1)(x)
    h = layers.Dropout(0.5)(layers.concatenate([a, b]))
    model = lamina.Model(x, [layers.Dense(3, name="c")(h), layers.Dense(1, name="r")(h)])
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", [loss, "mse"], metrics=[["accuracy"], ["mae"]])
    return model


class Batches(lamina.utils.PyDataset):
    """Batches by index."""

    def __init__(self, targets: Any = Y, **settings: Any) -> None:
        super().__init__(**settings)
        self.targets = targets

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Any:
        rows = slice(4 * index, 4 * index + 4)
        return X[rows], self.targets[rows]


class Loss(lamina.callbacks.Callback):
    """A user's callback that sums up what it sees of the steps."""

    state_names = ("seen", "total")

    def on_train_begin(self, logs: Any = None) -> None:
        self.seen, self.total = [], np.zeros(2)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.total[0] += logs["loss"]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(float(self.total[0]))


def arrays(**arguments: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"x": X, "y": Y, "batch_size": 4, **arguments}


def dataset(arguments: Any = None, **settings: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"x": Batches(**settings), **(arguments or {})}


class Run:
    """A training by name: how its model is made, its data, and its callbacks."""

    def __init__(
        self,
        model: Callable[[], Any] = sequential,
        data: Callable[[], dict[str, Any]] = arrays(),  # noqa: B008
        callbacks: Callable[[Path], list[Any]] = lambda folder: [],
        epochs: int = 3,
    ) -> None:
        self.model, self.data, self.callbacks, self.epochs = model, data, callbacks, epochs

    def fit(self, model: Any, folder: Path, *more: Any, **arguments: Any) -> Any:
        """Callbacks that look on stand first, `more` in the midst, and the user's last."""
        listed = [*self.callbacks(folder), *more, Loss()]
        arguments = {"epochs": self.epochs, "verbose": 0, **self.data(), **arguments}
        model.fit(callbacks=listed, **arguments)
        return listed

    def made(self) -> Any:
        lamina.utils.set_random_seed(7)
        return self.model()


def with_state(folder: Path) -> list[Any]:
    """All callbacks that know something of the epochs before."""
    return [
        callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=0.5),
        callbacks.EarlyStopping("val_loss", patience=1, min_delta=0.01, restore_best_weights=True),
        callbacks.CSVLogger(folder / "log.csv"),
        callbacks.ModelCheckpoint(folder / "best.safetensors", "loss", save_best_only=True),
        callbacks.TerminateOnNaN(),
    ]


def with_averages(folder: Path) -> list[Any]:
    return [callbacks.SwapEMAWeights(), callbacks.CSVLogger(folder / "log.csv", append=True)]


def with_averages_between(folder: Path) -> list[Any]:
    return [callbacks.SwapEMAWeights(swap_on_epoch=True)]


RUNS = {
    "arrays": Run(),
    "accumulated": Run(accumulating),
    "scheduled": Run(scheduled),
    "functional": Run(functional, arrays(y=[Y, Y.astype("float32")])),
    "in order": Run(data=arrays(shuffle=False)),
    "within batches": Run(data=arrays(shuffle="batch")),
    "validated": Run(data=arrays(validation_data=HELD_OUT, validation_batch_size=2)),
    "split": Run(data=arrays(validation_split=0.3, class_weight={0: 1.0, 1: 2.0, 2: 0.5})),
    "steps": Run(data=arrays(steps_per_epoch=2), epochs=5),
    "validation steps": Run(
        data=arrays(validation_data=HELD_OUT, validation_batch_size=1, validation_steps=3)
    ),
    "dataset": Run(data=dataset()),
    "dataset in order": Run(data=dataset({"shuffle": False})),
    "dataset in steps": Run(data=dataset({"steps_per_epoch": 2}), epochs=5),
    "dataset by workers": Run(data=dataset(workers=2)),
    "callbacks": Run(data=arrays(validation_data=HELD_OUT), callbacks=with_state, epochs=8),
    "averages": Run(data=arrays(validation_data=HELD_OUT), callbacks=with_averages),
    "averages between": Run(data=arrays(validation_data=HELD_OUT), callbacks=with_averages_between),
}


def outcome(model: Any, listed: list[Any], folder: Path) -> dict[str, Any]:
    """Everything that a run leaves, to be compared bit for bit."""
    found: dict[str, Any] = {
        "variables": [v.numpy() for v in [*model.variables, *model.optimizer.variables]],
        "history": model.history.get_state(),
        "epochs_trained": model.epochs_trained,
        "seed": model.shuffle_seed,
        "callbacks": [
            callback.get_state()
            for callback in listed
            if not isinstance(callback, callbacks.BackupAndRestore)
        ],
    }
    if model.history.samples is not None:
        found["figures"] = model.figures.get_state()
    for path in sorted(folder.glob("*.csv")):
        found[path.name] = path.read_text()
    return found


def assert_same(a: Any, b: Any) -> None:
    if isinstance(a, dict):
        assert list(a) == list(b)
        for name in a:
            assert_same(a[name], b[name])
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for one, other in zip(a, b):
            assert_same(one, other)
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b)
        assert a.tobytes() == b.tobytes()
    else:
        assert a == b or (a != a and b != b)
