"""to_categorical and normalize: Keras's results, and errors that name the bad label."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina.utils.numerical import normalize, to_categorical


@pytest.mark.parametrize(
    ("x", "num_classes", "expected"),
    [
        ([0, 2, 1], None, [[1, 0, 0], [0, 0, 1], [0, 1, 0]]),
        ([0, 1], 3, [[1, 0, 0], [0, 1, 0]]),
        ([0, 1], np.int64(3), [[1, 0, 0], [0, 1, 0]]),
        ([1], 0, [[0, 1]]),
        (2, None, [0, 0, 1]),
        ([True, False], None, [[0, 1], [1, 0]]),
        ([1.0, 0.0], None, [[0, 1], [1, 0]]),
        (["1", "0"], None, [[0, 1], [1, 0]]),
        (np.array([0, 1], "uint8"), None, [[1, 0], [0, 1]]),
        ([[0], [1]], None, [[1, 0], [0, 1]]),
        ([[1]], None, [[0, 1]]),
        ([[0, 1]], None, [[[1, 0], [0, 1]]]),
        (np.zeros((1, 2, 1), "int8"), 1, [[[1], [1]]]),
    ],
)
def test_one_hot_rows(x: Any, num_classes: Any, expected: Any) -> None:
    out = to_categorical(x, num_classes)
    assert out.dtype == np.float64
    np.testing.assert_array_equal(out, np.array(expected, float))
    assert out.shape == np.shape(expected)


def test_dtype_and_empty() -> None:
    assert to_categorical([0], 2, dtype="float32").dtype == np.float32
    assert to_categorical([], 3).shape == (0, 3)
    assert to_categorical(np.zeros((0, 1)), 3).shape == (0, 3)
    assert to_categorical(np.zeros((2, 0), int), 3).shape == (2, 0, 3)


@pytest.mark.parametrize(
    ("x", "num_classes", "message"),
    [
        ([0, 1, -1, -2], 3, r"x must not be negative.*x\[2\]=-1"),
        ([-1], None, r"x must not be negative.*x\[0\]=-1"),
        ([[0, 1], [3, 9]], 3, r"less than num_classes=3.*x\[1, 0\]=3"),
        (5, 5, r"less than num_classes=5.*Received: x=5"),
        (
            np.array([2**64 - 1], "uint64"),
            3,
            r"less than num_classes=3.*x\[0\]=18446744073709551615",
        ),
        ([0.0, 1e300], 3, r"less than num_classes=3.*x\[1\]=1e\+300"),
        ([0.0, np.nan], 3, r"x must be finite.*x\[1\]=nan"),
        ([np.inf], None, r"x must be finite.*x\[0\]=inf"),
        ([1.0, 0.5], 3, r"x must be whole numbers.*x\[1\]=0.5"),
        (["one"], None, r"x must be an array of whole numbers"),
        ([[0, 1], [2]], None, r"x must be an array of whole numbers"),
        ([], None, r"num_classes is needed when x is empty"),
        ([0], -1, r"num_classes=-1"),
    ],
)
def test_bad_labels_are_named(x: Any, num_classes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_categorical(x, num_classes)


@pytest.mark.parametrize(
    ("x", "num_classes", "message"),
    [
        (np.array([0, None], object), 2, "x with dtype=object"),
        (None, 2, "x with dtype=object"),
        ([1j], 2, "x with dtype=complex128"),
        ([0], 2.5, "num_classes must be an integer"),
        ([0], "2", "num_classes must be an integer"),
    ],
)
def test_wrong_types_are_named(x: Any, num_classes: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        to_categorical(x, num_classes)


def test_normalize() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(normalize(x), [[0.6, 0.8], [0.0, 0.0]])
    np.testing.assert_allclose(normalize(x, order=1), [[3 / 7, 4 / 7], [0.0, 0.0]])
    np.testing.assert_allclose(normalize(x, order=np.inf), [[0.75, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(normalize(x, axis=0), [[1, 1], [0, 0]])
    np.testing.assert_allclose(normalize(x[:1], axis=1), [[0.6, 0.8]])
    np.testing.assert_array_equal(x, [[3, 4], [0, 0]])


@pytest.mark.parametrize(
    ("x", "dtype"),
    [
        (np.array([3, 4]), "float64"),
        (np.array([3, 4], "float32"), "float32"),
        (np.array([3, 4], "float16"), "float16"),
        ([3, 4], "float32"),
    ],
)
def test_normalize_keeps_floats(x: Any, dtype: str) -> None:
    out = normalize(x)
    assert out.dtype == dtype
    row = [0.6, 0.8]  # as which Keras gives an array
    want = [row] if isinstance(x, np.ndarray) else row
    np.testing.assert_allclose(out, want, rtol=1e-3)
    assert out.shape == np.shape(want)


def test_normalize_refuses() -> None:
    with pytest.raises(ValueError, match=r"axis must lie in x's shape \(2,\).*axis=1"):
        normalize(np.ones(2), axis=1)
    with pytest.raises(TypeError, match="axis must be an integer"):
        normalize(np.ones(2), axis=0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"axis must lie in x's shape \(2, 2\).*axis=\(0, 2\)"):
        normalize(np.ones((2, 2)), axis=(0, 2))
    with pytest.raises(TypeError, match="x must hold numbers"):
        normalize(np.array(["a"]))
