"""What the perceptrons do beside agreeing with scikit-learn's."""

from __future__ import annotations

import copy
import pickle
import signal
import threading
import time
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.special import log_expit, log_softmax
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, make_classification
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lamina
from lamina import config
from lamina.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = make_classification(
    150, 8, n_informative=5, n_classes=3, n_clusters_per_class=1, random_state=0
)
NUMBERS = X[:, 0] * X[:, 1] - X[:, 2]


def fitted(X: Any = X, y: Any = Y, weight: Any = None, **options: Any) -> Any:
    options = {"hidden_layer_sizes": 12, "max_iter": 8, "random_state": 0, **options}
    return MLPClassifier(**options).fit(X, y, sample_weight=weight)


def assert_same(a: Any, b: Any) -> None:
    for x, y in zip([*a.coefs_, *a.intercepts_], [*b.coefs_, *b.intercepts_], strict=True):
        np.testing.assert_array_equal(x, y)


# --- bits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_one_seed_one_result(solver: str) -> None:
    """Again, with other numbers of threads, and for other layouts and dtypes of the same numbers."""
    rows = X.astype(np.float32)
    first = fitted(rows, solver=solver, batch_size=32, max_iter=4)
    for threads in (1, 2):
        config.set_num_threads(threads)
        assert_same(fitted(rows, solver=solver, batch_size=32, max_iter=4), first)
    others = (rows.astype(np.float64), np.asfortranarray(rows), rows.tolist(), pd.DataFrame(rows))
    for other in others:
        assert_same(fitted(other, solver=solver, batch_size=32, max_iter=4), first)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_weight_of_two_is_two_samples(solver: str) -> None:
    """Bit for bit where an epoch is one batch, in any order; a weight of 0 is no sample."""
    weight = np.random.RandomState(0).randint(0, 3, len(X))
    order = np.random.RandomState(1).permutation(len(X))
    weighted = fitted(X[order], Y[order], weight[order], solver=solver)
    repeated = fitted(X.repeat(weight, axis=0), Y.repeat(weight), solver=solver)
    assert_same(weighted, repeated)
    assert weighted.loss_ == repeated.loss_
    assert weighted.t_ == (0 if solver == "lbfgs" else 8 * len(X))


def test_a_batch_without_weight_changes_nothing() -> None:
    """Where scikit-learn's divides by 0."""
    weight = np.r_[np.ones(100), np.zeros(50)]
    options: Any = {"shuffle": False, "batch_size": 50, "solver": "sgd", "momentum": 0.0}
    found = fitted(weight=weight, **options)
    np.testing.assert_allclose(found.coefs_[0], fitted(X[:100], Y[:100], **options).coefs_[0])


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_both_backends(kind: str) -> None:
    found = []
    for backend in ("native", "numpy"):
        config.set_backend(backend)
        options: Any = {"hidden_layer_sizes": (9, 5), "activation": "tanh", "max_iter": 5}
        kinds: Any = {"classes": (MLPClassifier, Y), "numbers": (MLPRegressor, NUMBERS)}
        make, y = kinds[kind]
        found.append(make(random_state=0, batch_size=40, **options).fit(X, y))
    for a, b in zip(found[0].coefs_, found[1].coefs_):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found[0].loss_curve_, found[1].loss_curve_, rtol=1e-5)


# --- what is learnt -------------------------------------------------------------------------------


def test_scores() -> None:
    x, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(max_iter=60, random_state=0))
    assert cross_val_score(pipeline, x, y, cv=3).mean() > 0.96
    unscaled = MLPClassifier(solver="lbfgs", max_iter=1000, random_state=0)
    assert unscaled.fit(*load_iris(return_X_y=True)).score(*load_iris(return_X_y=True)) > 0.97


def test_class_weight_is_a_weight_per_sample() -> None:
    counts = np.bincount(Y)
    for given in ({0: 3.0, 1: 0.5}, "balanced"):
        weights = (
            np.array([3.0, 0.5, 1.0]) if isinstance(given, dict) else len(Y) / (3 * counts)
        )  # fmt: skip
        found = fitted(class_weight=given, batch_size=32)
        assert_same(found, fitted(weight=weights[Y], batch_size=32))
    both = fitted(class_weight={0: 3.0}, weight=np.arange(150.0), batch_size=32)
    by_hand = np.arange(150.0) * np.array([3.0, 1.0, 1.0])[Y]
    assert_same(both, fitted(weight=by_hand, batch_size=32))


def test_class_weight_of_labels_and_names() -> None:
    names = np.array(["x", "y", "z"])[Y]
    assert_same(fitted(y=names, class_weight={"y": 4.0}), fitted(class_weight={1: 4.0}))
    several = (X[:, :2] > 0).astype(int)
    weights = [{0: 1.0, 1: 2.0}, {0: 1.0, 1: 5.0}]
    by_hand = np.where(several[:, 0], 2.0, 1.0) * np.where(several[:, 1], 5.0, 1.0)
    found = fitted(y=several, class_weight=weights, batch_size=32)
    assert_same(found, fitted(y=several, weight=by_hand, batch_size=32))


