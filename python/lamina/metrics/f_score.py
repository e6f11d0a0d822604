"""Harmonic means of precision and recall."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.metrics.counting import check_columns, spread
from lamina.metrics.metric import Metric
from lamina.utils.epsilon import epsilon

_AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """(1 + beta^2) precision recall / (beta^2 precision + recall), for each column of (n, classes).

    Args:
        average: None for a score per class; "micro" counts all classes together; "macro" is the
            mean of the classes, "weighted" the mean weighted by how often each is true.
        beta: how much more recall counts than precision, a float > 0.
        threshold: predictions above it are positive, a float in (0, 1]; None: the largest of a row.
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if average not in _AVERAGES:
            raise ValueError(f"`average` must be one of {_AVERAGES}. Received: average={average!r}")
        if not isinstance(beta, float) or not beta > 0:
            raise ValueError(f"`beta` must be a Python float > 0. Received: beta={beta!r}")
        if threshold is not None and (not isinstance(threshold, float) or not 0 < threshold <= 1):
            raise ValueError(
                f"`threshold` must be a Python float in (0, 1]. Received: threshold={threshold!r}"
            )
        self.average, self.beta, self.threshold = average, beta, threshold
        self._columns: int | None = None  # as in the first batch

    def _build(self, columns: int) -> None:
        self._columns = columns
        self.true_positives = self.add_total((columns,), "true_positives")
        self.false_positives = self.add_total((columns,), "false_positives")
        self.false_negatives = self.add_total((columns,), "false_negatives")
        self.intermediate_weights = self.add_total((columns,), "intermediate_weights")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = self._as_float(y_true), self._as_float(y_pred)
        columns = check_columns(self, y_true, y_pred, self._columns)
        if self._columns is None:
            self._build(columns)
        positive = ops.where(self._positive(y_pred), 1.0, 0.0)
        negative = ops.subtract(1.0, positive)
        counted = (
            (self.true_positives, ops.multiply(positive, y_true)),
            (self.false_positives, ops.multiply(positive, ops.subtract(1.0, y_true))),
            (self.false_negatives, ops.multiply(negative, y_true)),
            (self.intermediate_weights, y_true),
        )
        weight = None if sample_weight is None else spread(self._as_float(sample_weight), y_true)
        for total, values in counted:
            weighted = values if weight is None else ops.multiply(values, weight)
            total.assign_add(ops.sum(weighted, axis=0))

    def _positive(self, y_pred: Any) -> Any:
        if self.threshold is not None:
            return ops.greater(y_pred, self.threshold)
        largest = ops.greater_equal(y_pred, ops.max(y_pred, axis=-1, keepdims=True))
        return ops.logical_and(largest, ops.greater(ops.abs(y_pred), 1e-9))  # not all of 0, 0, 0

    def result(self) -> Any:
        """A number, or one per class when `average` is None."""
        if self._columns is None:
            return self._number(0.0)
        totals = self.true_positives, self.false_positives, self.false_negatives
        tp, fp, fn = (t.numbers() for t in totals)
        if self.average == "micro":
            tp, fp, fn = tp.sum(), fp.sum(), fn.sum()
        precision = tp / (tp + fp + epsilon())
        recall = tp / (tp + fn + epsilon())
        squared = self.beta**2
        score = (1 + squared) * precision * recall / (squared * precision + recall + epsilon())
        if self.average == "weighted":
            weights = self.intermediate_weights.numbers()
            score = np.sum(score * weights) / (np.sum(weights) + epsilon())
        elif self.average == "macro":
            score = np.mean(score)
        return self._number(score)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


class F1Score(FBetaScore):
    """2 precision recall / (precision + recall): `FBetaScore` with beta 1.

    Examples:
        >>> metric = lamina.metrics.F1Score(threshold=0.5)
        >>> metric.update_state(np.array([[1], [1], [0]]), np.array([[0.9], [0.1], [0.2]]))
        >>> print(np.round(metric.result(), 4))
        [0.6667]
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config
