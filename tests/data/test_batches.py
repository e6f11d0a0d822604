"""Data that come batch by batch (tests/golden/cases/batches.py has what Keras does with them)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import lamina
from data.batched import WEIGHTS, Loader, Rows, X, Y, batches, endless, fitted
from lamina.callbacks import LambdaCallback
from models.training import network, same, state

pytestmark = pytest.mark.usefixtures("backend")
RAN_OUT = "Your input ran out of data"


# --- the same as arrays ---------------------------------------------------------------------------

SOURCES: dict[str, Callable[[], Any]] = {
    "generator": lambda: itertools.chain(batches(X, Y), batches(X, Y)),
    "dataset": Rows,
    "iterable": Loader,
    "iterable of known length": lambda: Loader(5),
}


@pytest.mark.parametrize("source", SOURCES)
def test_bits_and_history_are_those_of_arrays(source: str) -> None:
    settings = {"epochs": 2, "steps_per_epoch": 5, "validation_data": (X, Y)}
    model = fitted(SOURCES[source](), **settings)
    want = fitted(X, Y, **settings)
    assert same(state(model), state(want))
    assert model.history.history == want.history.history
    assert model.evaluate(Rows(), verbose=0) == model.evaluate(X, Y, batch_size=20, verbose=0)
    assert same([model.predict(Rows(), verbose=0)], [model.predict(X, verbose=0)])


class Held:
    """A tensor of some other library."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def numpy(self) -> np.ndarray:
        return self.array


PARTS: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "a list": lambda x, y: [x, y],
    "without weights": lambda x, y: (x, y, None),
    "lists of numbers": lambda x, y: (x.tolist(), y.tolist()),
    "float64": lambda x, y: (x.astype(np.float64), y.astype(np.uint8)),
    "big-endian": lambda x, y: (x.astype(">f4"), y.astype(">i8")),
    "by columns": lambda x, y: (np.asfortranarray(x), y[:, None]),
    "every second": lambda x, y: (np.repeat(x, 2, axis=0)[::2], np.repeat(y, 2)[::2]),
    "frames": lambda x, y: (pd.DataFrame(x), pd.Series(y)),
    "sparse": lambda x, y: (scipy.sparse.csr_array(x), y),
    "tensors": lambda x, y: (Held(x), Held(y)),
}


@pytest.mark.parametrize("kind", PARTS)
def test_batches_of_any_kind(kind: str) -> None:
    def generate() -> Iterator[Any]:
        return (PARTS[kind](x, y) for x, y in batches(X, Y))

    model, want = fitted(generate()), fitted(X, Y)
    assert same(state(model), state(want))
    assert model.evaluate(generate(), verbose=0) == want.evaluate(X, Y, batch_size=20, verbose=0)
    assert same([model.predict(generate(), verbose=0)], [want.predict(X, verbose=0)])


def test_batches_of_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert same(state(fitted(batches(x, Y))), state(fitted(X, Y)))
    np.lib.format.open_memmap(tmp_path / "x.npy", "r+")[30, 1] = np.nan
    with pytest.raises(ValueError, match=r"`x` must be finite in float32\. Received: x\[10, 1\]"):
        fitted(batches(np.load(tmp_path / "x.npy", mmap_mode="r"), Y))


def test_inputs_alone() -> None:
    want = network().predict(X, verbose=0)
    for given in (batches(X), (x for (x,) in batches(X)), ([x] for (x,) in batches(X))):
        assert same([network().predict(given, verbose=0)], [want])


def test_weights_of_samples_and_of_classes() -> None:
    weighted = fitted(batches(X, Y, WEIGHTS))
    assert same(state(weighted), state(fitted(X, Y, sample_weight=WEIGHTS)))
    of_classes = {0: 0.5, 2: 3.0}
    by_class = fitted(batches(X, Y), class_weight=of_classes)
    assert same(state(by_class), state(fitted(X, Y, class_weight=of_classes)))
    assert not same(state(by_class), state(weighted))
    with pytest.raises(ValueError, match="both `class_weight` and `sample_weight`"):
        fitted(batches(X, Y, WEIGHTS), class_weight=of_classes)


def test_sizes_that_differ() -> None:
    """Each batch is a step, whatever its size; figures count samples."""
    ends = np.cumsum([0, 1, 30, 2, 17, 49, 1])
    pieces = [slice(a, b) for a, b in itertools.pairwise(ends)]
    model, other = network(), network()
    history = model.fit(((X[p], Y[p]) for p in pieces), shuffle=False, verbose=0).history
    scores = np.array([other.train_on_batch(X[p], Y[p]) for p in pieces])
    assert same(state(model), state(other))
    mean = np.average(scores, axis=0, weights=np.diff(ends))
    assert [history["loss"][0], history["accuracy"][0]] == pytest.approx(mean, rel=1e-6)
    given = network().evaluate(((X[p], Y[p]) for p in pieces), verbose=0)
    assert given == pytest.approx(network().evaluate(X, Y, verbose=0), rel=1e-6)


