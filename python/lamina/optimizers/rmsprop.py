"""RMSprop (Hinton, 2012)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class RMSprop(Optimizer):
    """Divides the gradient by the root of a moving average of its square.

        v = rho * v + (1 - rho) * g^2
        a = rho * a + (1 - rho) * g                  (centered: a^2 is taken off v below)
        step = learning_rate * g / sqrt(v + epsilon)
        m = momentum * m + step;  w -= m             (without momentum: w -= step)

    As in Keras 3, epsilon is inside the root (Keras 2 and PyTorch: outside), which bounds the step
    of small gradients.

    Args: rho in [0, 1], momentum >= 0, epsilon >= 0; the others as in Optimizer.

    Examples:
        >>> optimizer = lamina.optimizers.RMSprop(0.1)
        >>> w = lamina.Variable([1.0, 1.0])
        >>> optimizer.apply([np.array([2.0, -0.5], "float32")], [w])
        >>> print(np.round(w.numpy(), 3))
        [0.684 1.316]
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        self.momentum = check.number("momentum", momentum, 0)
        self.epsilon = check.number("epsilon", epsilon, 0)
        self.centered = bool(centered)
        self._velocities: list[Variable] = []
        self._momentums: list[Variable] = []
        self._means: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._means = self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        slots = [s[index] for s in (self._velocities, self._momentums, self._means) if s]
        new = ops.rmsprop(
            variable, gradient, learning_rate, *slots,
            rho=self.rho, epsilon=self.epsilon, momentum=self.momentum, centered=self.centered,
        )  # fmt: skip
        for state, value in zip((variable, *slots), new):
            self.assign(state, value)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
