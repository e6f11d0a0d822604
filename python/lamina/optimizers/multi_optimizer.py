"""Several optimizers for the variables of one model."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lamina import ops
from lamina.graph.variable import Variable
from lamina.optimizers.conditional import stored
from lamina.optimizers.loss_scale import LossScaleOptimizer
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.optimizer_map import OptimizerMap
from lamina.serialization import resolve


class MultiOptimizer(Optimizer):
    """Gives each variable to an optimizer of its own choice.

        MultiOptimizer(OptimizerMap(SGD(0.1), {"encoder/.*": Adam(1e-4)}))

    All of them are part of one step.  Learning rates, clipping, weight decay and averages are those of
    each; a `global_clipnorm` is about the gradients that its optimizer is given.

    Args:
        optimizer_map: an OptimizerMap, or a function that gives a variable's optimizer.
        loss_scale_factor: the loss is multiplied by it, and the gradients divided; takes the place of
            the optimizers' own.

    Errors: TypeError for a map that cannot be called; ValueError for an optimizer that has optimizers
    inside and, when the variables are known, for a function that gives anything but an Optimizer.
    Warns of expressions that fit no variable.  There is no `learning_rate`: AttributeError.
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        if not callable(optimizer_map):
            raise TypeError(
                "`optimizer_map` must be an OptimizerMap or a function of a variable. Received: "
                f"optimizer_map={optimizer_map!r}"
            )
        self.optimizer_map = optimizer_map
        self._chosen: list[Optimizer] = []
        for optimizer in self.optimizers:
            _check_simple(optimizer)
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers, each once: those of the map and its default; those that a function gave."""
        given: Iterable[Optimizer] = self._chosen
        if isinstance(self.optimizer_map, OptimizerMap):
            given = [*self.optimizer_map.values(), self.optimizer_map.default_optimizer]
        return list({id(optimizer): optimizer for optimizer in given}.values())

    parts = optimizers

    # --- what the optimizers have -----------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        raise AttributeError(
            "A MultiOptimizer has no learning rate: read those of its `optimizers`."
        )

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(
            "A MultiOptimizer has no learning rate: set those of its `optimizers`. "
            f"Received: learning_rate={value!r}"
        )

    @property
    def loss_scale_factor(self) -> float | None:
        """The factor of all."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for optimizer in self.optimizers:
            optimizer.loss_scale_factor = value

    @property
    def asks_each_step(self) -> bool:
        return any(optimizer.asks_each_step for optimizer in self.optimizers)

    @property
    def program_key(self) -> Any:
        return tuple(optimizer.program_key for optimizer in self.optimizers)

    def refresh_learning_rate(self) -> None:
        for optimizer in self.optimizers:
            optimizer.refresh_learning_rate()

    @property
    def _inside(self) -> Sequence[Optimizer]:
        return self.optimizers

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leaves variables out of the weight decay of every optimizer.

        Errors: ValueError once built, and where a function chooses the optimizers.
        """
        if not isinstance(self.optimizer_map, OptimizerMap):
            raise ValueError(
                "`exclude_from_weight_decay()` must be called on the optimizers that the function gives."
            )
        listed, names = list(var_list or ()), list(var_names or ())
        for optimizer in self.optimizers:
            optimizer.exclude_from_weight_decay(listed, names)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        for optimizer in self.optimizers:
            optimizer.finalize_variable_values(self._of(optimizer, var_list))

    # --- the step ---------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Chooses the variables' optimizers, and makes the slots of each; done once."""
        super().build(variables)
        self._chosen = [self._choose(v) for v in variables]
        self.loss_scale_factor = self._loss_scale_factor  # of those that a function gave
        self._warn_of_idle_patterns()
        for optimizer in self.optimizers:
            mine = self._of(optimizer, variables)
            if mine and not optimizer.built:
                optimizer.build(mine)

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """One step of each optimizer with the gradients of its variables; errors as in Optimizer."""
        if len(grads) == 0:
            return
        variables = self._variables_for(grads, trainable_variables)
        gradient_of = {id(v): g for g, v in zip(grads, variables)}
        for optimizer in self.optimizers:
            mine = self._of(optimizer, variables)
            optimizer.apply([gradient_of[id(v)] for v in mine], mine)
        self._iterations.assign(ops.increment(stored(self._iterations)))

    def _of(self, optimizer: Optimizer, variables: Sequence[Variable]) -> list[Variable]:
        """Those of the variables that are the optimizer's."""
        chosen = self._chosen
        return [v for v in variables if chosen[self._get_variable_index(v)] is optimizer]

    def _choose(self, variable: Variable) -> Optimizer:
        optimizer = self.optimizer_map(variable)
        if not isinstance(optimizer, Optimizer):
            raise ValueError(
                f"`optimizer_map` must give an Optimizer for variable {variable.path}. "
                f"Received: {optimizer!r}"
            )
        _check_simple(optimizer)
        return optimizer

    def _warn_of_idle_patterns(self) -> None:
        if isinstance(self.optimizer_map, OptimizerMap):
            paths = [v.path for v in self._trainable_variables]
            used = {p for path in paths for p in self.optimizer_map.patterns_for(path)}
            idle = [p for p in self.optimizer_map if p not in used]
            if idle:
                warnings.warn(
                    f"No variable has a path that fits {idle}. Paths: {paths}", stacklevel=4
                )

    # --- config -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            "optimizer_map": resolve.serialize(self.optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> MultiOptimizer:
        from lamina.serialization.deserialize import deserialize_keras_object

        made = deserialize_keras_object(config["optimizer_map"], custom_objects)
        return cls(**{**config, "optimizer_map": made})


def _check_simple(optimizer: Optimizer) -> None:
    """Refuses an optimizer that has optimizers inside."""
    if isinstance(optimizer, (MultiOptimizer, LossScaleOptimizer)):
        raise ValueError(
            f"A {type(optimizer).__name__} cannot be used inside of a MultiOptimizer. "
            f"Received: {optimizer!r}"
        )
