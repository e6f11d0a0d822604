"""Comparisons, truth values, and the choice by them."""

from __future__ import annotations

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import broadcast, common_dtype, unbroadcast


@operation
def greater(x1, x2):
    """x1 > x2.  No gradient."""
    return broadcast("greater", x1, x2, dtype="bool")


@operation
def greater_equal(x1, x2):
    """x1 >= x2.  No gradient."""
    return broadcast("greater_equal", x1, x2, dtype="bool")


@operation
def less(x1, x2):
    """x1 < x2.  No gradient."""
    return broadcast("less", x1, x2, dtype="bool")


@operation
def less_equal(x1, x2):
    """x1 <= x2.  No gradient."""
    return broadcast("less_equal", x1, x2, dtype="bool")


@operation
def equal(x1, x2):
    """x1 == x2.  No gradient."""
    return broadcast("equal", x1, x2, dtype="bool")


@operation
def not_equal(x1, x2):
    """x1 != x2.  No gradient."""
    return broadcast("not_equal", x1, x2, dtype="bool")


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
def logical_and(x1, x2):
    """True where neither is 0.  No gradient."""
    return broadcast("logical_and", x1, x2, dtype="bool")


@operation
def logical_or(x1, x2):
    """True where one is not 0.  No gradient."""
    return broadcast("logical_or", x1, x2, dtype="bool")


@operation
def where(condition, x1, x2):
    """x1 where the condition is not 0, else x2."""
    return broadcast("where", condition, x1, x2, dtype=common_dtype(x1, x2))


@where.gradient
def _(node, dy):
    condition, a, b = node.inputs
    da, db = where(condition, dy, 0.0), where(condition, 0.0, dy)
    return None, unbroadcast(da, a), unbroadcast(db, b)
