"""Random arrays: those of Keras's NumPy backend, from integers and from seed generators."""

from __future__ import annotations

import numpy as np

from .case import Case, Keras, Record, arrays


def draws(keras: Keras) -> Record:
    r = keras.random
    stream = r.SeedGenerator(11)
    x = np.arange(12, dtype="float32").reshape(6, 2) + 1
    results = {
        "normal": r.normal((3, 4), mean=1.0, stddev=0.5, seed=3),
        "normal_first": r.normal((5,), seed=stream),
        "normal_second": r.normal((5,), seed=stream),
        "uniform": r.uniform((3, 4), -1.0, 2.0, seed=4),
        "truncated": r.truncated_normal((40,), 0.5, 2.0, seed=5),
        "randint": r.randint((9,), -4, 100, seed=6),
        "categorical": r.categorical(np.log(x), 5, seed=7),
        "dropout": r.dropout(x, 0.4, seed=8),
        "dropout_rows": r.dropout(x, 0.5, noise_shape=(None, 1), seed=8),
        "gamma": r.gamma((4,), 2.0, seed=9),
        "beta": r.beta((4,), 2.0, 3.0, seed=9),
        "binomial": r.binomial((6,), 10, 0.4, seed=9),
    }
    return dict(zip(results, arrays(results.values())))


CASES = [Case("draws", "arrays", draws, rtol=1e-6)]
