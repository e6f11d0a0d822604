"""Models of several inputs and outputs in training: losses, weights, metrics, names, numbers."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs

N = 40
A, B = inputs(N, 4, seed=1), inputs(N, 3, seed=2)
Y = np.sin(A[:, :2] + B[:, 1:])
Z = (A.sum(axis=1, keepdims=True) > 0).astype("float32")
C = (np.abs(A[:, :1] * 3).astype("int64") % 3)[:, 0]
WY = np.random.default_rng(3).uniform(0, 2, N).astype("float32")
WZ = np.random.default_rng(4).uniform(0, 2, N).astype("float32")


def _body(k: Keras) -> tuple[list[Any], list[Any]]:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    h = k.layers.Dense(6, activation="tanh", name="h")(k.layers.Concatenate(name="ab")([a, b]))
    y = k.layers.Dense(2, name="y")(h)
    z = k.layers.Dense(1, activation="sigmoid", name="z")(h)
    return [a, b], [y, z]


def in_lists(k: Keras) -> Any:
    x, y = _body(k)
    return k.Model(x, y)


def in_dicts(k: Keras) -> Any:
    (a, b), (y, z) = _body(k)
    return k.Model({"a": a, "b": b}, {"z": z, "y": y})


def in_other_names(k: Keras) -> Any:
    """Keys that are not the layers' names."""
    (a, b), (y, z) = _body(k)
    return k.Model({"a": a, "b": b}, {"score": z, "position": y})


def three(k: Keras) -> Any:
    x, (y, z) = _body(k)
    c = k.layers.Dense(3, activation="softmax", name="c")(y)
    return k.Model(x, [y, z, c])


def nested(k: Keras) -> Any:
    x, (y, z) = _body(k)
    c = k.layers.Dense(1, name="c")(y)
    return k.Model(x, {"p": [y, z], "q": c})


def nested_lists(k: Keras) -> Any:
    x, (y, z) = _body(k)
    c = k.layers.Dense(1, name="c")(y)
    return k.Model(x, [[y, z], c])


def one_in_list(k: Keras) -> Any:
    x, (y, _) = _body(k)
    return k.Model(x, [y])


def one_in_dict(k: Keras) -> Any:
    x, (y, _) = _body(k)
    return k.Model(x, {"position": y})


X2, Y2 = [A, B], [Y, Z]
XD, YD = {"a": A, "b": B}, {"y": Y, "z": Z}
OTHER = {"position": Y, "score": Z}

