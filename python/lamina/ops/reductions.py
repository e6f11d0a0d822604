"""Sums, means and extremes over axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina.dtype_policies.floatx import FLOATS
from lamina.graph import dims as _dims
from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops import elementwise as e
from lamina.ops.rules import as_operand, common_dtype, dims_of, like, number_dtype
from lamina.ops.shapes import broadcast_to, expand_dims, reshape, transpose

Axis = int | Sequence[int] | None


def _without(dims: _dims.Dims, axes: tuple[int, ...]) -> _dims.Dims:
    return tuple(d for a, d in enumerate(dims) if a not in axes)


def _spread(y: Any, node: Any) -> Any:
    """A result brought back to the shape of the operand."""
    dims, axes = node.inputs[0].dims, node.attributes["axes"]
    kept = tuple(1 if a in axes else d for a, d in enumerate(dims))
    return broadcast_to(reshape(y, kept), dims)


@operation(name="sum")
def _sum(x, *, axes):
    return Spec(_without(x.dims, axes), number_dtype(x))


@operation(name="mean")
def _mean(x, *, axes):
    return Spec(_without(x.dims, axes), like(x).dtype)


@operation(name="max")
def _max(x, *, axes):
    return _extreme("max", x, axes)


@operation(name="min")
def _min(x, *, axes):
    return _extreme("min", x, axes)


def _extreme(name: str, x: Any, axes: tuple[int, ...]) -> Spec:
    rest = _without(x.dims, axes)
    if 0 in x.dims and 0 not in rest:
        raise ValueError(
            f"{name}: there is none of no numbers, unless `initial` is given. Received: x of shape "
            f"{_dims.visible(x.dims)}, reduced over axes {axes}"
        )
    return Spec(rest, common_dtype(x))


@operation
def count(x, *, axes):
    """How many elements a reduction over `axes` takes together: a number.  No gradient."""
    return Spec((), like(x).dtype)


@_sum.gradient
def _(node, dy):
    return (_spread(dy, node),)


@_mean.gradient
def _(node, dy):
    return (_spread(e.divide(dy, count(node.inputs[0], axes=node.attributes["axes"])), node),)


def _extreme_gradient(node: Any, dy: Any) -> tuple[Any]:
    """Shared equally among the places that hold the extreme."""
    x, axes = node.inputs[0], node.attributes["axes"]
    chosen = e.where(e.equal(x, _spread(node.output, node)), 1.0, 0.0)
    return (e.multiply(chosen, _spread(e.divide(dy, _sum(chosen, axes=axes)), node)),)


_max.gradient(_extreme_gradient)
_min.gradient(_extreme_gradient)


def reduce(name: str, reduction: Callable[..., Any], x: Any, axis: Axis, keepdims: bool) -> Any:
    """`reduction(x, axes=axes)` with neighbouring axes, over any axes."""
    x = as_operand(x)
    axes = _dims.normalize_axes(name, axis, len(x.shape))
    if not axes:
        return x if x.dtype in FLOATS else reduction(expand_dims(x, 0), axes=(0,))
    shape = [1 if a in axes else dims_of(x)[a] for a in range(len(x.shape))]
    if axes != tuple(range(axes[0], axes[-1] + 1)):  # one block of axes for the kernel
        rest = tuple(a for a in range(len(x.shape)) if a not in axes)
        x = transpose(x, rest + axes)
        axes = tuple(range(len(rest), len(x.shape)))
    y = reduction(x, axes=axes)
    return reshape(y, shape) if keepdims else y


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum over `axis` (all axes when None)."""
    return reduce("sum", _sum, x, axis, keepdims)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean over `axis` (all axes when None).

    Examples:
        >>> print(lamina.ops.mean(np.array([[1.0, 3.0], [5.0, 7.0]]), axis=0))
        [3. 5.]
    """
    return reduce("mean", _mean, x, axis, keepdims)


def max(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The largest value over `axis`, and `initial` if given; the gradient is shared among equals."""
    y = reduce("max", _max, _or_initial(x, axis, initial), axis, keepdims)
    return y if initial is None else e.maximum(y, initial)


def min(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The smallest value over `axis`, and `initial` if given; the gradient is shared among equals."""
    y = reduce("min", _min, _or_initial(x, axis, initial), axis, keepdims)
    return y if initial is None else e.minimum(y, initial)


def _or_initial(x: Any, axis: Axis, initial: Any) -> Any:
    """x, or `initial` in its place, once along each axis of which x has nothing."""
    x = as_operand(x)
    if initial is None or 0 not in x.shape:
        return x
    axes = _dims.normalize_axes("axis", axis, len(x.shape))
    return broadcast_to(initial, [1 if a in axes else d for a, d in enumerate(dims_of(x))])
