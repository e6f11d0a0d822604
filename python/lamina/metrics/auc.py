"""Areas under curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import ops
from lamina.metrics.thresholds import Confusion, ThresholdMetric, checked, evenly_spaced
from lamina.metrics.total import ratio
from lamina.utils import check
from lamina.utils.epsilon import epsilon

_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "minoring", "majoring")


class AUC(ThresholdMetric):
    """The area under a curve through the rates at many thresholds.

    Args:
        num_thresholds: 0, 1 / (n - 1), ..., 1, at least 2.
        curve: "ROC" (recall over false positive rate), "PR" (precision over recall), "PRGAIN"
            (Flach and Kull, "Precision-Recall-Gain Curves", 2015).
        summation_method: "interpolation" (trapezoids; for "PR" true positives are interpolated: Davis
            and Goadrich, "The Relationship Between Precision-Recall and ROC Curves", 2006),
            "minoring" or "majoring" (the lower or higher end of each interval).
        thresholds: own thresholds in [0, 1] instead of `num_thresholds`; 0 and 1 are added.
        multi_label: (n, labels): an area for each column; the result is their mean.
        num_labels: the columns, known at the first batch if not given; only with `multi_label`.
        label_weights: (labels,): of the mean, or without `multi_label` of the columns' elements.
        from_logits: a sigmoid of the predictions is taken first.

    Examples:
        >>> metric = lamina.metrics.AUC()
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.5, 0.9]))
        >>> round(float(metric.result()), 3)
        0.75
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        self.curve = _one_of("curve", curve, _CURVES)
        self.summation_method = _one_of("summation_method", summation_method, _SUMMATIONS)
        if thresholds is None:
            check.integer("num_thresholds", num_thresholds, 2)
            inner, evenly = np.linspace(0, 1, num_thresholds)[1:-1], True
        else:
            inner = np.sort(checked(thresholds))
            evenly = evenly_spaced([0.0, *inner, 1.0])
        self._own_thresholds = thresholds is not None
        self.num_thresholds = len(inner) + 2
        self.thresholds = [-epsilon(), *inner.tolist(), 1 + epsilon()]
        super().__init__(self.thresholds, evenly, name=name, dtype=dtype)
        if num_labels and not multi_label:
            raise ValueError(
                "`num_labels` is needed only when `multi_label` is True. "
                f"Received: num_labels={num_labels}"
            )
        self.multi_label, self.num_labels, self._from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else self._as_float(label_weights)
        self._built = not multi_label or bool(num_labels)
        if self._built:
            self._count(num_labels)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = self._as_float(y_true), self._as_float(y_pred)
        if self.multi_label and len(y_pred.shape) != 2:
            raise ValueError(
                "`y_pred` must have rank 2 when `multi_label` is True. "
                f"Received: y_pred.shape={tuple(y_pred.shape)}"
            )
        if not self._built:
            self._count(y_pred.shape[1])
            self._built = True
        if self._from_logits:
            y_pred = ops.sigmoid(y_pred)
        own = None if self.multi_label else self.label_weights
        self._add(y_true, y_pred, sample_weight, own)

    def result(self) -> Any:
        if not self._built:
            return self._number(0.0)
        counts = self.confusion()
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = _interpolated_precision(counts)
        else:
            x, y = _CURVE[self.curve](counts)
            areas = (x[:-1] - x[1:]) * _HEIGHT[self.summation_method](y[:-1], y[1:])
        area = np.sum(areas, axis=0)
        weights = self.label_weights
        if not self.multi_label or weights is None:
            return self._number(np.mean(area))
        return self._number(ratio(np.sum(area * weights), np.sum(weights)))

    def get_config(self) -> dict[str, Any]:
        weights = self.label_weights
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if weights is None else weights.tolist(),
            "from_logits": self._from_logits,
        }
        if self._own_thresholds:
            config["thresholds"] = self.thresholds[1:-1]
        return config


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    """The known word, which may be written in lower case or with a capital."""
    for word in known:
        if value in (word, word.lower(), word.capitalize()):
            return word
    raise ValueError(f"`{name}` must be one of {known}. Received: {name}={value!r}")


def _roc(c: Confusion) -> tuple[np.ndarray, np.ndarray]:
    return ratio(c.fp, c.fp + c.tn), ratio(c.tp, c.tp + c.fn)


def _precision_recall(c: Confusion) -> tuple[np.ndarray, np.ndarray]:
    return ratio(c.tp, c.tp + c.fn), ratio(c.tp, c.tp + c.fp)


def _precision_recall_gain(c: Confusion) -> tuple[np.ndarray, np.ndarray]:
    """Recall gain, at least 0, and precision gain; 0 and 1 without true positives."""
    scale = ratio(c.tp + c.fn, c.tn + c.fp)
    recall_gain = np.maximum(1 - scale * ratio(c.fn, c.tp), 0)
    precision_gain = 1 - scale * ratio(c.fp, c.tp)
    return np.where(c.tp == 0, 0, recall_gain), np.where(c.tp == 0, 1, precision_gain)


def _interpolated_precision(c: Confusion) -> np.ndarray:
    """The area under precision over recall in each interval, tp and fp taken as linear there.

    With P = tp + fp: slope = dtp / dP, intercept = tp - slope P, and the integral of tp / P is
    dtp + intercept log(P_a / P_b), times slope, over all true targets.
    """
    positive = c.tp + c.fp
    change = c.tp[:-1] - c.tp[1:]
    slope = ratio(change, np.maximum(positive[:-1] - positive[1:], 0))
    intercept = c.tp[1:] - slope * positive[1:]
    both = (positive[:-1] > 0) & (positive[1:] > 0)
    quotient = np.where(both, ratio(positive[:-1], positive[1:]), 1)
    area = slope * (change + intercept * np.log(quotient))
    return ratio(area, np.maximum(c.tp[1:] + c.fn[1:], 0))


_CURVE = {"ROC": _roc, "PR": _precision_recall, "PRGAIN": _precision_recall_gain}
_HEIGHT: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "interpolation": lambda a, b: (a + b) / 2,
    "minoring": np.minimum,
    "majoring": np.maximum,
}
