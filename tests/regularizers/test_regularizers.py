"""Regularizers: their gradients, their configs, and in training.  Numbers: tests/golden."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Input, Sequential, Variable, layers, ops, regularizers
from lamina.utils import set_random_seed
from ops.test_gradients import check

X = np.random.default_rng(0).normal(size=(4, 3))
MADE = [
    regularizers.L1(0.3),
    regularizers.L2(0.2),
    regularizers.L1L2(0.1, 0.2),
    regularizers.OrthogonalRegularizer(0.7),
    regularizers.OrthogonalRegularizer(0.7, "columns"),
]


@pytest.mark.usefixtures("numpy_backend")
@pytest.mark.parametrize("made", MADE, ids=lambda r: f"{type(r).__name__} {r.get_config()}")
def test_gradients(made: Any) -> None:
    check(lambda x: ops.add(0.0, made(x)), [X])


@pytest.mark.parametrize("made", MADE, ids=lambda r: type(r).__name__)
def test_configs(made: Any) -> None:
    for again in (
        type(made).from_config(made.get_config()),
        regularizers.get(regularizers.serialize(made)),
        regularizers.deserialize(regularizers.serialize(made)),
    ):
        assert type(again) is type(made)
        assert again.get_config() == made.get_config()


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("l2", [0.0, 0.5])
def test_penalties_are_arrays(l2: float, dtype: str) -> None:
    """Also of a regularizer that penalizes nothing."""
    made = regularizers.L1L2(0.0, l2)
    for x in (np.ones((2, 2), dtype), Variable(np.ones((2, 2)), dtype=dtype)):
        penalty = made(x)
        assert (penalty.shape, penalty.dtype, float(penalty)) == ((), dtype, 4 * l2)
    assert made([1.0, 1.0]).dtype == np.float32


@pytest.mark.usefixtures("backend")
def test_no_penalty_changes_nothing() -> None:
    losses = []
    for none in (None, regularizers.L2(0.0)):
        set_random_seed(0)
        dense = layers.Dense(2, kernel_regularizer=none, activity_regularizer=none)
        model = Sequential([Input((3,)), dense])
        model.compile("rmsprop", "mse")
        losses.append(model.fit(X, X[:, :2], epochs=2, verbose=0).history["loss"])
    assert losses[0] == losses[1]


@pytest.mark.usefixtures("backend")
def test_orthogonal_columns_cost_nothing() -> None:
    q, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 3)))
    columns = regularizers.OrthogonalRegularizer(1.0, "columns")
    assert float(columns(q.astype(np.float32))) < 1e-6
    assert float(columns(np.ones((6, 3), np.float32))) == pytest.approx(1, rel=1e-6)
    assert float(columns(np.ones((6, 1), np.float32))) == 0  # there is no pair


@pytest.mark.usefixtures("backend")
def test_a_weight_of_zeros_trains() -> None:
    """A row of norm 0 has a finite slope."""
    model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="zeros")])
    model.layers[0].kernel.regularizer = regularizers.OrthogonalRegularizer(1.0)
    model.compile("rmsprop", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_own_regularizers() -> None:
    class Own(regularizers.Regularizer):
        def __call__(self, x: Any) -> Any:
            return ops.sum(ops.abs(x))

    with pytest.raises(NotImplementedError, match="Own does not implement get_config"):
        Own().get_config()
    layer = layers.Dense(2, kernel_regularizer=Own())
    layer.build((None, 3))
    assert float(layer.kernel.regularizer(np.ones((3, 2)))) == 6
    assert regularizers.deserialize("Own", {"Own": Own}) is not None
    assert regularizers.Regularizer()(X) == 0
    assert regularizers.get(None) is None


def test_the_name_of_the_function_l1_l2_is_none_of_a_regularizer() -> None:
    """As in Keras."""
    with pytest.raises(ValueError, match=r"'l1_l2'\. Did you mean 'l1l2'"):
        regularizers.get("l1_l2")
    assert isinstance(regularizers.get("l1l2"), regularizers.l1_l2)
