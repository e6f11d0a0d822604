"""Misuse of what is made before there is data: layers, models, optimizers and the like."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import EITHER, LABELS, Keras, Misuse, X, Y, compile, each, make, net, unknown

Dense = make("layers.Dense")
Dropout = make("layers.Dropout", rate=0.5)
RMSprop = make("optimizers.RMSprop")

LAYERS = [
    *each(Dense, "units", 0, -1, 2.5, "10", None),
    *each(Dense, "activation", "rulu", units=2),
    *each(Dense, "kernel_initializer", "glorot_unform", 3, word="initializer", units=2),
    *each(Dense, "bias_initializer", "zeroes", word="initializer", units=2),
    unknown(Dense, "unit", (ValueError,), units=2),
    *each(Dense, "name", "a/b", 3, units=2),
    *each(make("layers.Dropout"), "rate", -0.1, 1.5, float("nan")),
    *each(make("layers.Dropout"), "rate", "a", None, errors=EITHER),
    *each(Dropout, "noise_shape", "a"),
    Misuse(
        "Dropout noise_shape 0",
        lambda k: k.layers.Dropout(0.5, noise_shape=(0, 1)),
        ("noise_shape", r"\b0\b"),
    ),
    Misuse(
        "Dropout noise_shape 2.5",
        lambda k: k.layers.Dropout(0.5, noise_shape=(2.5, 1)),
        ("noise_shape", r"2\.5"),
    ),
    *each(Dropout, "seed", 1.5, "a", errors=EITHER),
    unknown(Dropout, "rates", (ValueError,)),
    *(
        misuse
        for n in (1, 2, 3)
        for misuse in (
            *each(make(f"layers.SpatialDropout{n}D"), "rate", -0.1, 1.5, float("nan")),
            *each(make(f"layers.SpatialDropout{n}D"), "rate", "a", None, errors=EITHER),
            *each(make(f"layers.SpatialDropout{n}D", rate=0.5), "seed", 1.5, "a", errors=EITHER),
            unknown(make(f"layers.SpatialDropout{n}D", rate=0.5), "noise_shape", (TypeError,)),
        )
    ),
    *each(make("layers.SpatialDropout2D", rate=0.5), "data_format", "channels", 3),
    *each(make("layers.SpatialDropout3D", rate=0.5), "data_format", "channels", 3),
    *each(make("layers.Flatten"), "data_format", "channels_middle"),
    *each(make("layers.Activation"), "activation", "softmacks", 5),
    Misuse(
        "Rescaling scale='a'",
        lambda k: k.layers.Rescaling("a")(X),
        ("scale", "'a'"),
        EITHER,
    ),
    Misuse(
        "Dense built for 4, called on 5",
        lambda k: k.Sequential([k.layers.Input((4,)), k.layers.Dense(2)]).layers[0](X[:, [0] * 5]),
        ("expected axis -1", r"\b4\b", r"\b5\b"),
    ),
    *each(make("layers.Input"), "shape", "abc", (2.5,), (-1,), errors=EITHER),
    Misuse("Input without shape", lambda k: k.layers.Input(), ("shape", "batch_shape|None")),
    Misuse(
        "Input with shape and batch_shape",
        lambda k: k.layers.Input((4,), batch_shape=(None, 5)),
        ("`?shape`?", "batch_shape", r"\(4,\)|\(None, 5\)"),
    ),
    Misuse(
        "Input with batch_size and batch_shape",
        lambda k: k.layers.Input(batch_size=3, batch_shape=(None, 5)),
        ("batch_size", "batch_shape", r"\b3\b"),
    ),
]

INITIALIZERS = [
    *each(make("initializers.GlorotUniform"), "seed", 1.5, "a", errors=EITHER),
    Misuse(
        "GlorotUniform seed=-1",
        lambda k: k.initializers.GlorotUniform(seed=-1)((2, 3)),
        ("seed", "-1"),
        (ValueError, OverflowError),
    ),
    unknown(make("initializers.GlorotUniform"), "scale"),
    *each(make("initializers.get"), "identifier", "glorot", 3, word="initializer"),
    *each(make("activations.get"), "identifier", "softmacks", 3, word="activation"),
    *each(make("losses.get"), "identifier", "crossentropi", 3, word="loss"),
    *each(make("metrics.get"), "identifier", "accurate", 3, word="metric"),
    *each(make("optimizers.get"), "identifier", "rmsdrop", 3, word="optimizer"),
]


def _model(keras: Keras, *layers: Any) -> Any:
    return keras.Sequential([keras.layers.Input((4,)), *layers])


def _two_inputs(keras: Keras) -> Any:
    return _model(keras, keras.layers.Input((5,)))


def _same_names(keras: Keras) -> Any:
    return _model(keras, keras.layers.Dense(2, name="twin"), keras.layers.Dense(2, name="twin"))


def _assign_layers(keras: Keras) -> None:
    _model(keras, keras.layers.Dense(2)).layers = []


def _weights(keras: Keras, *weights: Any) -> None:
    net(keras).set_weights(list(weights))


MODELS = [
    Misuse(
        "add not a layer",
        lambda k: k.Sequential().add("dense"),
        (r"[Oo]nly instances of .*Layer", "dense"),
    ),
    Misuse("list of not a layer", lambda k: k.Sequential([3]), ("Layer", r"\b3\b")),
    Misuse("same name twice", _same_names, ("unique", "twin")),
    Misuse("second Input", _two_inputs, ("input", r"\(None, 4\)|\(4,\)")),
    Misuse("empty model called", lambda k: k.Sequential(name="hollow")(X), ("hollow", "no layers")),
    Misuse(
        "pop on empty",
        lambda k: k.Sequential(name="hollow").pop(),
        ("pop|layers", "empty|no layers"),
        (IndexError, ValueError),
    ),
    Misuse(
        "input_shape of unbuilt",
        lambda k: k.Sequential([k.layers.Dense(2)]).input_shape,
        ("input.shape", "built|defined|called"),
        (AttributeError,),
    ),
    Misuse(
        "output_shape of unbuilt",
        lambda k: k.Sequential([k.layers.Dense(2)]).output_shape,
        ("output.shape", "built|defined|called"),
        (AttributeError,),
    ),
    Misuse("layers assigned", _assign_layers, ("layers", "add|set"), (AttributeError,)),
    Misuse("build for another width", lambda k: net(k).build((None, 5)), (r"\b4\b", r"\b5\b")),
    Misuse("get_layer unknown", lambda k: net(k).get_layer("lost"), ("No such layer", "lost")),
    Misuse("get_layer index", lambda k: net(k).get_layer(index=7), ("index", r"\b7\b", r"\b1\b")),
    Misuse("get_layer nothing", lambda k: net(k).get_layer(), ("name", "index")),
    Misuse(
        "get_layer both", lambda k: net(k).get_layer("last", 0), ("name", "index", "last|same time")
    ),
    Misuse("too few weights", lambda k: _weights(k, X[:, :3]), ("weights", r"\b1\b", r"\b2\b")),
    Misuse(
        "weights of wrong shape",
        lambda k: _weights(k, np.zeros((3, 4)), np.zeros(3)),
        ("shape", r"\(3, 4\)", r"\(4, 3\)"),
    ),
    Misuse(
        "summary too narrow",
        lambda k: net(k).summary(line_length=8),
        ("width|line_length", "Insufficient|8"),
    ),
    Misuse(
        "summary of one layer_range",
        lambda k: net(k).summary(layer_range=["last"], print_fn=print),
        ("layer_range", "last"),
    ),
    unknown(make("Sequential"), "layer"),
    Misuse(
        "called on text", lambda k: net(k)(np.array([["a"] * 4])), ("dtype|str", "<U1|str"), EITHER
    ),
    Misuse("called on 5 columns", lambda k: net(k)(X[:, [0] * 5]), (r"\b4\b", r"\b5\b")),
]

OPTIMIZERS = [
    *each(RMSprop, "learning_rate", 1, "fast", None),
    *each(RMSprop, "learning_rate", -0.1, float("nan"), float("inf")),
    *each(RMSprop, "rho", 1.5, -0.1, "a", errors=EITHER),
    *each(RMSprop, "momentum", -0.5, "a", errors=EITHER),
    *each(RMSprop, "epsilon", -1e-7, errors=EITHER),
    *each(RMSprop, "weight_decay", -1.0, errors=EITHER),
    *each(RMSprop, "clipnorm", -1.0, errors=EITHER),
    *each(RMSprop, "clipvalue", -1.0, errors=EITHER),
    *each(RMSprop, "global_clipnorm", -1.0, errors=EITHER),
    *each(RMSprop, "clipnorm", 1.5, clipvalue=0.5),
    *each(RMSprop, "clipvalue", 1.5, global_clipnorm=0.5),
    *each(RMSprop, "gradient_accumulation_steps", 1, -2, 2.5, errors=EITHER),
    *each(RMSprop, "ema_momentum", 1.5, -0.1, use_ema=True),
    *each(RMSprop, "ema_overwrite_frequency", -1, 1.5, use_ema=True, errors=EITHER),
    *each(RMSprop, "loss_scale_factor", -8.0, errors=EITHER),
    unknown(RMSprop, "lr"),
]

LOSSES = [
    *each(make("losses.CategoricalCrossentropy"), "reduction", "average", 3),
    *each(make("losses.CategoricalCrossentropy"), "label_smoothing", -0.1, 1.5, errors=EITHER),
    unknown(make("losses.CategoricalCrossentropy"), "from_logit"),
    *each(make("losses.MeanSquaredError"), "reduction", "sum_over_batch"),
    Misuse(
        "categorical_crossentropy of unequal shapes",
        lambda k: k.losses.categorical_crossentropy(Y, Y[:, :2]),
        (r"y_true|target", r"\(12, 3\)", r"\(12, 2\)"),
    ),
    Misuse(
        "categorical_crossentropy of integers",
        lambda k: k.losses.CategoricalCrossentropy()(LABELS, Y),
        ("sparse_categorical_crossentropy|to_categorical", r"\(12,\)", r"\(12, 3\)"),
    ),
    Misuse(
        "sparse_categorical_crossentropy of unequal rows",
        lambda k: k.losses.sparse_categorical_crossentropy(LABELS[:7], Y),
        (r"\(7,\)", r"\(12, 3\)|\(12,\)"),
    ),
    Misuse(
        "loss of unequal weights",
        lambda k: k.losses.MeanSquaredError()(Y, Y, sample_weight=np.ones(5)),
        (r"sample_weight", r"\(5,\)"),
        EITHER,
    ),
]

COMPILE = [
    *each(compile, "metrics", "accuracy"),
    Misuse("unknown metric", lambda k: compile(k, metrics=["accurate"]), ("metric", "accurate")),
    Misuse("metric not one", lambda k: compile(k, metrics=["mse", 3]), ("metric", r"\b3\b")),
    *each(compile, "weighted_metrics", "accuracy"),
    *each(compile, "loss", "mean_square", 3),
    *each(compile, "optimizer", "rmsdrop", 3),
    unknown(compile, "optimiser"),
]

UTILS = [
    Misuse(
        "to_categorical label 12 of 10",
        lambda k: k.utils.to_categorical([3, 12, 1], 10),
        (r"\b12\b", r"\b10\b"),
        (ValueError, IndexError),
    ),
    Misuse(
        "to_categorical label -1",
        lambda k: k.utils.to_categorical([3, -1, 1], 10),
        ("-1", "label|`?x`?"),
        (ValueError, IndexError),
    ),
    Misuse(
        "to_categorical label -1 without num_classes",
        lambda k: k.utils.to_categorical([3, -1, 1]),
        ("-1", "label|`?x`?"),
        (ValueError, IndexError),
    ),
    Misuse("to_categorical of text", lambda k: k.utils.to_categorical(["cat"]), ("cat",), EITHER),
    Misuse(
        "to_categorical of None", lambda k: k.utils.to_categorical(None), ("None|object",), EITHER
    ),
    Misuse(
        "to_categorical of nothing", lambda k: k.utils.to_categorical([]), ("num_classes|empty",)
    ),
    *each(make("utils.to_categorical", x=[0, 1]), "num_classes", -3, 2.5, "3", errors=EITHER),
    *each(make("utils.set_random_seed"), "seed", 1.5, "a", None, errors=EITHER),
    *each(make("utils.set_random_seed"), "seed", -1, 2**40),
]

CONSTRUCT = [
    *LAYERS, *INITIALIZERS, *MODELS, *OPTIMIZERS, *LOSSES, *COMPILE, *UTILS
]  # fmt: skip
