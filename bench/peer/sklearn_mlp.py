"""scikit-learn's MLPClassifier: Adam and no dropout, as it has neither RMSprop nor dropout."""

from __future__ import annotations

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from peer.job import BATCH, LEARNING_RATE, SIZES, Array, Job, Peer


def build(job: Job) -> Peer:
    network = MLPClassifier(
        SIZES[1:-1],
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=LEARNING_RATE,
        random_state=0,
    )
    x, classes = job.x.astype("f") / 255, np.arange(SIZES[-1])

    def predict(x: Array) -> Array:
        return network.predict_proba(x.astype("f") / 255)

    return Peer(
        f"scikit-learn {sklearn.__version__}",
        lambda: network.partial_fit(x, job.labels, classes=classes),
        {"predict_proba": predict},
    )
