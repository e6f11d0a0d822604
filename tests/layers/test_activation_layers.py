"""Layers of activations: training on both backends, gradients, configs, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Sequential, backends, layers
from layers.gradients import gradients, slopes

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = np.random.default_rng(1).normal(size=(12, 2)).astype(np.float32)

MADE: dict[str, Any] = {
    "ReLU": lambda: layers.ReLU(max_value=1.5, negative_slope=0.1),
    "LeakyReLU": lambda: layers.LeakyReLU(),
    "ELU": lambda: layers.ELU(alpha=0.5),
    "PReLU": lambda: layers.PReLU(alpha_initializer="ones", alpha_regularizer="l2"),
    "shared PReLU": lambda: layers.PReLU("ones", alpha_constraint="non_neg", shared_axes=[1]),
    "Softmax": lambda: layers.Softmax(axis=1),
    "silu": lambda: layers.Activation("silu"),
    "gelu": lambda: layers.Activation("gelu"),
    "selu": lambda: layers.Activation("selu"),
    "mish": lambda: layers.Activation("mish"),
}


def model(name: str) -> Sequential:
    made = Sequential([layers.Input((4,)), layers.Dense(5), MADE[name](), layers.Dense(2)])
    rng = np.random.default_rng(3)
    made.set_weights(
        [rng.uniform(0.1, 0.9, w.shape) * (-1) ** i for i, w in enumerate(made.weights)]
    )
    return made


@pytest.mark.parametrize("name", MADE)
def test_gradients(name: str, backend: str) -> None:
    found, want = gradients(model(name), "mse", X, Y), slopes(model(name), "mse", X, Y)
    for g, w in zip(found, want):
        np.testing.assert_allclose(g, w, rtol=2e-3, atol=3e-3)


@pytest.mark.parametrize("name", MADE)
def test_backends_train_alike(name: str) -> None:
    trained = []
    for backend in backends.names:
        backends.set_backend(backend)
        made = model(name)
        made.compile("rmsprop", "mse")
        made.fit(X, Y, batch_size=5, epochs=3, shuffle=False, verbose=0)
        trained.append(made.get_weights())
    for a, b in zip(*trained):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", MADE)
def test_config(name: str) -> None:
    layer = MADE[name]()
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert layers.deserialize(layers.serialize(layer)).get_config() == layer.get_config()


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
def test_softmax_leaves_out_what_is_masked(axis: Any) -> None:
    x = np.random.default_rng(2).normal(size=(2, 3, 4)).astype(np.float32)
    mask = np.array([True, False, True, True])
    y = np.asarray(layers.Softmax(axis)(x, mask=mask))
    assert not y[..., 1].any()
    np.testing.assert_allclose(y[..., mask], layers.Softmax(axis)(x[..., mask]), rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.ReLU(max_value=-1.0), r"max_value.*-1\.0"),
        (lambda: layers.ReLU(negative_slope=None), "negative_slope.*None"),
        (lambda: layers.ReLU(threshold=-0.5), r"threshold.*-0\.5"),
        (lambda: layers.LeakyReLU(negative_slope=-0.1), r"negative_slope.*-0\.1"),
        (lambda: layers.LeakyReLU(None), "negative_slope.*None"),
        (lambda: layers.PReLU(shared_axes=[0]), "shared_axes.*0"),
        (lambda: layers.PReLU(shared_axes=[3])(X), r"shared_axes=\[3\].*\(12, 4\)"),
        (lambda: layers.Softmax(axis=()), "axis"),
        (lambda: layers.Softmax(axis=2)(X), "axis 2 is out of bounds"),
        (lambda: layers.Softmax()(X, mask=np.ones((3, 12, 4))), r"mask.*\(3, 12, 4\)"),
        (lambda: layers.Softmax()(X, mask=np.ones(3)), r"mask.*\(3,\)"),
    ],
)
def test_misuse(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_the_old_name_of_a_slope() -> None:
    with pytest.warns(UserWarning, match="`alpha` is deprecated") as told:
        layer = layers.LeakyReLU(alpha=0.5)
    assert told[0].filename == __file__
    assert layer.get_config()["negative_slope"] == 0.5
    with pytest.warns(UserWarning, match="`alpha`"), pytest.raises(ValueError, match="None"):
        layers.LeakyReLU(alpha=None)


@pytest.mark.parametrize("make", [layers.ReLU, layers.LeakyReLU, layers.ELU])
def test_numbers_are_asked_for(make: Any) -> None:
    with pytest.raises(TypeError, match="must be a number"):
        make("a")
