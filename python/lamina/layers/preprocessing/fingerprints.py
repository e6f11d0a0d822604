"""64-bit hashes of byte strings, many at once: FarmHash's fingerprint and SipHash-2-4.

Both depend on the bytes and their number alone, so strings of one length are hashed together, a
column of their bytes at a time, and the numbers are the same on every machine.
Sources: FarmHash (Pike, Google, 2014), SipHash (Aumasson and Bernstein, 2012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

U64 = np.uint64
Words = np.ndarray  # of uint64; sums and products wrap around

_K0, _K1, _K2 = U64(0xC3A5C85C97CB3127), U64(0xB492B66FBE98F273), U64(0x9AE16A3B2F90404F)
_CAT = U64(0xC6A4A7935BD1E995)


def fingerprint(strings: Sequence[bytes]) -> Words:
    """FarmHash's Fingerprint64 of each string."""
    return _by_length(strings, _farm)


def siphash(strings: Sequence[bytes], key: Sequence[int]) -> Words:
    """SipHash-2-4 of each string under a key of two 64-bit numbers."""
    first, second = (U64(k % 2**64) for k in key)
    return _by_length(strings, lambda rows: _sip(rows, first, second))


def fingerprint_cat(a: Words, b: Words) -> Words:
    """The hash of a pair of hashes, as TensorFlow joins them."""
    mixed = _shift_mix(b * _CAT) * _CAT
    result = (a ^ _CAT ^ mixed) * _CAT
    return _shift_mix(_shift_mix(result) * _CAT)


def _by_length(strings: Sequence[bytes], hash_rows: Callable[[np.ndarray], Words]) -> Words:
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    hashes = np.empty(len(strings), U64)
    with np.errstate(over="ignore"):
        for length in np.unique(lengths):
            where = np.flatnonzero(lengths == length)
            joined = b"".join([strings[i] for i in where.tolist()])
            rows = np.frombuffer(joined, np.uint8).reshape(len(where), length)
            hashes[where] = hash_rows(rows)
    return hashes


def _fetch(rows: np.ndarray, at: int, size: int = 8) -> Words:
    """The little-endian number in the columns from `at` on."""
    columns = np.ascontiguousarray(rows[:, at : at + size])
    return columns.view(f"<u{size}")[:, 0].astype(U64)


def _rotate(x: Words, right: int) -> Words:
    return (x >> U64(right)) | (x << U64(64 - right))


def _shift_mix(x: Words) -> Words:
    return x ^ (x >> U64(47))


def _pair(u: Words, v: Words, multiplier: Words | np.uint64) -> Words:
    a = _shift_mix((u ^ v) * multiplier)
    return _shift_mix((v ^ a) * multiplier) * multiplier


def _farm(rows: np.ndarray) -> Words:
    length = rows.shape[1]
    if length > 64:
        return _farm_long(rows)
    if length > 32:
        return _farm_64(rows)
    if length > 16:
        return _farm_32(rows)
    return _farm_16(rows)


def _multiplier(length: int) -> U64:
    return _K2 + U64(2 * length)


def _farm_16(rows: np.ndarray) -> Words:
    length = rows.shape[1]
    m = _multiplier(length)
    if length >= 8:
        a, b = _fetch(rows, 0) + _K2, _fetch(rows, length - 8)
        return _pair(_rotate(b, 37) * m + a, (_rotate(a, 25) + b) * m, m)
    if length >= 4:
        a, b = _fetch(rows, 0, 4), _fetch(rows, length - 4, 4)
        return _pair(U64(length) + (a << U64(3)), b, m)
    if length:
        a, b, c = (rows[:, i].astype(U64) for i in (0, length >> 1, length - 1))
        y, z = a + (b << U64(8)), U64(length) + (c << U64(2))
        return _shift_mix(y * _K2 ^ z * _K0) * _K2
    return np.full(len(rows), _K2)


