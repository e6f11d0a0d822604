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
    SpectralNormalization,
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


def test_the_input_keeps_its_size() -> None:
    layer = BatchNormalization()
    layer(X)
    with pytest.raises(ValueError, match="axis -1 of input shape to have value 6"):
        layer(X[:, :5])


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


# --- SpectralNormalization: tests/golden/cases/spectral_normalization.py has Keras's numbers ---------


def test_the_norm_is_the_largest_singular_value(backend: str) -> None:
    dense = Dense(5)
    made = SpectralNormalization(dense, power_iterations=100)
    made.build((None, 6))
    dense.kernel.assign(rng.normal(size=(6, 5)))
    u, _, v = np.linalg.svd(dense.kernel.numpy().astype(np.float64))
    largest = np.outer(u[:, 0], v[0])
    made(X, training=True)
    assert np.linalg.norm(dense.kernel.numpy(), 2) == pytest.approx(1, abs=1e-5)
    assert np.sum(dense.kernel.numpy() * largest) == pytest.approx(1, abs=1e-5)
    assert abs(v[0] @ made.vector_u.numpy()[0]) == pytest.approx(1, abs=1e-5)


def test_its_gradient_is_that_of_the_quotient(backend: str) -> None:
    """As if the divided kernel were a plain layer's."""
    made = model_with(lambda: SpectralNormalization(Dense(4, "tanh")))
    plain = model_with(lambda: Dense(4, "tanh"))
    weights = made.get_weights()
    weights[2] = np.asarray(made.layers[1].normalized_weights()[1])
    del weights[3]  # the vector of the power method
    plain.set_weights(weights)
    got, want = gradients(made, "mse", X, Y), gradients(plain, "mse", X, Y)
    del got[3]
    for mine, its in zip(got, want, strict=True):
        np.testing.assert_allclose(mine, its, atol=1e-6)


def test_it_is_left_alone_outside_of_training(backend: str) -> None:
    model = model_with(lambda: SpectralNormalization(Dense(4)))
    before = model.get_weights()
    model.compile("sgd", "mse")
    model.predict(X, verbose=0)
    model.evaluate(X, Y, verbose=0)
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_what_has_no_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must have a kernel or embeddings. Received: Flatten"):
        SpectralNormalization(lamina.layers.Flatten())(X)
    with pytest.raises(ValueError, match="`power_iterations` must be at least 1"):
        SpectralNormalization(Dense(2), power_iterations=0)
    with pytest.raises(ValueError, match="`layer` must be a layer, for SpectralNormalization"):
        SpectralNormalization("dense")