RUNS: dict[str, tuple[Callable[[Keras], Any], dict[str, Any], dict[str, Any]]] = {
    "single_loss": (in_lists, {"loss": "mse"}, {}),
    "loss_list": (in_lists, {"loss": ["mse", "binary_crossentropy"]}, {}),
    "loss_tuple": (in_lists, {"loss": ("mse", "mae")}, {}),
    "loss_dict": (in_lists, {"loss": {"z": "binary_crossentropy", "y": "mse"}}, {}),
    "loss_partial_list": (in_lists, {"loss": ["mse", None]}, {}),
    "loss_partial_dict": (in_lists, {"loss": {"z": "binary_crossentropy", "y": None}}, {}),
    "loss_weights_list": (in_lists, {"loss": ["mse", "mae"], "loss_weights": [0.5, 2.0]}, {}),
    "loss_weights_dict": (
        in_lists, {"loss": {"y": "mse", "z": "mae"}, "loss_weights": {"z": 3.0, "y": 0.25}}, {},
    ),
    "one_loss_weight": (in_lists, {"loss": "mse", "loss_weights": 2.0}, {}),
    "metrics_lists": (in_lists, {"loss": "mse", "metrics": [["mae"], ["accuracy", "mae"]]}, {}),
    "metrics_one_each": (in_lists, {"loss": "mse", "metrics": ["mae", "accuracy"]}, {}),
    "metrics_none": (in_lists, {"loss": "mse", "metrics": [None, ["accuracy"]]}, {}),
    "metrics_empty": (in_lists, {"loss": "mse", "metrics": [[], ["accuracy"]]}, {}),
    "metrics_dict": (in_lists, {"loss": "mse", "metrics": {"z": "accuracy", "y": ["mae", "mse"]}}, {}),
    "metrics_dict_part": (in_lists, {"loss": "mse", "metrics": {"z": ["accuracy"]}}, {}),
    "weighted_metrics": (
        in_lists,
        {"loss": "mse", "metrics": [["mae"], ["mae"]], "weighted_metrics": [["mae"], ["accuracy"]]},
        {"sample_weight": [WY, WZ]},
    ),
    "weighted_metrics_dict": (
        in_dicts,
        {"loss": "mse", "weighted_metrics": {"z": ["accuracy"]}},
        {"sample_weight": {"y": WY, "z": WZ}},
    ),
    "one_weight_for_all": (in_lists, {"loss": "mse", "weighted_metrics": [["mae"], ["mae"]]},
                           {"sample_weight": WY}),
    "everything": (
        in_dicts,
        {
            "loss": {"y": "mse", "z": "binary_crossentropy"}, "loss_weights": {"y": 0.5, "z": 2.0},
            "metrics": {"y": ["mae"], "z": ["accuracy"]}, "weighted_metrics": {"z": ["mae"]},
        },
        {"sample_weight": {"z": WZ, "y": WY}},
    ),
    "dicts_single_loss": (in_dicts, {"loss": "mse", "metrics": {"y": "mae"}}, {}),
    "other_names": (
        in_other_names,
        {"loss": {"position": "mse", "score": "mae"}, "metrics": {"score": ["accuracy"]}}, {},
    ),
    "other_names_single": (in_other_names, {"loss": "mse"}, {}),
    "three": (
        three,
        {"loss": ["mse", "bce", "sparse_categorical_crossentropy"], "metrics": [None, "mae", "accuracy"]},
        {},
    ),
    "three_partial": (
        three, {"loss": {"c": "sparse_categorical_crossentropy", "y": None, "z": None}}, {},
    ),
    "nested": (
        nested,
        {
            "loss": {"p": ["mse", "mae"], "q": "mse"}, "loss_weights": {"p": [0.5, 2.0], "q": 3.0},
            "metrics": {"p": [["mae"], ["mse", "accuracy"]], "q": ["mae"]},
            "weighted_metrics": {"p": [["mae"], []], "q": []},
        },
        {},
    ),
    "nested_single_loss": (nested, {"loss": "mse"}, {}),
    "nested_in_a_row": (nested, {"loss": ["mse", "mae", "mse"], "loss_weights": [1.0, 2.0, 3.0]}, {}),
    "nested_partial": (nested, {"loss": {"p": ["mse", None]}}, {}),
    "nested_lists": (
        nested_lists, {"loss": [["mse", "mae"], "mse"], "metrics": [["mae", "mse"], "mae"]}, {},
    ),
    "nested_lists_single_loss": (nested_lists, {"loss": "mse"}, {}),
    "one_in_list": (one_in_list, {"loss": ["mse"], "metrics": ["mae"]}, {}),
    "one_in_dict": (one_in_dict, {"loss": {"position": "mse"}, "metrics": {"position": ["mae"]}}, {}),
    "validation": (in_lists, {"loss": "mse", "metrics": [["mae"], []]}, {"validation_split": 0.25}),
}  # fmt: skip

DATA: dict[Any, tuple[Any, Any]] = {
    in_lists: (X2, Y2), in_dicts: (XD, YD), in_other_names: (XD, OTHER), three: (X2, [Y, Z, C]),
    nested: (X2, {"p": [Y, Z], "q": Z}), nested_lists: (X2, [[Y, Z], Z]), one_in_list: (X2, Y),
    one_in_dict: (X2, {"position": Y}),
}  # fmt: skip


def filled(model: Any, seed: int = 5) -> Any:
    """The model with weights drawn here, by the layers' names."""
    rng = np.random.default_rng(seed)
    for layer in sorted(model.layers, key=lambda layer: str(layer.name)):
        layer.set_weights(
            [rng.uniform(-0.7, 0.7, w.shape).astype("float32") for w in layer.get_weights()]
        )
    return model


