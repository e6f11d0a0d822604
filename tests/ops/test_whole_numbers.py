"""Integers and truth values on arrays: all their digits, on both backends.  See also tests/golden."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lamina import ops

pytestmark = pytest.mark.usefixtures("backend")
NUMBERS = np.array([7, -7, 0, 2**30 + 1], np.int32)
ZEROS = np.zeros(4, np.int32)


@pytest.mark.parametrize("function", [ops.floor_divide, ops.mod, ops.fmod])
def test_a_quotient_by_zero_is_zero_as_in_numpy(function: Callable[..., Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for zeros in (ZEROS, ZEROS.astype(bool), 0):
            found = function(NUMBERS, zeros)
            assert found.dtype == np.int32
            np.testing.assert_array_equal(found, ZEROS)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "bool"])
def test_every_width_gives_int32(dtype: str) -> None:
    x = np.array([1, 0, 1], dtype)
    for y in (ops.add(x, x), ops.sum(x), ops.matmul(x, x), ops.relu(x), ops.power(x, x)):
        assert y.dtype == np.int32
    assert ops.add(x, 1.0).dtype == ops.mean(x).dtype == np.float32


def test_negative_powers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"power: integers have no negative powers .* array\(-2\)"):
        ops.power(NUMBERS, -2)
    np.testing.assert_array_equal(ops.power(np.array([2, 4]), -2.0), [1 / 4, 1 / 16])


EMPTY = np.zeros((2, 0), np.float32)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool"])
@pytest.mark.parametrize("function", [ops.max, ops.min, ops.amax, ops.amin, ops.ptp, ops.nanmax,
                                      ops.argmax, ops.argmin])  # fmt: skip
def test_nothing_has_no_extreme(function: Callable[..., Any], dtype: str) -> None:
    for axis in (None, 1):
        with pytest.raises(ValueError, match=r"(max|min): there is none of no numbers"):
            function(EMPTY.astype(dtype), axis=axis)


@pytest.mark.parametrize("function", [ops.gcd, ops.lcm])
def test_truth_values_have_no_divisors(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=f"{function.__name__}: expected integers.*dtype=bool"):
        function([True], [2])


@pytest.mark.parametrize("exponent", [0.5, True, [1.0], np.array([True])])
def test_exponents_of_ldexp_are_integers(exponent: Any) -> None:
    with pytest.raises(TypeError, match=r"ldexp: the exponent must hold integers.*(float32|bool)"):
        ops.ldexp([1.0], exponent)


def test_indices_into_all_elements_are_a_vector() -> None:
    with pytest.raises(ValueError, match=r"take_along_axis.*\(4,\) and \(1, 2\)"):
        ops.take_along_axis(NUMBERS, [[0, 1]])


def test_pythons_integers_are_int32_unless_they_are_too_large() -> None:
    assert ops.convert_to_tensor([2**31 - 1, -(2**31)]).dtype == np.int32
    assert ops.convert_to_tensor(2**31).dtype == np.int64
    assert ops.convert_to_tensor(np.array([1])).dtype == np.int64  # an array keeps its dtype
