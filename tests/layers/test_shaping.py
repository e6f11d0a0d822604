"""Flatten, Rescaling, Activation, Input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import Input, InputLayer, KerasTensor, Sequential, ops
from lamina.layers import Activation, Dense, Flatten, Rescaling

rng = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(6,), (3, 4), (2, 3, 4), (5, 1)])
def test_flatten(shape: tuple[int, ...], backend: str) -> None:
    """Rows as they lie in memory, alone and in a model."""
    x = rng.normal(size=(7, *shape)).astype(np.float32)
    assert np.array_equal(Flatten()(x), x.reshape(7, -1))
    model = Sequential([Input(shape), Flatten()])
    assert model.output_shape == (None, int(np.prod(shape)))
    assert np.array_equal(model.predict(x, verbose=0), x.reshape(7, -1))


def test_flatten_of_single_numbers(backend: str) -> None:
    x = np.arange(4, dtype=np.float32)
    assert np.asarray(Flatten()(x)).shape == (4, 1)


def test_flatten_channels_first(backend: str) -> None:
    """The channels come last: what channels_last would give for the same image."""
    x = rng.normal(size=(7, 3, 4, 5)).astype(np.float32)
    want = np.moveaxis(x, 1, -1).reshape(7, -1)
    assert np.array_equal(Flatten("channels_first")(x), want)
    model = Sequential([Input((3, 4, 5)), Flatten(data_format="channels_first")])
    assert np.array_equal(model.predict(x, verbose=0), want)
    with pytest.raises(ValueError, match="`data_format` must be"):
        Flatten("channels_middle")


@pytest.mark.parametrize(
    ("scale", "offset"),
    [
        (1 / 255, 0.0),
        (2.0, -1.0),
        ([1.0, 2.0, 3.0], 0.5),
        (2, [1, 2, 3]),
        (np.float32(0.5), 0),
        (np.array([1.0, 2.0, 3.0]), np.ones((5, 3))),
    ],
)
def test_rescaling(scale: Any, offset: Any, backend: str) -> None:
    x = rng.integers(0, 256, (4, 5, 3), np.uint8)
    want = x.astype(np.float32) * np.asarray(scale) + np.asarray(offset)
    np.testing.assert_allclose(Rescaling(scale, offset)(x), want, rtol=1e-6)
    model = Sequential([Input((5, 3)), Rescaling(scale, offset)])
    np.testing.assert_allclose(model.predict(x, verbose=0), want, rtol=1e-6)


@pytest.mark.parametrize("value", ["1", None, [], [1, "2"], float("nan"), True, [np.inf]])
def test_bad_scales(value: Any) -> None:
    for arguments in ((value,), (1.0, value)):
        with pytest.raises(ValueError, match=r"`(scale|offset)` must be a finite number"):
            Rescaling(*arguments)


def test_arrays_as_scales_in_configs_of_keras() -> None:
    array = {"class_name": "__numpy__", "config": {"value": [1.0, 2.0], "dtype": "float64"}}
    layer = Rescaling.from_config({"scale": array, "offset": [1, 2]})
    np.testing.assert_array_equal(layer(np.array([[3.0, 4.0]], np.float32)), [[4.0, 10.0]])


def test_activation(backend: str) -> None:
    x = rng.normal(size=(4, 5)).astype(np.float32)
    assert np.array_equal(Activation("relu")(x), np.maximum(x, 0))
    model = Sequential([Input((5,)), Activation(lambda z: ops.square(z) + 1.0)])
    np.testing.assert_allclose(model.predict(x, verbose=0), x * x + 1, rtol=1e-6)
    with pytest.raises(
        ValueError, match="Could not interpret activation function identifier: 'no'"
    ):
        Activation("no")


def test_configs() -> None:
    for layer in (Flatten("channels_first"), Rescaling(0.5, [1, 2]), Activation("tanh")):
        other = type(layer).from_config(layer.get_config())
        assert other.get_config() == layer.get_config()
        x = rng.normal(size=(3, 4, 2)).astype(np.float32)
        assert np.array_equal(other(x), layer(x))
    assert (
        Flatten.from_config(Flatten("channels_first").get_config()).data_format == "channels_first"
    )


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({"shape": (3,)}, (None, 3)),
        ({"shape": 3}, (None, 3)),
        ({"shape": [4, 5]}, (None, 4, 5)),
        ({"shape": (3,), "batch_size": 8}, (8, 3)),
        ({"batch_shape": (None, 2, 3)}, (None, 2, 3)),
        ({"shape": ()}, (None,)),
    ],
)
def test_input(arguments: dict[str, Any], shape: tuple[int | None, ...]) -> None:
    tensor = Input(**arguments)
    assert isinstance(tensor, KerasTensor)
    assert tensor.shape == (None, *shape[1:])
    made = InputLayer(**arguments)
    assert made.batch_shape == shape
    assert InputLayer.from_config(made.get_config()).batch_shape == shape


def test_an_input_layer_knows_the_old_names_of_shapes() -> None:
    assert InputLayer(input_shape=(5,)).batch_shape == (None, 5)
    assert InputLayer(batch_input_shape=(8, 5)).batch_shape == (8, 5)
    with pytest.raises(ValueError, match="both `shape` and `batch_shape`"):
        InputLayer((5,), batch_input_shape=(None, 5))
    with pytest.raises(ValueError, match=r"Unrecognized keyword arguments.*'inputshape'"):
        InputLayer(inputshape=(5,))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "You must pass a `shape` argument"),
        ({"shape": (3,), "batch_shape": (None, 3)}, "both `shape` and `batch_shape`"),
        ({"batch_size": 3, "batch_shape": (None, 3)}, "both `batch_size` and `batch_shape`"),
        ({"shape": "ab"}, "`shape` must be a tuple of integers"),
        ({"shape": (3.5,)}, "non-negative integers"),
        ({"shape": (-1,)}, "non-negative integers"),
        ({"batch_shape": 3}, "`batch_shape` must be a tuple"),
        ({"shape": (None, 3)}, "the size of every axis but the batch"),
    ],
)
def test_bad_inputs(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Input(**arguments)


def test_a_fixed_batch_size_is_a_hint() -> None:
    """As in Keras, other sizes are computed all the same."""
    model = Sequential([Input((3,), batch_size=8), Dense(2)])
    assert model.predict(np.ones((5, 3)), verbose=0).shape == (5, 2)
