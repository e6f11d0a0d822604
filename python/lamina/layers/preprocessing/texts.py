"""Texts: made alike, split into words, and their n-grams."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.serialization import resolve

STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character")
_PUNCTUATION = re.compile(r"[!\"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']")
_SPACES = re.compile(r"[ \t\n\v\f\r]+")
_LOWER = str.maketrans({chr(c): chr(c + 32) for c in range(ord("A"), ord("Z") + 1)})


def checked_choice(name: str, value: Any, names: tuple[str, ...]) -> Any:
    """One of the names, None, or a function."""
    if value is None or callable(value) or value in names:
        return value
    raise ValueError(
        f"`{name}` must be one of {names}, None, or a function. Received: {name}={value!r}"
    )


def checked_ngrams(ngrams: Any) -> Sequence[int]:
    """The lengths of n-grams."""
    widths: Any = (1,) if ngrams is None else ngrams
    if _is_positive(ngrams):
        return range(1, ngrams + 1)
    if not isinstance(widths, tuple) or not widths or not all(map(_is_positive, widths)):
        raise ValueError(
            "`ngrams` must be None, a positive integer, or a tuple of such. "
            f"Received: ngrams={ngrams!r}"
        )
    return widths


def _is_positive(n: Any) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and n > 0


def standardized(strings: np.ndarray, how: Any) -> np.ndarray:
    """The strings (dtype object), made alike: by ASCII's letters and signs, or by a function."""
    if how is None:
        return strings
    if callable(how):
        given = np.asarray(how(strings.astype(str)))
        if given.shape != strings.shape or given.dtype.kind not in "UOST":
            raise ValueError(
                "`standardize` must give strings in the shape that it was given. Received: "
                f"shape {given.shape}, dtype {given.dtype} for {strings.shape}"
            )
        return given.astype(str).astype(object)
    flat = strings.ravel().tolist()
    if "lower" in how:
        flat = [text.translate(_LOWER) for text in flat]
    if "strip" in how:
        flat = [_PUNCTUATION.sub("", text) for text in flat]
    made = np.empty(len(flat), object)
    made[:] = flat
    return made.reshape(strings.shape)


def words_of(strings: np.ndarray, how: Any) -> list[list[str]]:
    """The words of each string."""
    if how == "whitespace":
        return [[word for word in _SPACES.split(text) if word] for text in strings.tolist()]
    if how == "character":
        return [list(text) for text in strings.tolist()]
    split = [list(map(str, words)) for words in how(strings.astype(str))]
    if len(split) != len(strings):
        raise ValueError(
            f"`split` must give a list of words for each text. Received: {len(split)} for "
            f"{len(strings)} texts"
        )
    return split


def grams_of(length: int, widths: Sequence[int]) -> int:
    """How many n-grams so many words have."""
    return sum(length - n + 1 for n in widths if n <= length)


def rows_of(words: list[list[str]], widths: Sequence[int]) -> np.ndarray:
    """The n-grams of each text as a row, filled up with ""."""
    longest = max(map(len, words), default=0)
    if isinstance(widths, range):
        widths = widths[:longest]
    if tuple(widths) != (1,):
        words = [
            [" ".join(text[i : i + n]) for n in widths for i in range(len(text) - n + 1)]
            for text in words
        ]
    rows = np.full((len(words), max(map(len, words), default=0)), "", object)
    for row, text in zip(rows, words):
        row[: len(text)] = text
    return rows


def to_config(value: Any) -> Any:
    """A name, None, or a function's config."""
    return resolve.serialize(value) if callable(value) else value


def from_config(value: Any) -> Any:
    """What `to_config` described."""
    from lamina.serialization.deserialize import deserialize_keras_object

    return deserialize_keras_object(value) if isinstance(value, dict) else value
