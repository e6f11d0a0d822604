"""Sparse rows of SciPy compute as their dense copies do, bit for bit, and are never dense as a whole."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import lamina
from lamina import Input, Model, layers
from models.training import network, run_python, same, state

rng = np.random.default_rng(0)
DENSE = rng.normal(size=(90, 20)).astype(np.float32)
DENSE[rng.uniform(size=DENSE.shape) < 0.8] = 0
DENSE[7] = 0  # a row without a number
Y = rng.integers(0, 4, 90)
WEIGHTS = rng.uniform(0, 2, 90).astype(np.float32)
on_both = pytest.mark.usefixtures("backend")


def unsorted(x: np.ndarray) -> Any:
    """Columns in no order, as products leave them."""
    matrix = sp.csr_matrix(x)
    for first, last in zip(matrix.indptr, matrix.indptr[1:]):
        matrix.indices[first:last] = matrix.indices[first:last][::-1].copy()
        matrix.data[first:last] = matrix.data[first:last][::-1].copy()
    matrix.has_sorted_indices = False
    return matrix


def twice(x: np.ndarray) -> Any:
    """Every number in two entries of the same place."""
    halves = sp.coo_matrix(x / 2)
    two = [np.concatenate([a, a]) for a in (halves.data, halves.row, halves.col)]
    return sp.coo_matrix((two[0], (two[1], two[2])), x.shape)


def with_zeros(x: np.ndarray) -> Any:
    """Zeros that are stored."""
    matrix = sp.csr_matrix(np.where(x == 0, 5, x))
    matrix.data[matrix.data == 5] = 0
    return matrix


KINDS: dict[str, Callable[[np.ndarray], Any]] = {
    **{
        f"{name}_{form}": getattr(sp, f"{name}_{form}")
        for name in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")
        for form in ("matrix", "array")
    },
    "unsorted": unsorted,
    "twice": twice,
    "with zeros": with_zeros,
    "a part": lambda x: sp.csr_matrix(np.repeat(x, 2, axis=0))[::2],
    "int64 indices": lambda x: with_long_indices(sp.csr_matrix(x)),
}


def with_long_indices(matrix: Any) -> Any:
    matrix.indices, matrix.indptr = matrix.indices.astype("i8"), matrix.indptr.astype("i8")
    return matrix


def fitted(x: Any, **settings: Any) -> Any:
    model = network()
    model.fit(x, Y, **{"batch_size": 32, "epochs": 2, "verbose": 0, **settings})
    return model


@on_both
@pytest.mark.parametrize("kind", KINDS)
def test_sparse_is_dense(kind: str) -> None:
    x = KINDS[kind](DENSE)
    got, want = fitted(x, validation_split=0.2), fitted(DENSE, validation_split=0.2)
    assert same(state(got), state(want))
    assert got.history.history == want.history.history
    for size in (7, 90):
        scores = [got.evaluate(given, Y, batch_size=size, verbose=0) for given in (x, DENSE)]
        assert scores[0] == scores[1]
    assert same([got.predict(x, verbose=0)], [got.predict(DENSE, verbose=0)])
    assert same([got.predict(x, steps=2, batch_size=20, verbose=0)], [got.predict(DENSE[:40])])


@on_both
@pytest.mark.parametrize(
    "dtype", ["float64", "int8", "uint8", "bool", "int64", "uint16", "longdouble"]
)
def test_numbers_of_other_types(dtype: str) -> None:
    x = (DENSE * 40).astype(dtype)
    assert same(state(fitted(sp.csr_matrix(x))), state(fitted(x)))


@on_both
def test_one_batch() -> None:
    x = sp.csr_matrix(DENSE)
    models = [network(), network()]
    for model, given in zip(models, (x, DENSE)):
        model.train_on_batch(given[:13], Y[:13])
        model.train_on_batch(given[13:60], Y[13:60], sample_weight=WEIGHTS[13:60])
    assert same(state(models[0]), state(models[1]))
    assert models[0].test_on_batch(x, Y) == models[1].test_on_batch(DENSE, Y)
    assert same([models[0].predict_on_batch(x)], [models[1].predict_on_batch(DENSE)])
    assert same([np.asarray(models[0](x))], [np.asarray(models[1](DENSE))])


@on_both
def test_beside_other_data() -> None:
    """Weights, validation data, a second input that is dense."""
    x = sp.csr_matrix(DENSE)
    for settings in (
        {"sample_weight": WEIGHTS},
        {"class_weight": {1: 3.0}},
        {"steps_per_epoch": 2, "epochs": 1},
    ):
        assert same(state(fitted(x, **settings)), state(fitted(DENSE, **settings)))
    held = [fitted(d, validation_data=(d, Y, WEIGHTS)).history.history for d in (x, DENSE)]
    assert held[0] == held[1]

    def two_inputs() -> Any:
        lamina.utils.set_random_seed(2)
        a, b = Input((20,), name="a"), Input((3,), name="b")
        model = Model({"a": a, "b": b}, layers.Dense(4)(layers.Concatenate()([a, b])))
        model.compile("adam", "mse")
        return model

    b, models = DENSE[:, :3].astype(np.float64), [two_inputs(), two_inputs()]
    for model, a in zip(models, (x, DENSE)):
        model.fit({"a": a, "b": b}, DENSE[:, 3:7], epochs=2, shuffle=False, verbose=0)
    assert same(state(models[0]), state(models[1]))


def test_the_guard_takes_back_steps_on_sparse_rows() -> None:
    x = DENSE.copy()
    x[50, 3] = 1e30
    model, other = network(loss="mse"), network(loss="mse")
    with pytest.raises(FloatingPointError, match="at step 5 of epoch 0"):
        model.fit(sp.csr_matrix(x), x[:, :4], batch_size=10, shuffle=False, verbose=0)
    other.fit(DENSE[:50], DENSE[:50, :4], batch_size=10, shuffle=False, verbose=0)
    assert same(state(model), state(other))


@on_both
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_what_is_not_finite_is_refused_with_its_place(value: float) -> None:
    dense = DENSE.astype(np.float64)
    dense[41, 6] = value
    x = sp.csr_matrix(dense)
    message = rf"`x` must be finite in float32. Received: x\[41, 6\] = {value}"
    model = network()
    for use in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=message.replace("+", r"\+")):
            use(x, Y, verbose=0)
    assert np.isfinite(model.predict(x, verbose=0)).all(axis=1).sum() == 89


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (sp.csr_matrix((0, 20)), ValueError, r"`x` has no samples. Received: x.shape=\(0, 20\)"),
        (sp.csr_matrix(DENSE[:, :5]), ValueError, r"expected shape \(None, 20\).*\(90, 5\)"),
        (sp.csr_matrix(DENSE[:9]), ValueError, "'x' has 9, 'y' has 90"),
        (sp.csr_matrix(DENSE * 1j), TypeError, "`x` must hold numbers.*complex64"),
    ],
    ids=["empty", "columns", "rows", "complex"],
)
def test_what_does_not_fit(x: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        network().fit(x, Y, verbose=0)


WIDE = """
import scipy.sparse as sp
from models.training import *

columns = np.random.default_rng(0).integers(0, 30_000, 20_000 * 15)
ends = np.arange(0, columns.size + 1, 15)
x = sp.csr_array((np.ones(columns.size, np.float32), columns, ends), shape=(20_000, 30_000))
y = np.arange(20_000) % 4
model = network(features=30_000, units=4)
model.fit(x[:200], y[:200], batch_size=200, verbose=0)
model.predict(x[:300], verbose=0)
before = peak()
model.fit(x, y, batch_size=200, steps_per_epoch=10, validation_split=0.1, validation_steps=4, verbose=0)
model.predict(x[:4000], verbose=0)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")
def test_rows_are_dense_by_batch_alone() -> None:
    """As a whole they would take 2.4 GB; a batch takes 24 MB."""
    assert float(run_python(WIDE)) < 250
