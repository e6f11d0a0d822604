"""Arrays of random numbers, Keras's names.

The numbers are those of Keras's NumPy backend: of `np.random.default_rng` of the state (seed, step).
An integer as a seed gives the same numbers each time, a `SeedGenerator` the next ones; None takes a
seed from Python's `random`.  Layers draw from `ops.random_uniform` and `ops.random_normal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.random.seed_generator import SeedGenerator, make_default_seed
from lamina.utils import check


def _generator(seed: Any) -> np.random.Generator:
    if seed is None:
        seed = make_default_seed()
    if isinstance(seed, SeedGenerator):
        return np.random.default_rng(np.asarray(seed.next()))
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise ValueError(
            "Argument `seed` must be either an integer or an instance of `SeedGenerator`. "
            f"Received: seed={seed!r} (of type {type(seed)})"
        )
    return np.random.default_rng([int(seed) & 0xFFFFFFFF, 0])


def _float(function: str, dtype: str | None) -> str:
    name = "float32" if dtype is None else str(np.dtype(dtype))
    if not name.startswith("float"):
        raise ValueError(
            f"`random.{function}` requires a floating point `dtype`. Received: dtype={dtype}"
        )
    return name


def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: str | None = None,
    seed: Any = None,
) -> np.ndarray:
    """Normal numbers with that mean and deviation."""
    dtype = _float("normal", dtype)
    return _generator(seed).normal(mean, stddev, tuple(shape)).astype(dtype)


def uniform(
    shape: Sequence[int],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: str | None = None,
    seed: Any = None,
) -> np.ndarray:
    """Numbers in [minval, maxval)."""
    dtype = _float("uniform", dtype)
    return _generator(seed).uniform(minval, maxval, tuple(shape)).astype(dtype)


def truncated_normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: str | None = None,
    seed: Any = None,
) -> np.ndarray:
    """Normal numbers; those further than two deviations from the mean are drawn again."""
    from lamina.initializers.random import truncated

    dtype = _float("truncated_normal", dtype)
    return truncated(_generator(seed), tuple(shape), mean, stddev).astype(dtype)


def randint(
    shape: Sequence[int], minval: int, maxval: int, dtype: str = "int32", seed: Any = None
) -> np.ndarray:
    """Whole numbers in [minval, maxval).  Errors: ValueError for a dtype of floats."""
    if np.dtype(dtype).kind not in "iu":
        raise ValueError(f"`random.randint` requires an integer `dtype`. Received: dtype={dtype}")
    return _generator(seed).integers(minval, maxval, tuple(shape), np.dtype(dtype))


def categorical(
    logits: Any, num_samples: int, dtype: str = "int32", seed: Any = None
) -> np.ndarray:
    """(rows, num_samples) classes, drawn from the softmax of each row of `logits`.

    Errors: ValueError unless logits is a matrix.
    """
    logits = np.asarray(logits)
    if logits.ndim != 2:
        raise ValueError(
            "`logits` should be a 2-D tensor with shape [batch_size, num_classes]. "
            f"Received: logits.shape={logits.shape}"
        )
    rng, count = _generator(seed), check.integer("num_samples", num_samples, 0)
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    drawn = [rng.choice(shares.shape[1], size=count, p=p) for p in shares]
    return np.asarray(drawn).reshape(len(shares), count).astype(dtype)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> np.ndarray:
    """x with its slices along `axis` in another order."""
    return _generator(seed).permutation(np.asarray(x), axis=axis)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> np.ndarray:
    """inputs / (1 - rate) where kept, else 0 for a share of about `rate`."""
    check.number("rate", rate, 0.0, 1.0)
    inputs = np.asarray(inputs)
    if rate in (0, 1):
        return inputs if rate == 0 else np.zeros_like(inputs)
    shape = inputs.shape
    if noise_shape is not None:
        shape = tuple(d if n is None else n for n, d in zip(noise_shape, shape, strict=True))
    kept = np.broadcast_to(_generator(seed).uniform(size=shape) < 1 - rate, inputs.shape)
    return np.where(kept, (inputs / (1 - rate)).astype(inputs.dtype), np.zeros_like(inputs))


def gamma(
    shape: Sequence[int], alpha: Any, dtype: str | None = None, seed: Any = None
) -> np.ndarray:
    """Numbers of the gamma distribution with the shape parameter `alpha` and scale 1."""
    dtype = _float("gamma", dtype)
    return _generator(seed).gamma(alpha, scale=1.0, size=tuple(shape)).astype(dtype)


def beta(
    shape: Sequence[int], alpha: Any, beta: Any, dtype: str | None = None, seed: Any = None
) -> np.ndarray:
    """Numbers of the beta distribution."""
    dtype = _float("beta", dtype)
    return _generator(seed).beta(alpha, beta, size=tuple(shape)).astype(dtype)


def binomial(
    shape: Sequence[int],
    counts: Any,
    probabilities: Any,
    dtype: str | None = None,
    seed: Any = None,
) -> np.ndarray:
    """How many of `counts` trials succeed, each with the probability."""
    dtype = _float("binomial", dtype)
    return _generator(seed).binomial(counts, probabilities, size=tuple(shape)).astype(dtype)