def test_class_weight_in_partial_fit() -> None:
    a = MLPClassifier(5, class_weight={0: 2.0}, random_state=0)
    b = MLPClassifier(5, random_state=0)
    a.partial_fit(X, Y, classes=[0, 1, 2])
    b.partial_fit(X, Y, np.where(Y == 0, 2.0, 1.0), classes=[0, 1, 2])
    assert_same(a, b)
    with pytest.raises(ValueError, match=r"class_weight.*partial_fit.*balanced"):
        MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2])


def test_dropout() -> None:
    """Repeatable, without a trace in what else is drawn, and absent from predictions."""
    first = fitted(dropout=0.5, max_iter=30)
    assert_same(fitted(dropout=0.5, max_iter=30), first)
    assert not np.array_equal(first.coefs_[0], fitted(max_iter=30).coefs_[0])
    np.testing.assert_array_equal(first.predict_proba(X), first.predict_proba(X))
    np.testing.assert_allclose(first.predict_proba(X), forward(first, X), atol=1e-6)
    assert fitted(dropout=0.0, max_iter=3).loss_ == fitted(max_iter=3).loss_


def test_dropout_holds_back_what_is_learnt_by_heart() -> None:
    """Where labels are noise, the loss on them stays higher, and weights are smaller in effect."""
    noise = np.random.RandomState(0).randint(0, 2, 150)
    options: Any = {"hidden_layer_sizes": 64, "max_iter": 300, "learning_rate_init": 0.01}
    assert fitted(y=noise, dropout=0.5, **options).loss_ > 2 * fitted(y=noise, **options).loss_


def forward(mlp: Any, X: Any) -> np.ndarray:
    """The probabilities, computed in float64 of the weights."""
    return np.exp(log_forward(mlp, X))


def log_forward(mlp: Any, X: Any) -> np.ndarray:
    x = np.asarray(X, np.float32).astype(np.float64)
    for coef, intercept in zip(mlp.coefs_[:-1], mlp.intercepts_[:-1]):
        x = np.maximum(x @ coef.astype(np.float64) + intercept, 0)
    z = x @ mlp.coefs_[-1].astype(np.float64) + mlp.intercepts_[-1]
    if mlp.out_activation_ == "softmax":
        return log_softmax(z, axis=1)
    return log_expit(np.hstack([-z, z]) if z.shape[1] == 1 else z)


@pytest.mark.parametrize("y", [Y, Y > 0, (X[:, :3] > 0).astype(int)], ids=["3", "2", "labels"])
def test_log_probabilities_far_below_what_float32_holds(y: Any) -> None:
    mlp = fitted(y=y)
    assert (mlp.predict_proba(200 * X) == 0).any()
    found, known = mlp.predict_log_proba(200 * X), log_forward(mlp, 200 * X)
    assert known.min() < -110
    np.testing.assert_allclose(found, known, rtol=2e-5, atol=1e-5)
    np.testing.assert_allclose(mlp.predict_proba(X), forward(mlp, X), rtol=1e-4, atol=1e-6)


# --- targets --------------------------------------------------------------------------------------


def test_one_class_is_predicted() -> None:
    mlp = fitted(y=np.full(150, "only"))
    assert mlp.classes_.tolist() == ["only"]
    assert set(mlp.predict(X)) == {"only"}


def test_sparse_labels_come_back_sparse() -> None:
    from scipy import sparse

    y = (X[:, :3] > 0).astype(int)
    dense, thin = fitted(y=y), fitted(y=sparse.csr_matrix(y))
    assert_same(dense, thin)
    np.testing.assert_array_equal(thin.predict(X).toarray(), dense.predict(X))


def test_column_names() -> None:
    frame = pd.DataFrame(X, columns=[f"c{i}" for i in range(8)])
    mlp = fitted(frame)
    assert mlp.feature_names_in_.tolist() == frame.columns.tolist()
    np.testing.assert_array_equal(mlp.predict(frame), fitted().predict(X))
    with pytest.raises(ValueError, match="feature names should match"):
        mlp.predict(frame.rename(columns={"c0": "z"}))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        mlp.predict(X)


def test_rows_are_predicted_alike_however_they_come() -> None:
    mlp, rows = fitted(), X.astype(np.float32)
    known = mlp.predict_proba(rows)
    for other in (
        rows.tolist(),
        np.asfortranarray(rows),
        rows[::-1].copy()[::-1],
        rows.astype("f8"),
    ):
        np.testing.assert_array_equal(mlp.predict_proba(other), known)
    for i in (0, 77, 149):
        np.testing.assert_array_equal(mlp.predict_proba(rows[i : i + 1])[0], known[i])


