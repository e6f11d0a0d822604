"""Reuters: 11,228 newswires, as ranks of their words, and which of 46 topics they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from lamina.datasets._files import Arrays

_SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_WORDS_MD5 = "4d44cc38712099c9e383dc6e5f11a921"
_TOPICS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship
    cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin
    strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem
    dlr gas silver wpi hog lead
"""


def load_data(
    path: str | os.PathLike[str] = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Arrays:
    """(x_train, y_train), (x_test, y_test): arrays of lists of ints, and int64 labels 0 to 45.

    test_split: the share of the samples that is the test set.
    The other arguments, the numbers of words and the errors are those of `imdb.load_data`.
    Source: Reuters-21578, prepared by Chollet.
    """
    from functools import partial

    import numpy as np

    from lamina.datasets import _words
    from lamina.datasets._files import load_path, read_tables

    read = partial(read_tables, pairs=(("x", "y"),), check=_words.check_texts, objects=True)
    arrays = load_path(path, "reuters.npz", read, _SHA256)
    x, labels = _words.shuffled(arrays["x"], arrays["y"], np.random.RandomState(seed))
    texts = _words.coded(x, start_char, index_from)
    if maxlen:
        texts, labels = _words.not_longer(maxlen, texts, labels)
        if not texts:
            raise ValueError(f"No text has fewer words than `maxlen`. Received: maxlen={maxlen}")
    texts = _words.limited(texts, skip_top, num_words, oov_char)
    n = int(len(texts) * (1 - test_split))
    return (
        (_words.as_objects(texts[:n]), np.array(labels[:n])),
        (_words.as_objects(texts[n:]), np.array(labels[n:])),
    )


def get_word_index(path: str | os.PathLike[str] = "reuters_word_index.json") -> dict[str, int]:
    """The rank of each word, without `index_from`.  Files and errors as for `load_data`."""
    from lamina.datasets import _words

    return _words.word_index(path, "reuters_word_index.json", _WORDS_MD5)


def get_label_names() -> tuple[str, ...]:
    """The topics by their labels."""
    return tuple(_TOPICS.split())
