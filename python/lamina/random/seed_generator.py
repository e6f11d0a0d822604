"""Seeds and random streams."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.utils import check


def make_default_seed() -> int:
    """A seed from Python's `random`, drawn as Keras draws it."""
    import random  # here and below: NumPy's generators, which come with a seed, bring it along

    return random.randint(1, int(1e9))


def set_random_seed(seed: int) -> None:
    """Seeds Python's `random` and NumPy's global generator: all that lamina draws follows them.

    Errors: TypeError or ValueError unless 0 <= seed < 2^32.
    """
    import random

    if check.integer("seed", seed, 0) >= 2**32:
        raise ValueError(f"`seed` must be below 2^32. Received: seed={seed}")
    random.seed(seed)
    np.random.seed(seed)


class SeedGenerator:
    """A random stream: Philox4x32-10 with a key (`seed`) and a step that each use moves on.

    The state (seed, step) is all there is: the same state gives the same bits on every backend,
    level and number of threads.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        self._init_seed = seed
        seed = make_default_seed() if seed is None else check.integer("seed", seed, 0)
        if seed >= 2**32:
            raise ValueError(f"`seed` must be below 2^32. Received: seed={seed}")
        self.state = Variable(
            np.array([seed, 0], np.uint32),
            dtype="uint32",
            trainable=False,
            name=name or "seed_generator_state",
        )

    def next(self) -> Any:
        """The state for one use; the stream moves on."""
        trace = current_trace()
        state = self.state.numpy() if trace is None else trace.stored(self.state)
        self.state.assign(ops.advance(state))
        return state
