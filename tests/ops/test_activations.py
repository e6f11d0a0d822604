"""Activations against their definitions, in places where formulas and kernels differ most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from lamina import activations, ops

pytestmark = pytest.mark.usefixtures("backend")


@pytest.mark.parametrize("draw", ["normal", "ties", "wide"])
def test_sparsemax_is_the_nearest_distribution(draw: str) -> None:
    """Its conditions (Martins and Astudillo, 2016): what is kept lies as far above one threshold
    as it is large, what is not lies below it."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 9)) if draw != "ties" else rng.integers(-2, 3, (200, 9)) / 4
    x = (x * (100 if draw == "wide" else 1)).astype(np.float32)
    y = np.asarray(ops.sparsemax(x), np.float64)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-6)
    assert (y >= 0).all()
    threshold = np.where(y > 0, x - y, -np.inf).max(axis=-1, keepdims=True)
    np.testing.assert_allclose(np.where(y > 0, x - y, threshold), threshold + 0 * x, atol=2e-5)
    assert (np.where(y > 0, -np.inf, x) <= threshold + 2e-5).all()


def test_sparsemax_along_another_axis() -> None:
    x = np.random.default_rng(1).normal(size=(3, 4, 5)).astype(np.float32)
    found = activations.sparsemax(x, axis=1)
    np.testing.assert_array_equal(found, ops.sparsemax(x.transpose(0, 2, 1)).transpose(0, 2, 1))


def test_gelu_keeps_its_digits_far_below_0() -> None:
    x = np.linspace(-13, -0.1, 300, dtype=np.float32)
    want = x * special.ndtr(x.astype(np.float64))
    np.testing.assert_allclose(ops.gelu(x, approximate=False), want, rtol=4e-7, atol=1e-44)


@pytest.mark.parametrize(
    ("compute", "want"),
    [
        (lambda: ops.isinf([1.0, np.inf, -np.inf, np.nan]), [False, True, True, False]),
        (lambda: ops.logical_xor([0.0, 0.0, 2.0, 3.0], [0.0, 1.0, 0.0, 1.0]), [0, 1, 1, 0]),
        (lambda: ops.trunc([-1.7, -0.2, 0.9, 2.5]), [-1, 0, 0, 2]),
        (lambda: ops.round([0.5, 1.5, -2.5, 1e10]), [0, 2, -2, 1e10]),
        (lambda: ops.round([0.125, 12.36], 1), [0.1, 12.4]),
        (lambda: ops.round([15.0, 25.0, 149.0], decimals=-1), [20, 20, 150]),
        (lambda: ops.log2([1.0, 8.0, 2.0**-149]), [0, 3, -149]),
        (lambda: ops.log10([1.0, 1000.0, 1e10]), [0, 3, 10]),
        (lambda: ops.exp2([-1.0, 0.0, 10.0]), [0.5, 1, 1024]),
        (lambda: ops.cbrt([27.0, -8.0, 0.0]), [3, -2, 0]),
        (lambda: ops.hypot([3.0, 1e30], [4.0, 1e30]), [5, 2**0.5 * 1e30]),
        (lambda: ops.nan_to_num([np.nan, np.inf, 1.0], posinf=9.0), [0, 9, 1]),
        (lambda: ops.swish([0.0]), [0]),
    ],
)  # fmt: skip
def test_values(compute: Any, want: Any) -> None:
    np.testing.assert_allclose(np.asarray(compute(), np.float64), want, rtol=1e-6)


def test_halves_of_an_odd_axis() -> None:
    with pytest.raises(ValueError, match=r"divisible by 2.*\(2, 3\) with axis=1"):
        activations.glu(np.ones((2, 3)))


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match=r"activation function.*'sin'"):
        activations.get("sin")
