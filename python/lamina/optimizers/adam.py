"""Adam (Kingma and Ba, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Adam(Optimizer):
    """Steps by a moving average of the gradient over the root of one of its square.

        m += (1 - beta_1) * (g - m);  v += (1 - beta_2) * (g^2 - v)
        rate = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)     (in step t)
        w -= rate * m / (sqrt(v) + epsilon)

    With `amsgrad` (Reddi et al., 2018) the largest v so far takes the place of v in the root.

    Args: beta_1, beta_2 in [0, 1], epsilon >= 0; the others as in Optimizer.

    Examples:
        >>> optimizer = lamina.optimizers.Adam(0.1)
        >>> w = lamina.Variable([1.0, 1.0])
        >>> optimizer.apply([np.array([2.0, -0.5], "float32")], [w])
        >>> print(np.round(w.numpy(), 3))
        [0.9 1.1]
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = bool(amsgrad)
        self._momentums: list[Variable] = []
        self._velocities: list[Variable] = []
        self._velocity_hats: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        names = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(variables, names)
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        slots = [s[index] for s in (self._momentums, self._velocities, self._velocity_hats) if s]
        rate = corrected_rate(
            learning_rate, self.beta_1, self.beta_2, self.local_step_for(variable)
        )
        new = ops.adam(
            variable, gradient, rate, *slots,
            beta_1=self.beta_1, beta_2=self.beta_2, epsilon=self.epsilon, amsgrad=self.amsgrad,
        )  # fmt: skip
        for state, value in zip((variable, *slots), new):
            self.assign(state, value)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


def corrected_rate(learning_rate: Any, beta_1: float, beta_2: float, step: Any) -> Any:
    """learning_rate * sqrt(1 - beta_2^step) / (1 - beta_1^step): the corrections of both moments."""
    second = ops.sqrt(ops.subtract(1.0, ops.power(beta_2, step)))
    return ops.divide(
        ops.multiply(learning_rate, second), ops.subtract(1.0, ops.power(beta_1, step))
    )
