"""Moments and normalizations: gradients against differences in float64, numbers against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lamina import ops
from ops.test_gradients import check, total

rng = np.random.default_rng(4)
X = rng.normal(size=(3, 4, 5)) * 2 + 1
V, W = rng.uniform(0.5, 1.5, 5), rng.normal(size=5)
FIRST, SECOND = rng.uniform(0.5, 1.5, 4), rng.normal(size=4)
MATRIX = rng.uniform(0.5, 1.5, (4, 5))

FUNCTIONS: dict[str, tuple[Callable[..., Any], list[np.ndarray]]] = {
    "moments": (lambda x: total(ops.moments(x, (0, 1))), [X]),
    "moments, axes apart, kept": (lambda x: total(ops.moments(x, (0, 2), keepdims=True)), [X]),
    "moments of all": (lambda x: total(ops.moments(x, None)), [X]),
    "batch_normalization": (
        lambda x, m, v, b, g: total(ops.batch_normalization(x, m, v, -1, b, g)),
        [X, W, V, W + 1, V + 1],
    ),
    "batch_normalization of the batch": (
        lambda x, b, g: total(
            ops.batch_normalization(x, *ops.moments(x, (0, 2)), 1, b, g, epsilon=0.1)
        ),
        [X, SECOND, FIRST],
    ),
    "layer_normalization": (
        lambda x, g, b: total(ops.layer_normalization(x, g, b, epsilon=0.1)),
        [X, V, W],
    ),
    "layer_normalization, another axis": (
        lambda x, g, b: total(ops.layer_normalization(x, g, b, axis=1, epsilon=0.1)),
        [X, FIRST, SECOND],
    ),
    "layer_normalization, two axes": (
        lambda x, g: total(ops.layer_normalization(x, g, None, axis=(-1, 1))),
        [X, MATRIX],
    ),
    "rms_normalization": (lambda x, g: total(ops.rms_normalization(x, g)), [X, V]),
    "rms_normalization, two axes": (
        lambda x, g: total(ops.rms_normalization(x, g, axis=[1, 2], epsilon=0.1)),
        [X, MATRIX],
    ),
    "normalize": (lambda x: total(ops.normalize(x)), [X]),
    "normalize, order 1": (lambda x: total(ops.normalize(x, axis=(1, 2), order=1)), [X]),
    "normalize, order 3": (lambda x: total(ops.normalize(x, axis=1, order=3)), [X]),
}


@pytest.mark.usefixtures("numpy_backend")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient(name: str) -> None:
    check(*FUNCTIONS[name])


@pytest.mark.parametrize("axes", [0, -1, (0, 1), (0, 2), None])
def test_moments(axes: Any, backend: str) -> None:
    """Of numbers whose mean is far from 0, in float32."""
    x = (X + 1000).astype(np.float32)
    for keepdims in (False, True):
        mean, variance = ops.moments(x, axes, keepdims=keepdims)
        kind = {"axis": axes, "keepdims": keepdims}
        np.testing.assert_allclose(mean, x.mean(dtype=np.float64, **kind), rtol=1e-6)
        np.testing.assert_allclose(variance, x.var(dtype=np.float64, **kind), rtol=1e-5)


def test_layer_normalization_far_from_0(backend: str) -> None:
    """The mean is taken off first: no digits of the result are lost to it."""
    x = (rng.normal(size=(50, 300)) + 1e4).astype(np.float32)
    wide = x.astype(np.float64)
    want = (wide - wide.mean(-1, keepdims=True)) / wide.std(-1, keepdims=True)
    np.testing.assert_allclose(ops.layer_normalization(x, epsilon=0.0), want, atol=3e-3)


def test_a_constant_row_gives_zeros(backend: str) -> None:
    x = np.full((2, 7), 3.0, np.float32)
    np.testing.assert_array_equal(ops.layer_normalization(x), 0)
    np.testing.assert_array_equal(ops.normalize(0 * x, epsilon=1e-12), 0)


@pytest.mark.parametrize("order", [0, -1, 1.5, True, "2"])
def test_bad_order(order: Any) -> None:
    with pytest.raises(ValueError, match=r"`order` must be an int >= 1. Received: order="):
        ops.normalize(X, order=order)


def test_no_synchronized_moments() -> None:
    with pytest.raises(ValueError, match="`synchronized` is not supported"):
        ops.moments(X, 0, synchronized=True)
