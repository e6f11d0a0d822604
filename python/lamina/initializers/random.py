"""Random initializers.

The numbers are those of `np.random.default_rng([seed, 0])`, as in Keras's NumPy backend: float64
draws, rounded to the dtype.  An initializer without a seed takes one from Python's `random` when it
is made; it gives the same values each time it is called.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx
from lamina.initializers.initializer import Initializer
from lamina.random.draws import truncated
from lamina.random.seed_generator import SeedGenerator, make_default_seed
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.serialize import serialize_keras_object
from lamina.utils import check

_BLOCK = 1 << 15  # draws at once: 256 KB


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """(inputs, outputs) of a weight of this shape, by the axes named, or by Keras's convention:
    the last two axes, times the receptive field of those before."""
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 1:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class RandomInitializer(Initializer):
    """An initializer with a seed: each call gives the same values, the next ones of a SeedGenerator."""

    repeatable = True

    def __init__(self, seed: Any = None) -> None:
        self._init_seed = seed
        if seed is None:
            seed = make_default_seed()
        self.seed = seed if isinstance(seed, SeedGenerator) else check.integer("seed", seed, 0)

    def generator(self) -> np.random.Generator:
        if isinstance(self.seed, SeedGenerator):
            return np.random.default_rng(self.seed.next().tolist())
        return np.random.default_rng([self.seed, 0])

    def get_config(self) -> dict[str, Any]:
        return {"seed": serialize_keras_object(self._init_seed)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        read = {"seed": deserialize_keras_object(config["seed"])} if "seed" in config else {}
        return cls(**{**config, **read})


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], limit: float, dtype: str) -> Any:
    """The numbers of rng.uniform(-limit, limit), rounded block by block while in cache."""
    result = np.empty(math.prod(shape), dtype)
    buffer = np.empty(min(_BLOCK, result.size))
    for first in range(0, result.size, _BLOCK):
        draws = rng.random(out=buffer[: result.size - first])
        draws *= 2 * limit
        result[first : first + _BLOCK] = np.subtract(draws, limit, out=draws)
    return result.reshape(shape)


class RandomUniform(RandomInitializer):
    """Uniform in [minval, maxval)."""

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        draws = self.generator().uniform(self.minval, self.maxval, tuple(shape))
        return draws.astype(dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class RandomNormal(RandomInitializer):
    """Normal with `mean` and `stddev`."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        draws = self.generator().normal(self.mean, self.stddev, tuple(shape))
        return draws.astype(dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomNormal):
    """Normal with `mean` and `stddev`, cut at two deviations."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        draws = truncated(self.generator(), tuple(shape), self.mean, self.stddev)
        return np.asarray(draws, dtype or floatx())


_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal")


class VarianceScaling(RandomInitializer):
    """Variance `scale` / n, with n the weight's inputs, outputs or their mean (`mode`).

    `input_axes` and `output_axes` say which axes count as which, where that is not the convention.

    Errors: ValueError for a scale <= 0, an unknown mode or distribution.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        if not scale > 0:
            raise ValueError(f"Argument `scale` must be positive float. Received: scale={scale}")
        if mode not in _MODES:
            raise ValueError(f"Invalid `mode` argument: {mode!r}. Please use one of {_MODES}")
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in _DISTRIBUTIONS:
            raise ValueError(
                f"Invalid `distribution` argument: {distribution!r}. Please use one of {_DISTRIBUTIONS}"
            )
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes = None if input_axes is None else list(input_axes)
        self.output_axes = None if output_axes is None else list(output_axes)
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        shape = tuple(shape)
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        scale = self.scale / max(1.0, fans[self.mode])
        rng = self.generator()
        if self.distribution == "uniform":
            return _uniform(rng, shape, math.sqrt(3.0 * scale), dtype or floatx())
        if self.distribution == "untruncated_normal":
            draws = rng.normal(0.0, math.sqrt(scale), shape)
        else:  # 0.8796...: the deviation of a standard normal that is cut at 2
            draws = truncated(rng, shape, 0.0, math.sqrt(scale) / 0.87962566103423978)
        return np.asarray(draws, dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _Named(VarianceScaling):
    """VarianceScaling with everything but the seed and the axes fixed."""

    settings: tuple[float, str, str]

    def __init__(
        self,
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self.settings, seed=seed, input_axes=input_axes, output_axes=output_axes)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: config[name] for name in ("seed", "input_axes", "output_axes")}


class GlorotUniform(_Named):
    """Uniform in +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio, 2010).

    Examples:
        >>> w = lamina.initializers.GlorotUniform(seed=0)((3, 3))
        >>> w.shape, bool((abs(w) <= 1).all())
        ((3, 3), True)
    """

    settings = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal, variance 2 / (inputs + outputs) (Glorot and Bengio, 2010)."""

    settings = (1.0, "fan_avg", "truncated_normal")


class LecunUniform(_Named):
    """Uniform in +-sqrt(3 / inputs)."""

    settings = (1.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal, variance 1 / inputs."""

    settings = (1.0, "fan_in", "truncated_normal")


class HeUniform(_Named):
    """Uniform in +-sqrt(6 / inputs) (He et al., 2015)."""

    settings = (2.0, "fan_in", "uniform")


class HeNormal(_Named):
    """Truncated normal, variance 2 / inputs (He et al., 2015)."""

    settings = (2.0, "fan_in", "truncated_normal")
