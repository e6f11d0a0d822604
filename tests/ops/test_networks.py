"""Cross-entropies, attention, patches, correlations and distances: in programs with their gradients,
beside SciPy, and what is refused.  Keras's numbers on arrays are goldens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special
from scipy.spatial import distance

import lamina
from lamina import ops
from lamina.graph.differentiate import differentiate
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from ops.programs import ROWS, compare

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS + 7, 4, 4)).astype(np.float32)
Y = rng.normal(size=(ROWS + 7, 4, 4)).astype(np.float32)
MASK = rng.random((4, 4)) > 0.3
M = X[0]


def _heads(x: Any, heads: int) -> Any:
    """(batch, 4, 4) as (batch, 4 places, heads, 4 / heads)."""
    return ops.reshape(x, (-1, 4, heads, 4 // heads))


# What a program computes of rows x and y (batch, 4, 4), with its gradient.
PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "categorical_crossentropy": lambda x, y: ops.categorical_crossentropy(
        ops.softmax(x), ops.exp(0.3 * y)
    ),
    "categorical_crossentropy of logits": lambda x, y: ops.categorical_crossentropy(
        ops.softmax(x), y, from_logits=True
    ),
    "categorical_crossentropy along axis 1": lambda x, y: ops.categorical_crossentropy(
        ops.softmax(x, axis=1), y, from_logits=True, axis=1
    ),
    "binary_crossentropy": lambda x, y: ops.binary_crossentropy(
        ops.sigmoid(x), 0.1 + 0.8 * ops.sigmoid(y)
    ),
    "binary_crossentropy of logits": lambda x, y: ops.binary_crossentropy(ops.sigmoid(x), y, True),
    "sparse_categorical_crossentropy": lambda x, y: ops.sparse_categorical_crossentropy(
        ops.argmax(x, axis=-1), y, from_logits=True
    ),
    "sparse_categorical_crossentropy along axis 1": lambda x, y: (
        ops.sparse_categorical_crossentropy(ops.argmax(x, axis=1), y, from_logits=True, axis=1)
    ),
    "dot_product_attention": lambda x, y: ops.dot_product_attention(
        _heads(x, 2), _heads(y, 2), _heads(x * y, 2)
    ),
    "dot_product_attention, masked": lambda x, y: ops.dot_product_attention(
        _heads(x, 1), _heads(y, 1), _heads(y, 1), mask=MASK, is_causal=True, scale=0.9
    ),
    "dot_product_attention with a bias": lambda x, y: ops.dot_product_attention(
        _heads(x, 2), _heads(y, 2), _heads(y, 2), bias=ops.expand_dims(x, 1)
    ),
    "dot_product_attention of shared heads": lambda x, y: ops.dot_product_attention(
        _heads(x, 4), _heads(y, 4)[:, :, :2], _heads(y, 4)[:, :, 2:]
    ),
    "unfold": lambda x, y: ops.unfold(ops.expand_dims(x, 1), (2, 3), padding=1, stride=(2, 1)),
    "fold": lambda x, y: ops.fold(x * y, (3, 3), 2),
    "fold, side by side": lambda x, y: ops.fold(x * y, (4, 4), 2, stride=2),
    "fold, dilated": lambda x, y: ops.fold(x, (4, 4), 2, dilation=2),
    "space_to_depth": lambda x, y: ops.space_to_depth(ops.expand_dims(x * y, -1), 2),
    "depth_to_space": lambda x, y: ops.depth_to_space(ops.reshape(x * y, (-1, 2, 2, 4)), 2),
    "depth_to_space, channels first": lambda x, y: ops.depth_to_space(
        ops.reshape(x * y, (-1, 4, 2, 2)), 2, "channels_first"
    ),
    "cdist": lambda x, y: ops.cdist(x, y),
    "cdist of rows": lambda x, y: ops.cdist(x[:, 0], M),
    "i0": lambda x, y: ops.i0(3 * x),
    "real": lambda x, y: ops.real(x) * ops.conj(y) + ops.imag(x),
    "angle": lambda x, y: ops.angle(ops.where(ops.abs(x) > 0.1, x, 1.0)) * y,
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_in_a_program(name: str) -> None:
    compare(PROGRAMS[name], X, Y)


def test_weights_can_be_compared() -> None:
    """What has no batch: the slopes of correlations, beside differences."""
    for function in (
        lambda a: ops.corrcoef(a),
        lambda a: ops.correlate(a[0], a[1, :2], "same"),
        lambda a: ops.correlate(a[0, :2], a[1], "full"),
    ):
        start = rng.normal(size=(3, 5))

        def total(a: np.ndarray, function: Any = function) -> Any:
            with Trace(eager=True) as trace:
                x = trace.input(Spec(a.shape, "float64"), "x", a)
                weights = np.arange(1.0, 1 + np.size(function(a))).reshape(np.shape(function(a)))
                loss = ops.sum(ops.multiply(function(x), weights))
                (slope,) = differentiate(trace, loss, [x])
            return float(loss.value), np.asarray(slope.value)

        lamina.config.set_backend("numpy")
        slope = total(start)[1]
        for at in np.ndindex(start.shape):
            moved = [start.copy(), start.copy()]
            moved[0][at] += 1e-6
            moved[1][at] -= 1e-6
            want = (total(moved[0])[0] - total(moved[1])[0]) / 2e-6
            np.testing.assert_allclose(slope[at], want, rtol=1e-4, atol=1e-6)


def test_distances_beside_scipy() -> None:
    a, b = X[0], Y[0]
    np.testing.assert_allclose(ops.cdist(a, b), distance.cdist(a, b), rtol=1e-6)
    near = a + np.float32(1e-4) * b
    np.testing.assert_allclose(
        ops.cdist(a, near).diagonal(), 1e-4 * np.linalg.norm(b, axis=1), rtol=1e-2
    )


def test_the_slope_at_distance_0_is_0() -> None:
    with Trace(eager=True) as trace:
        x = trace.input(Spec(M.shape), "x", M)
        (slope,) = differentiate(trace, ops.sum(ops.cdist(x, M[:1])), [x])
    assert np.isfinite(slope.value).all()
    assert not np.any(slope.value[0])


def test_i0_beside_scipy() -> None:
    x = np.concatenate([np.linspace(-91, 91, 4001), np.linspace(-4, 4, 4001)]).astype(np.float32)
    with np.errstate(over="ignore"):
        found = np.asarray(ops.i0(x))
    np.testing.assert_allclose(found, special.i0(x.astype(np.float64)), rtol=4e-6)
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isinf(ops.i0(np.float32(100)))


def test_the_slope_of_i0() -> None:
    x = np.linspace(-20, 20, 801).astype(np.float32)
    with Trace(eager=True) as trace:
        tensor = trace.input(Spec(x.shape), "x", x)
        (slope,) = differentiate(trace, ops.sum(ops.i0(tensor)), [tensor])
    want = special.i1(x.astype(np.float64))
    np.testing.assert_allclose(slope.value, want, rtol=3e-5, atol=1e-5)


def test_correlate_as_numpy() -> None:
    for m in range(1, 9):
        for n in range(1, 9):
            a, b = rng.normal(size=m).astype(np.float32), rng.normal(size=n).astype(np.float32)
            for mode in ("valid", "same", "full"):
                want = np.correlate(a, b, mode)
                np.testing.assert_allclose(ops.correlate(a, b, mode), want, rtol=1e-4, atol=1e-5)


def test_fold_sums_what_unfold_divides() -> None:
    """The transposed map: <fold(p), x> is <p, unfold(x)>."""
    for options in ({"kernel_size": 2}, {"kernel_size": (3, 2), "stride": (1, 3), "padding": (0, 1)},
                    {"kernel_size": 2, "dilation": 3, "padding": 2}):  # fmt: skip
        x = rng.normal(size=(2, 3, 5, 8))
        patches = np.asarray(ops.unfold(x, **options))
        p = rng.normal(size=patches.shape)
        left = np.sum(np.asarray(ops.fold(p, (5, 8), **options), np.float64) * x)
        np.testing.assert_allclose(left, np.sum(p * patches), rtol=1e-4)


def test_a_model_of_them(tmp_path: Path) -> None:
    """As steps of a model of inputs and outputs, through a file too."""
    entry = lamina.Input((4, 4))
    heads = ops.expand_dims(entry, 2)
    seen = ops.dot_product_attention(heads, heads, heads, is_causal=True)
    model = lamina.Model(entry, ops.reshape(seen, (-1, 4, 4)))
    model.save(tmp_path / "model.keras")
    want = np.asarray(ops.dot_product_attention(*[X[:5, :, None]] * 3, is_causal=True))[:, :, 0]
    for made in (model, lamina.saving.load_model(tmp_path / "model.keras")):
        np.testing.assert_allclose(made.predict(X[:5], verbose=0), want, rtol=1e-5, atol=1e-6)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "categorical shapes": (lambda: ops.categorical_crossentropy(M, M[:3]), r"\(4, 4\).*\(3, 4\)"),
    "categorical of a number": (lambda: ops.categorical_crossentropy(1.0, 0.5), "axis of classes"),
    "categorical axis": (lambda: ops.categorical_crossentropy(M, M, axis=2), "axis 2"),
    "binary shapes": (lambda: ops.binary_crossentropy(M, M[:1]), r"\(4, 4\).*\(1, 4\)"),
    "sparse shapes": (lambda: ops.sparse_categorical_crossentropy([0, 1], M), r"\(2,\).*\(4, 4\)"),
    "sparse label": (lambda: ops.sparse_categorical_crossentropy([0, 4, 0, 0], M), "0 to 3.*4"),
    "sparse negative": (lambda: ops.sparse_categorical_crossentropy([0, -1, 0, 0], M), "-1"),
    "sparse fraction": (lambda: ops.sparse_categorical_crossentropy([0, 0.5, 0, 0], M), r"0\.5"),
    "attention rank": (lambda: ops.dot_product_attention(M, M, M), "4 axes"),
    "attention heads": (
        lambda: ops.dot_product_attention(X[:1, :, :3, None], X[:1, :, :2, None], X[:1, :, :2, None]),
        "multiple of theirs",
    ),
    "attention places": (
        lambda: ops.dot_product_attention(X[:1, None], X[:1, None], X[:1, None, :3]), "same places"
    ),
    "attention flash": (
        lambda: ops.dot_product_attention(*[X[:1, None]] * 3, flash_attention=True),
        "flash_attention=True",
    ),
    "attention cap": (
        lambda: ops.dot_product_attention(*[X[:1, None]] * 3, attn_logits_soft_cap=1.0),
        "attn_logits_soft_cap=1.0",
    ),
    "attention scale": (lambda: ops.dot_product_attention(*[X[:1, None]] * 3, scale="a"), "scale"),
    "unfold rank": (lambda: ops.unfold(M, 2), "4 axes"),
    "unfold kernel": (lambda: ops.unfold(X[None], 0), "kernel_size=0"),
    "unfold kernels": (lambda: ops.unfold(X[None], (1, 2, 3)), r"kernel_size=\(1, 2, 3\)"),
    "unfold large": (lambda: ops.unfold(X[None], 5), "must fit into the image"),
    "unfold padding": (lambda: ops.unfold(X[None], 2, padding=-1), "padding=-1"),
    "unfold stride": (lambda: ops.unfold(X[None], 2, stride=0), "stride=0"),
    "unfold dilation": (lambda: ops.unfold(X[None], 2, dilation="a"), "dilation='a'"),
    "fold rank": (lambda: ops.fold(M, 4, 2), "3 axes"),
    "fold patches": (lambda: ops.fold(X[:1], (4, 4), 2), "9 patches"),
    "fold size": (lambda: ops.fold(X[:1], 0, 2), "output_size=0"),
    "space_to_depth size": (lambda: ops.space_to_depth(X[:4, :, :3, None], 2), "must divide"),
    "space_to_depth block": (lambda: ops.space_to_depth(X[:4, ..., None], 1), "block_size=1"),
    "space_to_depth float": (lambda: ops.space_to_depth(X[:4, ..., None], 2.0), "block_size"),
    "space_to_depth rank": (lambda: ops.space_to_depth(M, 2), "4 axes"),
    "space_to_depth format": (lambda: ops.space_to_depth(X[:4, ..., None], 2, "last"), "'last'"),
    "depth_to_space channels": (lambda: ops.depth_to_space(X[None, :2, :, :3], 2), "squared"),
    "corrcoef rank": (lambda: ops.corrcoef(X), "1 or 2 axes"),
    "correlate mode": (lambda: ops.correlate(M[0], M[1], "all"), "mode='all'"),
    "correlate rank": (lambda: ops.correlate(M, M), "two vectors"),
    "correlate nothing": (lambda: ops.correlate(M[0], M[0][:0]), "with numbers"),
    "cdist rank": (lambda: ops.cdist(M[0], M), "2 axes"),
    "cdist size": (lambda: ops.cdist(M, M[:, :2]), "same size"),
    "real of complex": (lambda: ops.real(np.array([1j])), "complex"),
    "isreal of complex": (lambda: ops.isreal([1j]), "complex"),
    "vectorize of no function": (lambda: ops.vectorize(3), "pyfunc=3"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    call, words = REFUSED[name]
    with pytest.raises((ValueError, TypeError), match=words):
        call()


def test_vectorize_is_for_arrays() -> None:
    with Trace() as trace:
        x = trace.input(Spec((-1, 2)), "x")
        with pytest.raises(TypeError, match="arrays only"):
            ops.vectorize(lambda a: a)(x)
