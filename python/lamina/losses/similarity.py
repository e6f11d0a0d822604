"""A loss of embeddings: samples of one label come together, others move apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.losses import targets
from lamina.losses.loss import FunctionLoss, as_float
from lamina.utils import check

_NO_PAIR = -1e30  # its exponential is 0, and sums of it are finite


@targets.checked_by(targets.groups)
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """softplus(logsumexp(positive pairs) + logsumexp(negative pairs)) for each sample.

    A pair at distance d = max(1 - cosine, 0) counts gamma (margin + d)(d - margin) if both have one
    label, else gamma max(1 + margin - d, 0)(1 - margin - d) (Sun et al., 2020).

    Args:
        y_true: labels (n,) or (n, 1).
        y_pred: embeddings (n, units), each of norm 1.
        ref_labels, ref_embeddings: what the samples are compared with; by default each other.
        remove_diagonal: leaves out the pair of a sample with itself.

    Samples without a pair of each kind have the value 0; the means of losses leave them out.

    Errors: ValueError for other shapes, and in a graph of batches of any size: every pair of a
    batch is a number.
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    if None in y_pred.shape[:1]:
        raise ValueError(
            "circle compares all samples of a batch with each other: their number must be known. "
            f"Received: y_pred.shape={y_pred.shape}"
        )
    references = y_pred if ref_embeddings is None else as_float(ref_embeddings)
    labels = y_true if ref_labels is None else as_float(ref_labels)
    _check_rows(y_true=y_true, y_pred=y_pred)
    _check_rows(ref_labels=labels, ref_embeddings=references)
    distance = ops.subtract(1.0, ops.matmul(y_pred, ops.transpose(references)))
    distance = ops.maximum(distance, 0.0)
    same = ops.equal(ops.reshape(y_true, (-1, 1)), ops.reshape(labels, (1, -1)))
    other = ops.logical_not(same)
    if remove_diagonal:
        same = ops.logical_and(same, np.eye(*distance.shape) == 0)
    positive = ops.multiply(ops.add(distance, margin), ops.subtract(distance, margin))
    weight = ops.maximum(ops.subtract(1.0 + margin, distance), 0.0)
    negative = ops.multiply(weight, ops.subtract(1.0 - margin, distance))
    pairs = [(positive, same), (negative, other)]
    sums = [_log_sum_exp(ops.where(m, ops.multiply(gamma, v), _NO_PAIR)) for v, m in pairs]
    return ops.softplus(ops.add(*sums))


def _check_rows(**of: Any) -> None:
    """Refuses all but labels and a matrix that has a row for each; the arguments say their names."""
    labels, embeddings = of.values()
    rows = embeddings.shape[0] if len(embeddings.shape) == 2 else None
    if tuple(labels.shape) not in ((rows,), (rows, 1)):
        received = ", ".join(f"{name}.shape={tuple(x.shape)}" for name, x in of.items())
        raise ValueError(
            f"circle needs embeddings of shape (n, units) and a label for each. Received: {received}"
        )


def _log_sum_exp(x: Any) -> Any:
    """log(sum(exp(x))) along the last axis."""
    top = ops.stop_gradient(ops.max(x, axis=-1, keepdims=True))
    total = ops.sum(ops.exp(ops.subtract(x, top)), axis=-1)
    return ops.add(ops.log(total), ops.squeeze(top, -1))


def _paired(y_true: Any, values: Any, **_: Any) -> Any:
    """The mask of `circle`: the samples that have something to learn."""
    return ops.greater(values, 0.0)


circle.mask = _paired


class Circle(FunctionLoss):
    """`circle` as a loss: labels (n,) beside embeddings (n, units) of norm 1."""

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            circle, reduction, name, dtype,
            gamma=check.number("gamma", gamma, 0), margin=check.number("margin", margin, 0),
            remove_diagonal=bool(remove_diagonal),
        )  # fmt: skip
