"""Layers with layers inside, and the embedding that goes back: gradients, masks, files."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers, ops
from layers.gradients import gradients, slopes

rng = np.random.default_rng(0)
X = rng.normal(size=(12, 4)).astype(np.float32)
Y = rng.normal(size=(12, 2)).astype(np.float32)
IDS = rng.integers(0, 6, (12, 3))


@lamina.saving.register_keras_serializable("tests")
class Twice(layers.Wrapper):
    """The layer inside, applied twice."""

    def call(self, inputs: Any) -> Any:
        return self.layer(self.layer(inputs))


def _compare(model: Any, loss: Any, x: Any, y: Any) -> None:
    for got, want in zip(gradients(model, loss, x, y), slopes(model, loss, x, y), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-2, atol=2e-3)


@pytest.mark.usefixtures("backend")
def test_the_gradient_of_a_wrapper() -> None:
    model = Sequential([Input((4,)), Twice(layers.Dense(4, "tanh")), layers.Dense(2)])
    assert len(model.get_weights()) == 4
    _compare(model, "mse", X, Y)


@pytest.mark.usefixtures("backend")
def test_the_gradient_of_a_pipeline() -> None:
    steps = [layers.Dense(3, "tanh"), layers.LayerNormalization(), layers.Rescaling(0.5)]
    _compare(Sequential([Input((4,)), layers.Pipeline(steps), layers.Dense(2)]), "mse", X, Y)


@pytest.mark.parametrize("options", [{}, {"tie_weights": False}, {"logit_soft_cap": 0.3}])
@pytest.mark.usefixtures("backend")
def test_the_gradient_of_both_ways(options: dict[str, Any]) -> None:
    """Tied weights get the sum of both."""
    normal = lamina.initializers.RandomNormal(stddev=0.5, seed=1)
    table = layers.ReversibleEmbedding(6, 4, embeddings_initializer=normal, **options)
    entry = Input((3,), dtype="int32")
    model = lamina.Model(entry, table(layers.Dense(4, "tanh")(table(entry)), reverse=True))
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    _compare(model, loss, IDS, IDS)


@pytest.mark.parametrize("name", ["m.keras", "m.safetensors", "m.weights.h5"])
def test_files(name: str, tmp_path: pathlib.Path) -> None:
    def made() -> Any:
        pipeline = layers.Pipeline([layers.Dense(3, "tanh"), layers.Pipeline([layers.Dense(2)])])
        model = Sequential([Input((4,)), Twice(layers.Dense(4)), pipeline])
        model.compile("adam", "mse")
        model.fit(X, Y, verbose=0)
        return model

    model = made()
    if name.endswith(".weights.h5"):
        model.save_weights(tmp_path / name)
        again = made()
        again.load_weights(tmp_path / name)
    else:
        model.save(tmp_path / name)
        again = lamina.models.load_model(tmp_path / name)
    assert np.array_equal(model.predict(X, verbose=0), again.predict(X, verbose=0))
    for a, b in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        assert np.array_equal(a.numpy(), b.numpy())


def test_a_pipeline_of_strings() -> None:
    """Layers that work on the data before a model."""
    words = layers.StringLookup(vocabulary=["a", "b"])
    made = layers.Pipeline([words, layers.CategoryEncoding(3, output_mode="count")])
    np.testing.assert_array_equal(made(np.array([["a", "b", "b"]])), [[0, 1, 2]])


def test_a_layer_twice_in_a_pipeline() -> None:
    shared = layers.Dense(4, use_bias=False)
    made = layers.Pipeline([shared, shared])
    y = made(X)
    assert len(made.weights) == 1
    np.testing.assert_allclose(y, X @ shared.kernel.numpy() @ shared.kernel.numpy(), rtol=1e-4)


def test_a_pipeline_in_a_model_is_told_whether_it_trains() -> None:
    model = Sequential([Input((4,)), layers.Pipeline([layers.Dropout(0.5)])])
    assert np.array_equal(model.predict(X, verbose=0), X)
    assert (np.asarray(model(X, training=True)) == 0).any()
    assert (np.asarray(layers.Pipeline([layers.Dropout(0.5)])(X)) == 0).any()


def test_the_layers_of_a_pipeline_stay() -> None:
    made = layers.Pipeline([layers.Flatten()])
    made.layers.append(3)  # type: ignore[arg-type]
    assert len(made.layers) == 1


def test_padding_is_hidden_on_the_way_there_only() -> None:
    masks = []

    class Shown(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.supports_masking = True

        def call(self, inputs: Any, mask: Any = None) -> Any:
            masks.append(mask)
            return inputs

    table = layers.ReversibleEmbedding(6, 4, mask_zero=True)
    entry = Input((3,), dtype="int32")
    vectors = table(entry)
    model = lamina.Model(entry, [Shown()(vectors), Shown()(table(vectors, reverse=True))])
    masks.clear()
    model.predict(IDS, verbose=0)
    assert [mask is not None for mask in masks] == [True, False]


def test_vectors_that_are_given() -> None:
    table = rng.normal(size=(6, 4)).astype(np.float32)
    tied = layers.ReversibleEmbedding(6, 4, weights=table)
    np.testing.assert_allclose(tied(table, reverse=True), table @ table.T, rtol=1e-5, atol=1e-6)
    untied = layers.ReversibleEmbedding(6, 4, False, weights=[table, 2 * table.T])
    np.testing.assert_allclose(
        untied(table, reverse=True), 2 * table @ table.T, rtol=1e-5, atol=1e-6
    )


def test_no_score_exceeds_the_cap() -> None:
    table = 100 * np.ones((6, 4), np.float32)
    layer = layers.ReversibleEmbedding(6, 4, logit_soft_cap=3.0, weights=table)
    assert float(np.max(np.asarray(layer(table, reverse=True)))) <= 3.0
    assert float(ops.max(layer(table, reverse=True))) > 2.99


def test_the_way_back_in_float64() -> None:
    layer = layers.ReversibleEmbedding(6, 4, dtype="float64", reverse_dtype="float64")
    scores = layer(layer(IDS), reverse=True)
    assert scores.dtype == "float64"
    table = layer.embeddings.numpy()
    np.testing.assert_allclose(scores, table[IDS] @ table.T, rtol=1e-12)
    with pytest.raises(ValueError, match="reverse_dtype='float64'"):
        layers.ReversibleEmbedding(6, 4, reverse_dtype="float64")
