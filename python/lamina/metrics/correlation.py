"""How predictions and targets vary together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.losses.loss import as_float, match_ranks
from lamina.metrics.reduction import FunctionMetric
from lamina.utils.epsilon import epsilon

Axis = int | Sequence[int]


def _centred(y_true: Any, y_pred: Any, axis: Axis) -> tuple[Any, Any, Any, Any]:
    """Both less their means along `axis`, and the means."""
    y_true, y_pred = match_ranks(as_float(y_true), as_float(y_pred))
    means = [ops.mean(y, axis=axis, keepdims=True) for y in (y_true, y_pred)]
    return ops.subtract(y_true, means[0]), ops.subtract(y_pred, means[1]), *means


def pearson_correlation(y_true: Any, y_pred: Any, axis: Axis = -1) -> Any:
    """The covariance over the product of the standard deviations, along `axis`: from -1 to 1."""
    a, b, _, _ = _centred(y_true, y_pred, axis)
    a, b = (
        ops.divide(x, ops.sqrt(ops.mean(ops.square(x), axis=axis, keepdims=True))) for x in (a, b)
    )
    return ops.mean(ops.multiply(a, b), axis=axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: Axis = -1) -> Any:
    """2 cov / (var y_true + var y_pred + (difference of the means)^2 + config.epsilon()), along `axis`.

    Lin, "A concordance correlation coefficient to evaluate reproducibility" (1989).
    """
    a, b, mean_a, mean_b = _centred(y_true, y_pred, axis)
    spread = ops.add(
        ops.mean(ops.square(a), axis=axis, keepdims=True),
        ops.mean(ops.square(b), axis=axis, keepdims=True),
    )
    norm = ops.add(spread, ops.square(ops.subtract(mean_a, mean_b)))
    products = ops.multiply(ops.multiply(2.0, a), b)
    return ops.mean(ops.divide(products, ops.add(norm, epsilon())), axis=axis)


class PearsonCorrelation(FunctionMetric):
    """The mean of `pearson_correlation` along `axis`."""

    _direction = "up"

    def __init__(
        self,
        name: str | None = "pearson_correlation",
        dtype: str | None = None,
        axis: Axis = -1,
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(FunctionMetric):
    """The mean of `concordance_correlation` along `axis`."""

    _direction = "up"

    def __init__(
        self,
        name: str | None = "concordance_correlation",
        dtype: str | None = None,
        axis: Axis = -1,
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
