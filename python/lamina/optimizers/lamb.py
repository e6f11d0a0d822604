"""LAMB (You et al., 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Lamb(Optimizer):
    """Adam's step, scaled for each variable to the norm of its weights.

        m += (1 - beta_1) * (g - m);  v += (1 - beta_2) * (g^2 - v)
        step = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon)      (in step t)
        w -= learning_rate * |w| / |step| * step        (the quotient is 1 where a norm is 0)

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
        self._velocities: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        names = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(variables, names)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.beta_2))
        mean = ops.divide(m, self._grown(self.beta_1, variable))
        root = ops.sqrt(ops.divide(v, self._grown(self.beta_2, variable)))
        step = ops.divide(mean, ops.add(root, self.epsilon))
        w_norm, step_norm = ops.norm(variable), ops.norm(step)
        both = ops.logical_and(ops.greater(w_norm, 0.0), ops.greater(step_norm, 0.0))
        ratio = ops.where(both, ops.divide(w_norm, step_norm), 1.0)
        self.assign_sub(variable, ops.multiply(ops.multiply(ratio, learning_rate), step))

    def _grown(self, beta: float, variable: Variable) -> Any:
        return ops.subtract(1.0, ops.power(beta, self.local_step_for(variable)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
