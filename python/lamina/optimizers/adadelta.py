"""Adadelta (Zeiler, 2012)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Adadelta(Optimizer):
    """Steps of the size of the last steps over that of the last gradients.

        a = rho * a + (1 - rho) * g^2
        step = sqrt(d + epsilon) * g / sqrt(a + epsilon);  w -= learning_rate * step
        d = rho * d + (1 - rho) * step^2

    Args: rho in [0, 1], epsilon >= 0; the others as in Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
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
        self.rho = check.number("rho", rho, 0, 1)
        self.epsilon = check.number("epsilon", epsilon, 0)
        self._grads: list[Variable] = []
        self._deltas: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        names = ["accumulated_grad", "accumulated_delta_var"]
        self._grads, self._deltas = self.add_optimizer_variables(variables, names)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        a, d = self._grads[index], self._deltas[index]
        self.assign(a, self._moved(a, ops.square(gradient)))
        step = ops.divide(ops.multiply(self._root(d), gradient), self._root(a))
        self.assign(d, self._moved(d, ops.square(step)))
        self.assign_sub(variable, ops.multiply(learning_rate, step))

    def _root(self, x: Any) -> Any:
        return ops.sqrt(ops.add(x, self.epsilon))

    def _moved(self, old: Any, new: Any) -> Any:
        return ops.add(ops.multiply(self.rho, old), ops.multiply(1 - self.rho, new))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rho": self.rho,
            "epsilon": self.epsilon,
        }
