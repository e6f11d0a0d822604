"""The best of one rate where another is high enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.metrics.confusion import rates
from lamina.metrics.thresholds import ThresholdMetric
from lamina.utils import check


class _AtBest(ThresholdMetric):
    """The largest `_wanted` over the thresholds at which `_bound` is at least `value`.

    Args:
        num_thresholds: 0, 1 / (n - 1), ..., 1; with 1, the threshold is 0.5.
        class_id: only this column counts.
    """

    _direction = "up"
    _wanted = _bound = ""

    def __init__(
        self,
        value: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.value = check.number(self._bound, value, 0, 1)
        self.num_thresholds = check.integer("num_thresholds", num_thresholds, 1)
        n = self.num_thresholds
        self.thresholds = [i / (n - 1) for i in range(n)] if n > 1 else [0.5]
        super().__init__(self.thresholds, n > 1, class_id=class_id, name=name, dtype=dtype)
        self._count()

    def result(self) -> Any:
        found = rates(self.confusion())
        feasible = found[self._bound] >= self.value
        return self._number(np.max(found[self._wanted], where=feasible, initial=0.0))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            self._bound: self.value,
            "class_id": self.class_id,
        }


class SensitivityAtSpecificity(_AtBest):
    """The largest tp / (tp + fn) with tn / (tn + fp) at least `specificity`."""

    _wanted, _bound = "sensitivity", "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = self.value


class SpecificityAtSensitivity(_AtBest):
    """The largest tn / (tn + fp) with tp / (tp + fn) at least `sensitivity`."""

    _wanted, _bound = "specificity", "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = self.value


class PrecisionAtRecall(_AtBest):
    """The largest precision with a recall of at least `recall`."""

    _wanted, _bound = "precision", "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = self.value


class RecallAtPrecision(_AtBest):
    """The largest recall with a precision of at least `precision`."""

    _wanted, _bound = "recall", "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = self.value