# --- epochs ---------------------------------------------------------------------------------------


def test_a_generator_is_read_no_further_than_needed() -> None:
    seen: list[int] = []

    def generate() -> Iterator[Any]:
        for step, batch in enumerate(endless()):
            seen.append(step)
            yield batch

    source = generate()
    fitted(source, steps_per_epoch=3, epochs=2)
    assert seen == list(range(6))
    network().evaluate(source, steps=2, verbose=0)
    network().predict(source, steps=1, verbose=0)
    assert seen == list(range(9))


def test_a_generator_without_steps_is_one_epoch() -> None:
    """It ends silently; the epoch after it finds nothing: a warning, and the training is over."""
    assert fitted(batches(X, Y)).history.epoch == [0]
    with pytest.warns(UserWarning, match=f"{RAN_OUT}.*Received: 0 of an unknown number") as told:
        model = fitted(batches(X, Y), epochs=3, validation_data=(X, Y))
    assert [Path(w.filename).name for w in told] == ["batched.py"]  # whose line calls fit
    assert model.history.epoch == [0]
    assert len(model.history.history["val_loss"]) == 1
    assert same(state(model), state(fitted(X, Y)))


def test_a_generator_that_ends_within_an_epoch() -> None:
    """The epoch counts with what it had."""
    with pytest.warns(UserWarning, match=RAN_OUT) as told:
        model = fitted(batches(X, Y), steps_per_epoch=3, epochs=4)
    received = [re.search(r"Received: (.*) steps", str(w.message)) for w in told]
    assert [r and r[1] for r in received] == ["2 of 3", "0 of 3"]
    assert model.history.epoch == [0, 1]
    assert int(model.optimizer.iterations) == 5
    with pytest.warns(UserWarning, match=r"2 of 3"):
        network().evaluate(batches(X[:40], Y[:40]), steps=3, verbose=0)
    with pytest.warns(UserWarning, match=r"2 of 3") as told:
        assert network().predict(batches(X[:40]), steps=3, verbose=0).shape == (40, 4)
    assert [w.filename for w in told] == [__file__]


def test_an_iterable_begins_anew() -> None:
    loader = Loader()
    model = fitted(loader, epochs=3, validation_data=loader)
    assert loader.loops == 6
    assert same(state(model), state(fitted(X, Y, epochs=3)))


def test_validation_on_a_generator_reads_on() -> None:
    model = network()
    x, y = X[::-1], Y[::-1]
    history = model.fit(
        X, Y, epochs=2, validation_data=batches(x, y), validation_steps=2, verbose=0
    ).history  # fmt: skip
    want = model.evaluate(x[40:80], y[40:80], batch_size=20, verbose=0)
    assert [history["val_loss"][-1], history["val_accuracy"][-1]] == want


@pytest.mark.parametrize("lengths", [(2, 3, 4), (4, 2, 3)])
def test_a_data_set_may_grow_and_shrink(lengths: tuple[int, ...]) -> None:
    """What on_epoch_end changes holds for the next epoch: nothing ran out."""
    counts = iter(lengths)

    class Changing(Rows):
        def on_epoch_end(self) -> None:
            self.count = next(counts, 0)
            super().on_epoch_end()

    data = Changing()
    data.count = next(counts)
    model = fitted(data, epochs=3)
    assert data.calls == [call for n in lengths for call in ("begin", *range(n), "end")]
    assert int(model.optimizer.iterations) == 9


def test_callbacks_know_the_number_of_steps() -> None:
    for source, steps, want in (
        (Rows(), None, 5), (Rows(), 3, 3), (Loader(), None, None), (Loader(5), None, 5),
        (endless(), 2, 2),
    ):  # fmt: skip
        callback = LambdaCallback()
        fitted(source, steps_per_epoch=steps, callbacks=[callback])
        assert callback.params["steps"] == want


# --- order ----------------------------------------------------------------------------------------


def order(seed: int, **settings: Any) -> list[list[int]]:
    """Which batches the epochs take."""
    lamina.utils.set_random_seed(seed)
    model, data = network(seed=seed), Rows()
    model.fit(data, epochs=2, verbose=0, **settings)
    taken = [call for call in data.calls if isinstance(call, int)]
    return [taken[:5], taken[5:]]


def test_a_data_set_is_shuffled() -> None:
    """A new order of batches in each epoch, from the seed."""
    first, second = order(1)
    assert sorted(first) == sorted(second) == list(range(5))
    assert first != second
    assert order(1) == [first, second]
    assert order(2) != [first, second]
    assert order(1, shuffle=False) == [list(range(5))] * 2
