"""The base of metrics, and averages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import initializers, ops
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.losses.loss import as_float, match_ranks, size
from lamina.ops.rules import dims_of
from lamina.utils.naming import auto_name, to_snake_case


class Metric:
    """A figure gathered over batches.

    A subclass makes variables with `add_variable`, changes them in `update_state` by `lamina.ops`
    (then it runs natively inside the training step), and gives the figure in `result`.
    """

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        if dtype not in (None, "float32"):
            raise ValueError(f"`dtype` must be 'float32'. Received: dtype={dtype!r}")
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.dtype = "float32"
        self.variables: list[Variable] = []

    def add_variable(
        self, shape: Sequence[int], initializer: Any = "zeros", name: str | None = None
    ) -> Variable:
        """A variable of the metric's state; `reset_state` sets it to 0."""
        made = Variable(initializers.get(initializer), tuple(shape), trainable=False, name=name)
        self.variables.append(made)
        return made

    def add_weight(
        self, shape: Sequence[int] = (), initializer: Any = "zeros", name: str | None = None
    ) -> Variable:
        return self.add_variable(shape, initializer or "zeros", name)

    def reset_state(self) -> None:
        """Sets all variables to 0."""
        for variable in self.variables:
            variable.array[...] = 0

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


def _weighted(values: Any, sample_weight: Any, reduction: Any) -> tuple[Any, Any]:
    """Values times weights, and the weights (None where there are none).

    Axes that the weights do not have are reduced first.
    """
    values = as_float(values)
    if sample_weight is not None:
        sample_weight = as_float(sample_weight)
        if len(sample_weight.shape) == 0:
            sample_weight = ops.add(ops.zeros_like(values), sample_weight)
        values, sample_weight = match_ranks(values, sample_weight)
        if len(values.shape) > len(sample_weight.shape):
            values = reduction(
                values, axis=list(range(len(sample_weight.shape), len(values.shape)))
            )
        try:
            sample_weight = ops.broadcast_to(sample_weight, dims_of(values))
        except ValueError as error:
            raise ValueError(
                f"`sample_weight` of shape {tuple(sample_weight.shape)} does not fit values of shape "
                f"{tuple(values.shape)}"
            ) from error
        values = ops.multiply(values, sample_weight)
    return values, sample_weight


class Sum(Metric):
    """The sum of the values, times their weights."""

    def __init__(self, name: str | None = "sum", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, _ = _weighted(values, sample_weight, ops.sum)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Any:
        return self.total.value


class Mean(Metric):
    """The mean of the values, weighted; 0 before the first."""

    def __init__(self, name: str | None = "mean", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, weights = _weighted(values, sample_weight, ops.mean)
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(size(values) if weights is None else ops.sum(weights))

    def result(self) -> Any:
        if current_trace() is None:  # asked for every few steps
            return _quotient(self.total.array, self.count.array)
        count = self.count.value
        return ops.where(ops.equal(count, 0.0), 0.0, ops.divide(self.total.value, count))


def _quotient(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(total / count if count else 0.0, np.float32)


class MeanMetricWrapper(Mean):
    """The mean of a function `(y_true, y_pred, **arguments)` that gives a value per sample."""

    def __init__(
        self, fn: Any, name: str | None = None, dtype: str | None = None, **arguments: Any
    ) -> None:
        if not callable(fn):
            raise TypeError(f"`fn` must be a function (y_true, y_pred). Received: fn={fn!r}")
        super().__init__(name or getattr(fn, "__name__", None), dtype)
        self._fn = fn
        self._arguments = arguments

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        values = self._fn(as_float(y_true), as_float(y_pred), **self._arguments)
        super().update_state(_per_sample(values), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._arguments}


def _per_sample(values: Any) -> Any:
    """One value per sample: the mean over further axes, as Keras reduces them."""
    rank = len(values.shape)
    return values if rank < 2 else ops.mean(values, axis=list(range(1, rank)))
