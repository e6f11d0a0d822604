"""The coefficient of determination."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from lamina import ops
from lamina.losses.loss import match_ranks, size
from lamina.metrics.counting import check_columns, spread
from lamina.metrics.metric import Metric
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
        self._columns: int | None = None  # as in the first batch

    def _build(self, columns: int) -> None:
        self._columns = columns
        self.squared_sum = self.add_total((columns,), "squared_sum")
        self.sum = self.add_total((columns,), "sum")
        self.total_mse = self.add_total((columns,), "residual")
        self.count = self.add_total((columns,), "count")
        self.origin = self.add_variable((columns,), name="origin")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = match_ranks(self._as_float(y_true), self._as_float(y_pred))
        columns = check_columns(self, y_true, y_pred, self._columns)
        if self._columns is None:
            self._build(columns)
        weight = spread(self._as_float(1.0 if sample_weight is None else sample_weight), y_true)
        residual = ops.multiply(ops.square(ops.subtract(y_true, y_pred)), weight)
        from_origin = ops.subtract(y_true, self._origin(y_true))
        weighted = ops.multiply(from_origin, weight)
        self.sum.assign_add(ops.sum(weighted, axis=0))
        self.squared_sum.assign_add(ops.sum(ops.multiply(from_origin, weighted), axis=0))
        self.total_mse.assign_add(ops.sum(residual, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(size(y_true))

    def _origin(self, y_true: Any) -> Any:
        """The number from which targets are counted: the least of the first batch.

        Their variance does not depend on it, but its rounding does: of equal targets it is 0.
        """
        first = ops.equal(self.num_samples.value, 0.0)
        self.origin.assign(ops.where(first, ops.min(y_true, axis=0), self.origin.value))
        return self.origin.value

    def result(self) -> Any:
        """A number, or one per column.

        A column whose targets are all equal has 0, or NaN where they are predicted exactly.
        """
        if self._columns is None:
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
