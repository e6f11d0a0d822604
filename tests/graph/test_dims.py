"""Sizes of axes: what is known, and what is a multiple of the batch."""

from __future__ import annotations

import numpy as np
import pytest

from lamina.graph import dims


def test_visible_and_resolve() -> None:
    assert dims.visible((-1, 3, -6)) == (None, 3, None)
    assert dims.resolve((-1, 3, -6), 4) == (4, 3, 24)
    assert dims.resolve((), 4) == ()


def test_size() -> None:
    assert dims.size(()) == 1
    assert dims.size((2, 3)) == 6
    assert dims.size((-1, 3)) == -3
    assert dims.size((0, -1)) == 0
    with pytest.raises(ValueError, match=r"Only one axis.*\(None, 2, None\)"):
        dims.size((-1, 2, -1))


def test_broadcast_is_that_of_numpy() -> None:
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(500):
        shapes = [
            tuple(int(d) for d in rng.choice([0, 1, 2, 3], rng.integers(0, 4))) for _ in range(2)
        ]
        try:
            want = np.broadcast_shapes(*shapes)
        except ValueError:
            refused += 1
            with pytest.raises(ValueError, match=r"test: shapes .* cannot be broadcast together"):
                dims.broadcast("test", *shapes)
        else:
            assert dims.broadcast("test", *shapes) == want
    assert 50 < refused < 450


def test_broadcast_of_the_batch() -> None:
    assert dims.broadcast("add", (-1, 4), (4,)) == (-1, 4)
    assert dims.broadcast("add", (-1, 1), (1, 4)) == (-1, 4)
    assert dims.broadcast("add", (-1, 4), (-1, 4), ()) == (-1, 4)
    for other in ((3, 4), (-2, 4)):  # not known to be equal
        with pytest.raises(ValueError, match="cannot be broadcast"):
            dims.broadcast("add", (-1, 4), other)


def test_axes() -> None:
    assert dims.normalize_axes("sum", None, 3) == (0, 1, 2)
    assert dims.normalize_axes("sum", -1, 3) == (2,)
    assert dims.normalize_axes("sum", (2, 0), 3) == (0, 2)
    assert dims.normalize_axes("sum", [], 3) == ()
    with pytest.raises(ValueError, match=r"sum: axis 3 is out of bounds .* rank 3"):
        dims.normalize_axes("sum", 3, 3)
    with pytest.raises(ValueError, match=r"stands twice. Received: axis=\(0, -3\)"):
        dims.normalize_axes("sum", (0, -3), 3)


@pytest.mark.parametrize(
    ("shape", "target", "want"),
    [
        ((2, 6), (3, 4), (3, 4)),
        ((2, 6), (-1, 4), (3, 4)),
        ((2, 6), (None, 4), (3, 4)),
        ((), (1, 1), (1, 1)),
        ((0, 5), (5, -1), (5, 0)),
        ((-1, 6), (-1, 2, 3), (-1, 2, 3)),
        ((-1, 2, 3), (-1, 6), (-1, 6)),
        ((-1, 6), (-1,), (-6,)),
        ((-6,), (-1, 3), (-2, 3)),
        ((-1, 6), (6, -1), (6, -1)),
    ],
)
def test_reshape(shape: dims.Dims, target: dims.Dims, want: dims.Dims) -> None:
    assert dims.reshape(shape, target) == want


@pytest.mark.parametrize(
    ("shape", "target"),
    [((2, 6), (5, -1)), ((2, 6), (3, 3)), ((2, 6), (-1, -1)), ((2, 6), (-2, 6)), ((0,), (0, -1)),
     ((-1, 6), (3, 2)), ((-1, 6), (-1, 4))],
)  # fmt: skip
def test_reshape_refuses(shape: dims.Dims, target: dims.Dims) -> None:
    with pytest.raises(ValueError, match=r"reshape: .* cannot take the shape"):
        dims.reshape(shape, target)
