"""Models as scikit-learn's estimators, by Keras's names.

scikit-learn is imported with the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy
from lamina.sklearn.requirement import require_scikit_learn

_MODULES = {
    "SKLearnClassifier": "lamina.wrappers.classifier",
    "SKLearnRegressor": "lamina.wrappers.regressor",
    "SKLearnTransformer": "lamina.wrappers.transformer",
}

if TYPE_CHECKING:
    from lamina.wrappers.classifier import SKLearnClassifier
    from lamina.wrappers.regressor import SKLearnRegressor
    from lamina.wrappers.transformer import SKLearnTransformer

__all__ = [
    "SKLearnClassifier",
    "SKLearnRegressor",
    "SKLearnTransformer",
]
__getattr__, __dir__ = lazy(__name__, _MODULES, require_scikit_learn)
