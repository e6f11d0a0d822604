"""Ctrl-C that waits until what is at work is whole.

Where `watched`, Ctrl-C is held back, except within `let_through` (user's code) and where `check` is
called.  It ends loops of steps at once, in C++ too.  A second Ctrl-C is not held back.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_watcher: int | None = None  # the thread that watches: the main one
_held = False
_came = False


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Nothing changes outside of the main thread, or when a program handles SIGINT itself."""
    global _watcher, _held, _came
    handler = signal.getsignal(signal.SIGINT)
    ours = handler is signal.default_int_handler or (handler is _handle and _watcher is None)
    if threading.current_thread() is not threading.main_thread() or not ours:
        with held_back():
            yield
        return
    from lamina import _core  # which naming things does not load

    _came, _held, _watcher = False, True, threading.get_ident()
    signal.signal(signal.SIGINT, _handle)
    _core.watch_interrupts()
    try:
        yield
    finally:
        _watcher = None
        _core.end_watching_interrupts()
        if signal.getsignal(signal.SIGINT) is _handle:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        _held = False
    if _came:
        raise KeyboardInterrupt


class _Holding:
    """Whether Ctrl-C is held back inside; as it was, afterwards."""

    __slots__ = ("_before", "_held")

    def __init__(self, held: bool) -> None:
        self._held = held

    def __enter__(self) -> None:
        global _held
        self._before: bool | None = None
        if _watcher == threading.get_ident():
            self._before, _held = _held, self._held
            if _came and not self._held:
                _held = self._before
                check()

    def __exit__(self, kind: Any, *error: Any) -> None:
        global _held
        if self._before is not None:
            _held = self._before
            if not _held and kind is None:
                check()


def held_back() -> _Holding:
    """Within it, Ctrl-C waits for its end."""
    return _Holding(True)


def let_through() -> _Holding:
    """Within it, Ctrl-C comes at once."""
    return _Holding(False)


def came() -> bool:
    """Whether a Ctrl-C waits."""
    return _came


def check() -> None:
    """Errors: KeyboardInterrupt if one waits."""
    global _came
    if _came and _watcher == threading.get_ident():
        _came = False
        raise KeyboardInterrupt


def _handle(number: int, frame: FrameType | None) -> None:
    global _came
    from lamina import _core

    _core.forget_interrupt()
    if _held and not _came:
        _came = True
        return
    _came = False
    signal.default_int_handler(number, frame)
