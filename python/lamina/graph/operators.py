"""Python's operators on tensors and variables: each calls the operation of NumPy's name."""

from __future__ import annotations

from typing import Any

import numpy as np


def _apply(name: str, *operands: Any) -> Any:
    from lamina import ops

    return getattr(ops, name)(*operands)


_OTHER_NAMES = {"absolute": "abs", "remainder": "mod"}


class Operators:
    """Arithmetic and comparison, as on NumPy arrays."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **kwargs: Any) -> Any:
        """NumPy's functions: the operation of that name, if there is one, or else on the numbers.

        Errors: TypeError while a graph is recorded, which has none.
        """
        from lamina import ops
        from lamina.graph.tensor import NeedsNumbersError
        from lamina.graph.trace import current_trace

        name = _OTHER_NAMES.get(ufunc.__name__, ufunc.__name__)
        if method == "__call__" and not kwargs and hasattr(ops, name):
            return _apply(name, *operands)
        trace = current_trace()
        if trace is not None and not trace.eager:
            raise NeedsNumbersError(
                f"np.{ufunc.__name__} cannot be recorded on {self!r}: use lamina.ops"
            )
        arrays = [np.asarray(x) if isinstance(x, Operators) else x for x in operands]
        return getattr(ufunc, method)(*arrays, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return _apply("get_item", self, key)

    def __add__(self, other: Any) -> Any:
        return _apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _apply("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return _apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _apply("true_divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _apply("true_divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return _apply("power", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _apply("power", other, self)

    def __mod__(self, other: Any) -> Any:
        return _apply("mod", self, other)

    def __rmod__(self, other: Any) -> Any:
        return _apply("mod", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _apply("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _apply("floor_divide", other, self)

    def __matmul__(self, other: Any) -> Any:
        return _apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _apply("matmul", other, self)

    def __neg__(self) -> Any:
        return _apply("negative", self)

    def __abs__(self) -> Any:
        return _apply("abs", self)

    def __round__(self, ndigits: int | None = None) -> Any:
        return _apply("round", self, ndigits or 0)

    # Of truth values, as on Keras's symbolic tensors and variables, whatever the dtype.

    def __invert__(self) -> Any:
        return _apply("logical_not", self)

    def __and__(self, other: Any) -> Any:
        return _apply("logical_and", self, other)

    def __rand__(self, other: Any) -> Any:
        return _apply("logical_and", other, self)

    def __or__(self, other: Any) -> Any:
        return _apply("logical_or", self, other)

    def __ror__(self, other: Any) -> Any:
        return _apply("logical_or", other, self)

    def __xor__(self, other: Any) -> Any:
        return _apply("logical_xor", self, other)

    def __rxor__(self, other: Any) -> Any:
        return _apply("logical_xor", other, self)

    def __lt__(self, other: Any) -> Any:
        return _apply("less", self, other)

    def __le__(self, other: Any) -> Any:
        return _apply("less_equal", self, other)

    def __gt__(self, other: Any) -> Any:
        return _apply("greater", self, other)

    def __ge__(self, other: Any) -> Any:
        return _apply("greater_equal", self, other)

    def __eq__(self, other: Any) -> Any:
        return _apply("equal", self, other) if _is_number(other) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        return _apply("not_equal", self, other) if _is_number(other) else NotImplemented

    __hash__ = object.__hash__


def _is_number(x: Any) -> bool:
    return isinstance(x, (Operators, np.ndarray, np.generic, int, float, list, tuple))
