"""A step whose loss or weights are not finite is taken back, as if it had not been."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, callbacks, layers, ops, optimizers
from lamina.models import guard
from models.training import same, state

pytestmark = pytest.mark.usefixtures("backend")

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


@pytest.fixture(params=["rarely", "often"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """States are kept at the beginning alone, or as often as can be."""
    if request.param == "often":
        monkeypatch.setattr(guard, "_SHARE", -1e9)
        monkeypatch.setattr("lamina.models.feeds.CONTROL_SECONDS", 0.0)
        monkeypatch.setattr("lamina.models.feeds.ArrayFeed.run.__defaults__", (0.0,))


@pytest.mark.parametrize("watched", [False, True], ids=["alone", "with callbacks"])
@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.usefixtures("kept")
def test_the_bad_step_is_taken_back(feed: str, watched: bool) -> None:
    """Weights, slots, counters and random streams have the bits from before it."""
    model, each = network(), EachBatch()
    with pytest.raises(FloatingPointError, match=rf"The loss is inf {WHERE}"):
        fit(model, *FEEDS[feed](HUGE), callbacks=[each] if watched else None)
    assert same(state(model), state(by_hand()))
    assert each.ended == (list(range(BAD)) if watched else [])


@pytest.mark.parametrize("feed", FEEDS)
def test_training_goes_on_as_if_the_step_had_not_been(feed: str) -> None:
    model = network()
    with pytest.raises(FloatingPointError):
        fit(model, *FEEDS[feed](HUGE))
    found = fit(model, X, Y, shuffle=True, epochs=2).history
    other = by_hand()
    wanted = fit(other, X, Y, shuffle=True, epochs=2).history
    assert same(state(model), state(other))
    assert found == wanted
    assert model.evaluate(X, Y, verbose=0) == other.evaluate(X, Y, verbose=0)


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.usefixtures("kept")
def test_stop(feed: str) -> None:
    """The epoch ends with what stands, and with it the training."""
    model = network(nan_policy="stop")
    with pytest.warns(UserWarning, match=rf"The loss is inf {WHERE}") as told:
        history = fit(model, *FEEDS[feed](HUGE), epochs=3, validation_data=(X, Y))
    assert [w.filename for w in told] == [__file__]
    assert model.stop_training
    other = network()
    wanted = fit(other, X[: SIZE * BAD], Y[: SIZE * BAD], validation_data=(X, Y))
    assert same(state(model), state(other))
    assert history.history == wanted.history
    assert history.epoch == [0]


def test_stop_at_the_first_step_leaves_no_figures() -> None:
    """An epoch without a step has no loss: 0 would pass for the best."""
    model = network(nan_policy="stop")
    with pytest.warns(UserWarning, match="at step 0 of epoch 1"):
        history = fit(model, later(STEPS), steps_per_epoch=STEPS, epochs=4)
    assert history.epoch == [0]
    assert len(history.history["loss"]) == 1
    assert same(state(model), state(by_hand(STEPS)))


def later(first: int) -> Iterator[Any]:
    """Batches without end, the one at `first` bad."""
    step = 0
    while True:
        yield batch(X if step != first else HUGE[::-1], step % STEPS if step != first else 2)
        step += 1


@pytest.mark.parametrize("first", [0, 1, STEPS - 1, STEPS, STEPS + 3, 3 * STEPS - 1])
def test_in_any_epoch(first: int) -> None:
    model, other = network(), network()
    where = f"at step {first % STEPS} of epoch {first // STEPS}:"
    with pytest.raises(FloatingPointError, match=where):
        fit(model, later(first), steps_per_epoch=STEPS, epochs=3)
    other.optimizer.build(other.trainable_variables)
    for step in range(first):
        other.train_on_batch(*batch(X, step % STEPS))
    assert same(state(model), state(other))


def test_ignore_trains_on() -> None:
    model = network(nan_policy="ignore")
    history = fit(model, HUGE, Y, epochs=2)
    assert not np.isfinite(history.history["loss"]).any()
    assert int(model.optimizer.iterations) == 2 * STEPS
    other = by_hand(STEPS, HUGE)
    assert not same(state(other)[:1], state(by_hand(STEPS))[:1])
    once = network(nan_policy="ignore")
    fit(once, HUGE, Y)
    assert same(state(once), state(other))


def test_terminate_on_nan_decides(capsys: pytest.CaptureFixture[str]) -> None:
    """As in Keras: the step stands, the training ends after it."""
    model = network()
    history = fit(model, HUGE, Y, epochs=3, callbacks=[callbacks.TerminateOnNaN()])
    assert f"Batch {BAD}: Invalid loss" in capsys.readouterr().out
    assert history.history["loss"] == [np.inf]
    assert same(state(model), state(by_hand(BAD + 1, HUGE)))


@pytest.mark.parametrize("step", [0, 3, STEPS - 1])
@pytest.mark.usefixtures("kept")
def test_weights_that_become_infinite_while_the_loss_is_finite(step: int) -> None:
    """By the rate of one step; the loss would show it a step later, or after the epoch."""
    rates = optimizers.schedules.PiecewiseConstantDecay([step - 1, step], [1e-6, 3e38, 1e-6])
    model, other = network(optimizers.SGD(rates)), network(optimizers.SGD(rates))
    message = f"The weights are not finite at step {step} of epoch 0"
    with pytest.raises(FloatingPointError, match=message):
        fit(model, 50 * X, Y)
    for before in range(step):
        other.train_on_batch(*batch(50 * X, before))
    assert same(state(model), state(other))


@pytest.mark.parametrize("array", ["x", "y"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_bad_row_of_a_file_is_named(array: str, shuffle: bool, tmp_path: Path) -> None:
    """A memory map is not read through before the training."""
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    np.lib.format.open_memmap(tmp_path / f"{array}.npy", "r+")[57, 1] = np.nan
    x, y = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "xy")
    model = network()
    with pytest.raises(FloatingPointError, match="Row 57 of the data is not finite; ") as error:
        fit(model, x, y, shuffle=shuffle)
    step = re.search(r"The loss is nan at step (\d) of epoch 0", str(error.value))
    assert step is not None
    other = network()
    order = other_order(other) if shuffle else np.arange(len(X))
    assert int(step[1]) == order.tolist().index(57) // SIZE
    for first in range(0, int(step[1]) * SIZE, SIZE):
        rows = order[first : first + SIZE]
        other.train_on_batch(X[rows], Y[rows])
    assert same(state(model), state(other))


def other_order(model: Sequential) -> np.ndarray:
    """The order of samples in the first epoch, as a function of the seed."""
    key = [model.shuffle_seed, 0]
    return np.random.Generator(np.random.Philox(key=key)).permutation(len(X))


class TwoOptimizers(lamina.Model):
    """A step of its own: two optimizers, a running mean, and a figure."""

    def __init__(self, **compiled: Any) -> None:
        lamina.utils.set_random_seed(4)
        super().__init__()
        self.first, self.second = layers.Dense(5, "relu"), layers.Dense(2)
        self.tracker = lamina.metrics.Mean(name="fit_loss")
        self.compile(optimizers.Adam(0.01), **compiled)
        self.others = {"second": optimizers.RMSprop(0.01, momentum=0.5)}

    def call(self, x: Any) -> Any:
        return self.second(self.first(x))

    def train_step(self, data: Any) -> Any:
        x, y = data
        loss = ops.mean(ops.square(self(x, training=True) - y))
        steps = ((self.optimizer, self.first), (self.others["second"], self.second))
        for optimizer, layer in steps:
            gradients = lamina.gradients(loss, layer.trainable_variables)
            optimizer.apply(gradients, layer.trainable_variables)
        self.tracker.update_state(loss)
        return {"fit_loss": self.tracker.result(), "size": ops.mean(ops.abs(x))}


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("feed", ["arrays", "generator"])
def test_all_that_an_own_step_changes_is_put_back(feed: str, eager: bool) -> None:
    model, other = TwoOptimizers(run_eagerly=eager), TwoOptimizers(run_eagerly=eager)
    with pytest.raises(FloatingPointError, match=rf"The fit_loss is inf {WHERE}"):
        fit(model, *FEEDS[feed](HUGE))
    for step in range(BAD):
        other.train_on_batch(*batch(X, step))
    second = [m.others["second"].variables for m in (model, other)]
    assert same(*[[v.numpy() for v in variables] for variables in second])
    assert len(second[0]) == 2 + 2 * 2
    assert same(state(model), state(other))


def test_a_step_that_cannot_be_repeated_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that does something else the second time: back to the last state that was kept."""
    monkeypatch.setattr(guard, "_SHARE", 1e9)
    values = iter([1.0] * BAD + [np.inf] + [1.0] * 100)

    class Once(layers.Layer):
        def call(self, x: Any) -> Any:
            return x * (next(values) if x.shape[0] is not None else 1.0)

    lamina.utils.set_random_seed(3)
    model = Sequential([Input((6,)), layers.Dense(2), Once()])
    model.compile("sgd", "mse", run_eagerly=True)
    before = state(model)
    with pytest.raises(
        FloatingPointError, match="The loss or the weights are not finite at step 0"
    ):
        fit(model, X, Y)
    assert same(state(model)[:2], before[:2])


