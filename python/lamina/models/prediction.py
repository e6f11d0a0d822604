"""A compiled step that gives results for any number of samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import programs, tree
from lamina.data.samples import Samples
from lamina.dtype_policies.floatx import FLOATS
from lamina.models.signature import detached
from lamina.ops.rules import float_dtype

ROWS = 256  # computed at once: the results do not depend on it


class Prediction:
    """The program of a step that returned `returned`: tensors, nested as the results will be."""

    def __init__(self, program: programs.Program, returned: Any) -> None:
        self.program, self._returned = program, tree.map_structure(detached, returned)

    @property
    def is_one_of_floats(self) -> bool:
        """Whether the results are one array, as the program gives it."""
        return not tree.is_nested(self._returned) and self._returned.dtype in FLOATS

    def results(self, samples: Samples) -> Any:
        """What the step gives for all samples; whole numbers are floats within the program."""
        rows, returned = len(samples), tree.flatten(self._returned)
        found = [np.empty((rows, *y.dims[1:]), float_dtype(y)) for y in returned]
        gather = samples.gatherer()
        if gather is None:
            self.program.map(samples.arrays, rows, found)
        else:
            for first in range(0, rows, ROWS):
                part = np.arange(first, min(first + ROWS, rows))
                shown = [result[part[0] : part[-1] + 1] for result in found]
                self.program.map(gather(part), len(part), shown)
        with np.errstate(invalid="ignore"):  # NaN as a whole number
            found = [x.astype(y.dtype, copy=False) for x, y in zip(found, returned)]
        return tree.pack_sequence_as(self._returned, found)
