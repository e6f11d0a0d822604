"""Make the goldens with real Keras, or check them against it.

    pip install keras==3.15.1 jax==0.10.2 numpy==2.4.6
    python tests/golden/make_goldens.py [--check] [FAMILY ...]

Initial weights, forward passes, losses, metrics and texts come from Keras's NumPy backend, all
that trains from its JAX backend on the CPU.  A process has one backend, so each runs in its own.
What Keras does in TensorFlow alone (tables, hashes, tf.data) needs `pip install tensorflow-cpu`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import compare
from cases import CASES

BACKENDS = ("numpy", "jax", "tensorflow")


def compute(backend: str, families: list[str], out: Path) -> None:
    """Run the cases of one backend and pickle their records."""
    import pickle

    import keras

    records: dict[str, dict[str, Any]] = {}
    for case in CASES.values():
        if case.backend == backend and case.family in families:
            print(case.id, file=sys.stderr, flush=True)
            records.setdefault(case.family, {})[case.name] = case.run(keras)
    out.write_bytes(pickle.dumps(records))


def gather(families: list[str]) -> dict[str, dict[str, Any]]:
    """The records of all backends, in the order of the cases."""
    import pickle

    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for backend in BACKENDS:
            if not any(c.backend == backend and c.family in families for c in CASES.values()):
                continue
            out = Path(folder) / backend
            environment = {
                **os.environ,
                "KERAS_BACKEND": backend,
                "JAX_PLATFORMS": "cpu",
                "PYTHONIOENCODING": "utf-8",
                "TF_CPP_MIN_LOG_LEVEL": "3",
            }
            command = [sys.executable, __file__, "--backend", backend, "--out", str(out), *families]
            subprocess.run(command, env=environment, check=True)
            for family, records in pickle.loads(out.read_bytes()).items():
                found.setdefault(family, {}).update(records)
    return {
        family: {c.name: found[family][c.name] for c in CASES.values() if c.family == family}
        for family in found
    }


def check(found: dict[str, dict[str, Any]]) -> int:
    """Compare with the stored goldens within the cases' tolerances; the number of differences."""
    count = 0
    for family, records in found.items():
        stored = compare.load(family)
        for name, record in records.items():
            case = CASES[f"{family}/{name}"]
            lines = compare.differences(record, stored.get(name), case.allowed, case.id)
            print(*lines, sep="\n", end="\n" * bool(lines))
            count += len(lines)
    return count


def store(found: dict[str, dict[str, Any]]) -> None:
    for family, records in found.items():
        compare.save(family, records)
    path = compare.FOLDER / "versions.json"
    versions = json.loads(path.read_text(encoding="utf-8"))
    for name in ("keras", "jax", "jaxlib", "numpy", "rich", "tensorflow-cpu"):
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    versions["python"] = platform.python_version()
    path.write_text(json.dumps(versions, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*", help="default: all")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--backend", choices=BACKENDS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    families = options.families or sorted({case.family for case in CASES.values()})
    if options.backend:
        compute(options.backend, families, options.out)
        return 0
    found = gather(families)
    if options.check:
        return min(check(found), 1)
    store(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
