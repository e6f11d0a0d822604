"""Models of inputs and outputs: orders, names, configs, JSON and summaries."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .case import Case, Keras, Record, inputs
from .text import lines_of_summary

Make = Callable[[Keras], Any]


def written_by(library: str) -> Path:
    """The models' texts, as write_models.py writes them with Keras or lamina."""
    return Path(__file__).parent.parent / f"models_written_by_{library}.json"


def _chain(k: Keras) -> Any:
    x = k.Input((6,), name="in")
    h = k.layers.Dense(5, activation="relu", name="h")(x)
    return k.Model(
        x, k.layers.Dense(2, name="out")(k.layers.Dropout(0.5, name="drop")(h)), name="m"
    )


def _branched(k: Keras) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    left = k.layers.Dense(5, name="left")(a)
    right = k.layers.Dense(4, name="right")(k.layers.Dense(6, name="deep")(b))
    both = k.layers.Concatenate(name="both")([left, right])
    y = k.layers.Dense(2, name="y")(both)
    return k.Model([a, b], [y, k.layers.Dense(1, name="z")(left)], name="m")


def _shared(k: Keras) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    twin, after = k.layers.Dense(3, name="twin"), k.layers.Dense(3, name="after")
    one, two = twin(a), twin(b)
    again = after(after(one))
    distance = k.layers.Subtract(name="distance")([again, two])
    return k.Model([a, b], k.layers.Dense(1, name="out")(distance), name="m")


def _residual(k: Keras) -> Any:
    x = k.Input((4,), name="x")
    h = k.layers.Dense(4, name="first")(x)
    for i in range(3):
        inner = k.layers.Dense(4, activation="relu", name=f"inner_{i}")(h)
        h = k.layers.Add(name=f"add_{i}")([h, inner])
    return k.Model(x, k.layers.Dense(1, name="out")(h), name="m")


def _operators(k: Keras) -> Any:
    x, y = k.Input((4,), name="x"), k.Input((4,), name="y")
    a = x + y
    b = a * 2.0 - 1.0 / (k.ops.absolute(y) + 1.0)
    c = k.ops.mean(b, axis=-1, keepdims=True)
    d = k.ops.concatenate([x[:, 1:3], c, -y], axis=-1)
    return k.Model([x, y], k.layers.Dense(2, name="out")(d), name="m")


def _functions(k: Keras) -> Any:
    x = k.Input((3, 4), name="x")
    a = k.ops.sum(k.ops.square(x), axis=1)
    b = k.ops.max(k.ops.transpose(x, (0, 2, 1)), axis=2)
    c = k.ops.reshape(k.ops.stack([a, b], axis=1), (-1, 8))
    d = k.ops.relu(k.ops.where(c > 0, c, 0.5 * c))
    e = k.ops.matmul(x, k.ops.expand_dims(a, -1))
    f = k.ops.softmax(k.ops.squeeze(e, axis=-1))
    return k.Model(x, [d, k.ops.maximum(f, 0.25) ** 2], name="m")


def _more_functions(k: Keras) -> Any:
    """Constants among the operands, keyword and variadic arguments."""
    x = k.Input((3, 4), name="x")
    weights = np.arange(1, 4, dtype="float32")
    found = [
        k.ops.average(x, axis=1, weights=weights),
        k.ops.take(x, np.array([2, 0]), axis=1)[:, 0],
        k.ops.einsum("bij,bkj->bik", x, x)[..., 1],
        k.ops.einsum("bij,bik->bjk", x, x)[:, 1:3, -1],
        k.ops.full_like(x, 0.5)[:, 1],
        k.ops.power(2.0, x[:, 0]),
        k.ops.clip(x[:, 1, :], -0.5, 0.5),
        k.ops.minimum(x, 0.0)[:, 2, ::2],
        k.ops.one_hot(k.ops.argmax(x[:, 2], axis=-1), 5),
        k.ops.pad(x, ((0, 0), (1, 0), (0, 0)), constant_values=2.0)[:, 0],
        k.ops.logsumexp(x, axis=2),
        k.ops.leaky_relu(x[:, 0], negative_slope=0.3),
        k.ops.repeat(k.ops.tanh(x[:, 0, :2]), 2, axis=1),
    ]
    return k.Model(x, k.ops.concatenate(found, axis=-1), name="m")


