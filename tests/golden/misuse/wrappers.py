"""Misuse of models as scikit-learn's estimators."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import LABELS, Keras, Misuse, X, net

_NUMBERS = X[:, 0]


def _build(keras: Keras, **options: Any) -> Any:
    """A callable as the wrappers take it."""

    def build(X: Any, y: Any) -> Any:
        return net(keras, **options)

    return build


def _fit(keras: Keras, x: Any = X, y: Any = LABELS, model: Any = None, **options: Any) -> Any:
    wrapper = keras.wrappers.SKLearnClassifier(model or _build(keras), **options)
    return wrapper.fit(x, y, verbose=0)


def _uncompiled(keras: Keras) -> Any:
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])


def _with_nan() -> np.ndarray:
    x = X.copy()
    x[5, 1] = np.nan
    return x


WRAPPERS = [
    Misuse(
        "wrapper of an uncompiled model",
        lambda k: _fit(k, model=_uncompiled(k)),
        ("compiled", "optimizer"),
        (RuntimeError,),
    ),
    Misuse("wrapper of a number", lambda k: _fit(k, model=3), ("model", "3|int"), (TypeError,)),
    Misuse(
        "wrapper of a callable without a model",
        lambda k: _fit(k, model=lambda X, y: None),
        ("model", "None"),
        (TypeError, AttributeError),
    ),
    Misuse(
        "wrapper model_kwargs", lambda k: _fit(k, model_kwargs={"nope": 1}), ("nope",), (TypeError,)
    ),
    Misuse("wrapper of one class", lambda k: _fit(k, y=np.zeros(12)), ("one class",)),
    Misuse("wrapper of numbers as classes", lambda k: _fit(k, y=_NUMBERS), ("continuous",)),
    Misuse("wrapper of NaN", lambda k: _fit(k, _with_nan()), ("X", "NaN")),
    Misuse("wrapper of two lengths", lambda k: _fit(k, y=LABELS[:-1]), ("12", "11")),
    Misuse("wrapper predict 3 columns", lambda k: _fit(k).predict(X[:, :3]), ("X", "3", "4")),
    Misuse(
        "wrapper predict before fit",
        lambda k: k.wrappers.SKLearnClassifier(_build(k)).predict(X),
        ("not fitted",),
    ),
    Misuse(
        "wrapper transform before fit",
        lambda k: k.wrappers.SKLearnTransformer(_build(k)).transform(X),
        ("not fitted",),
    ),
    Misuse(
        "wrapper without y",
        lambda k: k.wrappers.SKLearnRegressor(_build(k)).fit(X),
        ("y",),
        (TypeError,),
    ),
]
