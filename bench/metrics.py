"""What each metric adds to a training step of the seed job's network, as a share of the step.

Every metric is trained with in turns with the same network without metrics; the median over the
turns of the ratio of two epochs is printed, less 1.  First each figure is compared with the NumPy
backend's.

    python bench/metrics.py [AUC] [Recall] ... [--batch 128] [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

import lamina as keras
from lamina import config, metrics
from seed_job import digits, seed_model

SAMPLES = 6_000
OPTIONS: dict[str, dict[str, object]] = {
    "F1Score": {"average": "macro"},
    "FBetaScore": {"average": "macro", "beta": 2.0},
    "MeanMetricWrapper": {"fn": keras.losses.mean_squared_error},
    "OneHotIoU": {"num_classes": 10, "target_class_ids": [1]},
    "OneHotMeanIoU": {"num_classes": 10},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}
OF_LABELS = ("Accuracy", "IoU", "MeanIoU", "Mean", "Sum", "Metric")  # of no use for scores
MORE: dict[str, Callable[[], metrics.Metric]] = {
    "AUC, multi_label": lambda: metrics.AUC(multi_label=True),
    "AUC, 50 thresholds": lambda: metrics.AUC(thresholds=np.linspace(0.01, 0.9, 50)),
    "Precision, top_k": lambda: metrics.Precision(top_k=3),
    "Precision, class_id": lambda: metrics.Precision(class_id=3),
}


def known() -> dict[str, Callable[[], metrics.Metric]]:
    """How each metric of scores is made, by its name."""
    made: dict[str, Callable[[], metrics.Metric]] = {}
    for name in metrics.__all__:
        cls = getattr(metrics, name)
        fits = isinstance(cls, type) and issubclass(cls, metrics.Metric) and name not in OF_LABELS
        if fits:
            made[name] = lambda cls=cls, name=name: cls(**OPTIONS.get(name, {}))
    return made | MORE


def model(metric: metrics.Metric | None, sparse: bool) -> keras.Sequential:
    made = seed_model()
    loss = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
    made.compile(loss=loss, metrics=None if metric is None else [metric])
    return made


def check(name: str, make: Callable[[], metrics.Metric], x: np.ndarray, y: np.ndarray) -> None:
    """Both backends give one figure."""
    found = []
    for backend in ("native", "numpy"):
        config.set_backend(backend)
        network = model(make(), y.ndim == 1)
        found.append(network.evaluate(x[:200], y[:200], verbose=0)[1])
    config.set_backend("native")
    np.testing.assert_allclose(*found, rtol=1e-4, atol=1e-5, err_msg=name)


def epoch(network: keras.Sequential, x: np.ndarray, y: np.ndarray, batch: int) -> float:
    start = time.perf_counter()
    network.fit(x, y, batch_size=batch, verbose=0)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="default: all")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    x, one_hot = digits(SAMPLES)
    targets = {False: one_hot, True: one_hot.argmax(axis=1)}
    plain = {sparse: model(None, sparse) for sparse in targets}
    print(f"added to a step of {options.batch} samples, level {config.level()}")
    for name, make in known().items():
        if options.names and name not in options.names:
            continue
        sparse = name.startswith("Sparse")
        y = targets[sparse]
        check(name, make, x, y)
        network = model(make(), sparse)
        ratios = []
        for _ in range(options.rounds + 1):
            without = epoch(plain[sparse], x, y, options.batch)
            ratios.append(epoch(network, x, y, options.batch) / without)
        print(f"  {name:32s} {100 * (statistics.median(ratios[1:]) - 1):6.1f} %", flush=True)


if __name__ == "__main__":
    main()
