"""Adagrad (Duchi et al., 2011)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.initializers import Constant
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all its squares.

        a = a + g^2;  w -= learning_rate * g / sqrt(a + epsilon)

    Args: initial_accumulator_value: what a begins with, >= 0; epsilon >= 0; the others as in
    Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.initial_accumulator_value = check.number(
            "initial_accumulator_value", initial_accumulator_value, 0
        )
        self.epsilon = check.number("epsilon", epsilon, 0)
        self._accumulators: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        first = Constant(self.initial_accumulator_value)
        self._accumulators = self.add_optimizer_variables(variables, "accumulator", first)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        a = self._accumulators[index]
        self.assign_add(a, ops.square(gradient))
        root = ops.sqrt(ops.add(a, self.epsilon))
        self.assign_sub(variable, ops.divide(ops.multiply(learning_rate, gradient), root))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
