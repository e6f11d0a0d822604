"""Penalties on weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.ops.rules import as_operand
from lamina.utils import check


class Regularizer:
    """`regularizer(weight)` gives a number for the loss; this one gives 0."""

    def __call__(self, x: Any) -> Any:
        return 0.0

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} does not implement get_config()")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x^2), in the dtype of x."""

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = check.number("l1", 0.0 if l1 is None else l1, 0)
        self.l2 = check.number("l2", 0.0 if l2 is None else l2, 0)

    def __call__(self, x: Any) -> Any:
        penalty: Any = np.zeros((), as_operand(x).dtype)
        if self.l1:
            penalty = ops.add(penalty, ops.multiply(self.l1, ops.sum(ops.abs(x))))
        if self.l2:
            penalty = ops.add(penalty, ops.multiply(self.l2, ops.sum(ops.square(x))))
        return penalty

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


class L1(L1L2):
    """l1 * sum(|x|)."""

    def __init__(self, l1: float | None = 0.01) -> None:
        super().__init__(l1=0.01 if l1 is None else l1)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(L1L2):
    """l2 * sum(x^2).

    Examples:
        >>> float(lamina.regularizers.L2(0.5)(np.array([1.0, 2.0])))
        2.5
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        super().__init__(l2=0.01 if l2 is None else l2)

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean of |cos| over the pairs of rows (or columns) of a matrix.

    Errors: ValueError for a mode other than "rows" and "columns", or a weight that is no matrix.
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = check.number("factor", factor, 0)
        if mode not in ("rows", "columns"):
            raise ValueError(f"`mode` must be 'rows' or 'columns'. Received: mode={mode!r}")
        self.mode = mode

    def __call__(self, x: Any) -> Any:
        if len(x.shape) != 2:
            raise ValueError(
                "Inputs to OrthogonalRegularizer must have rank 2. "
                f"Received: inputs.shape={tuple(x.shape)}"
            )
        rows = x if self.mode == "rows" else ops.transpose(x)
        rows = ops.normalize(rows, axis=1)
        size = rows.shape[0]
        others = 1 - np.eye(size, dtype=np.float32)
        cosines = ops.multiply(ops.matmul(rows, ops.transpose(rows)), others)
        pairs = max(size * (size - 1), 1)  # each counted twice
        return ops.multiply(self.factor / pairs, ops.sum(ops.abs(cosines)))

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}