def _nested(k: Keras) -> Any:
    entry = k.Input((4,), name="entry")
    inner = k.Model(entry, k.layers.Dense(3, activation="tanh", name="ih")(entry), name="inner")
    stack = k.Sequential(
        [k.layers.Input((3,), name="si"), k.layers.Dense(2, name="sd")], name="stack"
    )
    x, y = k.Input((4,), name="x"), k.Input((4,), name="y")
    joined = k.layers.Add(name="joined")([stack(inner(x)), stack(inner(y))])
    return k.Model([x, y], joined, name="m")


def _nested_several(k: Keras) -> Any:
    """The inner model takes and gives two, and ends in a model of its own."""
    p, q = k.Input((4,), name="p"), k.Input((3,), name="q")
    core = k.Sequential(
        [k.layers.Input((4,), name="ci"), k.layers.Dense(3, name="cd")], name="core"
    )
    inner = k.Model([p, q], [core(p), k.layers.Dense(2, name="qd")(q)], name="inner")
    x, y = k.Input((4,), name="x"), k.Input((3,), name="y")
    left, right = inner([x, y])
    out = k.layers.Concatenate(name="out")([left, right])
    return k.Model([x, y], out, name="m")


def _nested_last(k: Keras) -> Any:
    entry = k.Input((4,), name="entry")
    inner = k.Model(entry, k.layers.Dense(4, name="ih")(entry), name="inner")
    x = k.Input((4,), name="x")
    return k.Model(x, inner(inner(x)), name="m")


def _dicts(k: Keras) -> Any:
    a, b = k.Input((4,), name="first"), k.Input((3,), name="second")
    hidden = k.layers.Dense(3, name="hidden")(k.layers.Concatenate(name="both")([a, b]))
    outputs = {
        "z": k.layers.Dense(1, name="one")(hidden),
        "y": k.layers.Dense(2, name="two")(hidden),
    }
    return k.Model({"b": a, "a": b}, outputs, name="m")


def _tuples(k: Keras) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    y = k.layers.Dense(2, name="y")(a)
    return k.Model((a, b), (y, k.layers.Dense(2, name="z")(b)), name="m")


def _unused(k: Keras) -> Any:
    a, b, c = (k.Input((n,), name=name) for n, name in ((4, "a"), (3, "b"), (2, "c")))
    return k.Model([b, a, c], k.layers.Dense(2, name="y")(a), name="m")


def _passed_through(k: Keras) -> Any:
    a = k.Input((4,), name="a")
    h = k.layers.Dense(3, name="h")(a)
    return k.Model(a, [a, h, k.layers.Dense(2, name="y")(h)], name="m")


def _same_output_twice(k: Keras) -> Any:
    a = k.Input((4,), name="a")
    y = k.layers.Dense(2, name="y")(a)
    return k.Model(a, [y, y], name="m")


def _one_in_lists(k: Keras) -> Any:
    a = k.Input((4,), name="a")
    return k.Model([a], [k.layers.Dense(2, name="y")(a)], name="m")


def _normalized(k: Keras) -> Any:
    x = k.Input((4,), name="x")
    h = k.layers.BatchNormalization(name="norm")(k.layers.Dense(3, name="h")(x))
    frozen = k.layers.Dense(3, name="frozen", trainable=False)(h)
    return k.Model(x, k.layers.PReLU(name="p")(frozen), name="m")


def _part(k: Keras) -> Any:
    """From the middle of one model to the middle of it."""
    whole = _residual(k)
    return k.Model(whole.get_layer("first").output, whole.get_layer("add_1").output, name="part")


def _call_arguments(k: Keras) -> Any:
    x = k.Input((4,), name="x")
    h = k.layers.Dropout(0.5, name="d")(x, training=True)
    return k.Model(x, k.layers.BatchNormalization(name="n")(h, training=False), name="m")


