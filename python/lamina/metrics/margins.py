"""Hinge losses as metrics."""

from __future__ import annotations

from lamina import losses
from lamina.metrics.reduction import FunctionMetric


class Hinge(FunctionMetric):
    """The mean of max(1 - y_true y_pred, 0); labels 0 or 1 are read as -1 or 1."""

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: str | None = None) -> None:
        super().__init__(losses.hinge, name, dtype)


class SquaredHinge(FunctionMetric):
    """The mean of max(1 - y_true y_pred, 0)^2; labels 0 or 1 are read as -1 or 1."""

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: str | None = None) -> None:
        super().__init__(losses.squared_hinge, name, dtype)


class CategoricalHinge(FunctionMetric):
    """The mean of max(largest y_pred of the other classes - y_pred of the class + 1, 0)."""

    _direction = "down"

    def __init__(self, name: str | None = "categorical_hinge", dtype: str | None = None) -> None:
        super().__init__(losses.categorical_hinge, name, dtype)
