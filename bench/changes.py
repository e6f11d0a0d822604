"""What `objects.py` measures: a network with one change at a time, and what the change must cost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import lamina as keras
from lamina import activations, constraints, layers, losses, metrics, optimizers

BATCH, CLASSES = 128, 10
FIELDS, LEVELS, WIDTH = 20, 50, 8  # of the categories
Sizes = tuple[int, ...]


class Change(NamedTuple):
    """What is built in place of the base, and its passes over hidden activations and weights."""

    model: Callable[[Sizes], keras.Model]
    activations: float = 0
    weights: float = 0
    data: str = "x"
    products: Callable[[Sizes], float] = lambda sizes: (
        0
    )  # multiply-adds per step beyond the network's


def sequential(sizes: Sizes, after: Callable[[], list[Any]], **dense: Any) -> keras.Sequential:
    """Dense layers, each hidden one followed by what `after` makes."""
    keras.utils.set_random_seed(0)
    made = keras.Sequential([keras.Input((sizes[0],))])
    for size in sizes[1:]:
        for layer in (layers.Dense(size, **{"activation": "relu", **dense}), *after()):
            made.add(layer)
    made.add(layers.Dense(CLASSES, activation="softmax"))
    return made


def network(
    *after: Callable[[], Any],
    optimizer: Any = None,
    loss: Any = "categorical_crossentropy",
    metric: Callable[[], Any] | None = None,
    **dense: Any,
) -> Callable[[Sizes], keras.Model]:
    """Makes the base with such layers after each hidden one, and such arguments."""

    def make(sizes: Sizes) -> keras.Model:
        made = sequential(sizes, lambda: [layer() for layer in after], **dense)
        own = optimizers.SGD(0.001) if optimizer is None else optimizer()
        made.compile(
            own, loss() if callable(loss) else loss, metrics=[metric()] if metric else None
        )
        return made

    return make


def branches(merge: Callable[[], Any], count: int = 3) -> Callable[[Sizes], keras.Model]:
    """The first hidden layer in branches that are merged; all activations as many as the base's."""

    def make(sizes: Sizes) -> keras.Model:
        keras.utils.set_random_seed(0)
        x = keras.Input((sizes[0],))
        y = merge()([layers.Dense(sizes[1], "relu")(x) for _ in range(count)])
        y = layers.Dense(sizes[2], "relu")(y)
        made = keras.Model(x, layers.Dense(CLASSES, "softmax")(y))
        made.compile(optimizers.SGD(0.001), "categorical_crossentropy")
        return made

    return make


def embeddings(levels: int, optimizer: str) -> Callable[[Sizes], keras.Model]:
    """One column of indices for each table; the vectors side by side into the base."""

    def make(sizes: Sizes) -> keras.Model:
        keras.utils.set_random_seed(0)
        x = [keras.Input((1,)) for _ in range(FIELDS)]
        vectors = [layers.Flatten()(layers.Embedding(levels, WIDTH)(column)) for column in x]
        y = layers.Concatenate()(vectors)
        for size in sizes[1:]:
            y = layers.Dense(size, "relu")(y)
        made = keras.Model(x, layers.Dense(CLASSES, "softmax")(y))
        made.compile(optimizer, "categorical_crossentropy")
        return made

    return make


def einsums(sizes: Sizes) -> keras.Model:
    """The base, its products written out."""
    keras.utils.set_random_seed(0)
    made = keras.Sequential([keras.Input((sizes[0],))])
    for size, activation in (*((size, "relu") for size in sizes[1:]), (CLASSES, "softmax")):
        made.add(layers.EinsumDense("ab,bc->ac", size, activation, bias_axes="c"))
    made.compile(optimizers.SGD(0.001), "categorical_crossentropy")
    return made


def spectral(sizes: Sizes) -> keras.Model:
    """The base, the kernels of its hidden layers divided by their norms."""
    keras.utils.set_random_seed(0)
    made = keras.Sequential([keras.Input((sizes[0],))])
    for size in sizes[1:]:
        made.add(layers.SpectralNormalization(layers.Dense(size, "relu")))
    made.add(layers.Dense(CLASSES, "softmax"))
    made.compile(optimizers.SGD(0.001), "categorical_crossentropy")
    return made


def two_outputs(sizes: Sizes) -> keras.Model:
    keras.utils.set_random_seed(0)
    x = y = keras.Input((sizes[0],))
    for size in sizes[1:]:
        y = layers.Dense(size, "relu")(y)
    made = keras.Model(x, [layers.Dense(CLASSES, "softmax")(y), layers.Dense(CLASSES)(y)])
    made.compile(optimizers.SGD(0.001), ["categorical_crossentropy", "mse"])
    return made


