"""Names of dtypes."""

from __future__ import annotations

from typing import Any

_NAMES = frozenset(
    (
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bfloat16",
        "float16", "float32", "float64", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128",
        "string",
    )
)  # fmt: skip
_PYTHON = {
    "bool": "bool",
    "int": "int32",
    "float": "float32",
    "str": "string",
    "complex": "complex64",
}


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype: of a name, a NumPy dtype or a Python type; None is "float32".

    Errors: ValueError for what names no dtype.

    Examples:
        >>> lamina.utils.standardize_dtype(int), lamina.utils.standardize_dtype(np.zeros(1).dtype)
        ('int32', 'float64')
    """
    if dtype is None:
        return "float32"
    if dtype == "int":
        return "int32"
    if isinstance(dtype, type) and dtype.__module__ == "builtins":
        name = _PYTHON.get(dtype.__name__, dtype.__name__)
    else:
        name = str(getattr(dtype, "name", None) or getattr(dtype, "__name__", dtype))
    if name not in _NAMES:
        raise ValueError(f"Invalid dtype: {dtype!r}. Known: {', '.join(sorted(_NAMES))}")
    return name
