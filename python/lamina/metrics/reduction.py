"""Sums and means of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import losses, ops
from lamina.graph.masks import mask_of
from lamina.graph.trace import current_trace
from lamina.losses.loss import apply_mask, as_float, match_ranks
from lamina.metrics.metric import Metric
from lamina.metrics.total import ratio
from lamina.ops.rules import dims_of
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object


def samplewise(values: Any, sample_weight: Any, reduction: Any) -> tuple[Any, Any]:
    """A value per sample, times its weight, and the weight per sample (None without weights).

    By Keras's rules: axes that the weights do not have are reduced first, the rest but the first
    afterwards, by `ops.mean` or `ops.sum`.  One weight for all makes one value of them.  A mask that
    the values carry counts where there are weights.
    """
    mask = mask_of(values)
    values = as_float(values)
    if sample_weight is not None:
        sample_weight = apply_mask(as_float(sample_weight), mask)
        values, sample_weight = match_ranks(values, sample_weight)
        rank = len(sample_weight.shape)
        if len(values.shape) > rank:
            values = reduction(values, axis=list(range(rank, len(values.shape))))
        sample_weight = _spread(sample_weight, values)
        values = ops.multiply(values, sample_weight)
        sample_weight = _first_axis(sample_weight, reduction)
    return _first_axis(values, reduction), sample_weight


def _first_axis(x: Any, reduction: Any) -> Any:
    return reduction(x, axis=list(range(1, len(x.shape)))) if len(x.shape) > 1 else x


def _spread(sample_weight: Any, values: Any) -> Any:
    try:
        return ops.broadcast_to(sample_weight, dims_of(values))
    except ValueError as error:
        raise ValueError(
            f"`sample_weight` of shape {tuple(sample_weight.shape)} does not fit values of shape "
            f"{tuple(values.shape)}"
        ) from error


class Sum(Metric):
    """The sum of the values, times their weights."""

    def __init__(self, name: str | None = "sum", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_total(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, _ = samplewise(values, sample_weight, ops.sum)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Any:
        return self.total.value if current_trace() else self._number(self.total.numbers())


class Mean(Metric):
    """The mean of the values, weighted; 0 before the first.

    Examples:
        >>> metric = lamina.metrics.Mean()
        >>> metric.update_state(np.array([1.0, 3.0]))
        >>> metric.update_state(np.array([8.0]))
        >>> float(metric.result())
        4.0
    """

    def __init__(self, name: str | None = "mean", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_total(name="total")
        self.count = self.add_total(name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, weights = samplewise(values, sample_weight, ops.mean)
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(_rows(values) if weights is None else ops.sum(weights))

    def result(self) -> Any:
        if current_trace() is None:  # asked for every few steps
            return self._number(ratio(self.total.numbers(), self.count.numbers()))
        count = self.count.value
        return ops.where(ops.equal(count, 0.0), 0.0, ops.divide(self.total.value, count))


def _rows(values: Any) -> Any:
    return ops.count(values, axes=(0,)) if len(values.shape) else np.float32(1)


class MeanMetricWrapper(Mean):
    """The mean of a function `(y_true, y_pred, **arguments)` that gives a value per sample.

    Values that the mask of `y_pred` hides do not count.

    Args:
        fn: made of `lamina.ops`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: str | None = None,
        **arguments: Any,
    ) -> None:
        if not callable(fn):
            raise TypeError(f"`fn` must be a function (y_true, y_pred). Received: fn={fn!r}")
        super().__init__(name, dtype)
        self._fn = fn
        self._arguments = arguments
        if any(fn is loss for loss in losses._known.values()):
            self._direction = "down"

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        if sample_weight is not None:
            sample_weight = as_float(sample_weight)
        sample_weight = apply_mask(sample_weight, mask_of(y_pred))
        y_true, y_pred = self._as_float(y_true), self._as_float(y_pred)
        values = self._fn(y_true, y_pred, **self._arguments)
        rule = getattr(self._fn, "mask", None)
        if sample_weight is not None and rule is not None:
            sample_weight = apply_mask(sample_weight, rule(y_true, values, **self._arguments))
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "fn": serialize_keras_object(self._fn), **self._arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        if "fn" in config:
            config = deserialize_keras_object(config)
        return cls(**config)


class FunctionMetric(MeanMetricWrapper):
    """The mean of a function that is the class's own: its config has only the arguments."""

    def get_config(self) -> dict[str, Any]:
        return {**Metric.get_config(self), **self._arguments}
