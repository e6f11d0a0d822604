"""Layers that normalize: what they do in models, and what they refuse.  Numbers: tests/golden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, backends, layers
from lamina.layers import (
    BatchNormalization,
    Dense,
    GroupNormalization,
    Layer,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from layers.gradients import gradients, slopes

rng = np.random.default_rng(0)
X = (rng.normal(size=(24, 6)) * 3 + 1).astype(np.float32)
Y = rng.normal(size=(24, 2)).astype(np.float32)

LAYERS: dict[str, Callable[[], Layer]] = {
    "batch": lambda: BatchNormalization(momentum=0.5),
    "batch bare": lambda: BatchNormalization(center=False, scale=False),
    "batch renorm": lambda: BatchNormalization(renorm=True, renorm_clipping={"rmax": 2.0}),
    "group": lambda: GroupNormalization(2),
    "layer": lambda: LayerNormalization(),
    "rms": lambda: RMSNormalization(),
    "unit": lambda: UnitNormalization(),
}


def model_with(make: Callable[[], Layer]) -> Sequential:
    lamina.utils.set_random_seed(1)
    return Sequential([Input((6,)), Dense(8, "tanh"), make(), Dense(2)])


@pytest.mark.parametrize("name", ["group", "layer", "rms", "unit"])
def test_gradient_of_training(name: str, backend: str) -> None:
    model = model_with(LAYERS[name])
    for got, want in zip(gradients(model, "mse", X, Y), slopes(model, "mse", X, Y)):
        np.testing.assert_allclose(got, want, rtol=1e-2, atol=2e-3)


@pytest.mark.parametrize("name", LAYERS)
def test_backends_agree(name: str) -> None:
    """Also in a batch of another size, and step by step in Python."""
    found = []
    for backend, eager in (("numpy", False), ("native", False), ("native", True)):
        backends.set_backend(backend)
        model = model_with(LAYERS[name])
        model.compile("rmsprop", "mse", run_eagerly=eager)
        model.fit(X, Y, batch_size=10, epochs=3, verbose=0)
        found.append([*model.get_weights(), model.predict(X, verbose=0)])
    for others in found[1:]:
        for got, want in zip(others, found[0]):
            np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_threads_do_not_change_bits(name: str) -> None:
    results = []
    for threads in (1, 2, 3):
        lamina.config.set_num_threads(threads)
        model = model_with(LAYERS[name])
        model.compile("rmsprop", "mse")
        model.fit(np.tile(X, (20, 1)), np.tile(Y, (20, 1)), batch_size=240, epochs=2, verbose=0)
        results.append([w.tobytes() for w in model.get_weights()])
    assert results[0] == results[1] == results[2]


def test_batch_statistics(backend: str) -> None:
    """In training the output is normalized over the batch; the moving statistics follow."""
    layer = BatchNormalization(momentum=0.75, epsilon=0.0)
    y = np.asarray(layer(X, training=True))
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.25 * X.mean(axis=0), rtol=1e-5)
    want = 0.75 + 0.25 * X.var(axis=0)
    np.testing.assert_allclose(layer.moving_variance.numpy(), want, rtol=1e-5)
    assert [w.name for w in layer.trainable_weights] == ["gamma", "beta"]
    assert [w.name for w in layer.non_trainable_weights] == ["moving_mean", "moving_variance"]


def test_inference_does_not_depend_on_the_batch(backend: str) -> None:
    model = model_with(LAYERS["batch"])
    model.compile("rmsprop", "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    before = [w.copy() for w in model.get_weights()]
    whole = model.predict(X, verbose=0)
    assert np.array_equal(model.predict(X[3:4], verbose=0), whole[3:4]) or backend == "numpy"
    model.evaluate(X, Y, verbose=0)
    assert all(map(np.array_equal, model.get_weights(), before))


@pytest.mark.parametrize("name", ["batch", "group", "layer"])
def test_regularizers_are_in_the_loss(name: str, backend: str) -> None:
    penalties = {"gamma_regularizer": "l2", "beta_regularizer": lamina.regularizers.L1(0.5)}
    kinds = {
        "batch": BatchNormalization, "group": GroupNormalization, "layer": LayerNormalization,
    }  # fmt: skip
    losses = []
    for options in ({}, penalties):
        lamina.utils.set_random_seed(1)
        layer = kinds[name](**({"groups": 2} if name == "group" else {}), **options)
        model = Sequential([Input((6,)), layer])
        layer.set_weights([w + 0.5 for w in layer.get_weights()])
        model.compile("rmsprop", "mse")
        losses.append(model.evaluate(X, X, verbose=0))
    assert losses[1] - losses[0] == pytest.approx(6 * (0.01 * 1.5**2 + 0.5 * 0.5), rel=1e-4)


def test_a_mask_of_all_is_no_mask(backend: str) -> None:
    x = X.reshape(8, 3, 6)
    plain, masked = BatchNormalization(), BatchNormalization()
    want = plain(x, training=True)
    np.testing.assert_allclose(
        masked(x, training=True, mask=np.ones((8, 3), bool)), want, rtol=1e-4, atol=1e-5
    )
    with pytest.raises(ValueError, match=r"mask must have one axis less.*mask.shape=\(8,\)"):
        masked(x, training=True, mask=np.ones(8, bool))


def test_a_repeated_axis_is_a_list_once_built() -> None:
    """As Keras has it: a saved config names the axes of a layer that was built as a list."""
    layer = LayerNormalization(axis=-1)
    assert layer.get_config()["axis"] == -1
    layer(X)
    assert layer.get_config()["axis"] == [-1]
    other = LayerNormalization.from_config(layer.get_config())
    np.testing.assert_array_equal(other(X), layer(X))


def test_rms_scaling_is_deprecated() -> None:
    with pytest.warns(UserWarning, match="rms_scaling=True"):
        LayerNormalization(rms_scaling=True)


@pytest.mark.parametrize("make", [BatchNormalization, LayerNormalization, RMSNormalization])
def test_axes_that_are_not_there(make: Any) -> None:
    with pytest.raises(ValueError, match=r"axis 2 .* is out of bounds|axis 2 is out of bounds"):
        make(axis=2)(X)
    with pytest.raises(ValueError, match="known size"):
        make(axis=0).build((None, 3))


@pytest.mark.parametrize("epsilon", [[0.1], "0.1", None, True])
@pytest.mark.parametrize(
    "kind",
    [
        layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization,
        layers.RMSNormalization,
    ],
)  # fmt: skip
def test_epsilon_is_a_number(kind: Any, epsilon: Any) -> None:
    with pytest.raises(TypeError, match=r"`epsilon` must be a number\. Received: epsilon="):
        kind(epsilon=epsilon)
    assert kind(epsilon=np.float32(0.5)).get_config()["epsilon"] == 0.5


def test_the_input_keeps_its_size() -> None:
    layer = BatchNormalization()
    layer(X)
    with pytest.raises(ValueError, match="axis -1 of input shape to have value 6"):
        layer(X[:, :5])
