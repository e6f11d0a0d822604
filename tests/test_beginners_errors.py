"""Mistakes of the first day: the error says what to do, or what there is instead."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers

RNG = np.random.default_rng(0)
X = RNG.random((30, 20))
Y = RNG.integers(0, 10, 30)


def network(
    units: int = 10, activation: str = "softmax", shape: tuple[int, ...] = (20,)
) -> lamina.Sequential:
    return lamina.Sequential([lamina.Input(shape), layers.Dense(units, activation=activation)])


def fit(model: lamina.Sequential, x: Any, y: Any, loss: str = "sparse_categorical_crossentropy"):
    model.compile("adam", loss)
    return model.fit(x, y, verbose=0)


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "words as labels": (
        lambda: fit(network(), X, np.array(["cat", "dog"] * 15)),
        r"dtype <U3\. Words become numbers by np\.unique\(words, return_inverse=True\)",
    ),
    "words as objects": (
        lambda: fit(network(), X, np.array(["cat", "dog"] * 15, object)),
        "Words become numbers",
    ),
    "one sample": (
        lambda: network().predict(X[0], verbose=0),
        r"shape \(20,\)\. The first axis counts samples: a single sample is x\[np\.newaxis\]",
    ),
    "the number of samples in the shape": (
        lambda: fit(network(shape=(30, 20)), X, Y),
        r"\(30, 20\)\. The first axis counts samples.* Input\(shape\) says the shape of one sample",
    ),
    "images for rows": (
        lambda: network(shape=(784,)).predict(np.zeros((2, 28, 28)), verbose=0),
        r"x\.reshape\(-1, 784\) has it",
    ),
    "no Flatten": (
        lambda: fit(network(shape=(4, 5)), X.reshape(-1, 4, 5), Y),
        r"output of shape \(None, 4, 10\)\. Received: y\.shape=\(30,\)\..* by Flatten\(\)",
    ),
    "one-hot for a sparse loss": (
        lambda: fit(network(), X, np.eye(10)[Y]),
        "For one-hot targets use categorical_crossentropy",
    ),
    "labels for a one-hot loss": (
        lambda: fit(network(), X, Y, "categorical_crossentropy"),
        r"use sparse_categorical_crossentropy, or make them one-hot with to_categorical\(y, 10\)",
    ),
    "two units for yes or no": (
        lambda: fit(network(2, "sigmoid"), X, Y % 2, "binary_crossentropy"),
        "the last layer has 1 unit; labels of 2 classes go with sparse_categorical_crossentropy",
    ),
    "x and y in a tuple": (
        lambda: fit(network(), (X, Y), None),
        r"`x` must be one array\. Received: x, a tuple of 2 of shapes \(30, 20\), \(30,\)",
    ),
    "a loss's name": (
        lambda: fit(network(), X, Y, "sparse_categorical_crossentrop"),
        r"Did you mean 'sparse_categorical_crossentropy'\? Known: ",
    ),
    "an optimizer's name": (
        lambda: network().compile("adm", "mse"),
        r"Did you mean 'adam'\? Known: ",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_error_says_what_to_do(name: str) -> None:
    mistake, words = MISTAKES[name]
    with pytest.raises((TypeError, ValueError), match=words):
        mistake()


def test_hints_are_given_where_they_help_only() -> None:
    with pytest.raises(ValueError, match=r"shape \(30, 19\)$"):
        fit(network(), X[:, :19], Y)
    with pytest.raises(ValueError, match=r"y\.shape=\(30, 3\)$"):
        fit(network(), X, np.zeros((30, 3)))
    with pytest.raises(TypeError, match=r"dtype complex128$"):
        fit(network(), X, Y * 1j)
    with pytest.raises(ValueError, match=r"identifier: 'xyz'\. Known"):
        network().compile("adam", "xyz")


def test_softmax_of_one_number_warns() -> None:
    """It is 1 whatever the weights are, as Keras says too."""
    with pytest.warns(UserWarning, match=r"size 1 is always 1.*x\.shape=\(None, 1\).*sigmoid"):
        network(1)


def test_init_without_super() -> None:
    class Scale(layers.Layer):
        def __init__(self, factor: float) -> None:
            self.factor = factor

    with pytest.raises(RuntimeError, match=r"call super\(\).__init__\(\) in Scale.__init__ first"):
        Scale(2.0)(X)


@pytest.mark.parametrize("name", ["Conv2D", "LSTM", "MultiHeadAttention", "MaxPooling1D"])
def test_layers_that_are_not_there_yet(name: str) -> None:
    assert not hasattr(layers, name)
    with pytest.raises(AttributeError, match=f"no attribute '{name}': .* not there yet"):
        getattr(layers, name)


def test_misspelt_layer() -> None:
    """Python itself proposes the name."""
    code = [sys.executable, "-c", "import lamina; lamina.layers.Dens"]
    said = subprocess.run(code, capture_output=True, text=True).stderr
    assert "has no attribute 'Dens'. Did you mean: 'Dense'?" in said
