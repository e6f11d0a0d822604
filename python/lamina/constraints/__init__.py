"""Constraints on weights, applied after each update."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.utils import resolve as _resolve

__all__ = ["Constraint", "MaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "ops", "serialize"]


class Constraint:
    """`constraint(weight)` gives the weight as it is allowed to be."""

    def __call__(self, w: Any) -> Any:
        raise NotImplementedError("a Constraint implements __call__(w)")

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


class NonNeg(Constraint):
    """No element below 0."""

    def __call__(self, w: Any) -> Any:
        return ops.multiply(w, ops.greater_equal(w, 0.0))


class MaxNorm(Constraint):
    """The norm along `axis` is at most `max_value`."""

    def __init__(self, max_value: float = 2, axis: int = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norms = ops.norm(w, axis=self.axis, keepdims=True)
        wanted = ops.clip(norms, 0.0, float(self.max_value))
        return ops.multiply(w, ops.divide(wanted, ops.add(1e-7, norms)))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class UnitNorm(Constraint):
    """The norm along `axis` is 1."""

    def __init__(self, axis: int = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        norms = ops.sqrt(ops.maximum(ops.sum(ops.square(w), self.axis, keepdims=True), 1e-7))
        return ops.divide(w, ops.add(1e-7, norms))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


_known = {
    "NonNeg": NonNeg, "MaxNorm": MaxNorm, "UnitNorm": UnitNorm,
    "non_neg": NonNeg, "max_norm": MaxNorm, "unit_norm": UnitNorm,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """The constraint of a name, config or callable; None stays None."""
    return None if identifier is None else _resolve.resolve("constraint", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The constraint of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(constraint: Any) -> Any:
    """The constraint as a config that `get` reads."""
    return _resolve.serialize(constraint)
