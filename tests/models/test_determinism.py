"""One seed, one result: for any threads, levels, processes, batches."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lamina import backends, config
from models.training import blobs, fingerprint, network, run_python, same, trained

LEVELS = [level for level in ("v3", "v4") if level in config.available_levels()]


@pytest.fixture(autouse=True)
def _native() -> None:
    backends.set_backend("native")


@pytest.fixture(scope="module", params=[0.0, 0.8], ids=["dense", "mostly zeros"])
def expected(request: pytest.FixtureRequest) -> tuple[float, str]:
    backends.set_backend("native")
    return request.param, fingerprint(trained(zeros=request.param))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("level", ["v3", "v4"])
def test_one_result_for_any_threads_and_level(
    expected: tuple[float, str], level: str, threads: int
) -> None:
    if level not in LEVELS:
        pytest.skip(f"this CPU cannot run level {level}")
    config.set_level(level)
    config.set_num_threads(threads)
    zeros, want = expected
    for _ in range(2):
        assert fingerprint(trained(zeros=zeros)) == want


@pytest.mark.parametrize("threads", ["1", "2", "4"])
def test_one_result_in_any_process(expected: tuple[float, str], threads: str) -> None:
    zeros, want = expected
    code = f"from models.training import *; print(fingerprint(trained(zeros={zeros})))"
    assert run_python(code, OMP_NUM_THREADS=threads) == want


def test_the_baseline_is_as_good() -> None:
    """Without FMA numbers are rounded otherwise: near, and the same for any threads."""
    want = trained()
    config.set_level("baseline")
    found = set()
    for threads in (1, 2, 3):
        config.set_num_threads(threads)
        model = trained()
        found.add(fingerprint(model))
    assert len(found) == 1
    for a, b in zip(want.get_weights(), model.get_weights()):
        np.testing.assert_allclose(a, b, atol=2e-3)


def test_seeds_differ() -> None:
    assert len({fingerprint(trained(seed=seed)) for seed in range(5)}) == 5


def test_a_row_does_not_depend_on_its_batch() -> None:
    """1,000 rows predicted alone, and in batches of many sizes."""
    rng = np.random.default_rng(0)
    model = trained()
    x, _ = blobs(3000, features=70, classes=10, seed=1, zeros=0.5)
    whole = model.predict(x, verbose=0)
    for i in rng.choice(3000, 1000, replace=False):
        one = x[i : i + 1]
        assert model.predict(one, verbose=0).tobytes() == whole[i].tobytes()
    for _ in range(100):
        first, n = rng.integers(0, 2000), rng.integers(1, 1000)
        part = model.predict(x[first : first + n], batch_size=int(rng.integers(1, 300)), verbose=0)
        assert part.tobytes() == whole[first : first + n].tobytes()
    assert model.predict_on_batch(x[:77]).tobytes() == whole[:77].tobytes()
    assert np.asarray(model(x[:77])).tobytes() == whole[:77].tobytes()


@pytest.mark.parametrize("width", [1, 3, 8, 63, 300])
def test_a_row_does_not_depend_on_its_batch_at_any_width(width: int) -> None:
    x, _ = blobs(700, features=width)
    model = network(features=width, units=width)
    whole = model.predict(x, verbose=0)
    for n in (1, 2, 5, 6, 7, 12, 13, 24, 25, 255, 256, 257, 700):
        for first in {0, (700 - n) // 2, 700 - n}:
            part = model.predict(x[first : first + n], verbose=0)
            assert part.tobytes() == whole[first : first + n].tobytes(), (n, first)


CHILD = """
import multiprocessing
from models.training import *

def work(model, queue):
    x, y = blobs(600, features=70, classes=10)
    predicted = hashlib.sha256(model.predict(x, verbose=0).tobytes()).hexdigest()
    model.fit(x, y, batch_size=128, verbose=0)
    queue.put((predicted, fingerprint(model)))

if __name__ == "__main__":
    model = trained()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=work, args=(model, queue), daemon=True)
    child.start()
    in_child = queue.get(timeout=60)
    child.join(60)
    work(model, queue)
    in_parent = queue.get(timeout=60)
    assert in_child == in_parent, (in_child, in_parent)
    print("same")
"""


def test_a_forked_child_trains_the_same() -> None:
    """The pool of threads does not survive a fork: the child must not wait for it."""
    for threads in ("1", "2"):
        assert run_python(CHILD, OMP_NUM_THREADS=threads) == "same"


SPAWNED = """
import multiprocessing
from models.training import *

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply_async(spawned).get(timeout=90)
    assert there == fingerprint(trained()), there
    print("same")
"""


def test_a_spawned_child_trains_the_same() -> None:
    code = "from models.test_determinism import spawned\n" + SPAWNED
    assert run_python(code) == "same"


def spawned() -> str:
    return fingerprint(trained())


def test_predict_from_many_threads() -> None:
    model = trained()
    x, _ = blobs(2000, features=70, classes=10, seed=1)
    want = model.predict(x, verbose=0)
    model._programs.clear()  # they also meet while it is compiled
    start = threading.Barrier(8)

    def work(i: int) -> bool:
        start.wait(30)
        parts = [slice(i, 2000), slice(0, 100 + i), slice(i, i + 1)]
        return all(
            model.predict(x[part], verbose=0).tobytes() == want[part].tobytes()
            for part in parts * 5
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_two_threads_cannot_train_one_model() -> None:
    """Refused, by name, and the first goes on as if alone."""
    from lamina.callbacks import LambdaCallback

    want = fingerprint(trained())
    x, y = blobs(2000, features=70, classes=10)
    model = network(features=70, classes=10, units=64)
    refused: list[BaseException] = []

    def second(epoch: int, logs: object = None) -> None:
        def work() -> None:
            for attempt in (lambda: model.fit(x, y, verbose=0), lambda: model.train_on_batch(x, y)):
                try:
                    attempt()
                except RuntimeError as error:
                    refused.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(60)

    callback = LambdaCallback(on_epoch_begin=second)
    model.fit(x, y, epochs=2, batch_size=128, validation_split=0.1, verbose=0, callbacks=[callback])
    assert len(refused) == 4
    assert "while another thread trains it" in str(refused[0])
    assert fingerprint(model) == want


def test_equal_models_in_two_threads_train_the_same() -> None:
    """Models made one after the other, trained at the same time."""
    x, y = blobs(600)
    models = [network() for _ in range(4)]
    for model in models:
        model._shuffle_seed = 5

    def work(i: int) -> str:
        models[i].fit(x, y, epochs=3, verbose=0)
        return fingerprint(models[i])

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(4)))) == 1


def test_running_again_goes_on_from_another_state() -> None:
    """fit once more is not the same epoch again: masks and order go on."""
    x, y = blobs()
    model = network()
    first = model.get_weights()
    model.fit(x, y, verbose=0)
    middle = model.get_weights()
    model.set_weights(first)
    model.optimizer.iterations.assign(0)
    for variable in model.optimizer.variables[2:]:
        variable.assign(np.zeros(variable.shape))
    model.fit(x, y, verbose=0)
    assert not same(model.get_weights(), middle)
