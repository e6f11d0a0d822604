"""Initial weights: their spread, their seeds, their arguments."""

from __future__ import annotations

import hashlib
import random as python_random
from typing import Any

import numpy as np
import pytest
from scipy import stats

import lamina
from lamina import initializers

SHAPE = (200, 300)


def cdf_of(name: str) -> Any:
    """The distribution that the values of a (200, 300) weight must follow."""
    kind, mode = {
        "glorot_uniform": ("uniform", 250), "glorot_normal": ("normal", 250),
        "he_uniform": ("uniform", 100), "he_normal": ("normal", 100),
        "lecun_uniform": ("uniform", 200), "lecun_normal": ("normal", 200),
    }[name]  # fmt: skip
    deviation = np.sqrt(1 / mode)
    if kind == "uniform":
        limit = np.sqrt(3) * deviation
        return stats.uniform(-limit, 2 * limit).cdf
    return stats.truncnorm(-2, 2, scale=deviation / stats.truncnorm(-2, 2).std()).cdf


@pytest.mark.parametrize(
    "name",
    ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"],
)
def test_distributions(name: str) -> None:
    """By Kolmogorov and Smirnov, over 60,000 draws; the variance is the one that is promised."""
    kind = "".join(part.title() for part in name.split("_"))
    values = getattr(initializers, kind)(seed=3)(SHAPE)
    assert values.shape == SHAPE
    assert values.dtype == np.float32
    assert stats.kstest(values.ravel(), cdf_of(name)).pvalue > 1e-3


def test_plain_distributions() -> None:
    uniform = initializers.RandomUniform(-2, 3, seed=1)(SHAPE).ravel()
    assert stats.kstest(uniform, stats.uniform(-2, 5).cdf).pvalue > 1e-3
    normal = initializers.RandomNormal(1.0, 2.0, seed=1)(SHAPE).ravel()
    assert stats.kstest(normal, stats.norm(1, 2).cdf).pvalue > 1e-3
    cut = initializers.TruncatedNormal(1.0, 2.0, seed=1)(SHAPE).ravel()
    assert stats.kstest(cut, stats.truncnorm(-2, 2, 1, 2).cdf).pvalue > 1e-3
    assert np.abs(cut - 1).max() <= 4


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((), (1, 1)), ((7,), (7, 7)), ((5, 9), (5, 9)), ((3, 3, 4, 8), (36, 72))],
)
def test_fans(shape: tuple[int, ...], fans: tuple[int, int]) -> None:
    assert initializers.compute_fans(shape) == fans


def test_values_are_those_of_keras() -> None:
    """default_rng([seed, 0]), drawn in float64 and rounded."""
    limit = np.sqrt(6 / 500)
    want = np.random.default_rng([7, 0]).uniform(-limit, limit, SHAPE).astype(np.float32)
    assert np.array_equal(initializers.GlorotUniform(seed=7)(SHAPE), want)


def test_seeds() -> None:
    """The same seed, the same values, at each call; none is drawn once, when it is made."""
    first = initializers.GlorotUniform(seed=7)
    assert np.array_equal(first(SHAPE), first(SHAPE))
    assert not np.array_equal(first(SHAPE), initializers.GlorotUniform(seed=8)(SHAPE))
    python_random.seed(5)
    want = python_random.randint(1, int(1e9))
    python_random.seed(5)
    made = initializers.HeNormal()
    assert made.seed == want
    assert made.get_config()["seed"] is None
    assert not np.array_equal(made(SHAPE), initializers.HeNormal()(SHAPE))


def test_constants() -> None:
    assert not initializers.Zeros()((3, 2)).any()
    assert (initializers.Ones()((3, 2)) == 1).all()
    assert (initializers.Constant(2.5)((3, 2)) == 2.5).all()
    table = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(initializers.Constant(table)((3, 2)), table)
    for made in (initializers.Zeros(), initializers.Ones(), initializers.Constant(1.0)):
        assert made((2,), "float64").dtype == np.float64


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("zeros", initializers.Zeros), ("Zeros", initializers.Zeros), ("ones", initializers.Ones),
        ("glorot_uniform", initializers.GlorotUniform), ("HeNormal", initializers.HeNormal),
        (initializers.LecunUniform, initializers.LecunUniform),
        (initializers.Constant(2), initializers.Constant),
        ({"class_name": "RandomNormal", "config": {"stddev": 0.1}}, initializers.RandomNormal),
    ],
)  # fmt: skip
def test_names(identifier: Any, kind: type) -> None:
    assert isinstance(initializers.get(identifier), kind)


def test_a_stream_as_seed_in_a_config() -> None:
    """What Keras 3.15.1 writes; read back, the stream begins anew."""
    lamina.utils.clear_session()
    made = initializers.RandomUniform(seed=lamina.random.SeedGenerator(4))
    made((3,))
    stream = {
        "module": "keras.random", "class_name": "SeedGenerator",
        "config": {"seed": 4, "name": "seed_generator"}, "registered_name": None,
    }  # fmt: skip
    entry = lamina.saving.serialize_keras_object(made)
    assert entry == {
        "module": "keras.initializers", "class_name": "RandomUniform",
        "config": {"seed": stream, "minval": -0.05, "maxval": 0.05}, "registered_name": None,
    }  # fmt: skip
    again = lamina.saving.deserialize_keras_object(entry)
    assert isinstance(again.seed, lamina.random.SeedGenerator)
    assert again.seed.state.numpy().tolist() == [4, 0]
    assert lamina.saving.serialize_keras_object(again) == entry


