"""Configs that ask for code, other files, or more than the file has: refused."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import with_checksum

import lamina
from lamina import layers, models, saving


def entry(module: str, name: str, config: Any, **more: Any) -> dict[str, Any]:
    made = {"module": module, "class_name": name, "config": config, "registered_name": None}
    return {**made, **more}


INPUT = entry("keras.layers", "InputLayer", {"batch_shape": [None, 3], "name": "entry"})
DENSE = {"units": 2, "name": "dense"}


def stack(*items: Any, **more: Any) -> dict[str, Any]:
    config = {"name": "model", "layers": [INPUT, *items]}
    return {**entry("keras", "Sequential", config), **more}


def layer(name: str, **config: Any) -> dict[str, Any]:
    return stack(entry("keras.layers", name, config))


def called(step: dict[str, Any], *args: Any) -> dict[str, Any]:
    """A model of inputs and outputs with one step; "entry" stands for its input."""
    symbol = {"shape": [None, 3], "dtype": "float32", "keras_history": ["entry", 0, 0]}
    value = {"class_name": "__keras_tensor__", "config": symbol}
    node = {"args": [value if a == "entry" else a for a in args], "kwargs": {}}
    layers_ = [INPUT, {**step, "name": "step", "inbound_nodes": [node]}]
    ends = {"input_layers": [["entry", 0, 0]], "output_layers": [["step", 0, 0]]}
    config = {"name": "model", "layers": layers_, **ends}
    return {
        **entry("keras.src.models.functional", "Functional", config),
        "registered_name": "Functional",
    }


def operation(name: str, **config: Any) -> dict[str, Any]:
    return entry("keras.src.ops.numpy", name, {"name": "step", **config})


def function(name: str) -> dict[str, Any]:
    return entry("builtins", "function", name, registered_name="function")


def load(config: Any, folder: Path, **keywords: Any) -> Any:
    path = folder / "m.safetensors"
    metadata = {"format": "lamina 1", "config": json.dumps(config)}
    path.write_bytes(with_checksum({"__metadata__": metadata}, b""))
    return models.load_model(path, **keywords)


LAMBDA = {
    "class_name": "__lambda__",
    "config": {"code": "4wEAAAA=", "defaults": None, "closure": None},
}
CODE: list[tuple[Any, str]] = [
    (layer("Lambda", function=LAMBDA), "lambda"),
    (layer("Dense", units=2, activation=LAMBDA), "lambda"),
    (entry("os", "system", "true"), "Could not locate class 'system'"),
    (stack(entry("builtins", "eval", {})), "Could not interpret"),
    (stack(entry("builtins", "function", "eval")), "registered_name|Could not locate"),
    (layer("Dense", units=2, activation=function("eval")), "Could not interpret"),
    (layer("Dense", units=2, activation=function("os.system")), "Could not interpret"),
    (layer("Lambda", function=function("get_file")), "Could not locate function 'get_file'"),
    (
        stack(entry("keras.utils", "get_file", {"fname": "x", "origin": "file:///x"})),
        "not interpret",
    ),
    (stack(entry("keras.config", "enable_unsafe_deserialization", {})), "Could not interpret"),
    (stack(entry("keras.saving", "load_model", {"filepath": "x"})), "Could not interpret"),
    (entry("lamina.models", "Sequential", {"name": "x", "layers": []}), "Could not locate class"),
    (
        entry("keras.src.models.sequential", "Sequential", {"name": "x", "layers": []}),
        "Could not locate",
    ),
    (stack(entry("keras.layers", "__builtins__", {})), "Could not interpret"),
    (stack(entry("keras.layers", "../Dense", DENSE)), "Could not interpret"),
    (stack(entry("keras.layers", ["Dense"], DENSE)), "unhashable"),
    (entry("keras", "Sequential", {}, registered_name="Mine>Sequential"), "has no registered"),
    (stack({**entry("keras.layers", "Dense", DENSE), "code": "x"}), "Unknown keys"),
    (
        layer("Dense", units=2, activation={"class_name": "__typespec__", "config": {}}),
        "Could not interpret",
    ),
    (
        called(operation("WhileLoop", cond=function("isfinite"), body=function("abs")), "entry"),
        "calls other",
    ),
    (called(operation("Map", f=function("abs")), "entry"), "calls other"),
    (called(operation("LoadModel"), "entry"), "has no operation 'LoadModel'"),
]


@pytest.mark.parametrize(("config", "message"), CODE)
@pytest.mark.parametrize("safe_mode", [True, False])
def test_nothing_is_run_or_found_by_name(
    config: Any, message: str, safe_mode: bool, tmp_path: Path
) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        load(config, tmp_path, safe_mode=safe_mode)


@pytest.mark.parametrize("name", ["StringLookup", "IntegerLookup", "TextVectorization"])
def test_a_config_names_no_file(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("1\n2\n")
    with pytest.raises(ValueError, match="names a file of tokens, which is not read"):
        load(layer(name, vocabulary=str(secret)), tmp_path)
    assert getattr(layers, name)(vocabulary=str(secret)).get_vocabulary(False)  # the user may


HUGE = [
    layer("Dense", units=10**9),
    layer("Dense", units=10**18),
    layer("Dense", units=10**400),
    layer("Dense", units=10**7, bias_initializer="ones"),
    layer("EinsumDense", equation="ab,bc->ac", output_shape=10**9),
    layer("Embedding", input_dim=10**9, output_dim=1000),
    stack(entry("keras.layers", "Reshape", {"target_shape": [1, 3]}),
          entry("keras.layers", "UpSampling1D", {"size": 10**9}),
          entry("keras.layers", "Flatten", {}), entry("keras.layers", "PReLU", {})),
    stack(*(entry("keras.layers", "Dense", {"units": 1, "name": f"d{i}"}) for i in range(9000))),
    stack(entry("keras.layers", "Dense", DENSE),
          compile_config={"optimizer": "sgd", "loss": "mse", "metrics": [
              entry("keras.metrics", "MeanIoU", {"num_classes": 10**5})]}),
]  # fmt: skip


@pytest.mark.parametrize("config", HUGE, ids=range(len(HUGE)))
def test_no_more_is_made_than_the_file_has(config: Any, tmp_path: Path) -> None:
    before = time.process_time()
    with pytest.raises(
        ValueError, match=r"more than the file has memory for|does not describe|large"
    ):
        load(config, tmp_path)
    assert time.process_time() - before < 5


ODD = [
    [], {}, "Dense", 1, None, [INPUT], {"class_name": "Sequential"},
    entry("keras.optimizers", "SGD", {}), entry("keras.losses", "MeanSquaredError", {}),
    function("relu"), stack(INPUT), stack(None), stack("relu"), stack([INPUT]),
    entry("keras", "Sequential", {"name": "model"}), entry("keras", "Sequential", []),
    entry("keras", "Sequential", {"name": ["x"], "layers": [INPUT]}),
    entry("keras", "Sequential", {"name": "model", "layers": 3}),
    stack(entry("keras.layers", "Dense", {"units": float("nan")})),
    stack(entry("keras.layers", "Dense", {"units": 1e308})),
    stack(entry("keras.layers", "Dropout", {"rate": float("inf")})),
    stack(entry("keras.layers", "Dense", {"units": 2, "name": "../x"})),
    stack(entry("keras.layers", "Dense", {"units": 2, "kernel_initializer": {
        "class_name": "__numpy__", "config": {"value": [[1, [2]]], "dtype": "object"}}})),
    called(operation("Eye", N=10**5)),
    called(operation("Zeros"), [10**5, 10**5]),
    called(entry("keras.layers", "Dense", DENSE), [[1.0, 2.0, 3.0]]),
    called(entry("keras.layers", "Dense", DENSE), "entry", "entry", "entry", "entry"),
]  # fmt: skip


@pytest.mark.parametrize("config", ODD, ids=range(len(ODD)))
def test_a_config_that_describes_no_model(config: Any, tmp_path: Path) -> None:
    with pytest.raises((ValueError, TypeError)):
        load(config, tmp_path)


@pytest.mark.parametrize("text", ["1e400", "-1e400", "NaN", "9" * 5000])
def test_numbers_that_are_none(text: str, tmp_path: Path) -> None:
    config = json.dumps(layer("Dense", units="N")).replace('"N"', text)
    path = tmp_path / "m.safetensors"
    path.write_bytes(with_checksum({"__metadata__": {"format": "lamina 1", "config": config}}, b""))
    with pytest.raises(ValueError):
        models.load_model(path)


def test_an_error_shows_a_large_config_in_brief(tmp_path: Path) -> None:
    config = layer("Nothing", text="x" * 10**6)
    for i in range(20):
        inner = {"name": f"m{i}", "layers": [config]}
        config = entry("keras", "Sequential", inner)
    with pytest.raises(ValueError, match="Could not interpret layer identifier") as caught:
        load(config, tmp_path)
    assert len(str(caught.value)) < 10**5


def test_a_custom_class_is_found_under_its_registered_name_alone(tmp_path: Path) -> None:
    @saving.register_keras_serializable("safety")
    class Mine(layers.Dense):
        pass

    config = stack(entry("somewhere", "Mine", DENSE, registered_name="safety>Mine"))
    with pytest.raises(ValueError, match="could not be loaded"):  # found; but there are no weights
        load(config, tmp_path)
    with pytest.raises(ValueError, match="Could not interpret layer identifier"):
        load(stack(entry("keras.layers", "Mine", DENSE)), tmp_path)
    # The name of a class of ours is not taken over by a file.
    found = entry("keras.layers", "Dense", DENSE, registered_name=None)
    model = lamina.Sequential.from_config(stack(found)["config"])
    assert type(model.layers[0]) is layers.Dense


def test_absurd_numbers_are_kept_as_they_are(tmp_path: Path) -> None:
    """A gain of 10^30 is no attack: the file's weights take the place of what it would draw."""
    big = entry("keras.initializers", "RandomNormal", {"stddev": 1e30})
    model = lamina.Sequential([layers.Input((3,)), layers.Dense(2, kernel_initializer=None)])
    model.layers[0].kernel_initializer = saving.deserialize_keras_object(big)
    model.save(tmp_path / "m.safetensors")
    again = models.load_model(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
