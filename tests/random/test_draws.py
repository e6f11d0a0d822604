"""Random numbers: their distribution, and that they are functions of the seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from lamina import backends, config, ops, random, utils

N = 200_000


def state(seed: int, step: int = 0) -> np.ndarray:
    return np.array([seed, step], np.uint32)


def moments(x: np.ndarray, mean: float, deviation: float, kurtosis: float) -> None:
    """Mean and variance within five of their standard errors."""
    x = np.asarray(x, np.float64).ravel()
    assert abs(x.mean() - mean) < 5 * deviation / np.sqrt(x.size)
    error = deviation**2 * np.sqrt((kurtosis - 1) / x.size)
    assert abs(x.var() - deviation**2) < 5 * error


@pytest.mark.parametrize("shape", [(N,), (2000, 100), (N // 4, 4)])
def test_moments(shape: tuple[int, ...]) -> None:
    moments(ops.random_uniform(state(3), shape=shape), 0.5, np.sqrt(1 / 12), 1.8)
    moments(ops.random_normal(state(3), shape=shape), 0, 1, 3)


def test_distribution() -> None:
    x = np.asarray(ops.random_normal(state(5), shape=(N,)), np.float64)
    assert stats.kstest(x, "norm").pvalue > 1e-3
    assert 4 < np.abs(x).max() < 6.5
    u = np.asarray(ops.random_uniform(state(5), shape=(N,)), np.float64)
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert u.min() >= 0
    assert u.max() < 1
    assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 5 / np.sqrt(N)


def test_uniform_has_dropouts_bits(backend: str) -> None:
    u = np.asarray(ops.random_uniform(state(7, 2), shape=(30, 100)))
    kept = np.asarray(ops.dropout(np.ones((30, 100), np.float32), state(7, 2), rate=0.25)) != 0
    np.testing.assert_array_equal(kept, u >= 0.25)


def test_normal_is_the_inverse_of_the_distribution(backend: str) -> None:
    """Of the very word whose first bits the uniform number has."""
    u = np.asarray(ops.random_uniform(state(1), shape=(40, 70)), np.float64)
    x = np.asarray(ops.random_normal(state(1), shape=(40, 70)), np.float64)
    assert (stats.norm.cdf(x) >= u - 1e-7).all()
    assert (stats.norm.cdf(x) <= u + 2.0**-24 + 1e-7).all()


@pytest.mark.parametrize(
    ("draw", "levels"),
    [(ops.random_uniform, ("v3", "v4", "baseline")), (ops.random_normal, ("v3", "v4"))],
)
def test_the_same_everywhere(draw: Any, levels: tuple[str, ...]) -> None:
    """The level `baseline` rounds the polynomials of normal numbers twice."""
    found = []
    for level in [n for n in levels if n in config.available_levels()]:
        config.set_level(level)
        for threads in (1, 2, 3):
            config.set_num_threads(threads)
            found.append(np.asarray(draw(state(9, 4), shape=(701, 130))).tobytes())
    assert len(set(found)) == 1
    assert found[0] != np.asarray(draw(state(9, 5), shape=(701, 130))).tobytes()


DRAWS: dict[str, Callable[..., np.ndarray]] = {
    "normal": lambda **o: random.normal((50, 4), 1.0, 2.0, **o),
    "uniform": lambda **o: random.uniform((50, 4), -1.0, 3.0, **o),
    "truncated_normal": lambda **o: random.truncated_normal((50, 4), 1.0, 2.0, **o),
    "randint": lambda **o: random.randint((50, 4), -3, 9, **o),
    "categorical": lambda **o: random.categorical(np.zeros((5, 7)), 30, **o),
    "shuffle": lambda **o: random.shuffle(np.arange(200), **o),
    "dropout": lambda **o: random.dropout(np.ones((50, 4), np.float32), 0.5, **o),
    "gamma": lambda **o: random.gamma((50, 4), 2.0, **o),
    "beta": lambda **o: random.beta((50, 4), 2.0, 3.0, **o),
    "binomial": lambda **o: random.binomial((50, 4), 10, 0.3, **o),
}


@pytest.mark.parametrize("name", DRAWS)
def test_seeds(name: str) -> None:
    draw = DRAWS[name]
    np.testing.assert_array_equal(draw(seed=3), draw(seed=3))
    assert (draw(seed=3) != draw(seed=4)).any()
    stream, again = random.SeedGenerator(3), random.SeedGenerator(3)
    first = draw(seed=stream)
    np.testing.assert_array_equal(first, draw(seed=again))
    np.testing.assert_array_equal(first, draw(seed=3))
    assert (draw(seed=stream) != first).any()
    results = []
    for _ in range(2):
        utils.set_random_seed(1)
        results.append(draw())
    np.testing.assert_array_equal(*results)
    assert (draw() != results[0]).any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: random.normal((2,), dtype="int32"), "floating point `dtype`.*int32"),
        (lambda: random.uniform((2,), dtype="int32"), "floating point `dtype`.*int32"),
        (lambda: random.randint((2,), 0, 5, dtype="float32"), "integer `dtype`.*float32"),
        (lambda: random.categorical(np.zeros(3), 2), r"2-D.*\(3,\)"),
        (lambda: random.normal((2,), seed="a"), "`seed`.*'a'"),
        (lambda: random.dropout(np.ones(3), 1.5), "rate.*1.5"),
        (lambda: random.uniform((2,), 2, 1), "`minval` must not be above .* minval=2, maxval=1"),
        (lambda: random.binomial((2,), [1, 1.5], 0.5), r"whole numbers.*counts=\[1, 1.5\]"),
    ],
)
def test_misuse(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_backends_agree() -> None:
    found = []
    for name in backends.names:
        backends.set_backend(name)
        found.append(np.asarray(ops.random_normal(state(2, 1), shape=(33, 70))))
    np.testing.assert_allclose(*found, rtol=2.5e-7)
