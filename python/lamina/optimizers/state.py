"""The variables of an optimizer: counters, and slots for the weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from lamina import initializers
from lamina.graph.variable import Variable
from lamina.optimizers.learning_rate import LearningRate


class OptimizerState:
    """What an optimizer keeps from step to step, in Keras's order."""

    def __init__(self, name: str, learning_rate: Any) -> None:
        self.name = name
        self._rate = LearningRate(learning_rate, f"{name}/learning_rate")
        self._iterations = Variable(0, dtype="int32", trainable=False, name="iteration")
        self._iterations.path = f"{name}/iteration"
        self._own: list[Variable] = []
        self._untracked: list[Variable] = []  # Keras forgets them within a LossScaleOptimizer
        self._trainable_variables: list[Variable] = []

    @property
    def variables(self) -> list[Variable]:
        """All state: iteration, learning rate (unless it is a schedule or a callable), averages,
        accumulated gradients, then the slots; and that of the optimizers inside."""
        return self._listed(lambda optimizer: optimizer._own)

    @property
    def _inside(self) -> Sequence[OptimizerState]:
        """The optimizers whose state is part of this one's."""
        return ()

    def _listed(self, slots: Callable[[OptimizerState], list[Variable]]) -> list[Variable]:
        """The counters and rates of this optimizer and of those inside, and of each these slots."""
        number = self._rate.schedule is None and self._rate.function is None
        first = [self._iterations, *([self._rate.variable] if number else []), *slots(self)]
        return first + [v for optimizer in self._inside for v in optimizer._listed(slots)]

    @property
    def parts(self) -> list[Any]:
        """The optimizers with a learning rate of their own that it consists of."""
        return [self]

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """A variable that belongs to the optimizer's state."""
        first = None if initializer == "zeros" else initializers.get(initializer)
        made = Variable(first, tuple(shape), dtype, trainable=False, name=name)
        made.path = f"{self.name}/{made.name}"
        self._own.append(made)
        return made

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """A variable of the reference's shape, with `name` behind the reference's path."""
        own = f"{reference_variable.path.replace('/', '_')}_{name or 'var'}"
        like = reference_variable
        return self.add_variable(like.shape, initializer, like.dtype, name=own)

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """For each variable one of its shape: a list; for a list of names a tuple of lists.

        `initializer`: one for all names, or a list with one for each.
        """
        names = [name] if isinstance(name, str) else list(name)
        given = isinstance(initializer, (list, tuple))
        firsts = list(initializer) if given else [initializer] * len(names)
        if len(firsts) != len(names):
            raise ValueError(
                "There must be as many names as initializers. Received: "
                f"name={name!r}, initializer={initializer!r}"
            )
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for v in trainable_variables:
            for slots, own, first in zip(made, names, firsts):
                slots.append(self.add_variable_from_reference(v, own, first))
        return made[0] if isinstance(name, str) else made

    # --- files ------------------------------------------------------------------------------------

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Puts all state into `store`, as "0", "1", ... in the order of `variables`."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable

    def load_own_variables(self, store: dict[str, np.ndarray]) -> None:
        """Takes from `store` what `save_own_variables` had put there.

        State of another number of arrays is left out with a warning, as in Keras; that of an optimizer
        that had not been built yet has no slots.

        Errors: ValueError or TypeError for shapes and dtypes that do not fit.
        """
        saved = self._saved(len(store))
        if saved is None:
            warnings.warn(
                f"Skipping variable loading for optimizer '{self.name}', because it has "
                f"{len(self.variables)} variables whereas the saved optimizer has {len(store)} "
                "variables.",
                stacklevel=5,
            )
            return
        self.check_own_variables(store)
        for i, variable in enumerate(saved):
            variable.assign(store[str(i)])

    def check_own_variables(self, store: dict[str, np.ndarray]) -> None:
        """Refuses what `load_own_variables` cannot take."""
        for i, variable in enumerate(self._saved(len(store)) or ()):
            variable.check_fit(store[str(i)])

    def _saved(self, count: int) -> list[Variable] | None:
        """The variables whose numbers are in a file of so many arrays; None for another file.

        They are all, or without slots, or as Keras writes what a LossScaleOptimizer has built.
        """
        files = (
            self.variables,
            self._listed(lambda _: []),
            self._listed(OptimizerState._tracked),
        )
        return next((file for file in files if len(file) == count), None)

    def _tracked(self) -> list[Variable]:
        return [v for v in self._own if all(v is not other for other in self._untracked)]

    def _get_variable_index(self, variable: Variable) -> int:
        """The variable's place among those the optimizer was built for."""
        for i, v in enumerate(self._trainable_variables):
            if v is variable:
                return i
        raise ValueError(
            f"Unknown variable: {variable.path}. This optimizer can only be called for the variables "
            "it was originally built with. When working with a new set of variables, you should "
            "recreate a new optimizer instance."
        )

    def assign(self, variable: Variable, value: Any) -> None:
        """variable = value."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """variable += value."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """variable -= value."""
        variable.assign_sub(value)