def test_integers_are_converted() -> None:
    x = np.random.RandomState(0).randint(0, 255, (60, 5)).astype(np.uint8)
    a, b = (fitted(v, Y[:60]) for v in (x, x.astype(np.float32)))
    assert_same(a, b)


# --- state ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_training_goes_on_after_a_pickle(solver: str, dropout: float) -> None:
    mlp = MLPClassifier(6, solver=solver, random_state=0, batch_size=40, dropout=dropout)
    mlp.partial_fit(X, Y, classes=[0, 1, 2])
    copies = [pickle.loads(pickle.dumps(mlp)), copy.deepcopy(mlp)]
    mlp.partial_fit(X, Y)
    for other in copies:
        other.partial_fit(X, Y)
        assert_same(other, mlp)
        np.testing.assert_array_equal(other.predict_proba(X), mlp.predict_proba(X))


def test_joblib(tmp_path: Any) -> None:
    mlp = fitted()
    joblib.dump(mlp, tmp_path / "mlp")
    for mode in (None, "r"):
        other = joblib.load(tmp_path / "mlp", mmap_mode=mode)
        np.testing.assert_array_equal(other.predict_proba(X), mlp.predict_proba(X))
        other.partial_fit(X, Y)


def test_weights_that_are_put_in_are_used() -> None:
    a, b = fitted(), fitted(random_state=1)
    b.coefs_ = [c.astype(np.float64) for c in a.coefs_]
    b.intercepts_[0] = a.intercepts_[0]
    b.intercepts_[1][...] = a.intercepts_[1]
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    a.coefs_[0] = np.zeros((3, 3))
    with pytest.raises(ValueError, match=r"shape.*\(8, 12\).*\(3, 3\)"):
        a.predict(X)


def test_warm_start_goes_on() -> None:
    mlp = fitted(warm_start=True, max_iter=5)
    first = mlp.loss_
    mlp.fit(X, Y)
    assert len(mlp.loss_curve_) == 10
    assert mlp.loss_ < first
    with pytest.raises(ValueError, match=r"warm_start.*classes.*\[1 2 3\]"):
        mlp.fit(X, Y + 1)
    with pytest.raises(ValueError, match=r"\[12\].*hidden_layer_sizes=5"):
        mlp.set_params(hidden_layer_sizes=5).fit(X, Y)


def test_training_goes_on_with_another_solver() -> None:
    mlp = fitted(solver="lbfgs", warm_start=True)
    loss = mlp.loss_
    mlp.set_params(solver="adam").partial_fit(X, Y)
    assert mlp.loss_curve_ == [mlp.loss_]
    assert mlp.loss_ < 1.1 * loss
    mlp.set_params(early_stopping=True).fit(X, Y)
    assert len(mlp.validation_scores_) == len(mlp.loss_curve_) == 8
    mlp.set_params(early_stopping=False, solver="sgd").fit(X, Y)
    assert mlp.validation_scores_ is None
    mlp.set_params(solver="lbfgs").fit(X, Y)
    assert mlp.loss_ < loss


def test_search_in_processes() -> None:
    grid = {"mlpclassifier__alpha": [1e-4, 1.0], "mlpclassifier__dropout": [0.0, 0.2]}
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(8, max_iter=5, random_state=0))
    found = []
    for jobs in (1, 2):
        search = GridSearchCV(pipeline, grid, cv=2, n_jobs=jobs).fit(X, Y)
        found.append(search.cv_results_["mean_test_score"])
    np.testing.assert_array_equal(found[0], found[1])
    assert clone(search.best_estimator_).get_params()["mlpclassifier"].max_iter == 5


def test_threads_predict_together() -> None:
    mlp = fitted()
    known, found = mlp.predict_proba(X), {}

    def predict(i: int) -> None:
        found[i] = all(np.array_equal(mlp.predict_proba(X), known) for _ in range(20))

    threads = [threading.Thread(target=predict, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), True)


def test_weights_can_be_routed() -> None:
    import sklearn

    with sklearn.config_context(enable_metadata_routing=True):
        mlp = MLPClassifier(5, max_iter=3, random_state=0).set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, mlp).fit(X, Y, sample_weight=np.arange(150.0))
    scaled = StandardScaler().fit_transform(X)
    alone = MLPClassifier(5, max_iter=3, random_state=0).fit(scaled, Y, np.arange(150.0))
    assert_same(pipeline[-1], alone)


# --- at work --------------------------------------------------------------------------------------


