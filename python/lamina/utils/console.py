"""What standard output can show, and writing lines to it.

The stream is looked up at each call, so redirecting it works.
"""

from __future__ import annotations

import os
import sys

_ASCII = str.maketrans({"━": "=", "─": "-", "┃": "|", "│": "|", "…": "."})
_ASCII |= str.maketrans(dict.fromkeys("┏┳┓┡╇┩├┼┤└┴┘", "+"))


def is_notebook() -> bool:
    """Whether standard output is the output of a notebook cell."""
    return type(sys.stdout).__module__.startswith("ipykernel")


def is_live() -> bool:
    """Whether a written line can be written over: on a terminal and in a notebook."""
    if is_notebook():
        return True
    isatty = getattr(sys.stdout, "isatty", None)
    return isatty is not None and isatty() and os.environ.get("TERM") != "dumb"


def has_colour() -> bool:
    """Whether colour codes are shown as colours and wanted (https://no-color.org)."""
    return is_live() and not os.environ.get("NO_COLOR")


def printable(text: str) -> str:
    """The text, in ASCII where the encoding of standard output lacks its characters."""
    if text.isascii():
        return text
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return text


_interactive = True


def enable_interactive_logging() -> None:
    """Messages go to standard output: as it is at first."""
    global _interactive
    _interactive = True


def disable_interactive_logging() -> None:
    """Messages (summaries, lines of epochs, of callbacks) go to the logger "lamina" of `logging`, as
    infos; `verbose="auto"` shows no bar.  For jobs whose standard output nobody reads."""
    global _interactive
    _interactive = False


def is_interactive_logging_enabled() -> bool:
    """Whether messages go to standard output."""
    return _interactive


def write_line(text: str) -> None:
    """Write a line at once, above the bars that tqdm shows (the user's own, for instance)."""
    if not _interactive:
        import logging

        logging.getLogger("lamina").info(text)
    elif "tqdm" in sys.modules and is_live():
        from tqdm.std import tqdm

        tqdm.write(printable(text), file=sys.stdout)
        sys.stdout.flush()
    else:
        print(printable(text), flush=True)
