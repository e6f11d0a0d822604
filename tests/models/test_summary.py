"""The printed table, compared with what Keras 3.15.1 prints (summary_keras.txt)."""

from __future__ import annotations

import io
import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import lamina
from lamina.models.summary import summary


def weight(*shape: int, dtype: str = "float32") -> Any:
    return SimpleNamespace(shape=shape, dtype=dtype)


def layer(kind: str, name: str, shape: Any, *weights: Any, **attributes: Any) -> Any:
    fake = type(kind, (), {})()
    fake.__dict__.update(name=name, output_shape=shape, weights=list(weights), built=True)
    fake.trainable = True
    fake.count_params = lambda: sum(math.prod(w.shape) for w in weights)
    fake.__dict__.update(attributes)
    return fake


def dense(name: str, inputs: int, units: int) -> Any:
    return layer("Dense", name, (None, units), weight(inputs, units), weight(units))


def model(name: str, layers: list[Any], **attributes: Any) -> Any:
    weights = [w for layer in layers for w in layer.weights]
    fake = layer("Sequential", name, layers[-1].output_shape if layers else None, *weights)
    fake.__dict__.update(layers=layers, trainable_weights=weights, non_trainable_weights=[])
    fake.__dict__.update(optimizer=None, **attributes)
    return fake


NAMES = ("dense", "dropout", "dense_1", "dropout_1", "dense_2")


def seed(names: tuple[str, ...] = NAMES) -> Any:
    layers = [
        dense(names[0], 784, 256),
        layer("Dropout", names[1], (None, 256)),
        dense(names[2], 256, 128),
        layer("Dropout", names[3], (None, 128)),
        dense(names[4], 128, 10),
    ]
    return model("sequential", layers)


def unbuilt() -> Any:
    layers = [
        layer(kind, name, None, built=kind == "Dropout")
        for kind, name in zip(["Dense", "Dropout"] * 3, NAMES)
    ]
    return model("sequential", layers)


def fitted() -> Any:
    """The first layer is frozen; RMSprop has a step count, a learning rate and velocities."""
    net = seed()
    net.layers[0].trainable = False
    net.non_trainable_weights = net.layers[0].weights
    net.trainable_weights = net.layers[2].weights + net.layers[4].weights
    slots = [weight(dtype="int32"), weight(), *net.trainable_weights]
    net.optimizer = SimpleNamespace(built=True, variables=slots)
    return net


def long_names() -> Any:
    spaced = "with spaces in the name, which is long too"
    return seed(("a_rather_long_name_that_will_not_fit_in_the_column", "d1", "x" * 70, spaced, "y"))


def nested() -> Any:
    inner = model("inner", [dense("dense", 8, 4), dense("dense_1", 4, 3)])
    return model("outer", [inner, dense("dense_2", 3, 2)])


def branched() -> Any:
    layers = [
        layer("InputLayer", "a", [(None, 8)]),
        dense("da", 8, 4),
        layer("InputLayer", "b", [(None, 4)]),
        layer("Concatenate", "cat", (None, 8)),
        dense("o1", 8, 3),
    ]
    connections = {"da": ["a[0][0]"], "cat": ["da[0][0]", "b[0][0]"], "o1": ["cat[0][0]"]}
    return model("branched", layers, connections=connections)


KERAS = dict(
    block.split("\n", 1)
    for block in (Path(__file__).parent / "summary_keras.txt").read_text("utf-8").split("=== ")[1:]
)
CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "unbuilt": (unbuilt(), {}),
    "built": (seed(), {}),
    "narrow": (seed(), {"line_length": 40, "show_trainable": True}),
    "positions": (
        seed(),
        {
            "positions": [0.3, 0.5, 0.8],
            "line_length": 60,
            "layer_range": ["dense_2", "dropout_1"],
        },
    ),
    "fitted": (fitted(), {"show_trainable": True}),
    "long": (long_names(), {}),
    "nested": (nested(), {"expand_nested": True, "line_length": 60}),
    "branched": (branched(), {}),
}


def text_of(net: Any, **options: Any) -> str:
    """What print_fn gets, in one call."""
    parts: list[str] = []
    summary(net, print_fn=parts.append, **options)
    (text,) = parts
    return text


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")


@pytest.mark.parametrize("name", CASES)
def test_is_the_table_of_keras(name: str) -> None:
    net, options = CASES[name]
    assert text_of(net, **options) == KERAS[name]


def test_every_table_of_keras_is_compared() -> None:
    assert set(CASES) == set(KERAS)


def test_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "64")
    assert text_of(seed()) == text_of(seed(), line_length=60)


def test_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert summary(seed()) is None
    assert capsys.readouterr().out == KERAS["built"]


