"""`lamina.random` within a layer: part of the step, from a stream that the layer keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import ops
from lamina.layers import Layer
from lamina.random import SeedGenerator

N = 4000


class Draws(Layer):
    """One draw for each element of its input."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        super().__init__()
        self.draw = draw
        self.stream = SeedGenerator(5)

    def call(self, inputs: Any) -> Any:
        return 0.0 * inputs + self.draw(ops.shape(inputs), seed=self.stream)


def numbers(draw: Callable[..., Any], n: int = N) -> np.ndarray:
    model = lamina.Sequential([lamina.Input((3,)), Draws(draw)])
    result: np.ndarray = model.predict(np.zeros((n, 3), np.float32), verbose=0)
    return result


def normal(shape: Any, seed: Any) -> Any:
    return lamina.random.normal(shape, mean=2.0, stddev=3.0, seed=seed)


def uniform(shape: Any, seed: Any) -> Any:
    return lamina.random.uniform(shape, -1.0, 3.0, seed=seed)


def truncated(shape: Any, seed: Any) -> Any:
    return lamina.random.truncated_normal(shape, mean=2.0, stddev=3.0, seed=seed)


def whole(shape: Any, seed: Any) -> Any:
    return lamina.random.randint(shape, 2, 6, seed=seed)


# (mean, variance, least, most) of the distribution; for the truncated one from SciPy's truncnorm.
MOMENTS = {
    normal: (2.0, 9.0, -np.inf, np.inf),
    uniform: (1.0, 16 / 12, -1.0, 3.0),
    truncated: (2.0, 9 * 0.7737413035499232, -4.0, 8.0),
    whole: (3.5, 1.25, 2.0, 5.0),
}


@pytest.mark.parametrize("draw", MOMENTS, ids=lambda draw: draw.__name__)
def test_moments(draw: Callable[..., Any], backend: str) -> None:
    """Mean and variance within 5 sigma, bounds kept."""
    x = numbers(draw).astype(np.float64).ravel()
    mean, variance, least, most = MOMENTS[draw]
    assert abs(x.mean() - mean) < 5 * np.sqrt(variance / x.size)
    fourth = ((x - mean) ** 4).mean()
    assert abs(x.var() - variance) < 5 * np.sqrt((fourth - variance**2) / x.size) + 1e-9
    assert least <= x.min()
    assert x.max() <= most + 1e-6
    if draw is whole:
        assert set(np.unique(x)) == {2.0, 3.0, 4.0, 5.0}


def test_each_step_draws_anew(backend: str) -> None:
    """The stream moves on; the same state gives the same numbers."""
    layer = Draws(normal)
    model = lamina.Sequential([lamina.Input((3,)), layer])
    x = np.zeros((4, 3), np.float32)
    first, second = (model.predict(x, verbose=0) for _ in range(2))
    assert not np.array_equal(first, second)
    layer.stream.state.assign(np.array([5, 0], np.uint32))
    assert np.array_equal(model.predict(x, verbose=0), first)


def test_dropout_keeps_its_share(backend: str) -> None:
    class Drops(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.stream = SeedGenerator(1)

        def call(self, inputs: Any) -> Any:
            return lamina.random.dropout(inputs, 0.25, seed=self.stream)

    model = lamina.Sequential([lamina.Input((3,)), Drops()])
    y = model.predict(np.ones((N, 3), np.float32), verbose=0)
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / y.size)


@pytest.mark.parametrize("seed", [3, None])
def test_a_layer_needs_a_stream(seed: Any) -> None:
    """An integer would draw the same numbers in each step."""
    with pytest.raises(ValueError, match=r"need a `SeedGenerator`.*seed="):
        numbers(lambda shape, **_: lamina.random.normal(shape, seed=seed))


def test_arrays_need_every_size() -> None:
    with pytest.raises(ValueError, match=r"size of every axis.*\(None, 3\)"):
        lamina.random.uniform((None, 3))
