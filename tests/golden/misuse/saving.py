"""Misuse of configs and callbacks."""

from __future__ import annotations

from typing import Any

from .case import EITHER, Keras, Misuse, X, Y, each, make, net, unknown

PLATEAU = make("callbacks.ReduceLROnPlateau")
CHECKPOINT = make("callbacks.ModelCheckpoint", filepath="a.keras")


def _read(entry: Any, **options: Any) -> Any:
    return lambda k: k.saving.deserialize_keras_object(entry, **options)


def _entry(name: str, config: Any, module: str | None = "keras.layers", **more: Any) -> Any:
    return {"module": module, "class_name": name, "config": config, "registered_name": None, **more}


def _with(callback: Any, **options: Any) -> Any:
    """fit with a callback that finds its fault in training."""
    return lambda k: net(k).fit(X, Y, epochs=2, verbose=0, callbacks=[callback(k)], **options)


def _register(k: Keras) -> Any:
    return k.saving.register_keras_serializable()(type("Plain", (), {}))


CONFIGS = [
    Misuse("read an unknown class", _read(_entry("Densest", {})), ("Densest",), EITHER),
    Misuse("read a class of os", _read(_entry("system", {}, "os")), ("system",), EITHER),
    Misuse(
        "read an unknown function",
        _read(_entry("function", "nothing", "builtins")),
        ("nothing",),
        EITHER,
    ),
    Misuse("read an unknown argument", _read(_entry("Dense", {"unit": 2})), ("unit",), EITHER),
    Misuse("read a config that is no dict", _read(_entry("Dense", "units")), ("dict",), EITHER),
    Misuse("read a function without name", _read(_entry("function", 3)), ("function",), EITHER),
    Misuse(
        "read a registered name of a built-in class",
        _read({**_entry("Dense", {"units": 2}), "registered_name": "a>b"}),
        ("a>b",),
    ),
    Misuse(
        "read an unknown key", _read(_entry("Dense", {"units": 2}, color="red")), ("color",), EITHER
    ),
    Misuse(
        "read a lambda",
        _read({"class_name": "__lambda__", "config": {"value": "4wE="}}),
        ("lambda",),
    ),
    Misuse(
        "read a function that is not for models",
        _read(_entry("function", "get_file", "keras.utils")),
        ("get_file",),
        EITHER,
    ),
    Misuse(
        "write an object", lambda k: k.saving.serialize_keras_object(object()), ("object",), EITHER
    ),
    Misuse("register a class without config", _register, ("get_config",)),
    Misuse(
        "read a Sequential without layers",
        lambda k: k.Sequential.from_config({"name": "a"}),
        ("layers",),
        (ValueError, KeyError),
    ),
]

CALLBACKS = [
    *each(PLATEAU, "factor", 1.0, 2.0),
    unknown(PLATEAU, "factors"),
    *each(CHECKPOINT, "save_freq", "day", 2.5),
    *each(make("callbacks.ModelCheckpoint"), "filepath", "a.txt", "a"),
    *each(make("callbacks.ModelCheckpoint", save_weights_only=True), "filepath", "a.keras"),
    unknown(make("callbacks.EarlyStopping"), "patiences"),
    Misuse(
        "EarlyStopping of no known direction",
        _with(lambda k: k.callbacks.EarlyStopping("accuracy")),
        ("monitor=accuracy", "mode='max'"),
    ),
    Misuse(
        "LearningRateScheduler of an integer",
        _with(lambda k: k.callbacks.LearningRateScheduler(lambda epoch: 1)),
        ("float", r"\b1\b"),
    ),
    Misuse(
        "SwapEMAWeights without averages",
        _with(lambda k: k.callbacks.SwapEMAWeights(), validation_data=(X, Y)),
        ("use_ema=False",),
    ),
]

SAVING = [*CONFIGS, *CALLBACKS]
