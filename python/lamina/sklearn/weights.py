"""The samples' weights as scikit-learn's estimators take them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight


def as_sample_weight(sample_weight: Any, X: Any) -> np.ndarray:
    """`sample_weight` for the rows X, as (n_samples,) float64.

    Errors: ValueError for another shape, for a negative weight, and where all are 0.
    """
    weight: np.ndarray = _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if not weight.any():
        raise ValueError("`sample_weight` must not be 0 for all samples. Received: zeros")
    return weight
