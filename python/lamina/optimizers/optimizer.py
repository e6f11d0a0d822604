"""The base of optimizers: everything but the update rule."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from lamina import ops
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.optimizers.clipping import clip
from lamina.optimizers.conditional import only_where, stored
from lamina.optimizers.state import OptimizerState
from lamina.optimizers.weight_decay import Exclusions
from lamina.utils import check
from lamina.utils.naming import auto_name, to_snake_case


class Optimizer(OptimizerState):
    """Changes variables by their gradients.

    A subclass makes its slots in `build(variables)` with `add_optimizer_variables`, and implements
    `update_step(gradient, variable, learning_rate)` in `lamina.ops`.  One `apply` is: unscale the
    gradients, (accumulate,) clip, decay the weights, update, move the averages, apply constraints,
    count.

    Args:
        learning_rate: a float >= 0, a schedule of `optimizers.schedules`, or a callable without
            arguments that gives a float and is asked before each step.
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
        if kwargs.pop("decay", None) is not None:  # Keras 2's; older code still names it
            warnings.warn(
                "Argument `decay` is no longer supported and will be ignored.", stacklevel=3
            )
        if kwargs:
            raise ValueError(f"Argument(s) not recognized: {kwargs}")
        name = name or auto_name(to_snake_case(type(self).__name__))
        super().__init__(name, learning_rate)
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
        self.built = False
        self._undecayed = Exclusions()
        self._averages: list[Variable] = []
        self._accumulated: list[Variable] = []

    # --- learning rate, counts --------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The current learning rate."""
        self.refresh_learning_rate()
        return self._rate.current(self._iterations)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._rate.assign(value)

    @property
    def asks_each_step(self) -> bool:
        """Whether the learning rate is a callable, which is asked before each step."""
        return self._rate.function is not None

    @property
    def program_key(self) -> Any:
        """What a recorded step depends on beside shapes: with another one it is recorded anew."""
        return self._rate.schedule

    def refresh_learning_rate(self) -> None:
        """Asks the callable, if the learning rate is one."""
        self._rate.refresh()

    @property
    def iterations(self) -> Any:
        """How many updates were made: steps, or groups of accumulated steps."""
        if not self.gradient_accumulation_steps:
            return self._iterations
        return ops.floor_divide(self._iterations, float(self.gradient_accumulation_steps))

    @property
    def local_step(self) -> Any:
        """The number of this update, from 1."""
        return ops.add(self.iterations, 1.0)

    def local_step_for(self, variable: Variable) -> Any:
        """The number of this update in the dtype of the variable."""
        return ops.cast(self.local_step, variable.dtype)

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the slots for these variables; done once."""
        self._trainable_variables = list(variables)
        if self.use_ema:
            self._averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated = self.add_optimizer_variables(variables, "gradient_accumulator")
        self.built = True

    # --- weight decay -----------------------------------------------------------------------------

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leaves variables out of weight decay: those listed, and those in whose name one of the
        regular expressions `var_names` is found.

        Errors: ValueError once the optimizer is built.
        """
        if self.built:
            raise ValueError(
                "`exclude_from_weight_decay()` can only be called before the optimizer is built."
            )
        self._undecayed = Exclusions(var_list or (), var_names or ())

    def _weight_decay_of(self, variable: Variable) -> float | None:
        return self.weight_decay

    def _apply_weight_decay(self, variables: Iterable[Variable], learning_rate: Any) -> None:
        for v in variables:
            decay = self._weight_decay_of(v)
            if decay and v not in self._undecayed:
                share = ops.multiply(decay, learning_rate)
                v.assign(ops.subtract(v, ops.multiply(v, share)))

    # --- the step ---------------------------------------------------------------------------------

    def scale_loss(self, loss: Any) -> Any:
        """The loss that is differentiated."""
        return ops.multiply(loss, self.loss_scale_factor) if self.loss_scale_factor else loss

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Assigns the variable and its slots what they are after one step."""
        raise NotImplementedError(f"{type(self).__name__} does not implement update_step")

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """One step for pairs of a gradient and its variable; the step counter."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self._iterations

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """One step for these gradients; None leaves a variable as it is.

        Errors: ValueError for a wrong number of gradients, a variable the optimizer does not know,
        or no variables while it is not built.
        """
        if len(grads) == 0:
            return
        if current_trace() is None:
            self.refresh_learning_rate()
        variables = self._variables_for(grads, trainable_variables)
        pairs = [(g, v) for g, v in zip(grads, variables) if g is not None]
        _report_missing([v.path for g, v in zip(grads, variables) if g is None], len(variables))
        if self.loss_scale_factor:
            pairs = [(ops.divide(g, self.loss_scale_factor), v) for g, v in pairs]
        if self.gradient_accumulation_steps:
            self._accumulate(pairs, self.gradient_accumulation_steps)
        else:
            self._update(pairs)
        if self.use_ema:
            self._average()
        for _, v in pairs:
            if v.constraint is not None:
                v.assign(v.constraint(v.value))
        self._iterations.assign(ops.increment(stored(self._iterations)))

    def _variables_for(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None
    ) -> list[Variable]:
        """The variables of the gradients; builds the optimizer if that is not done."""
        if trainable_variables is None and not self.built:
            raise ValueError(
                "When passing `grads` without `variables`, the optimizer must already be built on a "
                "list of variables. Call `optimizer.build(trainable_variables)` first."
            )
        given = trainable_variables
        variables = list(self._trainable_variables if given is None else given)
        if len(variables) != len(grads):
            raise ValueError(
                f"`grads` must have a gradient for each variable. Received: {len(grads)} gradients "
                f"for {len(variables)} variables"
            )
        if not self.built:
            self.build(variables)
        for v in variables:
            self._get_variable_index(v)
        return variables

    def _update(self, pairs: list[tuple[Any, Variable]]) -> None:
        """Clips, decays and updates."""
        clipped = clip([g for g, _ in pairs], self.clipnorm, self.clipvalue, self.global_clipnorm)
        rate = self._rate.current(self._iterations)
        self._apply_weight_decay([v for _, v in pairs], rate)
        self._begin_update()
        for gradient, (_, v) in zip(clipped, pairs):
            self.update_step(gradient, v, rate)

    def _begin_update(self) -> None:
        """What an update changes once for all variables."""

    def _accumulate(self, pairs: list[tuple[Any, Variable]], steps: int) -> None:
        """Every n-th step updates with the mean gradient; the others only add theirs up."""
        due = ops.equal(ops.mod(ops.add(self._iterations, 1.0), float(steps)), 0.0)
        slots = [self._accumulated[self._get_variable_index(v)] for _, v in pairs]
        sums = [ops.add(g, slot) for (g, _), slot in zip(pairs, slots)]
        with only_where(due, [*self._trainable_variables, *self._own]):
            self._update(
                [(ops.divide(total, float(steps)), v) for total, (_, v) in zip(sums, pairs)]
            )
        for slot, total in zip(slots, sums):
            slot.assign(ops.where(due, 0.0, total))

    def _average(self) -> None:
        """average = momentum * average + (1 - momentum) * w, beginning with w."""
        updates = self.iterations
        started = ops.where(ops.not_equal(updates, 0.0), self.ema_momentum, 0.0)
        for v, average in zip(self._trainable_variables, self._averages):
            kept = ops.multiply(started, average)
            average.assign(ops.add(kept, ops.multiply(ops.subtract(1.0, started), v)))
            if self.ema_overwrite_frequency:
                step = ops.add(updates, 1.0)
                due = ops.equal(ops.mod(step, float(self.ema_overwrite_frequency)), 0.0)
                v.assign(ops.where(due, average, v))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training, puts the averages in place of the weights."""
        if self.use_ema:
            for v in var_list:
                v.assign(self._averages[self._get_variable_index(v)].numpy())

    # --- config -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer."""
        return {
            "name": self.name,
            "learning_rate": self._rate.get_config(),
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
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return cls(**config)


def _report_missing(paths: list[str], n: int) -> None:
    """Variables without a gradient: an error if it is all of them, else a warning."""
    if paths and len(paths) == n:
        raise ValueError(
            "The loss depends on none of the variables: there are no gradients for "
            f"{', '.join(paths)}. Losses and layers are written in lamina.ops"
        )
    if paths:
        warnings.warn(f"The loss does not depend on {', '.join(paths)}: no gradient", stacklevel=3)


def _optional(name: str, value: Any) -> float | None:
    return None if value is None else check.number(name, value, 0)
