"""Nadam (Dozat, 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Nadam(Optimizer):
    """Adam with Nesterov's momentum, which grows with the steps.

        u_t = beta_1 * (1 - 0.96^t / 2)                                (in step t)
        m += (1 - beta_1) * (g - m);  v += (1 - beta_2) * (g^2 - v)
        m' = u_(t+1) * m / (1 - u_1 ... u_(t+1)) + (1 - u_t) * g / (1 - u_1 ... u_t)
        w -= learning_rate * m' / (sqrt(v / (1 - beta_2^t)) + epsilon)

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
        dtype = variables[0].dtype if len(variables) else None
        self._u_product = self.add_variable((), "ones", dtype, name="u_product")
        self._untracked = [self._u_product]

    def _u(self, step: Any) -> Any:
        return ops.multiply(
            self.beta_1, ops.subtract(1.0, ops.multiply(0.5, ops.power(0.96, step)))
        )

    def _begin_update(self) -> None:
        step = self.local_step_for(self._u_product)
        self.assign(self._u_product, ops.multiply(self._u_product, self._u(step)))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        local_step = self.local_step_for(variable)
        u, next_u = self._u(local_step), self._u(ops.add(local_step, 1.0))
        next_product = ops.multiply(self._u_product, next_u)
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.beta_2))
        share_m = ops.divide(next_u, ops.subtract(1.0, next_product))
        share_g = ops.divide(ops.subtract(1.0, u), ops.subtract(1.0, self._u_product))
        ahead = ops.add(ops.multiply(share_m, m), ops.multiply(share_g, gradient))
        root = ops.sqrt(ops.divide(v, ops.subtract(1.0, ops.power(self.beta_2, local_step))))
        step = ops.divide(ops.multiply(ahead, learning_rate), ops.add(root, self.epsilon))
        self.assign_sub(variable, step)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
