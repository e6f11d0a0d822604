"""The tables."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from peer import ENTRIES
from peer.job import SIZES

LEARNS = 0.02  # how far below lamina's accuracy a peer may be
STEADY = 1.1  # by what factor lamina's first and last epoch may differ
FORWARD_FLOP = 2 * sum(a * b for a, b in pairwise(SIZES))
Found = dict[str, Any]


def report(peers: dict[str, Found], epoch_flop: float) -> int:
    """Prints what was measured; returns the exit status: 1 when a peer that is installed failed."""
    ours = peers["lamina"]
    if "quiet" not in ours:
        print(f"lamina could not be measured: {ours}")
        return 1
    required = max(ours["accuracy"] - LEARNS, 0.5)
    counted = {name: f for name, f in peers.items() if f.get("accuracy", 0) >= required}
    _header(ours, epoch_flop)
    _training(counted, epoch_flop)
    _predicting(counted, "one", 1)
    _predicting(counted, "all", 10_000)
    if all("busy" in f for f in counted.values()):
        _busy(counted)
    _footnotes(peers, counted)
    _drift(counted)
    return int(any("failed" in f for f in peers.values()) or "lamina" not in counted)


def _header(ours: Found, epoch_flop: float) -> None:
    quiet = ours["quiet"]
    print(
        f"lamina: epoch {quiet['epoch']:.3f} s = {quiet['epoch'] / _floor(ours, epoch_flop):.2f} floors "
        f"of {_floor(ours, epoch_flop):.3f} s (FMA peak {ours['peak'] / 1e9:.0f} GFLOP/s); "
        f"import {ours['import'] * 1e3:.0f} ms; memory {ours['memory'] / 1e6:.0f} MB; "
        f"one row {quiet['one predict'] * 1e6:.1f} us; 10,000 rows {quiet['all predict'] * 1e3:.1f} ms"
    )


def _floor(found: Found, flop: float) -> float:
    return flop / found["peak"]


def _training(peers: dict[str, Found], flop: float) -> None:
    print(f"\n{'x lamina':18} {'epoch':>7} {'floors':>7} {'import':>7} {'memory':>7}  accuracy")
    ours = peers["lamina"]
    for name, found in peers.items():
        epoch = found["quiet"].get("epoch")
        trains = f"{'-':>7} {'-':>7}"
        if epoch:
            trains = f"{epoch / ours['quiet']['epoch']:7.2f} {epoch / _floor(found, flop):7.2f}"
        print(
            f"{name:18} {trains} {found['import'] / ours['import']:7.2f} "
            f"{found['memory'] / ours['memory']:7.2f}  {found['accuracy']:.4f}  {_about(name, found)}"
        )


def _about(name: str, found: Found) -> str:
    note = ENTRIES[name].note if name in ENTRIES else ""
    return found["version"] + (f" ({note})" if note else "")


def _predicting(peers: dict[str, Found], rows: str, n: int) -> None:
    print(f"\npredict {n:,} row{'s' if n > 1 else ''}{'x lamina.predict':>38} {'floors':>9}")
    base = peers["lamina"]["quiet"][f"{rows} predict"]
    for name, found in peers.items():
        for key, seconds in found["quiet"].items():
            if key.startswith(rows + " "):
                floors = seconds / _floor(found, n * FORWARD_FLOP)
                print(f"{name:18} {key[4:]:17} {seconds / base:17.2f} {floors:9.2f}")


def _busy(peers: dict[str, Found]) -> None:
    """How many times as long everything takes beside one spinning process."""
    print(
        f"\nbeside a spinning process, x quiet{'epoch':>9} {'one row':>8} {'10,000':>7}   epoch x lamina"
    )
    ours = peers["lamina"]["busy"]["epoch"]
    for name, found in peers.items():
        quiet, busy = found["quiet"], found["busy"]
        ways = [key[4:] for key in quiet if key.startswith("one ")]

        def factor(key: str, quiet: Found = quiet, busy: Found = busy) -> str:
            return f"{busy[key] / quiet[key]:.2f}" if key in quiet else "-"

        whole = f"{busy['epoch'] / ours:.2f}" if "epoch" in busy else "-"
        print(
            f"{name:34} {factor('epoch'):>8} {factor('one ' + ways[0]):>8} "
            f"{factor('all ' + ways[0]):>7} {whole:>16}"
        )


def _footnotes(peers: dict[str, Found], counted: dict[str, Found]) -> None:
    """The peers that have no row, and why."""
    reasons: dict[str, Callable[[Found], str]] = {
        "absent": lambda f: f"not installed ({f['absent']})",
        "failed": lambda f: f"FAILED: {f['failed']}",
        "accuracy": lambda f: f"does NOT LEARN: accuracy {f['accuracy']:.4f}; not timed",
    }
    for name, found in peers.items():
        if name not in counted:
            print(f"{name:18} {next(say(found) for key, say in reasons.items() if key in found)}")


def _drift(counted: dict[str, Found]) -> None:
    times = [f["quiet"]["epoch"] for name, f in counted.items() if name.startswith("lamina")]
    if max(times) > STEADY * min(times):
        print(
            f"lamina's first and last epoch differ by a factor of {max(times) / min(times):.2f}: the "
            "machine was not left alone, and no ratio is better than that.  Run it again."
        )
