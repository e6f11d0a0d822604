"""True and false positives and negatives, precision and recall."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.metrics import thresholds as _thresholds
from lamina.metrics.thresholds import NOT_IN_TOP_K, ThresholdMetric
from lamina.metrics.total import ratio


class _Count(ThresholdMetric):
    """One of the four counts."""

    _part = ""

    def __init__(
        self, thresholds: Any = None, name: str | None = None, dtype: str | None = None
    ) -> None:
        self.init_thresholds = thresholds
        self.thresholds = _thresholds.checked(thresholds)
        evenly = _thresholds.evenly_spaced(self.thresholds)
        super().__init__(self.thresholds, evenly, name=name, dtype=dtype)
        self._count()

    def result(self) -> Any:
        """A number for one threshold, else one for each."""
        return self._figure(getattr(self.confusion(), self._part))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_Count):
    """How many targets are true and predicted above the threshold (0.5), weighted."""

    _part = "tp"


class FalsePositives(_Count):
    """How many targets are false and predicted above the threshold (0.5), weighted."""

    _part = "fp"


class TrueNegatives(_Count):
    """How many targets are false and not predicted above the threshold (0.5), weighted."""

    _part = "tn"


class FalseNegatives(_Count):
    """How many targets are true and not predicted above the threshold (0.5), weighted."""

    _part = "fn"


class _Share(ThresholdMetric):
    """A share of true positives."""

    _direction = "up"

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.init_thresholds = thresholds
        default = 0.5 if top_k is None else NOT_IN_TOP_K
        self.thresholds = _thresholds.checked(thresholds, default)
        evenly = _thresholds.evenly_spaced(self.thresholds)
        super().__init__(
            self.thresholds, evenly, class_id=class_id, top_k=top_k, name=name, dtype=dtype
        )
        self._count()

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


class Precision(_Share):
    """True positives / all positive predictions; 0 when there are none.

    Args:
        thresholds: predictions above are positive: one number or several in [0, 1], 0.5 by default.
        top_k: only the k largest of a row can be positive (without `thresholds` all of them are).
        class_id: only this column counts.

    Examples:
        >>> metric = lamina.metrics.Precision()
        >>> metric.update_state(np.array([0, 1, 1, 1]), np.array([0.9, 0.2, 0.8, 0.7]))
        >>> round(float(metric.result()), 4)
        0.6667
    """

    def result(self) -> Any:
        """A number for one threshold, else one for each."""
        c = self.confusion()
        return self._figure(ratio(c.tp, c.tp + c.fp))


class Recall(_Share):
    """True positives / all true targets; 0 when there are none.  Arguments as for Precision."""

    def result(self) -> Any:
        """A number for one threshold, else one for each."""
        c = self.confusion()
        return self._figure(ratio(c.tp, c.tp + c.fn))


def rates(confusion: _thresholds.Confusion) -> dict[str, np.ndarray]:
    """Precision, recall (= sensitivity) and specificity at each threshold."""
    tp, fp, tn, fn = confusion
    return {
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "sensitivity": ratio(tp, tp + fn),
        "specificity": ratio(tn, tn + fp),
    }
