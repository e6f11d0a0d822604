"""Branches and loops: decided at once on arrays, written out step by step in a program."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import tree
from lamina.graph.operators import Operators
from lamina.graph.tensor import Tensor
from lamina.graph.trace import current_trace
from lamina.ops import elementwise as e
from lamina.ops.joining import stack, unstack
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import reshape
from lamina.utils import check


def _unknown(x: Any) -> Tensor | None:
    """x as a tensor whose number is not known while a graph is recorded, else None."""
    trace = current_trace()
    if trace is None or not isinstance(x, Operators):
        return None
    tensor = trace.tensor(x)
    return tensor if tensor.value is None else None


def _one_number(name: str, x: Tensor) -> Any:
    if any(d != 1 for d in x.dims):
        raise ValueError(f"{name}: expected one number to decide by. Received: shape={x.shape}")
    return reshape(x, ())


def _without_assignments(name: str, branch: Callable[..., Any], *args: Any) -> Any:
    """What a branch gives that is computed also where it is not chosen."""
    trace = current_trace()
    before = {v: id(t) for v, t in trace.state.items()} if trace else {}
    y = branch(*args)
    if trace and {v: id(t) for v, t in trace.state.items()} != before:
        raise ValueError(f"{name}: a branch of a program cannot assign variables")
    return y


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """true_fn() where `pred` is true, else false_fn().

    In a program that finds out later, both are computed and one is chosen: they must give results
    of the same structure, and numbers that are not chosen should be finite, for the gradient's sake.
    """
    unknown = _unknown(pred)
    if unknown is None:
        return true_fn() if pred else false_fn()
    return _chosen(
        _one_number("cond", unknown),
        _without_assignments("cond", true_fn),
        _without_assignments("cond", false_fn),
    )


def _chosen(condition: Any, a: Any, b: Any) -> Any:
    return tree.map_structure(
        lambda x, y: None if x is None and y is None else e.where(condition, x, y), a, b
    )


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """`branches[index](*operands)`, with the index held within their number; see `cond`."""
    if not branches:
        raise ValueError("switch: expected one or more branches. Received: branches=[]")
    unknown = _unknown(index)
    if unknown is None:
        return branches[min(max(int(index), 0), len(branches) - 1)](*operands)
    at = _one_number("switch", unknown)
    y = _without_assignments("switch", branches[-1], *operands)
    for i in range(len(branches) - 2, -1, -1):
        own = _without_assignments("switch", branches[i], *operands)
        y = _chosen(e.less(at, i + 0.5), own, y)
    return y


def fori_loop(lower: int, upper: int, body_fun: Callable[[int, Any], Any], init_val: Any) -> Any:
    """value = body_fun(i, value) for i from `lower` to before `upper`, from `init_val` on.

    A program has all the steps, one behind the other: their number must be known.
    """
    for bound in (lower, upper):
        if _unknown(bound) is not None:
            raise ValueError(
                "fori_loop: a program's number of steps must be known. Received: "
                f"lower={lower!r}, upper={upper!r}"
            )
    value = init_val
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (list, tuple)) else (x,)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """loop_vars = body(*loop_vars) as long as cond(*loop_vars) is true.

    A program that finds out later has `maximum_iterations` steps, which must be given; those
    behind the last one change nothing.
    """
    several = isinstance(loop_vars, (list, tuple))
    values = _as_tuple(loop_vars)
    limit = maximum_iterations
    if limit is not None:
        limit = check.integer("maximum_iterations", limit, 0)
    done, alive = 0, None
    while limit is None or done < limit:
        more = cond(*values)
        unknown = _unknown(more)
        if unknown is None and not more:
            break
        if unknown is not None:
            if limit is None:
                raise ValueError(
                    "while_loop: a program's loop needs a number of steps at most. Received: "
                    "maximum_iterations=None"
                )
            more = _one_number("while_loop", unknown)
            alive = more if alive is None else e.logical_and(alive, more)
        if alive is None:
            values = _as_tuple(body(*values))
        else:
            after = _without_assignments("while_loop", body, *values)
            values = _chosen(alive, _as_tuple(after), values)
        done += 1
    return values if several else values[0]


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """carry, y = f(carry, x) for each slice x of `xs`; the last carry, and the ys stacked.

    Args:
        xs: tensors, nested as f takes them, of one size along their first axis, which is not the
            batch; or None, and the number of steps is `length`.
        unroll: changes nothing: a program has all the steps.
    """
    if not isinstance(unroll, bool):
        check.integer("unroll", unroll, 1)
    steps, slices = _slices("scan", xs, length)
    carry, results = init, []
    for i in range(steps)[:: -1 if reverse else 1]:
        carry, y = f(carry, slices(i))
        results.append(y)
    return carry, _stacked(results[:: -1 if reverse else 1])


def _slices(name: str, xs: Any, length: int | None) -> tuple[int, Callable[[int], Any]]:
    """How many slices the tensors have along their first axis, and how to get each."""
    if not tree.flatten(xs) or xs is None:
        if length is None:
            raise ValueError(f"{name}: expected `xs` or `length`. Received: xs={xs}, length=None")
        return check.integer("length", length, 1), lambda i: xs
    leaves = [as_operand(x) for x in tree.flatten(xs)]
    sizes = {dims_of(x)[0] if len(x.shape) else -1 for x in leaves}
    if len(sizes) != 1 or min(sizes) < 1 or length not in (None, *sizes):
        raise ValueError(
            f"{name}: expected one size along the first axes, which cannot be 0 or the batch. "
            f"Received: shapes {[tuple(x.shape) for x in leaves]}, length={length}"
        )
    parts = [unstack(x, axis=0) for x in leaves]
    return sizes.pop(), lambda i: tree.pack_sequence_as(xs, [part[i] for part in parts])


def _stacked(results: Sequence[Any]) -> Any:
    return tree.map_structure(
        lambda *ys: None if all(y is None for y in ys) else stack(ys), *results
    )


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """f(x) for each slice x of `xs` along the first axis, stacked; see `scan`."""
    return scan(lambda carry, x: (carry, f(x)), None, xs)[1]


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """function(x) for each slice x of `elements` along the first axis, stacked; see `scan`."""
    return map(function, elements)


def associative_scan(
    f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0
) -> Any:
    """The first slice along `axis`, f of it and the second, f of that and the third, ..."""
    slices = [unstack(x, axis=axis) for x in tree.flatten(elems)]
    if len({len(s) for s in slices}) != 1 or not slices[0]:
        raise ValueError(
            f"associative_scan: expected one size along axis {axis}, not 0. Received: sizes "
            f"{[len(s) for s in slices]}"
        )
    order = [tree.pack_sequence_as(elems, part) for part in zip(*slices)][:: -1 if reverse else 1]
    results = [order[0]]
    for x in order[1:]:
        results.append(f(results[-1], x))
    return tree.map_structure(lambda *ys: stack(ys, axis), *results[:: -1 if reverse else 1])


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None
) -> Callable[..., Any]:
    """The function for each element of arrays, broadcast against each other: `numpy.vectorize`.

    On arrays only; `vectorized_map` is for tensors of a program.

    Args:
        excluded: places and names of arguments that are handed on as they are.
        signature: "(m,n),(n)->(m)": the function takes and gives arrays of so many axes.

    Errors: ValueError for what cannot be called; TypeError for tensors of a program.
    """
    if not callable(pyfunc):
        raise ValueError(f"vectorize: `pyfunc` must be a function. Received: pyfunc={pyfunc!r}")
    over = np.vectorize(pyfunc, excluded=excluded, signature=signature)

    @functools.wraps(pyfunc)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, Tensor) for x in (*args, *kwargs.values())):
            raise TypeError("vectorize: on arrays only. Write the function in lamina.ops")
        return over(*args, **kwargs)

    return call