def trained(
    keras: Keras,
    make: Callable[[Keras], Any],
    compiled: dict[str, Any],
    fitted: dict[str, Any],
    eager: bool = False,
) -> Record:
    """Ten steps: the history, the figures of evaluate in both forms, the weights."""
    model = filled(make(keras))
    model.compile(keras.optimizers.RMSprop(0.01), **compiled, run_eagerly=eager)
    x, y = DATA[make]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The loss does not depend on")
        run = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, **fitted)
    history = run.history
    weights = {"sample_weight": fitted["sample_weight"]} if "sample_weight" in fitted else {}
    scores = model.evaluate(x, y, verbose=0, return_dict=True, **weights)
    values = model.evaluate(x, y, verbose=0, **weights)
    return {
        "keys": list(history),
        "history": history,
        "scores": scores,
        "score_keys": list(scores),
        "values": values,
        "weights": [w for name in ("h", "y", "z") if name in [i.name for i in model.layers]
                    for w in arrays(model.get_layer(name).get_weights())],
    }  # fmt: skip


def ways_to_give_data(keras: Keras) -> Record:
    """Lists, tuples, dicts by name in any order: the same numbers."""
    model, named = filled(in_lists(keras)), filled(in_dicts(keras))
    model.compile("rmsprop", "mse")
    named.compile("rmsprop", "mse")
    whole = model.evaluate(X2, Y2, verbose=0)
    return {
        "whole": whole,
        "tuples": model.evaluate(tuple(X2), tuple(Y2), verbose=0),
        "x_by_name": model.evaluate({"b": B, "a": A}, Y2, verbose=0),
        "named": named.evaluate({"b": B, "a": A}, {"z": Z, "y": Y}, verbose=0),
        "on_batch": [float(v) for v in model.test_on_batch(X2, Y2)],
        "trained_on_batch": [float(v) for v in model.train_on_batch(X2, Y2)],
        "predict_keys": sorted(named.predict(XD, verbose=0)),
        "predict_type": type(model.predict(X2, verbose=0)).__name__,
    }


def results_in_dicts(keras: Keras) -> Record:
    """A metric whose result is a dict: its entries are among the figures."""

    class Both(keras.metrics.Metric):  # type: ignore[misc, name-defined]
        def __init__(self, name: str = "both", **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            self.total = self.add_weight(name="total", initializer="zeros")
            self.count = self.add_weight(name="count", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            off = keras.ops.mean(keras.ops.abs(y_true - y_pred))
            self.total.assign(self.total + off)
            self.count.assign(self.count + 1.0)

        def result(self) -> Any:
            return {"sum_of": self.total + 0.0, "batches": self.count + 0.0}

    record: Record = {}
    runs = {"one": (one_in_list, [Both(), "mae"]), "two": (in_lists, [["mae", Both()], ["mse"]])}
    for name, (make, metrics) in runs.items():
        model = filled(make(keras))
        model.compile(keras.optimizers.RMSprop(0.01), "mse", metrics=metrics)
        x, y = DATA[make]
        history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
        scores = model.evaluate(x, y, verbose=0, return_dict=True)
        record[name] = {"history": history, "scores": scores}
    return record


def metrics_by_class(keras: Keras) -> Record:
    """Classes and names in place of metrics: what they are called, and the ones made after."""
    record: Record = {}
    m = keras.metrics
    for name, given in {
        "class": [m.AUC],
        "name": ["AUC"],
        "classes": [m.AUC, m.MeanSquaredError],
    }.items():
        keras.utils.clear_session()
        model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1, "sigmoid")])
        model.compile("rmsprop", "mse", metrics=given)
        record[name] = [sorted(model.evaluate(A, Z, verbose=0, return_dict=True)), m.AUC().name]
    return record


_case = functools.partial(Case, "outputs", backend="jax", scaled=5e-6, atol=1e-7)

CASES = [
    *(
        _case(name, functools.partial(trained, make=make, compiled=compiled, fitted=fitted))
        for name, (make, compiled, fitted) in RUNS.items()
    ),
    *(
        _case(f"eager_{name}", functools.partial(
            trained, make=RUNS[name][0], compiled=RUNS[name][1], fitted=RUNS[name][2], eager=True))
        for name in ("metrics_lists", "everything", "weighted_metrics", "loss_partial_dict")
    ),
    _case("ways_to_give_data", ways_to_give_data),
    _case("results_in_dicts", results_in_dicts),
    _case("metrics_by_class", metrics_by_class),
]  # fmt: skip
