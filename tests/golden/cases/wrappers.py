"""Models as scikit-learn's estimators: what the model is given, losses, predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import Case, Keras, Record

_rng = np.random.default_rng(5)
X = _rng.normal(size=(40, 3))
LABELS = np.array(["oak", "ash", "elm"])[np.argmax(X, axis=1)]
NUMBERS = X[:, 0] - X[:, 1] * X[:, 2]
FIT = {"verbose": 0, "shuffle": False, "epochs": 4, "batch_size": 16}


def _builder(keras: Keras, seen: list[Any]) -> Any:
    """A callable that notes what it is given, and begins with the same weights each time."""

    def build(X: Any, y: Any, loss: str, activation: Any = None, units: int = 5) -> Any:
        seen.append([list(X.shape), list(y.shape), np.asarray(y[:6], float)])
        model = keras.Sequential(
            [
                keras.Input(X.shape[1:]),
                keras.layers.Dense(units, activation="tanh"),
                keras.layers.Dense(y.shape[1], activation=activation),
            ]
        )
        rng = np.random.default_rng(7)
        model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
        model.compile(keras.optimizers.SGD(0.1), loss)
        return model

    return build


def _record(estimator: Any, seen: list[Any], **others: Any) -> Record:
    return {
        "given": seen,
        "losses": np.array(estimator.history_.history["loss"]),
        "outputs": np.asarray(estimator.model_.predict(X, verbose=0)),
        "features": estimator.n_features_in_,
        **others,
    }


def _classifier(keras: Keras, y: Any, seen: list[Any]) -> Any:
    return keras.wrappers.SKLearnClassifier(
        _builder(keras, seen),
        model_kwargs={"loss": "categorical_crossentropy", "activation": "softmax"},
        fit_kwargs=FIT.copy(),
    ).fit(X, y)


def classes(keras: Keras) -> Record:
    seen: list[Any] = []
    estimator = _classifier(keras, LABELS, seen)
    return _record(
        estimator,
        seen,
        classes=estimator.classes_.tolist(),
        predicted=estimator.predict(X).tolist(),
        decision=np.asarray(estimator.decision_function(X)),
        score=float(estimator.score(X, LABELS)),
    )


def two_classes(keras: Keras) -> Record:
    seen: list[Any] = []
    estimator = _classifier(keras, NUMBERS > 0, seen)
    found = estimator.predict(X)
    return _record(estimator, seen, classes=estimator.classes_.tolist(), predicted=found.tolist())


def weighted(keras: Keras) -> Record:
    """Weights that are not 0, and arguments of fit before those of the constructor."""
    seen: list[Any] = []
    estimator = _classifier(keras, LABELS, seen)
    estimator.fit(X, LABELS, epochs=2, sample_weight=np.linspace(0.5, 2, len(X)))
    return _record(estimator, seen, predicted=estimator.predict(X).tolist())


def _regression(keras: Keras, kind: str, seen: list[Any]) -> Any:
    wrapper = getattr(keras.wrappers, kind)
    options = {"model_kwargs": {"loss": "mse"}, "fit_kwargs": FIT.copy()}
    return wrapper(_builder(keras, seen), **options).fit(X, NUMBERS)


def numbers(keras: Keras) -> Record:
    seen: list[Any] = []
    estimator = _regression(keras, "SKLearnRegressor", seen)
    return _record(
        estimator,
        seen,
        predicted=np.asarray(estimator.predict(X)),
        score=float(estimator.score(X, NUMBERS)),
    )


def features(keras: Keras) -> Record:
    seen: list[Any] = []
    estimator = _regression(keras, "SKLearnTransformer", seen)
    return _record(estimator, seen, transformed=np.asarray(estimator.transform(X)))


def a_model(keras: Keras) -> Record:
    """A model instead of a callable: a copy with new weights, compiled as the model is."""
    layer = keras.layers.Dense(3, activation="softmax", kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((3,)), layer])
    model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
    model.set_weights([np.ones_like(w) for w in model.get_weights()])
    estimator = keras.wrappers.SKLearnClassifier(model, fit_kwargs=FIT.copy()).fit(X, LABELS)
    kept = all((w == 1).all() for w in model.get_weights())
    return _record(estimator, [], untouched=kept, copied=estimator.model_ is not model)


CASES = [
    Case("wrappers", case.__name__, case, backend="jax", atol=1e-6, rtol=2e-5)
    for case in (classes, two_classes, weighted, numbers, features, a_model)
]
