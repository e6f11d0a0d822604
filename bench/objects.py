"""What every object costs in a training step, beside what it must.

A network 64-256-256-10 at batch 128 (`--wide`: 784-256-128-10), and one change at a time
(`changes.py`): each activation, optimizer, schedule, limit of the gradient, regularizer, constraint,
layer, loss and metric.  Printed for each:

    step    its time as a multiple of the base's: the median over turns, the base timed before each
    least   what it may be: the multiply-adds of its network at the base's speed, and so many passes
            over activations and weights as the object needs, each at the speed of an addition
    x       step / least: what stands out is slower than it must be
    calls   operations in a step (0: it is recorded anew each time), and how many of them run alone
            (in no group) on more than 1,024 numbers

    python bench/objects.py [activation] [optimizer] [loss.Huber] ... [--wide] [--rounds 5] [--steps 40]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import lamina as keras
from changes import BATCH, CLASSES, FAMILIES, FIELDS, LEVELS, Change, Sizes, network
from lamina import config, metrics

SIZES: dict[bool, Sizes] = {False: (64, 256, 256), True: (784, 256, 128)}


class Contender:
    """A compiled model with its data, what it must cost, and its times."""

    def __init__(self, name: str, change: Change, sizes: Sizes, steps: int) -> None:
        self.name, self.change, self.sizes = name, change, sizes
        self.model = change.model(sizes)
        if change.data == "labels":
            self.model.compile("sgd", "sparse_categorical_crossentropy", metrics=self._metrics())
        self.x, self.y = data(change.data, sizes[0], steps)
        self.ratios: list[float] = []

    def _metrics(self) -> list[Any]:
        return [getattr(metrics, self.name.split(".")[1])()]

    def time(self) -> float:
        start = time.perf_counter()
        self.model.fit(self.x, self.y, batch_size=BATCH, shuffle=False, verbose=0)
        return time.perf_counter() - start

    @property
    def multiply_adds(self) -> float:
        """Of a sample: forwards, and for both gradients; the data has none."""
        kernels = [w for w in self.model.trainable_variables if w.path.endswith("kernel")]
        of_data = kernels[0].size if self.change.data != "columns" else 0
        return 3 * sum(w.size for w in kernels) - of_data

    def least(self, base: Contender, base_time: float, one: float) -> float:
        """The least time of a step in that of the base; `one` is the time of an addition."""
        hidden = BATCH * sum(self.sizes[1:])
        weights = sum(w.size for w in self.model.trainable_variables)
        passes = self.change.activations * hidden + self.change.weights * weights
        # A table's update, and the zeros and sums of its gradient.
        passes += 3 * sum(w.size for w in self.model.trainable_variables if "embeddings" in w.path)
        products = self.multiply_adds + self.change.products(self.sizes) / BATCH
        return products / base.multiply_adds + passes * one / base_time

    def programs(self) -> list[Any]:
        """The compiled steps; those that compare samples hold one for each size of a batch."""
        found = self.model._programs.values()
        return [own for p in found for own in getattr(p, "by_rows", {0: p}).values()]

    def calls(self) -> tuple[int, int]:
        """Operations in a step, and those of them that run alone on many numbers."""
        plan = max((p.plan for p in self.programs()), key=lambda p: len(p.calls))
        alone = 0
        for call in plan.calls:
            shapes = [plan.slots[i].dims for i in (*call.inputs, *call.outputs)]
            numbers = max(abs(math.prod(d if d >= 0 else -d * BATCH for d in s)) for s in shapes)
            alone += call.group == 0 and numbers > 1024 and call.operation != "count"
        return len(plan.calls), alone


def data(kind: str, columns: int, steps: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    n = BATCH * steps
    x: Any = rng.normal(size=(n, columns)).astype(np.float32)
    labels = rng.integers(0, CLASSES, n)
    y: Any = keras.utils.to_categorical(labels, CLASSES).astype(np.float32)
    if kind == "columns":
        x = list(rng.integers(0, LEVELS, (FIELDS, n, 1)).astype(np.float32))
    elif kind == "two":
        y = [y, rng.normal(size=(n, CLASSES)).astype(np.float32)]
    elif kind in ("sparse", "labels"):
        y = labels
    return x, y


def time_of_addition() -> float:
    """Seconds per number of an addition of arrays in the second-level cache."""
    a, b = np.ones((2, 128 * 256), np.float32)
    out = np.empty_like(a)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        for _ in range(20):
            np.add(a, b, out=out)
        times.append(time.perf_counter() - start)
    return statistics.median(times) / 20 / a.size / config.num_threads()


def chosen(names: list[str]) -> Iterator[tuple[str, Change]]:
    for family, changes in FAMILIES.items():
        for name, change in changes():
            full = f"{family}.{name}"
            if not names or any(full == n or family == n for n in names):
                yield full, change


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="families or family.name; default: all")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    sizes = SIZES[options.wide]
    base = Contender("base", Change(network()), sizes, options.steps)
    base.time()
    one, times = time_of_addition(), []
    print(f"{'-'.join(map(str, sizes))}-{CLASSES}, batch {BATCH}, level {config.level()}, ", end="")
    print(f"{config.num_threads()} threads; step, least: in steps of the base")
    contenders = [Contender(n, c, sizes, options.steps) for n, c in chosen(options.names)]
    for turn in range(options.rounds + 1):
        for contender in contenders:
            plain, seconds = base.time(), contender.time()
            if turn:  # the first compiles
                times.append(plain)
                contender.ratios.append(seconds / plain)
    base_time = statistics.median(times) / options.steps
    print(f"{'':40} {'step':>6} {'least':>6} {'x':>5} {'calls':>6} {'alone':>6}")
    for contender in contenders:
        ratio, least = statistics.median(contender.ratios), contender.least(base, base_time, one)
        calls, alone = contender.calls()
        print(
            f"{contender.name:40} {ratio:6.2f} {least:6.2f} {ratio / least:5.2f} {calls:6} {alone:6}"
        )
    print(f"the base: {1e6 * base_time:.0f} us, {base.calls()} calls and alone")


if __name__ == "__main__":
    main()
