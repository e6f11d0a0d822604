"""Names of dtypes, and what arithmetic makes of several, as Keras has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import floatx

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_SIGNED = ("int8", "int16", "int32", "int64")
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_NAMES = (*_FLOATS, *_SIGNED, *_UNSIGNED, "bool", "string", "complex64", "complex128")
_OF_PYTHON = {bool: "bool", int: "int32", float: "float32", str: "string", "int": "int32"}
_WEAK = {int: "int", float: "float", "int": "int", "float": "float"}  # numbers of Python


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype: of NumPy, of a type of Python, or a name; None is `floatx()`.

    Errors: ValueError for what is none.
    """
    if dtype is None:
        return floatx()
    name = _OF_PYTHON.get(dtype, dtype)
    name = getattr(name, "name", getattr(name, "__name__", name))
    if name not in _NAMES:
        raise ValueError(f"Invalid dtype. Received: dtype={dtype!r}")
    return str(name)


def is_float_dtype(dtype: Any) -> bool:
    """Whether it is a dtype of floats."""
    return standardize_dtype(dtype) in _FLOATS


def is_int_dtype(dtype: Any) -> bool:
    """Whether it is a dtype of integers."""
    return standardize_dtype(dtype) in (*_SIGNED, *_UNSIGNED)


def result_type(*dtypes: Any) -> str:
    """The dtype that Keras computes in with operands of these.

    Floats win over integers whatever their sizes; `int` and `float`, Python's numbers, take the dtype
    of the others.  lamina itself computes in float32 and float64.

    Errors: ValueError for what is no dtype.
    """
    weak = {_WEAK[d] for d in dtypes if d in _WEAK}
    names = [standardize_dtype(d) for d in dtypes if d not in _WEAK]
    floats = {name for name in names if name in _FLOATS}
    if floats:
        mixed = {"float16", "bfloat16"} <= floats
        return max(floats | ({"float32"} if mixed else set()), key=_FLOATS.index)
    if "float" in weak or not dtypes:
        return floatx()
    integers = [name for name in names if name != "bool"]
    if not integers:
        return "int32" if weak else "bool"
    found = np.result_type(*integers).name
    return floatx() if found in _FLOATS else found
