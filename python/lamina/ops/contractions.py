"""Sums of products over chosen axes, as matrix products."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from lamina.graph import dims as _dims
from lamina.ops import elementwise as e
from lamina.ops.linalg import matmul
from lamina.ops.reductions import sum
from lamina.ops.rules import as_operand, dims_of
from lamina.ops.shapes import ravel, reshape, transpose

Labels = tuple[Hashable, ...]  # a name for each axis


def dot(x1: Any, x2: Any) -> Any:
    """NumPy's dot: the sum over x1's last axis and x2's last but one (or only) axis."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if not len(x1.shape) or not len(x2.shape):
        return e.multiply(x1, x2)
    if len(x2.shape) < 3:
        return matmul(x1, x2)
    return tensordot(x1, x2, axes=([-1], [-2]))


def tensordot(x1: Any, x2: Any, axes: int | Sequence[Any] = 2) -> Any:
    """The sum of products over axes of both.

    Args:
        axes: how many of x1's last and x2's first axes; or (axes of x1, axes of x2).
    """
    x1, x2 = as_operand(x1), as_operand(x2)
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if isinstance(axes, int):
        axes = (
            (range(rank1 - axes, rank1), range(axes)) if axes <= min(rank1, rank2) else ((), (0,))
        )
    first, second = ([a] if isinstance(a, int) else list(a) for a in axes)
    if len(first) != len(second):
        raise ValueError(f"tensordot: expected as many axes of both. Received: axes={axes}")
    for summed, rank in ((first, rank1), (second, rank2)):
        _dims.normalize_axes("tensordot", summed, rank)
    labels1: list[Hashable] = list(range(rank1))
    labels2: list[Hashable] = list(range(rank1, rank1 + rank2))
    for a, b in zip(first, second):
        labels2[b % rank2] = labels1[a % rank1]
    kept = [n for n in labels1 + labels2 if (n in labels1) != (n in labels2)]
    return _contract("tensordot", x1, tuple(labels1), x2, tuple(labels2), tuple(kept))


def outer(x1: Any, x2: Any) -> Any:
    """The products of each element of x1 with each of x2: (size of x1, size of x2)."""
    x1, x2 = ravel(x1), ravel(x2)
    return e.multiply(reshape(x1, (*dims_of(x1), 1)), reshape(x2, (1, *dims_of(x2))))


def einsum(subscripts: str, *operands: Any, optimize: Any = None) -> Any:
    """Einstein's sums: "abc,cd->abd" is the sum over c of x[a, b, c] y[c, d].

    A letter stands for an axis, `...` for those left over; without `->` the letters that stand
    once follow in alphabetical order.  Several operands are joined from left to right, whatever
    `optimize` says.

    Errors: ValueError for a letter twice in one operand (a diagonal), and sizes that differ.

    Examples:
        >>> lamina.ops.einsum("abc,cd->abd", np.ones((5, 2, 3)), np.ones((3, 4))).shape
        (5, 2, 4)
    """
    tensors = [as_operand(x) for x in operands]
    terms, result = _parsed(subscripts, [len(x.shape) for x in tensors])
    y, labels = tensors[0], terms[0]
    for i in range(1, len(tensors)):
        later = {name for term in terms[i + 1 :] for name in term} | set(result)
        kept = tuple(dict.fromkeys(n for n in (*labels, *terms[i]) if n in later))
        target = result if i == len(tensors) - 1 else kept
        y, labels = _contract("einsum", y, labels, tensors[i], terms[i], target), target
    return _arranged(y, labels, result)


def _parsed(subscripts: str, ranks: Sequence[int]) -> tuple[list[Labels], Labels]:
    """The labels of each operand's axes, and of the result's; axes under `...` are numbers < 0."""
    given, arrow, wanted = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    if len(terms) != len(ranks):
        raise _refused(subscripts, f"it names {len(terms)} operands, not {len(ranks)}")
    labels = [_labels(subscripts, term, rank) for term, rank in zip(terms, ranks)]
    every = [name for term in labels for name in term]
    dots = tuple(sorted({name for name in every if isinstance(name, int)}))
    if not arrow:
        once = sorted(str(n) for n in set(every) if not isinstance(n, int) and every.count(n) == 1)
        return labels, (*dots, *once)
    before, three, after = wanted.partition("...")
    result = (*before, *(dots if three else ()), *after)
    if len(set(result)) < len(result) or not set(result) <= set(every):
        raise _refused(subscripts, "the result needs each of its letters once, from an operand")
    return labels, result


def _labels(subscripts: str, term: str, rank: int) -> Labels:
    before, three, after = term.partition("...")
    letters = before + after
    left = rank - len(letters)
    if not (letters.isalpha() or not letters) or left < 0 or (left and not three):
        raise _refused(subscripts, f"{term!r} does not fit an operand of {rank} axes")
    if len(set(letters)) < len(letters):
        raise _refused(subscripts, f"a letter stands twice in {term!r}")
    return (*before, *range(-left, 0), *after)


def _refused(subscripts: str, why: str) -> ValueError:
    return ValueError(f"einsum: {why}. Received: subscripts={subscripts!r}")


def _arranged(x: Any, labels: Labels, wanted: Labels) -> Any:
    """Summed over the axes that are not wanted, the others in the wanted order."""
    gone = [a for a, name in enumerate(labels) if name not in wanted]
    x = sum(x, axis=gone) if gone else x
    kept = [name for name in labels if name in wanted]
    return transpose(x, [kept.index(name) for name in wanted])


def _contract(name: str, a: Any, in_a: Labels, b: Any, in_b: Labels, wanted: Labels) -> Any:
    """The sum of products over all labels that are not wanted."""
    sizes = dict(zip(in_b, dims_of(b)))
    for label, size in zip(in_a, dims_of(a)):
        if sizes.setdefault(label, size) != size:
            raise ValueError(
                f"{name}: sizes of axes that go together differ. Received: shapes "
                f"{tuple(a.shape)} and {tuple(b.shape)}"
            )
    both = [n for n in in_a if n in in_b]
    shared = tuple(n for n in both if n in wanted)
    summed = tuple(n for n in both if n not in wanted)
    free_a = tuple(n for n in in_a if n in wanted and n not in in_b)
    free_b = tuple(n for n in in_b if n in wanted and n not in in_a)
    if any(sizes[n] < 0 for n in free_b):  # samples are rows of a product
        a, in_a, free_a, b, in_b, free_b = b, in_b, free_b, a, in_a, free_a
    a = _arranged(a, in_a, (*shared, *free_a, *summed))
    b = _arranged(b, in_b, (*shared, *summed, *free_b))
    lead, rows, inner, columns = ([sizes[n] for n in g] for g in (shared, free_a, summed, free_b))
    y = reshape(_product(a, b, lead, rows, inner, columns), [*lead, *rows, *columns])
    return _arranged(y, (*shared, *free_a, *free_b), wanted)


def _product(
    a: Any, b: Any, lead: list[int], rows: list[int], inner: list[int], columns: list[int]
) -> Any:
    """a (lead, rows, inner) times b (lead, inner, columns), where each is a list of axes."""
    if not inner:
        a = reshape(a, [*lead, *rows, *(1 for _ in columns)])
        return e.multiply(a, reshape(b, [*lead, *(1 for _ in rows), *columns]))
    k, n = _dims.size(inner), _dims.size(columns)
    if not lead:
        return matmul(reshape(a, [*rows, k]), reshape(b, [k, n]))
    return matmul(reshape(a, [*lead, _dims.size(rows), k]), reshape(b, [*lead, k, n]))
