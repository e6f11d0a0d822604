"""The seed job here and in other libraries, each in a process of its own, in turn: ratios to lamina.

    python bench/peers.py [--only NAME ...] [--threads N] [--epochs 3] [--busy]

Peers that are not installed are listed as such.  All train on the same 48,000 images of bytes in
batches of 128 and start from the same weights (except scikit-learn, which draws its own); RMSprop is
Keras's.  A time counts when the peer has learnt: its accuracy on the 10,000 test images is at most
0.02 below lamina's, and its ways of predicting agree.  10,000 rows are predicted at once or 1,000 a
call, whichever a peer does faster.  Memory is the largest a whole process grew to, its data in it.

lamina is measured first and once more at the end: by what its second row differs from 1 the machine
has drifted.  The dense floor of a time is the time of its multiply-adds at the FMA peak, measured
before and after each peer.  (One row's real limit is reading the weights, not its floor.)
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from typing import Any

from lamina import config
from peak import fma_peak
from peer import ENTRIES, environment
from peer.report import report
from seed_job import FLOP_PER_SAMPLE, SAMPLES


class WorkerError(Exception):
    """A worker did not finish; says why."""


def run_worker(threads: int, extra: dict[str, str], *arguments: object) -> dict[str, Any]:
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "peer.worker", *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**environment(threads), **extra, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise WorkerError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(name: str, folder: str, options: argparse.Namespace) -> dict[str, Any]:
    """What a peer's workers found, and the FMA peak around them; or {"absent" or "failed": why}."""
    entry = ENTRIES[name]
    missing = [p for p in entry.packages if importlib.util.find_spec(p) is None]
    if missing:
        return {"absent": ", ".join(missing)}
    threads = options.threads
    peak = fma_peak(threads)
    try:
        found = run_worker(
            threads, entry.environment,
            "measure", name, folder, threads, options.epochs, int(options.busy),
        )  # fmt: skip
        found.update(run_worker(threads, entry.environment, "imports", name))
    except WorkerError as failure:
        return {"failed": str(failure)}
    found["peak"] = max(peak, fma_peak(threads))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(ENTRIES), default=list(ENTRIES))
    parser.add_argument("--threads", type=int, default=config.num_threads())
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--busy", action="store_true", help="again beside a spinning process")
    options = parser.parse_args()
    names = ["lamina", *(n for n in options.only if n != "lamina")]
    with tempfile.TemporaryDirectory() as folder:
        data = run_worker(options.threads, {}, "data", folder)["data"]
        print(
            f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, level "
            f"{config.level()}, {options.threads} thread(s) of {os.cpu_count()} CPUs, {data}",
            flush=True,
        )
        found = {}
        for name in names:
            print(f"measuring {name}", file=sys.stderr)
            found[name] = measure(name, folder, options)
        found["lamina again"] = measure("lamina", folder, options)
    return report(found, SAMPLES * FLOP_PER_SAMPLE)


if __name__ == "__main__":
    sys.exit(main())
