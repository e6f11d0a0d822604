"""Layers that disturb their input in training, and one that only penalizes it."""

from __future__ import annotations

import math
from typing import Any

from lamina import ops, regularizers
from lamina.layers.dropout import Dropout, share
from lamina.layers.layer import Layer
from lamina.ops.activations import SELU_ALPHA, SELU_SCALE
from lamina.ops.rules import dims_of
from lamina.random.seed_generator import SeedGenerator
from lamina.utils import check


class _Noise(Layer):
    """Draws a normal number for each element of the input."""

    def __init__(self, strength: float, seed: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = None if seed is None else check.integer("seed", seed, 0)
        if strength > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def _draws(self, inputs: Any, deviation: float) -> Any:
        draws = ops.random_normal(self.seed_generator.next(), shape=dims_of(inputs))
        return ops.multiply(deviation, ops.cast(draws, self.compute_dtype))


class GaussianNoise(_Noise):
    """In training, adds normal numbers with the deviation `stddev`, in [0, 1].

    Args:
        stddev: the deviation.
        seed: an integer; by default drawn from Python's `random`.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        self.stddev = share("stddev", stddev)
        super().__init__(stddev, seed, **kwargs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.stddev == 0:
            return inputs
        return ops.add(inputs, self._draws(inputs, self.stddev))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}


class GaussianDropout(_Noise):
    """In training, multiplies by normal numbers around 1, with the variance rate / (1 - rate) that
    dropout has (Srivastava et al., 2014).

    Args:
        rate: in [0, 1).
        seed: an integer; by default drawn from Python's `random`.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        self.rate = share("rate", rate, "below 1")
        super().__init__(rate, seed, **kwargs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        deviation = math.sqrt(self.rate / (1 - self.rate))
        return ops.multiply(inputs, ops.add(1.0, self._draws(inputs, deviation)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


class AlphaDropout(Dropout):
    """In training, sets a share `rate` of the elements to selu's lowest value, and scales and shifts
    all, so that mean 0 and variance 1 stay (Klambauer et al., 2017).

    Args:
        rate: in [0, 1).
        noise_shape, seed: as of `Dropout`.
    """

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(share("rate", rate, "below 1"), noise_shape, seed, **kwargs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        shape = dims_of(inputs) if self.noise_shape is None else self._mask_shape(inputs)
        draws = ops.random_uniform(self.seed_generator.next(), shape=shape)
        lowest = -SELU_ALPHA * SELU_SCALE
        scale = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
        kept = ops.where(ops.greater_equal(draws, self.rate), inputs, lowest)
        return ops.add(ops.multiply(scale, kept), -scale * lowest * self.rate)


class ActivityRegularization(Layer):
    """The input as it is, with a penalty of l1 * sum(|x|) + l2 * sum(x^2) on it."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["activity_regularizer"]
        return {**config, "l1": self.l1, "l2": self.l2}
