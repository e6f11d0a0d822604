"""Schedule-free AdamW (Defazio et al., 2024)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.initializers import Constant
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class ScheduleFreeAdamW(Optimizer):
    """Adam's steps on a point z; the weights lie between z and the mean x of all z so far, so that no
    schedule of the learning rate is needed.

        v += (1 - beta_2) * (g^2 - v)
        x = (w - (1 - beta_1) * z) / beta_1
        z -= rate * g / (sqrt(v / (1 - beta_2^t)) + epsilon)                 (in step t)
        x += (z - x) / t;  w = (1 - beta_1) * z + beta_1 * x

    The slot of z is called momentum, as in Keras.

    Args: warmup_steps: the rate rises to learning_rate in a line during these; beta_1 in (0, 1],
    beta_2 in [0, 1], epsilon >= 0; the others as in Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
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
            raise ValueError(f"`beta_1` must be greater than 0. Received: beta_1={beta_1}")
        self.epsilon = check.number("epsilon", epsilon, 0)
        self.warmup_steps = check.integer("warmup_steps", warmup_steps, 0)
        self._momentums: list[Variable] = []
        self._velocities: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        for w in variables:
            first = Constant(w.numpy())
            self._momentums.append(self.add_variable_from_reference(w, "momentum", first))
            self._velocities.append(self.add_variable_from_reference(w, "velocity"))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        z, v = self._momentums[index], self._velocities[index]
        step = self.local_step_for(variable)
        rate = learning_rate
        if self.warmup_steps:
            rate = ops.multiply(rate, ops.minimum(ops.divide(step, float(self.warmup_steps)), 1.0))
        away = 1 - self.beta_1
        x = ops.divide(ops.subtract(variable, ops.multiply(away, z)), self.beta_1)
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.beta_2))
        grown = ops.subtract(1.0, ops.power(self.beta_2, step))
        root = ops.add(ops.sqrt(ops.divide(v, grown)), self.epsilon)
        self.assign_sub(z, ops.divide(ops.multiply(rate, gradient), root))
        share = ops.reciprocal(step)
        x = ops.add(ops.multiply(ops.subtract(1.0, share), x), ops.multiply(share, z))
        self.assign(variable, ops.add(ops.multiply(away, z), ops.multiply(self.beta_1, x)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "warmup_steps": self.warmup_steps,
        }
