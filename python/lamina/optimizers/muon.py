"""Muon (Jordan et al., 2024)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.adam import corrected_rate
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Muon(Optimizer):
    """Matrices step by the nearest orthogonal matrix to their momentum, all else by AdamW.

        m = momentum * m + g;  x = g + momentum * m with nesterov, else m
        x = x / |x|;  ns_steps times: a = x x^T;  x = muon_a * x + (muon_b * a + muon_c * a a) x
        w -= learning_rate * x * sqrt(the larger size) * rms_rate

    Args:
        adam_beta_1, adam_beta_2, epsilon, adam_weight_decay: of what is left to AdamW, whose learning
            rate is adam_lr_ratio times this one's.
        exclude_layers: regular expressions; a matrix in whose path one is found is left to AdamW.
        exclude_embeddings: so are matrices with "embedding" in their path.
        muon_a, muon_b, muon_c: the coefficients of the Newton-Schulz steps.
        rms_rate: brings a step to the size of AdamW's; None leaves it as it is.

    The others as in Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.adam_beta_1 = check.number("adam_beta_1", adam_beta_1, 0, 1)
        self.adam_beta_2 = check.number("adam_beta_2", adam_beta_2, 0, 1)
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = check.number("epsilon", epsilon, 0)
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = bool(exclude_embeddings)
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = check.number("momentum", momentum, 0, 1)
        self.ns_steps = check.integer("ns_steps", ns_steps, 0)
        self.nesterov = bool(nesterov)
        self.rms_rate = rms_rate
        self._momentums: list[Variable] = []
        self._velocities: list[Variable | None] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        for v in variables:
            self._momentums.append(self.add_variable_from_reference(v, "momentum"))
            by_adam = self._should_use_adamw(v)
            self._velocities.append(
                self.add_variable_from_reference(v, "velocity") if by_adam else None
            )

    def _should_use_adamw(self, variable: Variable) -> bool:
        path = variable.path
        return (
            len(variable.shape) != 2
            or (self.exclude_embeddings and "embedding" in path.lower())
            or any(re.search(pattern, path) for pattern in self.exclude_layers)
        )

    def _weight_decay_of(self, variable: Variable) -> float | None:
        by_adam = self._should_use_adamw(variable)
        return self.adam_weight_decay if by_adam else self.weight_decay

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        if v is None:
            self._muon_step(gradient, variable, learning_rate, m)
        else:
            self._adam_step(gradient, variable, learning_rate, m, v)

    def _muon_step(self, gradient: Any, variable: Variable, rate: Any, m: Variable) -> None:
        self.assign(m, ops.add(gradient, ops.multiply(m, self.momentum)))
        ahead = ops.add(gradient, ops.multiply(self.momentum, m)) if self.nesterov else m
        if self.rms_rate is not None:
            rate = ops.multiply(rate, math.sqrt(max(variable.shape)) * self.rms_rate)
        self.assign_sub(variable, ops.multiply(rate, self._orthogonal(ahead)))

    def _orthogonal(self, x: Any) -> Any:
        """Newton-Schulz steps towards the orthogonal matrix that is nearest to x."""
        tall = x.shape[0] > x.shape[1]
        x = ops.transpose(x) if tall else x
        x = ops.divide(x, ops.add(ops.norm(x), 1e-7))
        for _ in range(self.ns_steps):
            a = ops.matmul(x, ops.transpose(x))
            polynomial = ops.add(
                ops.multiply(self.muon_b, a), ops.matmul(ops.multiply(self.muon_c, a), a)
            )
            x = ops.add(ops.multiply(self.muon_a, x), ops.matmul(polynomial, x))
        return ops.transpose(x) if tall else x

    def _adam_step(
        self, gradient: Any, variable: Variable, learning_rate: Any, m: Variable, v: Variable
    ) -> None:
        rate = ops.multiply(learning_rate, self.adam_lr_ratio)
        beta_1, beta_2 = self.adam_beta_1, self.adam_beta_2
        new = ops.adam(
            variable, gradient, corrected_rate(rate, beta_1, beta_2, self.local_step_for(variable)), m, v,
            beta_1=beta_1, beta_2=beta_2, epsilon=self.epsilon, amsgrad=False,
        )  # fmt: skip
        for state, value in zip((variable, m, v), new):
            self.assign(state, value)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "exclude_embeddings": self.exclude_embeddings,
            "adam_weight_decay": self.adam_weight_decay,
            "rms_rate": self.rms_rate,
        }
