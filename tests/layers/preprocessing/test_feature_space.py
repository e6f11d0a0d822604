"""FeatureSpace: tables of many kinds, a model behind it, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lamina import Input, Model, Sequential, saving
from lamina.layers import CategoryEncoding, Dense, IntegerLookup, Layer, Normalization, StringLookup
from lamina.utils import FeatureSpace

TABLE: dict[str, Any] = {
    "age": [30.0, 40.0, 50.0, 60.0],
    "city": ["Rome", "Oslo", "Rome", "Bonn"],
    "kind": [1, 2, 1, 3],
}
FEATURES = {"age": "float_normalized", "city": "string_categorical", "kind": "integer_categorical"}


class Polars:
    """As much of polars' data frame as there is to it: names, columns, NumPy's view of a column."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.table = table
        self.columns = list(table)

    def __getitem__(self, name: str) -> Any:
        column = self.table[name]

        class Column:
            def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
                return np.asarray(column, dtype)

        return Column()

    def __iter__(self) -> Any:  # over the columns themselves
        return map(self.__getitem__, self.columns)


def adapted(space: FeatureSpace, table: Any = TABLE) -> FeatureSpace:
    space.adapt(table)
    return space


TABLES: list[Callable[[], Any]] = [
    lambda: TABLE,
    lambda: {name: np.array(column) for name, column in TABLE.items()},
    lambda: {name: np.array(column)[:, None] for name, column in TABLE.items()},
    lambda: {name: np.array(column, object) for name, column in TABLE.items()},
    lambda: pd.DataFrame(TABLE),
    lambda: pd.DataFrame(TABLE).astype({"city": "category", "kind": "Int64", "age": "int8"}),
    lambda: Polars(TABLE),
]


@pytest.mark.parametrize("make", TABLES)
def test_tables_of_any_kind(make: Callable[[], Any], backend: str) -> None:
    table = make()
    x = adapted(FeatureSpace(FEATURES), table)(dict(table) if isinstance(table, dict) else table)
    assert x.dtype == np.float32
    want = adapted(FeatureSpace(FEATURES))(TABLE)
    assert x.shape == (4, 1 + 4 + 4)
    assert np.array_equal(x, want)
    np.testing.assert_allclose(x[:, 0], (np.arange(4) - 1.5) / np.sqrt(1.25), rtol=1e-6)
    assert x[:, 1:].sum() == 8


