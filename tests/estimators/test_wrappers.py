"""Models as scikit-learn's estimators, beside what tests/golden compares with real Keras."""

from __future__ import annotations

import pickle
import random
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lamina
from lamina import ops
from lamina.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

_rng = np.random.RandomState(0)
X = _rng.randn(120, 4)
LABELS = np.array(["ash", "elm", "oak"])[np.argmax(X[:, :3], axis=1)]
NUMBERS = X[:, 0] - 2 * X[:, 1]


def build(X: Any, y: Any, loss: Any = "mse", activation: Any = None, units: int = 8) -> Any:
    model = lamina.Sequential(
        [
            lamina.Input(X.shape[1:]),
            lamina.layers.Dense(units, activation="relu"),
            lamina.layers.Dropout(0.1),
            lamina.layers.Dense(y.shape[1], activation=activation),
        ]
    )
    model.compile(lamina.optimizers.Adam(0.02), loss)
    return model


def classifier(**options: Any) -> Any:
    chosen = {"loss": "categorical_crossentropy", "activation": "softmax"}
    fit = {"epochs": 15, "verbose": 0, **options.pop("fit_kwargs", {})}
    return SKLearnClassifier(
        build, model_kwargs=chosen, fit_kwargs=fit, **{"random_state": 0, **options}
    )


def regressor(**options: Any) -> Any:
    return SKLearnRegressor(
        build, fit_kwargs={"epochs": 15, "verbose": 0}, **{"random_state": 0, **options}
    )


def weights(estimator: Any) -> list[np.ndarray]:
    return estimator.model_.get_weights()


def assert_same(a: Any, b: Any) -> None:
    for x, y in zip(weights(a), weights(b), strict=True):
        np.testing.assert_array_equal(x, y)


# --- seeds ----------------------------------------------------------------------------------------


def test_a_random_state_repeats_all_that_fit_draws() -> None:
    before = random.getstate(), np.random.get_state()[1].tolist()
    first = classifier().fit(X, LABELS)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    assert_same(classifier().fit(X, LABELS), first)
    assert_same(first.fit(X, LABELS), classifier().fit(X, LABELS))
    other = classifier(random_state=1).fit(X, LABELS)
    assert not np.array_equal(weights(other)[0], weights(first)[0])


def test_without_one_it_draws_from_the_seeds_outside() -> None:
    lamina.utils.set_random_seed(3)
    first, second = (classifier(random_state=None).fit(X, LABELS) for _ in range(2))
    assert not np.array_equal(weights(first)[0], weights(second)[0])
    lamina.utils.set_random_seed(3)
    assert_same(classifier(random_state=None).fit(X, LABELS), first)


def test_a_failed_fit_leaves_the_seeds_outside() -> None:
    before = np.random.get_state()[1].tolist()
    with pytest.raises(TypeError, match="nope"):
        classifier().set_params(model_kwargs={"nope": 1}).fit(X, LABELS)
    assert np.random.get_state()[1].tolist() == before


# --- arguments ------------------------------------------------------------------------------------


def test_arguments_stay_as_they_are() -> None:
    given = {"epochs": 2, "verbose": 0}
    estimator = classifier(fit_kwargs=given).fit(X, LABELS, epochs=3)
    assert estimator.fit_kwargs["epochs"] == 2
    assert estimator.epoch_ == 3
    assert clone(estimator).get_params() == estimator.get_params()
    assert classifier().epoch_ == 0


def test_warm_start_goes_on_with_the_model() -> None:
    estimator = classifier(warm_start=True).fit(X, LABELS)
    model, loss = estimator.model_, estimator.history_.history["loss"][-1]
    estimator.fit(X[:60], LABELS[:60])
    assert estimator.model_ is model
    assert estimator.history_.history["loss"][0] < 1.2 * loss
    with pytest.raises(ValueError, match=r"warm_start.*'yew'"):
        estimator.fit(X, np.where(LABELS == "ash", "yew", LABELS))
    with pytest.raises(ValueError, match="3 features"):
        estimator.fit(X[:, :3], LABELS)


