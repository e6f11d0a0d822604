"""Check against real Keras which misuses it accepts.

KERAS_BACKEND=jax python tests/golden/check_misuse.py [--verbose]

with `pip install tensorflow-cpu` too: without it Keras refuses all use of some functions.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys

import keras
from misuse import KERAS_ACCEPTS, MISUSES, Misuse


def outcome(misuse: Misuse) -> Exception | None:
    """What Keras raises, None if nothing."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            misuse.call(keras)
    except Exception as error:
        return error
    return None


def main(verbose: bool) -> int:
    accepted = []
    for misuse in MISUSES.values():
        error = outcome(misuse)
        if error is None:
            accepted.append(misuse.id)
        elif verbose:
            wrong = "" if isinstance(error, misuse.errors) else "OTHER TYPE "
            missing = [word for word in misuse.words if not re.search(word, str(error))]
            print(f"{misuse.id}: {wrong}{type(error).__name__}: {str(error)[:300]} -- {missing}")
    for name in sorted(set(accepted) ^ set(KERAS_ACCEPTS)):
        print(f"{'accepted' if name in accepted else 'refused'}, unlike KERAS_ACCEPTS: {name}")
    return int(accepted != KERAS_ACCEPTS)


if __name__ == "__main__":
    sys.exit(main("--verbose" in sys.argv[1:]))