def test_is_ascii_where_the_encoding_is(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    summary(seed())
    out.seek(0)
    lines = out.read().splitlines()
    assert lines[1] == "+" + "+".join("=" * n for n in (38, 29, 17)) + "+"
    assert lines[2].startswith("| Layer (type)    ")
    assert lines[-1] == " Non-trainable params: 0 (0.00 B)"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0.00 B"), (255, "1020.00 B"), (256, "1.00 KB"), (2**18, "1.00 MB"), (2**28, "1.00 GB")],
)
def test_sizes_are_in_powers_of_1024(size: int, text: str) -> None:
    assert f" Total params: {size:,} ({text})" in text_of(
        model("m", [layer("Dense", "d", (None, 1), weight(size))])
    )


@pytest.mark.parametrize(("dtype", "size"), [("float64", 8), ("float16", 2), ("int32", 4)])
def test_sizes_follow_the_dtype(dtype: str, size: int) -> None:
    net = model("m", [layer("Dense", "d", (None, 1), weight(3, dtype=dtype))])
    assert f"({3 * size}.00 B)" in text_of(net)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((None, 2), "(None, 2)"),
        ((), "()"),
        ([(None, 2), (None, 3)], "[(None, 2), (None, 3)]"),
        (((None, 2), (None, 3)), "[(None, 2), (None, 3)]"),
        ({"a": (None, 2), "b": (None, 3)}, "[(None, 2), (None, 3)]"),
        ({"a": [(None, 2)], "b": ((), (3,))}, "[(None, 2), (), (3)]"),
        ({"a": (None, 2)}, "(None, 2)"),
        ([(None, 2)], "(None, 2)"),
    ],
)
def test_shapes(shape: Any, text: str) -> None:
    assert f"│ {text} " in text_of(model("m", [layer("Split", "s", shape)]))


class Chain(lamina.Model):
    def __init__(self, *chain: Any) -> None:
        super().__init__()
        self.chain = list(chain)

    def call(self, x: Any) -> Any:
        for layer in self.chain:
            x = layer(x)
        return x


class Two(lamina.layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = lamina.layers.Dense(3)

    def call(self, x: Any, by: Any = 1) -> Any:
        return {"x": self.dense(x) * by, "y": x}


class NeedsMore(lamina.layers.Layer):
    def call(self, x: Any, y: Any) -> Any:
        return x + y


def test_a_class_shows_the_shapes_for_what_its_layers_were_built_for() -> None:
    net = Chain(lamina.layers.Dense(4), lamina.layers.Dropout(0.5), Two(name="two"))
    assert text_of(net).count("│ ? ") == 3
    net(np.ones((2, 5)))
    text = text_of(net)
    assert "│ (None, 4) " in text
    assert "│ ? " in text  # of Dropout, as in Keras
    assert "│ [(None, 3), (None, 4)] " in text


def test_a_layer_whose_inputs_are_not_known_has_no_shape() -> None:
    layer = NeedsMore()
    layer(np.ones((2, 5)), np.ones((2, 5)))
    net = Chain()
    net.inner = layer
    assert "│ ? " in text_of(net)


@pytest.mark.parametrize("patterns", [["dropout", "dense_1"], ["dense_1", "dropout$"]])
def test_layer_range_matches_expressions_in_either_order(patterns: list[str]) -> None:
    text = text_of(seed(), layer_range=patterns)
    assert "dropout (Dropout)" in text
    assert "dense_1 (Dense)" in text
    assert "dense (Dense)" not in text
    assert "dense_2" not in text


def test_unused_optimizer_is_not_counted() -> None:
    net = seed()
    net.optimizer = SimpleNamespace(built=False, variables=[weight(5)])
    assert text_of(net) == KERAS["built"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"line_length": 0}, "line_length must be a positive integer.*line_length=0"),
        ({"line_length": 60.5}, "line_length must be a positive integer.*60.5"),
        ({"line_length": True}, "line_length must be a positive integer.*True"),
        ({"line_length": 15}, r"line_length is too small.*line_length=15.*\[6, 6, 3\]"),
        (
            {"line_length": 49, "show_trainable": True, "positions": [0.3, 0.75, 0.84]},
            r"line_length is too small.*\[13, 20, 4, 12\]",
        ),
        (
            {"line_length": 100, "positions": [0.3, 0.33, 0.9]},
            r"line_length is too small.*\[30, 3, 57\]",
        ),
        ({"positions": [0.5, 1.0]}, r"positions must be 3 rising.*\[0.5, 1.0\]"),
        ({"positions": [0.5, 0.4, 1.0]}, "positions must be 3 rising"),
        ({"positions": [0.0, 0.4, 1.0]}, "positions must be 3 rising"),
        ({"positions": [30, 50, 70]}, r"at most 1.*\[30, 50, 70\]"),
        ({"layer_range": ["dense"]}, "layer_range must be a pair of strings"),
        ({"layer_range": "ab"}, "layer_range must be a pair of strings.*'ab'"),
        ({"layer_range": [0, 1]}, r"layer_range must be a pair of strings.*\[0, 1\]"),
        ({"layer_range": ["dense", "none"]}, "layer_range must match.*dropout_1.*'none'"),
    ],
)
def test_bad_arguments(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        summary(seed(), **options)
