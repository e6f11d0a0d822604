"""Misuse of models of inputs and outputs, of own layers, and of their training."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import EITHER, Errors, Keras, Misuse, X

B = X[:, :3].copy()


def _one(
    id: str, call: Callable[[Keras], Any], *words: str, errors: Errors = (ValueError,)
) -> Misuse:
    return Misuse(id, call, words, errors)


def _two(k: Keras, **compiled: Any) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    y = k.layers.Dense(3, name="y")(a)
    model = k.Model([a, b], [y, k.layers.Dense(1, name="z")(k.layers.Concatenate()([a, b]))])
    model.compile("rmsprop", **{"loss": "mse", **compiled})
    return model


def _fit(k: Keras, x: Any = None, y: Any = None, fitted: Any = None, **compiled: Any) -> Any:
    x, y = [X, B] if x is None else x, [B, B[:, :1]] if y is None else y
    return _two(k, **compiled).fit(x, y, verbose=0, **(fitted or {}))


def _layer(k: Keras, **methods: Any) -> Any:
    return type("Own", (k.layers.Layer,), methods)()


def _sequential(k: Keras) -> Any:
    return k.Sequential([k.layers.Input((4,)), k.layers.Dense(3, name="d")])


def _twice_named(k: Keras) -> Any:
    x = k.Input((4,))
    return k.Model(x, k.layers.Dense(2, name="same")(k.layers.Dense(2, name="same")(x)))


def _not_connected(k: Keras) -> Any:
    return k.Model(k.Input((3,), name="right"), k.layers.Dense(2)(k.Input((4,), name="left")))


def _changed_json(k: Keras, change: Callable[[Any], Any]) -> Any:
    config = json.loads(_two(k).to_json())
    change(config["config"])
    return k.models.model_from_json(json.dumps(config))


def _spec(k: Keras, x: Any, **spec: Any) -> Any:
    layer = _layer(k, call=lambda self, x: x)
    layer.input_spec = k.layers.InputSpec(**spec)
    return layer(x)


def _nested_spec(k: Keras) -> Any:
    layer = _layer(k, call=lambda self, xs: xs[0])
    layer.input_spec = [k.layers.InputSpec(ndim=2), k.layers.InputSpec(ndim=2)]
    return layer([X])


def _clone_of_class(k: Keras) -> Any:
    model = type("Own", (k.Model,), {"call": lambda self, x: x})()
    return k.models.clone_model(model, [k.Input((4,))])


def _no_super(k: Keras) -> Any:
    def init(self: Any) -> None:
        self.dense = k.layers.Dense(2)

    return type("Own", (k.layers.Layer,), {"__init__": init, "call": lambda self, x: x})()(X)


def _no_call(k: Keras) -> Any:
    return type("Own", (k.Model,), {})()(X)


DESCRIBED = [
    _one("Model of an array as inputs", lambda k: k.Model(X, k.Input((4,))), "inputs"),
    _one("Model of an array as outputs", lambda k: k.Model(k.Input((4,)), X), "outputs"),
    _one("Model without outputs", lambda k: k.Model(inputs=k.Input((4,))), "inputs", errors=EITHER),
    _one("Model of no inputs", lambda k: k.Model([], k.layers.Dense(2)(k.Input((4,)))), "input"),
    _one("Model of no outputs", lambda k: k.Model(k.Input((4,)), []), "outputs"),
    _one("Model of inputs that lead nowhere", _not_connected, "connected|cannot find parent"),
    _one("Model of two layers of one name", _twice_named, '"same" is used 2 times'),
    _one(
        "layers set", lambda k: setattr(_two(k), "layers", []), "reserved", errors=(AttributeError,)
    ),
    _one("get_layer of nothing", lambda k: _two(k).get_layer(), "name.*index"),
    _one(
        "get_layer of another name", lambda k: _two(k).get_layer("no"), "No such layer: no", "'y'"
    ),
    _one("get_layer of another index", lambda k: _two(k).get_layer(index=12), "12", "5"),
    _one(
        "summary of an unknown range", lambda k: _two(k).summary(layer_range=["a", "no"]), "layer"
    ),
    _one(
        "summary of half a range", lambda k: _two(k).summary(layer_range=["a"]), "layer_range|pair"
    ),
    _one(
        "clone_model of a layer",
        lambda k: k.models.clone_model(k.layers.Dense(2)),
        "model",
        errors=EITHER,
    ),
    _one(
        "clone_model of too many tensors",
        lambda k: k.models.clone_model(_sequential(k), [k.Input((4,)), k.Input((4,))]),
        "input_tensors",
    ),
    _one(
        "clone_model of too few tensors",
        lambda k: k.models.clone_model(_two(k), [k.Input((4,))]),
        "input_tensors|structure|inputs",
    ),
    _one("clone_model of a class with inputs", _clone_of_class, "input_tensors"),
    _one("model_from_json of no JSON", lambda k: k.models.model_from_json("no"), "Expecting value"),
    _one(
        "model_from_json of an unknown layer",
        lambda k: _changed_json(k, lambda c: c["layers"][1].update(class_name="Dens")),
        "Dens",
        errors=EITHER,
    ),
    _one(
        "model_from_json of missing layers",
        lambda k: _changed_json(k, lambda c: c["layers"].pop(0)),
        "a|b|layer",
        errors=(Exception,),
    ),
    _one("set_weights of too few", lambda k: _two(k).set_weights([X]), "4 weights", "1"),
    _one(
        "set_weights of another shape",
        lambda k: _sequential(k).set_weights([X, B[0]]),
        r"\(12, 4\)",
        r"\(4, 3\)",
    ),
    _one("count_params before build", lambda k: k.layers.Dense(3).count_params(), "isn't built"),
    _one(
        "bool of a symbolic value", lambda k: bool(k.Input((4,))), "bool|truth", errors=(TypeError,)
    ),
    _one(
        "array of a symbolic value",
        lambda k: np.asarray(k.Input((4,))),
        "KerasTensor|numbers",
        errors=EITHER,
    ),
    _one(
        "iteration over a symbolic value",
        lambda k: list(k.Input((4,))),
        "[Ii]terat|gone through",
        errors=(TypeError, NotImplementedError),
    ),
]

GIVEN = [
    _one(
        "fit two outputs of one array",
        lambda k: _fit(k, y=B),
        "y|structure|losses",
        errors=(ValueError, KeyError),
    ),
    _one("fit two outputs of three arrays", lambda k: _fit(k, y=[B, B, B]), "y|structure|2|losses"),
    _one("fit two inputs of three arrays", lambda k: _fit(k, x=[X, B, B]), "2|structure|inputs"),
    _one(
        "fit two inputs of one array", lambda k: _fit(k, x=X), "2|structure|inputs", errors=EITHER
    ),
    _one(
        "fit inputs in the other order", lambda k: _fit(k, x=[B, X]), r"\(None, 4\)|axis -1|shape"
    ),
    _one(
        "fit a dict that misses an input",
        lambda k: _fit(k, x={"a": X}),
        "b|structure|cannot",
        errors=EITHER,
    ),
    _one("fit inputs of other lengths", lambda k: _fit(k, x=[X, B[:5]]), "12", "5"),
    _one("fit outputs of other lengths", lambda k: _fit(k, y=[B, B[:5, :1]]), "12", "5"),
    _one(
        "fit outputs of other shapes",
        lambda k: _fit(k, y=[B[:, :2], B[:, :1]]),
        "shape",
        errors=EITHER,
    ),
    _one(
        "fit weights for one output of two",
        lambda k: _fit(k, fitted={"sample_weight": [np.ones(12)]}),
        "sample_weight",
    ),
    _one(
        "fit class_weight for two outputs",
        lambda k: _fit(k, fitted={"class_weight": {0: 1.0}}),
        "class_weight",
    ),
    _one("compile a loss too few", lambda k: _fit(k, loss=["mse"]), "loss", "1|mse", "2"),
    _one(
        "compile a loss too many",
        lambda k: _fit(k, loss=["mse"] * 3),
        "loss",
        "2",
        errors=(ValueError, KeyError),
    ),
    _one(
        "compile a loss for another name", lambda k: _fit(k, loss={"no": "mse"}), "loss", "no", "y"
    ),
    _one("compile an unknown loss", lambda k: _fit(k, loss=["mse", "msee"]), "msee"),
    _one(
        "compile a loss weight too many",
        lambda k: _fit(k, loss_weights=[1, 2, 3]),
        "loss_weights",
        "3",
    ),
    _one(
        "compile a loss weight for another name",
        lambda k: _fit(k, loss_weights={"no": 1.0}),
        "no",
        "y",
    ),
    _one("compile metrics too few", lambda k: _fit(k, metrics=["mae"]), "metrics", "2|structure"),
    _one(
        "compile metrics for another name",
        lambda k: _fit(k, metrics={"no": ["mae"]}),
        "metrics",
        "no",
    ),
    _one("compile an unknown metric", lambda k: _fit(k, metrics=[["maee"], None]), "maee"),
    _one("compile metrics as a name", lambda k: _fit(k, metrics="mae"), "metrics", "mae"),
    _one("fit before compile", lambda k: _sequential(k).fit(X, B, verbose=0), "compile"),
    _one("evaluate before compile", lambda k: _sequential(k).evaluate(X, B, verbose=0), "compile"),
]

OWN = [
    _one(
        "a layer without super().__init__()",
        _no_super,
        r"super\(\)",
        errors=(RuntimeError, AttributeError),
    ),
    _one("a model without call", _no_call, "call", errors=(NotImplementedError, ValueError)),
    _one(
        "a layer called on nothing", lambda k: k.layers.Dense(2)(), "input|argument", errors=EITHER
    ),
    _one(
        "a layer called with an unknown argument",
        lambda k: k.layers.Dense(2)(X, scale=2.0),
        "scale",
        errors=(TypeError,),
    ),
    _one(
        "a layer with an unknown argument",
        lambda k: k.layers.Layer(units=3),
        "units",
        errors=EITHER,
    ),
    _one("a layer with a slash in its name", lambda k: k.layers.Layer(name="a/b"), "name", "a/b"),
    _one("InputSpec ndim", lambda k: _spec(k, X, ndim=3), "ndim=3", "ndim=2"),
    _one("InputSpec min_ndim", lambda k: _spec(k, X, min_ndim=3), "min_ndim=3", "ndim=2"),
    _one("InputSpec max_ndim", lambda k: _spec(k, X, max_ndim=1), "max_ndim=1", "ndim=2"),
    _one("InputSpec axes", lambda k: _spec(k, X, axes={-1: 7}), "axis -1", "7", r"\(12, 4\)"),
    _one("InputSpec shape", lambda k: _spec(k, X, shape=(None, 5)), r"\(None, 5\)", r"\(12, 4\)"),
    _one("InputSpec for two inputs", _nested_spec, "2 input", "1"),
    _one(
        "add_weight of an unknown initializer",
        lambda k: k.layers.Layer().add_weight((2,), "zeroes"),
        "zeroes",
    ),
    _one(
        "add_weight of an unknown regularizer",
        lambda k: k.layers.Layer().add_weight((2,), regularizer="l3"),
        "l3",
    ),
]

TREES = [
    _one(
        "tree.pack_sequence_as of too few", lambda k: k.tree.pack_sequence_as([1, 2], [1]), "2|few"
    ),
    _one("tree.map_structure of nothing", lambda k: k.tree.map_structure(len), "structure"),
    _one(
        "tree.map_structure of other structures",
        lambda k: k.tree.map_structure(max, [1, 2], [1, [2]]),
        "structure",
    ),
    _one(
        "tree.map_structure_up_to of a shallower one",
        lambda k: k.tree.map_structure_up_to([0, [0]], len, [[1], 2]),
        "structure|instance",
        errors=EITHER,
    ),
    _one("tree.assert_same_paths", lambda k: k.tree.assert_same_paths([1], {"a": 1}), "paths"),
]

MODELS = [*DESCRIBED, *GIVEN, *OWN, *TREES]
