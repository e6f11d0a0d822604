"""Layers and models that users write as classes: what is built, tracked, told, trained."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .text import lines_of_summary

A, B = inputs(24, 4, seed=1), inputs(24, 3, seed=2)
Y = np.sin(A[:, :2] + B[:, 1:])


def fill(model: Any, low: float = -0.7) -> Any:
    rng = np.random.default_rng(5)
    model.set_weights(
        [rng.uniform(low, 0.7, w.shape).astype("float32") for w in model.get_weights()]
    )
    return model


def names(weights: Any) -> list[str]:
    return [f"{w.name} {list(w.shape)}" for w in weights]


# --- layers ---------------------------------------------------------------------------------------


def several_arguments(keras: Keras) -> Record:
    """`build(a_shape, b_shape)` and `call(a, b)`, by place and by name, in a model too."""

    class Mix(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, a_shape: Any, b_shape: Any) -> None:
            self.shapes = [list(a_shape), list(b_shape)]
            self.left = self.add_weight(shape=(a_shape[-1], 2), name="left")
            self.right = self.add_weight(shape=(b_shape[-1], 2), name="right")

        def call(self, a: Any, b: Any, scale: float = 1.0) -> Any:
            return scale * (keras.ops.matmul(a, self.left) + keras.ops.matmul(b, self.right))

    layer, named = Mix(), Mix()
    layer(A, B)
    fill(layer)
    named(b=B, a=A)
    x, y = keras.Input((4,)), keras.Input((3,))
    model = keras.Model([x, y], layer(x, b=y, scale=0.5))
    return {
        "y": np.asarray(layer(A, B, scale=3.0)),
        "weights": names(layer.weights),
        "shapes": [list(s) for s in layer.shapes],
        "named": [[list(s) for s in named.shapes], names(named.weights)],
        "model": model.predict([A, B], verbose=0),
        "model_shape": repr(model.output_shape),
    }


def tracked(keras: Keras) -> Record:
    """Layers in attributes, lists, tuples, dicts, and lists of dicts; weights set as attributes."""
    k = keras.layers

    class Holder(k.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.stack = [k.Dense(3, name="a"), k.Dense(4, name="b")]
            self.pair = (k.Dense(2, name="c"),)
            self.heads = {"z": k.Dense(1, name="z"), "y": k.Dense(2, name="y")}
            self.deep = [{"inner": k.Dense(2, name="d")}]
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
            self.first = k.BatchNormalization(name="n")
            self.fixed = self.add_weight(shape=(2,), trainable=False, name="fixed")

        def call(self, x: Any) -> Any:
            for layer in (*self.stack, *self.pair, self.first):
                x = layer(x)
            return [self.heads["z"](x), self.heads["y"](x), self.deep[0]["inner"](x) * self.scale]

    layer = Holder()
    layer(A)
    record = {
        "weights": names(layer.weights),
        "trainable": names(layer.trainable_weights),
        "non_trainable": names(layer.non_trainable_weights),
        "get_weights": [list(w.shape) for w in layer.get_weights()],
        "count": layer.count_params(),
    }
    layer.stack[0].trainable = False
    record["one_frozen"] = names(layer.trainable_weights)
    layer.trainable = False
    record["all_frozen"] = [len(layer.trainable_weights), layer.first.trainable]
    layer.trainable = True
    record["thawed"] = [len(layer.trainable_weights), layer.stack[0].trainable]
    return record


def add_weight(keras: Keras) -> Record:
    """The arguments in their order, and the defaults."""
    layer = keras.layers.Layer(name="own")
    plain = layer.add_weight((2, 3))
    vector = layer.add_weight((3,))
    scalar = layer.add_weight()
    full = layer.add_weight(
        (2,),
        "ones",
        "float32",
        trainable=False,
        regularizer="l2",
        constraint="non_neg",
        name="full",
    )
    text = layer.add_weight(name="only")
    return {
        "names": [w.name for w in (full, text)],
        "paths": [w.path for w in (full, text)],
        "shapes": [list(w.shape) for w in (plain, vector, scalar, full, text)],
        "trainable": [w.trainable for w in (plain, full)],
        "zeros": [bool(np.all(np.asarray(w) == 0)) for w in (plain, vector, scalar, text)],
        "regularizer": type(full.regularizer).__name__,
        "constraint": type(full.constraint).__name__,
        "order": [list(w.shape) for w in layer.weights],
        "non_trainable": names(layer.non_trainable_weights),
    }


def told_training(keras: Keras) -> Record:
    """`training` as layers inside of layers see it."""

    class Shift(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: Any, training: Any = None) -> Any:
            return x + 1.0 if training else x

    class Inside(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self, told: Any = "nothing") -> None:
            super().__init__()
            self.told, self.shift = told, Shift()

        def call(self, x: Any) -> Any:
            return self.shift(x) if self.told == "nothing" else self.shift(x, training=self.told)

    class Default(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.shift = Shift()

        def call(self, x: Any, training: bool = True) -> Any:
            return self.shift(x)

    x = np.zeros((1, 1), "float32")
    layers = [
        Inside(),
        Inside(True),
        Inside(False),
        keras.Sequential([Shift(), Inside()]),
        Default(),
    ]
    entry = keras.Input((1,))
    fixed = keras.Model(entry, Shift()(entry, training=True))
    return {
        "not_told": [float(np.asarray(layer(x))[0, 0]) for layer in layers],
        "true": [float(np.asarray(layer(x, training=True))[0, 0]) for layer in layers],
        "false": [float(np.asarray(layer(x, training=False))[0, 0]) for layer in layers],
        "fixed": [
            float(np.asarray(y)[0, 0])
            for y in (fixed(x), fixed(x, training=True), fixed(x, training=False))
        ],
        "fixed_predict": float(fixed.predict(x, verbose=0)[0, 0]),
    }


def shapes(keras: Keras) -> Record:
    """compute_output_shape of own layers, for lists and dicts too."""

    class Split(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return {"left": x[:, :2], "right": (x[:, 2:], x)}

    class Said(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return x

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (*input_shape[:-1], 7)

    inner = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    return {
        "said": repr(Said().compute_output_shape((None, 4))),
        "sequential": repr(inner.compute_output_shape((None, 4))),
        "dense": repr(keras.layers.Dense(5).compute_output_shape((None, 7, 4))),
        "split": repr(keras.Model(x := keras.Input((4,)), Split()(x)).output_shape),
    }


# --- losses, freezing -----------------------------------------------------------------------------


def added_losses(keras: Keras, eager: bool = False) -> Record:
    """add_loss inside of `call`, activity and weight regularizers, in a nested layer."""
    k, ops = keras.layers, keras.ops

    class Sparse(k.Layer):  # type: ignore[misc, name-defined]
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.inner = k.Dense(3, activity_regularizer="l2", kernel_regularizer="l1", name="i")

        def call(self, x: Any) -> Any:
            y = self.inner(x)
            self.add_loss(0.1 * ops.mean(ops.abs(y)))
            self.add_loss(
                [0.2 * ops.mean(ops.square(y)), 0.01 * ops.sum(ops.square(self.inner.bias))]
            )
            return y

    model = keras.Sequential([k.Input((4,)), Sparse(), k.Dense(2, name="last")])
    fill(model)
    model.compile(keras.optimizers.RMSprop(0.01), "mse", run_eagerly=eager)
    history = model.fit(A, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    return {
        "history": history,
        "weights": arrays(model.get_weights()),
        "evaluate": model.evaluate(A, Y, verbose=0),
    }


def losses_of_calls(keras: Keras) -> Record:
    """`losses` after calls on arrays: of layers, models, models inside of classes; a step's loss."""
    k, ops = keras.layers, keras.ops

    class Adds(k.Layer):  # type: ignore[misc, name-defined]
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(shape=(4,), initializer="ones", name="scale")

        def call(self, x: Any) -> Any:
            self.add_loss([ops.sum(ops.square(x * self.scale), axis=-1), ops.max(x)])
            return x * self.scale

    class Outer(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = keras.Sequential([k.Input((4,)), Adds(), k.ActivityRegularization(0.2)])

        def call(self, x: Any) -> Any:
            self.add_loss(ops.mean(x))
            return self.inner(x)

    def found(model: Any) -> list[np.ndarray]:
        return sorted(arrays(model.losses), key=np.sum)  # Keras's order is that of its search

    entry, twice = keras.Input((4,)), k.ActivityRegularization(l1=0.3)
    dense = k.Dense(2, "tanh", True, "ones", activity_regularizer="l2", kernel_regularizer="l1")
    outer, shared = Outer(), keras.Model(entry, twice(twice(entry) * 2.0))
    record: Record = {"before": found(outer)}
    for model in (Adds(), outer, shared, keras.Sequential([dense])):
        for x in (A, A[:5]):
            y = np.asarray(model(x))
            record[f"{type(model).__name__} {len(x)}"] = [y, found(model)]
    outer.inner(A)
    record["a part"] = [found(outer), found(outer.inner)]
    outer.compile(keras.optimizers.SGD(0.01), "mse")
    record["loss"] = float(outer.compute_loss(A, 0.0 * A, outer(A)))
    fit = outer.fit(A, 0.0 * A, batch_size=8, shuffle=False, verbose=0)
    return {**record, "fit": fit.history["loss"], "weights": arrays(outer.get_weights())}


def frozen(keras: Keras) -> Record:
    """What is trained when layers are frozen before compile, after it, and thawed again."""
    k = keras.layers
    inner = keras.Sequential(
        [k.Input((4,)), k.Dense(3, name="i"), k.BatchNormalization(name="n")], name="inner"
    )
    x = keras.Input((4,), name="x")
    model = fill(keras.Model(x, k.Dense(2, name="last")(inner(x)), name="m"), 0.1)
    record: Record = {}

    def step(name: str) -> None:
        model.fit(A, Y, batch_size=8, epochs=1, shuffle=False, verbose=0)
        record[name] = {
            "weights": arrays(model.get_weights()),
            "counts": [len(model.trainable_weights), len(model.non_trainable_weights)],
            "text": [t for t in lines_of_summary(model, 100, show_trainable=True) if "params" in t],
        }

    inner.trainable = False
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    step("frozen")
    inner.trainable = True
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    step("thawed")
    model.get_layer("last").trainable = False
    model.compile(keras.optimizers.RMSprop(0.01), "mse")
    step("head")
    return record


# --- models ---------------------------------------------------------------------------------------


def _two_towers(keras: Keras, kind: str) -> Any:
    k = keras.layers

    class Towers(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(name="towers")
            self.head = k.Dense(2, name="head")
            self.left, self.right = (
                k.Dense(3, activation="tanh", name="left"),
                k.Dense(3, name="right"),
            )
            self.drop = k.Dropout(0.0, name="drop")
            self.more = [k.Dense(3, name="more_0"), k.Dense(3, activation="relu", name="more_1")]

        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            a, b = (inputs["a"], inputs["b"]) if isinstance(inputs, dict) else inputs
            h = self.left(a) + self.right(b)
            for layer in self.more:
                h = layer(h)
            y = self.head(self.drop(h, training=training))
            return {"y": y, "h": keras.ops.sum(h, axis=-1, keepdims=True)} if kind == "dict" else y

    return Towers()


def towers(keras: Keras, kind: str, eager: bool = False) -> Record:
    """A model that is a class, of inputs in a dict, list or tuple: what is tracked, ten steps."""
    model = _two_towers(keras, kind)
    x: Any = {"dict": {"a": A, "b": B}, "list": [A, B], "tuple": (A, B)}[kind]
    y: Any = {"y": Y, "h": Y[:, :1]} if kind == "dict" else Y
    model(x)
    fill(model)
    model.compile(
        keras.optimizers.RMSprop(0.01),
        {"y": "mse", "h": "mae"} if kind == "dict" else "mse",
        metrics=None if kind == "dict" else ["mae"], run_eagerly=eager,
    )  # fmt: skip
    history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    out = model.predict(x, verbose=0)
    return {
        "layers": [layer.name for layer in model.layers],
        "weights": names(model.weights),
        "history": history,
        "keys": list(history),
        "values": arrays(model.get_weights()),
        "out": out if isinstance(out, dict) else np.asarray(out),
        "by_index": [model.get_layer(index=1).name, model.get_layer("head").name],
    }


def built(keras: Keras) -> Record:
    """Before and after `build`; a model of models; the table of one that is not built."""

    class Outer(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(name="outer")
            stack = [keras.layers.Dense(3, name="s0"), keras.layers.Dense(2, name="s1")]
            self.inner = keras.Sequential(stack, name="stack")
            self.last = keras.layers.Dense(1, name="last")

        def call(self, x: Any) -> Any:
            return self.last(self.inner(x))

    model = Outer()
    record: Record = {
        "built_before": model.built,
        "layers": [layer.name for layer in model.layers],
        "table_before": lines_of_summary(model, 100),
    }
    model(A)
    record |= {
        "built": [model.built, model.inner.built, model.last.built],
        "weights": names(model.weights),
        "count": model.count_params(),
        "y": np.asarray(fill(model)(A)),
    }
    return record


_own: Callable[..., Case] = functools.partial(Case, "own_layers", scaled=5e-6, atol=1e-7)
_trained: Callable[..., Case] = functools.partial(_own, backend="jax")

CASES = [
    _own("several_arguments", several_arguments),
    _own("tracked", tracked),
    _own("add_weight", add_weight),
    _own("told_training", told_training),
    _own("shapes", shapes),
    _trained("added_losses", added_losses),
    _trained("added_losses_eagerly", functools.partial(added_losses, eager=True)),
    _trained("losses_of_calls", losses_of_calls),
    _trained("frozen", frozen),
    *(
        _trained(f"towers_{kind}", functools.partial(towers, kind=kind))
        for kind in ("dict", "list", "tuple")
    ),
    _trained("towers_dict_eagerly", functools.partial(towers, kind="dict", eager=True)),
    _own("built", built),
]
