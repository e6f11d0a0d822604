"""The native backend: operations and programs in C++, float32 (of float64: native_float64.py).

Every operation has the name it has on the numpy backend.  Whole numbers and booleans that a program
computes are held in float32, exact to 2^24; counters and random states are real integers.  What is
whole and stays so is computed by NumPy's functions on arrays, with all its digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import _core
from lamina.backends import native_float64, numpy

Array = np.ndarray
_INTEGER_OPERANDS = {
    "dropout": (1,),
    "random_uniform": (0,),
    "random_normal": (0,),
    "advance": (0,),
    "increment": (0,),
    "choose": (1, 2),
    "counter": (0,),
}
_INTEGER_RESULTS = ("advance", "increment", "choose")


def run(
    name: str, arrays: Sequence[Array], attributes: dict[str, Any], specs: Sequence[Any]
) -> Any:
    """The results of one operation, in the dtypes that its shape rule promises (floats: float32)."""
    if any(x.dtype.char == "d" for x in arrays) or specs[0].dtype == "float64":
        return native_float64.run(name, arrays, attributes, specs)
    kept = name in _INTEGER_RESULTS
    if not kept and specs[0].dtype[0] != "f" and all(x.dtype.kind in "biu" for x in arrays):
        return numpy.run(name, arrays, attributes, specs)
    integers = _INTEGER_OPERANDS.get(name, ())
    inputs = [
        np.ascontiguousarray(x, None if i in integers else np.float32) for i, x in enumerate(arrays)
    ]
    inputs = [x.reshape(a.shape) for x, a in zip(inputs, arrays)]
    outputs = [np.empty(s.dims, s.dtype if kept else np.float32) for s in specs]
    getattr(_core, name)(inputs, outputs, attributes)
    return tuple(y if kept else y.astype(s.dtype, copy=False) for y, s in zip(outputs, specs))
