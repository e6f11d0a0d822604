"""Embedding: what it does in models, and numbers outside.  Beside Keras's: tests/golden."""

from __future__ import annotations

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, backends
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.layers import Dense, Embedding, Flatten
from layers.gradients import gradients, slopes

rng = np.random.default_rng(0)
X = rng.integers(0, 7, (30, 4))
Y = rng.normal(size=(30, 1)).astype(np.float32)


def model_with(**options: object) -> Sequential:
    lamina.utils.set_random_seed(1)
    return Sequential([Input((4,)), Embedding(9, 3, **options), Flatten(), Dense(1)])


def test_rows(backend: str) -> None:
    table = rng.normal(size=(9, 3)).astype(np.float32)
    layer = Embedding(9, 3, weights=table)
    assert np.array_equal(layer(X), table[X])
    assert np.array_equal(layer(X.astype(np.uint8)), table[X])
    assert layer.compute_output_shape((None, 4)) == (None, 4, 3)


def test_gradient_of_training(backend: str) -> None:
    model = model_with()
    for got, want in zip(gradients(model, "mse", X, Y), slopes(model, "mse", X, Y)):
        np.testing.assert_allclose(got, want, rtol=1e-2, atol=1e-3)


def test_backends_agree_and_rows_not_used_stay() -> None:
    found = []
    for backend, eager in (("numpy", False), ("native", False), ("native", True)):
        backends.set_backend(backend)
        model = model_with()
        before = model.get_weights()[0]
        model.compile("rmsprop", "mse", run_eagerly=eager)
        model.fit(X, Y, batch_size=8, epochs=3, verbose=0)
        found.append(model.get_weights())
        assert np.array_equal(found[-1][0][7:], before[7:])
    for others in found[1:]:
        for got, want in zip(others, found[0]):
            np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("number", [9, -10, 1.5])
def test_numbers_outside(number: float, backend: str) -> None:
    """Refused on arrays; in a graph they give a row of NaN."""
    layer = Embedding(9, 3)
    x = np.array([[1, number]])
    with pytest.raises(ValueError, match=f"whole numbers from -9 to 8.*Received: {number}"):
        layer(x)
    with Trace(eager=True) as trace:
        rows = np.asarray(layer(trace.input(Spec(x.shape), "x", x.astype(np.float32))))
    assert np.isnan(rows[0, 1]).all()
    assert np.isfinite(rows[0, 0]).all()


def test_input_length_is_deprecated() -> None:
    with pytest.warns(UserWarning, match="input_length"):
        Embedding(9, 3, input_length=4)


@pytest.mark.parametrize("argument", ["lora_rank", "lora_alpha", "quantization_config"])
def test_what_lamina_does_not_have(argument: str) -> None:
    with pytest.raises(ValueError, match=f"`{argument}` is not supported. Received: {argument}=2"):
        Embedding(9, 3, **{argument: 2})
