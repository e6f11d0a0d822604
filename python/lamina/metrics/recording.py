"""Metrics that cannot be a part of a recorded step."""

from __future__ import annotations

from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.metrics.metric import Metric


def needs_numbers(metric: Metric, y: Spec, y_pred: Spec, sample_weight: Spec | None = None) -> bool:
    """Whether `update_state` works on arrays only, or keeps what it counts outside of variables.

    It is tried on symbolic tensors of these shapes; the metric is reset afterwards.  One that needs
    numbers is to be called after each batch.
    """
    with Trace() as trace:
        given = [trace.input(y, "y"), trace.input(y_pred, "y_pred")]
        weight = None if sample_weight is None else trace.input(sample_weight, "sample_weight")
        try:
            metric.update_state(*given, **({} if weight is None else {"sample_weight": weight}))
        except (TypeError, NotImplementedError):
            return True
        finally:
            metric.reset_state()
    return not trace.state
