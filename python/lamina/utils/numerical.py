"""Labels as one-hot rows, arrays of unit norm."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]


def to_categorical(
    x: npt.ArrayLike, num_classes: int | None = None, dtype: npt.DTypeLike = "float64"
) -> Array:
    """One-hot rows: out[..., c] is 1 where x[...] == c, else 0.

    x: whole numbers from 0 to num_classes - 1, of any shape; integers, booleans, whole floats, or
        strings of integers.  A last axis of size 1 is dropped unless it is the only one.
    num_classes: size of the new last axis; None or 0 stands for max(x) + 1.
    Returns an array of shape x.shape + (num_classes,).

    Raises ValueError, with the first bad index and value, for labels that are negative, too
    large, fractional or not finite (Keras wraps small negative labels around and cuts fractions
    off); TypeError for labels that are no numbers.

    Examples:
        >>> print(lamina.utils.to_categorical([0, 2], num_classes=3))
        [[1. 0. 0.]
         [0. 0. 1.]]
    """
    labels = _labels(x)
    classes = _whole("num_classes", num_classes or 0)
    if classes < 0:
        raise ValueError(f"num_classes must not be negative. Received: num_classes={num_classes}")
    if classes == 0:
        if labels.size == 0:
            raise ValueError("num_classes is needed when x is empty. Received: num_classes=None")
        classes = int(labels.max()) + 1
    _refuse(labels, labels < 0, "must not be negative")
    _refuse(labels, labels >= classes, f"must be less than num_classes={classes}")
    shape = labels.shape[:-1] if labels.ndim > 1 and labels.shape[-1] == 1 else labels.shape
    out = np.zeros((labels.size, classes), dtype)
    out[np.arange(labels.size), labels.ravel().astype(np.int64)] = 1
    return out.reshape((*shape, classes))


def _whole(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer. Received: {name}={value!r}") from None


def _labels(x: npt.ArrayLike) -> Array:
    """x as an array of whole numbers, still in its own type so that none wraps around."""
    try:
        labels = np.asarray(x)
        if labels.dtype.kind in "US":
            labels = labels.astype(np.int64)
    except ValueError as error:
        raise ValueError(f"x must be an array of whole numbers: {error}") from error
    if labels.dtype.kind == "f":
        _refuse(labels, ~np.isfinite(labels), "must be finite")
        _refuse(labels, labels != np.trunc(labels), "must be whole numbers")
    elif labels.dtype.kind == "b":
        labels = labels.astype(np.int64)
    elif labels.dtype.kind not in "iu":
        raise TypeError(f"x must hold integer labels. Received: x with dtype={labels.dtype}")
    return labels


def _refuse(labels: Array, bad: Array, rule: str) -> None:
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        at = f"x[{', '.join(map(str, where))}]" if where else "x"
        raise ValueError(f"The labels in x {rule}. Received: {at}={labels[where]}")


def normalize(x: npt.ArrayLike, axis: int | tuple[int, int] | None = -1, order: float = 2) -> Array:
    """x / ||x||, the norm of the given order along the axis; what has norm 0 stays as it is.

    Of matrices in two axes, or in x as a whole for axis=None, it is the matrix norm.  An array of one
    axis comes as one row.  Integers become float64; what is no array is taken as float32.  Unlike
    Keras's, axis=0 works.
    Raises ValueError for an axis that x does not have, TypeError for data that are no numbers.
    """
    values = x if isinstance(x, np.ndarray) else np.asarray(x, "float32")
    if values.dtype.kind not in "biufc":
        raise TypeError(f"x must hold numbers. Received: x with dtype={values.dtype}")
    for one in () if axis is None else axis if isinstance(axis, tuple) else (axis,):
        if not -values.ndim <= _whole("axis", one) < values.ndim:
            raise ValueError(f"axis must lie in x's shape {values.shape}. Received: axis={axis}")
    norm = np.linalg.norm(values, order, axis, keepdims=True)
    out = np.asarray(values / np.where(norm == 0, 1, norm))
    return out[np.newaxis] if out.ndim == 1 and values is x else out
