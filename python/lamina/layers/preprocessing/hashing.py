"""Categories as numbers of a few bins, without a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.layers.preprocessing.data_layer import DataLayer, as_integers, as_strings
from lamina.layers.preprocessing.encoding import check_mode, encode, encoded_shape, not_sparse
from lamina.layers.preprocessing.fingerprints import fingerprint, fingerprint_cat, siphash
from lamina.utils import check

_CROSS_KEY = np.uint64(0xDECAFCAFFE)  # TensorFlow's
_DTYPES = ("int64", "int32")


def hash_bins(values: np.ndarray, num_bins: int, salt: Sequence[int] | None) -> np.ndarray:
    """The bins, from 0 to num_bins - 1, of strings or integers: FarmHash, or SipHash under a salt."""
    texts = [str(v).encode() for v in values.ravel().tolist()]
    hashes = fingerprint(texts) if salt is None else siphash(texts, salt)
    return (hashes % np.uint64(num_bins)).astype(np.int64).reshape(values.shape)


def check_salt(owner: str, salt: Any) -> list[int] | None:
    """A salt as two integers; one integer stands for both."""
    if salt is None:
        return None
    pair = [salt, salt] if isinstance(salt, int) else salt
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(
            f"The `salt` of {owner} must be an integer or a tuple of 2 integers. "
            f"Received: salt={salt!r}"
        )
    return [check.integer("salt", s) for s in pair]


def as_values(name: str, x: Any) -> np.ndarray:
    """An array of strings, or of int64 (floats are cut)."""
    array = np.asarray(x)
    if array.dtype.kind in "OUST":
        whole = array.dtype.kind == "O" and all(type(v) is int for v in array.ravel().tolist())
        return as_integers(name, array) if whole else as_strings(name, array)
    if array.dtype.kind == "f":
        array = np.trunc(array)
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"`{name}` must hold strings or integers. Received: {name} with dtype={array.dtype}"
        )
    return as_integers(name, array)


class Hashing(DataLayer):
    """Strings or integers as the bins that their hashes fall into, the same on every machine.

    The numbers are TensorFlow's: FarmHash64 of the text (an integer's decimal digits), or SipHash
    under `salt`, modulo the number of bins.

    Args:
        num_bins: the number of bins, with the one of the mask.
        mask_value: a value that has bin 0 for itself.
        salt: one or two integers that make another hash.
        output_mode: "int", or encoded as by `CategoryEncoding`: "one_hot", "multi_hot", "count".
        sparse: False.

    Errors: ValueError for bad arguments, TypeError for what is neither strings nor numbers.
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        self.output_mode = check_mode("Hashing", output_mode)
        super().__init__(dtypes=_DTYPES if output_mode == "int" else ("float32",), **kwargs)
        if num_bins is None:
            raise ValueError("`num_bins` must be a positive integer. Received: num_bins=None")
        self.num_bins = check.integer("num_bins", num_bins, 1)
        self.mask_value = mask_value
        self.salt = check_salt("Hashing", salt)
        not_sparse(sparse)

    def call(self, inputs: Any) -> Any:
        values = as_values("inputs", inputs)
        if self.mask_value is None or self.num_bins == 1:
            bins = hash_bins(values, self.num_bins, self.salt)
        else:
            masked = np.asarray(values == self.mask_value)
            bins = hash_bins(values, self.num_bins - 1, self.salt) + 1
            bins = np.where(masked, 0, bins)
        if self.output_mode == "int":
            return bins.astype(self.dtype)
        return encode(bins, self.output_mode, self.num_bins)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return encoded_shape(input_shape, self.output_mode, self.num_bins)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": self.salt,
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": False,
        }


class HashedCrossing(DataLayer):
    """Two or more features together, as the bins that the hashes of their values fall into.

    The numbers are TensorFlow's.  The inputs are a list of arrays of strings or integers, all of
    the shape (), (n,) or (n, 1).

    Args:
        num_bins: the number of bins.
        output_mode: "int" or "one_hot".
        sparse: False.

    Errors: ValueError for fewer than two inputs and inputs of other shapes, TypeError for floats.
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        self.output_mode = check_mode("HashedCrossing", output_mode, ("int", "one_hot"))
        dtypes = _DTYPES if output_mode == "int" else ("float32",)
        super().__init__(name=name, dtype=dtype, dtypes=dtypes, **kwargs)
        not_sparse(sparse)
        self.num_bins = check.integer("num_bins", num_bins, 1)

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ValueError(
                "HashedCrossing must be called on a list or tuple of at least two inputs. "
                f"Received: inputs={inputs!r}"
            )
        columns = [np.asarray(x) for x in inputs]
        shape = columns[0].shape
        if len(shape) > 2 or shape[1:] not in ((), (1,)) or any(x.shape != shape for x in columns):
            raise ValueError(
                "All inputs of HashedCrossing must have one shape: (), (n,) or (n, 1). "
                f"Received: shapes {[x.shape for x in columns]}"
            )
        crossed = np.full(columns[0].size, _CROSS_KEY)
        with np.errstate(over="ignore"):
            for column in columns:
                crossed = fingerprint_cat(crossed, _features(column))
        bins = (crossed % np.uint64(self.num_bins)).astype(np.int64).reshape(shape)
        if self.output_mode == "int":
            return bins.astype(self.dtype)
        return encode(bins, self.output_mode, self.num_bins)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, ...]:
        return encoded_shape(input_shape[0], self.output_mode, self.num_bins)

    def get_config(self) -> dict[str, Any]:
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": False,
            "name": self.name,
            "dtype": self.dtype,
        }


def _features(column: np.ndarray) -> np.ndarray:
    """An integer is its own feature, a string's is its fingerprint."""
    if column.dtype.kind == "f":
        raise TypeError(
            "Inputs of HashedCrossing must hold strings or integers. "
            f"Received: inputs with dtype={column.dtype}"
        )
    values = as_values("inputs", column).ravel()
    if values.dtype == object:
        return fingerprint([v.encode() for v in values])
    return values.astype(np.uint64)
