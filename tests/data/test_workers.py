"""A PyDataset's batches from several threads or processes: the same ones, and no worker is left."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.batched import Endless, Rows, X, Y, fitted
from lamina.callbacks import Callback, LambdaCallback
from models.training import PATHS, network, same, state

# Python 3.12 warns of every fork of a process with threads, in its own module.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
WAYS = [(0, False), (1, False), (3, False), (1, True), (3, True)]
ways = pytest.mark.parametrize(
    ("workers", "processes"), WAYS, ids=lambda v: str(v).replace("True", "processes")
)


def several(kind: type[Rows], workers: int, processes: bool, **settings: Any) -> Rows:
    return kind(workers=workers, use_multiprocessing=processes, **settings)


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    yield
    assert left() == []


def left() -> list[Any]:
    """Threads and processes that make batches."""
    threads = [t for t in threading.enumerate() if t.name.startswith("lamina_batches")]
    return [*threads, *multiprocessing.active_children()]


class Slow(Rows):
    """The first batches take longest."""

    def __getitem__(self, step: int) -> Any:
        time.sleep(0.01 * max(0, 3 - step))
        return super().__getitem__(step)


class Where(Rows):
    """Its targets say which process made them."""

    def __getitem__(self, step: int) -> Any:
        return X[:20], np.full((20, 4), os.getpid())


class Broken(Rows):
    def __getitem__(self, step: int) -> Any:
        if step == 2:
            raise LookupError(f"no batch {step}")
        return super().__getitem__(step)


class Changing(Rows):
    """Each epoch has other rows."""

    first = 0

    def __getitem__(self, step: int) -> Any:
        rows = slice(20 * step + self.first, 20 * (step + 1) + self.first)
        return X[rows], Y[rows]

    def on_epoch_end(self) -> None:
        self.count, self.first = 4, self.first + 5


@ways
@pytest.mark.usefixtures("backend")
def test_bits_do_not_depend_on_the_workers(workers: int, processes: bool) -> None:
    """Nor the order: the slowest batches are the first ones."""
    settings = {"epochs": 2, "shuffle": True}
    model = fitted(several(Slow, workers, processes), **settings)
    want = fitted(Rows(), **settings)
    assert same(state(model), state(want))
    assert model.history.history == want.history.history
    data = several(Slow, workers, processes)
    assert model.evaluate(data, verbose=0) == want.evaluate(X, Y, batch_size=20, verbose=0)
    assert same([model.predict(data, verbose=0)], [want.predict(X, verbose=0)])


@ways
def test_epochs_of_fewer_steps_go_on(workers: int, processes: bool) -> None:
    settings = {"epochs": 2, "steps_per_epoch": 3, "validation_data": Rows()}
    with pytest.warns(UserWarning, match="Received: 2 of 3 steps"):
        model = fitted(several(Rows, workers, processes), **settings)
    want = fitted(X, Y)
    assert same(state(model), state(want))
    endless = [several(Endless, *way) for way in ((workers, processes), (0, False))]
    one, other = (fitted(data, epochs=2, steps_per_epoch=2) for data in endless)
    assert same(state(one), state(other))


@ways
def test_what_changes_between_epochs(workers: int, processes: bool) -> None:
    one, other = (
        fitted(several(Changing, *way), epochs=3) for way in ((workers, processes), WAYS[0])
    )
    assert same(state(one), state(other))


@ways
def test_who_makes_batches(workers: int, processes: bool) -> None:
    """Processes if they are asked for; the hooks of an epoch are called here."""
    pids: list[int] = []
    model = network(loss="mse", run_eagerly=True)
    model.compile(
        loss=lambda y, p: (pids.append(int(np.max(np.asarray(y)))), p[:, 0])[1], run_eagerly=True
    )
    data = several(Where, workers, processes)
    model.fit(data, epochs=2, verbose=0)
    own = {os.getpid()} & set(pids)
    assert bool(own) is not processes
    assert 1 <= len(set(pids)) <= 2 * max(1, workers)
    assert data.calls == ["begin", "end"] * 2


@pytest.mark.parametrize("size", [1, 2, 10])
@pytest.mark.parametrize("workers", [2, 4])
def test_so_many_batches_are_made_ahead(size: int, workers: int) -> None:
    data = Rows(workers=workers, max_queue_size=size)
    data.count = 5
    ahead: list[int] = []

    class Watch(Callback):
        def on_train_batch_begin(self, step: int, logs: Any = None) -> None:
            time.sleep(0.03)
            ahead.append(len(data.calls) - 2 - step)  # beside "begin" and the step's own batch

    fitted(data, callbacks=[Watch()])
    assert len(ahead) == 5
    assert max(ahead) == min(size, 4)


@ways
@pytest.mark.parametrize("use", ["fit", "evaluate", "predict", "validation"])
def test_an_error_comes_with_its_traceback(use: str, workers: int, processes: bool) -> None:
    data, model = several(Broken, workers, processes), network()
    given = (X, Y) if use == "validation" else (data,)
    settings = {"validation_data": data} if use == "validation" else {}
    with pytest.raises(LookupError, match="no batch 2") as error:
        getattr(model, "fit" if use == "validation" else use)(*given, **settings, verbose=0)
    text = "".join(traceback.format_exception(error.value))
    assert 'raise LookupError(f"no batch {step}")' in text
    assert left() == []


@ways
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize(
    "hook", ["on_train_batch_end", "on_test_batch_end", "on_predict_batch_end"]
)
def test_no_worker_outlives_an_error(
    hook: str, error: type[BaseException], workers: int, processes: bool
) -> None:
    """Of a callback, or Ctrl-C while steps run."""

    def fail(*_: Any, **__: Any) -> None:
        raise error("enough")

    data, model = several(Slow, workers, processes), network()
    callback = LambdaCallback()
    setattr(callback, hook, fail)
    use = model.predict if "predict" in hook else model.fit
    settings = {"validation_data": data} if "test" in hook else {}
    with pytest.raises(error, match="enough") as raised:
        use(data, callbacks=[callback], verbose=0, **settings)
    assert raised.tb is not None  # it keeps all alive that is not closed
    assert left() == []


@ways
def test_no_worker_outlives_an_early_end(workers: int, processes: bool) -> None:
    data, model = several(Rows, workers, processes), network()

    class Stop(Callback):
        def on_train_batch_end(self, step: int, logs: Any = None) -> None:
            self.model.stop_training = True

        def on_predict_batch_end(self, step: int, logs: Any = None) -> None:
            self.model.stop_predicting = True

    model.fit(data, epochs=3, callbacks=[Stop()], verbose=0)
    assert int(model.optimizer.iterations) == 1
    assert left() == []
    assert model.predict(data, callbacks=[Stop()], verbose=0).shape == (20, 4)
    assert left() == []
    network().predict(data, steps=2, verbose=0)


INTERRUPTED = """
from data.test_workers import *

class Waiting(Rows):
    def __getitem__(self, step):
        time.sleep(0.1)
        return super().__getitem__(step % 5)

data = Waiting(workers={workers}, use_multiprocessing={processes})
data.count = 10_000
tell = LambdaCallback(on_train_batch_end=lambda step, logs: print("step", flush=True))
try:
    network().fit(data, shuffle=False, callbacks=[tell], verbose=0)
except KeyboardInterrupt:
    print("left", left(), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups")
@pytest.mark.parametrize(("workers", "processes"), [(1, False), (3, False), (3, True)])
def test_ctrl_c(workers: int, processes: bool) -> None:
    """As a terminal sends it: to all processes of the group.  It ends soon and quietly."""
    code = INTERRUPTED.format(workers=workers, processes=processes)
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "step\n"
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=20)
    assert (out.splitlines()[-1], err, child.returncode) == ("left []", "", 0)
    assert group_of(child.pid) == []


def group_of(leader: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found
