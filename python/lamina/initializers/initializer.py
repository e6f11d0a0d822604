"""The base of initializers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class Initializer:
    """Makes first values: `initializer(shape, dtype=None)` gives an array."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        raise NotImplementedError("an Initializer implements __call__(shape, dtype=None)")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initializer."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def clone(self) -> Any:
        return type(self).from_config(self.get_config())
