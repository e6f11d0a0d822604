"""Children of a process whose threads have joined: they train, predict, and get the same bits."""

from __future__ import annotations

import sys

import pytest

from models.training import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")

PREPARED = """
import threading
from threads.children import *

want = job_on_a_team()
"""


def run(code: str, **environment: str) -> None:
    assert run_python(PREPARED + code + "\nprint('same')", **environment) == "same"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(method: str) -> None:
    run(f"assert started({method!r}) == want")


def test_joblib() -> None:
    run("assert set(by_loky()) == {want}")


def test_a_forked_child_uses_one_thread_until_told_otherwise() -> None:
    run("""
def work():
    alone = config.num_threads(), tasks(), job() == want, tasks()
    together = job_on_a_team() == want, config.num_threads(), tasks()
    config.set_num_threads(0)
    return str((alone, together, config.num_threads()))

found = forked(work)
assert found == "((1, 1, True, 1), (True, 2, 2), 1)", found
""")


def test_the_parent_goes_on() -> None:
    run("""
for _ in range(3):
    assert forked(job) == want
    assert job() == want
""")


@pytest.mark.parametrize("work", ["job", "job_on_a_team"])
def test_a_child_of_a_child(work: str) -> None:
    run(f"""
def child():
    return {work}() + forked(lambda: {work}() + forked({work}))

assert forked(child) == 3 * want
""")


@pytest.mark.parametrize(
    "call",
    ["model.fit(x, y, batch_size=100, verbose=0)", "model.predict(x, verbose=0)"],
    ids=["fit", "predict"],
)
def test_a_fork_while_another_thread_is_inside(call: str) -> None:
    """The child can use the same model: nobody else is in there now."""
    run(f"""
x, y = samples()
model = wide_network()
{call}
over = threading.Event()

def others():
    while not over.is_set():
        {call}

def work():
    model.predict(x, verbose=0)
    model.fit(x, y, verbose=0)
    return job()

thread = threading.Thread(target=others)
thread.start()
try:
    assert {{forked(work) for _ in range(20)}} == {{want}}
finally:
    over.set()
    thread.join()
""")


def test_a_fork_while_many_threads_predict() -> None:
    """Small calls: much of their time is spent taking and giving back what a call works in."""
    run("""
x, _ = samples()
model = wide_network()
alone = model.predict(x[:1], verbose=0).tobytes()
over = threading.Event()

def others():
    while not over.is_set():
        model.predict(x[:1], verbose=0)

threads = [threading.Thread(target=others) for _ in range(4)]
for thread in threads:
    thread.start()
try:
    for _ in range(200):
        assert forked(lambda: str(model.predict(x[:1], verbose=0).tobytes() == alone), 20) == "True"
finally:
    over.set()
    for thread in threads:
        thread.join()
""")


def test_a_fork_in_a_callback_of_fit() -> None:
    """Parent and child both go on to the end of the epoch."""
    run("""
from lamina.callbacks import LambdaCallback

x, y = samples()
children = []

def fork(epoch, logs=None):
    if epoch == 1:
        children.append(os.fork())

model = wide_network()
model.fit(x, y, batch_size=250, epochs=3, verbose=0, callbacks=[LambdaCallback(on_epoch_begin=fork)])
straight = wide_network()
straight.fit(x, y, batch_size=250, epochs=3, verbose=0)
same = fingerprint(model) == fingerprint(straight)
if children == [0]:
    os._exit(0 if same else 1)
assert same and os.waitpid(children[0], 0)[1] == 0
""")
