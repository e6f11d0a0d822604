"""What the update costs in a training step: every optimizer beside plain gradient descent.

The network is 784-256-128-10 at batch 128.  A step of plain gradient descent is the least there is;
the others are given as multiples of it, timed in turns in one run, with the share of their step that
the update takes beyond it.

    python bench/optimizers.py [--rounds 7] [--steps 60]
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import numpy as np

import lamina as keras
from lamina import config, layers, optimizers

BATCH = 128


def network(optimizer: Any) -> keras.Sequential:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(256, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def contenders() -> dict[str, Any]:
    """Plain gradient descent first, then all others with their defaults, and some arguments."""
    made = {"SGD": optimizers.SGD()}
    for name in optimizers.__all__:
        if name[0].isupper() and name not in ("SGD", "Optimizer"):
            made[name] = getattr(optimizers, name)()
    made["SGD momentum"] = optimizers.SGD(momentum=0.9)
    made["Adam amsgrad"] = optimizers.Adam(amsgrad=True)
    made["Adam global_clipnorm"] = optimizers.Adam(global_clipnorm=1.0)
    made["Adam by a schedule"] = optimizers.Adam(optimizers.schedules.CosineDecay(0.001, 1000))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH * options.steps, 784)).astype(np.float32)
    y = rng.integers(0, 10, len(x))
    models = {name: network(optimizer) for name, optimizer in contenders().items()}
    times: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(options.rounds + 1):
        for name, model in models.items():
            start = time.perf_counter()
            model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
            if turn:  # the first compiles
                times[name].append(time.perf_counter() - start)
    print(f"level {config.level()}, {config.num_threads()} threads, batch {BATCH}")
    print(f"{'optimizer':24} {'step / SGD':>10} {'beyond it':>10}")
    for name, seconds in times.items():
        ratio = statistics.median(t / least for t, least in zip(seconds, times["SGD"]))
        assert all(np.isfinite(w).all() for w in models[name].get_weights()), name
        print(f"{name:24} {ratio:10.2f} {max(0.0, 1 - 1 / ratio):10.0%}")


if __name__ == "__main__":
    main()
