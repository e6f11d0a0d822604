"""Penalties on weights that are added to the loss."""

from __future__ import annotations

from typing import Any

from lamina import ops
from lamina.utils import check
from lamina.utils import resolve as _resolve

__all__ = ["L1", "L1L2", "L2", "Regularizer", "check", "deserialize", "get", "ops", "serialize"]


class Regularizer:
    """`regularizer(weight)` gives a number for the loss."""

    def __call__(self, x: Any) -> Any:
        raise NotImplementedError("a Regularizer implements __call__(x)")

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x^2)."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = check.number("l1", 0.0 if l1 is None else l1, 0)
        self.l2 = check.number("l2", 0.0 if l2 is None else l2, 0)

    def __call__(self, x: Any) -> Any:
        penalty: Any = 0.0
        if self.l1:
            penalty = ops.add(penalty, ops.multiply(self.l1, ops.sum(ops.abs(x))))
        if self.l2:
            penalty = ops.add(penalty, ops.multiply(self.l2, ops.sum(ops.square(x))))
        return penalty

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


class L1(L1L2):
    """l1 * sum(|x|)."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(L1L2):
    """l2 * sum(x^2)."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


_known = {"L1": L1, "L2": L2, "L1L2": L1L2, "l1": L1, "l2": L2, "l1_l2": L1L2}


def get(identifier: Any) -> Any:
    """The regularizer of a name, config or callable; None stays None."""
    return None if identifier is None else _resolve.resolve("regularizer", _known, identifier)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The regularizer of a name or config; `custom_objects` are further ones by name."""
    return _resolve.deserialize(get, config, custom_objects)


def serialize(regularizer: Any) -> Any:
    """The regularizer as a config that `get` reads."""
    return _resolve.serialize(regularizer)
