"""The reference's own functions against SciPy and the definitions, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from lamina.backends import numpy as reference
from lamina.graph.tensor import Spec

rng = np.random.default_rng(0)
X = np.concatenate([rng.normal(size=300) * 3, [0.0, -700, 700, 40, -40, 1e-9, -1e-9]])
ROWS = rng.normal(size=(20, 7)) * 5
TARGETS = rng.dirichlet(np.ones(7), 20)

TRUE = {
    "relu": (np.maximum(X, 0), (X,)),
    "sigmoid": (special.expit(X), (X,)),
    "softplus": (-special.log_expit(-X), (X,)),
    "erf": (special.erf(X), (X,)),
    "log1p": (special.log1p(np.abs(X)), (np.abs(X),)),
    "rsqrt": (np.abs(X[X != 0]) ** -0.5, (np.abs(X[X != 0]),)),
    "softmax": (special.softmax(ROWS, axis=-1), (ROWS,)),
    "log_softmax": (special.log_softmax(ROWS, axis=-1), (ROWS,)),
    "softmax_cross_entropy": (
        -(TARGETS * special.log_softmax(ROWS, axis=-1)).sum(axis=-1), (ROWS, TARGETS),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_functions(name: str) -> None:
    want, operands = TRUE[name]
    found = reference.functions[name](*operands)
    found = found[0] if isinstance(found, tuple) else found
    np.testing.assert_allclose(found, want, rtol=1e-12, atol=1e-300)


def test_extremes_do_not_overflow() -> None:
    """Neither warnings nor NaN for logits that are far apart."""
    far = np.array([[1e4, 0.0, -1e4]])
    loss, p = reference.softmax_cross_entropy(far, np.array([[0.0, 0.0, 1.0]]))
    assert loss.tolist() == [2e4]
    assert p.tolist() == [[1, 0, 0]]
    assert reference.softplus(np.array([1e4, -1e4])).tolist() == [1e4, 0]


@pytest.mark.parametrize("transpose_a", [True, False])
@pytest.mark.parametrize("transpose_b", [True, False])
def test_matmul(transpose_a: bool, transpose_b: bool) -> None:
    a, b = rng.normal(size=(4, 6)), rng.normal(size=(6, 5))
    flags = {"transpose_a": transpose_a, "transpose_b": transpose_b}
    found = reference.matmul(a.T if transpose_a else a, b.T if transpose_b else b, **flags)
    np.testing.assert_allclose(found, np.einsum("ik,kj->ij", a, b), rtol=1e-12)


@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_rmsprop(momentum: float, centered: bool) -> None:
    w, g = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    v, m, mean = np.array([0.1, 4.0]), np.array([0.01, -0.2]), np.array([0.2, 0.1])
    slots = [v] + [m] * (momentum > 0) + [mean] * centered
    found = reference.rmsprop(
        w, g, np.array(0.01), *slots, rho=0.8, epsilon=1e-3, momentum=momentum, centered=centered
    )
    for i in range(2):
        new_v = 0.8 * v[i] + 0.2 * g[i] ** 2
        new_mean = 0.8 * mean[i] + 0.2 * g[i]
        under = new_v + 1e-3 - (new_mean**2 if centered else 0)
        step = 0.01 * g[i] / under**0.5 + (momentum * m[i] if momentum else 0)
        want = [w[i] - step, new_v] + [step] * (momentum > 0) + [new_mean] * centered
        np.testing.assert_allclose([x[i] for x in found], want, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "x", "dtype", "want"),
    [
        ("exp", np.array([0, 3], np.uint8), "float32", np.exp([0, 3])),
        ("square", np.array([200], np.uint8), "int32", [40000]),
        ("negative", np.array([True, False]), "int32", [-1, 0]),
        ("reciprocal", np.array([4]), "float32", [0.25]),
        ("erf", np.array([1]), "float32", special.erf([1.0])),
        ("exp", np.array([0.1], np.float16), "float32", np.exp(np.float32(np.float16(0.1)))),
    ],
)
def test_whole_numbers_do_not_wrap_around(name: str, x: Any, dtype: str, want: Any) -> None:
    (found,) = reference.run(name, [x], {}, [Spec(x.shape, dtype)])
    assert found.dtype == dtype
    np.testing.assert_allclose(found, want, rtol=1e-7)


def test_no_elements() -> None:
    empty = np.zeros((0, 3), np.float32)
    assert np.isnan(reference.run("mean", [empty], {"axes": (0,)}, [Spec((3,))])[0]).all()
    state = np.array([1, 2], np.uint32)
    assert reference.dropout(empty, state, rate=0.5).shape == (0, 3)
