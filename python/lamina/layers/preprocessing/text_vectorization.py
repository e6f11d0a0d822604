"""Texts as the numbers of their words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina.layers.preprocessing import texts
from lamina.layers.preprocessing.data_layer import DataLayer, as_strings, first_batches
from lamina.layers.preprocessing.encoding import LOOKUP_MODES, check_mode, not_sparse
from lamina.layers.preprocessing.string_lookup import StringLookup
from lamina.utils import check

Texts = str | None | Callable[[Any], Any]


class TextVectorization(DataLayer):
    """Texts as the numbers of their words in a vocabulary, of arrays outside of a model.

    A text is standardized, split into words, these are joined to n-grams, and looked up: 0 is padding
    (in mode "int"), then comes the number of unknown words, then those of the vocabulary.

    Args:
        max_tokens: the largest size of the vocabulary, with the special tokens; None for any.
        standardize: "lower_and_strip_punctuation" (ASCII alone, as in Keras), "lower",
            "strip_punctuation", None, or a function of an array of strings that gives one of its shape.
        split: "whitespace" (of ASCII), "character", None where texts are words, or a function of an array
            of strings that gives a list of words for each.
        ngrams: None; n for words and all joins of up to n neighbours, by spaces; or a tuple of lengths.
        output_mode: "int" (int64, padded with 0 to the longest text); "multi_hot", "count" (int64) and
            "tf_idf" (float32) give a vector for each text, as `StringLookup`.
        output_sequence_length: in mode "int", so many numbers for each text: cut, or padded.
        pad_to_max_tokens: whether vectors have `max_tokens` elements in any case.
        vocabulary: the words, or a file with one in each line; None where `adapt` finds them.
        idf_weights: for "tf_idf" with a given vocabulary, a weight for each of its words.
        sparse, ragged: False.
        encoding: of bytes.

    Errors: ValueError for bad arguments and matrices of texts to split; TypeError for what holds no
    strings, and in a model; RuntimeError when it is called without a vocabulary.

    Examples:
        >>> layer = lamina.layers.TextVectorization()
        >>> layer.adapt(["A dog.", "A dog and a cat!"])
        >>> layer.get_vocabulary()
        ['', '[UNK]', 'a', 'dog', 'cat', 'and']
        >>> print(layer(["the dog", "a cat, a dog"]))
        [[1 3 0 0]
         [2 4 2 3]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Texts = "lower_and_strip_punctuation",
        split: Texts = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        size = kwargs.pop("vocabulary_size", None)
        super().__init__(name=name, **kwargs)
        not_sparse(sparse)
        if ragged:
            raise ValueError("There are no ragged arrays here. Received: ragged=True")
        self.standardize = texts.checked_choice("standardize", standardize, texts.STANDARDIZE)
        self.split = texts.checked_choice("split", split, texts.SPLIT)
        self.ngrams = ngrams
        self._widths = texts.checked_ngrams(ngrams)
        self.output_mode = check_mode("TextVectorization", output_mode, LOOKUP_MODES)
        self.output_sequence_length = _checked_length(output_sequence_length, output_mode)
        self.encoding = encoding
        self.max_tokens, self.pad_to_max_tokens = max_tokens, bool(pad_to_max_tokens)
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens, vocabulary=vocabulary, idf_weights=idf_weights, mask_token="",
            output_mode=output_mode, pad_to_max_tokens=pad_to_max_tokens, encoding=encoding,
            vocabulary_size=size,
        )  # fmt: skip

    # --- the vocabulary ---------------------------------------------------------------------------

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words by their numbers, with padding and unknown words before them if wanted."""
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of words, with padding and unknown ones."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Takes the words as they are: a sequence, or the name of a file; errors as of StringLookup."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    @property
    def adaptable(self) -> bool:
        """Whether the vocabulary was not given, so that `adapt` may make it."""
        return self._lookup_layer.adaptable

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Makes the vocabulary of the texts in the data, the most frequent words first.

        data: a text, an array or a list of texts; or batches of them: a generator, a PyDataset.
        batch_size: has no effect.  steps: the number of batches to take; None takes all.

        Errors: ValueError where the vocabulary was given.
        """
        self.reset_state()
        if isinstance(data, (str, bytes, list, tuple)) or hasattr(data, "__array__"):
            self.update_state(data)
        else:
            for batch in first_batches(data, steps):
                self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Counts the words of one more batch of texts."""
        words = self._words("data", data)
        self._lookup_layer.update_state(words if words.ndim > 1 else words[:, None])

    def reset_state(self) -> None:
        """Forgets the words that were counted."""
        self._lookup_layer.reset_state()

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted."""
        self._lookup_layer.finalize_state()

    # --- looking up -------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        if not self.get_vocabulary(include_special_tokens=False):
            raise RuntimeError(
                f"TextVectorization '{self.name}' has no vocabulary yet: pass `vocabulary`, or call "
                "`adapt(data)`, before it is called"
            )
        one = np.ndim(inputs) == 0
        words = self._words("inputs", inputs)
        if self.output_mode != "int" and words.ndim > 1 and not words.shape[1]:
            words = np.full((len(words), 1), "", object)  # nothing but padding
        found = self._lookup_layer(words[0] if one else words)
        length = self.output_sequence_length
        if self.output_mode != "int" or length is None or np.ndim(found) == 0:
            return found
        behind = [(0, 0)] * (found.ndim - 1) + [(0, max(0, length - found.shape[-1]))]
        return np.pad(found[..., :length], behind)

    def _words(self, name: str, x: Any) -> np.ndarray:
        """The n-grams of each text as a row, filled up with "".  Texts that are not split are words
        themselves, and n-grams are made along their last axis."""
        strings = as_strings(
            name, x if np.size(x) else np.empty(np.shape(x), object), self.encoding
        )
        if strings.ndim == 0:
            strings = strings[None]
        whole = self.split is None
        if not whole and (strings.ndim > 2 or (strings.ndim == 2 and strings.shape[1] != 1)):
            raise ValueError(
                f"`{name}` must hold one text for each sample: shape (n,) or (n, 1). "
                f"Received: {name} of shape {strings.shape}"
            )
        strings = texts.standardized(strings, self.standardize)
        if not whole:
            return texts.rows_of(texts.words_of(strings.ravel(), self.split), self._widths)
        if self.ngrams is None:
            return strings
        lead, length = strings.shape[:-1], texts.grams_of(strings.shape[-1], self._widths)
        rows = strings.reshape(math.prod(lead), strings.shape[-1]).tolist()
        return texts.rows_of(rows, self._widths).reshape(*lead, length)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """(batch, numbers of a text): None where the texts decide."""
        if self.output_mode != "int":
            return (input_shape[0], self._lookup_layer.compute_output_shape((None, None))[-1])
        if self.split is not None:
            return (input_shape[0], self.output_sequence_length)
        *lead, length = input_shape
        if length is None or self.ngrams is None:
            return (*lead, length)
        return (*lead, texts.grams_of(length, self._widths))

    # --- files ------------------------------------------------------------------------------------

    def save_own_variables(self, store: dict[str, Any]) -> None:
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: dict[str, np.ndarray]) -> None:
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, folder: str) -> None:
        """Writes the vocabulary, unless it stands in the config, a word in each line."""
        self._lookup_layer.save_assets(folder)

    def load_assets(self, folder: str) -> None:
        """Reads what `save_assets` wrote."""
        self._lookup_layer.load_assets(folder)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Errors: ValueError for the name of a file, which could be any file of the reader's."""
        StringLookup.refuse_file(config)
        made = {name: texts.from_config(config.get(name)) for name in ("standardize", "split")}
        ngrams = config.get("ngrams")
        return cls(
            **{**config, **made, "ngrams": tuple(ngrams) if isinstance(ngrams, list) else ngrams}
        )

    def get_config(self) -> dict[str, Any]:
        lookup = self._lookup_layer.get_config()
        return {
            **super().get_config(),
            "max_tokens": self.max_tokens,
            "standardize": texts.to_config(self.standardize),
            "split": texts.to_config(self.split),
            "ngrams": self.ngrams,
            "output_mode": self.output_mode,
            "output_sequence_length": self.output_sequence_length,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "sparse": False,
            "ragged": False,
            "vocabulary": lookup["vocabulary"],
            "idf_weights": lookup["idf_weights"],
            "encoding": self.encoding,
            "vocabulary_size": self.vocabulary_size(),
        }


def _checked_length(length: Any, output_mode: str) -> int | None:
    if length is None:
        return None
    if output_mode != "int":
        raise ValueError(
            "`output_sequence_length` must not be set if `output_mode` is not 'int'. Received: "
            f"output_sequence_length={length}, output_mode={output_mode!r}"
        )
    return check.integer("output_sequence_length", length, 0)
