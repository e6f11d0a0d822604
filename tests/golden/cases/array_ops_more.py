"""keras.ops on arrays: NumPy's shorthands, reductions without NaN, quantiles, matrices, loops."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record

_rng = np.random.default_rng(12)
X = _rng.normal(size=(2, 3, 4)).astype("float32")
Y = _rng.normal(size=(2, 3, 4)).astype("float32")
M = X[0]
V = M[0, :3]
HOLES = np.where(np.abs(X) < 0.5, np.nan, X).astype("float32")
HOLES[0, 1] = np.nan
HARD = np.array([[1, np.nan, -3], [np.inf, 2.5, -np.inf], [0.0, -0.0, -1]], "float32")
IDS = np.array([0, 3, 0], "int32")
COUNTS = np.array([[0, 3, 1, 3], [2, 2, 2, 0]], "int32")
SQUARE = (np.eye(3) * 2 + M[:, :3] @ M[:, :3].T).astype("float32")
SYSTEMS = np.stack([SQUARE, SQUARE.T + np.eye(3, dtype="float32")])

Family = dict[str, Callable[[Any], Any]]

ARRANGED: Family = {
    "append": lambda o: o.append(X, Y),
    "append_axis": lambda o: o.append(X, Y[:, :1], axis=1),
    "array_split": lambda o: o.array_split(X, 3, axis=2)[0],
    "array_split_last": lambda o: o.array_split(X, 3, axis=2)[2],
    "hstack": lambda o: o.hstack([X, Y]),
    "hstack_vectors": lambda o: o.hstack([V, M[1]]),
    "vstack": lambda o: o.vstack([V, M[:, :3]]),
    "dstack": lambda o: o.dstack([M, Y[0]]),
    "dstack_vectors": lambda o: o.dstack([V, V]),
    "hsplit": lambda o: o.hsplit(X, 3)[1],
    "hsplit_vector": lambda o: o.hsplit(M[0], 2)[1],
    "vsplit": lambda o: o.vsplit(M, [1, 2])[2],
    "dsplit": lambda o: o.dsplit(X, 2)[1],
    "meshgrid": lambda o: o.meshgrid(V, M[1], IDS)[0],
    "meshgrid_second": lambda o: o.meshgrid(V, M[1])[1],
    "meshgrid_ij": lambda o: o.meshgrid(V, M[1], indexing="ij")[1],
    "fliplr": lambda o: o.fliplr(X),
    "flipud": lambda o: o.flipud(X),
    "rot90": lambda o: o.rot90(X),
    "rot90_back": lambda o: o.rot90(X, k=-1, axes=(2, 1)),
    "rot90_half": lambda o: o.rot90(X, k=2, axes=(0, 2)),
    "diagflat": lambda o: o.diagflat(M[:2, :2], k=1),
    "tri": lambda o: o.tri(3, 4, k=-1),
    "select": lambda o: o.select([X > 0.5, X < 0], [X, Y], default=7.0),
    "scatter": lambda o: o.scatter(np.array([[0, 1], [2, 0], [0, 1]]), M, (3, 2, 4)),
    "scatter_update": lambda o: o.scatter_update(M, np.array([[0, 1], [2, 3]]), V[:2]),
    "scatter_update_rows": lambda o: o.scatter_update(M, np.array([[1]]), M[:1]),
    "scatter_update_add": lambda o: o.scatter_update(
        M, np.array([[0, 1], [2, 3]]), V[:2], reduction="add"
    ),
    "scatter_update_max": lambda o: o.scatter_update(
        M, np.array([[0, 1], [2, 3]]), V[:2], reduction="max"
    ),
    "multi_hot": lambda o: o.multi_hot(np.array([[0, 2], [1, 1]]), 4),
    "multi_hot_vector": lambda o: o.multi_hot(np.array([0, 2]), num_classes=4),
    "isin": lambda o: o.isin(COUNTS, [3, 0]),
    "isin_inverted": lambda o: o.isin(COUNTS, np.array([[3, 9]]), invert=True),
    "isin_none": lambda o: o.isin(HARD, [np.nan, 2.5, np.inf]),
    "segment_max": lambda o: o.segment_max(M, IDS, num_segments=5),
    "segment_min": lambda o: o.segment_min(M, IDS, num_segments=4),
    "segment_prod": lambda o: o.segment_prod(M, IDS, 4),
}  # fmt: skip

COUNTED: Family = {
    "bincount": lambda o: o.bincount(COUNTS[0]),
    "bincount_rows": lambda o: o.bincount(COUNTS, minlength=6),
    "bincount_weights": lambda o: o.bincount(COUNTS[0], weights=M[0]),
    "histogram": lambda o: o.histogram(X.ravel(), bins=5)[0],
    "histogram_edges": lambda o: o.histogram(X.ravel(), bins=5)[1],
    "histogram_range": lambda o: o.histogram(X.ravel(), bins=4, range=(-0.5, 1.0))[0],
    "nonzero": lambda o: o.nonzero(COUNTS)[1],
    "unravel_index": lambda o: o.unravel_index(np.array([5, 11], "int32"), (3, 4))[0],
    "argpartition": lambda o: np.take_along_axis(M, np.asarray(o.argpartition(M, 1)), 1)[:, 1],
    "nextafter": lambda o: o.nextafter(M, Y[0]),
    "bitwise": lambda o: o.bitwise_xor(o.bitwise_and(COUNTS, 2), o.bitwise_not(o.bitwise_or(COUNTS, 1))),
    "shifts": lambda o: o.right_shift(o.bitwise_left_shift(COUNTS, 3), 1),
    "gcd": lambda o: o.gcd(12 * COUNTS, 18),
    "lcm": lambda o: o.lcm(COUNTS, 4),
    "view": lambda o: o.view(np.array([1e-45, 4e-45], "float32"), "int32"),
}  # fmt: skip

_REDUCED = ("nansum", "nanmean", "nanmax", "nanmin", "nanvar", "nanstd", "nanprod")
NANS: Family = {
    **{
        f"{name}{suffix}": functools.partial(
            lambda o, name, options: getattr(o, name)(HOLES, **options), name=name, options=options
        )
        for name in _REDUCED
        for suffix, options in (
            ("", {}), ("_axis", {"axis": 2}), ("_axes", {"axis": (0, 2), "keepdims": True}),
        )
    },
    "nanargmax": lambda o: o.nanargmax(HOLES, axis=2),
    "nanargmin": lambda o: o.nanargmin(HOLES, axis=0, keepdims=True),
    "nancumsum": lambda o: o.nancumsum(HOLES, axis=1),
    "nancumprod": lambda o: o.nancumprod(HOLES),
    "nanmedian": lambda o: o.nanmedian(HOLES, axis=2),
    "nanquantile": lambda o: o.nanquantile(HOLES, [0.2, 0.75], axis=(0, 2)),
    "nanpercentile": lambda o: o.nanpercentile(HOLES, 30, method="nearest", keepdims=True),
    "median": lambda o: o.median(X),
    "median_axis": lambda o: o.median(X, axis=(0, 1), keepdims=True),
    "median_nan": lambda o: o.median(np.array([[1, np.nan, 2], [3, 5, 4]], "float32"), axis=1),
    "percentile": lambda o: o.percentile(X, [10.0, 50, 99], axis=-1),
    **{
        f"quantile_{method}": functools.partial(
            lambda o, method: o.quantile(X, [0, 0.1, 0.55, 0.83, 1], axis=(0, 2), method=method),
            method=method,
        )
        for method in ("linear", "lower", "higher", "midpoint", "nearest")
    },
    "ptp": lambda o: o.ptp(X, axis=1),
    "amax": lambda o: o.amax(X, axis=1, keepdims=True),
    "amin": lambda o: o.amin(X),
}  # fmt: skip

FORMULAS: Family = {
    "allclose": lambda o: 1 * np.asarray(o.allclose(X, X * np.float32(1 + 1e-6))),
    "allclose_not": lambda o: o.allclose(X, Y),
    "divide_no_nan": lambda o: o.divide_no_nan(M, np.array([0, 2, 0, -1], "float32")),
    "erfc": lambda o: o.erfc(np.linspace(-4, 9, 27, dtype="float32")),
    "fabs": lambda o: o.fabs(COUNTS - 2),
    "fmax": lambda o: o.fmax(HARD, 1.5),
    "fmin": lambda o: o.fmin(HARD, HARD[::-1]),
    "fmod": lambda o: o.fmod(7 * X, np.array([0.3, -0.3, 0.7, -2], "float32")),
    "heaviside": lambda o: o.heaviside(HARD, 0.5),
    "isneginf": lambda o: o.isneginf(HARD),
    "isposinf": lambda o: o.isposinf(HARD),
    "ldexp": lambda o: o.ldexp(M, np.array([-3, 0, 2, 30])),
    "logaddexp2": lambda o: o.logaddexp2(9 * X, Y),
    "psnr": lambda o: o.psnr(X, Y, 2.0),
    "signbit": lambda o: o.signbit(HARD),
    "sinc": lambda o: o.sinc(HARD[2] + M[:, :3]),
    "logspace": lambda o: o.logspace(0.0, 2.0, 5),
    "geomspace": lambda o: o.geomspace(1.0, 100.0, 4, endpoint=False),
    "bartlett": lambda o: o.bartlett(6),
    "blackman": lambda o: o.blackman(7),
    "hamming": lambda o: o.hamming(6),
    "hanning": lambda o: o.hanning(6),
    "kaiser": lambda o: o.kaiser(6, 8.6),
    "saturate_cast": lambda o: o.saturate_cast(300 * X, "uint8"),
    "saturate_cast_ints": lambda o: o.saturate_cast(np.array([-1, 70000]), "int16"),
    "array": lambda o: o.array([1.5, 2]),
    "copy": lambda o: o.copy(M),
    "is_tensor": lambda o: [o.is_tensor(o.ones(2)), o.is_tensor([1.0])],
    "empty_like": lambda o: o.shape(o.empty_like(M)) + o.shape(o.empty((2,), dtype="int32")),
}  # fmt: skip

PRODUCTS: Family = {
    "inner": lambda o: o.inner(X, Y[0]),
    "inner_number": lambda o: o.inner(X, np.float32(2)),
    "vdot": lambda o: o.vdot(X, Y),
    "cross": lambda o: o.cross(X, Y, axis=1),
    "cross_axes": lambda o: o.cross(X, Y[0], axisa=1, axisb=0, axisc=0),
    "cross_plane": lambda o: o.cross(M[:, :2], M[:, 2:]),
    "kron": lambda o: o.kron(M, X[:, :2]),
    "diff": lambda o: o.diff(X),
    "diff_twice": lambda o: o.diff(X, n=2, axis=1),
    "trapezoid": lambda o: o.trapezoid(X, dx=0.5, axis=1),
    "trapezoid_places": lambda o: o.trapezoid(X, np.array([0, 1, 3, 4], "float32")),
    "vander": lambda o: o.vander(V),
    "vander_increasing": lambda o: o.vander(V, N=5, increasing=True),
    "norm": lambda o: o.norm(X),
    **{
        f"norm_{order}": functools.partial(lambda o, order: o.norm(X, ord=order, axis=1), order=order)
        for order in (None, 0, 1, 2, 3, np.inf, -np.inf)
    },
    **{
        f"norm_of_matrices_{order}": functools.partial(
            lambda o, order: o.norm(X, ord=order, axis=(2, 0), keepdims=True), order=order
        )
        for order in ("fro", 1, -1, np.inf, -np.inf, "nuc", 2, -2)
    },
    "det": lambda o: o.det(SYSTEMS),
    "slogdet": lambda o: o.slogdet(SYSTEMS)[1],
    "logdet": lambda o: o.logdet(SYSTEMS),
    "inv": lambda o: o.inv(SYSTEMS),
    "pinv": lambda o: o.pinv(M),
    "matrix_rank": lambda o: o.matrix_rank(M),
    "solve": lambda o: o.solve(SYSTEMS, M[:, :3] + np.zeros((2, 1, 1), "float32")),
    "solve_triangular": lambda o: o.solve_triangular(SQUARE, M, lower=True),
    "lstsq": lambda o: o.lstsq(SQUARE[:, :2], V),
    "cholesky": lambda o: o.cholesky(SQUARE),
    "cholesky_upper": lambda o: o.cholesky(SQUARE, upper=True),
    "cholesky_inverse": lambda o: o.cholesky_inverse(np.tril(SQUARE)),
    "eigh": lambda o: o.eigh(SQUARE)[0],
    "svd": lambda o: o.svd(M, compute_uv=False),
    "qr": lambda o: np.abs(np.asarray(o.qr(M)[1])),
}  # fmt: skip

LOOPS: Family = {
    "cond": lambda o: o.cond(o.sum(V) > 100, lambda: 2 * V, lambda: -V),
    "switch": lambda o: o.switch(9, [lambda x: x, lambda x: 2 * x], V),
    "fori_loop": lambda o: o.fori_loop(1, 4, lambda i, x: x * i + V, V),
    "while_loop": lambda o: o.while_loop(lambda i, x: i < 5, lambda i, x: (i + 1, 2 * x), (0, V))[1],
    "while_loop_limit": lambda o: o.while_loop(lambda x: True, lambda x: x + 1, V, maximum_iterations=7),
    "scan": lambda o: o.scan(lambda c, x: (c + x, c * x), V, M[:, :3])[1],
    "scan_reverse": lambda o: o.scan(lambda c, x: (c + x, c), V, M[:, :3], reverse=True)[1],
    "scan_carry": lambda o: o.scan(lambda c, x: (c * 2, c), V, length=3)[0],
    "map": lambda o: o.map(lambda x: o.sum(x, axis=0), X),
    "vectorized_map": lambda o: o.vectorized_map(lambda x: x[0] + o.flip(x[1]), [X, Y]),
    "associative_scan": lambda o: o.associative_scan(lambda a, b: a + b, X, axis=1),
    "associative_scan_reverse": lambda o: o.associative_scan(lambda a, b: a * b, X, reverse=True, axis=2),
}  # fmt: skip


def _record(keras: Keras, family: Family) -> Record:
    return {
        name: {"value": np.asarray(y), "dtype": np.asarray(y).dtype.kind}
        for name, y in ((name, compute(keras.ops)) for name, compute in family.items())
    }


_case = functools.partial(Case, "array_ops_more", backend="jax", atol=2e-6, rtol=2e-5)

CASES = [
    _case(name, functools.partial(_record, family=family))
    for name, family in (
        ("arranged", ARRANGED), ("counted", COUNTED), ("nans", NANS), ("formulas", FORMULAS),
        ("products", PRODUCTS), ("loops", LOOPS),
    )
]  # fmt: skip
