"""Comparisons, truth values, and the choice by them."""

from __future__ import annotations

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import broadcast, common_dtype, unbroadcast


@operation
def greater(a, b):
    """a > b.  No gradient."""
    return broadcast("greater", a, b, dtype="bool")


@operation
def greater_equal(a, b):
    """a >= b.  No gradient."""
    return broadcast("greater_equal", a, b, dtype="bool")


@operation
def less(a, b):
    """a < b.  No gradient."""
    return broadcast("less", a, b, dtype="bool")


@operation
def less_equal(a, b):
    """a <= b.  No gradient."""
    return broadcast("less_equal", a, b, dtype="bool")


@operation
def equal(a, b):
    """a == b.  No gradient."""
    return broadcast("equal", a, b, dtype="bool")


@operation
def not_equal(a, b):
    """a != b.  No gradient."""
    return broadcast("not_equal", a, b, dtype="bool")


@operation
def isnan(x):
    """True where x is NaN.  No gradient."""
    return Spec(x.dims, "bool")


@operation
def isfinite(x):
    """True where x is neither infinite nor NaN.  No gradient."""
    return Spec(x.dims, "bool")


@operation
def logical_not(x):
    """True where x is 0.  No gradient."""
    return Spec(x.dims, "bool")


@operation
def logical_and(a, b):
    """True where neither is 0.  No gradient."""
    return broadcast("logical_and", a, b, dtype="bool")


@operation
def logical_or(a, b):
    """True where one is not 0.  No gradient."""
    return broadcast("logical_or", a, b, dtype="bool")


@operation
def where(condition, a, b):
    """a where the condition is not 0, else b.

    Examples:
        >>> print(lamina.ops.where(np.array([True, False]), np.array([1.0, 2.0]), 0.0))
        [1. 0.]
    """
    return broadcast("where", condition, a, b, dtype=common_dtype(a, b))


@where.gradient
def _(node, dy):
    condition, a, b = node.inputs
    da, db = where(condition, dy, 0.0), where(condition, 0.0, dy)
    return None, unbroadcast(da, a), unbroadcast(db, b)
