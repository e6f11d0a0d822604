"""What callbacks decide, told the same logs: driven without a training."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs, labels, network

LOSSES = [1.0, 0.9, 0.95, 0.91, 0.89, 0.8901, 0.9, 0.7, 0.7, 0.71, 0.72, 0.73]
CLOSE = [1.0, 1.0 - 1e-9, 1.0 - 2e-9, 0.5, 0.5 - 1e-9, 0.5]
HOLES = [1.0, None, 0.9, 2.0, None, 2.0, 0.8, 3.0]
BROKEN = [1.0, float("nan"), 0.9, float("nan"), float("inf"), 0.95]
RISING = [0.1, 0.2, 0.15, 0.3, 0.29, 0.28, 0.27, 0.31]
SEQUENCES = {
    "losses": LOSSES, "close": CLOSE, "holes": HOLES, "broken": BROKEN, "rising": RISING,
}  # fmt: skip


class FakeModel:
    """What callbacks ask of a model; its weights are the number of the epoch."""

    def __init__(self) -> None:
        self.stop_training = False
        self.optimizer = SimpleNamespace(learning_rate=0.5)
        self.optimizer.parts = [self.optimizer]  # lamina asks each for its rate
        self.metrics: list[Any] = []
        self.epoch = -1
        self.done: list[Any] = []

    def get_weights(self) -> list[int]:
        return [self.epoch]

    def set_weights(self, weights: list[int]) -> None:
        self.done.append(["set_weights", *weights])

    def save(self, path: str, overwrite: bool) -> None:
        self.done.append(["save", path, overwrite])

    def save_weights(self, path: str, overwrite: bool) -> None:
        self.done.append(["save_weights", path, overwrite])


def drive(callback: Any, logs: list[dict[str, Any]], batches: int = 0) -> Record:
    """The calls of a fit whose epochs end with these logs, and all that can be seen of them."""
    model, rates, kept = FakeModel(), [], []
    callback.set_params({"verbose": 0, "epochs": len(logs), "steps": batches})
    callback.set_model(model)
    text = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(text):
        warnings.simplefilter("always")
        callback.on_train_begin()
        for epoch, figures in enumerate(logs):
            model.epoch, given = epoch, dict(figures)
            callback.on_epoch_begin(epoch)
            for batch in range(batches):
                callback.on_train_batch_begin(batch)
                callback.on_train_batch_end(batch, given)
                if model.stop_training:
                    break
            callback.on_epoch_end(epoch, given)
            rates.append(float(model.optimizer.learning_rate))
            kept.append(sorted(given))
            if model.stop_training:
                break
        callback.on_train_end()
    return {
        "epochs": len(rates),
        "stopped": model.stop_training,
        "rates": rates,
        "logs": kept,
        "done": model.done,
        "text": text.getvalue(),
        "warnings": [w.category.__name__ for w in caught],
    }


def _logs(values: list[float | None], name: str = "val_loss") -> list[dict[str, Any]]:
    return [{"loss": 9.0, **({} if v is None else {name: v})} for v in values]


def _state(callback: Any, *names: str) -> Record:
    found = {name: getattr(callback, name) for name in names}
    return {k: v if v is None or np.isfinite(v) else repr(v) for k, v in found.items()}


EARLY: dict[str, dict[str, Any]] = {
    "default": {},
    "patience": {"patience": 3, "verbose": 1},
    "restore": {"patience": 2, "restore_best_weights": True, "verbose": 1},
    "restore_to_the_end": {"patience": 50, "restore_best_weights": True, "verbose": 1},
    "delta": {"patience": 2, "min_delta": 0.05},
    "negative_delta": {"patience": 2, "min_delta": -0.05},
    "max": {"patience": 1, "mode": "max", "min_delta": 0.02},
    "min": {"patience": 1, "mode": "min"},
    "baseline": {"patience": 2, "baseline": 0.9, "restore_best_weights": True, "verbose": 1},
    "baseline_never": {"patience": 3, "baseline": 0.01},
    "later": {"patience": 1, "start_from_epoch": 4, "restore_best_weights": True},
    "unknown_mode": {"mode": "up", "patience": 1},
}


def _early(k: Keras, values: list[Any], arguments: dict[str, Any]) -> Record:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        callback = k.callbacks.EarlyStopping(**arguments)
    first = drive(callback, _logs(values))
    state = _state(callback, "wait", "stopped_epoch", "best_epoch", "best")
    again = drive(callback, _logs(values))  # a second fit begins anew
    return {"run": first, "again": again == first, "state": state, "warned": len(caught)}


PLATEAU: dict[str, dict[str, Any]] = {
    "default": {},
    "patience": {"patience": 2, "verbose": 1},
    "cooldown": {"patience": 1, "cooldown": 2, "factor": 0.5},
    "min_lr": {"patience": 1, "factor": 0.1, "min_lr": 0.01, "verbose": 1},
    "delta": {"patience": 1, "min_delta": 0.05, "factor": 0.5},
    "max": {"patience": 2, "mode": "max", "factor": 0.25},
    "no_patience": {"patience": 0, "factor": 0.9},
}


def _plateau(k: Keras, values: list[Any], arguments: dict[str, Any]) -> Record:
    callback = k.callbacks.ReduceLROnPlateau(**arguments)
    run = drive(callback, _logs(values))
    return {"run": run, "state": _state(callback, "wait", "cooldown_counter", "best")}


def _schedule(k: Keras, schedule: Callable[..., Any], verbose: int = 0) -> Record:
    callback = k.callbacks.LearningRateScheduler(schedule, verbose=verbose)
    try:
        return {"run": drive(callback, _logs(LOSSES[:4])), "error": None}
    except Exception as error:
        return {"error": type(error).__name__}


SCHEDULES: dict[str, Callable[..., Any]] = {
    "both": lambda epoch, rate: rate * 0.5,
    "epoch_only": lambda epoch: 0.1 / (epoch + 1),
    "numpy": lambda epoch, rate: np.float32(rate * 0.5),
    "integer": lambda epoch, rate: 1,
    "none": lambda epoch, rate: None,
}


def _terminate(k: Keras, losses: list[float], raise_error: bool) -> Record:
    callback = k.callbacks.TerminateOnNaN(raise_error=raise_error)
    logs = [{"loss": v} for v in losses]
    try:
        return {"run": drive(callback, logs, batches=2), "error": None}
    except RuntimeError as error:
        return {"error": type(error).__name__}


ROWS: dict[str, list[dict[str, Any]]] = {
    "plain": [{"loss": 0.5, "acc": 0.25}, {"loss": 0.125, "acc": 1.0}],
    "validation": [{"val_loss": 1.5, "loss": 0.5}, {"val_loss": 2.0, "loss": 0.25}],
    "validation_later": [{"loss": 0.5}, {"loss": 0.25, "val_loss": 2.0}],
    "missing": [{"loss": 0.5, "acc": 0.25}, {"loss": 0.25}],
    "lists": [{"loss": [1.0, 2.0], "text": "a,b"}, {"loss": np.array([1.5]), "text": "c"}],
    "numbers": [{"loss": np.array(0.5), "acc": np.float64(0.25)}],
    "empty": [{}],
}


def _csv(k: Keras, rows: list[dict[str, Any]], separator: str, times: int, append: bool) -> Record:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.csv")
        for _ in range(times):
            callback = k.callbacks.CSVLogger(path, separator=separator, append=append)
            drive(callback, rows)
        with open(path, newline="") as file:
            return {"text": file.read()}


CHECKPOINTS: dict[str, tuple[str, dict[str, Any], int]] = {
    "epochs": ("m-{epoch:02d}-{val_loss:.2f}.keras", {"verbose": 1}, 0),
    "best": ("best.keras", {"save_best_only": True, "verbose": 1}, 0),
    "best_above": ("best.keras", {"save_best_only": True, "initial_value_threshold": 0.85}, 0),
    "best_max": ("b.keras", {"save_best_only": True, "mode": "max", "verbose": 1}, 0),
    "weights": ("sub/w.weights.h5", {"save_weights_only": True}, 0),
    "batches": ("m-{epoch}-{batch}.keras", {"save_freq": 5, "verbose": 1}, 3),
    "epochs_of_one_batch": ("m-{epoch}-{batch}.keras", {"save_freq": 3}, 1),
    "every_batch": ("m-{epoch}-{batch}.keras", {"save_freq": 1}, 2),
    "best_batches": ("m-{batch}.keras", {"save_freq": 2, "monitor": "loss", "save_best_only": True}, 3),
    "missing": ("m.keras", {"monitor": "val_acc", "mode": "max", "save_best_only": True}, 0),
}  # fmt: skip


def _checkpoint(k: Keras, path: str, arguments: dict[str, Any], batches: int) -> Record:
    with tempfile.TemporaryDirectory() as folder, _inside(folder):
        run = drive(k.callbacks.ModelCheckpoint(path, **arguments), _logs(LOSSES), batches)
        return {"run": run, "folders": sorted(os.listdir("."))}


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _direction(k: Keras, metric: Any, name: str) -> Record:
    """The best of 1, 2 and 0, for a callback that finds out the direction by itself."""
    model = k.Sequential([k.layers.Input((3,)), k.layers.Dense(1, "sigmoid")])
    model.compile(loss="binary_crossentropy", metrics=[metric(k)])
    x = inputs(4, 3)
    model.evaluate(x, np.array([[0.0], [1.0], [1.0], [0.0]], "float32"), verbose=0)
    callback = k.callbacks.EarlyStopping(monitor=f"val_{name}")
    callback.set_model(model)
    callback.on_train_begin()
    try:
        for epoch, value in enumerate((1.0, 2.0, 0.0)):
            callback.on_epoch_end(epoch, {f"val_{name}": value})
    except ValueError as error:
        return {"error": type(error).__name__}
    return {"best": callback.best}


def _own(k: Keras) -> Any:
    def own(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(y_pred, axis=-1)

    return own


DIRECTIONS: dict[str, tuple[Callable[[Keras], Any], str]] = {
    "loss": (lambda k: "accuracy", "loss"),
    "accuracy": (lambda k: "accuracy", "accuracy"),
    "acc": (lambda k: "acc", "acc"),
    "mse": (lambda k: "mse", "mse"),
    "absent": (lambda k: "mse", "accuracy"),
    "renamed": (lambda k: k.metrics.MeanAbsoluteError(name="mine"), "mine"),
    "own_function": (_own, "own"),
    "loss_function": (
        lambda k: k.metrics.MeanMetricWrapper(k.losses.mean_squared_error, name="wrapped"),
        "wrapped",
    ),
}


def _swap(k: Keras, on_epoch: bool) -> Record:
    """The losses of evaluations, and the weights at the end, of a training with averages."""
    model = network(k)
    optimizer = k.optimizers.RMSprop(0.01, use_ema=True, ema_momentum=0.5)
    model.compile(optimizer, loss="sparse_categorical_crossentropy")
    x = inputs(32)
    y = labels(x)
    history = model.fit(
        x,
        y,
        batch_size=8,
        epochs=3,
        shuffle=False,
        verbose=0,
        validation_data=(x, y),
        callbacks=[k.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)],
    )
    return {"losses": history.history["val_loss"], "last": arrays(model.get_weights())[-1].tolist()}


def _case(name: str, run: Callable[..., Record], *arguments: Any) -> Case:
    def bound(k: Keras) -> Record:
        return run(k, *arguments)

    # The backend that trains compares in float32, Keras's NumPy backend in float64.
    return Case("callbacks", name, bound, backend="jax", rtol=1e-6)


CASES = [
    *(
        _case(f"early_{sequence}_{name}", _early, values, arguments)
        for sequence, values in SEQUENCES.items()
        for name, arguments in EARLY.items()
    ),
    *(
        _case(f"plateau_{sequence}_{name}", _plateau, values, arguments)
        for sequence, values in SEQUENCES.items()
        for name, arguments in PLATEAU.items()
    ),
    *(_case(f"schedule_{name}", _schedule, schedule) for name, schedule in SCHEDULES.items()),
    _case("schedule_verbose", _schedule, SCHEDULES["both"], 1),
    *(
        _case(f"terminate_{name}_{raises}", _terminate, losses, raises)
        for name, losses in (("nan", BROKEN), ("inf", [1.0, float("-inf")]), ("never", LOSSES))
        for raises in (False, True)
    ),
    *(_case(f"csv_{name}", _csv, rows, ",", 1, False) for name, rows in ROWS.items()),
    *(
        _case(f"csv_{times}_{append}", _csv, ROWS["plain"], ";", times, append)
        for times in (1, 2)
        for append in (False, True)
    ),
    *(_case(f"checkpoint_{name}", _checkpoint, *rest) for name, rest in CHECKPOINTS.items()),
    *(
        Case("callbacks", f"swap_{on}", lambda k, on=on: _swap(k, on), backend="jax", rtol=2e-5)
        for on in (False, True)
    ),
    *(_case(f"direction_{name}", _direction, *rest) for name, rest in DIRECTIONS.items()),
]
