"""The coefficient of determination."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from lamina import ops
from lamina.losses.loss import match_ranks, size
from lamina.metrics.metric import Metric
from lamina.ops.rules import dims_of
from lamina.utils import check

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """1 - sum((y_true - y_pred)^2) / sum((y_true - mean(y_true))^2), for each column of (n, columns).

    Args:
        class_aggregation: "uniform_average" (the mean of the columns), "variance_weighted_average",
            or None for a score per column.
        num_regressors: p > 0 gives the adjusted score 1 - (1 - r2) (n - 1) / (n - p - 1).

    Examples:
        >>> metric = lamina.metrics.R2Score()
        >>> metric.update_state(np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [2.0], [4.0]]))
        >>> round(float(metric.result()), 4)
        0.5
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation not in _AGGREGATIONS:
            raise ValueError(
                f"`class_aggregation` must be one of {_AGGREGATIONS}. "
                f"Received: class_aggregation={class_aggregation!r}"
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = check.integer("num_regressors", num_regressors, 0)
        self.num_samples = self.add_total(name="num_samples")
        self._built = False

    def _build(self, y_true: Any, y_pred: Any) -> None:
        if len(y_true.shape) != 2 or len(y_pred.shape) != 2:
            raise ValueError(
                "R2Score expects 2D inputs with shape (batch_size, output_dim). Received: "
                f"y_pred.shape={tuple(y_pred.shape)} and y_true.shape={tuple(y_true.shape)}"
            )
        columns = (y_pred.shape[1],)
        self.squared_sum = self.add_total(columns, "squared_sum")
        self.sum = self.add_total(columns, "sum")
        self.total_mse = self.add_total(columns, "residual")
        self.count = self.add_total(columns, "count")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = match_ranks(self._as_float(y_true), self._as_float(y_pred))
        if not self._built:
            self._build(y_true, y_pred)
        weight = self._as_float(1.0 if sample_weight is None else sample_weight)
        if len(weight.shape) == 1:
            weight = ops.expand_dims(weight, 1)
        weight = ops.broadcast_to(weight, dims_of(y_true))
        weighted = ops.multiply(y_true, weight)
        residual = ops.multiply(ops.square(ops.subtract(y_true, y_pred)), weight)
        self.sum.assign_add(ops.sum(weighted, axis=0))
        self.squared_sum.assign_add(ops.sum(ops.multiply(y_true, weighted), axis=0))
        self.total_mse.assign_add(ops.sum(residual, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(size(y_true))

    def result(self) -> Any:
        """A number, or one per column; 0 for a column whose targets are all equal."""
        if not self._built:
            return self._number(np.nan)
        with np.errstate(all="ignore"):
            total_sum = self.sum.numbers()
            total = self.squared_sum.numbers() - total_sum * (total_sum / self.count.numbers())
            scores = 1 - self.total_mse.numbers() / total
            scores = np.where(np.isinf(scores), 0.0, scores)
            if self.class_aggregation == "uniform_average":
                scores = np.mean(scores)
            elif self.class_aggregation == "variance_weighted_average":
                scores = np.sum(total * scores) / np.sum(total)
        return self._number(self._adjusted(scores))

    def _adjusted(self, score: Any) -> Any:
        left = float(self.num_samples.numbers()) - 1 - self.num_regressors
        if self.num_regressors == 0:
            return score
        if left > 0:
            return 1 - (1 - score) * (left + self.num_regressors) / left
        warnings.warn(
            f"{self.num_regressors} regressors are too many for an adjusted R2 score of "
            f"{left + self.num_regressors + 1:g} values: the score is not adjusted",
            stacklevel=3,
        )
        return score

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
