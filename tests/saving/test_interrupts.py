"""Ctrl-C in fit: it ends with the step at work, and all is as after that step."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runs import HELD_OUT, RUNS, Run, arrays, assert_same, dataset, outcome, with_averages

import lamina
from lamina import callbacks, layers, models
from lamina.models.feeds import ArrayFeed


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C is heard also where a shell has started the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


class Press(lamina.callbacks.Callback):
    """Presses Ctrl-C so many seconds after the begin of fit, if that is not over then."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.timer = threading.Timer(seconds, press)

    def on_train_begin(self, logs: Any = None) -> None:
        self.timer.start()

    def on_train_end(self, logs: Any = None) -> None:
        """No Ctrl-C comes behind the end: it would find a fit that is over, and goes on as a new one."""
        self.stop()

    def stop(self) -> None:
        self.timer.cancel()
        if self.timer.ident is not None:
            self.timer.join()
        for _ in range(10):  # Python looks for signals when a loop goes round
            time.sleep(0)


class Slow(lamina.callbacks.Callback):
    """So that there is time to press Ctrl-C within a step's callbacks too."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        time.sleep(0.001)

    on_test_batch_end = on_train_batch_end = on_epoch_end = on_train_batch_begin


def library(listed: list[Any]) -> list[Any]:
    """Without users' callbacks: Ctrl-C comes at once in them, and may cut their work in two."""
    return [c for c in listed if type(c).__module__.startswith("lamina.")]


CASES = {
    "arrays": RUNS["arrays"],
    "validated": Run(
        data=arrays(validation_data=HELD_OUT, validation_batch_size=1), callbacks=with_averages
    ),
    "callbacks": RUNS["callbacks"],
    "steps": RUNS["steps"],
    "dataset": Run(data=dataset({"validation_data": HELD_OUT})),
    "workers": Run(data=dataset(workers=2)),
}


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_at_random_instants(
    name: str, slow: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, rng = CASES[name], random.Random(name)
    more = [Slow()] if slow else []
    (tmp_path / "whole").mkdir()
    model = run.made()
    start = time.monotonic()
    listed = run.fit(model, tmp_path / "whole", verbose=1)
    expected = outcome(model, library(listed), tmp_path / "whole")
    longest, came = time.monotonic() - start + 0.05 * slow, 0
    for attempt in range(40):
        if came >= 5:
            break
        folder = tmp_path / str(attempt)
        folder.mkdir()
        model = run.made()
        listed = None
        while listed is None:
            presses = Press(longest * rng.random() ** 3)
            try:
                listed = run.fit(model, folder, presses, *more, initial_epoch="auto", verbose=1)
                presses.stop()
            except KeyboardInterrupt:
                came += 1
                lengths = {len(values) for values in model.history.history.values()}
                assert len(lengths) <= 1
                assert np.isfinite(model.predict(HELD_OUT[0], verbose=0)[0]).all()
                model.save(folder / "now.safetensors")
                if rng.random() < 0.3:
                    model = models.load_model(folder / "now.safetensors")
        assert_same(outcome(model, library(listed), folder), expected)
    assert came >= 5


def wide() -> Any:
    lamina.utils.set_random_seed(0)
    model = lamina.Sequential([lamina.Input((512,)), layers.Dense(512), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


class PressAt(threading.Thread):
    """Presses Ctrl-C when a number of steps is done; knows how many were done then."""

    def __init__(self, model: Any, steps: int) -> None:
        super().__init__()
        self.iterations, self.steps = model.optimizer.iterations.array, steps

    def run(self) -> None:
        while self.iterations < self.steps:
            time.sleep(0)
        self.seen = int(self.iterations)
        press()


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_step_at_work_is_the_last(
    backend: str, eagerly: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody looks after the steps for a long time."""
    monkeypatch.setattr(ArrayFeed.run, "__defaults__", (20.0,))
    x = np.random.default_rng(0).normal(size=(64 * 256, 512)).astype("float32")
    model = wide()
    model.run_eagerly = eagerly
    model.optimizer.build(model.trainable_variables)
    presses = PressAt(model, 5)
    presses.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, x[:, :1], batch_size=256, epochs=100, verbose=0)
    presses.join()
    done = int(model.optimizer.iterations)
    assert done <= presses.seen + 2  # one may have begun between looking and pressing
    assert (model.interrupted.epoch, model.interrupted.step) == divmod(done, 64)


def test_a_callback_is_not_waited_for() -> None:
    class Sleeps(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            time.sleep(60)

    run = RUNS["arrays"]
    model = run.made()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run.fit(model, Path(), Press(1.0), Sleeps())
    assert time.monotonic() - start < 30
    assert model.interrupted.stage == "end"


def test_a_second_ctrl_c_is_not_held_back(numpy_backend: None) -> None:
    def slow_loss(y: Any, p: Any) -> Any:
        press()
        press()
        time.sleep(60)
        return p

    model = wide()
    model.compile("sgd", slow_loss, run_eagerly=True)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.fit(np.ones((4, 512)), np.ones(4), verbose=0)
    assert time.monotonic() - start < 30


def test_a_handler_of_the_program_stays() -> None:
    came = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        run = RUNS["arrays"]
        model = run.made()
        run.fit(model, Path(), callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: press()))
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(came) == 3
    assert model.interrupted is None


def test_fit_leaves_the_handler_it_found() -> None:
    run = RUNS["arrays"]
    run.fit(run.made(), Path())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
