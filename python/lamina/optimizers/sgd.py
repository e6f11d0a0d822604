"""Gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent, with momentum.

        w -= learning_rate * g                                       (momentum 0)
        m = momentum * m - learning_rate * g;  w += m
        w += momentum * m - learning_rate * g                        (nesterov, with the new m)

    Args: momentum: a float in [0, 1]; the others as in Optimizer.

    Examples:
        >>> optimizer = lamina.optimizers.SGD(0.1)
        >>> w = lamina.Variable([1.0, 1.0])
        >>> optimizer.apply([np.array([2.0, -0.5], "float32")], [w])
        >>> print(np.round(w.numpy(), 3))
        [0.8  1.05]
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            raise ValueError(
                f"`momentum` must be a float between [0, 1]. Received: momentum={momentum!r}"
            )
        self.momentum = momentum
        self.nesterov = bool(nesterov)
        self._momentums: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        if self.momentum != 0:
            self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        states = [variable]
        if self._momentums:
            states.append(self._momentums[self._get_variable_index(variable)])
        new = ops.sgd(
            variable, gradient, learning_rate, *states[1:],
            momentum=self.momentum, nesterov=self.nesterov,
        )  # fmt: skip
        for state, value in zip(states, new if len(states) > 1 else [new]):
            self.assign(state, value)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "nesterov": self.nesterov,
        }
