"""Cross-entropies."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.losses import formulas, targets
from lamina.losses.loss import FunctionLoss, as_float
from lamina.utils import check


@targets.checked_by(targets.one_hot)
def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """-sum(y_true * log(p)) along `axis`; one value per sample.

    Probabilities are normalised to a sum of 1 and clipped to [e, 1 - e] with e =
    `config.epsilon()`; logits go through log_softmax.  `label_smoothing` s: y (1 - s) + s / classes.

    Errors: ValueError for shapes that differ or a smoothing outside [0, 1].
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    axis = formulas.class_axis("categorical_crossentropy", axis, y_pred)
    classes = formulas.check_distribution("categorical_crossentropy", y_true, y_pred, axis)
    y_true = formulas.smoothed(y_true, label_smoothing, classes)
    return formulas.categorical_values(y_true, y_pred, from_logits, axis)


def _label_axis_last(y_true: Any, y_pred: Any, axis: int) -> tuple[Any, Any]:
    """Labels without an axis of classes, and the prediction with that axis last."""
    axis = formulas.class_axis("sparse_categorical_crossentropy", axis, y_pred)
    rank = len(y_pred.shape)
    if len(y_true.shape) == rank and y_true.shape[axis] == 1:
        y_true = ops.squeeze(y_true, axis)
    if axis != rank - 1:
        y_pred = ops.transpose(y_pred, [*(a for a in range(rank) if a != axis), axis])
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "Argument `output` must have the shape of `target` and an axis of classes. Received: "
            f"target.shape={tuple(y_true.shape)}, output.shape={tuple(y_pred.shape)} (classes last)"
        )
    return y_true, y_pred


@targets.checked_by(targets.labels)
def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Any:
    """categorical_crossentropy for labels 0 .. classes - 1: y_true without `axis`, or with size 1.

    Samples whose label is `ignore_class` have the value 0; the means of losses leave them out.

    Errors: ValueError for shapes that do not fit, or (on arrays) labels out of range.
    """
    y_true, y_pred = _label_axis_last(as_float(y_true), as_float(y_pred), axis)
    valid = None
    if ignore_class is not None:
        valid = ops.not_equal(y_true, float(ignore_class))
        y_true = ops.where(valid, y_true, 0.0)
    classes = y_pred.shape[-1]
    if isinstance(y_true, np.ndarray):
        targets.check_labels(y_true, classes)
    target = ops.one_hot(y_true, num_classes=classes)
    values = categorical_crossentropy(target, y_pred, from_logits=from_logits)
    return values if valid is None else ops.where(valid, values, 0.0)


def _not_ignored(
    y_true: Any, values: Any, ignore_class: int | None = None, axis: int = -1, **_: Any
) -> Any:
    """The mask of `sparse_categorical_crossentropy`: where the label is another one."""
    if ignore_class is None:
        return None
    if len(y_true.shape) == len(values.shape) + 1:
        y_true = ops.squeeze(y_true, axis)
    return ops.not_equal(y_true, float(ignore_class))


sparse_categorical_crossentropy.mask = _not_ignored


@targets.checked_by(targets.within(0, 1))
def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """-(y log p + (1 - y) log(1 - p)), averaged along `axis`; one value per sample.

    Probabilities are clipped to [e, 1 - e] with e = `config.epsilon()`.
    `label_smoothing` s: y (1 - s) + s / 2.
    """
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    formulas.check_same_shape(y_true, y_pred)
    y_true = formulas.smoothed(y_true, label_smoothing, 2)
    return ops.mean(formulas.binary_values(y_true, y_pred, from_logits), axis=axis)


class CategoricalCrossentropy(FunctionLoss):
    """`categorical_crossentropy` as a loss: targets (n, classes).

    Examples:
        >>> loss = lamina.losses.CategoricalCrossentropy()
        >>> round(float(loss(np.array([[0.0, 1.0]]), np.array([[0.75, 0.25]]))), 4)
        1.3863
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        check.number("label_smoothing", label_smoothing, 0, 1)
        super().__init__(
            categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class SparseCategoricalCrossentropy(FunctionLoss):
    """`sparse_categorical_crossentropy` as a loss: labels (n,).

    Examples:
        >>> loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
        >>> round(float(loss(np.array([1]), np.array([[0.0, 0.0]]))), 4)
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        if ignore_class is not None:
            ignore_class = check.integer("ignore_class", ignore_class)
        super().__init__(
            sparse_categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.function(y_true, y_pred, **self.arguments)


class BinaryCrossentropy(FunctionLoss):
    """`binary_crossentropy` as a loss: targets in [0, 1].

    Examples:
        >>> loss = lamina.losses.BinaryCrossentropy()
        >>> round(float(loss(np.array([[0.0], [1.0]]), np.array([[0.5], [0.5]]))), 4)
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
    ) -> None:
        check.number("label_smoothing", label_smoothing, 0, 1)
        super().__init__(
            binary_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
