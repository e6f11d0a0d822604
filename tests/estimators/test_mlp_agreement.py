"""The perceptrons beside scikit-learn's: with the same random_state the same numbers."""

from __future__ import annotations

import inspect
import pickle
import re
from typing import Any

import numpy as np
import pytest
import sklearn
import sklearn.neural_network as theirs
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

import lamina
import lamina.sklearn as ours

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
needs_1_7 = pytest.mark.skipif(VERSION < (1, 7), reason="scikit-learn's has it since 1.7")

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:scipy.optimize. The `disp`:DeprecationWarning",  # of scikit-learn 1.6
)

_rng = np.random.RandomState(3)
X = _rng.randn(230, 12).astype(np.float32)
WEIGHTS = np.linspace(0.2, 2, len(X))
TARGETS: dict[str, Any] = {
    "classes": (2 * X[:, 0] + _rng.randn(230) > 0).astype(int) + (X[:, 1] > 0.5),
    "two classes": np.where(X[:, 0] + 0.3 * _rng.randn(230) > 0, "a", "b"),
    "yes or no": (X[:, 0] + 0.3 * X[:, 4] > 0).astype(int),
    "labels": np.stack([X[:, 0] > 0, X[:, 1] + X[:, 2] > 0, X[:, 3] > 1], 1).astype(int),
    "numbers": X[:, 0] - X[:, 1] * X[:, 2],
    "two numbers": np.stack([X[:, 0] - X[:, 1] * X[:, 2], X[:, 3] ** 2], 1),
    "counts": _rng.poisson(np.exp(0.5 * X[:, 0])).astype(np.float32),
}


def both(kind: str, weight: Any = None, X: Any = X, **options: Any) -> tuple[Any, Any]:
    """scikit-learn's and ours, fitted."""
    name = "MLPRegressor" if TARGETS[kind].dtype.kind == "f" else "MLPClassifier"
    if kind == "counts":
        options["loss"] = "poisson"
    options = {
        "hidden_layer_sizes": (16, 9), "batch_size": 50, "max_iter": 6, "random_state": 1, **options
    }  # fmt: skip
    weighted = {} if weight is None else {"sample_weight": weight}
    fitted = [getattr(m, name)(**options).fit(X, TARGETS[kind], **weighted) for m in (theirs, ours)]
    return fitted[0], fitted[1]


def assert_agree(kind: str, a: Any, b: Any, rtol: float = 2e-5, X: Any = X) -> None:
    """Everything that fit leaves, predictions, and the score."""
    y = TARGETS[kind]
    for known, found in zip([*a.coefs_, *a.intercepts_], [*b.coefs_, *b.intercepts_], strict=True):
        assert found.dtype == X.dtype
        assert_allclose(found, known, rtol=rtol, atol=rtol * np.abs(known).max())
    assert_allclose(b.loss_, a.loss_, rtol=rtol)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(b, name) == getattr(a, name), name
    if a.solver != "lbfgs":
        assert_allclose(b.loss_curve_, a.loss_curve_, rtol=rtol)
        for name in ("best_loss_", "validation_scores_", "best_validation_score_"):
            known = getattr(a, name)
            assert (known is None) == (getattr(b, name) is None), name
            if known is not None:
                assert_allclose(getattr(b, name), known, rtol=10 * rtol, atol=rtol)
    if hasattr(a, "classes_"):
        np.testing.assert_array_equal(b.classes_, a.classes_)
        np.testing.assert_array_equal(b.predict(X), a.predict(X))
        assert_allclose(b.predict_proba(X), a.predict_proba(X), rtol=10 * rtol, atol=rtol)
    else:
        size = np.abs(a.predict(X)).max()
        assert_allclose(b.predict(X), a.predict(X), rtol=10 * rtol, atol=rtol * size)
    assert_allclose(b.score(X, y), a.score(X, y), atol=1e-4)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", TARGETS)
