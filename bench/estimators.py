"""The perceptrons of lamina.sklearn beside scikit-learn's own: the same call, data and results.

    digits      10,000 of MNIST's images, 784-100-10, Adam, batches of 200, 3 epochs
    table       1,000 rows of 20 columns, 20-100-1, Adam, batches of 200, 50 epochs
    sgd table   the same with SGD
    lbfgs       the table, 50 iterations of L-BFGS
    tiny        200 rows of 4 columns, 4-10-1, one batch, 100 epochs
    sparse      5,000 rows of 2,000 columns, 1 % of them not 0, 3 epochs
    predict     the digits' probabilities, and those of one row

Losses are compared before anything is timed.  Both are timed in turns; prints medians as multiples of
lamina's.

    OMP_NUM_THREADS=2 python bench/estimators.py [digits] [table] ... [--rounds 9]
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn
import sklearn.neural_network as theirs
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

import lamina.sklearn as ours
from lamina import config, datasets

Fit = tuple[Any, Any, dict[str, Any]]  # X, y, parameters


def digits() -> Fit:
    try:
        (x, y), _ = datasets.mnist.load_data()
    except OSError:
        (x, y), _ = datasets.digits.load_data()
    return x[:10_000].reshape(-1, 784).astype(np.float32) / 255, y[:10_000], {"max_iter": 3}


def table(rows: int = 1000, columns: int = 20, **options: Any) -> Fit:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    noise = rng.normal(size=rows)
    return x, x[:, 0] * x[:, 1] + 0.3 * noise > 0, {"max_iter": 50, **options}


def sparse_table() -> Fit:
    rng = np.random.default_rng(0)
    x = sparse.random(5000, 2000, 0.01, format="csr", dtype=np.float32, random_state=0)
    return x, rng.integers(0, 2, 5000), {"max_iter": 3}


JOBS: dict[str, Callable[[], Fit]] = {
    "digits": digits,
    "table": table,
    "sgd table": lambda: table(solver="sgd"),
    "lbfgs": lambda: table(solver="lbfgs"),
    "tiny": lambda: table(200, 4, hidden_layer_sizes=10, max_iter=100),
    "sparse": sparse_table,
}


def compare(name: str, calls: dict[str, Callable[[], object]], rounds: int) -> None:
    """Times the calls in turns."""
    taken: dict[str, list[float]] = {who: [] for who in calls}
    for _ in range(rounds):
        for who, call in calls.items():
            start = time.perf_counter()
            call()
            taken[who].append(time.perf_counter() - start)
    median = {who: statistics.median(times) for who, times in taken.items()}
    first = median["lamina"]
    others = ", ".join(f"{who} {t / first:.2f}" for who, t in median.items() if who != "lamina")
    print(f"{name:20} lamina 1 ({first * 1e3:.2f} ms), {others}", flush=True)


def fit(name: str, rounds: int) -> tuple[Any, Any, Any]:
    """Both fitted, and the rows; compared and timed."""
    x, y, options = JOBS[name]()
    made = [m.MLPClassifier(random_state=0, tol=0.0, **options) for m in (ours, theirs)]
    a, b = (m.fit(x, y) for m in made)
    np.testing.assert_allclose(a.loss_, b.loss_, rtol=1e-2 if options.get("solver") else 1e-3)
    calls = {
        "lamina": lambda: a.fit(x, y),
        f"scikit-learn {sklearn.__version__}": lambda: b.fit(x, y),
    }
    compare(f"fit {name}", calls, rounds)
    return a, b, x


def predict(a: Any, b: Any, x: Any, rounds: int) -> None:
    """The probabilities of all rows, and of one."""
    np.testing.assert_allclose(a.predict_proba(x), b.predict_proba(x), atol=5e-3)
    for rows in (x, x[:1]):
        compare(
            f"predict {len(rows):,}",
            {
                "lamina": lambda r=rows: a.predict_proba(r),
                "scikit-learn": lambda r=rows: b.predict_proba(r),
            },
            rounds,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="*", choices=[*JOBS, []], help="all by default")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"{config.num_threads()} thread(s), level {config.level()}")
    for name in arguments.jobs or JOBS:
        a, b, x = fit(name, arguments.rounds)
        if name == "digits":
            predict(a, b, x, 5 * arguments.rounds)


if __name__ == "__main__":
    main()