# --- the families ---------------------------------------------------------------------------------


def activation_changes() -> Iterator[tuple[str, Change]]:
    for name in activations.__all__:
        if name not in ("deserialize", "get", "ops", "serialize", "glu", "threshold"):
            yield name, Change(network(activation=name), 2 if name != "linear" else 0)


def orthogonalizing(sizes: Sizes) -> float:
    """Muon's: six times x xᵀ, its square, and that times x, for the hidden layers."""
    shapes = [sorted(pair) for pair in itertools.pairwise(sizes)]
    return sum(6 * (2 * a * a * b + a**3) for a, b in shapes)


def optimizer_changes() -> Iterator[tuple[str, Change]]:
    """Passes over weights beyond SGD's: two for each slot."""
    slots = {"Adafactor": 1, "Adagrad": 1, "Lion": 1, "RMSprop": 1, "Muon": 1, "Nadam": 2}
    others: dict[str, Callable[[], Any]] = {
        "LossScaleOptimizer": lambda: optimizers.LossScaleOptimizer(optimizers.Adam()),
        "MultiOptimizer": lambda: optimizers.MultiOptimizer(
            optimizers.OptimizerMap(optimizers.Adam(), {".*bias": optimizers.Adam()})
        ),
    }
    for name in optimizers.__all__:
        if name[0].isupper() and name not in ("SGD", "Optimizer", "OptimizerMap"):
            made = network(optimizer=others.get(name, getattr(optimizers, name)))
            products = orthogonalizing if name == "Muon" else lambda sizes: 0
            yield name, Change(made, 0, 2 * slots.get(name, 2), "x", products)
    options: dict[str, tuple[dict[str, Any], int]] = {
        "momentum": ({"momentum": 0.9}, 2), "nesterov": ({"momentum": 0.9, "nesterov": True}, 2),
        "clipnorm": ({"clipnorm": 1.0}, 2), "clipvalue": ({"clipvalue": 0.1}, 0),
        "global_clipnorm": ({"global_clipnorm": 1.0}, 2), "weight_decay": ({"weight_decay": 0.01}, 0),
        "use_ema": ({"use_ema": True}, 2), "loss_scale": ({"loss_scale_factor": 8.0}, 0),
        "ema_overwrite": ({"use_ema": True, "ema_overwrite_frequency": 5}, 2),
        "accumulation": ({"gradient_accumulation_steps": 4}, 2),
    }  # fmt: skip
    for name, (arguments, passes) in options.items():
        made = network(optimizer=lambda a=arguments: optimizers.SGD(0.001, **a))
        yield f"SGD {name}", Change(made, 0, passes)
        if name not in ("momentum", "nesterov"):
            made = network(optimizer=lambda a=arguments: optimizers.Adam(0.001, **a))
            yield f"Adam {name}", Change(made, 0, passes + 4)
    yield "Adam amsgrad", Change(network(optimizer=lambda: optimizers.Adam(amsgrad=True)), 0, 6)


def schedule_changes() -> Iterator[tuple[str, Change]]:
    s = optimizers.schedules
    made = {
        "CosineDecay": lambda: s.CosineDecay(0.001, 1000, warmup_steps=10, warmup_target=0.01),
        "CosineDecayRestarts": lambda: s.CosineDecayRestarts(0.001, 100),
        "ExponentialDecay": lambda: s.ExponentialDecay(0.001, 1000, 0.9),
        "InverseTimeDecay": lambda: s.InverseTimeDecay(0.001, 1000, 0.9),
        "PiecewiseConstantDecay": lambda: s.PiecewiseConstantDecay([100, 200], [0.1, 0.01, 0.001]),
        "PolynomialDecay": lambda: s.PolynomialDecay(0.001, 1000),
    }
    for name, rate in made.items():
        for optimizer, passes in (("SGD", 0), ("Adam", 4)):
            cls = getattr(optimizers, optimizer)
            change = network(optimizer=lambda rate=rate, cls=cls: cls(rate()))
            yield f"{optimizer} {name}", Change(change, 0, passes)


def weight_changes() -> Iterator[tuple[str, Change]]:
    for name in ("l1", "l2", "l1l2", "orthogonal_regularizer"):
        yield name, Change(network(kernel_regularizer=name), 0, 1)
    for name in constraints.__all__:
        if name[0].isupper() and name != "Constraint":
            yield name, Change(network(kernel_constraint=name), 0, 0 if name == "NonNeg" else 2)