def test_targets(kind: str, solver: str) -> None:
    if kind == "counts" and VERSION < (1, 7):
        pytest.skip("scikit-learn's has no poisson loss before 1.7")
    assert_agree(kind, *both(kind, solver=solver))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", TARGETS)
def test_float64(kind: str, solver: str) -> None:
    """With floatx float64 all digits are scikit-learn's; a pickle keeps them whatever floatx is."""
    if kind == "counts" and VERSION < (1, 7):
        pytest.skip("scikit-learn's has no poisson loss before 1.7")
    lamina.config.set_floatx("float64")
    rows = X.astype(np.float64)
    a, b = both(kind, X=rows, solver=solver)
    assert_agree(kind, a, b, 1e-9, rows)
    lamina.config.set_floatx("float32")
    again = pickle.loads(pickle.dumps(b))
    np.testing.assert_array_equal(again.predict(rows), b.predict(rows))
    assert again.coefs_[0].dtype == np.float64


@needs_1_7
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", TARGETS)
def test_weights(kind: str, solver: str) -> None:
    assert_agree(kind, *both(kind, WEIGHTS, solver=solver))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh"])
def test_activations(activation: str, solver: str) -> None:
    assert_agree("classes", *both("classes", activation=activation, solver=solver))


OPTIONS: dict[str, dict[str, Any]] = {
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5},
    "power_t": {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.1},
    "adaptive": {
        "solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.2, "tol": 0.05,
        "n_iter_no_change": 2, "max_iter": 30, "activation": "tanh",
    },
    "adaptive to its end": {
        "solver": "sgd", "learning_rate": "adaptive", "tol": 10.0, "n_iter_no_change": 1,
        "max_iter": 200,
    },
    "no momentum": {"solver": "sgd", "momentum": 0.0},
    "plain momentum": {"solver": "sgd", "momentum": 0.5, "nesterovs_momentum": False},
    "betas": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
    "alpha": {"alpha": 3.0},
    "no alpha": {"alpha": 0.0},
    "no shuffle": {"shuffle": False},
    "auto batch": {"batch_size": "auto"},
    "one batch": {"batch_size": 230},
    "batch of one": {"batch_size": 1, "max_iter": 1},
    "one layer": {"hidden_layer_sizes": 7},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "stops": {"tol": 0.1, "n_iter_no_change": 3, "max_iter": 40},
    "max_fun": {"solver": "lbfgs", "max_fun": 4},
    "random state": {"random_state": np.random.RandomState(7)},
}  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options(options: dict[str, Any]) -> None:
    if isinstance(options.get("random_state"), np.random.RandomState):
        seeds = [np.random.RandomState(7) for _ in range(2)]
        a, b = (
            m.MLPClassifier(9, batch_size=50, max_iter=4, random_state=s)
            for m, s in zip((theirs, ours), seeds)
        )
        assert_agree("classes", a.fit(X, TARGETS["classes"]), b.fit(X, TARGETS["classes"]))
        assert seeds[0].randint(2**31) == seeds[1].randint(2**31)
    else:
        assert_agree("classes", *both("classes", **options))


# Theirs cannot take words here before 1.9.
@pytest.mark.parametrize("kind", [k for k in TARGETS if k not in ("counts", "two classes")])
def test_early_stopping(kind: str) -> None:
    """Without kinks: a unit of relu that is at 0 in one of the two and not in the other leads apart."""
    options: Any = {"activation": "tanh", "learning_rate_init": 0.01}
    assert_agree(kind, *both(kind, early_stopping=True, max_iter=12, **options))


