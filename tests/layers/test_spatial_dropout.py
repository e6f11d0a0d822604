"""Dropout of channels in training: on both backends alike, and what flows back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, backends, layers, ops
from layers.gradients import gradients

KINDS: list[tuple[Any, tuple[int, ...]]] = [
    (lambda: layers.SpatialDropout1D(0.4, seed=1), (5, 6)),
    (lambda: layers.SpatialDropout2D(0.4, seed=1), (2, 3, 6)),
    (lambda: layers.SpatialDropout2D(0.4, "channels_first", seed=1), (6, 2, 3)),
    (lambda: layers.SpatialDropout3D(0.4, seed=1), (2, 3, 2, 6)),
    (lambda: layers.SpatialDropout3D(0.4, "channels_first", seed=1), (6, 2, 3, 2)),
]


class Scale(layers.Layer):
    """x * w, a weight for each number of a sample."""

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight(input_shape[1:], "ones", name="w")

    def call(self, inputs: Any) -> Any:
        return ops.multiply(inputs, self.w)


@pytest.mark.parametrize(("make", "shape"), KINDS)
def test_the_same_seed_drops_the_same_channels(make: Any, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).uniform(0.5, 1.5, (30, *shape)).astype(np.float32)
    runs = []
    for name in backends.names:
        backends.set_backend(name)
        layer = make()
        runs.append([np.asarray(layer(x, training=True)) for _ in range(2)])
    for a, b in zip(*runs):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(runs[0][0], runs[0][1])


@pytest.mark.parametrize(("make", "shape"), KINDS)
def test_the_gradient_passes_where_the_channel_did(
    make: Any, shape: tuple[int, ...], backend: str
) -> None:
    """The mean of what comes out is linear in w: its value is w times its gradient."""
    x = np.random.default_rng(1).uniform(0.5, 1.5, (12, *shape)).astype(np.float32)
    model = Sequential([Input(shape), Scale(), make()])
    (gradient,) = gradients(model, lambda y, p: p, x, np.zeros_like(x))
    out = np.asarray(Sequential([Input(shape), Scale(), make()])(x, training=True))
    np.testing.assert_allclose(gradient, out.sum(axis=0) / x.size, rtol=1e-5)
    assert (out == 0).any()


@pytest.mark.usefixtures("backend")
def test_it_learns_with_a_last_batch_that_is_smaller() -> None:
    x = np.random.default_rng(2).normal(size=(22, 5, 4)).astype(np.float32)
    model = Sequential(
        [
            Input((5, 4)), layers.Dense(8, "relu"), layers.SpatialDropout1D(0.2),
            layers.Flatten(), layers.Dense(1),
        ]
    )  # fmt: skip
    model.compile(lamina.optimizers.Adam(0.01), "mse")
    losses = model.fit(x, x.sum(axis=(1, 2)), batch_size=8, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]


def test_a_mask_passes(recwarn: pytest.WarningsRecorder) -> None:
    """The loss leaves out what is masked: the step without numbers in it costs nothing."""
    x = np.ones((4, 3, 2), np.float32)
    x[:, 1] = 0.0
    stack = [layers.Masking(), layers.SpatialDropout1D(0.5), layers.Dense(1, use_bias=False)]
    model = Sequential([Input((3, 2)), *stack])
    model.compile("sgd", "mse")
    y = model.predict(x, verbose=0)
    y[:, 1] = 100.0
    assert model.evaluate(x, y, verbose=0) == 0.0
    assert not recwarn.list


def test_arguments_that_dropout_has_and_these_have_not() -> None:
    for argument in ("noise_shape", "trainable"):
        with pytest.raises(TypeError, match=argument):
            layers.SpatialDropout1D(0.5, **{argument: None})  # type: ignore[arg-type]
