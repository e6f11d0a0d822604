"""Preprocessing layers: inside of models, on data of many kinds, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lamina import Input, Model, Sequential, layers, saving
from lamina.layers import (
    CategoryEncoding,
    Dense,
    Discretization,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    Layer,
    Normalization,
    StringLookup,
)
from lamina.utils import PyDataset
from layers.gradients import gradients, slopes

rng = np.random.default_rng(0)


class Batches(PyDataset):
    def __init__(self, x: np.ndarray) -> None:
        super().__init__()
        self.x = x

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        return self.x[index * 40 : (index + 1) * 40], None


def adapted(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer


# --- inside of a model --------------------------------------------------------------------------------


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_normalization_in_a_model(invert: bool, given: bool, backend: str) -> None:
    x = (5 * rng.normal(size=(60, 3)) + 7).astype(np.float32)
    layer = Normalization(invert=invert)
    if given:
        layer = Normalization(mean=x.mean(axis=0), variance=x.var(axis=0), invert=invert)
    else:
        layer.adapt(x)
    model = Sequential([Input((3,)), layer])
    mean, deviation = x.mean(axis=0, dtype=float), x.std(axis=0, dtype=float)
    want = x * deviation + mean if invert else (x - mean) / deviation
    np.testing.assert_allclose(model.predict(x, verbose=0), want, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(layer(x), model.predict(x, verbose=0), rtol=1e-6, atol=1e-6)


def test_a_model_trains_behind_normalization_and_leaves_it_alone(backend: str) -> None:
    x = (100 * rng.normal(size=(200, 3)) + 1000).astype(np.float32)
    y = (x @ [1.0, -2.0, 0.5])[:, None].astype(np.float32) / 100
    layer = adapted(Normalization(), x)
    model = Sequential([Input((3,)), layer, Dense(1)])
    before = layer.get_weights()
    model.compile("rmsprop", "mse")
    history = model.fit(x, y - y.mean(), epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert [w.name for w in layer.weights] == ["mean", "variance", "count"]
    assert not layer.trainable_weights
    assert all(map(np.array_equal, before, layer.get_weights()))


@pytest.mark.parametrize("invert", [False, True])
def test_gradients_through_normalization(invert: bool, backend: str) -> None:
    x, y = rng.normal(size=(6, 3)).astype(np.float32), rng.normal(size=(6, 2)).astype(np.float32)
    layer = Normalization(mean=[0.5, -1.0], variance=[4.0, 0.25], invert=invert)
    model = Sequential([Input((3,)), Dense(2), layer])
    for got, want in zip(gradients(model, "mse", x, y), slopes(model, "mse", x, y)):
        np.testing.assert_allclose(got, want, rtol=5e-3, atol=5e-3)


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (lambda: Discretization([0.0, 1.0, 2.0]), rng.normal(size=(9, 4)).astype(np.float32)),
        (lambda: Discretization([]), rng.normal(size=(9, 4)).astype(np.float32)),
        (
            lambda: Discretization([0.0, 1.0], output_mode="count"),
            rng.normal(size=(9, 4)).astype(np.float32),
        ),
        (
            lambda: Discretization([0.0, 1.0], output_mode="one_hot"),
            rng.normal(size=(9, 1)).astype(np.float32),
        ),
        (lambda: CategoryEncoding(5, "one_hot"), rng.integers(0, 5, (9, 1))),
        (lambda: CategoryEncoding(5, "one_hot"), rng.integers(0, 5, (9, 3))),
        (lambda: CategoryEncoding(5, "multi_hot"), rng.integers(0, 5, (9, 3))),
        (lambda: CategoryEncoding(5, "count"), rng.integers(0, 5, (9, 3))),
    ],
)
def test_a_model_and_arrays_agree(layer: Callable[[], Layer], x: np.ndarray, backend: str) -> None:
    made = layer()
    model = Sequential([Input(x.shape[1:]), made])
    found = model.predict(x, verbose=0)
    assert np.array_equal(found, made(x))
    assert model.output_shape[1:] == found.shape[1:]
    assert made.compute_output_shape((9, *x.shape[1:])) == found.shape


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (CategoryEncoding(3, "multi_hot"), np.zeros((2, 0), np.int32)),
        (IntegerLookup(vocabulary=[1, 2], output_mode="multi_hot"), np.zeros((2, 0), np.int32)),
        (StringLookup(vocabulary=["a", "b"], output_mode="multi_hot"), np.zeros((2, 0), str)),
        (Discretization([0.0, 1.0], output_mode="multi_hot"), np.zeros((2, 0), np.float32)),
    ],
)
def test_nothing_leaves_no_trace(layer: Layer, x: np.ndarray, backend: str) -> None:
    np.testing.assert_array_equal(layer(x), np.zeros((2, 3)))
    np.testing.assert_array_equal(layer(x[0]), np.zeros(3))


@pytest.mark.parametrize(
    "layer",
    [
        StringLookup(vocabulary=["a"]),
        Hashing(3),
    ],
)
def test_tables_and_hashes_stay_outside(layer: Layer) -> None:
    with pytest.raises(TypeError, match="not inside of a model"):
        Sequential([Input((1,)), layer]).build()


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count", "tf_idf"])
@pytest.mark.parametrize("mask", [None, 2])
def test_integer_lookup_in_a_model(mode: str, mask: int | None, backend: str) -> None:
    x = np.random.default_rng(1).integers(-1, 7, (30, 3))
    layer = adapted(IntegerLookup(output_mode=mode, mask_token=mask), x[:20] % 5)
    inputs = Input((3,), dtype="int32")
    model = Model(inputs, layer(inputs))
    assert np.array_equal(model.predict(x, verbose=0), layer(x))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_oov_indices": 2}, "num_oov_indices=2"),
        ({"num_oov_indices": 0}, "num_oov_indices=0"),
        ({"invert": True}, "invert=True"),
        ({"vocabulary": [3, 2**24 + 1]}, "16777217"),
    ],
)
def test_integer_lookups_that_stay_outside(options: dict[str, Any], message: str) -> None:
    layer = IntegerLookup(**{"vocabulary": [1, 2], **options})
    with pytest.raises(ValueError, match=message):
        layer(Input((1,)))


# --- what adapt takes ---------------------------------------------------------------------------------


def test_mean_and_variance_are_exact_in_any_pieces(tmp_path: Path) -> None:
    """Far from zero, where sums of squares in float32 would lose all digits."""
    x = 1e6 + rng.normal(size=(120, 5))
    stored = np.memmap(tmp_path / "x", "float64", "w+", shape=x.shape)
    stored[:] = x
    pieces: list[Any] = [
        x, stored, x.tolist(), pd.DataFrame(x), Batches(x), [x[:1], x[1:3], x[3:]],
        ((x[i : i + 7], None) for i in range(0, 120, 7)),
    ]  # fmt: skip
    for data in pieces:
        layer = adapted(Normalization(), data)
        np.testing.assert_array_equal(layer.get_weights()[0], x.mean(axis=0).astype(np.float32))
        np.testing.assert_allclose(layer.get_weights()[1], x.var(axis=0), rtol=1e-6)


def test_large_arrays_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from lamina.layers.preprocessing import normalization

    x = rng.integers(0, 256, (100, 4, 3), np.uint8)
    monkeypatch.setattr(normalization, "_CHUNK", 25)
    for axis in (-1, (1, 2), None):
        layer = adapted(Normalization(axis), x)
        kept = {-1: (0, 1), (1, 2): (0,), None: (0, 1, 2)}[axis]
        np.testing.assert_allclose(layer.get_weights()[0], x.mean(axis=kept), rtol=1e-6)
        np.testing.assert_allclose(layer.get_weights()[1], x.var(axis=kept), rtol=1e-6)


@pytest.mark.parametrize(
    "data",
    [
        ["b", "a", "b"],
        np.array(["b", "a", "b"]),
        np.array([b"b", b"a", b"b"]),
        np.array(["b", b"a", "b"], object),
        pd.Series(["b", "a", "b"]),
        pd.Series(["b", "a", "b"], dtype="category"),
        pd.DataFrame({"x": ["b", "a", "b"]}),
        (batch for batch in [["b", "a"], ["b"]]),
    ],
)
def test_strings_of_any_kind(data: Any) -> None:
    layer = adapted(StringLookup(), data)
    assert layer.get_vocabulary() == ["[UNK]", "b", "a"]
    if not isinstance(data, Iterator):
        assert layer(data).ravel().tolist() == [1, 2, 1]


@pytest.mark.parametrize("data", [[3, 1, 3], [3.0, 1.0, 3.0], pd.Series([3, 1, 3], dtype="Int64")])
def test_integers_of_any_kind(data: Any) -> None:
    layer = adapted(IntegerLookup(), data)
    assert layer.get_vocabulary() == [-1, 3, 1]
    assert layer(data).tolist() == [1, 2, 1]
    assert layer(data).dtype == np.int64


def test_a_vocabulary_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("b\na\n", encoding="utf-8")
    assert StringLookup(vocabulary=str(tmp_path / "words")).get_vocabulary() == ["[UNK]", "b", "a"]
    (tmp_path / "numbers").write_text("7\n-3\n")
    assert IntegerLookup(vocabulary=str(tmp_path / "numbers")).get_vocabulary() == [-1, 7, -3]


def test_adapting_again_forgets_what_was_before() -> None:
    layer = adapted(adapted(StringLookup(), ["a", "b"]), ["c"])
    assert layer.get_vocabulary() == ["[UNK]", "c"]
    bins = adapted(adapted(Discretization(num_bins=2), [0.0, 1.0]), [5.0, 6.0, 7.0, 8.0])
    assert bins.bin_boundaries == [6.0]


def test_hashes_of_many_strings_are_those_of_each() -> None:
    texts = ["x" * n for n in range(150)] * 2
    together = Hashing(10**6)(texts)
    assert together.tolist() == [int(Hashing(10**6)([text])[0]) for text in texts]


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: CategoryEncoding(3)([[0, 3]]), ValueError, r"Received: 3 at index \(0, 1\)"),
        (lambda: CategoryEncoding(3)([[0, -1]]), ValueError, r"Received: -1 at index \(0, 1\)"),
        (lambda: CategoryEncoding(3)([[0, 1.5]]), ValueError, r"1.5 at index \(0, 1\)"),
        (lambda: CategoryEncoding(3)([["a"]]), TypeError, "<U1"),
        (lambda: CategoryEncoding(3, sparse=True), ValueError, "`sparse` is not supported"),
        (lambda: Discretization([2.0, 1.0]), ValueError, r"\[2.0, 1.0\]"),
        (lambda: Discretization([1.0, np.nan]), ValueError, "nan"),
        (lambda: Discretization(num_bins=2, epsilon=0), ValueError, "epsilon=0"),
        (lambda: Discretization(num_bins=2).adapt(["a"]), TypeError, "<U1"),
        (lambda: Discretization(num_bins=2).adapt([np.nan]), ValueError, "NaN"),
        (lambda: Normalization().adapt([]), ValueError, "no data"),
        (lambda: Normalization().adapt(np.array([["a"]])), TypeError, "<U1"),
        (lambda: Normalization().adapt(np.array([[1.0], [np.inf]])), ValueError, r"\(1, 0\)"),
        (lambda: Normalization(mean=0.0, variance=1.0).adapt(np.ones(3)), ValueError, "mean=0.0"),
        (
            lambda: Normalization(mean=[0.0, 1.0], variance=[1.0, 1.0])(np.ones((2, 3))),
            ValueError,
            r"\(2,\)",
        ),
        (lambda: Normalization(axis="a"), TypeError, "axis='a'"),
        (
            lambda: StringLookup(vocabulary=["a"])([["a", None]]),
            TypeError,
            r"None at index \(0, 1\)",
        ),
        (lambda: StringLookup(vocabulary=["a"])([1.5]), TypeError, "float64"),
        (lambda: StringLookup().adapt(pd.Series(["a", None])), TypeError, "at index"),
        (lambda: IntegerLookup(vocabulary=[1])([1.5]), ValueError, r"1.5 at index \(0,\)"),
        (lambda: IntegerLookup(vocabulary=[1])(["a"]), TypeError, "<U1"),
        (
            lambda: IntegerLookup(vocabulary=[1], num_oov_indices=0)([1, 5]),
            ValueError,
            r"num_oov_indices=0.*\[5\]",
        ),
        (lambda: StringLookup()(["a"]), RuntimeError, "no vocabulary yet"),
        (lambda: StringLookup(nonsense=1), TypeError, "nonsense"),
        (lambda: Hashing(3)([True]), TypeError, "bool"),
        (lambda: Hashing(3)([None]), TypeError, "None"),
        (lambda: Hashing(3, salt=1.5), ValueError, "salt=1.5"),
        (lambda: HashedCrossing(3)([[1.5], [1]]), TypeError, "float64"),
    ],
)
def test_misuse(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


# --- configs ------------------------------------------------------------------------------------------

LAYERS: list[Callable[[], Layer]] = [
    lambda: Normalization(axis=(1, -1), mean=[[1.0]], variance=[[2.0]], invert=True),
    lambda: CategoryEncoding(5, "count", trainable=False),
    lambda: Discretization([0.0, 1.0], output_mode="one_hot"),
    lambda: adapted(Discretization(num_bins=3, epsilon=0.1), np.arange(20.0)),
    lambda: IntegerLookup(9, 2, 0, -5, [4, 5], output_mode="count", pad_to_max_tokens=True),
    lambda: IntegerLookup(vocabulary=np.array([4, 5]), oov_method="farmhash", salt=3),
    lambda: StringLookup(9, 2, "", "?", ["a", "b"], invert=True, encoding="latin-1"),
    lambda: StringLookup(vocabulary=["a"], idf_weights=np.array([0.5]), output_mode="tf_idf"),
    lambda: adapted(StringLookup(output_mode="multi_hot"), ["a"]),
    lambda: Hashing(5, "x", (1, 2)),
    lambda: Hashing(5, output_mode="count"),
    lambda: Hashing(5, dtype="int32"),
    lambda: HashedCrossing(5, "one_hot", name="cross"),
]


@pytest.mark.parametrize("make", LAYERS)
def test_config(make: Callable[[], Layer]) -> None:
    """An equal layer, also after JSON and by its name; a vocabulary that was learnt is no argument."""
    layer = make()
    config = layer.get_config()
    again = type(layer).from_config(json.loads(json.dumps(config)))
    assert json.dumps(again.get_config()) == json.dumps(config)
    whole = json.loads(json.dumps(saving.serialize_keras_object(layer)))
    other = layers.deserialize(whole)
    assert type(other) is type(layer)
    assert json.dumps(other.get_config()) == json.dumps(config)
    if isinstance(layer, (IntegerLookup, StringLookup)) and config["vocabulary"] is not None:
        assert again.get_vocabulary() == layer.get_vocabulary()
