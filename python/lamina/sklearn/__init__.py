"""scikit-learn's multi-layer perceptrons, computed by lamina.

    from lamina.sklearn import MLPClassifier, MLPRegressor

They take the place of those in `sklearn.neural_network`: the same parameters, attributes and results.
scikit-learn is imported with the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy
from lamina.sklearn.requirement import require_scikit_learn

_MODULES = {
    "MLPClassifier": "lamina.sklearn.classifier",
    "MLPRegressor": "lamina.sklearn.regressor",
}

if TYPE_CHECKING:
    from lamina.sklearn.classifier import MLPClassifier
    from lamina.sklearn.regressor import MLPRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
]
__getattr__, __dir__ = lazy(__name__, _MODULES, require_scikit_learn)