def layer_changes() -> Iterator[tuple[str, Change]]:
    """Forwards and backwards: a pass for each tensor that must be read or written."""
    simple: dict[str, tuple[Callable[[], Any], float]] = {
        "BatchNormalization": (layers.BatchNormalization, 5),
        "LayerNormalization": (layers.LayerNormalization, 3),
        "RMSNormalization": (layers.RMSNormalization, 3),
        "GroupNormalization": (lambda: layers.GroupNormalization(8), 3),
        "UnitNormalization": (layers.UnitNormalization, 2),
        "Dropout": (lambda: layers.Dropout(0.3), 1),
        "AlphaDropout": (lambda: layers.AlphaDropout(0.3), 2),
        "GaussianDropout": (lambda: layers.GaussianDropout(0.3), 2),
        "GaussianNoise": (lambda: layers.GaussianNoise(0.3), 1),
        "ActivityRegularization": (lambda: layers.ActivityRegularization(0.001, 0.001), 2),
        "SpatialDropout1D": (
            lambda: layers.Pipeline(
                [layers.Reshape((4, -1)), layers.SpatialDropout1D(0.3), layers.Flatten()]
            ), 2,
        ),
        "Rescaling": (lambda: layers.Rescaling(2.0, 1.0), 2),
        "Softmax": (layers.Softmax, 2), "ReLU": (lambda: layers.ReLU(6.0, 0.1), 2),
        "PReLU": (layers.PReLU, 3), "LeakyReLU": (layers.LeakyReLU, 2), "ELU": (layers.ELU, 2),
    }  # fmt: skip
    for name, (after, passes) in simple.items():
        yield name, Change(network(after), passes)
    yield "SpectralNormalization", Change(spectral, 0, 5)
    yield "Concatenate", Change(branches(layers.Concatenate), 2)
    for name in ("Add", "Average", "Maximum", "Minimum", "Multiply"):
        yield name, Change(branches(getattr(layers, name)), 2)
    yield "Embedding", Change(embeddings(LEVELS, "sgd"), 0, 0, "columns")
    yield "Embedding, Adam", Change(embeddings(LEVELS, "adam"), 0, 4, "columns")
    yield "Embedding 5000", Change(embeddings(100 * LEVELS, "sgd"), 0, 0, "columns")
    yield "Embedding 5000, Adam", Change(embeddings(100 * LEVELS, "adam"), 0, 4, "columns")
    yield "EinsumDense", Change(einsums)
    yield "two outputs", Change(two_outputs, 0, 0, "two")


SPARSE_LOSSES = (
    "CategoricalGeneralizedCrossEntropy", "Circle", "SparseCategoricalCrossentropy",
)  # fmt: skip


def loss_changes() -> Iterator[tuple[str, Change]]:
    for name in losses.__all__:
        cls = getattr(losses, name)
        fits = isinstance(cls, type) and name not in ("Loss", "FunctionLoss")
        if fits:
            sparse = name in SPARSE_LOSSES
            yield name, Change(network(loss=cls), 0, 0, "sparse" if sparse else "x")


METRICS: dict[str, dict[str, object]] = {
    "F1Score": {"average": "macro"},
    "FBetaScore": {"average": "macro", "beta": 2.0},
    "MeanMetricWrapper": {"fn": keras.losses.mean_squared_error},
    "OneHotIoU": {"num_classes": 10, "target_class_ids": [1]},
    "OneHotMeanIoU": {"num_classes": 10},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}
OF_LABELS = ("Accuracy", "IoU", "MeanIoU", "Mean", "Sum", "Metric", "Total")  # not for scores


def metric_changes() -> Iterator[tuple[str, Change]]:
    for name in metrics.__all__:
        cls = getattr(metrics, name)
        if isinstance(cls, type) and issubclass(cls, metrics.Metric) and name not in OF_LABELS:
            made = network(metric=lambda cls=cls, name=name: cls(**METRICS.get(name, {})))
            yield name, Change(made, 0, 0, "labels" if name.startswith("Sparse") else "x")
    more: dict[str, Callable[[], metrics.Metric]] = {
        "AUC, multi_label": lambda: metrics.AUC(multi_label=True),
        "AUC, 50 thresholds": lambda: metrics.AUC(thresholds=np.linspace(0.01, 0.9, 50).tolist()),
        "Precision, top_k": lambda: metrics.Precision(top_k=3),
        "Precision, class_id": lambda: metrics.Precision(class_id=3),
    }
    for name, make in more.items():
        yield name, Change(network(metric=make))


FAMILIES = {
    "activation": activation_changes, "optimizer": optimizer_changes, "schedule": schedule_changes,
    "weights": weight_changes, "layer": layer_changes, "loss": loss_changes,
    "metric": metric_changes,
}  # fmt: skip
