"""The progress bar: its words, its averages, and which streams get a bar that moves."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lamina.utils import progbar
from lamina.utils.progbar import Progbar, resolve_verbose

FULL = "━" * 20


class Clock:
    """Time that stands still unless told to go on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progbar.time, "perf_counter", clock)
    return clock


class NotebookStream(io.StringIO):
    """A cell's output; like the real one it knows the terminal that started the notebook."""

    terminal = -1

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self.terminal


NotebookStream.__module__ = "ipykernel.iostream"


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Iterator[NotebookStream]:
    stream = NotebookStream()
    master, stream.terminal = pty.openpty()
    fcntl.ioctl(stream.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("NO_COLOR", "1")
    yield stream
    os.close(stream.terminal)
    os.close(master)


def test_notebook_shows_a_bar_of_any_length(notebook: NotebookStream, clock: Clock) -> None:
    with contextlib.redirect_stdout(notebook):
        bar = Progbar(10)
        for step in range(1, 11):
            clock.now = float(step)
            bar.update(step, [("loss", 0.5)])
    lines = notebook.getvalue().split("\r")
    assert f" 5/10 {'━' * 10}{'─' * 10} 5s 1s/step - loss: 0.5000" in lines
    assert lines[-2].strip() == ""  # the moving bar is wiped
    assert lines[-1] == f"10/10 {FULL} 10s 1s/step - loss: 0.5000\n"


@pytest.mark.parametrize(
    ("current", "seconds", "words"),
    [
        (20, 2.0, "8:18 100ms/step"),
        (20, 0.2, "49s 10ms/step"),
        (2, 2.0, "1:23:18 1s/step"),
        (4000, 0.8, "0s 200us/step"),
    ],
)
def test_time_left_while_moving(
    notebook: NotebookStream, clock: Clock, current: int, seconds: float, words: str
) -> None:
    with contextlib.redirect_stdout(notebook):
        bar = Progbar(5000)
        clock.now = seconds
        bar.update(current)
        bar.close()
    assert notebook.getvalue().endswith(f"{words}\n")


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.removesuffix("\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "0.2500"),
        (12345.678, "12345.6780"),
        (0.00100001, "0.0010"),
        (0.001, "1.0000e-03"),
        (-0.25, "-0.2500"),
        (-3e-7, "-3.0000e-07"),
        (0, "0.0000e+00"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (np.float32(0.5), "0.5000"),
        (np.array([1.0, 2.0]), "1.5000"),
    ],
)
def test_numbers(value: Any, text: str, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    for verbose, start in ((1, f"1/1 {FULL} 0s 0s/step"), (2, "1/1 - 0s - 0s/step")):
        Progbar(1, verbose=verbose).update(1, [("loss", value)])
        assert last_line(capsys) == f"{start} - loss: {text}"


@pytest.mark.parametrize(
    ("options", "mean"),
    [
        ({}, "2.5000"),  # 1 for one step, 3 for the next three
        ({"stateful_metrics": ["loss"]}, "3.0000"),
        ({"stateful_metrics": ["other"]}, "2.5000"),
        ({"stateless_metrics": ["loss"]}, "2.5000"),
        ({"stateless_metrics": []}, "3.0000"),
    ],
)
def test_averages_count_the_steps(
    options: dict[str, Any], mean: str, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    bar = Progbar(5, verbose=2, **options)
    bar.add(1, [("loss", 1.0)])
    bar.add(3, [("loss", 3.0)])
    bar.update(5)
    assert last_line(capsys) == f"5/5 - 0s - 0s/step - loss: {mean}"


def test_closing_values_replace_averages(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    bar = Progbar(2, verbose=2)
    bar.add(1, [("loss", 1.0)])
    bar.add(1, [("loss", 7.0)])
    assert last_line(capsys).endswith("loss: 7.0000")


def test_pace_leaves_the_first_step_out(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    bar = Progbar(5, verbose=2, unit_name="sample")
    clock.now = 8.0
    bar.update(1)
    clock.now = 10.0
    bar.update(5)
    assert last_line(capsys) == "5/5 - 10s - 500ms/sample"


def test_width(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    Progbar(3, width=7).update(3)
    assert last_line(capsys) == "3/3 ━━━━━━━ 0s 0s/step"


@pytest.mark.parametrize(("verbose", "resolved"), [(0, 0), (1, 1), (2, 2), (True, 1), (False, 0)])
def test_verbose_is_what_it_says(verbose: object, resolved: int) -> None:
    assert resolve_verbose(verbose) == resolved


def test_automatic_verbose(monkeypatch: pytest.MonkeyPatch, notebook: NotebookStream) -> None:
    terminal, file = io.StringIO(), io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    for stream, resolved in ((notebook, 1), (terminal, 1), (file, 2)):
        with contextlib.redirect_stdout(stream):
            assert resolve_verbose("auto") == resolved
    monkeypatch.setenv("TERM", "dumb")
    with contextlib.redirect_stdout(terminal):
        assert resolve_verbose("auto") == 2


@pytest.mark.parametrize("verbose", [3, -1, "yes", None, 1.5, [1]])
def test_other_verbose_is_refused(verbose: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"Received: verbose={verbose!r}")):
        resolve_verbose(verbose)


def test_two_lists_of_metrics_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not both.*stateful_metrics=\['a'\]"):
        Progbar(1, stateful_metrics=["a"], stateless_metrics=["b"])
