"""Sequential models to JSON and back: layers, build, compile, own classes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import lamina as keras
from golden.cases.saving import compiled, nested, stack, without_input
from lamina import saving

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Y = np.eye(2, dtype="float32")[[0, 1] * 4]


def again(model: Any, **arguments: Any) -> Any:
    return saving.deserialize_keras_object(json.loads(model.to_json()), **arguments)


@pytest.mark.parametrize("make", [stack, nested])
def test_a_model_of_the_same_weights_computes_the_same(make: Any, backend: str) -> None:
    model = make(keras)
    other = again(model)
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    assert other.to_json() == model.to_json()
    assert [w.trainable for w in other.weights] == [w.trainable for w in model.weights]


def test_json_takes_the_arguments_of_dumps() -> None:
    assert without_input(keras).to_json(indent=1).startswith('{\n "module": "keras"')


def test_a_model_that_was_built_by_data_is_built_again() -> None:
    model = without_input(keras)
    assert not again(model).built
    model.predict(X, verbose=0)
    assert again(model).input_shape == (None, 4)


def test_whether_a_model_is_trainable_is_kept() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], trainable=False)
    other = again(model)
    assert not other.trainable
    assert other.layers[0].trainable
    assert other.trainable_weights == []


def test_a_compiled_model_goes_on_training(backend: str) -> None:
    model = compiled(keras)
    other = again(model)
    assert other.compiled
    assert len(other.optimizer.variables) == 2 + 2 * len(model.trainable_weights)  # with momentum
    assert other.get_compile_config() == model.get_compile_config()
    other.set_weights(model.get_weights())
    histories = [
        m.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
        for m in (model, other)
    ]
    assert histories[0] == histories[1]


def test_a_model_that_was_not_compiled_has_an_empty_compile_config() -> None:
    assert stack(keras).get_compile_config() == {}
    assert not again(stack(keras)).compiled


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(keras.ops.abs(keras.ops.subtract(y_true, y_pred)), axis=-1)


class Own(keras.layers.Layer):
    def __init__(self, factor: float = 2.0, activation: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor, self.activation = factor, keras.activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(keras.ops.multiply(inputs, self.factor))

    def get_config(self) -> dict[str, Any]:
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), "factor": self.factor, "activation": activation}


def test_own_classes_and_functions() -> None:
    layers = [keras.Input((4,)), Own(3.0, keras.ops.relu), keras.layers.Dense(2, own_act)]
    model = keras.Sequential(layers)
    model.compile("rmsprop", own_loss, metrics=[own_loss])
    known = {"Own": Own, "own_loss": own_loss, "own_act": own_act}
    other = again(model, custom_objects=known)
    assert other.loss is own_loss
    assert other.layers[0].factor == 3.0
    assert other.layers[1].activation is own_act
    other.fit(X, Y, verbose=0)
    by_class = keras.Sequential.from_config(model.get_config(), custom_objects=known)
    assert isinstance(by_class.layers[0], Own)
    with pytest.raises((TypeError, ValueError), match="Own"):
        again(model)


def test_operations_go_by_their_names() -> None:
    assert keras.layers.Dense(2, keras.ops.relu).get_config()["activation"] == "relu"
    entry = keras.layers.Dense(2, keras.ops.sqrt).get_config()["activation"]
    assert entry["config"] == "sqrt"
    assert keras.activations.get(entry) is keras.ops.sqrt


def own_act(x: Any) -> Any:
    return keras.ops.multiply(x, 0.5)


class OwnCompile(keras.Sequential):
    def compile(self, *args: Any, **kwargs: Any) -> None:
        super().compile(*args, **kwargs)


def test_a_compile_of_ones_own_is_not_called() -> None:
    model = OwnCompile([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("rmsprop", "mse")
    with pytest.warns(UserWarning, match=r"compile\(\)"):
        other = again(model, custom_objects={"OwnCompile": OwnCompile})
    assert not other.compiled


@pytest.mark.parametrize("config", [{}, {"name": "a"}, {"layers": []}])
def test_a_config_without_its_parts_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'name' and 'layers'"):
        keras.Sequential.from_config(config)


def test_the_input_shape_may_come_from_the_first_layer() -> None:
    with pytest.warns(UserWarning, match="input_shape"):
        model = keras.Sequential([keras.layers.Dense(2, input_shape=(4,))])
    assert again(model).input_shape == (None, 4)