def test_a_function_is_an_initializer() -> None:
    layer = lamina.layers.Dense(3, kernel_initializer=lambda shape, dtype=None: np.full(shape, 2.0))
    layer.build((None, 4))
    assert (layer.get_weights()[0] == 2).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 0}, "`scale` must be positive"),
        ({"scale": -1.0}, "`scale` must be positive"),
        ({"mode": "fan"}, "Invalid `mode` argument"),
        ({"distribution": "cauchy"}, "Invalid `distribution` argument"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        initializers.VarianceScaling(**arguments)
    with pytest.raises(ValueError, match="Could not interpret initializer identifier: 'zero_s'"):
        initializers.get("zero_s")
    assert initializers.get(None) is None


@pytest.mark.parametrize(
    "distribution", ["uniform", "truncated_normal", "untruncated_normal", "normal"]
)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
def test_variance_scaling(mode: str, distribution: str) -> None:
    made = initializers.VarianceScaling(3.0, mode, distribution, seed=1)
    n = {"fan_in": 200, "fan_out": 300, "fan_avg": 250}[mode]
    assert made(SHAPE).var() == pytest.approx(3 / n, rel=0.03)
    assert abs(made(SHAPE).mean()) < 5 * np.sqrt(3 / n / 60_000)


def test_configs() -> None:
    for made in (
        initializers.RandomUniform(-1, 2, seed=3), initializers.RandomNormal(1, 2, seed=3),
        initializers.TruncatedNormal(1, 2, seed=3), initializers.VarianceScaling(2.0, "fan_out", seed=3),
        initializers.GlorotNormal(seed=3), initializers.Constant(3.0), initializers.Zeros(),
        initializers.Identity(2.0), initializers.Orthogonal(2.0, seed=3),
    ):  # fmt: skip
        other = type(made).from_config(made.get_config())
        assert other.get_config() == made.get_config()
        assert np.array_equal(other((4, 5)), made((4, 5)))
        assert np.array_equal(made.clone()((4, 5)), made((4, 5)))


@pytest.mark.parametrize("size", [0, 1, 2**15 - 1, 2**15, 2**15 + 1, 100_003])
def test_uniform_draws_are_numpys(size: int) -> None:
    """Block by block or at once: the numbers of Keras's NumPy backend."""
    limit = np.sqrt(3 / size) if size else 1
    drawn = np.random.default_rng([11, 0]).uniform(-limit, limit, (size,)).astype("float32")
    assert np.array_equal(initializers.LecunUniform(seed=11)((size,)), drawn)


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (2, 3, 4), (40, 30)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    """Columns (or rows) of norm `gain` at right angles, the same from the same seed."""
    made = initializers.Orthogonal(gain=1.5, seed=4)
    matrix = made(shape).reshape(-1, shape[-1])
    small = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    np.testing.assert_allclose(small.T @ small, 2.25 * np.eye(small.shape[1]), atol=1e-5)
    assert np.array_equal(made(shape), initializers.Orthogonal(1.5, 4)(shape))
    assert made(shape).dtype == np.float32
    assert made(shape, "float64").dtype == np.float64


def test_orthogonal_is_lapacks_but_has_bits_of_its_own() -> None:
    """The Q of LAPACK with a positive diagonal of R, by operations that no machine rounds its way."""
    made = initializers.Orthogonal(seed=1)((67, 45))
    draws = np.random.default_rng([1, 0]).normal(size=(67, 45))
    q, r = np.linalg.qr(draws.astype(np.float32).astype(np.float64))
    np.testing.assert_allclose(made, q * np.sign(np.diag(r)), atol=1e-7)
    assert hashlib.sha256(made.tobytes()).hexdigest()[:16] == "4c559a0a68f66f71"


def test_identity() -> None:
    np.testing.assert_array_equal(initializers.Identity(2)((2, 3)), [[2, 0, 0], [0, 2, 0]])
    assert initializers.Identity()((2, 2)).dtype == np.float32


def test_an_array_is_an_initializer() -> None:
    values = np.arange(6.0).reshape(3, 2)
    layer = lamina.layers.Dense(2, kernel_initializer=values)
    layer.build((None, 3))
    np.testing.assert_array_equal(layer.get_weights()[0], values)


def test_a_seed_generator_gives_other_values_each_time() -> None:
    """Those of Keras's: the seed, and how often it was asked."""
    made = initializers.RandomNormal(seed=lamina.random.SeedGenerator(7))
    for count in range(3):
        want = np.random.default_rng([7, count]).normal(0, 0.05, (3, 2)).astype(np.float32)
        assert np.array_equal(made((3, 2)), want)


@pytest.mark.parametrize("name", [n for n in initializers.__all__ if n[0].islower()])
def test_names_in_lower_case(name: str) -> None:
    found = getattr(initializers, name)
    if isinstance(found, type):
        assert type(initializers.get(name)) is found
