"""Serialized objects: what Keras writes, and that it reads the same again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .case import Case, Keras, Record

WRITTEN_BY_LAMINA = Path(__file__).parent.parent / "written_by_lamina.json"


def stack(k: Keras) -> Any:
    """A Sequential with an object of most families in it."""
    layers = k.layers
    return k.Sequential(
        [
            layers.Input((4,), name="in"),
            layers.Dense(
                3,
                "relu",
                kernel_initializer=k.initializers.HeNormal(seed=1),
                kernel_regularizer="l2",
                bias_constraint=k.constraints.MaxNorm(3),
                activity_regularizer=k.regularizers.L1(0.5),
                name="first",
            ),
            layers.Activation("tanh", name="second"),
            layers.Dropout(0.5, seed=3, name="third"),
            layers.Flatten(name="fourth"),
            layers.Rescaling(2.0, name="fifth"),
            layers.Dense(2, "softmax", trainable=False, name="last"),
        ],
        name="stack",
    )


def without_input(k: Keras) -> Any:
    return k.Sequential([k.layers.Dense(3, name="d")], name="later")


def nested(k: Keras) -> Any:
    return k.Sequential([k.layers.Input((4,), name="in"), stack(k)], name="outer")


def compiled(k: Keras) -> Any:
    model = stack(k)
    model.compile(
        k.optimizers.RMSprop(0.25, momentum=0.5, clipnorm=1.0, name="own"),
        loss=k.losses.CategoricalCrossentropy(label_smoothing=0.25),
        loss_weights=[0.5],
        metrics=["accuracy", k.metrics.MeanSquaredError(name="error")],
        weighted_metrics=["mae"],
        jit_compile=False,
    )
    return model


def plain(k: Keras) -> Any:
    return {
        "values": [1, 2.5, "text", None, True],
        "slice": slice(1, None, 2),
        "dots": ...,
        "bytes": b"ab",
        "nested": {"objects": [k.regularizers.L1L2(0.5, 0.25), k.initializers.Zeros()]},
        "functions": [k.activations.relu, k.losses.mean_squared_error],
    }


OBJECTS: dict[str, Callable[[Keras], Any]] = {
    "stack": stack,
    "without_input": without_input,
    "nested": nested,
    "compiled": compiled,
    "plain": plain,
    "loss": lambda k: k.losses.BinaryCrossentropy(from_logits=True),
    "metric": lambda k: k.metrics.BinaryAccuracy(threshold=0.25),
    "optimizer": lambda k: k.optimizers.RMSprop(0.25),
    "initializer": lambda k: k.initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=3),
}


def _sparse(entry: Any) -> Any:
    """Without jit_compile: Keras writes what its backend can."""
    if isinstance(entry, dict):
        return {k: _sparse(v) for k, v in entry.items() if k != "jit_compile"}
    return [_sparse(v) for v in entry] if isinstance(entry, list) else entry


def through_json(k: Keras, obj: Any) -> Any:
    return _sparse(json.loads(json.dumps(k.saving.serialize_keras_object(obj))))


def _written(make: Callable[[Keras], Any]) -> Callable[[Keras], Record]:
    def run(k: Keras) -> Record:
        k.utils.clear_session()
        entry = through_json(k, make(k))
        k.utils.clear_session()
        again = through_json(k, k.saving.deserialize_keras_object(entry))
        return {"entry": entry, "again": again == entry}

    return run


def _read(name: str) -> Callable[[Keras], Record]:
    def run(k: Keras) -> Record:
        entry = json.loads(WRITTEN_BY_LAMINA.read_text())[name]
        return {"entry": through_json(k, k.saving.deserialize_keras_object(entry))}

    return run


def in_json(k: Keras) -> Record:
    """to_json, and model_from_json with the weights' shapes of the model it makes."""
    text = stack(k).to_json()
    model = k.models.model_from_json(text)
    return {"entry": json.loads(text), "shapes": [list(w.shape) for w in model.get_weights()]}


CASES = [
    *(Case("saving", name, _written(make), rtol=1e-7) for name, make in OBJECTS.items()),
    *(Case("saving", f"reads_{name}", _read(name), rtol=1e-7) for name in OBJECTS),
]
