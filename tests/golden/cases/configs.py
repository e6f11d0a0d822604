"""get_config: the keys and the plain values; objects as class_name and config."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .case import Case, Keras, Record


def _plain(value: Any) -> Any:
    """Nested objects without where they live; a dtype policy as its name."""
    if isinstance(value, dict):
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        left_out = {"module", "registered_name", "build_config"} if "class_name" in value else {}
        return {k: _plain(v) for k, v in value.items() if k not in left_out}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def _sequential(keras: Keras) -> Any:
    return keras.Sequential(
        [
            keras.layers.Input((8,), name="in"),
            keras.layers.Dense(4, activation="relu", name="hidden"),
            keras.layers.Dropout(0.25, name="drop", seed=1),
            keras.layers.Dense(2, activation="softmax", name="out"),
        ],
        name="net",
    )


OBJECTS: dict[str, Callable[[Keras], Any]] = {
    "dense": lambda k: k.layers.Dense(7, name="d"),
    "dense_full": lambda k: k.layers.Dense(
        3,
        activation="softmax",
        use_bias=False,
        kernel_initializer=k.initializers.GlorotUniform(seed=3),
        bias_initializer="zeros",
        trainable=False,
        name="d",
    ),
    "dropout": lambda k: k.layers.Dropout(0.4, name="d"),
    "dropout_full": lambda k: k.layers.Dropout(0.4, noise_shape=(None, 1), seed=5, name="d"),
    "flatten": lambda k: k.layers.Flatten(name="f"),
    "rescaling": lambda k: k.layers.Rescaling(0.5, offset=1.0, name="r"),
    "activation": lambda k: k.layers.Activation("relu", name="a"),
    "rmsprop": lambda k: k.optimizers.RMSprop(),
    "rmsprop_full": lambda k: k.optimizers.RMSprop(
        learning_rate=0.25,
        rho=0.5,
        momentum=0.125,
        epsilon=0.5,
        centered=True,
        weight_decay=0.0625,
        clipnorm=2.0,
        use_ema=True,
        ema_momentum=0.75,
        ema_overwrite_frequency=3,
        loss_scale_factor=4.0,
        gradient_accumulation_steps=2,
        name="own",
    ),
    "glorot_uniform": lambda k: k.initializers.GlorotUniform(seed=3),
    "zeros": lambda k: k.initializers.Zeros(),
    "crossentropy": lambda k: k.losses.CategoricalCrossentropy(),
    "crossentropy_full": lambda k: k.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.25, axis=1, reduction="sum", name="own"
    ),
    "sequential": _sequential,
}


def config(keras: Keras, make: Callable[[Keras], Any]) -> Record:
    """The config, and whether an object made from it has the same one."""
    keras.utils.clear_session()  # the optimizer's default name counts up
    made = make(keras)
    found = made.get_config()
    again = type(made).from_config(dict(found)).get_config()  # which Keras's wrappers take apart
    return {"config": _plain(found), "again": _plain(again) == _plain(found)}


CASES = [
    Case("configs", name, functools.partial(config, make=make), rtol=1e-7)
    for name, make in OBJECTS.items()
]
