"""Arrays of random numbers, Keras's names.

The numbers are those of Keras's NumPy backend: of `np.random.default_rng` of the state (seed, step).
An integer as a seed gives the same numbers each time, a `SeedGenerator` the next ones; None takes a
seed from Python's `random`.

While a graph is recorded (in a layer's `call`), `normal`, `uniform`, `truncated_normal`, `randint` and
`dropout` become a part of it and draw from Philox4x32-10, as layers do: `seed` must be a
`SeedGenerator` then, and None in `shape` stands for the batch.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.dtype_policies.floatx import floatx
from lamina.graph.tensor import Tensor
from lamina.graph.trace import current_trace
from lamina.random.seed_generator import SeedGenerator, make_default_seed
from lamina.utils import check


def _stream(seed: Any) -> Any:
    """The state of `seed` for one use in the graph that is recorded; None where none is.

    Errors: ValueError for what is no SeedGenerator: it would draw the same numbers in each step.
    """
    if current_trace() is None:
        return None
    if not isinstance(seed, SeedGenerator):
        raise ValueError(
            "Within a layer, random numbers need a `SeedGenerator` that the layer keeps as an "
            f"attribute. Received: seed={seed!r}"
        )
    return seed.next()


def _dims(shape: Sequence[int | None]) -> tuple[int, ...]:
    """The shape of a tensor, with -1 for None, the batch."""
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"`shape` must be a tuple of integers. Received: shape={shape!r}")
    for d in shape:
        whole = d is None or (isinstance(d, numbers.Integral) and not isinstance(d, bool))
        if not whole or (d is not None and d < 0):
            raise ValueError(
                f"`shape` must be made of non-negative integers. Received: shape={shape}"
            )
    return tuple(-1 if d is None else int(d) for d in shape)


def _sizes(shape: Sequence[int | None]) -> tuple[int, ...]:
    """The shape of an array: every size is needed."""
    if -1 in (dims := _dims(shape)):
        raise ValueError(f"An array needs the size of every axis. Received: shape={tuple(shape)}")
    return dims


def _parameter(name: str, value: Any, least: float = -math.inf, most: float = math.inf) -> Any:
    """A number, or an array or tensor of them, of a distribution.  Errors: TypeError for text and
    the like, ValueError for numbers that are not in [least, most]."""
    if isinstance(value, Tensor):
        return value
    values = np.asarray(value)
    if values.dtype.kind not in "iuf":
        raise TypeError(
            f"`{name}` must be a number. Received: {name}={value!r} of dtype {values.dtype}"
        )
    if not np.all((values >= least) & (values <= most)):
        raise ValueError(f"`{name}` must be in [{least}, {most}]. Received: {name}={value}")
    return value


def _dtype(name: str | None) -> np.dtype[Any]:
    try:
        return np.dtype(name or floatx())
    except TypeError:
        raise TypeError(f"`dtype` must be the name of one. Received: dtype={name!r}") from None


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
    name = str(_dtype(dtype))
    if not name.startswith("float"):
        raise ValueError(
            f"`random.{function}` requires a floating point `dtype`. Received: dtype={dtype}"
        )
    return name


def normal(
    shape: Sequence[int | None],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: str | None = None,
    seed: Any = None,
) -> Any:
    """Normal numbers with that mean and deviation."""
    dtype = _float("normal", dtype)
    _parameter("mean", mean)
    _parameter("stddev", stddev, 0)
    state = _stream(seed)
    if state is not None:
        return mean + stddev * ops.cast(ops.random_normal(state, shape=_dims(shape)), dtype)
    return _generator(seed).normal(mean, stddev, _sizes(shape)).astype(dtype)


def uniform(
    shape: Sequence[int | None],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: str | None = None,
    seed: Any = None,
) -> Any:
    """Numbers in [minval, maxval).  Errors: ValueError for a minval above maxval."""
    dtype = _float("uniform", dtype)
    minval, maxval = _parameter("minval", minval), _parameter("maxval", maxval)
    if not any(isinstance(x, Tensor) for x in (minval, maxval)) and np.any(
        np.greater(minval, maxval)
    ):
        raise ValueError(
            f"`minval` must not be above `maxval`. Received: minval={minval}, maxval={maxval}"
        )
    state = _stream(seed)
    if state is not None:
        return minval + (maxval - minval) * ops.cast(
            ops.random_uniform(state, shape=_dims(shape)), dtype
        )
    return _generator(seed).uniform(minval, maxval, _sizes(shape)).astype(dtype)


def truncated(rng: np.random.Generator, shape: tuple[int, ...], mean: float, stddev: float) -> Any:
    """Normal draws; those further than two deviations from the mean are drawn again."""
    size = math.prod(shape)
    kept = np.empty(0)
    while kept.size < size:
        batch = rng.normal(mean, stddev, size)
        kept = np.append(kept, batch[np.abs(batch - mean) <= 2 * stddev])
    return kept[:size].reshape(shape)


def truncated_normal(
    shape: Sequence[int | None],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: str | None = None,
    seed: Any = None,
) -> Any:
    """Normal numbers; those further than two deviations from the mean are drawn again."""
    dtype = _float("truncated_normal", dtype)
    _parameter("mean", mean)
    _parameter("stddev", stddev, 0)
    state = _stream(seed)
    if state is not None:  # the inverse of the distribution between -2 and 2
        share = math.erf(2 / math.sqrt(2))
        drawn = ops.cast(ops.random_uniform(state, shape=_dims(shape)), dtype)
        evenly = share * (2.0 * drawn - 1.0)
        return mean + stddev * math.sqrt(2) * ops.erfinv(evenly)
    return truncated(_generator(seed), _sizes(shape), mean, stddev).astype(dtype)


def randint(
    shape: Sequence[int | None], minval: int, maxval: int, dtype: str = "int32", seed: Any = None
) -> Any:
    """Whole numbers in [minval, maxval).  Errors: ValueError for a dtype of floats, or no numbers
    to draw from."""
    if _dtype(dtype).kind not in "iu":
        raise ValueError(f"`random.randint` requires an integer `dtype`. Received: dtype={dtype}")
    if _parameter("minval", minval) >= _parameter("maxval", maxval):
        raise ValueError(
            f"`minval` must be below `maxval`. Received: minval={minval}, maxval={maxval}"
        )
    state = _stream(seed)
    if state is not None:
        evenly = ops.random_uniform(state, shape=_dims(shape))
        return minval + ops.floor((maxval - minval) * evenly)
    return _generator(seed).integers(minval, maxval, _sizes(shape), np.dtype(dtype))


def categorical(logits: Any, num_samples: int, dtype: str = "int32", seed: Any = None) -> Any:
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


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """x with its slices along `axis` in another order."""
    return _generator(seed).permutation(np.asarray(x), axis=check.integer("axis", axis))


def _check_noise_shape(noise_shape: Any, shape: Sequence[int | None]) -> None:
    """Refuses one that does not broadcast to the shape."""
    fits = len(noise_shape) == len(shape) and all(
        n in (None, 1) or d is None or n == d for n, d in zip(noise_shape, shape)
    )
    if not fits:
        raise ValueError(
            f"`noise_shape` must be 1, None or the size along each axis of shape {tuple(shape)}. "
            f"Received: noise_shape={noise_shape}"
        )


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """inputs / (1 - rate) where kept, else 0 for a share of about `rate`.

    Errors: TypeError for arrays of integers, which cannot be scaled.
    """
    check.number("rate", rate, 0.0, 1.0)
    if noise_shape is not None:
        _check_noise_shape(noise_shape, getattr(inputs, "shape", np.shape(inputs)))
    if isinstance(inputs, Tensor) and rate > 0:
        if noise_shape is None:
            return ops.dropout(inputs, _stream(seed), rate=float(rate))
        sizes = [d if n is None else n for n, d in zip(noise_shape, inputs.dims, strict=True)]
        mask = ops.broadcast_to(np.ones((), inputs.dtype), tuple(sizes))
        return inputs * ops.dropout(mask, _stream(seed), rate=float(rate))
    if isinstance(inputs, Tensor):
        return inputs
    inputs = np.asarray(inputs)
    if rate > 0 and inputs.dtype.kind != "f":
        raise TypeError(f"`inputs` must be floats. Received: inputs of dtype {inputs.dtype}")
    if rate in (0, 1):
        return inputs if rate == 0 else np.zeros_like(inputs)
    shape = inputs.shape
    if noise_shape is not None:
        shape = tuple(d if n is None else n for n, d in zip(noise_shape, shape, strict=True))
    kept = np.broadcast_to(_generator(seed).uniform(size=shape) < 1 - rate, inputs.shape)
    return np.where(kept, (inputs / (1 - rate)).astype(inputs.dtype), np.zeros_like(inputs))


def gamma(
    shape: Sequence[int | None], alpha: Any, dtype: str | None = None, seed: Any = None
) -> Any:
    """Numbers of the gamma distribution with the shape parameter `alpha` and scale 1."""
    dtype = _float("gamma", dtype)
    _parameter("alpha", alpha, 0)
    return _generator(seed).gamma(alpha, scale=1.0, size=_sizes(shape)).astype(dtype)


def beta(
    shape: Sequence[int | None], alpha: Any, beta: Any, dtype: str | None = None, seed: Any = None
) -> Any:
    """Numbers of the beta distribution."""
    dtype = _float("beta", dtype)
    _parameter("alpha", alpha, 0)
    _parameter("beta", beta, 0)
    return _generator(seed).beta(alpha, beta, size=_sizes(shape)).astype(dtype)


def binomial(
    shape: Sequence[int | None],
    counts: Any,
    probabilities: Any,
    dtype: str | None = None,
    seed: Any = None,
) -> Any:
    """How many of `counts` trials succeed, each with the probability.

    Errors: ValueError for counts that are no whole numbers.
    """
    dtype = _float("binomial", dtype)
    trials = np.asarray(_parameter("counts", counts, 0))
    if np.any(trials != np.floor(trials)):
        raise ValueError(f"`counts` must be whole numbers. Received: counts={counts}")
    _parameter("probabilities", probabilities, 0, 1)
    drawn = _generator(seed).binomial(trials.astype(np.int64), probabilities, size=_sizes(shape))
    return drawn.astype(dtype)
