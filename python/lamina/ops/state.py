"""Random numbers, counters and totals."""

from __future__ import annotations

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import like, rank_at_least, same_shape


@operation
def dropout(x, state, *, rate: float):
    """x / (1 - rate) for the elements kept, 0 for a share of about `rate`.

    The bits are Philox4x32-10 of (seed, step, row, column), with `state` = (seed, step), uint32.
    """
    rank_at_least("dropout", x, 1)
    return like(x)


@dropout.gradient
def _(node, dy):
    return dropout(dy, node.inputs[1], rate=node.attributes["rate"]), None


@operation
def random_uniform(state, *, shape):
    """Numbers in [0, 1), from the bits that `dropout` draws for an array of that shape.

    No gradient.
    """
    return Spec(tuple(shape))


@operation
def random_normal(state, *, shape):
    """Numbers of the normal distribution, from the bits that `dropout` draws for such an array.

    No gradient.
    """
    return Spec(tuple(shape))


@operation
def advance(state):
    """The state (seed, step + 1) of a random stream.  No gradient."""
    return Spec(state.dims, "uint32")


@operation
def increment(x):
    """x + 1, for an integer counter.  No gradient."""
    return Spec(x.dims, x.dtype)


@operation
def choose(condition, a, b):
    """The integer counter a where the condition, one number, is not 0, else the counter b.

    No gradient.
    """
    same_shape("choose", a, b)
    return Spec(a.dims, a.dtype)


@operation
def counter(x):
    """An integer counter as a float (exact to 2^24).  No gradient."""
    return Spec(x.dims, "float32")


@operation
def accumulate(total, rest, x):
    """The new total and rest: total + rest + x, rounded, and what the rounding took away.

    Two floats that go on adding ones where one stays at 2^24: exact for whole numbers to 2^48 (Knuth,
    TAOCP 2, 4.2.2, theorem B).  A total that is not finite has the rest 0.  No gradient.
    """
    same_shape("accumulate", total, rest, "total and rest")
    same_shape("accumulate", total, x, "total and x")
    return like(total), like(total)
