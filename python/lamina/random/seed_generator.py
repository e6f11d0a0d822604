"""Seeds and random streams."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import ops
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.utils import check
from lamina.utils.naming import auto_name


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

    Examples:
        >>> stream = lamina.random.SeedGenerator(4)
        >>> print(stream.next(), stream.next())
        [4 0] [4 1]
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        self.name = name or auto_name("seed_generator")
        self._init_seed = seed
        seed = make_default_seed() if seed is None else check.integer("seed", seed, 0)
        if seed >= 2**32:
            raise ValueError(f"`seed` must be below 2^32. Received: seed={seed}")
        self.state = Variable(
            np.array([seed, 0], np.uint32),
            dtype="uint32",
            trainable=False,
            name="seed_generator_state",
        )

    def next(self, ordered: bool = True) -> Any:
        """The state for one use; the stream moves on by a step, or to another seed.

        Errors: ValueError for `ordered=False` while a graph is recorded.
        """
        trace = current_trace()
        if not ordered and trace is not None:
            raise ValueError(
                "SeedGenerator.next: within a model or a step the stream moves on by steps. "
                "Received: ordered=False"
            )
        state = self.state.numpy() if trace is None else trace.stored(self.state)
        self.state.assign(ops.advance(state) if ordered else (state + 1) * 5387 % 933199)
        return state

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._init_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A stream of that seed, from its first step on."""
        return cls(**config)
