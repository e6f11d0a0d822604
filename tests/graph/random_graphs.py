"""Training steps made at random: layers of all kinds, gradients, updates of every sort."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lamina import ops
from lamina.graph.differentiate import differentiate
from lamina.graph.graph import Graph, graph_of
from lamina.graph.tensor import Spec, Tensor
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable

UNARY = (
    "relu",
    "sigmoid",
    "tanh",
    "square",
    "abs",
    "negative",
    "exp",
    "softplus",
    "erf",
    "stop_gradient",
)
KINDS = ("dense", "dense", "dropout", "unary", "binary", "reshaped", "centred", "softmax")
BINARY = ("add", "subtract", "multiply", "maximum", "minimum")


@dataclass
class RandomStep:
    """A graph, its variables, and data to run it on."""

    graph: Graph
    variables: list[Variable]
    arrays: list[np.ndarray]
    first: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first = [v.numpy() for v in self.variables]

    def reset(self) -> None:
        for variable, value in zip(self.variables, self.first):
            variable.assign(value)


class _Maker:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.variables: list[Variable] = []
        self.weights: list[Variable] = []

    def variable(self, value: Any, dtype: str = "float32") -> Variable:
        made = Variable(np.asarray(value), dtype=dtype, name=f"v{len(self.variables)}")
        self.variables.append(made)
        return made

    def weight(self, *shape: int) -> Variable:
        """A new weight, or one of that shape that is in use already: a shared layer."""
        known = [w for w in self.weights if w.shape == shape]
        if known and self.rng.uniform() < 0.4:
            return known[self.rng.integers(len(known))]
        scale = max(1, shape[0]) ** -0.5
        self.weights.append(self.variable(self.rng.normal(size=shape) * scale))
        return self.weights[-1]

    def dense(self, h: Tensor, units: int) -> Any:
        h = ops.matmul(h, self.weight(h.dims[-1], units))
        if self.rng.uniform() < 0.7:
            h = ops.add(h, self.weight(units))
        name = self.rng.choice(["relu", "sigmoid", "tanh", ""])
        return getattr(ops, name)(h) if name else h

    def dropout(self, h: Tensor, trace: Trace) -> Any:
        state = self.variable([self.rng.integers(1000), 0], "uint32")
        seed = trace.stored(state)
        state.assign(ops.advance(seed))
        return ops.dropout(h, seed, rate=float(self.rng.choice([0.021, 0.3, 0.5])))

    def reshaped(self, h: Tensor) -> Any:
        """Through three axes and back, transposed or not."""
        n = h.dims[-1]
        parts = next(d for d in range(2, n + 2) if n % d == 0 or d > n)
        if parts > n:
            return ops.reshape(ops.expand_dims(h, 1), (h.dims[0], n))
        cube = ops.reshape(h, (-1, parts, n // parts))
        if self.rng.uniform() < 0.5:
            cube = ops.transpose(cube, (0, 2, 1))
        return ops.reshape(ops.tanh(cube), (-1, n))

    def layer(self, pool: list[Tensor], trace: Trace) -> Any:
        h = pool[self.rng.integers(len(pool))]
        kind = self.rng.choice(
            ["dense", "dense", "dropout", "unary", "binary", "reshaped", "centred", "softmax"]
        )
        if kind == "dense":
            h = self.dense(h, int(self.rng.choice([1, 4, 17, 70])))
            return self.dropout(h, trace) if self.rng.uniform() < 0.5 else h
        if kind == "dropout":
            return self.dropout(h, trace)
        if kind == "unary":
            return getattr(ops, self.rng.choice(UNARY))(ops.clip(h, -3.0, 3.0))
        if kind == "binary":
            same = [p for p in pool if p.dims == h.dims]
            return getattr(ops, self.rng.choice(BINARY))(h, same[self.rng.integers(len(same))])
        if kind == "reshaped":
            return self.reshaped(h)
        if kind == "centred":
            return ops.subtract(h, ops.mean(h, axis=int(self.rng.integers(2)), keepdims=True))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # softmax of one number
            return ops.softmax(h, axis=int(self.rng.choice([0, -1])))

    def update(self, weight: Variable, gradient: Any) -> None:
        """By RMSprop or by a plain step."""
        if self.rng.uniform() < 0.5:
            weight.assign(ops.subtract(weight, ops.multiply(0.1, gradient)))
            return
        slots = [self.variable(np.full(weight.shape, 0.5)) for _ in range(1 + self.rng.integers(2))]
        results = ops.rmsprop(
            weight, gradient, 0.01, *slots,
            rho=0.9, epsilon=1e-7, momentum=0.9 * (len(slots) - 1), centered=False,
        )  # fmt: skip
        for variable, value in zip([weight, *slots], results):
            variable.assign(value)

    def state(self, loss: Any, trace: Trace) -> None:
        """Updates as metrics, averages and counters make them, and some that are only odd."""
        total, count = self.variable(0.5), self.variable(3, "int32")
        total.assign_add(loss)
        count.assign(ops.increment(trace.stored(count)))
        a, b, c = (self.variable(self.rng.normal(size=(2, 3))) for _ in range(3))
        kind = self.rng.integers(6)
        if kind == 0:  # exchanged
            old = trace.stored(a)
            a.assign(trace.stored(b))
            b.assign(old)
        elif kind == 1:  # read after its update
            a.assign(ops.add(a, count))
            b.assign(ops.multiply(a, b))
        elif kind == 2:  # one gets the other's old value, which is updated
            old = trace.stored(a)
            a.assign(ops.add(b, 1.0))
            b.assign(old)
        elif kind == 3:  # a view, and what was read before
            product = ops.multiply(ops.reshape(a, (3, 2)), 2.0)
            a.assign(ops.reshape(product, (2, 3)))
            b.assign(ops.add(a, ops.transpose(product)))
        elif kind == 4:  # one value for two
            value = ops.add(a, total)
            a.assign(value)
            b.assign(value)
        c.assign(ops.where(ops.greater(total, 0.0), c, a))


def random_step(seed: int, rows: int = 11) -> RandomStep:
    """The training step of that number."""
    maker = _Maker(seed)
    rng = maker.rng
    width, classes = int(rng.choice([1, 4, 9, 65])), int(rng.choice([2, 10]))
    with Trace(training=True) as trace:
        x = trace.input(Spec((-1, width)), "x")
        y = trace.input(Spec((-1, classes)), "y")
        pool: list[Tensor] = [x]
        for _ in range(rng.integers(3, 12)):
            pool.append(maker.layer(pool, trace))
        logits = maker.dense(pool[-1], classes)
        losses, probabilities = ops.softmax_cross_entropy(logits, y)
        loss = ops.mean(losses)
    leaves = [trace.leaf(w) for w in maker.weights]
    gradients = differentiate(trace, loss, leaves)
    outputs = [probabilities, pool[rng.integers(len(pool))]]
    with trace:
        for weight, gradient in zip(maker.weights, gradients):
            if gradient is not None:
                maker.update(weight, gradient)
        maker.state(loss, trace)
    labels = np.eye(classes)[rng.integers(0, classes, rows)]
    arrays = [rng.normal(size=(rows, width)), labels]
    return RandomStep(graph_of(trace, outputs), maker.variables, arrays)


def run(
    program: Any, step: RandomStep, epochs: int = 2
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Outputs for all rows in the last epoch, and the variables after it."""
    step.reset()
    rows = len(step.arrays[0])
    results = [np.empty((rows, *x.dims[1:]), np.float32) for x in step.graph.outputs]
    for _ in range(epochs):
        program.map(step.arrays, rows, results)
    values = [v.numpy() for v in step.variables]
    step.reset()
    return results, values


def bits(arrays: Sequence[np.ndarray]) -> list[bytes]:
    return [a.tobytes() for a in arrays]