def test_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(verbose=True, early_stopping=True, tol=5.0, n_iter_no_change=1)
    said = capsys.readouterr().out
    assert "Iteration 1, loss = " in said
    assert "Validation score: " in said
    assert "Validation score not better by tol=5 for 1 epochs: training ends" in said
    fitted(verbose=True, solver="sgd", learning_rate="adaptive", tol=5.0, n_iter_no_change=1)
    assert "the learning rate is now 0.0002" in capsys.readouterr().out
    fitted(verbose=True, solver="lbfgs", max_iter=2)
    assert "loss = " in capsys.readouterr().out


def test_ctrl_c_ends_training_with_a_warning() -> None:
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    start = time.perf_counter()
    with pytest.warns(UserWarning, match="interrupted after"):
        mlp = fitted(max_iter=10**6, n_iter_no_change=10**6)
    assert time.perf_counter() - start < 5
    assert mlp.n_iter_ == len(mlp.loss_curve_) > 0
    assert mlp.predict(X).shape == (150,)


def test_a_batch_larger_than_the_data() -> None:
    with pytest.warns(UserWarning, match="batch_size.*150.*batch_size=1000"):
        assert_same(fitted(batch_size=1000), fitted(batch_size=150))


# --- errors ---------------------------------------------------------------------------------------

ERRORS: dict[str, tuple[Any, type[Exception], str]] = {
    "negative weight": (lambda: fitted(weight=-np.ones(150)), ValueError, "sample_weight"),
    "weights of 0": (lambda: fitted(weight=np.zeros(150)), ValueError, "(?i)sample.weight.*zero"),
    "one weight too few": (lambda: fitted(weight=np.ones(149)), ValueError, "sample_weight"),
    "NaN": (lambda: fitted(np.where(X > 2, np.nan, X)), ValueError, "X contains NaN"),
    "numbers as classes": (lambda: fitted(y=NUMBERS), ValueError, "Unknown label type.*continuous"),
    "two columns of classes": (
        lambda: fitted(y=np.stack([Y, Y], 1)), ValueError, "y.*multiclass-multioutput",
    ),
    "no sizes": (lambda: fitted(hidden_layer_sizes=(3, 0)), ValueError, r"hidden_layer_sizes.*0\]"),
    "dropout of lbfgs": (
        lambda: fitted(dropout=0.5, solver="lbfgs"), ValueError, "dropout=0.5.*lbfgs",
    ),
    "dropout of 1": (lambda: fitted(dropout=1.0), ValueError, "'dropout' parameter.*1.0"),
    "weight of no class": (
        lambda: fitted(class_weight={0: 1.0, 7: 2.0}), ValueError, r"class_weight.*\[0 1 2\].*\[7\]",
    ),
    "class_weight": (lambda: fitted(class_weight="even"), ValueError, "'class_weight'.*even"),
    "too high a rate": (
        lambda: MLPRegressor(
            max_iter=50, solver="sgd", learning_rate_init=1e3, random_state=0, max_fun=1
        ).fit(X, NUMBERS),
        ValueError, "infinite.*learning_rate_init=1000",
    ),
    "counts below 0": (lambda: MLPRegressor("poisson").fit(X, NUMBERS), ValueError, "y.*negative"),
    "partial_fit without classes": (
        lambda: MLPClassifier().partial_fit(X, Y), ValueError, "classes.*first call",
    ),
    "other classes": (
        lambda: MLPClassifier().partial_fit(X, Y, classes=[0, 1, 2]).partial_fit(X, Y, classes=[1]),
        ValueError, r"classes.*\[0 1 2\].*\[1\]",
    ),
    "a class that is new": (
        lambda: MLPClassifier().partial_fit(X, Y, classes=[0, 1]), ValueError,
        r"classes of \[0 1\].*\[0 1 2\]",
    ),
    "partial_fit of lbfgs": (
        lambda: MLPClassifier(solver="lbfgs").partial_fit(X, Y, classes=[0, 1, 2]),
        AttributeError, "partial_fit",
    ),
    "partial_fit with early stopping": (
        lambda: MLPClassifier(early_stopping=True).partial_fit(X, Y, classes=[0, 1, 2]),
        ValueError, "early_stopping.*partial_fit",
    ),
    "one to validate on": (
        lambda: MLPRegressor(early_stopping=True, validation_fraction=0.05).fit(X[:20], Y[:20]),
        ValueError, "validation_fraction=0.05 of 20",
    ),
    "not fitted": (lambda: MLPRegressor().predict(X), NotFittedError, "not fitted"),
    "NaN in predict": (lambda: fitted().predict(np.full((2, 8), np.nan)), ValueError, "X contains NaN"),
    "no rows to predict": (lambda: fitted().predict(X[:0]), ValueError, "0 sample"),
    "7 columns": (lambda: fitted().predict(X[:, :7]), ValueError, "7 features.*8"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    call, kind, words = ERRORS[name]
    with pytest.raises(kind, match=words):
        call()


def test_lamina_has_them() -> None:
    assert lamina.sklearn.MLPClassifier is MLPClassifier
