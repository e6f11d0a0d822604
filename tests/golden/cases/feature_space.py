"""FeatureSpace on tables: every kind of feature, crosses, both modes, the examples of Keras's pages."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record
from .configs import _plain

EXAMPLE: dict[str, Any] = {
    "float_values": [0.0, 0.1, 0.2, 0.3],
    "string_values": ["zero", "one", "two", "three"],
    "int_values": [0, 1, 2, 3],
}


def _table(rows: int = 200, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "age": rng.integers(18, 90, rows).astype("float32"),
        "income": rng.lognormal(10, 1, rows).astype("float32"),
        "share": rng.random(rows).astype("float32"),
        "height": rng.normal(170, 9, rows).astype("float32"),
        "city": rng.choice(["Rome", "Oslo", "Bonn", "Kyiv"], rows),
        "kind": rng.integers(0, 6, rows),
        "street": np.array([f"street {i}" for i in rng.integers(0, 99, rows)]),
        "account": rng.integers(0, 10**9, rows),
    }


KINDS = {
    "age": "float_discretized",
    "income": "float_normalized",
    "share": "float",
    "height": "float_rescaled",
    "city": "string_categorical",
    "kind": "integer_categorical",
    "street": "string_hashed",
    "account": "integer_hashed",
}


def _arrays(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: np.asarray(value) for name, value in found.items()}
    return np.asarray(found)


def example(keras: Keras) -> Record:
    space = keras.utils.FeatureSpace(
        features={
            "float_values": "float_normalized",
            "string_values": "string_categorical",
            "int_values": "integer_categorical",
        },
        crosses=[("string_values", "int_values")],
        output_mode="concat",
    )
    space.adapt(EXAMPLE)
    single = {name: values[2] for name, values in EXAMPLE.items()}
    return {"rows": _arrays(space(EXAMPLE)), "single": _arrays(space(single))}


def integers(keras: Keras) -> Record:
    """The example with integers in a dict, and the one with its own sizes."""
    make = keras.utils.FeatureSpace
    words = {name: EXAMPLE[name] for name in ("string_values", "int_values")}
    space = make(
        features={
            "string_values": make.string_categorical(output_mode="int"),
            "int_values": make.integer_categorical(output_mode="int"),
        },
        crosses=[make.cross(("string_values", "int_values"), 32, output_mode="int")],
        output_mode="dict",
    )
    space.adapt(words)
    own = make(
        features={
            "float_values": make.float_normalized(),
            "string_values": make.string_categorical(max_tokens=3, num_oov_indices=2),
            "int_values": make.integer_categorical(max_tokens=10),
        },
        crosses=[make.cross(("string_values", "int_values"), crossing_dim=8)],
    )
    own.adapt(EXAMPLE)
    single = {name: values[1] for name, values in words.items()}
    return {
        "rows": _arrays(space(words)),
        "single": _arrays(space(single)),
        "own": _arrays(own(EXAMPLE)),
    }


def everything(keras: Keras, output_mode: str) -> Record:
    table, query = _table(), _table(7, seed=1)
    query["city"][0], query["kind"][1] = "Riga", 77
    space = keras.utils.FeatureSpace(
        features=KINDS,
        output_mode=output_mode,
        crosses=[("city", "kind"), ("street", "account")],
        crossing_dim=16,
        hashing_dim=9,
        num_discretization_bins=5,
    )
    space.adapt(table)
    found = _arrays(space(query))
    record = {"found": found, "bins": np.array(space.preprocessors["age"].bin_boundaries)}
    return {**record, "cities": [str(v) for v in space.preprocessors["city"].get_vocabulary()]}


def given(keras: Keras) -> Record:
    """Nothing to learn."""
    make = keras.utils.FeatureSpace
    space = make(
        {"a": "float", "b": make.float_rescaled(scale=2.0, offset=1.0), "c": "integer_hashed"},
        hashing_dim=4,
    )
    return {"found": _arrays(space({"a": [1.0, 2.0], "b": [3.0, 4.0], "c": [5, 6]}))}


def model(keras: Keras) -> Record:
    """A model that takes the table itself (of numbers: in lamina strings stay outside)."""
    kinds = {**KINDS, "kind": "integer_categorical"}
    names = ("age", "income", "share", "height", "kind")
    table, query = _table(), {name: _table(7, seed=1)[name] for name in names}
    query["kind"][1] = 77
    space = keras.utils.FeatureSpace(
        {name: kinds[name] for name in names}, num_discretization_bins=5
    )
    space.adapt({name: table[name] for name in names})
    inputs = space.get_inputs()
    made = keras.Model(inputs, space.get_encoded_features())
    columns = {name: values[:, None] for name, values in query.items()}
    return {
        "inputs": {name: list(x.shape) for name, x in inputs.items()},
        "shape": list(made.output_shape),
        "found": made.predict(columns, verbose=0),
        "outside": _arrays(space(query)),
    }


def config(keras: Keras) -> Record:
    make = keras.utils.FeatureSpace
    features = {**KINDS, "kind": make.integer_categorical(max_tokens=4, name="own")}
    space = make(features, "dict", crosses=[("city", "kind")], crossing_dim=7)
    found = _plain(space.get_config())
    again = _plain(make.from_config(space.get_config()).get_config())
    return {"config": found, "again": again == found}


_case = functools.partial(Case, "feature_space", backend="tensorflow", atol=1e-6, rtol=2e-6)

CASES = [
    _case("example", example),
    _case("integers", integers),
    _case("concat", functools.partial(everything, output_mode="concat")),
    _case("dict", functools.partial(everything, output_mode="dict")),
    _case("given", given),
    _case("model", model),
    _case("config", config),
]
