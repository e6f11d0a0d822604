"""Keras, on the backend that KERAS_BACKEND names, and lamina: the same program."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np

from peer.job import BATCH, LEARNING_RATE, RATES, SIZES, Array, Job, Peer, first_weights


def seed_model(keras: Any) -> Any:
    """The seed job's model with the first weights that every peer starts from."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((SIZES[0],)), layers.Rescaling(1 / 255)])
    for units, rate in zip(SIZES[1:], RATES):
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(rate))
    model.add(layers.Dense(SIZES[-1], activation="softmax"))
    model.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.RMSprop(LEARNING_RATE),
        metrics=["accuracy"],
    )
    model.set_weights(first_weights())
    return model


def limit_threads(backend: str, threads: int) -> None:
    """Tells the backend, as far as it does not listen to the environment."""
    if backend == "tensorflow":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    elif backend == "torch":
        import torch

        torch.set_num_threads(threads)


def build(job: Job, library: str = "keras") -> Peer:
    backend = os.environ.get("KERAS_BACKEND", "") if library == "keras" else ""
    limit_threads(backend, job.threads)
    keras = importlib.import_module(library)
    keras.utils.set_random_seed(0)
    model = seed_model(keras)
    y = keras.utils.to_categorical(job.labels, SIZES[-1])

    def train() -> Any:
        return model.fit(job.x, y, batch_size=BATCH, epochs=1, verbose=0)

    def call(x: Array) -> Array:
        y = model(x)
        return y if isinstance(y, np.ndarray) else keras.ops.convert_to_numpy(y)

    version = f"{library} {keras.__version__}"
    if backend:
        version += f" on {importlib.import_module(backend).__version__}"
    return Peer(
        version,
        train,
        {
            "predict": lambda x: model.predict(x, verbose=0),
            "predict_on_batch": model.predict_on_batch,
            "model(x)": call,
        },
    )


def build_lamina(job: Job) -> Peer:
    return build(job, "lamina")
