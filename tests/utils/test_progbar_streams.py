"""The progress bar as it arrives on a real terminal, narrow ones too, and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import Any

import pytest

FULL = "━" * 20
EPOCH = """
import time
from lamina.utils.progbar import Progbar
bar = Progbar({target}, verbose={verbose}, stateless_metrics=())
for step in range(0, 375, 25):
    time.sleep({pause})
    bar.update(step + 1, [("accuracy", 0.9123), ("loss", 0.5)], finalize=False)
{end}
"""
END = "bar.target = 375\nbar.update(375, [('accuracy', 0.9123), ('loss', 0.2912)], finalize=True)"
LAST = re.compile(rf"375/375 {FULL} \ds \d+[mu]s/step - accuracy: 0.9123 - loss: 0.2912")


def program(
    target: int | None = 375, verbose: object = 1, end: str = END, pause: float = 0.03
) -> list[str]:
    """A command that shows one epoch."""
    code = EPOCH.format(target=target, verbose=repr(verbose), end=end, pause=pause)
    return [sys.executable, "-c", code]


def environment(**variables: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    path = os.pathsep.join(filter(None, sys.path))
    return kept | {"TERM": "xterm", "PYTHONPATH": path, "PYTHONUTF8": "1"} | variables


def on_terminal(columns: int, command: list[str], **variables: str) -> str:
    """What a command writes to a terminal of that width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment(**variables)
    ) as process:
        os.close(slave)
        written = b""
        while True:
            try:
                chunk = os.read(master, 4096)
            except OSError:  # the terminal's other end is closed
                break
            if not chunk:
                break
            written += chunk
    os.close(master)
    assert process.returncode == 0, written.decode()
    return written.decode()


def screen(written: str, columns: int) -> list[str]:
    """The lines that a terminal shows in the end: it knows \\r, \\n, the edge and colours."""
    rows, row, column = [""], 0, 0
    for char in re.sub(r"\x1b\[[0-9;]*m", "", written):
        if char == "\r":
            column = 0
            continue
        if char == "\n" or column == columns:
            row, column = row + 1, 0
            rows.append("")
        if char != "\n":
            assert char.isprintable(), f"the terminal model does not know {char!r}"
            rows[row] = rows[row][:column].ljust(column) + char + rows[row][column + 1 :]
            column += 1
    return [line.rstrip() for line in rows if line.strip()]


def test_terminal_shows_a_bar_that_moves_and_leaves_one_line() -> None:
    written = on_terminal(120, program())
    assert len(set(re.findall(r"\r *(\d+)/375 \x1b\[32m━+\x1b\[0m─+ 0s", written))) >= 2
    (line,) = screen(written, 120)
    assert LAST.fullmatch(line)


def test_terminal_is_drawn_ten_times_a_second_at_most() -> None:
    drawn = re.findall(r"\r *\d+/375", on_terminal(120, program()))
    assert 3 <= len(drawn) <= 8  # 15 updates within half a second, and the last line


def test_narrow_terminal_shows_no_remains() -> None:
    columns = 40
    written = on_terminal(columns, program())
    shown = "".join(line.ljust(columns) for line in screen(written, columns))
    assert LAST.fullmatch(shown.rstrip())
    live = re.sub(r"\x1b\[[0-9;]*m", "", written).split("\r")[1:-2]
    assert live
    assert max(map(len, live)) <= columns


def test_unknown_number_of_steps_on_a_terminal() -> None:
    written = on_terminal(120, program(target=None))
    assert re.search(r"\r +\d+/Unknown 0s \d+ms/step - accuracy: 0.9123 - loss: 0.5000", written)
    (line,) = screen(written, 120)
    assert LAST.fullmatch(line)


def test_closed_bar_stays_and_ends_its_line() -> None:
    lines = screen(on_terminal(120, program(end="bar.close(); print('next')")), 120)
    assert re.match(r" *\d+/375 ━", lines[0])
    assert lines[1:] == ["next"]


def test_no_colour_when_it_is_not_wanted() -> None:
    assert "\x1b" not in on_terminal(120, program(), NO_COLOR="1")


def test_terminal_of_an_older_encoding() -> None:
    written = on_terminal(120, program(), PYTHONIOENCODING="ascii")
    assert re.search(r"\r *\d+/375 \x1b\[32m=+\x1b\[0m-+ 0s", written)
    (line,) = screen(written, 120)
    assert re.fullmatch(LAST.pattern.replace("━", "="), line)


def test_bar_moves_below_a_bar_of_the_user() -> None:
    outer = "from tqdm import tqdm\nouter = tqdm(total=2, leave=False)"
    code = program()[-1].replace("import time", f"import time\n{outer}") + "outer.close()"
    lines = screen(on_terminal(120, [sys.executable, "-c", code]).replace("\x1b[A", ""), 120)
    assert sum(bool(LAST.search(line)) for line in lines) == 1


@pytest.mark.parametrize(
    ("verbose", "variables", "line"),
    [
        (1, {}, LAST.pattern),
        (2, {}, r"375/375 - \ds - \d+[mu]s/step - accuracy: 0.9123 - loss: 0.2912"),
        ("auto", {}, r"375/375 - \ds - \d+[mu]s/step - accuracy: 0.9123 - loss: 0.2912"),
        (1, {"PYTHONIOENCODING": "ascii"}, LAST.pattern.replace("━", "=")),
        (0, {}, ""),
    ],
)
def test_pipe_gets_one_plain_line(verbose: Any, variables: dict[str, str], line: str) -> None:
    command = program(verbose=verbose, pause=0.015)
    written = subprocess.run(command, env=environment(**variables), capture_output=True, check=True)
    assert written.stderr == b""
    text = written.stdout.decode()
    assert not set("\r\b\x1b") & set(text)
    assert re.fullmatch(line + ("\n" if line else ""), text)