@needs_1_7
def test_early_stopping_with_weights() -> None:
    options: Any = {"early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 2}
    assert_agree("yes or no", *both("yes or no", WEIGHTS, tol=0.02, max_iter=30, **options))


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_rows(form: Any, solver: str) -> None:
    a, b = both("classes", X=form(X * (X > 0.5)), solver=solver)
    dense = ours.MLPClassifier(**b.get_params()).fit(X * (X > 0.5), TARGETS["classes"])
    for x, y in zip(b.coefs_, dense.coefs_):
        np.testing.assert_array_equal(x, y)
    for x, y in zip(a.coefs_, b.coefs_):
        assert_allclose(x, y, rtol=2e-5, atol=1e-5)
    np.testing.assert_array_equal(b.predict_proba(form(X)), dense.predict_proba(X))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit(solver: str) -> None:
    """Epoch after epoch on parts of different sizes, with the optimizer where it was."""
    y = TARGETS["classes"]
    a, b = (
        m.MLPClassifier(9, solver=solver, random_state=2, batch_size=40) for m in (theirs, ours)
    )
    for part in (slice(0, 100), slice(100, 180), slice(180, 230), slice(0, 100)):
        for m in (a, b):
            m.partial_fit(X[part], y[part], classes=np.arange(3))
    assert_agree("classes", a, b)
    c, d = (m.MLPRegressor(hidden_layer_sizes=9, random_state=2) for m in (theirs, ours))
    for _ in range(3):
        c.partial_fit(X, TARGETS["numbers"])
        d.partial_fit(X, TARGETS["numbers"])
    assert_agree("numbers", c, d)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_warm_start(solver: str) -> None:
    a, b = both("two classes", solver=solver, warm_start=True, max_iter=3)
    for _ in range(2):
        a.fit(X, TARGETS["two classes"])
        b.fit(X, TARGETS["two classes"])
    assert_agree("two classes", a, b)


def test_lbfgs_converges_as_theirs() -> None:
    a, b = both("two classes", solver="lbfgs", max_iter=300)
    assert a.n_iter_ < 300
    assert abs(a.n_iter_ - b.n_iter_) <= 3
    assert_allclose(b.predict_proba(X), a.predict_proba(X), atol=1e-4)


def test_the_same_parameters() -> None:
    """Names, order and defaults, those of the newest scikit-learn; ours come after them."""
    for name in ("MLPClassifier", "MLPRegressor"):
        found, known = (inspect.signature(getattr(m, name)).parameters for m in (ours, theirs))
        own = {"class_weight", "dropout", *(() if VERSION >= (1, 7) else ("loss",))}
        shared = {key: p for key, p in found.items() if key not in own}
        assert list(shared) == list(known)
        for key, p in shared.items():
            assert (p.default, p.kind) == (known[key].default, known[key].kind), key
        rules = getattr(ours, name)._parameter_constraints
        assert set(rules) == set(found)


def test_the_same_errors() -> None:
    """A bad parameter is refused with the words that scikit-learn has for it."""
    bad = {
        "hidden_layer_sizes": -1, "activation": "swish", "solver": "adagrad", "alpha": -1.0,
        "batch_size": 0, "learning_rate": "fast", "learning_rate_init": 0.0, "power_t": -1.0,
        "max_iter": 0, "shuffle": "yes", "random_state": "one", "tol": -1.0, "momentum": 1.5,
        "nesterovs_momentum": 3, "early_stopping": "yes", "validation_fraction": 1.0,
        "beta_1": 1.0, "beta_2": -0.1, "epsilon": 0.0, "n_iter_no_change": 0, "max_fun": 0,
        "warm_start": 7, "verbose": "loud",
    }  # fmt: skip
    for key, value in bad.items():
        said = []
        for m in (theirs, ours):
            with pytest.raises((ValueError, TypeError)) as caught:
                m.MLPClassifier(**{key: value}).fit(X, TARGETS["classes"])
            words = re.findall(r"[\w.-]+\w", str(caught.value))
            said.append((type(caught.value).__name__, *sorted(words)))  # sets have no order
        assert said[0] == said[1]


def test_a_warning_where_it_did_not_converge() -> None:
    with pytest.warns(ConvergenceWarning, match="all max_iter=2 epochs"):
        ours.MLPClassifier(4, max_iter=2).fit(X, TARGETS["classes"])
    with pytest.warns(ConvergenceWarning, match="L-BFGS ended before .* 2 iterations"):
        ours.MLPClassifier(4, max_iter=2, solver="lbfgs").fit(X, TARGETS["classes"])
