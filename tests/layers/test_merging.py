"""Layers that make one tensor of several.  Numbers beside Keras's: tests/golden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Model, backends, layers

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 5)).astype(np.float32)
Y = rng.normal(size=(20, 2)).astype(np.float32)

LAYERS: dict[str, Callable[[], Any]] = {
    "add": lambda: layers.Add(),
    "subtract": lambda: layers.Subtract(),
    "multiply": lambda: layers.Multiply(),
    "average": lambda: layers.Average(),
    "maximum": lambda: layers.Maximum(),
    "minimum": lambda: layers.Minimum(),
    "concatenate": lambda: layers.Concatenate(),
    "dot": lambda: layers.Dot(1, normalize=True),
}


def model_with(name: str) -> Model:
    """A merge of two views of the input, one of them used twice."""
    lamina.utils.set_random_seed(3)
    entry = Input((5,))
    a, b = layers.Dense(6, "tanh")(entry), layers.Dense(6, "relu")(entry)
    merged = LAYERS[name]()([a, b])
    return Model(entry, layers.Dense(2)(layers.Concatenate()([merged, a])))


@pytest.mark.parametrize("name", LAYERS)
def test_backends_agree(name: str) -> None:
    found = []
    for backend, eager in (("numpy", False), ("native", False), ("native", True)):
        backends.set_backend(backend)
        model = model_with(name)
        model.compile("rmsprop", "mse", run_eagerly=eager)
        model.fit(X, Y, batch_size=8, epochs=3, verbose=0)
        found.append([*model.get_weights(), model.predict(X, verbose=0)])
    for others in found[1:]:
        for got, want in zip(others, found[0]):
            np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


def test_ranks_are_made_equal_after_the_batch() -> None:
    a, b = rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(layers.Add()([a, b]), a + b[:, None], rtol=1e-6)


def test_dot_is_einsum(backend: str) -> None:
    a, b = rng.normal(size=(4, 2, 3, 5)), rng.normal(size=(4, 5, 6))
    got = layers.Dot((3, 1))([a.astype(np.float32), b.astype(np.float32)])
    np.testing.assert_allclose(got, np.einsum("nabk,nkc->nabc", a, b), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("axis", [3, -4])
def test_concatenate_refuses_axes_that_are_not_there(axis: int) -> None:
    with pytest.raises(ValueError, match=f"axis {axis} is out of bounds"):
        layers.Concatenate(axis=axis)([X, X])


def test_no_products_over_the_batch() -> None:
    with pytest.raises(ValueError, match="over the batch axis"):
        layers.Dot(0)([X, X])


@pytest.mark.parametrize("layer", [layers.Add(), layers.Concatenate()])
@pytest.mark.parametrize("mask", [np.ones((30, 4), bool), [None], [None, None, None]])
def test_masks_are_one_for_each_input(layer: Any, mask: Any) -> None:
    with pytest.raises(ValueError, match=r"`mask` must be a list .* each of 2 inputs. Received"):
        layer.compute_mask([X, X], mask=mask)
