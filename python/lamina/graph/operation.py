"""Operations: named computations with a shape rule and a gradient rule."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from lamina import backends
from lamina.dtype_policies.floatx import floatx
from lamina.graph import symbolic
from lamina.graph.symbolic import KerasTensor
from lamina.graph.tensor import Node, Spec, Tensor
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable

ShapeRule = Callable[..., "Spec | tuple[Spec, ...]"]
GradientRule = Callable[[Node, Any], "Sequence[Any]"]

operations: dict[str, Operation] = {}


class Operation:
    """A computation on tensors or arrays.

    Called while a graph is recorded (or on a symbolic tensor), it adds a node and returns tensors.
    Called on arrays, it computes at once on the current backend and returns arrays.

    Positional arguments are operands, keyword arguments are attributes, or operands by name.
    """

    def __init__(self, shape_rule: ShapeRule, name: str) -> None:
        self.shape_rule = shape_rule
        self.gradient_rule: GradientRule | None = None
        functools.update_wrapper(self, shape_rule)
        self.name = self.__name__ = name
        self.class_name = symbolic.keras_class(name)
        code = shape_rule.__code__
        self.operands = code.co_varnames[: code.co_argcount]
        self.variadic = bool(code.co_flags & inspect.CO_VARARGS)

    def gradient(self, rule: GradientRule) -> GradientRule:
        """Sets the rule `(node, dy) -> gradients of node.inputs` (None where there is none)."""
        self.gradient_rule = rule
        return rule

    def __call__(self, *operands: Any, **attributes: Any) -> Any:
        if not self.variadic and len(operands) != len(self.operands):
            operands, attributes = self._in_places(operands, attributes)
        trace = current_trace()
        if trace is not None:
            return trace.record(self, trace.operands(operands), attributes)
        if any(isinstance(x, KerasTensor) for x in operands):
            return symbolic.record(self, operands, attributes)
        for x in operands:
            if isinstance(x, Tensor):
                raise ValueError(
                    f"ops.{self.name}: {x!r} belongs to a graph that is no longer recorded"
                )
        return self.compute(_arrays(self.name, operands), attributes)

    def _in_places(
        self, operands: tuple[Any, ...], given: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """All operands, those given by name too, and the attributes."""
        missing = self.operands[len(operands) :]
        found = (*operands, *(given[name] for name in missing if name in given))
        if len(found) != len(self.operands):
            by_name = f", and {list(given)} by name" if given else ""
            raise TypeError(
                f"ops.{self.name} takes {len(self.operands)} operands {self.operands}. "
                f"Received: {len(operands)}{by_name}"
            )
        return found, {name: value for name, value in given.items() if name not in missing}

    def compute(
        self,
        arrays: Sequence[np.ndarray],
        attributes: dict[str, Any],
        backend: ModuleType | None = None,
    ) -> Any:
        """The results for arrays, at once; on the current backend when None is given."""
        specs = self.specs([Spec(x.shape, _dtype_name(x.dtype)) for x in arrays], attributes)
        results = (backend or backends.current()).run(self.name, arrays, attributes, specs)
        return results[0] if len(results) == 1 else results

    def specs(self, operands: Sequence[Any], attributes: dict[str, Any]) -> tuple[Spec, ...]:
        """The shapes and dtypes of the results."""
        rule = self.shape_rule(*operands, **attributes)
        return (rule,) if isinstance(rule, Spec) else rule

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def operation(shape_rule: ShapeRule | None = None, *, name: str = "") -> Any:
    """Makes an operation of its shape rule: `(operands as specs, attributes) -> Spec(s)`.

    `name` where Python's function with that name prepares the operands first.
    """
    if shape_rule is None:
        return functools.partial(operation, name=name)
    made = Operation(shape_rule, name or shape_rule.__name__)
    operations[made.name] = made
    return made


@functools.cache
def _dtype_name(dtype: np.dtype) -> str:
    """NumPy makes the name anew each time it is asked."""
    return dtype.name


def _arrays(name: str, operands: Sequence[Any]) -> list[np.ndarray]:
    """Operands as arrays.  Python's floats, also in lists, take the float dtype of the arrays beside
    them, or `floatx()`."""
    arrays = [_array(name, x) for x in operands]
    weak = {i for i, x in enumerate(operands) if not hasattr(x, "dtype") and _is_float64(arrays[i])}
    if not weak:
        return arrays
    given = [a.dtype for i, a in enumerate(arrays) if a.dtype.kind == "f" and i not in weak]
    dtype = np.result_type(np.float32, *given) if given else floatx()
    return [a.astype(dtype) if i in weak else a for i, a in enumerate(arrays)]


def _is_float64(array: np.ndarray) -> bool:
    return array.dtype.char == "d"


def _array(name: str, x: Any) -> np.ndarray:
    if isinstance(x, Variable):
        return x.array
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"ops.{name}: cannot compute with dtype {array.dtype}. Received: {x!r:.200}"
        )
    return array
