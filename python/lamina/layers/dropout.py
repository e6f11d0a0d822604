"""Dropout (Srivastava et al., 2014)."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import ops
from lamina.layers.layer import Layer
from lamina.ops.rules import dims_of
from lamina.random.seed_generator import SeedGenerator
from lamina.utils import check


def share(name: str, value: Any, most: str = "1") -> float:
    """A number (NumPy's too) in [0, 1], or in [0, 1)."""
    a_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not a_number or not 0 <= value <= 1 or (most == "below 1" and value == 1):
        raise ValueError(
            f"Invalid value received for argument `{name}`. Expected a float value between 0 and "
            f"{most}. Received: {name}={value!r}"
        )
    return value if isinstance(value, int) else float(value)


class Dropout(Layer):
    """In training, sets a share `rate` of the elements to 0 and scales the others by 1 / (1 - rate).

    Outside of training the input passes unchanged.  The elements kept are a function of the seed
    and of the number of uses: nothing is stored for the gradient.

    Args:
        rate: the share dropped, in [0, 1].
        noise_shape: the shape of the mask, which is then repeated over the input; None takes the
            input's size on that axis.
        seed: an integer; by default drawn from Python's `random`.

    Examples:
        >>> layer = lamina.layers.Dropout(0.5, seed=0)
        >>> x = np.ones((100, 100), "float32")
        >>> [float(v) for v in np.unique(layer(x, training=True))]
        [0.0, 2.0]
        >>> bool((layer(x) == x).all())
        True
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rate = share("rate", rate)
        self.supports_masking = True
        self.seed = None if seed is None else check.integer("seed", seed, 0)
        self.noise_shape = _checked_noise_shape(noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        state = self.seed_generator.next()
        if self.noise_shape is None:
            return ops.dropout(inputs, state, rate=float(self.rate))
        one = np.ones((), inputs.dtype if "float" in str(inputs.dtype) else "float32")
        mask = ops.broadcast_to(one, self._mask_shape(inputs))
        return ops.multiply(inputs, ops.dropout(mask, state, rate=float(self.rate)))

    def _mask_shape(self, inputs: Any) -> tuple[int, ...]:
        sizes = dims_of(inputs)
        assert self.noise_shape is not None
        if len(self.noise_shape) != len(sizes):
            raise ValueError(
                f"Argument `noise_shape` must have as many axes as the input. Received: "
                f"noise_shape={self.noise_shape} for an input of shape {inputs.shape}"
            )
        return tuple(d if n is None else n for n, d in zip(self.noise_shape, sizes))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }


def _checked_noise_shape(shape: Any) -> tuple[int | None, ...] | None:
    if shape is None:
        return None
    if not isinstance(shape, (tuple, list)):
        raise ValueError(
            "Invalid value received for argument `noise_shape`. Expected a tuple or list of "
            f"integers. Received: noise_shape={shape!r}"
        )
    for d in shape:
        if d is not None and (isinstance(d, bool) or not isinstance(d, int) or d < 1):
            raise ValueError(
                "Invalid value received for argument `noise_shape`. Expected all elements to be "
                f"positive integers or None. Received: noise_shape={shape!r}"
            )
    return tuple(shape)
