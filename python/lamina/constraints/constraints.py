"""What weights may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import ops
from lamina.utils import check
from lamina.utils.epsilon import epsilon

Axis = int | Sequence[int]


class Constraint:
    """`constraint(weight)` gives the weight as it is allowed to be; this one allows all."""

    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


class NonNeg(Constraint):
    """No element below 0."""

    def __call__(self, w: Any) -> Any:
        return ops.maximum(w, 0.0)


def _checked_axis(axis: Any) -> Axis:
    if isinstance(axis, (list, tuple)):
        return [check.integer("axis", a) for a in axis]
    return check.integer("axis", axis)


def _rescaled(w: Any, norms: Any, wanted: Any) -> Any:
    return ops.multiply(w, ops.divide(wanted, ops.add(epsilon(), norms)))


class MaxNorm(Constraint):
    """The Euclidean norm along `axis` is at most `max_value` (Srivastava et al., 2014).

    Examples:
        >>> print(np.round(lamina.constraints.MaxNorm(1.0)(np.array([[3.0], [4.0]])), 2))
        [[0.6]
         [0.8]]
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        check.number("max_value", max_value, 0)
        self.max_value, self.axis = max_value, _checked_axis(axis)

    def __call__(self, w: Any) -> Any:
        norms = ops.norm(w, axis=self.axis, keepdims=True)
        return _rescaled(w, norms, ops.minimum(norms, float(self.max_value)))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class UnitNorm(Constraint):
    """The Euclidean norm along `axis` is 1."""

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = _checked_axis(axis)

    def __call__(self, w: Any) -> Any:
        return ops.divide(w, ops.add(epsilon(), ops.norm(w, axis=self.axis, keepdims=True)))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """The Euclidean norm along `axis` is brought into [min_value, max_value].

    `rate` is the share of the way that one application goes.

    Errors: ValueError for a negative bound, min_value above max_value, or a rate outside [0, 1].
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axis = 0,
    ) -> None:
        check.number("min_value", min_value, 0)
        check.number("rate", rate, 0, 1)
        if check.number("max_value", max_value, 0) < min_value:
            raise ValueError(
                "`max_value` must be at least `min_value`. "
                f"Received: min_value={min_value}, max_value={max_value}"
            )
        self.min_value, self.max_value, self.rate = min_value, max_value, rate
        self.axis = _checked_axis(axis)

    def __call__(self, w: Any) -> Any:
        norms = ops.norm(w, axis=self.axis, keepdims=True)
        inside = ops.clip(norms, float(self.min_value), float(self.max_value))
        rate = float(self.rate)
        wanted = ops.add(ops.multiply(rate, inside), ops.multiply(1.0 - rate, norms))
        return _rescaled(w, norms, wanted)

    def get_config(self) -> dict[str, Any]:
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }
