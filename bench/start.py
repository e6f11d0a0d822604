"""What a run pays before and beside its training: imports, building, preparing, memory.

Every figure comes from fresh processes and is printed beside its bar.  Times are differences within
one run: to NumPy's own import, or to reading the data file.  The weights are drawn when they are
first read, so building does not contain the draws: they stand below it, with NumPy's own share.

    python bench/start.py [--runs 5] [--epochs 5]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

# After an installation there is bytecode: here the first run of each script writes it.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

NUMPY = "import numpy\n"
LAMINA = "import lamina\n"
NAMES = """
import numpy as np
import lamina as keras
from lamina import callbacks, layers
keras.Input, keras.Sequential, layers.Dense, layers.Dropout, layers.Flatten, layers.Rescaling
keras.optimizers.RMSprop, callbacks.LambdaCallback, keras.datasets.mnist
keras.utils.set_random_seed, keras.utils.to_categorical
"""
MODEL = """
import time
import numpy as np
import lamina as keras
from lamina import layers

def build():
    model = keras.Sequential([
        keras.Input((784,)), *first,
        layers.Dense(256, "relu"), layers.Dropout(0.4),
        layers.Dense(128, "relu"), layers.Dropout(0.3), layers.Dense(10, "softmax"),
    ])
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return model

def since(start):
    return time.perf_counter() - start

def say(**figures):
    print(str(figures).replace("'", '"'))

first = []
"""
BUILD = (
    MODEL
    + """
import statistics

def median(function, n=50):
    function()
    seconds = []
    for _ in range(n):
        start = time.perf_counter()
        function()
        seconds.append(since(start))
    return statistics.median(seconds)

def draw():
    generator = np.random.default_rng([1, 0])
    for weights in (784 * 256, 256 * 128, 128 * 10):
        generator.random(weights)

say(
    build=median(build),
    weights=median(lambda: [w.array for w in build().weights]),
    draws=median(draw),
)
"""
)
FIT = (
    MODEL
    + """
np.random.default_rng(0)
x, y = np.zeros((128, 784), np.uint8), np.eye(10)[np.arange(128) % 10]
model, seconds = build(), []
for _ in range(6):
    start = time.perf_counter()
    model.fit(x, y, batch_size=128, verbose=0)
    seconds.append(since(start))
say(prepare=seconds[0] - sorted(seconds)[2])
"""
)
JOB = (
    MODEL
    + """
keras.utils.set_random_seed(0)
start = time.perf_counter()
try:
    (x, y), _ = keras.datasets.mnist.load_data()
except OSError:
    (x, y), _ = keras.datasets.digits.load_data()
reading = since(start)
x, y = x.reshape(-1, 784), keras.utils.to_categorical(y, 10)
if dtype == "float64":
    x = np.divide(x, 255.0)
else:
    first = [layers.Rescaling(1 / 255)]
model = build()
start = time.perf_counter()
history = model.fit(x, y, epochs=epochs, batch_size=128, validation_split=0.2, verbose=2)
fit = since(start)
assert history.history["val_accuracy"][-1] > 0.9, "the network does not learn"
say(reading=reading, fit=fit, data=x.nbytes / 1e6)
"""
)


def run(code: str) -> dict[str, Any]:
    """What a script in a fresh process says in its last line, its time and its peak memory."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"a script failed:\n{code}")
    said = json.loads(lines[-1]) if lines else {}
    return {**said, "seconds": seconds, "peak": usage.ru_maxrss * 1024 / 1e6}


def medians(code: str, runs: int) -> dict[str, float]:
    results = [run(code) for _ in range(runs)]
    return {key: statistics.median(r[key] for r in results) for key in results[0]}


def imports(runs: int) -> dict[str, float]:
    """Seconds beyond NumPy's import, the scripts taking turns."""
    scripts = {"numpy": NUMPY, "lamina": LAMINA, "names": NAMES}
    seconds: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(6 * runs + 1):
        for name, code in scripts.items():
            seconds[name].append(run(code)["seconds"])
    middle = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    return {name: middle[name] - middle["numpy"] for name in ("lamina", "names")}


def line(what: str, value: str, bar: str = "") -> None:
    print(f"{what:58s}{value:>12s}   {bar and f'bar: {bar}'}".rstrip(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    runs, epochs = arguments.runs, arguments.epochs

    for name, beyond in imports(runs).items():
        what = {"lamina": "import lamina", "names": "import all that a seed script names"}[name]
        line(f"{what}, beyond NumPy's import", f"{beyond * 1e3:+.1f} ms", "+15 ms")
    built = medians(BUILD, runs)
    line("build and compile the seed model", f"{built['build'] * 1e3:.2f} ms", "1 ms")
    line("  and read its weights, so that they are drawn", f"{built['weights'] * 1e3:.2f} ms")
    line("  NumPy's share: the draws in float64", f"{built['draws'] * 1e3:.2f} ms")
    prepared = medians(FIT, runs)["prepare"]
    line("the first fit's own preparation, in a fresh process", f"{prepared * 1e3:.1f} ms")
    for dtype in ("uint8", "float64"):
        code = f"dtype, epochs = {dtype!r}, {epochs}\n{JOB}"
        run(code)
        job = medians(code, min(runs, 3))
        if dtype == "uint8":
            what = f"a seed script of {epochs} epochs, beyond reading the data"
            script = job["seconds"] - job["reading"]
            line(what, f"{script:.2f} s", "1.5 s" if epochs == 5 else "")
            line("  what it does besides fit", f"{script - job['fit']:.2f} s")
            line("  its peak memory, uint8 data", f"{job['peak']:.0f} MB", "200 MB")
        else:
            bar = f"the data + 150 MB = {job['data'] + 150:.0f} MB"
            line("  its peak memory, float64 data", f"{job['peak']:.0f} MB", bar)


if __name__ == "__main__":
    main()
