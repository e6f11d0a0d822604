"""Tensors and the operation calls that make them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lamina.graph import dims as _dims
from lamina.graph.dims import Dims
from lamina.graph.operators import Operators

if TYPE_CHECKING:
    from lamina.graph.operation import Operation
    from lamina.graph.variable import Variable


class Spec(NamedTuple):
    """What a shape rule knows of an operand, and says of a result."""

    dims: Dims
    dtype: str = "float32"

    @property
    def shape(self) -> tuple[int | None, ...]:
        return _dims.visible(self.dims)


class NeedsNumbersError(TypeError):
    """Code asks a tensor for its numbers while a graph is recorded, which has none."""


class MetricNeedsNumbersError(NeedsNumbersError):
    """A metric does: it computes in Python, so its step must run on numbers."""


class Tensor(Operators):
    """A value in a graph: the `index`-th result of `node`, or a leaf (input, variable, constant).

    `value` holds the array where the graph computes while it is recorded (`run_eagerly`), and the
    constant of a constant.
    """

    __slots__ = ("_keras_mask", "dims", "dtype", "index", "name", "node", "value", "variable")

    def __init__(
        self,
        spec: Spec,
        *,
        node: Node | None = None,
        index: int = 0,
        value: np.ndarray | None = None,
        variable: Variable | None = None,
        name: str = "",
    ) -> None:
        self.dims = spec.dims
        self.dtype = spec.dtype
        self.node = node
        self.index = index
        self.value = value
        self.variable = variable
        self.name = name
        self._keras_mask: Tensor | None = None  # which steps of the axis after the batch count

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape, None where it depends on the batch."""
        return _dims.visible(self.dims)

    @property
    def ndim(self) -> int:
        return len(self.dims)

    @property
    def spec(self) -> Spec:
        return Spec(self.dims, self.dtype)

    def __repr__(self) -> str:
        made_by = self.node.operation.name if self.node else self.name or "constant"
        value = "" if self.value is None else f", value={self.value!r}"
        return f"<Tensor {made_by}, shape={self.shape}, dtype={self.dtype}{value}>"

    def __len__(self) -> int:
        raise NeedsNumbersError(f"{self!r} has no length while a graph is recorded; use its shape")

    def __iter__(self) -> Iterator[Any]:
        """The parts along the first axis, if it is not the batch."""
        if not self.dims or self.dims[0] < 0:
            raise NeedsNumbersError(f"{self!r} cannot be gone through while a graph is recorded")
        return (self[i] for i in range(self.dims[0]))

    def __bool__(self) -> bool:
        if self.value is not None:
            return bool(self.value)
        raise NeedsNumbersError(
            f"{self!r} has no truth value while a graph is recorded: use lamina.ops.where, or "
            "compile with run_eagerly=True"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.value is None:
            raise NeedsNumbersError(
                f"{self!r} has no numbers yet: write the computation in lamina.ops, or compile "
                "with run_eagerly=True"
            )
        return np.array(self.value, dtype=dtype)

    def __float__(self) -> float:
        return float(np.asarray(self))

    def __int__(self) -> int:
        return int(np.asarray(self))


class Node:
    """One call of an operation: its inputs, attributes and results.

    `layers` are the names of the layers that were called around it, the outermost first.
    """

    __slots__ = ("attributes", "inputs", "layers", "operation", "outputs")

    def __init__(
        self,
        operation: Operation,
        inputs: Sequence[Tensor],
        attributes: dict[str, Any],
        specs: Sequence[Spec],
        layers: tuple[str, ...] = (),
    ) -> None:
        self.operation = operation
        self.inputs = tuple(inputs)
        self.attributes = attributes
        self.layers = layers
        self.outputs = tuple(Tensor(spec, node=self, index=i) for i, spec in enumerate(specs))

    @property
    def output(self) -> Tensor:
        return self.outputs[0]

    def __repr__(self) -> str:
        return f"{self.operation.name}{tuple(t.shape for t in self.inputs)} -> {self.output.shape}"
