"""Sums over many batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable


class Total(Variable):
    """A sum that `assign_add` adds to without losing what float32 rounds off.

    `rest` holds what is missing: value + rest is exact for whole numbers up to 2^48, where a
    float32 alone stays at 2^24 however often 1 is added: `ops.accumulate`.
    """

    __slots__ = ("rest",)

    def __init__(
        self, shape: Sequence[int], name: str | None = None, dtype: str | None = None
    ) -> None:
        first = np.zeros(tuple(shape))
        super().__init__(first, dtype=dtype, trainable=False, name=name)
        self.rest = Variable(first, dtype=dtype, trainable=False, name=f"{self.name}_rest")

    def assign_add(self, value: Any) -> Any:
        total, rest = ops.accumulate(self.value, self.rest.value, value)
        self.rest.assign(rest)
        return super().assign(total)

    def assign(self, value: Any) -> Any:
        self.rest.assign(np.zeros(self.shape, self.dtype))
        return super().assign(value)

    def numbers(self) -> np.ndarray:
        """The sum in float64.

        Errors: RuntimeError while a graph is recorded, in which there are no numbers.
        """
        if current_trace() is not None:
            raise RuntimeError(f"The numbers of {self.name!r} are known only after the step")
        return self.array.astype(np.float64) + self.rest.array


def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=b != 0)