def _farm_32(rows: np.ndarray) -> Words:
    length = rows.shape[1]
    m = _multiplier(length)
    a, b = _fetch(rows, 0) * _K1, _fetch(rows, 8)
    c, d = _fetch(rows, length - 8) * m, _fetch(rows, length - 16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    return _pair(y, a + _rotate(b + _K2, 18) + c, m)


def _farm_64(rows: np.ndarray) -> Words:
    length = rows.shape[1]
    m = _multiplier(length)
    a, b = _fetch(rows, 0) * _K2, _fetch(rows, 8)
    c, d = _fetch(rows, length - 8) * m, _fetch(rows, length - 16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _pair(y, a + _rotate(b + _K2, 18) + c, m)
    e, f = _fetch(rows, 16) * m, _fetch(rows, 24)
    g = (y + _fetch(rows, length - 32)) * m
    h = (z + _fetch(rows, length - 24)) * m
    return _pair(_rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, m)


def _weak(rows: np.ndarray, at: int, a: Words, b: Words) -> tuple[Words, Words]:
    """Two numbers mixed with the 32 bytes from `at` on."""
    w, x, y, z = (_fetch(rows, at + 8 * i) for i in range(4))
    a = a + w
    b = _rotate(b + a + z, 21)
    total = a + x + y
    return total + z, b + _rotate(total, 44) + a


def _farm_long(rows: np.ndarray) -> Words:
    count, length = rows.shape
    start = np.full(count, U64(81))
    y = start * _K1 + U64(113)
    z = _shift_mix(y * _K2 + U64(113)) * _K2
    v = w = (np.zeros(count, U64), np.zeros(count, U64))
    x = start * _K2 + _fetch(rows, 0)
    for at in range(0, (length - 1) // 64 * 64, 64):
        x = _rotate(x + y + v[0] + _fetch(rows, at + 8), 37) * _K1 ^ w[1]
        y = _rotate(y + v[1] + _fetch(rows, at + 48), 42) * _K1 + v[0] + _fetch(rows, at + 40)
        z = _rotate(z + w[0], 33) * _K1
        v = _weak(rows, at, v[1] * _K1, x + w[0])
        w = _weak(rows, at + 32, z + w[1], y + _fetch(rows, at + 16))
        z, x = x, z
    m, at = _K1 + ((z & U64(0xFF)) << U64(1)), length - 64
    w = (w[0] + U64((length - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x = _rotate(x + y + v[0] + _fetch(rows, at + 8), 37) * m ^ w[1] * U64(9)
    y = _rotate(y + v[1] + _fetch(rows, at + 48), 42) * m + v[0] * U64(9) + _fetch(rows, at + 40)
    z = _rotate(z + w[0], 33) * m
    v = _weak(rows, at, v[1] * m, x + w[0])
    w = _weak(rows, at + 32, z + w[1], y + _fetch(rows, at + 16))
    z, x = x, z
    return _pair(_pair(v[0], w[0], m) + _shift_mix(y) * _K0 + z, _pair(v[1], w[1], m) + x, m)


def _sip_round(v: list[Words]) -> list[Words]:
    a, b, c, d = v
    a, c = a + b, c + d
    b, d = _rotate(b, 51) ^ a, _rotate(d, 48) ^ c
    a = _rotate(a, 32)
    c, a = c + b, a + d
    b, d = _rotate(b, 47) ^ c, _rotate(d, 43) ^ a
    return [a, b, _rotate(c, 32), d]


def _sip(rows: np.ndarray, first: U64, second: U64) -> Words:
    count, length = rows.shape
    filled = np.zeros((count, length // 8 * 8 + 8), np.uint8)
    filled[:, :length] = rows
    filled[:, -1] = length % 256
    v = [
        np.full(count, key ^ U64(constant))
        for key, constant in (
            (first, 0x736F6D6570736575),
            (second, 0x646F72616E646F6D),
            (first, 0x6C7967656E657261),
            (second, 0x7465646279746573),
        )
    ]
    for at in range(0, filled.shape[1], 8):
        word = _fetch(filled, at)
        v[3] = v[3] ^ word
        v = _sip_round(_sip_round(v))
        v[0] = v[0] ^ word
    v[2] = v[2] ^ U64(0xFF)
    for _ in range(4):
        v = _sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]