def test_generators_are_refused_numbers_that_are_not_finite() -> None:
    """Their batches are looked through as they come: no step is made with such a one."""
    bad = X.copy()
    bad[SIZE * BAD + 3, 2] = np.nan
    model = network()
    with pytest.raises(
        ValueError, match=r"`x` must be finite in float32. Received: x\[3, 2\] = nan"
    ):
        fit(model, batches(bad))
    assert same(state(model), state(by_hand()))


def test_nothing_is_told_where_nothing_is_wrong() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = [
            (state(model), fit(model, X, Y, epochs=2, shuffle=True).history, state(model))
            for model in (network(nan_policy=policy) for policy in ("raise", "stop", "ignore"))
        ]
    for before, history, after in results:
        assert history == results[0][1]
        assert same(after, results[0][2])
        assert not same(before, after)


def test_unknown_policy() -> None:
    with pytest.raises(ValueError, match="`nan_policy` must be one of .*nan_policy='warn'"):
        network(nan_policy="warn")


@pytest.mark.parametrize(("feed", "bytes_", "times"), [
    ("arrays", 2**26, 1), ("generator", 2**26, 1), ("generator", 0, STEPS), ("dataset", 0, STEPS),
])  # fmt: skip
def test_states_are_kept_seldom_but_batches_do_not_pile_up(
    feed: str, bytes_: int, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state once more as soon as the batches since the last one take too much memory."""
    kept: list[guard.State] = []
    keep = guard.State.keep
    monkeypatch.setattr(guard, "_SHARE", 1e9)
    monkeypatch.setattr(guard, "_BYTES", bytes_)
    monkeypatch.setattr(guard.State, "keep", lambda self: (kept.append(self), keep(self)))
    fit(network(), *FEEDS[feed](X))
    assert len(kept) == times
