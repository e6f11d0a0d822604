"""Feeds mutated files to the readers.

    python tests/safety/fuzz_files.py native --count 1000000 --seed 0
    python tests/safety/fuzz_files.py native --seed 0 --write 1234 mutant.safetensors

A mutant depends on the seed, its index and the versions of the code alone.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import config_files
import dataset_files
import model_files
from guarded import Report, run


class Format(NamedTuple):
    """How files of a format are made and read."""

    seeds: Callable[[], list[Any]]
    mutant: Callable[[list[Any], random.Random], bytes]
    reader: Callable[[str], Callable[[str, int], str]]
    suffix: str


FORMATS = {
    "native": Format(
        lambda: model_files.seeds(".safetensors"),
        model_files.native,
        lambda seed: model_files.read_model,
        ".safetensors",
    ),
    "keras": Format(
        lambda: model_files.seeds(".keras"),
        model_files.keras,
        lambda seed: model_files.read_model,
        ".keras",
    ),
    "configs": Format(
        config_files.classes,
        config_files.configs,
        lambda seed: model_files.read_model,
        ".safetensors",
    ),
    "npz": Format(dataset_files.npz_seeds, dataset_files.npz, dataset_files.reader_of_npz, ".npz"),
    "idx": Format(
        dataset_files.idx_seeds, dataset_files.idx, lambda seed: dataset_files.read_idx, ".gz"
    ),
}


def mutants(name: str, seed: int) -> Callable[[int], bytes]:
    """The mutant of an index."""
    files = FORMATS[name].seeds()

    def make(index: int) -> bytes:
        return FORMATS[name].mutant(files, random.Random(f"{seed}-{index}"))

    return make


def fuzz(
    name: str, indices: range, seed: int, make: Callable[[int], bytes] | None = None
) -> Report:
    """The report on the mutants of these indices."""
    form = FORMATS[name]
    return run(make or mutants(name, seed), form.reader(str(seed)), form.suffix, indices)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", nargs=2, metavar=("INDEX", "PATH"), help="one mutant as a file")
    options = parser.parse_args()
    make = mutants(options.format, options.seed)
    if options.write:
        with open(options.write[1], "wb") as file:
            file.write(make(int(options.write[0])))
        return
    report, step = Report(), 10000
    for first in range(options.first, options.first + options.count, step):
        ahead = range(first, min(first + step, options.first + options.count))
        report.add(fuzz(options.format, ahead, options.seed, make))
        print(
            f"\n=== {options.format}, seed {options.seed}, to {ahead.stop}:\n{report}", flush=True
        )
    sys.exit(bool(report.finds))


if __name__ == "__main__":
    main()