def _embedded(k: Keras) -> Any:
    ids = k.Input((3,), name="ids", dtype="int32")
    v = k.layers.Embedding(5, 2, name="e")(ids)
    return k.Model(ids, k.layers.Dense(1, name="y")(k.layers.Flatten(name="f")(v)), name="m")


MODELS: dict[str, Make] = {
    "chain": _chain,
    "branched": _branched,
    "shared": _shared,
    "residual": _residual,
    "operators": _operators,
    "functions": _functions,
    "more_functions": _more_functions,
    "nested": _nested,
    "nested_several": _nested_several,
    "nested_last": _nested_last,
    "dicts": _dicts,
    "tuples": _tuples,
    "unused": _unused,
    "passed_through": _passed_through,
    "same_output_twice": _same_output_twice,
    "one_in_lists": _one_in_lists,
    "normalized": _normalized,
    "part": _part,
    "call_arguments": _call_arguments,
    "embedded": _embedded,
}


def filled(model: Any) -> Any:
    """The model with weights drawn here."""
    rng = np.random.default_rng(7)
    model.set_weights([_drawn(rng, w.shape) for w in model.get_weights()])
    return model


def _drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.uniform(0.1, 0.9, shape).astype("float32")


def data_for(model: Any, n: int = 5) -> Any:
    """A batch for each input, nested like them."""
    made = [
        (np.abs(a) * 2).astype(x.dtype) % 5 if x.dtype == "int32" else a
        for i, x in enumerate(model.inputs)
        for a in [inputs(n, int(np.prod(x.shape[1:])), seed=i).reshape(n, *x.shape[1:])]
    ]
    names = dict(zip([x.name for x in model.inputs], made))
    return _like(model.input, lambda x: names[x.name])


def _like(structure: Any, leaf: Callable[[Any], Any]) -> Any:
    if isinstance(structure, dict):
        return {key: _like(value, leaf) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)(_like(value, leaf) for value in structure)
    return leaf(structure)


def kinds(structure: Any) -> Any:
    """How something is nested: the types, and the keys of dicts in their order."""
    if isinstance(structure, dict):
        return [[key, kinds(value)] for key, value in structure.items()]
    if isinstance(structure, (list, tuple)):
        return [type(structure).__name__, *map(kinds, structure)]
    return list(structure.shape)


def kind_of(operation: Any) -> str:
    return str(getattr(operation, "class_name", type(operation).__name__))


def structure(keras: Keras, make: Make) -> Record:
    keras.utils.clear_session()
    model = filled(make(keras))
    out = model.predict(data_for(model), verbose=0)
    return {
        "class": type(model).__name__,
        "layers": [layer.name for layer in model.layers],
        "operations": [f"{kind_of(o)} {o.name}" for o in model.operations],
        "weights": [f"{w.name} {list(w.shape)}" for w in model.weights],
        "trainable": [w.name for w in model.trainable_weights],
        "non_trainable": [w.name for w in model.non_trainable_weights],
        "output_names": list(model.output_names),
        "inputs": [x.name for x in model.inputs],
        "outputs": [list(x.shape) for x in model.outputs],
        "input_shape": repr(model.input_shape),
        "output_shape": repr(model.output_shape),
        "count": model.count_params(),
        "kinds": kinds(out),
        "out": _flat(out),
    }


def _flat(out: Any) -> list[np.ndarray]:
    if isinstance(out, dict):
        return [a for value in out.values() for a in _flat(value)]
    if isinstance(out, (list, tuple)):
        return [a for value in out for a in _flat(value)]
    return [np.asarray(out)]


def read_from(keras: Keras, library: str, name: str) -> Record:
    """The predictions of a model that Keras or lamina wrote."""
    model = keras.models.model_from_json(json.loads(written_by(library).read_text())[name])
    return {"out": _flat(filled(model).predict(data_for(model), verbose=0))}


def _essence(entry: Any) -> Any:
    """Without what the calls were told by default, and the options of operations."""
    if isinstance(entry, dict):
        if str(entry.get("module", "")).startswith("keras.src.ops"):
            entry = {**entry, "config": entry["config"]["name"]}
            entry["inbound_nodes"] = list(_histories(entry["inbound_nodes"]))
        found = {key: _essence(value) for key, value in entry.items()}
        if "kwargs" in found:
            told = found["kwargs"].items()
            found["kwargs"] = {k: v for k, v in told if k != "mask" and v is not False}
        return found
    return [_essence(x) for x in entry] if isinstance(entry, list) else entry


