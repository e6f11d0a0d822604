"""Adafactor (Shazeer and Stern, 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.utils import check


class Adafactor(Optimizer):
    """Adam's second moment of a matrix, kept as the means of its rows and columns; no momentum.

        b = 1 - t^beta_2_decay;  s = g^2 + epsilon_1                          (in step t)
        r = b * r + (1 - b) * mean of s by row;  c likewise by column
        v = r / mean(r) * c                       (with fewer than two axes: v = b * v + (1 - b) * s)
        u = g / sqrt(v);  u = u / max(1, rms(u) / clip_threshold)
        w -= max(epsilon_2, rms(w)) * min(learning_rate, 1 / sqrt(t)) * u

    Args:
        relative_step: as in Keras, where it makes no difference to the formula above.

    The others as in Optimizer.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
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
        self.beta_2_decay = check.number("beta_2_decay", beta_2_decay)
        self.epsilon_1 = check.number("epsilon_1", epsilon_1, 0)
        self.epsilon_2 = check.number("epsilon_2", epsilon_2, 0)
        self.clip_threshold = check.number("clip_threshold", clip_threshold, 0)
        self.relative_step = bool(relative_step)
        self._rows: list[Variable] = []
        self._columns: list[Variable] = []
        self._velocities: list[Variable] = []

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        for v in variables:
            if len(v.shape) < 2:  # Keras keeps two counters there, and they are in its files
                self._rows.append(self.add_variable((), dtype="int32", name=v.name))
                self._columns.append(self.add_variable((), dtype="int32", name=v.name))
                self._untracked += [self._rows[-1], self._columns[-1]]
            else:
                self._rows.append(self.add_variable(v.shape[:-1], dtype=v.dtype, name=v.name))
                columns = (*v.shape[:-2], v.shape[-1])
                self._columns.append(self.add_variable(columns, dtype=v.dtype, name=v.name))
            self._velocities.append(self.add_variable_from_reference(v, "velocity"))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        v = self._velocities[index]
        keep = ops.subtract(1.0, ops.power(self.local_step_for(variable), self.beta_2_decay))
        squares = ops.add(ops.square(gradient), self.epsilon_1)
        if len(variable.shape) < 2:
            self.assign(v, _moved(v, squares, keep))
        else:
            r, c = self._rows[index], self._columns[index]
            self.assign(r, _moved(r, ops.mean(squares, axis=-1), keep))
            self.assign(c, _moved(c, ops.mean(squares, axis=-2), keep))
            share = ops.divide(r, ops.mean(r, axis=-1, keepdims=True))
            self.assign(v, ops.multiply(ops.expand_dims(share, -1), ops.expand_dims(c, -2)))
        step = ops.divide(gradient, ops.sqrt(v))
        shrink = ops.maximum(1.0, ops.divide(_rms(step), self.clip_threshold))
        rate = ops.minimum(learning_rate, ops.rsqrt(self.local_step_for(variable)))
        size = ops.multiply(ops.maximum(self.epsilon_2, _rms(variable)), rate)
        self.assign_sub(variable, ops.multiply(size, ops.divide(step, shrink)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _moved(average: Any, new: Any, keep: Any) -> Any:
    return ops.add(ops.multiply(keep, average), ops.multiply(ops.subtract(1.0, keep), new))


def _rms(x: Any) -> Any:
    return ops.sqrt(ops.mean(ops.square(x)))
