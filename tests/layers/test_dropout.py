"""Dropout: which elements, when, and what flows back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, backends, layers, ops
from lamina.layers import Dropout
from lamina.optimizers import RMSprop
from layers.gradients import gradients

X = np.random.default_rng(0).uniform(0.5, 1.5, (200, 70)).astype(np.float32)


class Scale(layers.Layer):
    """x * w, a weight for each number of a sample."""

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight(input_shape[1:], "ones", name="w")

    def call(self, inputs: Any) -> Any:
        return ops.multiply(inputs, self.w)


def total(y: Any, p: Any) -> Any:
    """The sum of what comes out, for each sample."""
    return ops.sum(p, axis=list(range(1, len(p.shape)))) if len(p.shape) > 1 else p


class Total(lamina.losses.Loss):
    def __init__(self) -> None:
        super().__init__(name="total", reduction="sum")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return total(y_true, y_pred)


def dropped(x: np.ndarray, layer: Dropout) -> np.ndarray:
    return np.asarray(layer(x, training=True))


def test_it_acts_in_training_alone(backend: str) -> None:
    layer = Dropout(0.4, seed=1)
    assert np.array_equal(layer(X), X)
    assert np.array_equal(layer(X, training=False), X)
    y = dropped(X, layer)
    kept = y != 0
    np.testing.assert_allclose(y[kept], X[kept] / 0.6, rtol=1e-6)
    assert abs(kept.mean() - 0.6) < 5 * np.sqrt(0.24 / kept.size)


def test_the_same_seed_gives_the_same_elements() -> None:
    """On both backends, step by step; another seed, another layer, another step differ."""
    runs = []
    for name in backends.names:
        backends.set_backend(name)
        layer = Dropout(0.4, seed=1)
        runs.append([dropped(X, layer) for _ in range(3)])
    assert np.array_equal(runs[0], runs[1])
    others = [*runs[0], dropped(X, Dropout(0.4, seed=2)), dropped(X, Dropout(0.4))]
    for i, a in enumerate(others):
        for b in others[:i]:
            same = ((a != 0) == (b != 0)).mean()
            assert abs(same - (0.36 + 0.16)) < 0.02


@pytest.mark.parametrize("rate", [0.0, 0.025, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(1,), (70,), (64,), (3, 33), (2, 5, 17)])
def test_the_gradient_passes_where_the_element_did(
    shape: tuple[int, ...], rate: float, backend: str
) -> None:
    """The sum of what comes out is linear in w: its value is w times its gradient."""
    x = np.random.default_rng(1).uniform(0.5, 1.5, (40, *shape)).astype(np.float32)
    lamina.utils.set_random_seed(5)
    model = Sequential([Input(shape), Scale(), Dropout(rate)])
    (gradient,) = gradients(model, Total(), x, np.zeros(40))
    lamina.utils.set_random_seed(5)
    again = Sequential([Input(shape), Scale(), Dropout(rate)])
    out = np.asarray(again(x, training=True))
    np.testing.assert_allclose(gradient, out.sum(axis=0), rtol=1e-5)
    assert (out == 0).any() == (rate > 0)


@pytest.mark.parametrize("activation", ["relu", "tanh", "linear"])
def test_the_gradient_of_a_layer_that_drops(activation: str) -> None:
    """Fused on the native backend: bit for bit the same elements as on the reference's graph."""
    found = []
    for name in backends.names:
        backends.set_backend(name)
        lamina.utils.set_random_seed(5)
        model = Sequential(
            [
                Input((70,)), layers.Dense(100, activation=activation), Dropout(0.3),
                layers.Dense(65, activation=activation), Dropout(0.5), layers.Dense(3),
            ]
        )  # fmt: skip
        found.append(gradients(model, "mse", X, np.ones((200, 3))))
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-5 * np.abs(b).max())


def test_each_batch_drops_others() -> None:
    """Four steps of fit use four steps of the stream."""
    model = Sequential([Input((70,)), Scale(), Dropout(0.5, seed=3)])
    model.compile(RMSprop(0.0), Total())
    losses = [model.train_on_batch(X, np.zeros(200)) for _ in range(4)]
    assert len(set(losses)) == 4
    assert model.layers[1].seed_generator.state.numpy().tolist() == [3, 4]


@pytest.mark.parametrize("noise_shape", [(None, 1), (None, 70), (1, 70), (200, 1), (1, None)])
def test_noise_shape(noise_shape: tuple[int | None, ...], backend: str) -> None:
    """Elements along an axis of size 1 stay or go together."""
    y = dropped(X, Dropout(0.5, noise_shape=noise_shape, seed=1)) != 0
    for axis, size in enumerate(noise_shape):
        if size == 1:
            assert (y.all(axis=axis) | ~y.any(axis=axis)).all()
    assert 0.2 < y.mean() < 0.8
    if noise_shape[0] != 200:
        model = Sequential([Input((70,)), Dropout(0.5, noise_shape=noise_shape), layers.Dense(2)])
        model.compile("rmsprop", "mse")
        model.fit(X, np.ones((200, 2)), verbose=0)


def test_a_noise_shape_of_another_rank() -> None:
    with pytest.raises(ValueError, match="as many axes as the input"):
        dropped(X, Dropout(0.5, noise_shape=(None, 70, 1)))


@pytest.mark.parametrize("rate", [np.float32(0.3), np.float64(0.3), np.int64(0)])
def test_rates_of_numpy(rate: Any) -> None:
    layer = Dropout(rate)
    assert layer.rate == rate
    assert json.dumps(layer.get_config()["rate"]) == str(float(rate))


@pytest.mark.parametrize("rate", [-0.1, 1.5, "0.5", None, True, float("nan")])
def test_bad_rates(rate: Any) -> None:
    with pytest.raises(ValueError, match=r"argument `rate`.*between 0 and 1.*Received: rate="):
        Dropout(rate)


@pytest.mark.parametrize("noise_shape", [3, "ab", (0, 1), (1.5,), (None, True), (-1, 1)])
def test_bad_noise_shapes(noise_shape: Any) -> None:
    with pytest.raises(ValueError, match=r"argument `noise_shape`.*Received: noise_shape="):
        Dropout(0.5, noise_shape=noise_shape)


def test_ends_of_the_range(backend: str) -> None:
    assert not hasattr(Dropout(0), "seed_generator")
    assert np.array_equal(dropped(X, Dropout(0)), X)
    assert not dropped(X, Dropout(1)).any()
    model = Sequential([Input((70,)), layers.Dense(4), Dropout(1), layers.Dense(2)])
    model.compile("rmsprop", "mse")
    before = model.get_weights()
    model.fit(X, np.ones((200, 2)), verbose=0)
    assert np.array_equal(before[0], model.get_weights()[0])
    assert np.isfinite(model.get_weights()[3]).all()


def test_config_makes_an_equal_layer() -> None:
    layer = Dropout(0.3, noise_shape=(None, 1), seed=7)
    other = Dropout.from_config(layer.get_config())
    assert other.get_config() == layer.get_config()
    assert np.array_equal(dropped(X, layer), dropped(X, other))
