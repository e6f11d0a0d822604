"""Adamax (Kingma and Ba, 2014, section 7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Adamax(Optimizer):
    """Adam with the largest gradient, slowly forgotten, in the place of the root.

        m += (1 - beta_1) * (g - m);  u = max(beta_2 * u, |g|)
        w -= learning_rate / (1 - beta_1^t) * m / (u + epsilon)        (in step t)

    Args: beta_1, beta_2 in [0, 1], epsilon >= 0; the others as in Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
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
        self.beta_1 = check.number("beta_1", beta_1, 0, 1)
        self.beta_2 = check.number("beta_2", beta_2, 0, 1)
        self.epsilon = check.number("epsilon", epsilon, 0)
        self._momentums: list[Variable] = []
        self._norms: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        names = ["momentum", "norm"]
        self._momentums, self._norms = self.add_optimizer_variables(variables, names)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        m, u = self._momentums[index], self._norms[index]
        grown = ops.subtract(1.0, ops.power(self.beta_1, self.local_step_for(variable)))
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign(u, ops.maximum(ops.multiply(self.beta_2, u), ops.abs(gradient)))
        step = ops.multiply(ops.divide(learning_rate, grown), m)
        self.assign_sub(variable, ops.divide(step, ops.add(u, self.epsilon)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