def test_a_model_behind_it() -> None:
    space = adapted(FeatureSpace(FEATURES, crosses=[("city", "kind")], crossing_dim=4))
    x = space(TABLE)
    model = Sequential([Input(x.shape[1:]), Dense(1)])
    model.compile("rmsprop", "mse")
    history = model.fit(x, np.array([1.0, 2.0, 3.0, 4.0]), epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


def test_a_model_of_the_table_itself(backend: str) -> None:
    numbers = {name: TABLE[name] for name in ("age", "kind")}
    space = adapted(FeatureSpace({name: FEATURES[name] for name in numbers}), numbers)
    encoded = space.get_encoded_features()
    assert space.get_encoded_features() is encoded
    model = Model(space.get_inputs(), Dense(1)(encoded))
    model.compile("rmsprop", "mse")
    table = {name: np.array(column) for name, column in numbers.items()}
    history = model.fit(table, np.array([1.0, 2.0, 3.0, 4.0]), epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    inside = Model(space.get_inputs(), encoded).predict(table, verbose=0)
    assert np.array_equal(inside, space(numbers))


def test_one_row() -> None:
    space = adapted(FeatureSpace(FEATURES))
    row = {"age": 50.0, "city": "Rome", "kind": 1}
    assert np.array_equal(space(row), space(TABLE)[2])
    apart = adapted(FeatureSpace(FEATURES, output_mode="dict"))
    found = apart(row)
    assert {name: part.shape for name, part in found.items()} == {
        "age": (1,), "city": (4,), "kind": (4,),
    }  # fmt: skip


def test_a_cross_of_three() -> None:
    """More than Keras, whose crosses in a FeatureSpace are of two."""
    names = ("city", "kind", "age_group")
    features = {"city": "string_hashed", "kind": "integer_hashed", "age_group": "integer_hashed"}
    space = FeatureSpace(features, "dict", crosses=[names], crossing_dim=11, hashing_dim=7)
    found = space({"city": ["a", "b"], "kind": [1, 2], "age_group": [3, 3]})
    assert found["city_X_kind_X_age_group"].shape == (2, 11)


def test_given_layers_are_left_alone() -> None:
    make = FeatureSpace
    space = make(
        {
            "age": make.float_discretized(None, bin_boundaries=[35.0, 55.0]),
            "city": make.feature("string", StringLookup(vocabulary=["Rome"]), "one_hot"),
            "kind": make.feature("float32", Normalization(mean=1.0, variance=4.0), "float"),
        }
    )
    want = [[1, 0, 0, 0, 1, 0], [0, 1, 0, 1, 0, 0.5], [0, 1, 0, 0, 1, 0], [0, 0, 1, 1, 0, 1]]
    assert np.array_equal(space(TABLE), want)
    assert np.array_equal(adapted(space)(TABLE), want)


def test_adapting_again() -> None:
    space = adapted(FeatureSpace({"city": "string_categorical"}), {"city": ["a", "b"]})
    assert space({"city": ["a"]}).shape == (1, 3)
    assert adapted(space, {"city": ["a"]})({"city": ["a"]}).shape == (1, 2)


def test_config() -> None:
    """An equal space, also by way of JSON and by its name: adapted again, it gives the same."""
    space = FeatureSpace(
        {
            **FEATURES,
            "age": FeatureSpace.float_discretized(3),
            "own": FeatureSpace.float_rescaled(2.0),
        },
        crosses=[("city", "kind"), FeatureSpace.cross(("kind", "city"), 5, "int")],
        output_mode="dict",
        crossing_dim=6,
    )
    table = {**TABLE, "own": [1.0, 2.0, 3.0, 4.0]}
    config = json.loads(json.dumps(space.get_config()))
    entry = json.loads(json.dumps(saving.serialize_keras_object(space)))
    assert entry["module"] == "keras.utils"
    want = adapted(space, table)(table)
    for again in (FeatureSpace.from_config(config), saving.deserialize_keras_object(entry)):
        assert json.dumps(again.get_config()) == json.dumps(config)
        found = adapted(again, table)(table)
        assert list(found) == list(want)
        assert all(np.array_equal(found[name], want[name]) for name in want)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: FeatureSpace({}), ValueError, "`features` cannot be None or empty"),
        (lambda: FeatureSpace({"a": "text"}), ValueError, "a='text'"),
        (lambda: FeatureSpace({"a": 3}), ValueError, "a=3"),
        (lambda: FeatureSpace(FEATURES, "list"), ValueError, "output_mode='list'"),
        (lambda: FeatureSpace(FEATURES, crosses=[("city", "town")]), ValueError, r"\['town'\]"),
        (lambda: FeatureSpace.cross(("a", "b"), 3, "float"), ValueError, "output_mode='float'"),
        (
            lambda: FeatureSpace.string_categorical(output_mode="count"),
            ValueError,
            "output_mode='count'",
        ),
        (lambda: FeatureSpace(FEATURES)(TABLE), ValueError, "call `adapt"),
        (lambda: FeatureSpace(FEATURES).get_encoded_features(), ValueError, "call `adapt"),
        (lambda: FeatureSpace(FEATURES).get_inputs(), TypeError, r"Strings.*\['city'\]"),
        (
            lambda: FeatureSpace({"a": "integer_hashed"}).get_encoded_features(),
            TypeError,
            "not inside of a model",
        ),
        (
            lambda: FeatureSpace(
                {"a": FeatureSpace.feature("int32", IntegerLookup(vocabulary=[1]), "int")}
            ).get_encoded_features(),
            ValueError,
            "'a' has not been encoded",
        ),
        (lambda: FeatureSpace(FEATURES).adapt([1, 2]), ValueError, "list without 'age'"),
        (lambda: FeatureSpace(FEATURES).adapt({"age": [1.0]}), ValueError, "dict without 'city'"),
        (lambda: adapted(FeatureSpace(FEATURES))({"age": [1.0]}), ValueError, "without 'city'"),
        (
            lambda: adapted(FeatureSpace(FEATURES))({**TABLE, "more": [1]}),
            ValueError,
            r"without a feature. Received: \['more'\]",
        ),
        (
            lambda: adapted(FeatureSpace(FEATURES), {**TABLE, "age": ["a"] * 4}),
            TypeError,
            "'age' must hold numbers",
        ),
        (
            lambda: adapted(FeatureSpace(FEATURES), {**TABLE, "city": ["a", None, "b", "c"]}),
            TypeError,
            r"None at index \(1, 0\)",
        ),
        (
            lambda: adapted(FeatureSpace(FEATURES), {**TABLE, "age": [1.0, None, 2.0, 3.0]}),
            ValueError,
            r"nan at index \(1, 0\)",
        ),
        (
            lambda: adapted(
                FeatureSpace({"city": FeatureSpace.string_categorical(output_mode="int")})
            )({"city": ["Rome"]}),
            ValueError,
            "'city' has not been encoded",
        ),
        (
            lambda: adapted(
                FeatureSpace({"a": FeatureSpace.feature("float32", Normalization(), "one_hot")}),
                {"a": [1.0, 2.0]},
            )({"a": [1.0]}),
            ValueError,
            "must give integers",
        ),
        (
            lambda: FeatureSpace({"a": FeatureSpace.feature("int32", _Odd(), "one_hot")})(
                {"a": [1]}
            ),
            ValueError,
            "try output_mode='int'",
        ),
    ],
)
def test_misuse(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


class _Odd(Layer):
    def call(self, inputs: Any) -> Any:
        return np.asarray(inputs)


def test_a_layer_that_encodes() -> None:
    layer = CategoryEncoding(4, "one_hot")
    space = FeatureSpace({"a": FeatureSpace.feature("int32", layer, "float")})
    assert space({"a": [0, 3]}).tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