def _histories(entry: Any) -> Iterator[Any]:
    """Where the symbolic values among arguments come from."""
    if isinstance(entry, dict) and "keras_history" in entry:
        yield entry["keras_history"]
    elif isinstance(entry, (dict, list)):
        for item in entry.values() if isinstance(entry, dict) else entry:
            yield from _histories(item)


def whole_config(keras: Keras, make: Make) -> Record:
    """The text of to_json, and what a model read from it says of itself."""
    keras.utils.clear_session()
    model = filled(make(keras))
    text = model.to_json()
    other = keras.models.model_from_json(text)
    other.set_weights(model.get_weights())
    x = data_for(model)
    pairs = zip(_flat(other.predict(x, verbose=0)), _flat(model.predict(x, verbose=0)))
    return {
        "json": json.dumps(_essence(json.loads(text)), sort_keys=True),
        "again": json.loads(other.to_json()) == json.loads(text),
        "equal": bool(all(np.array_equal(a, b) for a, b in pairs)),
    }


def summaries(keras: Keras, make: Make) -> Record:
    """The tables, without their borders."""
    keras.utils.clear_session()
    model = make(keras)
    record = {"plain": lines_of_summary(model, 130)}
    if make in (_nested, _nested_several, _normalized, _dicts):
        record["narrow"] = lines_of_summary(model, 80, expand_nested=True)
        record["trainable"] = lines_of_summary(model, 130, expand_nested=True, show_trainable=True)
    return {
        name: [line for line in lines if line[:1] not in "┏┡├└"] for name, lines in record.items()
    }


def range_of_summary(keras: Keras) -> Record:
    model = _residual(keras)
    return {"range": lines_of_summary(model, 120, layer_range=["inner_0", "add_1"])}


def given_names(keras: Keras) -> Record:
    """What is named by itself."""
    keras.utils.clear_session()
    k = keras.layers
    x, y = keras.Input((4,)), keras.Input((4,))
    d, e = k.Dense(3), k.Dense(3)
    total = d(x) + e(y)
    model, other = keras.Model([x, y], total), keras.Model(x, d(x))
    shifted = keras.ops.expand_dims(total, -1)
    return {
        "tensors": [x.name, y.name],
        "layers": [d.name, e.name],
        "models": [model.name, other.name, keras.Sequential().name],
        "outputs": [*model.output_names, *other.output_names],
        "operations": [o.name for o in keras.Model([x, y], shifted).operations],
    }


def parts(keras: Keras) -> Record:
    """get_layer, layers' inputs and outputs, models' lists."""
    model = _nested(keras)
    inner = model.get_layer("inner")
    return {
        "by_index": [model.get_layer(index=i).name for i in range(len(model.layers))],
        "inner_layers": [layer.name for layer in inner.layers],
        "shapes": [repr(inner.input_shape), repr(inner.output_shape)],
        "input": [x.name for x in model.inputs],
        "joined": [[list(x.shape) for x in model.get_layer("joined").input]],
        "count": [inner.count_params(), model.count_params()],
        "built": [inner.built, model.built],
    }


CASES = [
    *(
        Case("functional", n, functools.partial(structure, make=m), scaled=2e-6)
        for n, m in MODELS.items()
    ),
    *(
        Case("functional_json", n, functools.partial(whole_config, make=m), rtol=1e-7)
        for n, m in MODELS.items()
    ),
    *(
        Case(
            "functional_json",
            f"{n}_of_{library}",
            functools.partial(read_from, library=library, name=n),
            scaled=2e-6,
        )
        for n in MODELS
        for library in ("keras", "lamina")
    ),
    *(Case("functional_text", n, functools.partial(summaries, make=m)) for n, m in MODELS.items()),
    Case("functional_text", "range", range_of_summary),
    Case("functional", "given_names", given_names),
    Case("functional", "parts", parts),
]
