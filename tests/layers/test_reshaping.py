"""Layers that reshape, hide, repeat; functions as layers.  Numbers beside Keras's: tests/golden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers, ops
from lamina.graph.trace import Trace
from lamina.layers import Layer
from layers.gradients import gradients, slopes

rng = np.random.default_rng(0)
X = rng.normal(size=(9, 4, 6)).astype(np.float32)

LAYERS: dict[str, tuple[Callable[[], Layer], Any]] = {
    "reshape": (lambda: layers.Reshape((3, -1)), X.reshape(9, 3, 8)),
    "permute": (lambda: layers.Permute((2, 1)), X.transpose(0, 2, 1)),
    "up": (lambda: layers.UpSampling1D(2), X.repeat(2, axis=1)),
    "crop": (lambda: layers.Cropping1D((1, 0)), X[:, 1:]),
    "pad": (lambda: layers.ZeroPadding1D((0, 2)), np.pad(X, ((0, 0), (0, 2), (0, 0)))),
    "identity": (lambda: layers.Identity(), X),
    "masking": (lambda: layers.Masking(), X),
    "lambda": (lambda: layers.Lambda(lambda z: z * z), X * X),
}


@pytest.mark.parametrize("name", LAYERS)
def test_alone_in_a_model_and_again(name: str, backend: str) -> None:
    make, want = LAYERS[name]
    layer = make()
    assert layer.compute_output_shape((None, 4, 6)) == (None, *want.shape[1:])
    assert np.array_equal(layer(X), want)
    model = Sequential([Input((4, 6)), make()])
    assert np.array_equal(model.predict(X, batch_size=4, verbose=0), want)
    assert model.output_shape == (None, *want.shape[1:])


@pytest.mark.parametrize("name", [*(n for n in LAYERS if n != "masking"), "repeat"])
def test_gradient_of_training(name: str, backend: str) -> None:
    lamina.utils.set_random_seed(2)
    made = (
        [layers.RepeatVector(2)]
        if name == "repeat"
        else [layers.Reshape((4, 6)), LAYERS[name][0]()]
    )
    model = Sequential(
        [Input((3,)), layers.Dense(24, "tanh"), *made, layers.Flatten(), layers.Dense(1)]
    )
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
    for got, want in zip(gradients(model, "mse", x, y), slopes(model, "mse", x, y)):
        np.testing.assert_allclose(got, want, rtol=1e-2, atol=2e-3)


def test_masks_travel() -> None:
    x = X.copy()
    x[2, 1:], x[3, 0] = 0.0, 0.0
    with Trace(eager=True) as trace:
        tensor = trace.input(lamina.graph.tensor.Spec(x.shape), "x", x)
        hidden = layers.Identity()(layers.Masking()(tensor))
    assert np.array_equal(np.asarray(hidden._keras_mask), x.any(axis=-1))


def test_a_function_takes_what_it_names() -> None:
    def noisy(z: Any, scale: float, training: bool = False) -> Any:
        return z * scale if training else z

    layer = layers.Lambda(noisy, arguments={"scale": 3.0})
    assert np.array_equal(layer(X), X)
    assert np.array_equal(layer(X, training=True), X * 3)


def test_the_shape_a_function_gives_is_checked() -> None:
    assert np.array_equal(layers.Lambda(ops.square, output_shape=(4, 6))(X), X * X)
    assert np.array_equal(layers.Lambda(ops.square, output_shape=lambda s: s)(X), X * X)
    with pytest.raises(
        ValueError, match=r"shape \(9, 4, 6\), but its `output_shape` says \(None, 4\)"
    ):
        layers.Lambda(ops.square, output_shape=(4,))(X)


def halved(z: Any) -> Any:
    return z * 0.5


def test_configs_of_functions() -> None:
    """A function is kept by its name; a lambda has none."""
    layer = layers.Lambda(halved, name="l", arguments={})
    with lamina.utils.custom_object_scope({"halved": halved}):
        other = layers.Lambda.from_config(layer.get_config())
    assert other.get_config() == layer.get_config()
    assert np.array_equal(other(X), X * 0.5)
    with pytest.raises(ValueError, match="Cannot serialize a lambda"):
        layers.Lambda(lambda z: z).get_config()
    saved = {
        "class_name": "__lambda__",
        "config": {"code": "4wEA", "defaults": None, "closure": None},
    }
    with pytest.raises(ValueError, match="lambda"):
        layers.Lambda.from_config({"function": saved, "name": "l"})


@pytest.mark.parametrize("mask", [(), (None,), {"mask": None}, {"mask": np.ones((3, 4), bool)}])
def test_masks_that_are_asked_for(mask: Any) -> None:
    """With or without a mask of the input, which does not matter to layers that make their own."""
    args, kwargs = (mask, {}) if isinstance(mask, tuple) else ((), mask)
    numbers = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [1, 1, 1, 1]])
    steps = numbers[:, :, None] * np.array([0.0, 1.0])
    masking, embedding = layers.Masking(), layers.Embedding(5, 2, mask_zero=True)
    assert np.array_equal(masking.compute_mask(steps, *args, **kwargs), numbers != 0)
    assert np.array_equal(embedding.compute_mask(numbers, *args, **kwargs), numbers != 0)
    assert layers.Embedding(5, 2).compute_mask(numbers, *args, **kwargs) is None
    assert layers.Dot(1).compute_mask([steps, steps], *args, **kwargs) is None
