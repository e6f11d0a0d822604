"""Custom objects: registered, in a scope, or given."""

from __future__ import annotations

from typing import Any

import pytest

import lamina as keras
from lamina import saving


class Own(keras.layers.Layer):
    def __init__(self, units: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(keras.ops.square(keras.ops.subtract(y_true, y_pred)), axis=-1)


@pytest.fixture(autouse=True)
def _clean() -> Any:
    before = dict(saving.get_custom_objects())
    yield
    saving.get_custom_objects().clear()
    saving.get_custom_objects().update(before)


def test_a_registered_class_is_found_by_its_full_name() -> None:
    class Mine(Own):
        pass

    assert saving.register_keras_serializable("pack", "Other")(Mine) is Mine
    assert saving.get_registered_name(Mine) == "pack>Other"
    assert saving.get_registered_object("pack>Other") is Mine
    assert saving.get_custom_objects()["pack>Other"] is Mine
    entry = saving.serialize_keras_object(Mine(3, name="m"))
    assert entry["registered_name"] == "pack>Other"
    assert entry["class_name"] == "Mine"
    assert entry["config"]["units"] == 3
    again = saving.deserialize_keras_object(entry)
    assert type(again) is Mine
    assert again.units == 3
    assert again.name == "m"


def test_names_that_are_not_registered() -> None:
    assert saving.get_registered_name(Own) == "Own"
    assert saving.get_registered_object("Own") is None
    assert saving.get_registered_object("a", module_objects={"a": 1}) == 1
    assert saving.get_registered_object("a", {"a": 2}, {"a": 1}) == 2


def test_a_class_without_get_config_is_refused() -> None:
    class Plain:
        pass

    with pytest.raises(ValueError, match=r"get_config.*Plain"):
        saving.register_keras_serializable()(Plain)


def test_scopes_nest_and_end() -> None:
    with saving.custom_object_scope({"a": 1, "b": 2}):
        with saving.CustomObjectScope({"b": 3}):
            assert saving.get_registered_object("a") == 1
            assert saving.get_registered_object("b") == 3
        assert saving.get_registered_object("b") == 2
    assert saving.get_registered_object("a") is None


def test_custom_objects_may_be_given() -> None:
    entry = saving.serialize_keras_object(keras.Sequential([Own(5, name="o")], name="s"))
    with pytest.raises((TypeError, ValueError), match="Own"):
        saving.deserialize_keras_object(entry)
    model = saving.deserialize_keras_object(entry, custom_objects={"Own": Own})
    assert model.layers[0].units == 5


@pytest.mark.parametrize("family", ["layers", "initializers", "regularizers", "losses", "metrics"])
def test_every_family_knows_custom_classes_by_name(family: str) -> None:
    bases = {
        "layers": keras.Layer, "initializers": keras.Initializer, "losses": keras.Loss,
        "regularizers": keras.Regularizer, "metrics": keras.metrics.Mean,
    }  # fmt: skip
    mine = type("Mine", (bases[family],), {})
    module = getattr(keras, family)
    with pytest.raises(ValueError, match="Mine"):
        module.get("Mine")
    with saving.custom_object_scope({"Mine": mine}):
        assert type(module.get("Mine")) is mine
    entry = {"class_name": "Mine", "config": {}}
    assert type(module.deserialize(entry, custom_objects={"Mine": mine})) is mine
    with pytest.raises(ValueError, match="Mine"):
        module.deserialize(entry)


def test_a_registered_loss_is_compiled_by_name() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    saving.get_custom_objects()["own_loss"] = own_loss
    model.compile("rmsprop", loss="own_loss", metrics=["own_loss"])
    history = model.fit([[1.0, 2.0]], [[1.0]], verbose=0)
    assert history.history["loss"] == pytest.approx(history.history["own_loss"])


def test_functions_go_by_their_registered_names() -> None:
    saving.register_keras_serializable("pack")(own_loss)
    entry = saving.serialize_keras_object(own_loss)
    assert entry == {
        "module": "builtins",
        "class_name": "function",
        "config": "pack>own_loss",
        "registered_name": "function",
    }
    assert saving.deserialize_keras_object(entry) is own_loss
    assert keras.losses.get("pack>own_loss") is own_loss
    layer = keras.layers.Activation(own_loss)
    assert layer.get_config()["activation"] == entry
