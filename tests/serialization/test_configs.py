"""Objects to configs and back; what is refused on the way."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import lamina as keras
from golden.cases.saving import OBJECTS, WRITTEN_BY_LAMINA, through_json
from lamina import saving
from lamina.serialization.serialize import SavedTensor


@pytest.mark.parametrize("name", OBJECTS)
def test_what_real_keras_was_given_to_read_is_what_is_written(name: str) -> None:
    keras.utils.clear_session()
    assert (
        through_json(keras, OBJECTS[name](keras)) == json.loads(WRITTEN_BY_LAMINA.read_text())[name]
    )


@pytest.mark.parametrize(
    ("value", "entry"),
    [
        (np.float32(2.5), 2.5),
        (np.int64(3), 3),
        (np.array(1.5), 1.5),
        ((1, (2, 3)), (1, (2, 3))),
        (
            SavedTensor((None, 3), "float32", ["in", 0, 0]),
            {
                "class_name": "__keras_tensor__",
                "config": {
                    "shape": (None, 3),
                    "dtype": "float32",
                    "keras_history": ["in", 0, 0],
                },
            },
        ),
        (b"ab", {"class_name": "__bytes__", "config": {"value": "ab"}}),
        (
            np.array([1, 2], "int8"),
            {"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "int8"}},
        ),
    ],
)  # fmt: skip
def test_values(value: Any, entry: Any) -> None:
    found = saving.serialize_keras_object(value)
    assert found == entry
    assert type(found) is type(entry)


def test_arrays_and_tensors_come_back() -> None:
    for name in ("__numpy__", "__tensor__"):
        config = {"value": [[1.5, 2.0]], "dtype": "float32"}
        array = saving.deserialize_keras_object({"class_name": name, "config": config})
        assert array.dtype == np.float32
        assert array.tolist() == [[1.5, 2.0]]


def test_symbolic_values_come_back() -> None:
    value = SavedTensor((None, 3), "float32", ["in", 0, 0])
    assert saving.deserialize_keras_object(saving.serialize_keras_object([value])) == [value]


def test_a_dtype_policy_comes_back() -> None:
    entry = keras.layers.Dense(2).get_config()["dtype"]
    assert entry["class_name"] == "DTypePolicy"
    assert saving.deserialize_keras_object(entry) == keras.DTypePolicy("float32")
    assert keras.layers.Dense(2, dtype=entry).dtype == "float32"
    with pytest.raises(ValueError, match="mixed_float16"):
        keras.layers.Dense(2, dtype={**entry, "config": {"name": "mixed_float16"}})


def test_shared_objects_are_one() -> None:
    entry = saving.serialize_keras_object(keras.initializers.Zeros())
    entry["shared_object_id"] = 7
    first, second = saving.deserialize_keras_object([entry, entry])
    assert first is second
    assert saving.deserialize_keras_object(entry) is not first


def _entry(name: str, config: Any, module: str | None = "keras.layers", **more: Any) -> Any:
    return {"module": module, "class_name": name, "config": config, "registered_name": None, **more}


@pytest.mark.parametrize(
    ("entry", "error", "words"),
    [
        (_entry("Nothing", {}), TypeError, "Could not locate class 'Nothing'"),
        (_entry("system", {}, "os"), TypeError, "Could not locate class 'system'"),
        (_entry("function", "get_file", "builtins"), TypeError, "function 'get_file'"),
        (_entry("function", "get", "builtins"), TypeError, "function 'get'"),
        (_entry("function", 3, "builtins"), TypeError, "must be its name"),
        (_entry("get_file", {}, "keras.utils"), TypeError, "get_file"),
        (_entry("deserialize", {}), TypeError, "deserialize"),
        (_entry("Dense", {"units": 2, "unit": 3}), (TypeError, ValueError), "unit"),
        (_entry("Dense", "units"), TypeError, "to be a dict"),
        (_entry("Dense", {"units": 2}, color=3), ValueError, r"Unknown keys \['color'\]"),
        ({**_entry("Dense", {"units": 2}), "registered_name": "a>b"}, ValueError, "a>b"),
        ({"class_name": "__lambda__", "config": {"value": "4wE="}}, ValueError, "lambda"),
        ({"class_name": "__typespec__", "config": []}, ValueError, "__typespec__"),
        ({"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "O"}}, TypeError, "'O'"),
        (object(), TypeError, "Could not parse"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("safe_mode", [True, False])
def test_what_is_not_read(entry: Any, error: Any, words: str, safe_mode: bool) -> None:
    with pytest.raises(error, match=words):
        saving.deserialize_keras_object(entry, safe_mode=safe_mode)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (lambda x: x, ValueError, "lambda"),
        (object(), TypeError, "get_config"),
        (keras.layers.Dense, TypeError, "get_config"),
        (np.array(["a"]), TypeError, "dtype"),
    ],
)
def test_what_is_not_written(value: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        saving.serialize_keras_object(value)


class Scaled(keras.Layer):
    def __init__(self, scale: float, sizes: Any = (1, 2), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.sizes = scale, sizes


def test_a_layer_without_get_config_is_described_by_its_arguments() -> None:
    layer = Scaled(2.5, name="s", trainable=False)
    config = layer.get_config()
    assert {k: config[k] for k in ("name", "trainable", "scale", "sizes")} == {
        "name": "s", "trainable": False, "scale": 2.5, "sizes": (1, 2),
    }  # fmt: skip
    again = Scaled.from_config(config)
    assert (again.scale, again.name, again.trainable) == (2.5, "s", False)
    with pytest.raises(NotImplementedError, match=r"Scaled.*get_config.*scale="):
        Scaled(np.ones(2)).get_config()  # type: ignore[arg-type]


def test_a_layer_is_built_from_its_config() -> None:
    dense = keras.layers.Dense(3)
    assert "build_config" not in saving.serialize_keras_object(dense)
    dense(np.ones((2, 4)))
    entry = json.loads(json.dumps(saving.serialize_keras_object(dense)))
    again = saving.deserialize_keras_object(entry)
    assert again.built
    assert again.kernel.shape == (4, 3)


def test_reading_does_not_change_the_config() -> None:
    entry = through_json(keras, OBJECTS["stack"](keras))
    before = json.dumps(entry)
    saving.deserialize_keras_object(entry)
    assert json.dumps(entry) == before
