"""The callbacks in real trainings, on both backends."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as keras
from lamina import callbacks
from lamina.callbacks import CallbackList

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5]], "float32")).astype("float32")


def fit(*others: Any, optimizer: Any = None, epochs: int = 5, **arguments: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer or keras.optimizers.RMSprop(0.1), "mse")
    arguments = {"validation_data": (X, Y), **arguments}
    model.fit(X, Y, batch_size=8, epochs=epochs, callbacks=list(others), verbose=0, **arguments)
    return model


def test_early_stopping_restores_the_best_weights(backend: str) -> None:
    seen: list[Any] = []
    keep = callbacks.LambdaCallback(on_epoch_end=lambda *_: seen.append(stop.model.get_weights()))
    stop = callbacks.EarlyStopping("loss", patience=1, mode="max", restore_best_weights=True)
    model = fit(keep, stop, epochs=9)
    assert len(model.history.epoch) == 2
    assert stop.best == model.history.history["loss"][0]
    for got, want in zip(model.get_weights(), seen[0]):
        np.testing.assert_array_equal(got, want)


def test_early_stopping_finds_the_direction_of_a_metric() -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    stop = callbacks.EarlyStopping("val_accuracy")
    model.fit(X, Y > 0, validation_split=0.25, epochs=2, callbacks=[stop], verbose=0)
    assert stop.monitor_op is np.greater


def test_the_learning_rate_that_is_set_is_used_and_logged(backend: str) -> None:
    schedule = callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch < 2 else 0.0)
    model = fit(schedule, callbacks.ReduceLROnPlateau(patience=99), epochs=4)
    history = model.history.history
    assert history["learning_rate"] == pytest.approx([0.1, 0.1, 0.0, 0.0])
    assert history["val_loss"][1] != history["val_loss"][0]
    assert history["val_loss"][1] == history["val_loss"][2] == history["val_loss"][3]


def test_training_ends_at_the_batch_whose_loss_is_not_finite(
    backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = fit(callbacks.TerminateOnNaN(), optimizer=keras.optimizers.RMSprop(1e30), epochs=9)
    assert len(model.history.epoch) == 1
    assert not math.isfinite(model.history.history["loss"][0])
    assert "Batch 1: Invalid loss, terminating training" in capsys.readouterr().out
    assert int(model.optimizer.iterations) == 2


def test_rows_are_in_the_file_while_training_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    sizes: list[int] = []
    look = callbacks.LambdaCallback(on_epoch_end=lambda *_: sizes.append(path.stat().st_size))
    model = fit(callbacks.CSVLogger(path), look, epochs=3)
    assert sizes == sorted(set(sizes))
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val_loss"]) for row in rows] == model.history.history["val_loss"]
    fit(callbacks.CSVLogger(path, append=True), epochs=2)
    with path.open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1", "2", "0", "1"]


def averaging(**arguments: Any) -> Any:
    return keras.optimizers.RMSprop(0.1, use_ema=True, ema_momentum=0.75, **arguments)


def test_evaluations_see_the_averages_and_training_the_weights(backend: str) -> None:
    plain = fit(optimizer=averaging(), epochs=3, validation_data=None)
    swap = callbacks.SwapEMAWeights()
    seen: list[Any] = []
    look = callbacks.LambdaCallback(
        on_epoch_end=lambda *_: seen.append([a.numpy() for a in swap.model.optimizer._averages]),
        on_test_end=lambda *_: seen.append(swap.model.get_weights()),
    )
    model = fit(look, swap, optimizer=averaging(), epochs=3)
    for got, want in zip(seen[0], seen[1]):  # in the first validation; after it
        np.testing.assert_array_equal(got, want)
    for got, want in zip(model.get_weights(), plain.get_weights()):
        np.testing.assert_array_equal(got, want)
    before = model.get_weights()
    model.predict(X, callbacks=[swap], verbose=0)
    model.evaluate(X, Y, callbacks=[swap], verbose=0)
    for got, want in zip(model.get_weights(), before):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("stop", [False, True])
def test_averages_stay_between_epochs_and_are_the_result(stop: bool) -> None:
    plain = fit(optimizer=averaging(), epochs=2, validation_data=None)
    others = [callbacks.EarlyStopping("loss", mode="max", patience=1)] if stop else []
    swap = callbacks.SwapEMAWeights(swap_on_epoch=True)
    model = fit(*others, swap, optimizer=averaging(), epochs=9 if stop else 2)
    for got, want in zip(model.get_weights(), plain.get_weights()):
        np.testing.assert_array_equal(got, want)


def test_an_optimizer_without_averages_is_refused() -> None:
    with pytest.raises(ValueError, match="use_ema=False"):
        fit(callbacks.SwapEMAWeights())


def test_a_model_that_cannot_be_saved_is_refused_at_once() -> None:
    class Bare:
        pass

    for path, weights in (("m.keras", False), ("m.weights.h5", True)):
        callback = callbacks.ModelCheckpoint(path, save_weights_only=weights)
        with pytest.raises(NotImplementedError, match=r"model\.save.*Bare"):
            callback.set_model(Bare())


@pytest.mark.parametrize(
    ("callback", "wanted"),
    [
        (lambda: callbacks.EarlyStopping(), False),
        (lambda: callbacks.ReduceLROnPlateau(), False),
        (lambda: callbacks.LearningRateScheduler(float), False),
        (lambda: callbacks.CSVLogger("a"), False),
        (lambda: callbacks.RemoteMonitor(), False),
        (lambda: callbacks.SwapEMAWeights(), False),
        (lambda: callbacks.ModelCheckpoint("a.keras"), False),
        (lambda: callbacks.ModelCheckpoint("a.keras", save_freq=3), False),
        (lambda: callbacks.BackupAndRestore("a", save_freq=3), False),
        (lambda: Watching("a.keras"), True),
        (lambda: callbacks.TerminateOnNaN(), True),
    ],
)
def test_the_loop_comes_back_after_each_batch_only_where_needed(
    callback: Any, wanted: bool
) -> None:
    assert CallbackList([callback()]).train_batch_hooks is wanted


class Watching(callbacks.ModelCheckpoint):
    """A user's own hook is called, whatever save_freq is."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_end(batch, logs)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: callbacks.ReduceLROnPlateau(factor=1.0), r"factor=1\.0"),
        (lambda: callbacks.ModelCheckpoint("a.txt"), r"\.keras.*a\.txt"),
        (lambda: callbacks.ModelCheckpoint("a.keras", save_weights_only=True), r"weights\.h5"),
        (lambda: callbacks.ModelCheckpoint("a.keras", save_freq="day"), "save_freq='day'"),
        (lambda: callbacks.ModelCheckpoint("a.keras", save_freq=2.5), r"save_freq=2\.5"),
        (lambda: callbacks.RemoteMonitor("file:///etc"), "root='file"),
    ],
)
def test_bad_arguments(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_a_path_with_unknown_names_is_refused() -> None:
    class Model:
        def save(self, path: str, overwrite: bool) -> None:
            raise AssertionError("nothing is to be saved")

    callback = callbacks.ModelCheckpoint("{nothing}.keras", monitor="loss")
    callback.set_model(Model())
    with pytest.raises(KeyError, match="nothing"):
        callback.on_epoch_end(0, {"loss": 1.0})


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    class Model:
        def save(self, path: str, overwrite: bool) -> None:
            raise AssertionError("nothing is to be saved")

    callback = callbacks.ModelCheckpoint(tmp_path / "a.keras", monitor="loss")
    (tmp_path / "a.keras").mkdir()
    callback.set_model(Model())
    with pytest.raises(OSError, match="folder"):
        callback.on_epoch_end(0, {"loss": 1.0})
