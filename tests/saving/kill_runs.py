"""Trainings that are killed at random instants and go on.

    python tests/saving/kill_runs.py --kills 1000 --kind backup --seed 0

Each run is a process that trains with a checkpoint every three steps, is killed by SIGKILL at a random
instant of `fit` (writing and restoring are parts of it), and is started again, to be killed again or
to come to its end.  Then all that it leaves is compared, bit for bit, with what a run that was never
killed left.  All files that a kill leaves are read.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runs import HELD_OUT, Run, arrays, assert_same, outcome, with_state

from lamina import callbacks, models

RUN = Run(data=arrays(validation_data=HELD_OUT), callbacks=with_state, epochs=3)
KINDS = {"backup": "", "keras": ".keras", "safetensors": ".safetensors"}
FREQ = 3  # steps


class Tell(callbacks.Callback):
    """Writes to a pipe that fit has begun."""

    def __init__(self, pipe: int) -> None:
        super().__init__()
        self.pipe = pipe

    def on_train_begin(self, logs: Any = None) -> None:
        os.write(self.pipe, b"!")


def train(kind: str, folder: Path, pipe: int) -> None:
    """What a user's script does: the same each time it is started."""
    path = folder / f"run{KINDS[kind]}"
    if kind == "backup":
        saving = callbacks.BackupAndRestore(path, FREQ)
        model = RUN.made()
        listed = RUN.fit(model, folder, Tell(pipe), saving)
    else:
        saving = callbacks.ModelCheckpoint(path, save_freq=FREQ)
        model = models.load_model(path) if path.exists() else RUN.made()
        listed = RUN.fit(model, folder, Tell(pipe), saving, initial_epoch="auto")
    kept = [c for c in listed if not isinstance(c, Tell) and c is not saving]
    (folder / "end").write_bytes(pickle.dumps(outcome(model, kept, folder)))


def unreadable(folder: Path) -> int:
    """How many of the files cannot be read."""
    bad = 0
    for path in folder.rglob("*"):
        try:
            if path.name.startswith("backup-"):
                RUN.made().load_weights(path)
            elif path.suffix in (".keras", ".safetensors"):
                models.load_model(path)
        except Exception as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            bad += 1
    return bad


def in_child(work: Callable[[int], int | None]) -> tuple[int, int]:
    """A forked process that does the work, and the end of a pipe it can write to."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    status = 70
    try:
        os.close(reading)
        status = work(writing) or 0
    finally:
        os._exit(status)


def finished(child: int, pipe: int) -> int:
    """The exit status."""
    _, status = os.waitpid(child, 0)
    os.close(pipe)
    return os.waitstatus_to_exitcode(status)


def whole(kind: str, folder: Path) -> float:
    """A run that is not killed (any more); returns the seconds that fit took."""
    child, pipe = in_child(lambda pipe: train(kind, folder, pipe))
    os.read(pipe, 1)
    start = time.monotonic()
    status = finished(child, pipe)
    if status:
        raise RuntimeError(f"the run ended with status {status}")
    return time.monotonic() - start


def killed(kind: str, folder: Path, seconds: float) -> bool:
    """Whether a run was killed so long after its fit began, and had not come to its end."""
    child, pipe = in_child(lambda pipe: train(kind, folder, pipe))
    os.read(pipe, 1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return finished(child, pipe) == -signal.SIGKILL


def campaign(kind: str, kills: int, seed: int) -> dict[str, int]:
    """Counts kills, files that could not be read, runs that ended, and those with the same bits."""
    rng = random.Random(seed)
    counts = {"kills": 0, "unreadable": 0, "left": 0, "ends": 0, "equal": 0}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        folder.mkdir()
        train(kind, folder, os.open(os.devnull, os.O_WRONLY))  # what it imports, children have then
        shutil.rmtree(folder)
        folder.mkdir()
        longest = whole(kind, folder)
        expected = pickle.loads((folder / "end").read_bytes())
        while counts["ends"] < kills or counts["kills"] < kills:
            shutil.rmtree(folder)
            folder.mkdir()
            before = counts["kills"]
            while killed(kind, folder, rng.uniform(0, longest)):
                counts["kills"] += 1
                counts["left"] += len(list(folder.rglob("*.lamina-part")))
                counts["unreadable"] += finished(*in_child(lambda _: unreadable(folder)))
                if rng.random() < 0.8:
                    longest = 0.9 * longest + 0.1 * whole(kind, folder)
                    break
            if counts["kills"] > before:
                counts["ends"] += 1
                try:
                    assert_same(pickle.loads((folder / "end").read_bytes()), expected)
                    counts["equal"] += 1
                except AssertionError as error:
                    print(f"other bits: {error}", file=sys.stderr)
                assert not list(folder.rglob("*.lamina-part"))
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--kind", choices=KINDS, default="backup")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(asked.kind, campaign(asked.kind, asked.kills, asked.seed))
