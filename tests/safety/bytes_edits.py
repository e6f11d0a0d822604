"""Edits of bytes that know nothing of what they mean."""

from __future__ import annotations

import random

_ODD = (0, 1, 2, 4, 127, 128, 254, 255)


def edited_bytes(data: bytes, rng: random.Random, other: bytes = b"") -> bytes:
    """A copy with one to eight edits: bits, bytes, integers, cuts, copies, pieces of another file."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        if not made:
            break
        at = _place(rng, len(made))
        kind = rng.randrange(10)
        n = rng.choice((1, 2, 4, 8, 8, 64))
        if kind <= 2:
            made[at] ^= 1 << rng.randrange(8)
        elif kind <= 4:
            made[at] = rng.choice(_ODD) if kind == 3 else rng.randrange(256)
        elif kind == 5:
            width = rng.choice((2, 4, 8))
            value = rng.choice(
                (0, 1, 2**15, 2**16 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, len(made))
            )
            value = (value + rng.choice((-1, 0, 0, 1))) % 2 ** (8 * width)
            made[at : at + width] = value.to_bytes(width, rng.choice(("little", "big")))
        elif kind == 6:
            del made[at : at + n]
        elif kind == 7:
            source = _place(rng, len(made))
            made[at : at + rng.choice((0, n))] = made[source : source + n]
        elif kind == 8 and other:
            source = rng.randrange(len(other))
            made[at : at + n] = other[source : source + n]
        elif rng.random() < 0.2:
            del made[at:]
    return bytes(made)


def _place(rng: random.Random, size: int) -> int:
    """Anywhere, but more often near the ends, where headers and directories are."""
    near = min(size, rng.choice((64, 1024, size)))
    at = rng.randrange(near)
    return at if rng.random() < 0.6 else size - 1 - at
