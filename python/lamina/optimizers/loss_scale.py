"""Loss scaling that finds its factor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import ops
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.initializers import Constant
from lamina.optimizers.conditional import only_where, stored
from lamina.optimizers.optimizer import Optimizer
from lamina.serialization import resolve
from lamina.utils import check

_INNER: dict[str, Any] = {
    "weight_decay": None, "clipnorm": None, "clipvalue": None, "global_clipnorm": None,
    "use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None,
    "loss_scale_factor": None, "gradient_accumulation_steps": None,
}  # fmt: skip


class LossScaleOptimizer(Optimizer):
    """Multiplies the loss by a scale, and hands the gradients over divided by it.

    A step with a gradient that is not finite is left out and halves the scale; after
    `dynamic_growth_steps` steps without one the scale is doubled, unless that is infinite.  In float32
    it keeps small gradients from becoming denormal.  The inner optimizer loses its own
    `loss_scale_factor`.

    Args:
        inner_optimizer: the Optimizer that changes the weights.
        initial_scale: the first scale, > 0.
        dynamic_growth_steps: at least 1.

    Errors: ValueError for arguments of Optimizer: they belong to the inner one.
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not kwargs.pop("dynamic", True):
            raise ValueError(
                "The scale is always dynamic: for a fixed one give the inner optimizer a "
                "`loss_scale_factor`. Received: dynamic=False"
            )
        for argument, value in kwargs.items():
            if argument not in _INNER or value != _INNER[argument]:
                raise ValueError(
                    f"LossScaleOptimizer does not take `{argument}`; an optimizer's arguments belong "
                    f"to `inner_optimizer`. Received: {argument}={value!r}"
                )
        if not isinstance(inner_optimizer, Optimizer):
            raise TypeError(
                f"`inner_optimizer` must be an Optimizer. Received: inner_optimizer={inner_optimizer!r}"
            )
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        inner_optimizer.loss_scale_factor = None
        self.initial_scale = check.number("initial_scale", initial_scale, 0)
        if self.initial_scale == 0:
            raise ValueError("`initial_scale` must be greater than 0. Received: initial_scale=0")
        self.dynamic_growth_steps = check.integer("dynamic_growth_steps", dynamic_growth_steps, 1)

    # --- what the inner optimizer has -------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """The inner optimizer's: steps that were left out do not count."""
        return self.inner_optimizer.iterations

    @property
    def asks_each_step(self) -> bool:
        return self.inner_optimizer.asks_each_step

    @property
    def program_key(self) -> Any:
        return self.inner_optimizer.program_key

    def refresh_learning_rate(self) -> None:
        self.inner_optimizer.refresh_learning_rate()

    @property
    def _inside(self) -> Sequence[Optimizer]:
        return (self.inner_optimizer,)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    # --- the step ---------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
        first = Constant(self.initial_scale)
        self.dynamic_scale = self.add_variable((), first, "float32", "dynamic_scale")
        self.inner_optimizer.build(variables)
        super().build(variables)

    def scale_loss(self, loss: Any) -> Any:
        return ops.multiply(loss, self.dynamic_scale if self.built else self.initial_scale)

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """One step for these gradients of the scaled loss; errors as in Optimizer."""
        if len(grads) == 0:
            return
        if current_trace() is None:
            self.refresh_learning_rate()
        variables = self._variables_for(grads, trainable_variables)
        finite = self._are_finite(grads)
        scale = stored(self.dynamic_scale)
        inner = self.inner_optimizer
        with only_where(finite, [*self._trainable_variables, *inner.variables]):
            inner.apply([None if g is None else ops.divide(g, scale) for g in grads], variables)
        count = stored(self.step_counter)
        due = ops.equal(ops.counter(count), float(self.dynamic_growth_steps - 1))
        doubled = ops.multiply(scale, 2.0)
        growing = ops.where(ops.logical_and(due, ops.isfinite(doubled)), 2.0, 1.0)
        self.dynamic_scale.assign(ops.multiply(scale, ops.where(finite, growing, 0.5)))
        counts_on = ops.logical_and(finite, ops.logical_not(due))
        zero = ops.zeros((), "int32")
        self.step_counter.assign(ops.choose(counts_on, ops.increment(count), zero))

    def _are_finite(self, grads: Sequence[Any]) -> Any:
        finite: Any = True
        for g in grads:
            if g is not None:
                finite = ops.logical_and(finite, ops.all(ops.isfinite(g)))
        return finite

    # --- config -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "inner_optimizer": resolve.serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> LossScaleOptimizer:
        from lamina import optimizers

        deserialize: Callable[..., Any] = optimizers.deserialize
        inner = deserialize(config["inner_optimizer"], custom_objects)
        return cls(**{**config, "inner_optimizer": inner})
