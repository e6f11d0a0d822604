"""SciPy's sparse matrices: rows that become arrays batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np


class SparseRows:
    """A sparse matrix (samples, features) as a column of Samples; never made dense as a whole."""

    def __init__(self, matrix: Any) -> None:
        matrix = matrix.tocsr()
        wide = matrix.dtype.kind == "f" and matrix.dtype.itemsize > 8
        self._matrix = matrix.astype(np.float64) if wide else matrix
        self.shape: tuple[int, ...] = self._matrix.shape
        self.ndim = 2
        self.dtype: np.dtype = self._matrix.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> SparseRows:
        return SparseRows(self._matrix[rows])

    @property
    def stored(self) -> np.ndarray:
        """The numbers that are stored, the others are 0."""
        numbers: np.ndarray = self._matrix.data
        return numbers

    def place(self, i: int) -> tuple[int, int]:
        """Row and column of the i-th stored number."""
        row = int(np.searchsorted(self._matrix.indptr, i, side="right")) - 1
        return row, int(self._matrix.indices[i])

    def take(self, rows: np.ndarray) -> np.ndarray:
        """These rows as an array."""
        dense: np.ndarray = self._matrix[rows].toarray()
        return dense


def sparse_as_rows(x: Any) -> Any:
    """x, or the values of a list or dict x, with SparseRows for sparse matrices (some are dicts)."""
    if is_sparse(x):
        return SparseRows(x)
    if isinstance(x, (list, tuple, dict)):
        values = x.values() if isinstance(x, dict) else x
        if any(map(is_sparse, values)):
            made = [SparseRows(v) if is_sparse(v) else v for v in values]
            return dict(zip(x, made)) if isinstance(x, dict) else type(x)(made)
    return x


def is_sparse(value: Any) -> bool:
    """Whether it is one of SciPy's sparse matrices or arrays."""
    return hasattr(value, "tocsr") and hasattr(value, "nnz")
