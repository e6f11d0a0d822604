"""What every object costs in a training step, beside what it must.

A network 64-256-256-10 at batch 128 (`--wide`: 784-256-128-10), and one change at a time: every
activation, optimizer, schedule, limit of the gradient, regularizer, constraint, layer, loss and metric.
Printed for each:

    step    its time as a multiple of the base's: the median over turns, the base timed before each
    least   what it may be: the multiply-adds of its network at the base's speed, and so many passes
            over activations and weights as the object needs, each at the speed of an addition
    x       step / least: what stands out is slower than it must be
    calls   operations in a step, and how many of them run alone (in no group) on more than 1,024 numbers

    python bench/objects.py [activation] [optimizer] [loss.Huber] ... [--wide] [--rounds 5] [--steps 40]
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import lamina as keras
from lamina import activations, config, constraints, layers, losses, metrics, optimizers

BATCH, CLASSES = 128, 10
SIZES = {False: (64, 256, 256), True: (784, 256, 128)}
FIELDS, LEVELS, WIDTH = 20, 50, 8  # of the categories


class Change(NamedTuple):
    """What is built in place of the base, and its passes over hidden activations and weights."""

    model: Callable[[Sizes], keras.Model]
    activations: float = 0
    weights: float = 0
    data: str = "x"
    products: Callable[[Sizes], float] = lambda sizes: (
        0
    )  # multiply-adds per step beyond the network's


Sizes = tuple[int, ...]


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
    for name in optimizers.__all__:
        if name[0].isupper() and name not in ("SGD", "Optimizer"):
            made = network(optimizer=getattr(optimizers, name))
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
    for name in ("l1", "l2", "l1_l2", "orthogonal_regularizer"):
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
        "PReLU": (layers.PReLU, 3), "LeakyReLU": (layers.LeakyReLU, 2), "ELU": (layers.ELU, 2),
    }  # fmt: skip
    for name, (after, passes) in simple.items():
        yield name, Change(network(after), passes)
    yield "Concatenate", Change(branches(layers.Concatenate), 2)
    for name in ("Add", "Average", "Maximum", "Multiply"):
        yield name, Change(branches(getattr(layers, name)), 2)
    yield "Embedding", Change(embeddings(LEVELS, "sgd"), 0, 0, "columns")
    yield "Embedding, Adam", Change(embeddings(LEVELS, "adam"), 0, 4, "columns")
    yield "Embedding 5000", Change(embeddings(100 * LEVELS, "sgd"), 0, 0, "columns")
    yield "Embedding 5000, Adam", Change(embeddings(100 * LEVELS, "adam"), 0, 4, "columns")
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


# --- measuring ------------------------------------------------------------------------------------


class Contender:
    """A compiled model with its data, what it must cost, and its times."""

    def __init__(self, name: str, change: Change, sizes: Sizes, steps: int) -> None:
        self.name, self.change, self.sizes = name, change, sizes
        self.model = change.model(sizes)
        if change.data == "labels":
            self.model.compile("sgd", "sparse_categorical_crossentropy", metrics=self._metrics())
        self.x, self.y = data(change.data, sizes[0], steps)
        self.ratios: list[float] = []

    def _metrics(self) -> list[Any]:
        return [getattr(metrics, self.name.split(".")[1])()]

    def time(self) -> float:
        start = time.perf_counter()
        self.model.fit(self.x, self.y, batch_size=BATCH, shuffle=False, verbose=0)
        return time.perf_counter() - start

    @property
    def multiply_adds(self) -> float:
        """Of a sample: forwards, and for both gradients; the data has none."""
        kernels = [w for w in self.model.trainable_variables if w.path.endswith("kernel")]
        of_data = kernels[0].size if self.change.data != "columns" else 0
        return 3 * sum(w.size for w in kernels) - of_data

    def least(self, base: Contender, base_time: float, one: float) -> float:
        """The least time of a step in that of the base; `one` is the time of an addition."""
        hidden = BATCH * sum(self.sizes[1:])
        weights = sum(w.size for w in self.model.trainable_variables)
        passes = self.change.activations * hidden + self.change.weights * weights
        # A table's update, and the zeros and sums of its gradient.
        passes += 3 * sum(w.size for w in self.model.trainable_variables if "embeddings" in w.path)
        products = self.multiply_adds + self.change.products(self.sizes) / BATCH
        return products / base.multiply_adds + passes * one / base_time

    def calls(self) -> tuple[int, int]:
        """Operations in a step, and those of them that run alone on many numbers."""
        plans = [p.plan for p in self.model._programs.values() if hasattr(p, "plan")]
        if not plans:  # a loss that compares samples: each step is recorded anew
            return 0, 0
        plan = max(plans, key=lambda p: len(p.calls))
        alone = 0
        for call in plan.calls:
            shapes = [plan.slots[i].dims for i in (*call.inputs, *call.outputs)]
            numbers = max(abs(math.prod(d if d >= 0 else -d * BATCH for d in s)) for s in shapes)
            alone += call.group == 0 and numbers > 1024 and call.operation != "count"
        return len(plan.calls), alone


def data(kind: str, columns: int, steps: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    n = BATCH * steps
    x: Any = rng.normal(size=(n, columns)).astype(np.float32)
    labels = rng.integers(0, CLASSES, n)
    y: Any = keras.utils.to_categorical(labels, CLASSES).astype(np.float32)
    if kind == "columns":
        x = list(rng.integers(0, LEVELS, (FIELDS, n, 1)).astype(np.float32))
    elif kind == "two":
        y = [y, rng.normal(size=(n, CLASSES)).astype(np.float32)]
    elif kind in ("sparse", "labels"):
        y = labels
    return x, y


def time_of_addition() -> float:
    """Seconds per number of an addition of arrays in the second-level cache."""
    a, b = np.ones((2, 128 * 256), np.float32)
    out = np.empty_like(a)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        for _ in range(20):
            np.add(a, b, out=out)
        times.append(time.perf_counter() - start)
    return statistics.median(times) / 20 / a.size / config.num_threads()


def chosen(names: list[str]) -> Iterator[tuple[str, Change]]:
    for family, changes in FAMILIES.items():
        for name, change in changes():
            full = f"{family}.{name}"
            if not names or any(full == n or family == n for n in names):
                yield full, change


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="families or family.name; default: all")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    sizes = SIZES[options.wide]
    base = Contender("base", Change(network()), sizes, options.steps)
    base.time()
    one, times = time_of_addition(), []
    print(f"{'-'.join(map(str, sizes))}-{CLASSES}, batch {BATCH}, level {config.level()}, ", end="")
    print(f"{config.num_threads()} threads; step, least: in steps of the base")
    contenders = [Contender(n, c, sizes, options.steps) for n, c in chosen(options.names)]
    for turn in range(options.rounds + 1):
        for contender in contenders:
            plain, seconds = base.time(), contender.time()
            if turn:  # the first compiles
                times.append(plain)
                contender.ratios.append(seconds / plain)
    base_time = statistics.median(times) / options.steps
    print(f"{'':40} {'step':>6} {'least':>6} {'x':>5} {'calls':>6} {'alone':>6}")
    for contender in contenders:
        ratio, least = statistics.median(contender.ratios), contender.least(base, base_time, one)
        calls, alone = contender.calls()
        print(
            f"{contender.name:40} {ratio:6.2f} {least:6.2f} {ratio / least:5.2f} {calls:6} {alone:6}"
        )
    print(f"the base: {1e6 * base_time:.0f} us, {base.calls()} calls and alone")


if __name__ == "__main__":
    main()
