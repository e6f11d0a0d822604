"""The base of losses, and how values per sample become one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtype_policies, ops
from lamina.dtype_policies.floatx import FLOATS, floatx
from lamina.graph.masks import mask_of
from lamina.graph.tensor import Tensor
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object
from lamina.utils.naming import auto_name, to_snake_case

_REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Loss:
    """A number to minimise: `loss(y_true, y_pred, sample_weight=None)`.

    A subclass implements `call(y_true, y_pred)` in `lamina.ops`, giving one value per sample.

    Args:
        name: shown in messages.
        reduction: "sum_over_batch_size" (= "mean": the sum over the number of values), "sum",
            "mean_with_sample_weight" (the sum over the sum of the weights), or None ("none").
        dtype: what is computed in: "float32" or "float64"; that of `config.dtype_policy()` when None.
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: str | None = None,
    ) -> None:
        if reduction not in _REDUCTIONS:
            raise ValueError(
                "Invalid value for argument `reduction`. "
                f"Expected one of {_REDUCTIONS}. Received: reduction={reduction!r}"
            )
        policy = dtype_policies.get(dtype)
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.reduction = reduction
        self.dtype = policy.compute_dtype

    def call(self, y_true: Any, y_pred: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not implement call(y_true, y_pred)")

    def check_targets(self, y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
        """Refuses targets that do not fit, before training starts."""

    def mask(self, y_true: Any, values: Any) -> Any:
        """Which of the values count, as booleans; None when all do."""

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        mask = mask_of(y_pred)
        y_true, y_pred = as_float(y_true, self.dtype), as_float(y_pred, self.dtype)
        values = self.call(y_true, y_pred)
        if not hasattr(values, "shape"):
            raise TypeError(
                f"The loss '{self.name}' must return a number for each sample. Received: {values!r}"
            )
        mask = _both(mask, self.mask(y_true, values))
        return reduce_weighted(values, sample_weight, self.reduction, mask)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


class FunctionLoss(Loss):
    """A loss made of a function `(y_true, y_pred, **arguments)`."""

    def __init__(
        self,
        function: Any,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(name or getattr(function, "__name__", None), reduction, dtype)
        self.function = function
        self.arguments = arguments

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true, y_pred = match_ranks(y_true, y_pred)
        return self.function(y_true, y_pred, **self.arguments)

    def check_targets(self, y: np.ndarray, output_shape: tuple[int | None, ...]) -> None:
        check = getattr(self.function, "check_targets", None)
        if check is not None:
            check(y, output_shape, **self.arguments)

    def mask(self, y_true: Any, values: Any) -> Any:
        rule = getattr(self.function, "mask", None)
        return None if rule is None else rule(y_true, values, **self.arguments)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), **self.arguments}
        if type(self) is FunctionLoss:
            config["fn"] = serialize_keras_object(self.function)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        if "fn" in config:
            config = {**config, "function": deserialize_keras_object(config["fn"])}
            del config["fn"]
        return cls(**config)


def as_float(x: Any, dtype: str | None = None) -> Any:
    """A tensor, or an array, of floats of `dtype`; when None float64 stays, and all else that is
    not a tensor becomes `floatx()`."""
    if isinstance(x, Tensor):
        return ops.cast(x, dtype) if dtype and x.dtype in FLOATS else x
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"Values must be real numbers. Received: dtype={array.dtype}")
    if dtype is None:
        dtype = "float64" if getattr(x, "dtype", None) == np.float64 else floatx()
    return array.astype(dtype, copy=False)


def match_ranks(a: Any, b: Any) -> tuple[Any, Any]:
    """(n,) beside (n, 1) becomes (n, 1); a further last axis of size 1 is dropped."""
    if len(a.shape) < len(b.shape):
        b, a = match_ranks(b, a)
        return a, b
    if len(a.shape) == len(b.shape) + 1 and a.shape[-1] == 1:
        if len(b.shape) == 1:
            b = ops.expand_dims(b, -1)
        else:
            a = ops.squeeze(a, -1)
    return a, b


def as_pair(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both as floats of one rank, in the dtype of y_pred."""
    y_pred = as_float(y_pred)
    return match_ranks(as_float(y_true, _dtype_of(y_pred)), y_pred)


def size(x: Any) -> Any:
    """The number of elements, as a number of the graph where it depends on the batch."""
    if len(x.shape) == 0:
        return 1.0
    return ops.count(x, axes=tuple(range(len(x.shape))))


def divide_no_nan(a: Any, b: Any) -> Any:
    """a / b, and 0 where b is 0."""
    zero = ops.equal(b, 0.0)
    return ops.where(zero, 0.0, ops.divide(a, ops.where(zero, 1.0, b)))


def _both(a: Any, b: Any) -> Any:
    """Where two masks are true; None is true everywhere."""
    if a is None or b is None:
        return b if a is None else a
    return ops.logical_and(a, b)


def apply_mask(sample_weight: Any, mask: Any, reduction: str | None = "sum") -> Any:
    """The weights, 0 where the mask is false; without weights 1 where it is true.

    For a mean they grow such that it is one over the values that count.
    Errors: ValueError for weights that do not fit the mask.
    """
    if mask is None:
        return sample_weight
    weights = ops.where(mask, 1.0, 0.0)
    if reduction in ("mean", "sum_over_batch_size"):
        weights = ops.multiply(weights, divide_no_nan(size(mask), ops.sum(weights)))
    return weights if sample_weight is None else weighted("a mask", weights, sample_weight)


def weighted(name: str, values: Any, sample_weight: Any) -> Any:
    """The values times their weights, brought to one rank.

    Errors: ValueError, with the values' name, for weights that do not fit them.
    """
    values, sample_weight = match_ranks(values, sample_weight)
    try:
        return ops.multiply(values, sample_weight)
    except ValueError as error:
        raise ValueError(
            f"`sample_weight` of shape {tuple(sample_weight.shape)} does not fit {name} of shape "
            f"{tuple(values.shape)}"
        ) from error


def _dtype_of(values: Any) -> str | None:
    name = np.dtype(values.dtype).name
    return name if name in FLOATS else None


def reduce_weighted(
    values: Any, sample_weight: Any, reduction: str | None, mask: Any = None
) -> Any:
    """One number from values per sample, by Keras's rules; `mask` says which of them count."""
    if sample_weight is not None:
        sample_weight = as_float(sample_weight, _dtype_of(values))
    sample_weight = apply_mask(sample_weight, mask, reduction)
    if sample_weight is not None:
        values = weighted("losses", values, sample_weight)
    if reduction in (None, "none") or len(values.shape) == 0:
        return values
    total = ops.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        return divide_no_nan(total, ops.sum(sample_weight))
    return ops.divide(total, size(values))
