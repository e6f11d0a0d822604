"""Texts as lists of the ranks of their words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.datasets._files import load_path
from lamina.serialization.plain_json import read_json

if TYPE_CHECKING:
    import os

    from lamina.datasets._files import Array

Texts = list[list[int]]


def check_texts(texts: Array, labels: Array) -> None:
    """Refuses what are no lists of ranks, and labels that are no integers."""
    if texts.dtype != object or any(
        type(t) is not list or set(map(type, t)) - {int} for t in texts
    ):
        raise ValueError("the texts are no lists of integers")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"the labels are {labels.dtype}, not integers")


def shuffled(texts: Array, labels: Array, rng: Any) -> tuple[Array, Array]:
    """Both in another order."""
    order = np.arange(len(texts))
    rng.shuffle(order)
    return texts[order], labels[order]


def coded(texts: Iterable[Any], start_char: int | None, index_from: int | None) -> Texts:
    """Each rank raised by `index_from`, and `start_char` before each text."""
    start = [] if start_char is None else [start_char]
    return [[*start, *(w + (index_from or 0) for w in text)] for text in texts]


def not_longer(maxlen: int, texts: Texts, labels: Any) -> tuple[Texts, Any]:
    """The texts of fewer than `maxlen` words, and their labels."""
    kept = [i for i, text in enumerate(texts) if len(text) < maxlen]
    return [texts[i] for i in kept], [labels[i] for i in kept]


def limited(texts: Texts, skip_top: int, num_words: int | None, oov_char: int | None) -> Texts:
    """Words from `skip_top` to `num_words` - 1; the others are left out, or become `oov_char`."""
    most = num_words or max(max(text) for text in texts)
    if oov_char is None:
        return [[w for w in text if skip_top <= w < most] for text in texts]
    return [[w if skip_top <= w < most else oov_char for w in text] for text in texts]


def as_objects(texts: Texts) -> Array:
    """An array of lists."""
    return np.array(texts, dtype=object)


def word_index(path: str | os.PathLike[str], origin: str, file_hash: str) -> dict[str, int]:
    """The rank of each word."""

    def read(found: str) -> Any:
        try:
            with open(found, "rb") as file:
                index = read_json("it", file.read())
            if set(map(type, index.values())) - {int}:
                raise ValueError("its values are not all integers")
        except ValueError as error:
            raise ValueError(f"{found} is not the expected JSON file: {error}") from error
        return index

    index: dict[str, int] = load_path(path, origin, read, file_hash)
    return index
