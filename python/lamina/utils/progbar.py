"""The progress bar of fit, evaluate and predict, in Keras's words."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from lamina.utils.console import (
    has_colour,
    is_interactive_logging_enabled,
    is_live,
    is_notebook,
    printable,
    write_line,
)

_REFRESH = 0.1  # seconds; a faster bar costs time and nobody sees it


def _columns() -> int:
    from shutil import get_terminal_size  # brings compression modules along

    return get_terminal_size().columns


def resolve_verbose(verbose: object) -> int:
    """0 (silent), 1 (a bar) or 2 (a line per epoch) for the `verbose` argument of fit.

    "auto" is a bar where it can move (a terminal, a notebook) and a line per epoch elsewhere.
    True is 1, False is 0.

    Raises:
        ValueError: any other value.
    """
    if isinstance(verbose, str) and verbose == "auto":
        return 1 if is_live() and is_interactive_logging_enabled() else 2
    if isinstance(verbose, (int, np.integer)) and verbose in (0, 1, 2):
        return int(verbose)
    raise ValueError(f'verbose must be "auto", 0, 1 or 2. Received: verbose={verbose!r}')


def show_finished(steps: int, seconds: float, verbose: int) -> None:
    """The last line of a bar that nobody had time to see: `steps` in so many seconds."""
    if verbose == 2:
        pace = _pace(seconds / steps, "step")
        write_line(f"{steps}/{steps} - {seconds:.0f}s - {pace}")
    elif verbose == 1:
        bar = Progbar(steps)
        bar._start -= seconds
        bar.update(steps)


class Progbar:
    """Counts steps, averages values and shows both.

    A terminal or a notebook shows a moving bar, drawn by tqdm, at most ten times a second;
    a file or a pipe gets one plain line after the last step.

    Args:
        target: number of steps, or None if unknown.
        width: characters of the bar.
        verbose: 0 shows nothing, 1 a bar, 2 one line at the end, "auto" 1 or 2.
        interval: least seconds between two drawings, never less than 0.1.
        stateful_metrics: names whose last value is shown; others are averaged over the steps.
        stateless_metrics: names that are averaged; others are shown as they are.
        unit_name: what a step is called.

    Raises:
        ValueError: a bad `verbose`, or both `stateful_metrics` and `stateless_metrics`.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int | str = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "Give stateful_metrics or stateless_metrics, not both. Received: "
                f"stateful_metrics={stateful_metrics}, stateless_metrics={stateless_metrics}"
            )
        self.target = target
        self.width = width
        self.verbose = resolve_verbose(verbose)
        self.interval = max(interval, _REFRESH)
        self.unit_name = unit_name
        self.stateful_metrics = None if stateful_metrics is None else set(stateful_metrics)
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._sums: dict[str, tuple[float, int]] = {}  # name -> (sum, count)
        self._seen = 0
        self._start = time.perf_counter()
        self._first_step_end: float | None = None
        self._last_drawn = self._start
        self._bar: Any = None

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Show that `current` steps are done.

        Args:
            current: number of steps done; it may jump.
            values: (name, value) pairs. A value to be averaged counts for every step since
                the last call; those of the closing call are shown as they are.
            finalize: whether this is the closing call. Default: `current` reached the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._record(name, value, 0 if finalize else max(current - self._seen, 1))
        self._seen = current
        now = time.perf_counter()
        step_seconds = self._step_seconds(current, now)
        elapsed = f"{now - self._start:.0f}s"
        if finalize:
            self.close(erase=True)
            self._print(current, elapsed, step_seconds)
        elif self.verbose == 1 and now - self._last_drawn >= self.interval and is_live():
            self._last_drawn = now
            left = _clock(step_seconds * (self.target - current)) if self.target else elapsed
            self._draw(current, left, step_seconds)

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Show that `n` more steps are done."""
        self.update(self._seen + n, values)

    def close(self, erase: bool = False) -> None:
        """End a moving bar: what it shows stays and a new line begins, or it is erased."""
        if self._bar is not None:
            self._bar.leave = not erase
            self._bar.close()
            self._bar = None

    def _record(self, name: str, value: Any, steps: int) -> None:
        """Keep a value that counts for so many steps; 0 replaces what came before."""
        value = value if isinstance(value, float) else float(np.mean(value))
        if self.stateless_metrics is not None:
            averaged = name in self.stateless_metrics
        else:
            averaged = self.stateful_metrics is None or name not in self.stateful_metrics
        if not averaged or not steps:
            self._sums[name] = (value, 1)
        else:
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = (total + value * steps, count + steps)

    def _step_seconds(self, current: int, now: float) -> float:
        """Mean time of a step, without the first, which is slower, where it came alone."""
        if current <= 0:
            return 0.0
        if self._first_step_end is not None and current > 1:
            return (now - self._first_step_end) / (current - 1)
        if current == 1:
            self._first_step_end = now
        return (now - self._start) / current

    def _draw(self, current: int, clock: str, step_seconds: float) -> None:
        if self._bar is None:
            # ncols=0: the line is cut to the terminal here, and not at all in a notebook.
            self._bar = _bar_class()(file=sys.stdout, bar_format="{desc}", ncols=0)
        room = None if is_notebook() else _columns() - 1
        line = self._bar_line(current, f"{clock} {_pace(step_seconds, self.unit_name)}", room)
        self._bar.set_description_str(printable(line))

    def _print(self, current: int, clock: str, step_seconds: float) -> None:
        pace = _pace(step_seconds, self.unit_name)
        if self.verbose == 1:
            write_line(self._bar_line(current, f"{clock} {pace}"))
        elif self.verbose == 2 and self.target:
            write_line(f"{self._count(current)} - {clock} - {pace}{self._values()}")

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        return f"{current:{len(str(self.target))}d}/{self.target}"

    def _values(self) -> str:
        means = ((name, total / count) for name, (total, count) in self._sums.items())
        return "".join(f" - {name}: {_number(mean)}" for name, mean in means)

    def _bar_line(self, current: int, times: str, room: int | None = None) -> str:
        """Count, bar, times and values; with `room`, the bar and then the text give way."""
        head, tail = self._count(current), times + self._values()
        width = self.width if self.target else 0
        if room is not None:
            width = min(width, room - len(head) - len(tail) - 2)
        if not self.target or width < 4:
            line = f"{head} {tail}"
            return line if room is None or len(line) <= room else line[: room - 1] + "…"
        done = min(int(width * current / self.target), width)
        bar = "━" * done
        if bar and has_colour():
            bar = f"\x1b[32m{bar}\x1b[0m"
        return f"{head} {bar}{'─' * (width - done)} {tail}"


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"


def _pace(step_seconds: float, unit: str) -> str:
    if step_seconds >= 1 or step_seconds == 0:
        return f"{step_seconds:.0f}s/{unit}"
    if step_seconds >= 1e-3:
        return f"{step_seconds * 1e3:.0f}ms/{unit}"
    return f"{step_seconds * 1e6:.0f}us/{unit}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    if seconds > 3600:
        return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}" if seconds > 60 else f"{int(seconds)}s"


@lru_cache(maxsize=1)
def _bar_class() -> Any:
    """tqdm without its monitor thread: the bar is drawn from `update` alone."""
    from tqdm.std import tqdm

    return type("Bar", (tqdm,), {"monitor_interval": 0})
