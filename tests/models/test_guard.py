"""A step whose loss or weights are not finite is taken back, as if it had not been."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina import Sequential, callbacks, optimizers
from lamina.models import guard
from models.guarded import (
    BAD,
    FEEDS,
    HUGE,
    SIZE,
    STEPS,
    WHERE,
    EachBatch,
    X,
    Y,
    batch,
    batches,
    by_hand,
    fit,
    network,
)
from models.training import same, state

pytestmark = pytest.mark.usefixtures("backend")


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
    assert [Path(w.filename).name for w in told] == ["guarded.py"]  # whose line calls fit
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
    with pytest.raises(ValueError, match=r"`nan_policy` must be one of .*nan_policy='warn'"):
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
