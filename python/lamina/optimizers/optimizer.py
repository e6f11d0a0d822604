"""The base of optimizers: everything but the update rule."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.graph.trace import Trace, current_trace
from lamina.graph.variable import Variable
from lamina.utils import check
from lamina.utils.naming import auto_name, to_snake_case


class Optimizer:
    """Changes variables by their gradients.

    A subclass makes its slots in `build(variables)` with `add_slots`, and implements
    `update_step(gradient, variable, learning_rate)` in `lamina.ops`.  One `apply` is:
    unscale the gradients, (accumulate,) clip, decay the weights, update, apply constraints,
    move the averages, count.

    Args:
        learning_rate: a float > 0, or a callable that gives one.
        weight_decay: w -= w * weight_decay * learning_rate before each update.
        clipnorm, clipvalue, global_clipnorm: at most one: each gradient's norm, each element, or the
            norm of all gradients together is kept below it.
        use_ema, ema_momentum, ema_overwrite_frequency: keeps a moving average of the weights, and
            writes it into the weights every so many steps.
        loss_scale_factor: the loss is multiplied by it, and the gradients divided.
        gradient_accumulation_steps: updates every so many steps with the mean gradient.
    """

    def __init__(
        self,
        learning_rate: Any,
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
        if kwargs:
            raise ValueError(f"Argument(s) not recognized: {kwargs}")
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.weight_decay = _optional("weight_decay", weight_decay)
        self.clipnorm = _optional("clipnorm", clipnorm)
        self.clipvalue = _optional("clipvalue", clipvalue)
        self.global_clipnorm = _optional("global_clipnorm", global_clipnorm)
        if sum(c is not None for c in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: "
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}"
            )
        self.use_ema = bool(use_ema)
        self.ema_momentum = check.number("ema_momentum", ema_momentum, 0, 1)
        self.ema_overwrite_frequency = ema_overwrite_frequency
        if use_ema and ema_overwrite_frequency is not None:
            check.integer("ema_overwrite_frequency", ema_overwrite_frequency, 1)
        self.loss_scale_factor = _optional("loss_scale_factor", loss_scale_factor)
        self.gradient_accumulation_steps = gradient_accumulation_steps
        if gradient_accumulation_steps is not None:
            check.integer("gradient_accumulation_steps", gradient_accumulation_steps, 2)
        self._iterations = Variable(0, dtype="int32", trainable=False, name="iteration")
        self._learning_rate: Callable[[], float] | None = None
        self._rate = Variable(0.0, trainable=False, name="learning_rate")
        self._set_learning_rate(learning_rate)
        self.built = False
        self._trainable_variables: list[Variable] = []
        self._slots: list[Variable] = []
        self._averages: list[Variable] = []
        self._accumulated: list[Variable] = []

    # --- learning rate ----------------------------------------------------------------------------

    def _set_learning_rate(self, value: Any) -> None:
        if callable(value) and not isinstance(value, Variable):
            self._learning_rate = value
            value = value()
        elif isinstance(value, bool) or not isinstance(value, (float, np.floating)):
            raise ValueError(
                "Argument `learning_rate` should be float, or a callable that gives one. "
                f"Received instead: learning_rate={value!r}"
            )
        else:
            self._learning_rate = None
        rate = float(value)
        if not np.isfinite(rate) or rate < 0:
            raise ValueError(
                f"`learning_rate` must be finite and >= 0. Received: learning_rate={rate}"
            )
        self._rate.array[...] = rate

    @property
    def learning_rate(self) -> Any:
        """The current learning rate."""
        self.refresh_learning_rate()
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._set_learning_rate(float(value) if isinstance(value, Variable) else value)

    @property
    def asks_each_step(self) -> bool:
        """Whether the learning rate is a callable, which is asked before each step."""
        return self._learning_rate is not None

    def refresh_learning_rate(self) -> None:
        """Asks the callable, if the learning rate is one."""
        if self._learning_rate is not None:
            self._rate.array[...] = float(self._learning_rate())

    # --- state ------------------------------------------------------------------------------------

    @property
    def iterations(self) -> Any:
        """How many updates were made: steps, or groups of accumulated steps."""
        if not self.gradient_accumulation_steps:
            return self._iterations
        return ops.floor_divide(self._iterations, float(self.gradient_accumulation_steps))

    @property
    def variables(self) -> list[Variable]:
        """All state: iteration, learning rate, the slots, then averages and accumulated gradients."""
        rate = [] if self._learning_rate is not None else [self._rate]
        return [self._iterations, *rate, *self._averages, *self._accumulated, *self._slots]

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the slots for these variables; done once."""
        self._trainable_variables = list(variables)
        if self.use_ema:
            self._averages = self._like(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated = self._like(variables, "gradient_accumulator")
        self.built = True

    def _like(self, variables: Sequence[Variable], name: str) -> list[Variable]:
        made = []
        for v in variables:
            slot = Variable(None, v.shape, trainable=False, name=f"{v.name}_{name}")
            slot.path = f"{self.name}/{v.path.replace('/', '_')}_{name}"
            made.append(slot)
        return made

    def add_slots(self, variables: Sequence[Variable], name: str) -> list[Variable]:
        """A slot of zeros for each variable."""
        made = self._like(variables, name)
        self._slots += made
        return made

    def index(self, variable: Variable) -> int:
        """The variable's place among those the optimizer was built for."""
        for i, v in enumerate(self._trainable_variables):
            if v is variable:
                return i
        raise ValueError(
            f"Unknown variable: {variable.path}. This optimizer can only be called for the variables "
            "it was originally built with. When working with a new set of variables, you should "
            "recreate a new optimizer instance."
        )

    # --- the step ---------------------------------------------------------------------------------

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} does not implement update_step")

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """One step for these gradients; None leaves a variable as it is.

        Errors: ValueError for a wrong number of gradients or a variable the optimizer does not know.
        """
        variables = list(
            self._trainable_variables if trainable_variables is None else trainable_variables
        )
        if len(variables) != len(grads):
            raise ValueError(
                f"`grads` must have a gradient for each variable. Received: {len(grads)} gradients "
                f"for {len(variables)} variables"
            )
        if not self.built:
            self.build(variables)
        for v in variables:
            self.index(v)
        pairs = [(g, v) for g, v in zip(grads, variables) if g is not None]
        _report_missing([v.path for g, v in zip(grads, variables) if g is None], len(variables))
        if pairs:
            if self.loss_scale_factor:
                pairs = [(ops.divide(g, self.loss_scale_factor), v) for g, v in pairs]
            self._apply(pairs)
        self._iterations.assign(ops.increment(_stored(self._iterations)))

    def _apply(self, pairs: list[tuple[Any, Variable]]) -> None:
        variables = [v for _, v in pairs]
        if self.gradient_accumulation_steps:
            self._accumulate(pairs)
        else:
            self._update(pairs)
        if self.use_ema:
            self._average(variables)
        for v in variables:
            if v.constraint is not None:
                v.assign(v.constraint(v.value))

    def _update(self, pairs: list[tuple[Any, Variable]]) -> None:
        """Clips, decays and updates."""
        clipped = self._clip([g for g, _ in pairs])
        if self.weight_decay:
            for _, v in pairs:
                v.assign(
                    ops.subtract(v, ops.multiply(ops.multiply(v, self.weight_decay), self._rate))
                )
        for gradient, (_, v) in zip(clipped, pairs):
            self.update_step(gradient, v, self._rate)

    def _clip(self, grads: list[Any]) -> list[Any]:
        if self.clipnorm:
            limit = self.clipnorm
            return [
                ops.divide(ops.multiply(g, limit), ops.maximum(ops.norm(g), limit)) for g in grads
            ]
        if self.global_clipnorm:
            squares: Any = 0.0
            for g in grads:
                squares = ops.add(squares, ops.sum(ops.square(g)))
            norm = ops.sqrt(squares)
            scale = ops.multiply(
                self.global_clipnorm,
                ops.minimum(ops.reciprocal(norm), 1.0 / self.global_clipnorm),
            )
            # An infinite norm must not hide: it makes the step NaN, as in Keras.
            scale = ops.add(scale, ops.subtract(norm, norm))
            return [ops.multiply(g, scale) for g in grads]
        if self.clipvalue:
            return [ops.clip(g, -self.clipvalue, self.clipvalue) for g in grads]
        return grads

    def _accumulate(self, pairs: list[tuple[Any, Variable]]) -> None:
        """Every n-th step updates with the mean gradient; the others only add theirs up."""
        steps = self.gradient_accumulation_steps
        assert steps is not None
        due = ops.equal(ops.mod(ops.add(self._iterations, 1.0), float(steps)), 0.0)
        changed = [*self._trainable_variables, *self._slots]
        before = [(v, _stored(v)) for v in changed]
        sums = []
        for g, v in pairs:
            total = ops.add(g, self._accumulated[self.index(v)])
            sums.append((total, v))
        self._update([(ops.divide(total, float(steps)), v) for total, v in sums])
        for v, old in before:
            if _stored(v) is not old:
                v.assign(ops.where(due, v, old))
        for total, v in sums:
            self._accumulated[self.index(v)].assign(ops.where(due, 0.0, total))

    def _average(self, variables: list[Variable]) -> None:
        """average = momentum * average + (1 - momentum) * w, beginning with w."""
        updates = self.iterations
        started = ops.where(ops.not_equal(updates, 0.0), self.ema_momentum, 0.0)
        for v in variables:
            average = self._averages[self.index(v)]
            kept = ops.multiply(started, average)
            average.assign(ops.add(kept, ops.multiply(ops.subtract(1.0, started), v)))
            if self.ema_overwrite_frequency:
                step = ops.add(updates, 1.0)
                due = ops.equal(ops.mod(step, float(self.ema_overwrite_frequency)), 0.0)
                v.assign(ops.where(due, average, v))

    def finalize(self) -> None:
        """At the end of training, puts the averages in place of the weights."""
        if self.use_ema:
            for v, average in zip(self._trainable_variables, self._averages):
                v.assign(average.numpy())

    # --- config -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            "name": self.name,
            "learning_rate": float(self._rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _report_missing(paths: list[str], n: int) -> None:
    """Variables without a gradient: an error if it is all of them, else a warning."""
    if paths and len(paths) == n:
        raise ValueError(
            "The loss depends on none of the variables: there are no gradients for "
            f"{', '.join(paths)}. Losses and layers are written in lamina.ops"
        )
    if paths:
        warnings.warn(f"The loss does not depend on {', '.join(paths)}: no gradient", stacklevel=2)


def _optional(name: str, value: Any) -> float | None:
    return None if value is None else check.number(name, value, 0)


def _stored(variable: Variable) -> Any:
    """The value as it is stored: a tensor of the graph, or a copy of the array."""
    trace: Trace | None = current_trace()
    return variable.numpy() if trace is None else trace.stored(variable)
