"""What IntegerLookup and StringLookup share: a vocabulary and its numbers."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np

from lamina import ops
from lamina.layers.preprocessing.data_layer import DataLayer, as_integers, first_batches
from lamina.layers.preprocessing.encoding import (
    LOOKUP_MODES,
    check_mode,
    encode,
    encoded_shape,
    not_sparse,
)
from lamina.layers.preprocessing.hashing import check_salt, hash_bins
from lamina.layers.preprocessing.vocabulary import check_lookup, check_tokens, padded_weights
from lamina.utils import check

_UNKNOWN, _DROPPED = -1, -2
_FILE = "vocabulary.txt"


class IndexLookup(DataLayer):
    """Tokens as numbers: first the mask (in mode "int"), then what is unknown, then the vocabulary.

    Subclasses say what a token is in `_keys`, which makes an array of tokens of any data.
    """

    _untracked = DataLayer._untracked | {"_table", "_tokens"}  # large

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary_dtype: str,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        name: str | None = None,
        salt: Any = None,
        vocabulary_size: int | None = None,
        has_input_vocabulary: bool | None = None,
        trainable: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, trainable=trainable, dtype=dtype)
        self.max_tokens = max_tokens
        self.num_oov_indices = check.integer("num_oov_indices", num_oov_indices, 0)
        self.mask_token, self.oov_token = mask_token, oov_token
        self.vocabulary_dtype = vocabulary_dtype
        output_mode = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(output_mode, output_mode)
        self.output_mode = check_mode(type(self).__name__, output_mode, LOOKUP_MODES)
        self.pad_to_max_tokens = bool(pad_to_max_tokens)
        self.oov_method, self.salt = oov_method, check_salt(type(self).__name__, salt)
        self.invert = bool(invert)
        not_sparse(sparse)
        check_lookup(self, idf_weights)
        self.idf_weights: np.ndarray | None = None
        self.input_vocabulary = None if isinstance(vocabulary, str) else vocabulary
        self.input_idf_weights = idf_weights
        self._fixed = (
            vocabulary is not None if has_input_vocabulary is None else has_input_vocabulary
        )
        self._tokens: list[Any] = []
        self._table: dict[Any, int] = {}
        self._frozen_size = vocabulary_size
        self.reset_state()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    # --- the vocabulary ---------------------------------------------------------------------------

    def _keys(self, name: str, x: Any) -> np.ndarray:
        """An array of tokens."""
        raise NotImplementedError

    @property
    def _oov_start(self) -> int:
        return int(self.mask_token is not None and self.output_mode == "int")

    @property
    def _token_start(self) -> int:
        return self._oov_start + self.num_oov_indices

    def _specials(self) -> list[Any]:
        return [self.mask_token] * self._oov_start + [self.oov_token] * self.num_oov_indices

    @property
    def adaptable(self) -> bool:
        """Whether the vocabulary was not given, so that `adapt` may make it."""
        return not self._fixed

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens by their numbers, with mask and unknown tokens before them if wanted."""
        return [*(self._specials() if include_special_tokens else []), *self._tokens]

    def vocabulary_size(self) -> int:
        """The number of tokens, with mask and unknown ones."""
        return self._token_start + len(self._tokens)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Takes the tokens as they are: a sequence, or the name of a file with one in each line.

        Mask and unknown tokens may stand before them, all of them in their order, or not at all.
        idf_weights: for "tf_idf", one for each token.

        Errors: ValueError for a vocabulary that is empty, repeats a token, is larger than
        `max_tokens`, or has a special token in another place.
        """
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            raise ValueError(
                "`idf_weights` must be set if `output_mode` is 'tf_idf', and only then. "
                f"Received: output_mode={self.output_mode!r} and idf_weights={idf_weights}"
            )
        if isinstance(vocabulary, str):
            with open(vocabulary, encoding="utf-8") as file:
                vocabulary = file.read().splitlines()
            if self.vocabulary_dtype != "string":
                vocabulary = [int(line) for line in vocabulary]
        given: list[Any] = self._keys("vocabulary", vocabulary).tolist() if len(vocabulary) else []
        count = self._token_start
        found = len(given) >= count and given[:count] == self._specials()
        tokens = given[self._token_start :] if found else given
        reserved = {"mask_token": self.mask_token}
        if self.invert:
            reserved["oov_token"] = self.oov_token
        check_tokens(given, tokens, reserved, count, self.max_tokens)
        if idf_weights is not None:
            self._weigh(idf_weights, len(given), 0 if found else self._token_start)
        self._use(tokens)

    def _use(self, tokens: list[Any]) -> None:
        self._tokens = tokens
        self._table = {token: i for i, token in enumerate(tokens, self._token_start)}
        if self.mask_token is not None:
            self._table[self.mask_token] = 0 if self.output_mode == "int" else _DROPPED
        self._frozen_size = self.vocabulary_size()

    def _weigh(self, weights: Any, count: int, front: int) -> None:
        size = self.max_tokens if self.pad_to_max_tokens else None
        self.idf_weights = padded_weights(weights, count, front, size)

    # --- files ------------------------------------------------------------------------------------

    def save_own_variables(self, store: dict[str, Any]) -> None:
        if self.output_mode == "tf_idf" and self.idf_weights is not None:
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store: dict[str, np.ndarray]) -> None:
        if self.output_mode == "tf_idf" and "idf_weights" in store:
            self.idf_weights = store["idf_weights"]

    def save_assets(self, folder: str) -> None:
        """Writes the vocabulary, unless it stands in the config, a token in each line."""
        if self.input_vocabulary is None:
            with open(os.path.join(folder, _FILE), "w", encoding="utf-8", newline="\n") as file:
                file.write("\n".join(map(str, self.get_vocabulary())))

    def load_assets(self, folder: str) -> None:
        """Reads what `save_assets` wrote."""
        path = os.path.join(folder, _FILE)
        if self.input_vocabulary is not None or not os.path.exists(path):
            return
        with open(path, encoding="utf-8", newline="\n") as file:
            lines = file.read().split("\n")
        read: type = str if self.vocabulary_dtype == "string" else int
        tokens = [read(line) for line in lines[self._token_start :]]
        if tokens:
            self._use(tokens)

    # --- learning one -----------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Makes the vocabulary of the tokens in the data, the most frequent first.

        data: an array, a list or a column of a table (an element or a row is one document for
            "tf_idf"); or batches: a generator, a PyDataset.
        steps: the number of batches to take; None takes all.

        Errors: ValueError where the vocabulary was given.
        """
        self.reset_state()
        if hasattr(data, "__array__") or isinstance(data, (list, tuple)):
            array = self._keys("data", data)
            self.update_state(array[:, None] if array.ndim == 1 else array)
        else:
            for batch in first_batches(data, steps):
                self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forgets the tokens that were counted."""
        self._counts: Counter[Any] = Counter()
        self._documents: Counter[Any] = Counter()
        self._num_documents = 0

    def update_state(self, data: Any) -> None:
        """Counts the tokens of one more batch; a vector is one document."""
        if self._fixed:
            raise ValueError(
                f"Cannot adapt layer '{self.name}': it was given a `vocabulary`. "
                f"Received: vocabulary={self.input_vocabulary}"
            )
        tokens = self._keys("data", data)
        self._counts.update(tokens.ravel().tolist())
        if self.output_mode == "tf_idf":
            rows = tokens.reshape(len(tokens), -1) if tokens.ndim > 1 else tokens.reshape(1, -1)
            for row in rows.tolist():
                self._documents.update(set(row))
            self._num_documents += len(rows)

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted."""
        if self._fixed or not self._counts:
            return
        counts = self._counts
        for special in (self.mask_token, self.oov_token):
            counts.pop(special, None)
        tokens = sorted(counts, key=lambda token: (counts[token], token), reverse=True)
        if self.max_tokens is not None:
            tokens = tokens[: self.max_tokens - self._token_start]
        if self.output_mode == "tf_idf":
            weights = [math.log(1 + self._num_documents / (1 + self._documents[t])) for t in tokens]
            self._weigh(weights, len(tokens), self._token_start)
        self._use(tokens)
        self.reset_state()

    # --- looking up -------------------------------------------------------------------------------

    def _known(self) -> dict[Any, int]:
        """The numbers of the tokens."""
        if not self._tokens:
            raise RuntimeError(
                f"{type(self).__name__} '{self.name}' has no vocabulary yet: pass `vocabulary`, or "
                "call `adapt(data)`, before it is called"
            )
        return self._table

    def call(self, inputs: Any) -> Any:
        table = self._known()
        if self.invert:
            return self._tokens_of(as_integers("inputs", inputs))
        encoded = self._encode(self._indices_of(table, self._keys("inputs", inputs)))
        return encoded if self.output_mode == "tf_idf" else encoded.astype(np.int64)

    def _encode(self, indices: Any) -> Any:
        depth = self._depth()
        if self.output_mode == "int" or depth is None:
            return indices
        if self.output_mode == "tf_idf":
            return ops.multiply(encode(indices, "count", depth), self.idf_weights)
        return encode(indices, self.output_mode, depth)

    def _depth(self) -> int | None:
        return self.max_tokens if self.pad_to_max_tokens else self._frozen_size

    def _tokens_of(self, indices: np.ndarray) -> np.ndarray:
        vocabulary = [*self.get_vocabulary(), self.oov_token]
        last = len(vocabulary) - 1
        known = (indices >= 0) & (indices < last)
        return np.array(vocabulary)[np.where(known, indices, last)]

    def _indices_of(self, table: dict[Any, int], keys: np.ndarray) -> np.ndarray:
        flat = keys.ravel().tolist()
        found = np.fromiter(map(table.get, flat, repeat(_UNKNOWN)), np.int64, len(flat))
        unknown = found == _UNKNOWN
        if unknown.any():
            found[unknown] = self._oov_start + self._oov_bins(keys.ravel()[unknown])
        return found.reshape(keys.shape)

    def _oov_bins(self, keys: np.ndarray) -> Any:
        if self.num_oov_indices == 0:
            raise ValueError(
                "When `num_oov_indices=0` all inputs must be in the vocabulary; consider "
                f"`num_oov_indices=1`. Received: {keys[:5].tolist()}"
            )
        if self.num_oov_indices == 1:
            return 0
        if self.vocabulary_dtype != "string" and self.oov_method == "floormod":
            return keys % self.num_oov_indices
        return hash_bins(keys, self.num_oov_indices, self.salt)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        return encoded_shape(input_shape, mode, self._depth())

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Errors: ValueError for the name of a file, which could be any file of the reader's."""
        cls.refuse_file(config)
        return cls(**config)

    @classmethod
    def refuse_file(cls, config: dict[str, Any]) -> None:
        """Errors: ValueError for a config that names a file of tokens."""
        if isinstance(config.get("vocabulary"), str):
            raise ValueError(
                f"The config of {cls.__name__} names a file of tokens, which is not read: give the "
                f"tokens. Received: vocabulary={config['vocabulary']!r}"
            )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": False,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "vocabulary_dtype": self.vocabulary_dtype,
            "idf_weights": _listed(self.input_idf_weights),
            "vocabulary": _listed(self.input_vocabulary),
            "vocabulary_size": self._frozen_size,
            "oov_method": self.oov_method,
            "salt": self.salt,
        }


def _listed(x: Any) -> Any:
    return x.tolist() if isinstance(x, np.ndarray) else x
