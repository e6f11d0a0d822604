"""Products of vectors, and what is made of neighbours along an axis."""

from __future__ import annotations

from typing import Any

from lamina.ops import elementwise as e
from lamina.ops.contractions import tensordot
from lamina.ops.creation import ones_like
from lamina.ops.indexing import cut, whole
from lamina.ops.joining import stack
from lamina.ops.reductions import sum
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import moveaxis, normalize_axis, ravel, reshape
from lamina.utils import check


def inner(x1: Any, x2: Any) -> Any:
    """The sum of products over the last axes of both."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if not len(x1.shape) or not len(x2.shape):
        return e.multiply(x1, x2)
    return tensordot(x1, x2, axes=([-1], [-1]))


def vdot(x1: Any, x2: Any) -> Any:
    """The sum of the products of all elements."""
    x1, x2 = ravel(x1), ravel(x2)
    return tensordot(x1, x2, axes=1)


def cross(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """The cross product of vectors of 3 (or 2: with 0 as their third) along an axis.

    Args:
        axisa, axisb, axisc: the axis of x1, of x2 and of the result; `axis` stands for all three.
            Two vectors of 2 give the third number alone.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = as_operand(x1), as_operand(x2)
    a = moveaxis(a, normalize_axis("cross", axisa, len(a.shape)), -1)
    b = moveaxis(b, normalize_axis("cross", axisb, len(b.shape)), -1)
    sizes = dims_of(a)[-1], dims_of(b)[-1]
    if not {*sizes} <= {2, 3}:
        raise ValueError(
            "cross: vectors have 2 or 3 numbers. Received: shapes "
            f"{tuple(a.shape)} and {tuple(b.shape)}, with the vectors last"
        )
    (a1, a2, a3), (b1, b2, b3) = (_components(v) for v in (a, b))
    third = _product(a1, b2, a2, b1)
    if sizes == (2, 2):
        return third
    y = stack([_product(a2, b3, a3, b2), _product(a3, b1, a1, b3), third], axis=-1)
    return moveaxis(y, -1, normalize_axis("cross", axisc, len(y.shape)))


def _components(v: Any) -> list[Any]:
    parts = [v[..., i] for i in range(dims_of(v)[-1])]
    return parts if len(parts) == 3 else [*parts, e.multiply(parts[0], 0)]


def _product(a: Any, b: Any, c: Any, d: Any) -> Any:
    return e.subtract(e.multiply(a, b), e.multiply(c, d))


def kron(x1: Any, x2: Any) -> Any:
    """Each element of x1 times the whole of x2, put together as blocks."""
    x1, x2 = as_operand(x1), as_operand(x2)
    rank = max(len(x1.shape), len(x2.shape))
    first, second = ((1,) * (rank - len(x.shape)) + dims_of(x) for x in (x1, x2))
    blocks = e.multiply(
        reshape(x1, [d for n in first for d in (n, 1)]),
        reshape(x2, [d for n in second for d in (1, n)]),
    )
    return reshape(blocks, [n * m for n, m in zip(first, second)])


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours along `axis`, n times over."""
    a, n = as_operand(a), check.integer("n", n, 0)
    if n == 0:
        return a
    axis = normalize_axis("diff", axis, len(a.shape))
    if dims_of(a)[axis] < 0:
        raise ValueError(f"diff: the batch has no order. Received: axis={axis}")
    for _ in range(n):
        later, earlier = _neighbours(a, axis)
        a = e.subtract(later, earlier)
    return a


def _neighbours(x: Any, axis: int) -> tuple[Any, Any]:
    """All but the first along an axis, and all but the last."""
    size = max(dims_of(x)[axis] - 1, 0)
    parts = whole(x), whole(x)
    parts[0][axis] = (min(dims_of(x)[axis], 1), 1, size)
    parts[1][axis] = (0, 1, size)
    return cut(x, parts[0]), cut(x, parts[1])


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral along `axis` by trapezoids: the sum of (y[i] + y[i + 1]) / 2 (x[i + 1] - x[i]).

    Args:
        x: the places of y, of its shape or a vector along the axis; distances of `dx` when None.
    """
    y = as_operand(y)
    axis = normalize_axis("trapezoid", axis, len(y.shape))
    later, earlier = _neighbours(y, axis)
    width = dx
    if x is not None:
        x = as_operand(x)
        width = diff(x, axis=0 if len(x.shape) == 1 else axis)
        if len(x.shape) == 1:
            width = reshape(width, [-1 if a == axis else 1 for a in range(len(y.shape))])
    return sum(e.multiply(width, e.multiply(0.5, e.add(later, earlier))), axis)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803
    """(size of x, N): the powers of each element, from N - 1 down to 0, or up."""
    x = as_operand(x)
    if len(x.shape) != 1:
        raise ValueError(f"vander: expected a vector. Received: x of shape {tuple(x.shape)}")
    count = dims_of(x)[0] if N is None else check.integer("N", N, 0)
    if count < 0:
        raise ValueError(f"vander: N must be given for a batch. Received: N={N}")
    powers = [ones_like(x)]
    for _ in range(count - 1):
        powers.append(e.multiply(powers[-1], x))
    if count == 0:
        return reshape(powers[0], (-1, 1))[:, :0]
    return stack(powers if increasing else powers[::-1], axis=1)
