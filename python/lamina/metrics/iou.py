"""Intersection over union."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.metrics.counting import histogram, spread
from lamina.metrics.metric import Metric
from lamina.utils import check
from lamina.utils.epsilon import epsilon

_WHOLE = {None: "int32", "int": "int32", "int32": "int32", "int64": "int64"}


class _ConfusionMatrix(Metric):
    """Sums up a matrix of targets (rows) and predictions (columns)."""

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        self._whole = dtype in _WHOLE
        super().__init__(None if self._whole else dtype, name)
        if self._whole:
            self.dtype = _WHOLE[dtype]
        self.num_classes = check.integer("num_classes", num_classes, 1)
        self.ignore_class = ignore_class
        self.sparse_y_true, self.sparse_y_pred, self.axis = sparse_y_true, sparse_y_pred, axis
        shape = (self.num_classes, self.num_classes)
        self.total_cm = self.add_total(shape, "total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true = self._classes(y_true, self.sparse_y_true)
        weight = None if sample_weight is None else self._weights(sample_weight, y_true)
        y_true = ops.reshape(y_true, [-1])
        y_pred = ops.reshape(self._classes(y_pred, self.sparse_y_pred), [-1])
        counted = ops.logical_and(self._in_range(y_true), self._in_range(y_pred))
        if self.ignore_class is not None:
            counted = ops.logical_and(counted, ops.not_equal(y_true, float(self.ignore_class)))
        place = ops.add(ops.multiply(y_true, float(self.num_classes)), y_pred)
        place = ops.where(counted, place, -1.0)  # nowhere
        counts = histogram(place, weight, self.num_classes**2)
        self.total_cm.assign_add(ops.reshape(counts, self.total_cm.shape))

    def _classes(self, y: Any, sparse: bool) -> Any:
        """The class of each element."""
        return (
            _truncated(self._as_float(y))
            if sparse
            else ops.argmax(self._as_float(y), axis=self.axis)
        )

    def _weights(self, sample_weight: Any, y: Any) -> Any:
        """A weight for each element: whole numbers unless dtype is a float, as in Keras."""
        if self._whole and "float" in str(getattr(sample_weight, "dtype", "")):
            warnings.warn(
                f"{self.name}: with dtype {self.dtype} the fractions of `sample_weight` are cut off; "
                "dtype='float32' keeps them",
                stacklevel=3,
            )
        weight = spread(sample_weight, y)
        return _truncated(weight) if self._whole else weight

    def _in_range(self, y: Any) -> Any:
        return ops.logical_and(ops.greater_equal(y, 0.0), ops.less(y, float(self.num_classes)))


def _truncated(x: Any) -> Any:
    """The whole number towards 0."""
    return ops.multiply(ops.sign(x), ops.floor(ops.abs(x)))


class IoU(_ConfusionMatrix):
    """true positives / (true positives + false positives + false negatives), the mean of classes.

    Args:
        num_classes: classes are 0 .. num_classes - 1; elements of others are not counted.
        target_class_ids: the classes of the mean; those that do not occur are left out.
        name: as in `history`.
        dtype: None (which means "int32"), "int32" or "int64" (as Keras on TensorFlow writes None into
            configs) cut weights to whole numbers, "float32" and "float64" do not, as in Keras.
        ignore_class: elements whose target is this class are not counted.
        sparse_y_true, sparse_y_pred: they are classes; else the largest along `axis` is the class.
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        self.target_class_ids = [check.integer("target_class_ids", i, 0) for i in target_class_ids]
        if max(self.target_class_ids) >= num_classes:
            raise ValueError(
                f"`target_class_ids` must be below num_classes={num_classes}. "
                f"Received: target_class_ids={target_class_ids}"
            )

    def result(self) -> Any:
        matrix = self.total_cm.numbers()
        both = matrix.diagonal()[self.target_class_ids]
        either = (matrix.sum(axis=0) + matrix.sum(axis=1))[self.target_class_ids] - both
        present = either > 1e-9
        shares = np.where(present, both / (either + epsilon()), 0)
        return self._number(shares.sum() / (present.sum() + epsilon()))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }

    def _config_without(self, *names: str) -> dict[str, Any]:
        return {k: v for k, v in IoU.get_config(self).items() if k not in names}


class BinaryIoU(IoU):
    """IoU of the classes 0 and 1, where predictions of at least `threshold` are class 1."""

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = check.number("threshold", threshold)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = ops.where(ops.greater_equal(self._as_float(y_pred), self.threshold), 1.0, 0.0)
        super().update_state(y_true, y_pred, sample_weight)

    def get_config(self) -> dict[str, Any]:
        config = self._config_without(
            "num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"
        )
        return {**config, "threshold": self.threshold}


class MeanIoU(IoU):
    """IoU of all classes.  Arguments as for IoU.

    Examples:
        >>> metric = lamina.metrics.MeanIoU(num_classes=2)
        >>> metric.update_state(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
        >>> round(float(metric.result()), 4)
        0.5833
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        classes = range(check.integer("num_classes", num_classes, 1))
        super().__init__(
            num_classes, classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids")


class OneHotIoU(IoU):
    """IoU for one-hot targets; predictions are scores, or classes with `sparse_y_pred`."""

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("sparse_y_true")


class OneHotMeanIoU(MeanIoU):
    """IoU of all classes for one-hot targets; predictions are scores, or classes."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids", "sparse_y_true")
