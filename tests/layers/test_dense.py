"""Dense: its numbers, its gradient, its arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, constraints, ops, regularizers
from lamina.layers import Dense
from layers.gradients import gradients, slopes

rng = np.random.default_rng(0)
X = rng.normal(size=(12, 5)).astype(np.float32)
Y = rng.normal(size=(12, 3)).astype(np.float32)

ACTIVATIONS = {
    None: lambda x: x,
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "exponential": np.exp,
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True),
    "log_softmax": lambda x: x - np.log(np.exp(x).sum(axis=-1, keepdims=True)),
}


def with_bias(layer: Dense) -> list[np.ndarray]:
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return [w.astype(np.float64) for w in layer.get_weights()]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(7, 5), (1, 5), (4, 3, 5), (2, 1, 3, 5)])
def test_numbers(activation: str | None, shape: tuple[int, ...], backend: str) -> None:
    """activation(x kernel + bias) over the last axis, alone and in a model."""
    x = rng.normal(size=shape).astype(np.float32)
    layer = Dense(3, activation=activation)
    layer(x)
    kernel, bias = with_bias(layer)
    want = ACTIVATIONS[activation](x @ kernel + bias)
    np.testing.assert_allclose(layer(x), want, rtol=1e-5, atol=1e-6)
    model = Sequential([Input(shape[1:]), layer])
    np.testing.assert_allclose(model.predict(x, verbose=0), want, rtol=1e-5, atol=1e-6)
    assert model.output_shape == (None, *shape[1:-1], 3)


def test_without_bias() -> None:
    layer = Dense(3, use_bias=False)
    np.testing.assert_allclose(layer(X), X @ layer.get_weights()[0], rtol=1e-5, atol=1e-6)
    assert layer.bias is None
    assert [w.shape for w in layer.weights] == [(5, 3)]
    assert layer.count_params() == 15


def test_a_function_as_activation(backend: str) -> None:
    def swish(x: Any) -> Any:
        return x * ops.sigmoid(x)

    layer = Dense(3, activation=swish)
    z = X @ layer_weights(layer)
    np.testing.assert_allclose(layer(X), z / (1 + np.exp(-z)), rtol=1e-5, atol=1e-6)


def layer_weights(layer: Dense) -> np.ndarray:
    layer.build((None, 5))
    return layer.get_weights()[0]


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a])
@pytest.mark.parametrize("bias", [True, False])
def test_gradient_of_training(activation: str, bias: bool, backend: str) -> None:
    """What a step gives the optimizer is the slope of the loss, two layers deep."""
    lamina.utils.set_random_seed(4)
    model = Sequential(
        [
            Input((5,)), Dense(4, activation=activation, use_bias=bias),
            Dense(3, activation="tanh", use_bias=bias, kernel_regularizer="l2"),
        ]
    )  # fmt: skip
    for got, want in zip(gradients(model, "mse", X, Y), slopes(model, "mse", X, Y)):
        np.testing.assert_allclose(got, want, rtol=1e-2, atol=1e-3)


def test_gradient_with_more_axes(backend: str) -> None:
    x, y = rng.normal(size=(6, 2, 3, 4)), rng.normal(size=(6, 2, 3, 2))
    model = Sequential([Input((2, 3, 4)), Dense(3, activation="tanh"), Dense(2)])
    for got, want in zip(gradients(model, "mse", x, y), slopes(model, "mse", x, y)):
        np.testing.assert_allclose(got, want, rtol=1e-2, atol=1e-3)


def test_initializers() -> None:
    layer = Dense(3, kernel_initializer="ones", bias_initializer=lamina.initializers.Constant(2.0))
    np.testing.assert_allclose(layer(X), X.sum(axis=1, keepdims=True).repeat(3, 1) + 2, rtol=1e-5)
    limit = np.sqrt(6 / (50 + 200))
    kernel = Dense(200)
    kernel.build((None, 50))
    drawn = kernel.get_weights()[0]
    assert np.abs(drawn).max() <= limit
    assert np.abs(drawn).max() > 0.99 * limit
    assert not kernel.get_weights()[1].any()


def test_regularizers_are_in_the_loss(backend: str) -> None:
    layer = Dense(
        3,
        kernel_regularizer=regularizers.L1(0.1),
        bias_regularizer=regularizers.L2(0.2),
        activity_regularizer=regularizers.L1L2(0.01, 0.02),
    )
    model = Sequential([Input((5,)), layer])
    kernel, bias = with_bias(layer)
    model.compile("rmsprop", "mse")
    y = X @ kernel + bias
    want = (
        ((y - Y) ** 2).mean() + 0.1 * np.abs(kernel).sum() + 0.2 * (bias**2).sum()
        + (0.01 * np.abs(y).sum() + 0.02 * (y**2).sum()) / len(y)
    )  # fmt: skip
    assert model.evaluate(X, Y, batch_size=12, verbose=0) == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        (constraints.NonNeg(), lambda w: (w >= 0).all()),
        (constraints.MaxNorm(0.3), lambda w: (np.linalg.norm(w, axis=0) <= 0.3 + 1e-5).all()),
        ("unit_norm", lambda w: np.allclose(np.linalg.norm(w, axis=0), 1, atol=1e-5)),
        (lambda w: ops.clip(w, -0.01, 0.01), lambda w: np.abs(w).max() <= np.float32(0.01)),
    ],
)
def test_constraints_hold_after_training(constraint: Any, holds: Any, backend: str) -> None:
    model = Sequential([Input((5,)), Dense(3, kernel_constraint=constraint)])
    assert not holds(model.get_weights()[0])
    model.compile("rmsprop", "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    assert holds(model.get_weights()[0])


def test_constraints(backend: str) -> None:
    w = np.array([[3.0, -0.1], [4.0, 0.0]], np.float32)
    np.testing.assert_array_equal(constraints.NonNeg()(w), [[3, 0], [4, 0]])
    np.testing.assert_allclose(constraints.MaxNorm(2.5)(w), [[1.5, -0.1], [2, 0]], rtol=1e-5)
    np.testing.assert_allclose(constraints.MaxNorm(2, axis=1)(w)[1], [2, 0], rtol=1e-5)
    np.testing.assert_allclose(constraints.UnitNorm()(w)[:, 0], [0.6, 0.8], rtol=1e-5)


@pytest.mark.parametrize("units", [0, -1, 2.0, "3", None, True, np.int64(3)])
def test_units_are_a_positive_integer(units: Any) -> None:
    with pytest.raises(ValueError, match=r"invalid value for `units`.*Received: units="):
        Dense(units)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("activation", "rely"), ("activation", 3), ("kernel_initializer", "gloro"),
        ("bias_initializer", 1), ("kernel_regularizer", "l3"), ("kernel_constraint", "norm"),
        ("unit", 3), ("name", "a/b"), ("dtype", "float65"),
    ],
)  # fmt: skip
def test_bad_arguments(argument: str, value: Any) -> None:
    with pytest.raises(ValueError, match=str(value)):
        Dense(3, **{argument: value})


def test_the_input_keeps_its_size() -> None:
    layer = Dense(3)
    layer(X)
    message = r"axis -1 of input shape to have value 5, but received input with shape \(2, 4\)"
    with pytest.raises(ValueError, match=message):
        layer(np.zeros((2, 4)))
    for shape in ((), (5,)):
        with pytest.raises(ValueError, match="incompatible with the layer"):
            Dense(3)(np.zeros(shape))


def test_config_makes_an_equal_layer() -> None:
    layer = Dense(
        3, activation="relu", use_bias=False, kernel_regularizer="l2", kernel_constraint="non_neg",
        kernel_initializer="he_normal", name="mine", trainable=False,
    )  # fmt: skip
    config = layer.get_config()
    other = Dense.from_config(config)
    assert other.get_config() == config
    assert (other.units, other.use_bias, other.name) == (3, False, "mine")
    other.build((None, 5))
    assert [w.shape for w in other.weights] == [(5, 3)]
    assert isinstance(other.kernel.regularizer, regularizers.L2)
    assert isinstance(other.kernel.constraint, constraints.NonNeg)
    assert not other.trainable
    assert other.activation is layer.activation


def test_takes_one_input() -> None:
    x = np.ones((2, 3))
    new, built = Dense(1), Dense(1)
    built(x)
    for layer in (new, built):
        with pytest.raises(ValueError, match=r"expects 1 input\(s\), but it received 2"):
            layer([x, x])
        with pytest.raises(ValueError, match=r"expected min_ndim=2, found ndim=1.* shape \(2,\)"):
            layer(x[:, 0])
