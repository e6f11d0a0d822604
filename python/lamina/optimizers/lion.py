"""Lion (Chen et al., 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Lion(Optimizer):
    """Steps of one size, by the sign of a mean of momentum and gradient.

        w -= learning_rate * sign(beta_1 * m + (1 - beta_1) * g)
        m = beta_2 * m + (1 - beta_2) * g

    Args: beta_1 in (0, 1], beta_2 in [0, 1]; the others as in Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
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
        if self.beta_1 == 0:
            raise ValueError(
                "Argument `beta_1` must be greater than 0: else the optimizer degenerates to SignSGD. "
                f"Received: beta_1={beta_1}"
            )
        self._momentums: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        m = self._momentums[index]
        direction = ops.sign(_mean(m, gradient, self.beta_1))
        self.assign_sub(variable, ops.multiply(learning_rate, direction))
        self.assign(m, _mean(m, gradient, self.beta_2))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
        }


def _mean(m: Any, gradient: Any, beta: float) -> Any:
    return ops.add(ops.multiply(m, beta), ops.multiply(gradient, 1 - beta))
