"""Which metrics can be recorded, and which need numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import metrics, ops
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.metrics.recording import needs_numbers

ROWS = Spec((-1, 3))


class Counter(metrics.Metric):
    """Counts in Python: recorded once, it would count once."""

    batches = 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.batches += 1

    def reset_state(self) -> None:
        self.batches = 0

    def result(self) -> Any:
        return self.batches


class Branches(metrics.Mean):
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(1.0 if ops.max(y_pred) > ops.max(y_true) else 0.0)


def by_numpy(y_true: Any, y_pred: Any) -> Any:
    return np.median(np.abs(np.asarray(y_true) - np.asarray(y_pred)), axis=-1)


def by_ops(y_true: Any, y_pred: Any) -> Any:
    return np.abs(y_true - y_pred)


def by_rows(y_true: Any, y_pred: Any) -> Any:
    return [max(abs(a - b)) for a, b in zip(y_true, y_pred)]


def test_tensors_are_gone_through_where_the_size_is_known() -> None:
    with Trace() as trace:
        parts = list(trace.input(Spec((2, -1)), "x"))
        assert [part.shape for part in parts] == [(None,), (None,)]
        with pytest.raises(TypeError, match="gone through"):
            iter(trace.input(ROWS, "x"))


@pytest.mark.parametrize(
    ("metric", "wanted"),
    [
        (metrics.AUC(), False), (metrics.F1Score(), False), (metrics.MeanMetricWrapper(by_ops), False),
        (metrics.MeanMetricWrapper(by_numpy), True), (metrics.MeanMetricWrapper(by_rows), True),
        (Counter(), True), (Branches(), True),
    ],
    ids=repr,
)  # fmt: skip
def test_who_needs_numbers(metric: metrics.Metric, wanted: bool) -> None:
    for weight in (None, Spec((-1,))):
        assert needs_numbers(metric, ROWS, ROWS, weight) == wanted
    y, p = np.zeros((4, 3), "float32"), np.full((4, 3), 0.75, "float32")
    metric.update_state(y, p)
    assert np.all(np.isfinite(metric.result()))


def test_the_trial_leaves_nothing() -> None:
    counter = Counter()
    needs_numbers(counter, ROWS, ROWS)
    assert counter.result() == 0


def test_a_function_of_numpy_alone() -> None:
    metric = metrics.MeanMetricWrapper(by_numpy)
    metric.update_state(np.zeros((2, 3)), [[1, 2, 9], [3, 4, 5]], sample_weight=[1, 3])
    assert float(metric.result()) == pytest.approx((2 + 3 * 4) / 4)
