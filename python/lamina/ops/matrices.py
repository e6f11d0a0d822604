"""Linear algebra on arrays, by NumPy; a program has no such operations.  Leading axes are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.ops.arrays import floats

Array = np.ndarray


def _matrices(name: str, x: Any, square: bool = True) -> Any:
    (a,) = floats(name, x)
    if a.ndim < 2 or (square and a.shape[-1] != a.shape[-2]):
        kind = "square matrices" if square else "matrices"
        raise ValueError(f"{name}: expected {kind}. Received: shape={a.shape}")
    return a


def _solved(name: str, function: Callable[..., Any], *arrays: Array) -> Any:
    """What NumPy's linear algebra finds; a ValueError where there is nothing to find."""
    try:
        return function(*arrays)
    except np.linalg.LinAlgError as error:
        raise ValueError(f"{name}: {error}. Received: shape={arrays[0].shape}") from error


def cholesky(x: Any, upper: bool = False) -> Array:
    """The lower triangular L of x = L L^T (or, `upper`, its transpose)."""
    lower = _solved("cholesky", np.linalg.cholesky, _matrices("cholesky", x))
    return np.ascontiguousarray(np.swapaxes(lower, -1, -2)) if upper else lower


def cholesky_inverse(x: Any, upper: bool = False) -> Array:
    """The inverse of L L^T for the Cholesky factor x = L (or, `upper`, its transpose)."""
    factor = _matrices("cholesky_inverse", x)
    factor = np.swapaxes(np.triu(factor), -1, -2) if upper else np.tril(factor)
    inverse = _solved("cholesky_inverse", np.linalg.inv, factor)
    return np.swapaxes(inverse, -1, -2) @ inverse


def det(x: Any) -> Any:
    """The determinants of square matrices."""
    return np.linalg.det(_matrices("det", x))


def slogdet(x: Any) -> tuple[Any, Any]:
    """The signs of the determinants, and the logarithms of their sizes."""
    sign, size = np.linalg.slogdet(_matrices("slogdet", x))
    return sign, size


def logdet(x: Any) -> Any:
    """The logarithms of the determinants' sizes."""
    return slogdet(x)[1]


def eig(x: Any) -> tuple[Array, Array]:
    """The eigenvalues and, as columns, eigenvectors of square matrices."""
    values, vectors = _solved("eig", np.linalg.eig, _matrices("eig", x))
    return values, vectors


def eigh(x: Any) -> tuple[Array, Array]:
    """The rising eigenvalues and, as columns, eigenvectors of symmetric matrices."""
    values, vectors = _solved("eigh", np.linalg.eigh, _matrices("eigh", x))
    return values, vectors


def inv(x: Any) -> Array:
    """The inverses of square matrices."""
    return _solved("inv", np.linalg.inv, _matrices("inv", x))


def pinv(x: Any, rcond: float | None = None) -> Array:
    """The pseudoinverses, without singular values below `rcond` times the largest."""
    a = _matrices("pinv", x, square=False)
    return np.linalg.pinv(a) if rcond is None else np.linalg.pinv(a, rcond)


def matrix_rank(x: Any, tol: float | None = None) -> Any:
    """How many singular values are above `tol`, int32."""
    a = _matrices("matrix_rank", x, square=False)
    return np.asarray(np.linalg.matrix_rank(a, tol), np.int32)


def qr(x: Any, mode: str = "reduced") -> tuple[Array, Array]:
    """Q with orthonormal columns and R, upper triangular, of x = Q R."""
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode must be "reduced" or "complete". Received: mode={mode!r}')
    decompose: Any = np.linalg.qr
    q, r = decompose(_matrices("qr", x, square=False), mode)
    return q, r


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """(U, S, V) of x = U S V with the falling singular values S; only S without `compute_uv`."""
    decompose: Any = np.linalg.svd
    found = decompose(_matrices("svd", x, square=False), full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


def solve(a: Any, b: Any) -> Array:
    """The x of a x = b, where b is a vector or a matrix for each matrix a."""
    a, (b,) = _matrices("solve", a), floats("solve", b)
    vector = b.ndim == a.ndim - 1
    if b.shape[b.ndim - 1 if vector else -2] != a.shape[-1]:
        raise ValueError(f"solve: the sizes differ. Received: shapes {a.shape} and {b.shape}")
    x = _solved("solve", np.linalg.solve, a, b[..., None] if vector else b)
    return x[..., 0] if vector else x


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Array:
    """`solve` with what is above (`lower`), or below, the diagonal of a taken as 0."""
    (a,) = floats("solve_triangular", a)
    return solve(np.tril(a) if lower else np.triu(a), b)


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Array:
    """The x with the smallest sum of squares of a x - b."""
    a, b = floats("lstsq", a, b)
    return np.linalg.lstsq(a, b, rcond)[0]
