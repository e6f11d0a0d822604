"""What callbacks see while a model works, and how they step in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import callbacks, optimizers
from models.training import blobs, network, same, state

pytestmark = pytest.mark.usefixtures("backend")
X, Y = blobs(100)


class Batches(callbacks.Callback):
    """The calls of each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[int] = []
        self.logs: list[dict[str, float]] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.begun.append(batch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        assert batch == self.begun[-1]
        self.logs.append(dict(logs))


def test_the_order_of_calls() -> None:
    model, diary = network(), callbacks.LambdaCallback()
    calls: list[str] = []
    for name in (
        "on_train_begin", "on_epoch_begin", "on_test_begin", "on_test_end", "on_epoch_end",
        "on_train_end",
    ):  # fmt: skip
        setattr(diary, name, lambda *a, name=name, **k: calls.append(name))
    model.fit(X, Y, epochs=2, validation_split=0.2, callbacks=[diary], verbose=0)
    epoch = ["on_epoch_begin", "on_test_begin", "on_test_end", "on_epoch_end"]
    assert calls == ["on_train_begin", *epoch * 2, "on_train_end"]


def test_every_batch_is_seen() -> None:
    batches = Batches()
    network().fit(X, Y, epochs=2, batch_size=32, callbacks=[batches], verbose=0)
    assert batches.begun == [0, 1, 2, 3] * 2


def test_logs_are_running_means() -> None:
    """After each batch the mean over the epoch so far; at the end that of the history."""
    model, batches = network(rate=0.0), Batches()
    history = model.fit(X, Y, batch_size=32, shuffle=False, callbacks=[batches], verbose=0)
    other = network(rate=0.0)
    totals = np.zeros(2)
    for i, logs in enumerate(batches.logs):
        x, y = X[32 * i : 32 * (i + 1)], Y[32 * i : 32 * (i + 1)]
        totals += np.array(other.train_on_batch(x, y)) * len(x)
        loss, accuracy = totals / min(32 * (i + 1), 100)
        assert logs == {
            "accuracy": pytest.approx(accuracy, rel=1e-5), "loss": pytest.approx(loss, rel=1e-5)
        }  # fmt: skip
    assert batches.logs[-1] == {name: values[0] for name, values in history.history.items()}


def test_looking_on_changes_nothing() -> None:
    results = []
    for watched in ([], [Batches()], [callbacks.LambdaCallback(on_epoch_end=lambda e, logs: None)]):
        model = network()
        history = model.fit(X, Y, epochs=2, callbacks=watched, validation_split=0.1, verbose=0)
        results.append((state(model), history.history))
    for found, history in results[1:]:
        assert same(found, results[0][0])
        assert history == results[0][1]


def test_stopping_after_an_epoch() -> None:
    model = network()

    def stop(epoch: int, logs: Any) -> None:
        model.stop_training = epoch == 1

    callback = callbacks.LambdaCallback(on_epoch_end=stop)
    history = model.fit(X, Y, epochs=5, callbacks=[callback], verbose=0)
    assert history.epoch == [0, 1]
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1], "a new fit begins anew"


def test_stopping_after_a_batch() -> None:
    model = network()

    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    history = model.fit(X, Y, epochs=5, batch_size=32, callbacks=[Stop()], verbose=0)
    assert history.epoch == [0]
    assert int(model.optimizer.iterations) == 2


def test_changing_the_learning_rate() -> None:
    """What a callback sets counts from the next step on."""
    model = network()

    def rest(epoch: int, logs: Any = None) -> None:
        model.optimizer.learning_rate = 0.0 if epoch else 0.001

    callback = callbacks.LambdaCallback(on_epoch_begin=rest)
    snapshots: list[list[np.ndarray]] = []
    keep = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: snapshots.append(model.get_weights())
    )
    model.fit(X, Y, epochs=2, callbacks=[callback, keep], verbose=0)
    assert same(snapshots[0], snapshots[1])
    assert not same(snapshots[0], network().get_weights())


def test_a_callable_learning_rate_is_asked_before_each_step() -> None:
    """Not when the clock has it so: the fourth step is the last one that changes anything."""
    asked: list[float] = []

    def rate() -> float:
        asked.append(0.01 if len(asked) <= 4 else 0.0)
        return asked[-1]

    model = network(optimizer=optimizers.RMSprop(rate))
    epochs: list[list[np.ndarray]] = [model.get_weights()]
    keep = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epochs.append(model.get_weights())
    )
    model.fit(X, Y, epochs=3, batch_size=32, callbacks=[keep], verbose=0)
    assert len(asked) == 1 + 3 * 4
    assert not same(epochs[0], epochs[1])
    assert same(epochs[1], epochs[2])
    assert same(epochs[2], epochs[3])


def test_setting_weights_from_a_callback() -> None:
    """The program reads them at its next step."""
    model = network()
    zeros = [w * 0 for w in model.get_weights()]

    class Reset(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.set_weights(zeros)

    history = model.fit(X, Y, epochs=2, callbacks=[Reset()], verbose=0).history
    assert history["loss"][1] == pytest.approx(np.log(4), rel=1e-6)


def test_predict_and_evaluate_call_too() -> None:
    class Watch(callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.tested: list[int] = []
            self.predicted: list[tuple[int, int]] = []

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            self.tested.append(batch)

        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            self.predicted.append((batch, len(logs["outputs"])))

    model, watch = network(), Watch()
    want = model.predict(X, verbose=0)
    model.evaluate(X, Y, batch_size=32, callbacks=[watch], verbose=0)
    found = model.predict(X, batch_size=32, callbacks=[watch], verbose=0)
    assert watch.tested == [0, 1, 2, 3]
    assert watch.predicted == [(0, 32), (1, 32), (2, 32), (3, 4)]
    np.testing.assert_allclose(found, want, rtol=1e-5, atol=1e-7)


def test_an_error_in_a_callback_leaves_the_model_usable() -> None:
    model = network()

    def fail(epoch: int, logs: Any) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        model.fit(X, Y, callbacks=[callbacks.LambdaCallback(on_epoch_end=fail)], verbose=0)
    assert model.fit(X, Y, verbose=0).epoch == [0]


def test_history_object() -> None:
    model = network()
    history = model.fit(X, Y, epochs=2, batch_size=30, validation_split=0.1, verbose=0)
    assert model.history is history
    assert history.params == {"verbose": 0, "epochs": 2, "steps": 3}
    assert history.epoch == [0, 1]
    assert all(isinstance(v, float) for values in history.history.values() for v in values)
