"""Building layers: of what, for what, once, and when not."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Layer, Sequential, layers, ops
from lamina.random import SeedGenerator

X = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)


class Affine(Layer):
    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return ops.multiply(inputs, self.scale)


class Pair(Layer):
    """Layers that are built as they are called."""

    def __init__(self) -> None:
        super().__init__()
        self.first = layers.Dense(3)
        self.rest = [layers.Dense(2), layers.Dropout(0.5)]

    def call(self, inputs: Any) -> Any:
        for layer in (self.first, *self.rest):
            inputs = layer(inputs)
        return inputs


class AsModel(lamina.Model):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Pair()

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


# --- weights --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kwargs", "shape", "dtype"),
    [
        ({}, (), "float32"),
        ({"shape": 2}, (2,), "float32"),
        ({"shape": np.array([2, 3])}, (2, 3), "float32"),
        ({"shape": [np.int64(2), 0], "dtype": np.float64}, (2, 0), "float64"),
        ({"shape": (2,), "dtype": np.dtype("int32")}, (2,), "int32"),
        ({"shape": (2,), "dtype": int, "aggregation": None}, (2,), "int32"),
    ],
)
def test_shapes_and_dtypes_of_numpy(
    kwargs: dict[str, Any], shape: tuple[int, ...], dtype: str
) -> None:
    made = Layer().add_weight(**kwargs)
    assert (made.shape, made.dtype) == (shape, dtype)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"shape": (None, 2)}, r"`shape` must be .* Received: shape=\(None, 2\)"),
        ({"shape": "ab"}, "`shape` must be .* Received: shape='ab'"),
        ({"shape": (2.0,)}, r"`shape` must be .* Received: shape=\(2.0,\)"),
        ({"shape": 2.5}, "`shape` must be .* Received: shape=2.5"),
        ({"shape": (-1,)}, r"`shape` must be .* Received: shape=\(-1,\)"),
        ({"shape": True}, "`shape` must be .* Received: shape=True"),
        ({"dtype": "int64"}, "dtype must be one of .* Received: dtype='int64'"),
        ({"dtype": "foo"}, "Invalid dtype: 'foo'"),
        ({"name": "a/b"}, "`name` must be a string without '/'. Received: name='a/b'"),
        ({"name": 3}, "`name` must be a string without '/'. Received: name=3"),
        ({"aggregation": "foo"}, "`aggregation` must be one of .* Received: aggregation='foo'"),
    ],
)
def test_bad_weights(kwargs: dict[str, Any], message: str) -> None:
    layer = Layer()
    with pytest.raises(ValueError, match=message):
        layer.add_weight(**{"shape": (2,), **kwargs})
    assert layer.weights == []


# --- shapes ---------------------------------------------------------------------------------------


class Mix(Layer):
    """Built for two shapes."""

    def build(self, x_shape: Any, y_shape: Any) -> None:
        self.w = self.add_weight((x_shape[-1], y_shape[-1]))

    def call(self, x: Any, y: Any) -> Any:
        return ops.add(ops.matmul(x, self.w), y)


@pytest.mark.parametrize("name", ["m.keras", "m.safetensors"])
def test_a_layer_that_is_built_for_several_shapes_goes_through_files(
    name: str, tmp_path: Path
) -> None:
    x, y = Input((5,)), Input((3,))
    model = lamina.Model([x, y], Mix()(x, y))
    data = [X, X[:, :3]]
    model.save(tmp_path / name)
    read = lamina.models.load_model(tmp_path / name, {"Mix": Mix})
    assert np.array_equal(read.predict(data, verbose=0), model.predict(data, verbose=0))
    inner = pickle.loads(pickle.dumps(model.layers[-1]))
    assert np.array_equal(inner(*data), model.layers[-1](*data))
    other = lamina.models.model_from_json(model.to_json(), {"Mix": Mix})
    assert other.layers[-1].get_build_config() == {
        "shapes_dict": {"x_shape": (None, 5), "y_shape": (None, 3)}
    }


def _built(layer: Any) -> list[bool]:
    return [inner.built for inner in layer._flatten()]


class Lists(Layer):
    """Layers in containers, one of them made in `build`, and one that is in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.rest = [layers.Dense(3), ({"a": layers.Dense(4)},)]
        self.again = self.rest[0]
        self.deep = Sequential([layers.Dense(3), Affine()])

    def build(self, _: Any) -> None:
        self.rest.append(layers.Dense(2))

    def call(self, inputs: Any) -> Any:
        for layer in (self.again, self.rest[1][0]["a"], self.deep, self.rest[2]):
            inputs = layer(inputs)
        return inputs


@pytest.mark.parametrize(
    ("make", "last"),
    [
        (lambda: layers.Dense(3), 3),
        (Affine, None),
        (Pair, 2),
        (Lists, 2),
        (lambda: Sequential([layers.Dense(3), layers.BatchNormalization()]), 3),
        (AsModel, 2),
        (lambda: layers.PReLU(), None),
    ],
)
def test_an_output_shape_builds_nothing(make: Any, last: int | None) -> None:
    layer = make()
    before = _built(layer), len(layer.weights), len(layer._layers)
    for size in (3, 7):
        assert layer.compute_output_shape((None, size)) == (None, last or size)
        assert (_built(layer), len(layer.weights), len(layer._layers)) == before
    assert layer(X).shape == (4, last or 5)
    assert layer.compute_output_shape((None, 5)) == (None, last or 5)


# --- once -----------------------------------------------------------------------------------------


class Based(Affine):
    """Makes more in `build`, after the class it is of."""

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.inner = layers.Dense(2)
        self.inner.build(input_shape)


NEW: dict[str, Any] = {
    "layer": lambda: layers.Dense(2),
    "layers": lambda: {"a": [layers.Dense(2)]},
    "variable": lambda: lamina.Variable(np.ones(3)),
    "metric": lambda: lamina.metrics.Mean(),
    "stream": lambda: SeedGenerator(1),
}


@pytest.mark.parametrize("new", NEW.values(), ids=NEW)
@pytest.mark.parametrize("make", [lambda: layers.Dense(3), Based, Pair, AsModel])
def test_nothing_new_in_a_layer_that_is_built(make: Any, new: Any) -> None:
    layer = make()
    layer.before = new()
    layer.kept = []
    layer(X)
    known = [w.path for w in layer.weights]
    with pytest.raises(ValueError, match=r"is built: .* not added later. Received: "):
        layer.extra = new()
    with pytest.raises(ValueError, match=r"is built: .* not added later. Received: "):
        layer.kept.append(new())
    layer.again, layer.numbers, layer.empty = layer.before, [1, 2], {}
    assert layer.kept == []
    assert not hasattr(layer, "extra")
    assert [w.path for w in layer.weights] == known


def test_a_layer_is_not_built_twice() -> None:
    layer = layers.Dense(3)
    layer.build((None, 4))
    with pytest.raises(ValueError, match="is built"):
        layer.build((None, 4))
    assert len(layer.weights) == 2


def test_models_of_inputs_and_outputs_may_have_more() -> None:
    x = Input((5,))
    for model in (lamina.Model(x, layers.Dense(2)(x)), Sequential([x, layers.Dense(2)])):
        model.extra = lamina.Variable(np.ones(3))
        assert len(model.weights) == 3
