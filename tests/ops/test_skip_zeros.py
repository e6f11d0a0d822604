"""Products that skip the zeros of their left operand: the bits of those that do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lamina import _core, config
from ops.draws import Array, generator, normal

SHAPES = (
    (128, 784, 256),
    (784, 128, 256),
    (33, 129, 64),
    (7, 1, 50),
    (200, 401, 48),
    (64, 300, 577),
)
TRANSPOSES = ((False, False), (True, False), (False, True))
TINY = np.float32(1e-38)


@pytest.fixture(autouse=True, params=["v3", "v4", "baseline"])
def level(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param not in config.available_levels():
        pytest.skip(f"this CPU cannot run level {request.param}")
    before = config.level()
    config.set_level(request.param)
    yield
    config.set_level(before)
    config.set_skip_zeros(True)


def operands(shape: tuple[int, int, int], density: float) -> tuple[Array, Array]:
    m, k, n = shape
    rng = generator(f"skip {shape} {density}")
    a = normal(rng, m, k) * (rng.random((m, k)) < density)
    return a.astype(np.float32), normal(rng, k, n)


def both(a: Array, b: Array, transpose_a: bool = False, transpose_b: bool = False) -> list[Array]:
    """a b without and with skipping; each operand in memory as the flags say."""
    a = np.ascontiguousarray(a.T) if transpose_a else a
    b = np.ascontiguousarray(b.T) if transpose_b else b
    results = []
    for skip in (False, True):
        config.set_skip_zeros(skip)
        c = np.full((a.shape[transpose_a], b.shape[1 - transpose_b]), 7, np.float32)
        _core.matmul([a, b], [c], {"transpose_a": transpose_a, "transpose_b": transpose_b})
        results.append(c)
    return results


def assert_same_bits(dense: Array, skipped: Array) -> None:
    nan = np.isnan(dense)
    np.testing.assert_array_equal(np.isnan(skipped), nan)
    np.testing.assert_array_equal(
        np.where(nan, 0, dense).view(np.int32), np.where(nan, 0, skipped).view(np.int32)
    )


@pytest.mark.parametrize("density", [0.0, 0.02, 0.2, 0.4, 0.6])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("transposes", TRANSPOSES, ids=["", "a transposed", "b transposed"])
def test_same_bits(
    shape: tuple[int, int, int], density: float, transposes: tuple[bool, bool]
) -> None:
    a, b = operands(shape, density)
    dense, skipped = both(a, b, *transposes)
    assert_same_bits(dense, skipped)
    np.testing.assert_allclose(skipped, a.astype(np.float64) @ b, rtol=1e-4, atol=3e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (70, 17), (130, 63)])
def test_zero_times_what_is_not_finite_is_nan(value: float, place: tuple[int, int]) -> None:
    a, b = operands((50, 131, 64), 0.1)
    a[:, place[0]] = 0
    b[place] = value
    dense, skipped = both(a, b)
    assert_same_bits(dense, skipped)
    assert np.isnan(skipped[:, place[1]]).all()
    assert np.isfinite(np.delete(skipped, place[1], axis=1)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_finite_on_the_left(value: float) -> None:
    a, b = operands((50, 131, 64), 0.1)
    a[3, 5], b[5, :32] = value, 0
    dense, skipped = both(a, b)
    assert_same_bits(dense, skipped)
    assert not np.isfinite(skipped[3]).any()


@pytest.mark.parametrize("rows", [1, 3, 5, 24])
def test_zeros_have_no_sign(rows: int) -> None:
    """A term that underflows leaves -0, and terms 0 * b after it would make it 0 again."""
    a = np.zeros((rows, 40), np.float32)
    a[:, 2], a[:, 4] = TINY, -0.0
    b = np.full((40, 64), -TINY, np.float32)
    for product in both(a, b):
        np.testing.assert_array_equal(product.view(np.int32), 0)


@pytest.mark.parametrize("columns", [64, 100])
def test_what_follows_the_product(columns: int) -> None:
    """The epilogue after skipping: bias, activation, dropout, gate."""
    a, b = operands((70, 200, columns), 0.2)
    rng = generator("epilogue")
    bias, gate = normal(rng, columns), normal(rng, 70, columns)
    state = np.array([5, 6], np.uint32)
    attributes = {
        "transpose_a": 0, "transpose_b": 0, "bias": 1, "activation": 2, "parameter": 0,
        "dropout": 1, "rate": 0.4, "gate": 1, "gate_scale": 1.5,
    }  # fmt: skip
    results = []
    for skip in (False, True):
        config.set_skip_zeros(skip)
        c = np.empty((70, columns), np.float32)
        _core.dense([a, b, bias, state.view(np.float32), gate], [c], attributes)
        results.append(c)
    assert_same_bits(*results)
    assert 0.2 < (results[0] != 0).mean() < 0.4
