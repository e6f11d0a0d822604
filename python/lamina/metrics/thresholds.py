"""Counting predictions between thresholds.

A batch adds each prediction to the bucket between the two thresholds around it, apart for true and
false labels.  What lies above or below each threshold is summed up when a result is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina import ops
from lamina.losses.loss import match_ranks
from lamina.metrics.counting import histogram, spread
from lamina.metrics.metric import Metric
from lamina.ops.rules import dims_of
from lamina.utils import check

NOT_IN_TOP_K = -1e10


class Confusion(NamedTuple):
    """(thresholds,) or (thresholds, labels) numbers in float64."""

    tp: np.ndarray
    fp: np.ndarray
    tn: np.ndarray
    fn: np.ndarray


def checked(thresholds: Any, default: float = 0.5) -> list[float]:
    """One or several thresholds as a list; `default` for None."""
    if thresholds is None:
        return [default]
    listed = [thresholds] if np.ndim(thresholds) == 0 else list(thresholds)
    return [check.number("thresholds", t, 0, 1) for t in listed]


def evenly_spaced(thresholds: Sequence[float]) -> bool:
    """Whether they are 0, 1 / (n - 1), ..., 1, for n > 2."""
    n = len(thresholds)
    return n > 2 and np.allclose(thresholds, np.linspace(0, 1, n), atol=1e-7)


class ThresholdMetric(Metric):
    """A metric of true and false positives and negatives at thresholds.

    A prediction above a threshold is positive; a target that is not 0 is true.

    Args:
        thresholds: any numbers.
        evenly: they are 0, 1 / (n - 1), ..., 1 (the outer two perhaps moved by 1e-7): the bucket is
            computed instead of searched, of predictions clipped to [0, 1].
        class_id: only this column of targets and predictions counts.
        top_k: only the k largest predictions of a row can be positive.
    """

    def __init__(
        self,
        thresholds: Sequence[float],
        evenly: bool,
        *,
        class_id: int | None = None,
        top_k: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        self.class_id = None if class_id is None else check.integer("class_id", class_id, 0)
        self.top_k = None if top_k is None else check.integer("top_k", top_k, 1)
        self._given = np.asarray(thresholds, np.float64)
        self._sorted = np.sort(self._given)
        self._evenly = evenly

    def _count(self, labels: int | None = None) -> None:
        """Makes the state, for `labels` columns apart or all together."""
        self._labels = labels
        self._counts = self.add_total(((labels or 1) * 2 * self._buckets,), "counts")

    @property
    def _buckets(self) -> int:
        return len(self._given) + 1

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._add(y_true, y_pred, sample_weight)

    def _add(self, y_true: Any, y_pred: Any, sample_weight: Any, label_weights: Any = None) -> None:
        """Counts a batch; weights of samples, or of elements, and of columns."""
        y_true, y_pred = match_ranks(self._as_float(y_true), self._as_float(y_pred))
        if dims_of(y_true) != dims_of(y_pred):
            raise ValueError(
                f"y_true of shape {tuple(y_true.shape)} must have the shape of y_pred, "
                f"{tuple(y_pred.shape)}"
            )
        weight = None if sample_weight is None else spread(sample_weight, y_pred)
        if self.top_k is not None:
            y_pred = _only_top(y_pred, self.top_k)
        if self.class_id is not None:
            y_true, y_pred = (_column(y, self.class_id, self.name) for y in (y_true, y_pred))
            if weight is not None:
                weight = _column(weight, self.class_id, self.name)
        if label_weights is not None:
            own = ops.broadcast_to(label_weights, dims_of(y_pred))
            weight = own if weight is None else ops.multiply(weight, own)
        place = ops.add(self._bucket(y_pred), ops.where(y_true, 0.0, float(self._buckets)))
        if self._labels:
            place = ops.add(place, 2.0 * self._buckets * np.arange(self._labels, dtype="f"))
        self._counts.assign_add(histogram(place, weight, self._counts.shape[0]))

    def _bucket(self, y_pred: Any) -> Any:
        """How many thresholds are below each prediction."""
        if self._evenly:
            scaled = ops.multiply(ops.clip(y_pred, 0.0, 1.0), float(len(self._sorted) - 1))
            below = ops.negative(ops.floor(ops.negative(scaled)))
            return ops.maximum(below, 1.0) if self._sorted[0] < 0 else below
        if len(self._sorted) == 1:
            return ops.where(ops.greater(y_pred, float(self._sorted[0])), 1.0, 0.0)
        below = ops.searchsorted(self._sorted.astype(np.float32), y_pred)
        return ops.where(ops.isnan(y_pred), 0.0, below)

    def confusion(self) -> Confusion:
        """The counts so far at each threshold, in the order the thresholds were given."""
        counts = self._counts.numbers().reshape(-1, 2, self._buckets)
        below = np.cumsum(counts, axis=-1)[..., :-1]
        above = np.cumsum(counts[..., ::-1], axis=-1)[..., -2::-1]
        order = np.argsort(np.argsort(self._given, kind="stable"), kind="stable")
        below, above = below[..., order], above[..., order]
        parts = above[:, 0], above[:, 1], below[:, 1], below[:, 0]
        return Confusion(*(p.T if self._labels else p[0] for p in parts))

    @property
    def true_positives(self) -> np.ndarray:
        """True and above each threshold."""
        return self._number(self.confusion().tp)

    @property
    def false_positives(self) -> np.ndarray:
        """False and above each threshold."""
        return self._number(self.confusion().fp)

    @property
    def true_negatives(self) -> np.ndarray:
        """False and not above each threshold."""
        return self._number(self.confusion().tn)

    @property
    def false_negatives(self) -> np.ndarray:
        """True and not above each threshold."""
        return self._number(self.confusion().fn)

    def _figure(self, values: np.ndarray) -> np.ndarray:
        """A number for one threshold, else an array."""
        return self._number(values[0] if len(self._given) == 1 else values)


def _column(x: Any, index: int, name: str) -> Any:
    """x[..., index], with its axis kept."""
    if len(x.shape) < 2 or index >= x.shape[-1]:
        raise ValueError(
            f"{name}: `class_id` must be the number of a column. Received: class_id={index} for "
            f"y_pred of shape {tuple(x.shape)}"
        )
    return x[..., index : index + 1]


def _only_top(y_pred: Any, k: int) -> Any:
    """y_pred where it is among the k largest of its row, elsewhere far below every threshold."""
    _, places = ops.top_k(y_pred, k)
    chosen = ops.sum(ops.one_hot(places, num_classes=y_pred.shape[-1]), axis=-2)
    return ops.where(chosen, y_pred, NOT_IN_TOP_K)
