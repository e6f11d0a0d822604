"""Runs a function on many files in forked children, where a crash, a hang or a bomb is a result.

Linux only: fork, setitimer, RLIMIT_AS.
"""

from __future__ import annotations

import faulthandler
import gc
import mmap
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SECONDS = 5  # of processor time for one file: the machine may be busy with other things
_WALL = 120  # seconds after which a child that sleeps counts as hung
_BATCH = 500  # files that one child reads
_BROKEN = 99  # the status of a child that failed otherwise than by a file
FACTOR, SPARE = 4, 64 << 20  # a file may take 4 times its size and 64 MB
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_FORBIDDEN = (
    "os.system", "os.exec", "os.posix_spawn", "os.remove", "os.rename", "os.symlink", "os.link",
    "shutil.", "socket.", "subprocess.", "pickle.find_class", "ctypes.dlopen",
)  # fmt: skip


@dataclass
class Report:
    """What became of the files: counts, the worst, and by its kind what must not happen."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: tuple[float, int] = (0.0, -1)
    memory: tuple[int, int] = (0, -1)  # bytes touched at most, for all files of a child
    finds: dict[str, list[int]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def find(self, kind: str, index: int, text: str) -> None:
        self.finds.setdefault(kind, []).append(index)
        self.texts.setdefault(kind, text)

    def add(self, other: Report) -> None:
        self.counts += other.counts
        self.seconds = max(self.seconds, other.seconds)
        self.memory = max(self.memory, other.memory)
        for kind, indices in other.finds.items():
            for index in indices:
                self.find(kind, index, other.texts[kind])

    def __str__(self) -> str:
        lines = [f"{sum(self.counts.values())} files"]
        lines += [f"{n:10d}  {outcome}" for outcome, n in self.counts.most_common()]
        lines += [
            f"most processor time {self.seconds[0]:.2f} s, at {self.seconds[1]}",
            f"most memory {self.memory[0] / 2**20:.1f} MB in one child, from {self.memory[1]}",
            f"kinds of finds: {len(self.finds)}",
        ]
        for kind, where in self.finds.items():
            lines += [
                "",
                f"--- {len(where)} x {kind}, at {where[:5]}",
                self.texts[kind].strip()[-300:],
            ]
        return "\n".join(lines)


Make = Callable[[int], bytes]
Read = Callable[[str, int], str]


def run(make: Make, read: Read, suffix: str, indices: range) -> Report:
    """The report on `read(path, index)` for a file of the bytes `make(index)`, for each index.

    `read` says what it found, or raises.  Only ValueError and TypeError are answers; nothing but the
    file, temporary files and modules may be opened.
    """
    report = Report()
    gc.freeze()  # so that children do not copy what they only look at
    with tempfile.TemporaryDirectory() as folder, mmap.mmap(-1, 8) as current:
        at = indices.start
        while at < indices.stop:
            ahead = range(at, min(at + _BATCH, indices.stop))
            status, part, text = _in_child(make, read, suffix, folder, ahead, current)
            if status == _BROKEN:
                raise RuntimeError(f"the fuzzer itself failed: {text}")
            if status:  # those before the one that ended the child are read again
                ended = int.from_bytes(current[:], "little")
                part = run(make, read, suffix, range(at, ended))
                kind = "hang" if status in (signal.SIGPROF, signal.SIGALRM) else "crash"
                part.counts[kind] += 1
                part.find(f"{kind} (status {status}) {_place(text)}", ended, text)
                ahead = range(at, ended + 1)
            report.add(part)
            at = ahead.stop
    gc.unfreeze()
    return report


def _in_child(
    make: Make, read: Read, suffix: str, folder: str, indices: range, current: mmap.mmap
) -> tuple[int, Report, str]:
    """How the child ended, its report, and what it wrote to stderr."""
    out, errors = (os.path.join(folder, name) for name in ("report", "errors"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads: those of lamina are ready for it
        child = os.fork()
    if child == 0:
        status = _BROKEN
        try:
            os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            report = _read_all(make, read, os.path.join(folder, f"file{suffix}"), indices, current)
            with open(out, "wb") as file:
                pickle.dump(report, file)
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with open(errors, errors="replace") as text:
        told = text.read()
    if status:
        return abs(status), Report(), told
    with open(out, "rb") as file:
        return 0, pickle.load(file), told  # our own child's


def _read_all(make: Make, read: Read, path: str, indices: range, current: mmap.mmap) -> Report:
    warnings.simplefilter("ignore")
    faulthandler.enable()
    for signum in (signal.SIGPROF, signal.SIGALRM):
        faulthandler.register(signum, chain=True)
    report, watch = Report(), _Watch(path)
    files = [make(index) for index in indices]
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak of memory begins anew
    start, touched = _memory()
    for index, data in zip(indices, files):
        current[:] = index.to_bytes(8, "little")
        with open(path, "wb") as written:
            written.write(data)
        resource.setrlimit(resource.RLIMIT_AS, (start + FACTOR * len(data) + SPARE, -1))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_REAL, _WALL)
        began = time.process_time()
        watch.on = True
        try:
            outcome = read(path, index)
        except (ValueError, TypeError) as error:
            outcome = "ValueError" if isinstance(error, ValueError) else "TypeError"
        except BaseException as error:
            watch.on = False
            outcome = f"not allowed: {type(error).__name__}"
            text = traceback.format_exc()
            report.find(f"{type(error).__name__} {_place(text)}", index, text)
        watch.on = False
        report.seconds = max(report.seconds, (time.process_time() - began, index))
        resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
        report.counts[outcome] += 1
        for what in watch.seen:
            report.find(f"forbidden: {what}", index, what)
        watch.seen.clear()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    report.memory = (peak - touched, indices.start)
    return report


def _place(text: str) -> str:
    """The last line of a traceback that is in lamina."""
    lines = [line.strip() for line in text.splitlines() if "lamina/" in line and "File" in line]
    lines = [line for line in lines if "/tests/" not in line]
    return (lines[0] if "most recent call first" in text else lines[-1]) if lines else ""


def _memory() -> tuple[int, int]:
    """Bytes of address space, and of memory that was touched."""
    with open("/proc/self/statm") as file:
        size, resident = file.read().split()[:2]
    return int(size) * mmap.PAGESIZE, int(resident) * mmap.PAGESIZE


class _Watch:
    """Notes what a reader does beside reading."""

    def __init__(self, path: str) -> None:
        self.on = False
        self.seen: list[str] = []
        self._allowed = (path, tempfile.gettempdir() + os.sep + "tmp")
        self._code = (sys.prefix, sys.base_prefix, *map(os.path.abspath, sys.path))
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            name, _, flags = arguments
            name = os.fsdecode(name) if isinstance(name, (str, bytes)) else ""
            if name.startswith(self._allowed) or not name:
                return
            if flags & _WRITES or not name.startswith(self._code) or "/tests/" in name:
                self.seen.append(f"open {name!r}")
        elif event.startswith(_FORBIDDEN):
            if event == "os.remove" and os.path.basename(arguments[0]) == arguments[0]:
                return  # of a folder that is being removed
            if event.startswith("shutil.") and arguments[0].startswith(self._allowed):
                return
            self.seen.append(f"{event} {arguments!r}"[:200])
