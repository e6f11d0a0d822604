"""A perceptron's weights, and the programs that compute with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina import backends, ops, programs
from lamina.data.samples import Samples
from lamina.graph.differentiate import gradients
from lamina.graph.graph import graph_of
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable
from lamina.metrics.total import Total
from lamina.optimizers import Optimizer
from lamina.random.seed_generator import SeedGenerator
from lamina.sklearn.heads import HEADS

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda x: x,
    "logistic": ops.sigmoid,
    "tanh": ops.tanh,
    "relu": ops.relu,
}
PREDICT_ROWS = 256  # rows computed at once: the results do not depend on it


class Recipe(NamedTuple):
    """What the programs are made from, beside weights and shapes."""

    activation: str
    output: str
    alpha: float = 0.0
    dropout: float = 0.0


class Network:
    """Dense layers, an optimizer for them, and their programs.

    Args:
        coefs: a matrix (inputs, outputs) per layer.
        intercepts: a vector (outputs,) per layer.
        optimizer: for `train_program`; it is built here.
        seed: of dropout.
        dtype: of weights and arithmetic.
    """

    def __init__(
        self,
        coefs: Sequence[np.ndarray],
        intercepts: Sequence[np.ndarray],
        optimizer: Optimizer | None = None,
        seed: int = 0,
        dtype: str = "float32",
    ) -> None:
        self.dtype = dtype
        self.coefs = [Variable(c, dtype=dtype, name=f"coef_{i}") for i, c in enumerate(coefs)]
        self.intercepts = [
            Variable(b, dtype=dtype, name=f"intercept_{i}") for i, b in enumerate(intercepts)
        ]
        self.optimizer = optimizer
        self.loss = Total((), "loss", dtype)  # of the rows so far
        self.gradients: list[Variable] = []
        self.draws = SeedGenerator(seed)
        self._programs: dict[Any, programs.Program] = {}
        if optimizer is not None:
            optimizer.build(self.weights)

    @property
    def weights(self) -> list[Variable]:
        """All coefs, then all intercepts."""
        return [*self.coefs, *self.intercepts]

    def take(self, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray]) -> None:
        """Puts arrays that are not the weights' own memory into it."""
        for variable, array in zip(self.weights, [*coefs, *intercepts], strict=True):
            if array is not variable.array:
                variable.assign(array)

    def get_state(self) -> dict[str, Any]:
        """All but the weights."""
        state: dict[str, Any] = {"draws": self.draws.state.numpy(), "optimizer": None}
        if self.optimizer is not None:
            slots: dict[str, Any] = {}
            self.optimizer.save_own_variables(slots)
            arrays = {key: variable.numpy() for key, variable in slots.items()}
            state["optimizer"] = type(self.optimizer), self.optimizer.get_config(), arrays
        return state

    @classmethod
    def of_state(
        cls, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray], state: dict[str, Any]
    ) -> Network:
        """The network of these weights that `get_state` told of."""
        optimizer = None
        if state["optimizer"] is not None:
            kind, config, arrays = state["optimizer"]
            optimizer = kind.from_config(config)
        network = cls(coefs, intercepts, optimizer, dtype=coefs[0].dtype.name)
        network.draws.state.assign(state["draws"])
        if optimizer is not None:
            optimizer.load_own_variables(arrays)
        return network

    # --- programs ---------------------------------------------------------------------------------

    def predict_program(self, recipe: Recipe, samples: Samples) -> programs.Program:
        """The outputs for rows x."""

        def step(trace: Trace, x: Any, y: Any, weight: Any) -> list[Any]:
            return [trace.tensor(HEADS[recipe.output].outputs(self._logits(recipe, x)))]

        return self._program("predict", recipe, samples, PREDICT_ROWS, step)

    def train_program(self, recipe: Recipe, samples: Samples, batch_size: int) -> programs.Program:
        """An update per batch; `loss` sums up the batches' losses times their rows."""
        optimizer = self.optimizer
        assert optimizer is not None

        def step(trace: Trace, x: Any, y: Any, weight: Any) -> list[Any]:
            rows = ops.count(x, axes=(0,))
            losses, shown = self._losses(recipe, x, y, weight)
            size = rows if weight is None else ops.sum(weight)
            # A batch in which nothing counts changes nothing.
            share = ops.where(ops.greater(size, 0.0), ops.divide(1.0, size), 0.0)
            found = gradients(ops.multiply(losses, share), self.weights)
            if recipe.alpha:
                decay = ops.multiply(recipe.alpha, share)
                for i, coef in enumerate(self.coefs):
                    found[i] = ops.add(found[i], ops.multiply(decay, coef))
                    squares = ops.multiply(0.5 * recipe.alpha, ops.sum(ops.square(coef)))
                    shown = ops.add(shown, squares)
            self.loss.assign_add(ops.multiply(ops.multiply(shown, share), rows))
            optimizer.apply(found, self.weights)
            return []

        return self._program("train", recipe, samples, batch_size, step)

    def gradient_program(
        self, recipe: Recipe, samples: Samples, batch_size: int
    ) -> programs.Program:
        """Adds the rows' losses up in `loss`, and their derivatives in `gradients`."""
        if not self.gradients:
            self.gradients = [
                Variable(None, v.shape, self.dtype, name="gradient") for v in self.weights
            ]

        def step(trace: Trace, x: Any, y: Any, weight: Any) -> list[Any]:
            losses, shown = self._losses(recipe, x, y, weight)
            self.loss.assign_add(shown)
            for total, gradient in zip(self.gradients, gradients(losses, self.weights)):
                total.assign_add(gradient)
            return []

        return self._program("gradient", recipe, samples, batch_size, step)

    def _program(
        self,
        name: str,
        recipe: Recipe,
        samples: Samples,
        batch_size: int,
        step: Callable[[Trace, Any, Any, Any], list[Any]],
    ) -> programs.Program:
        key = (name, recipe, samples.specs, batch_size, backends.name())
        program = self._programs.get(key)
        if program is None:
            with Trace(training=name == "train") as trace:
                inputs = [
                    trace.input(Spec(spec.dims, self.dtype), f"array {i}")
                    for i, spec in enumerate(samples.specs)
                ]
                outputs = step(trace, *samples.pack(inputs))
            program = programs.compile_program(graph_of(trace, outputs), batch_size)
            self._programs[key] = program
        return program

    # --- what they compute ------------------------------------------------------------------------

    def _logits(self, recipe: Recipe, x: Any, training: bool = False) -> Any:
        last = len(self.coefs) - 1
        for i, (coef, intercept) in enumerate(zip(self.coefs, self.intercepts)):
            x = ops.add(ops.matmul(x, coef), intercept)
            if i < last:
                x = ACTIVATIONS[recipe.activation](x)
                if training and recipe.dropout:
                    x = ops.dropout(x, self.draws.next(), rate=recipe.dropout)
        return x

    def _losses(self, recipe: Recipe, x: Any, y: Any, weight: Any) -> tuple[Any, Any]:
        """The sum over the rows of weight times loss, to be differentiated and to be shown."""
        head = HEADS[recipe.output]
        losses = head.losses(self._logits(recipe, x, training=True), y)
        if weight is not None:
            wide = len(losses.shape) > 1
            losses = ops.multiply(losses, ops.expand_dims(weight, -1) if wide else weight)
        total = ops.sum(losses)
        outputs = self.intercepts[-1].size if head.averaged else 1
        return total, ops.multiply(total, 1.0 / outputs) if outputs > 1 else total
