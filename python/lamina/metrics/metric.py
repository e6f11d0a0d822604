"""The base of metrics."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import dtype_policies, initializers
from lamina.graph.tensor import MetricNeedsNumbersError, NeedsNumbersError
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.losses.loss import as_float
from lamina.metrics.total import Total
from lamina.utils.naming import auto_name, to_snake_case


class Metric:
    """A figure gathered over batches.

    A subclass makes variables with `add_variable`, changes them in `update_state` by `lamina.ops`
    (then it runs natively inside the training step), and gives the figure in `result`.  One that
    computes in Python, or keeps what it gathers in other attributes, makes each step run on numbers,
    operation by operation, as with `run_eagerly`.

    Args:
        dtype: of the state and the result: "float32" or "float64"; that of `config.dtype_policy()`
            when None.
        name: as in `history`; the class's name in snake case when None.
    """

    _direction: str | None = None  # "up" or "down": what is better

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update_state" in vars(cls):
            cls.update_state = _recordable(cls.update_state)  # type: ignore[method-assign]

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        policy = dtype_policies.get(dtype)
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.dtype = self._variable_dtype = policy.compute_dtype
        self._variables: list[Variable] = []

    @property
    def variables(self) -> list[Variable]:
        """The state: own variables, and those of metrics that are attributes."""
        parts = [m for m in vars(self).values() if isinstance(m, Metric)]
        return self._own_variables() + [v for m in parts for v in m.variables]

    def _own_variables(self) -> list[Variable]:
        try:
            return list(self._variables)
        except AttributeError:
            raise RuntimeError(
                f"{type(self).__name__}.__init__() must call `super().__init__()` first"
            ) from None

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: str | None = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """A variable of the metric's state; `reset_state` sets it to 0.

        `aggregation` says how Keras joins the copies of several devices; here there is one.
        """
        self._own_variables()
        dtype = self._variable_dtype if dtype is None else dtype_policies.get(dtype).name
        made = Variable(
            initializers.get(initializer), tuple(shape), dtype, trainable=False, name=name
        )
        self._variables.append(made)
        return made

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """`add_variable` by its older name."""
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)

    def add_total(self, shape: Sequence[int] = (), name: str | None = None) -> Total:
        """A variable that `assign_add` sums up in, exact where a float32 is not."""
        made = Total(shape, name, self._variable_dtype)
        self._variables.append(made)
        return made

    def reset_state(self) -> None:
        """Sets all variables to 0."""
        for variable in self.variables:
            variable.array[...] = 0
            if isinstance(variable, Total):
                variable.rest.array[...] = 0

    def _as_float(self, x: Any) -> Any:
        """An argument of `update_state` in the dtype of the state."""
        return as_float(x, self._variable_dtype)

    def _number(self, x: Any) -> np.ndarray:
        """A result as Keras gives it."""
        return np.asarray(x, self._variable_dtype)

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not implement update_state")

    def result(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not implement result")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _recordable(update_state: Callable[..., Any]) -> Callable[..., Any]:
    """update_state, which says so if it cannot be recorded.

    Errors: MetricNeedsNumbersError.
    """

    @functools.wraps(update_state)
    def update(self: Metric, *args: Any, **kwargs: Any) -> Any:
        trace = current_trace()
        if trace is None or trace.eager:
            return update_state(self, *args, **kwargs)
        before = dict(trace.state)
        try:
            result = update_state(self, *args, **kwargs)
        except NeedsNumbersError as error:
            raise MetricNeedsNumbersError(f"{self!r} computes in Python: {error}") from error
        if all(trace.state.get(v) is before.get(v) for v in self.variables):
            raise MetricNeedsNumbersError(f"{self!r} changes none of its variables")
        return result

    return update
