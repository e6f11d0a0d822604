"""FTRL-proximal (McMahan et al., 2013)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.initializers import Constant
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Ftrl(Optimizer):
    """Follow the regularized leader: the weights are computed from the sums of what came before.

        a' = a + g^2;  p = -learning_rate_power
        z += g + 2 * l2_shrinkage * w - (a'^p - a^p) / learning_rate * w
        q = a'^p / learning_rate + 2 * l2 + beta / learning_rate
        w = (clip(z, -l1, l1) - z) / q;  a = a'

    Args:
        learning_rate_power: <= 0; 0 for a learning rate that does not fall.
        initial_accumulator_value: what a begins with, >= 0.
        l1_regularization_strength, l2_regularization_strength: >= 0.
        l2_shrinkage_regularization_strength: >= 0.
        beta: the beta of the paper.

    The others as in Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        self.learning_rate_power = check.number("learning_rate_power", learning_rate_power, most=0)
        self.initial_accumulator_value = check.number(
            "initial_accumulator_value", initial_accumulator_value, 0
        )
        self.l1_regularization_strength = check.number(
            "l1_regularization_strength", l1_regularization_strength, 0
        )
        self.l2_regularization_strength = check.number(
            "l2_regularization_strength", l2_regularization_strength, 0
        )
        self.l2_shrinkage_regularization_strength = check.number(
            "l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength, 0
        )
        self.beta = check.number("beta", beta)
        self._accumulators: list[Variable] = []
        self._linears: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables,
            ["accumulator", "linear"],
            [Constant(self.initial_accumulator_value), "zeros"],
        )

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        a, z = self._accumulators[index], self._linears[index]
        shrunk = ops.multiply(2 * self.l2_shrinkage_regularization_strength, variable)
        new_a = ops.add(a, ops.square(gradient))
        power = self._power(new_a)
        pull = ops.divide(ops.subtract(power, self._power(a)), learning_rate)
        self.assign_add(z, ops.subtract(ops.add(gradient, shrunk), ops.multiply(pull, variable)))
        ridge = ops.add(2 * self.l2_regularization_strength, ops.divide(self.beta, learning_rate))
        quadratic = ops.add(ops.divide(power, learning_rate), ridge)
        l1 = self.l1_regularization_strength
        self.assign(variable, ops.divide(ops.subtract(ops.clip(z, -l1, l1), z), quadratic))
        self.assign(a, new_a)

    def _power(self, x: Any) -> Any:
        if self.learning_rate_power == -0.5:
            return ops.sqrt(x)
        return ops.power(x, -self.learning_rate_power)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
