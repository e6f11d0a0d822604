"""IMDB: 50,000 reviews of films, as ranks of their words, and whether they are positive."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from lamina.datasets._files import Arrays

_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_WORDS_MD5 = "bfafd718b763782e994055a2d397834f"


def load_data(
    path: str | os.PathLike[str] = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Arrays:
    """(x_train, y_train), (x_test, y_test): arrays of lists of ints, and int64 labels 0 and 1.

    The most frequent word is 1 + index_from, the next 2 + index_from, ...; 0 is left for padding.

    path: the file's name, looked for as `mnist.load_data` does; or an absolute path.
    num_words, skip_top: only numbers from skip_top to num_words - 1 are words; None takes the
        largest number there is for num_words.
    maxlen: only texts of fewer words are kept; None keeps all.
    seed: of the order of the texts.
    start_char: stands before each text; None for nothing.
    oov_char: stands for a word that is no word; None leaves it out.
    index_from: is added to each rank.

    Raises ValueError when the file holds anything else, FileNotFoundError when there is none.
    Source: Maas et al., Learning word vectors for sentiment analysis (2011).
    """
    from functools import partial

    import numpy as np

    from lamina.datasets import _words
    from lamina.datasets._files import load_path, read_tables

    pairs = ("x_train", "y_train"), ("x_test", "y_test")
    read = partial(read_tables, pairs=pairs, check=_words.check_texts, objects=True)
    arrays = load_path(path, "imdb.npz", read, _SHA256)
    rng = np.random.RandomState(seed)
    parts = []
    for part in ("train", "test"):
        x, y = _words.shuffled(arrays[f"x_{part}"], arrays[f"y_{part}"], rng)
        texts = _words.coded(x, start_char, index_from)
        parts.append(_words.not_longer(maxlen, texts, y) if maxlen else (texts, y))
    (train, y_train), (test, y_test) = parts
    if not train or not test:
        raise ValueError(f"No text has fewer words than `maxlen`. Received: maxlen={maxlen}")
    labels = np.concatenate([y_train, y_test])
    texts = _words.limited(train + test, skip_top, num_words, oov_char)
    n = len(train)
    return (
        (_words.as_objects(texts[:n]), labels[:n]),
        (_words.as_objects(texts[n:]), labels[n:]),
    )


def get_word_index(path: str | os.PathLike[str] = "imdb_word_index.json") -> dict[str, int]:
    """The rank of each word, without `index_from`.  Files and errors as for `load_data`."""
    from lamina.datasets import _words

    return _words.word_index(path, "imdb_word_index.json", _WORDS_MD5)
