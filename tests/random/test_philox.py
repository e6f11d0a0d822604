"""The random numbers: the published ones, on both backends, with the spread of fair coins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from lamina import backends, ops
from lamina.backends.numpy import philox


class Width(NamedTuple):
    """Constants of Philox with four words of so many bits (Salmon et al., 2011)."""

    bits: int
    multipliers: tuple[int, int]
    weyl: tuple[int, int]


W32 = Width(32, (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85))
W64 = Width(64, (0xD2E7470EE14C6C93, 0xCA5A826395121157), (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B))


def textbook(width: Width, counter: list[int], key: list[int]) -> list[int]:
    """Ten rounds, as the paper writes them down, on whole numbers of Python."""
    mask = 2**width.bits - 1
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = width.multipliers[0] * c[0], width.multipliers[1] * c[2]
        c = [p1 >> width.bits ^ c[1] ^ k[0], p1 & mask, p0 >> width.bits ^ c[3] ^ k[1], p0 & mask]
        k = [(x + w) & mask for x, w in zip(k, width.weyl)]
    return c


# The authors' own known answers (Random123, kat_vectors, philox4x32 10).
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([2**32 - 1] * 4, [2**32 - 1] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers(counter: list[int], key: list[int], words: list[int]) -> None:
    found = philox([np.asarray(c) for c in counter], [np.asarray(k) for k in key])
    assert [int(w) for w in found] == words
    assert textbook(W32, counter, key) == words


def test_the_textbook_is_that_of_numpy() -> None:
    """NumPy has the generator with words of 64 bits; it counts up before it draws."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        before, key = (rng.integers(0, 2**64 - 1, n, np.uint64) for n in (4, 2))
        drawn = np.random.Philox(counter=before, key=key).random_raw(4)
        counter = [int(before[0]) + 1, *map(int, before[1:])]
        assert textbook(W64, counter, [int(k) for k in key]) == [int(x) for x in drawn]


def test_arrays_of_counters() -> None:
    rng = np.random.default_rng(1)
    counters, keys = rng.integers(0, 2**32, (4, 200)), rng.integers(0, 2**32, (2, 200))
    found = np.stack(philox(list(counters), list(keys)))
    for i in range(200):
        want = textbook(W32, [int(x) for x in counters[:, i]], [int(x) for x in keys[:, i]])
        assert found[:, i].tolist() == want


def state(seed: int, step: int = 0) -> np.ndarray:
    return np.array([seed, step], np.uint32)


def kept(shape: tuple[int, ...], rate: float, seed: int = 1, step: int = 0) -> np.ndarray:
    """Which elements dropout keeps."""
    return np.asarray(ops.dropout(np.ones(shape, np.float32), state(seed, step), rate=rate)) != 0


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("columns", [1, 15, 16, 17, 63, 64, 65, 100, 128, 130])
def test_dropout_is_philox_of_place_and_state(rate: float, columns: int, backend: str) -> None:
    """Word, row and column as the documentation of the operation says."""
    found = kept((3, columns), rate, seed=77, step=5)
    threshold = round(float(np.float32(rate)) * 2**32)
    for row in range(3):
        for column in range(columns):
            counter = [16 * (column // 64) + column % 16, row, 5, 0]
            word = textbook(W32, counter, [77, 0])[column % 64 // 16]
            assert found[row, column] == (word >= threshold)


@pytest.mark.parametrize("shape", [(1,), (130,), (5, 1), (33, 70), (3, 5, 65), (2, 3, 4, 5)])
@pytest.mark.parametrize("rate", [0.0, 0.021, 0.3, 0.5, 0.75, 1.0])
def test_both_backends_have_the_same_bits(shape: tuple[int, ...], rate: float) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    results = []
    for name in backends.names:
        backends.set_backend(name)
        results.append(np.asarray(ops.dropout(x, state(9, 3), rate=rate)).tobytes())
    assert results[0] == results[1]


def test_kept_elements_are_scaled(backend: str) -> None:
    x = np.random.default_rng(0).normal(size=(50, 70)).astype(np.float32)
    y = np.asarray(ops.dropout(x, state(1), rate=0.25))
    mask = y != 0
    np.testing.assert_allclose(y[mask], x[mask] / np.float32(0.75), rtol=1e-6)
    assert (np.asarray(ops.dropout(x, state(1), rate=0.0)) == x).all()
    assert not np.asarray(ops.dropout(x, state(1), rate=1.0)).any()


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.8])
def test_the_share_kept_is_that_of_fair_draws(rate: float) -> None:
    """Over all, over columns and over rows: within five standard deviations."""
    mask = kept((600, 333), rate)
    for counts, n in (
        (mask.sum(), mask.size), (mask.sum(axis=0), 600), (mask.sum(axis=1), 333),
        ((mask[1:] & mask[:-1]).sum() / (1 - rate), mask[1:].size),
        ((mask[:, 16:] & mask[:, :-16]).sum() / (1 - rate), mask[:, 16:].size),
    ):  # fmt: skip
        spread = 5 * np.sqrt(n * rate / (1 - rate))
        assert (np.abs(counts - n * (1 - rate)) < spread).all()


def test_masks_differ() -> None:
    """Between steps, seeds, rows; and two are equal as often as chance has it."""
    masks = [kept((40, 70), 0.5, seed, step) for seed in (1, 2, 3) for step in range(4)]
    masks += [masks[0][::-1], masks[0][:, ::-1]]
    for i, a in enumerate(masks):
        for b in masks[:i]:
            assert abs((a == b).mean() - 0.5) < 5 * 0.5 / np.sqrt(a.size)
    rows = masks[0]
    assert len({row.tobytes() for row in rows}) == len(rows)
