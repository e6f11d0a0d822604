"""keras.backend: names of dtypes, and what arithmetic makes of two or three."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from .case import Case, Keras, Record

DTYPES: dict[str, Any] = {  # without uint64, of which Keras makes uint32
    **{name: name for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32")},
    **{name: name for name in ("bool", "float16", "bfloat16", "float32", "float64")},
    "Python's int": int,
    "Python's float": float,
}
NAMES: dict[str, Any] = {  # without int, which is int64 on TensorFlow alone
    **{name: dtype for name, dtype in DTYPES.items() if dtype is not int},
    "uint64": "uint64",
    "None": None,
    "Python's bool": bool,
    "NumPy's type": np.float32,
    "NumPy's dtype": np.dtype("int8"),
    "string": "string",
}


def result_types(keras: Keras) -> Record:
    of = keras.backend.result_type
    triples = [
        ("bool", "bool", "int32"),
        ("float16", "bfloat16", "int8"),
        ("uint8", "int8", "bool"),
    ]
    return {
        "none": of(),
        "single": {name: of(dtype) for name, dtype in DTYPES.items()},
        "pairs": {
            f"{a}, {b}": of(DTYPES[a], DTYPES[b]) for a, b in product(DTYPES, DTYPES) if a < b
        },
        "triples": {", ".join(three): of(*three) for three in triples},
    }


def names(keras: Keras) -> Record:
    backend = keras.backend
    return {
        "names": {name: backend.standardize_dtype(dtype) for name, dtype in NAMES.items()},
        "floats": {name: str(backend.is_float_dtype(dtype)) for name, dtype in NAMES.items()},
        "integers": {name: str(backend.is_int_dtype(dtype)) for name, dtype in NAMES.items()},
    }


# On TensorFlow, which keeps 64 bits as lamina does.
CASES = [Case("dtypes", f.__name__, f, "tensorflow") for f in (result_types, names)]