def test_a_model_is_copied_or_used() -> None:
    def bent(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    model = build(X, NUMBERS[:, None], bent)
    before = model.get_weights()
    copied = SKLearnRegressor(model, fit_kwargs={"verbose": 0}, random_state=0).fit(X, NUMBERS)
    assert copied.model_ is not model
    assert copied.model_.loss is bent
    assert type(copied.model_.optimizer) is type(model.optimizer)
    assert copied.model_.optimizer is not model.optimizer
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
    assert_same(clone(copied).fit(X, NUMBERS), copied)
    used = SKLearnRegressor(model, warm_start=True, fit_kwargs={"verbose": 0}).fit(X, NUMBERS)
    assert used.model_ is model


# --- samples --------------------------------------------------------------------------------------


def test_a_weight_of_0_is_no_sample() -> None:
    weight = np.r_[np.full(80, 1.5), np.zeros(40)]
    found = classifier().fit(X, LABELS, sample_weight=weight)
    assert_same(found, classifier().fit(X[:80], LABELS[:80], sample_weight=weight[:80]))
    with pytest.raises(ValueError, match=r"sample_weight.*one class"):
        classifier().fit(X, LABELS, sample_weight=LABELS == "oak")
    for bad in (-weight, np.zeros(120), weight[1:]):
        with pytest.raises(ValueError, match=r"(?i)sample.?weight"):
            classifier().fit(X, LABELS, sample_weight=bad)


def test_the_decision_of_two_classes_is_one_number() -> None:
    estimator = classifier().fit(X, NUMBERS > 0)
    decision, outputs = estimator.decision_function(X), estimator.model_.predict(X, verbose=0)
    np.testing.assert_array_equal(decision, outputs[:, 1] - outputs[:, 0])
    np.testing.assert_array_equal(estimator.predict(X), decision > 0)
    assert roc_auc_score(NUMBERS > 0, decision) > 0.95


def test_several_numbers() -> None:
    y = np.stack([NUMBERS, -NUMBERS], axis=1)
    estimator = regressor().fit(X, y)
    assert estimator.predict(X).shape == (120, 2)
    assert estimator.score(X, y) > 0.5


def test_column_names() -> None:
    frame = pd.DataFrame(X, columns=list("abcd"))
    estimator = regressor().fit(frame, NUMBERS)
    assert estimator.feature_names_in_.tolist() == list("abcd")
    np.testing.assert_array_equal(estimator.predict(frame), regressor().fit(X, NUMBERS).predict(X))
    with pytest.raises(ValueError, match="feature names"):
        estimator.predict(frame[list("dcba")])


# --- with scikit-learn's tools --------------------------------------------------------------------


def test_pickles(tmp_path: Any) -> None:
    estimator = classifier().fit(X, LABELS)
    joblib.dump(estimator, tmp_path / "estimator")
    for other in (
        pickle.loads(pickle.dumps(estimator)),
        joblib.load(tmp_path / "estimator", mmap_mode="r"),
    ):
        np.testing.assert_array_equal(other.predict(X), estimator.predict(X))
        assert_same(other.fit(X, LABELS), estimator)


def test_search_in_processes() -> None:
    grid = {"sklearnregressor__model_kwargs": [{"units": 2}, {"units": 16}]}
    found = []
    for jobs in (1, 2):
        search = GridSearchCV(make_pipeline(StandardScaler(), regressor()), grid, cv=2, n_jobs=jobs)
        found.append(search.fit(X, NUMBERS).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(found[0], found[1])
    assert search.best_params_["sklearnregressor__model_kwargs"] == {"units": 16}


def test_cross_validation() -> None:
    assert (cross_val_predict(classifier(), X, LABELS, cv=3) == LABELS).mean() > 0.7


def test_features_for_a_pipeline() -> None:
    first = SKLearnTransformer(build, fit_kwargs={"epochs": 15, "verbose": 0}, random_state=0)
    first.fit(X, NUMBERS)
    pipeline = make_pipeline(FrozenEstimator(first), RidgeClassifier())
    pipeline.fit(X, NUMBERS > 0)
    np.testing.assert_array_equal(pipeline[:-1].transform(X), first.transform(X))
    assert pipeline.score(X, NUMBERS > 0) > 0.9


def test_weights_can_be_routed() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = regressor().set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        weight = np.linspace(0.5, 2, 120)
        pipeline = make_pipeline(scaler, estimator).fit(X, NUMBERS, sample_weight=weight)
    scaled = StandardScaler().fit_transform(X)
    assert_same(pipeline[-1], regressor().fit(scaled, NUMBERS, sample_weight=weight))
