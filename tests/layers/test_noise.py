"""Layers with noise: what they leave alone, their moments, training, configs, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Sequential, backends, layers

X = np.random.default_rng(0).normal(size=(400, 100)).astype(np.float32)
NOISY: dict[str, Any] = {
    "GaussianNoise": lambda: layers.GaussianNoise(0.5, seed=3),
    "GaussianDropout": lambda: layers.GaussianDropout(0.2, seed=3),
    "AlphaDropout": lambda: layers.AlphaDropout(0.3, seed=3),
}


@pytest.mark.parametrize("name", NOISY)
def test_only_training_is_noisy(name: str, backend: str) -> None:
    layer = NOISY[name]()
    np.testing.assert_array_equal(layer(X), X)
    first, second = (np.asarray(layer(X, training=True)) for _ in range(2))
    assert (first != X).mean() > 0.9
    assert (first != second).mean() > 0.3
    np.testing.assert_array_equal(NOISY[name]()(X, training=True), first)


def test_moments() -> None:
    error = 5 / np.sqrt(X.size)
    noise = np.asarray(layers.GaussianNoise(0.5, seed=1)(X, training=True)) - X
    assert abs(noise.mean()) < 0.5 * error
    assert abs(noise.std() - 0.5) < 0.5 * error
    factor = np.asarray(layers.GaussianDropout(0.2, seed=1)(np.ones_like(X), training=True))
    assert abs(factor.mean() - 1) < 0.5 * error
    assert abs(factor.std() - 0.5) < 0.5 * error
    y = np.asarray(layers.AlphaDropout(0.3, seed=1)(X, training=True))
    assert abs(y.mean() - X.mean()) < 2 * error
    assert abs(y.std() - X.std()) < 2 * error
    low, count = np.unique(y, return_counts=True)
    share = count.max() / y.size
    assert abs(share - 0.3) < error
    scale = (0.7 * (1 + 0.3 * 1.7580993408473766**2)) ** -0.5
    np.testing.assert_allclose(low[count.argmax()], -scale * 1.7580993408473766 * 0.7, rtol=1e-5)


def test_noise_shape() -> None:
    y = np.asarray(layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=2)(X, training=True))
    values, count = np.unique(y, return_counts=True)
    dropped = y == values[count.argmax()]
    rows = dropped.all(axis=1)
    assert 0.3 < rows.mean() < 0.7


@pytest.mark.parametrize("name", NOISY)
def test_backends_train_alike(name: str) -> None:
    trained = []
    for backend in backends.names:
        backends.set_backend(backend)
        model = Sequential([layers.Input((100,)), NOISY[name](), layers.Dense(3)])
        model.set_weights([np.full(w.shape, 0.1) for w in model.weights])
        model.compile("rmsprop", "mse")
        model.fit(X[:50], X[:50, :3], batch_size=20, epochs=2, shuffle=False, verbose=0)
        trained.append(model.get_weights())
    for a, b in zip(*trained):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


def test_activity_regularization() -> None:
    model = Sequential([layers.Input((100,)), layers.ActivityRegularization(l1=0.1, l2=0.01)])
    model.compile("rmsprop", "mse")
    x = X[:8]
    want = (0.1 * np.abs(x).sum() + 0.01 * (x**2).sum()) / len(x)
    np.testing.assert_allclose(model.evaluate(x, x, batch_size=8, verbose=0), want, rtol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        layers.GaussianNoise(0.3, seed=2), layers.GaussianDropout(0.3),
        layers.AlphaDropout(0.1, (None, 1), 5), layers.ActivityRegularization(0.1, 0.2),
    ],
)  # fmt: skip
def test_config(layer: Any) -> None:
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
    assert layers.deserialize(layers.serialize(layer)).get_config() == layer.get_config()


@pytest.mark.parametrize("value", [-0.1, 1.5, "a", None])
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (layers.GaussianNoise, "stddev"),
        (layers.GaussianDropout, "rate"),
        (layers.AlphaDropout, "rate"),
    ],
)
def test_misuse(make: Any, name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name}.*{value}"):
        make(value)


@pytest.mark.parametrize("make", [layers.GaussianDropout, layers.AlphaDropout])
def test_nothing_is_left_at_rate_1(make: Any) -> None:
    with pytest.raises(ValueError, match=r"below 1.*rate=1"):
        make(1)
