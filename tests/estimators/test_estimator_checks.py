"""scikit-learn's own checks of estimators: all of them, none expected to fail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import lamina
from lamina.sklearn import MLPClassifier, MLPRegressor
from lamina.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

# Checks that scikit-learn skips for its own perceptrons too.
SKIPPED_BY_SCIKIT_LEARN = ("SCIPY_ARRAY_API is not set", "does not have a decision_function")


def build(X: Any, y: Any, loss: str, units: tuple[int, ...], activation: Any = None) -> Any:
    model = lamina.Sequential(
        [
            lamina.Input(X.shape[1:]),
            *(lamina.layers.Dense(n, activation="relu") for n in units),
            lamina.layers.Dense(y.shape[1], activation=activation),
        ]
    )
    model.compile("rmsprop", loss)
    return model


CLASSES = {"loss": "categorical_crossentropy", "units": (20, 20, 20), "activation": "softmax"}
NUMBERS = {"loss": "mse", "units": (10,)}

ESTIMATORS = [
    MLPClassifier(max_iter=100),  # the epochs scikit-learn gives its own
    MLPRegressor(max_iter=100),
    SKLearnClassifier(build, model_kwargs=CLASSES, fit_kwargs={"epochs": 5, "verbose": 0}),
    SKLearnRegressor(build, model_kwargs=NUMBERS, fit_kwargs={"verbose": 0}),
    SKLearnTransformer(build, model_kwargs=NUMBERS, fit_kwargs={"verbose": 0}),
]

# A list, which pytest 9 asks for and scikit-learn gives since 1.9.
_checks = parametrize_with_checks(ESTIMATORS, legacy=True)
_names, _cases = _checks.args


def name_of(value: Any) -> str:
    """scikit-learn's name without addresses, which would differ between the runners' processes."""
    return re.sub("at0x[0-9a-f]+", "", _checks.kwargs["ids"](value))


all_checks = pytest.mark.parametrize(_names, list(_cases), ids=name_of)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@all_checks
def test_estimator(estimator: Any, check: Any) -> None:
    try:
        check(estimator)
    except Exception as skipped:  # unittest's and pytest's
        if type(skipped).__name__ != "SkipTest" or not any(
            reason in str(skipped) for reason in SKIPPED_BY_SCIKIT_LEARN
        ):
            raise
