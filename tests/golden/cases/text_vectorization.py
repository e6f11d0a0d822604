"""TextVectorization: standardizing, splitting, n-grams, modes, vocabularies, configs."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record
from .configs import _plain

DOCS = [
    "foo bar", "bar baz", "baz bada boom!", "Foo, foo  FOO... it's A-b_c", "", "\tbar\n",
]  # fmt: skip
ODD = [
    "Äpfel ÄPFEL çA", "日本 日本", "a\u00a0b", "a\u2028b", "a\u3000b", "a\x0bb\x0cc\rd\te", "ß SS",
    "İI ıi ΑΣ ς ǅ ﬁ", "𐐀 Ⅷ Ω", "a!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'b ’x’ …y «z»", "e\u0301 👩‍👧",
]  # fmt: skip
WORDS = ["earth", "wind", "and", "fire"]

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "lower": {"standardize": "lower"},
    "strip": {"standardize": "strip_punctuation"},
    "as_they_are": {"standardize": None},
    "characters": {"split": "character"},
    "whole": {"split": None},
    "bigrams": {"ngrams": 2},
    "trigrams_alone": {"ngrams": (3,)},
    "one_and_three": {"ngrams": (1, 3), "output_mode": "count"},
    "pairs_of_characters": {"ngrams": 2, "split": "character", "standardize": None},
    "short": {"output_sequence_length": 2},
    "long": {"output_sequence_length": 9, "max_tokens": 5},
    "whole_long": {"split": None, "output_sequence_length": 8},
    "multi_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count", "max_tokens": 4},
    "padded": {"output_mode": "count", "max_tokens": 20, "pad_to_max_tokens": True},
    "tf_idf": {"output_mode": "tf_idf"},
    "tf_idf_padded": {"output_mode": "tf_idf", "max_tokens": 20, "pad_to_max_tokens": True},
    "tf_idf_few": {"output_mode": "tf_idf", "max_tokens": 3, "ngrams": 2},
}


def _texts(x: Any) -> list[str]:
    return [str(token) for token in x]


def adapted(keras: Keras, options: dict[str, Any]) -> Record:
    """What a layer learns of texts, and gives for them and for others."""
    keras.utils.clear_session()
    layer = keras.layers.TextVectorization(**options)
    record: Record = {"before": _texts(layer.get_vocabulary())}
    layer.adapt(DOCS)
    # NumPy's arrays, whose shapes Keras knows
    column = np.array(DOCS, object)[:, None]
    record |= {
        "vocabulary": _texts(layer.get_vocabulary()),
        "words": _texts(layer.get_vocabulary(include_special_tokens=False)),
        "size": int(layer.vocabulary_size()),
        "y": np.asarray(layer(DOCS)),
        "column": np.asarray(layer(column)),
        "other": np.asarray(layer(["bar qux BAR", "it's"])),
        "nothing": list(np.asarray(layer([""])).shape),
        "config": _plain(layer.get_config()),
    }
    if options.get("split", "whitespace") is not None:  # Keras cannot fill a single text up
        record["one"] = np.asarray(layer("baz bada qux"))
    record["again"] = (
        _plain(type(layer).from_config(layer.get_config()).get_config()) == record["config"]
    )
    return record


def odd_signs(keras: Keras) -> Record:
    """What counts as a space, a sign and a capital: ASCII's."""
    record = {}
    for standardize in ("lower_and_strip_punctuation", None):
        for split in ("whitespace", "character"):
            layer = keras.layers.TextVectorization(standardize=standardize, split=split)
            layer.adapt(ODD)
            record[f"{standardize}_{split}"] = _texts(layer.get_vocabulary())
    return record


def given(keras: Keras) -> Record:
    """Vocabularies that are given."""
    make = keras.layers.TextVectorization
    texts = ["wind and x", "fire fire"]
    plain = make(vocabulary=WORDS)
    weighed = make(output_mode="tf_idf", vocabulary=WORDS, idf_weights=[0.1, 0.2, 0.3, 0.4])
    late = make(output_mode="count")
    late.set_vocabulary(WORDS)
    with_specials = make(vocabulary=["", "[UNK]", *WORDS])
    return {
        "plain": np.asarray(plain(texts)),
        "vocabulary": _texts(plain.get_vocabulary()),
        "config": [_texts(plain.get_config()["vocabulary"]), plain.get_config()["vocabulary_size"]],
        "weighed": np.asarray(weighed(texts)),
        "weights": [float(w) for w in weighed.get_config()["idf_weights"]],
        "late": np.asarray(late(texts)),
        "with_specials": np.asarray(with_specials(texts)),
        "in_lists": np.asarray(plain([["wind and x"], ["fire"]])),
        "bytes": np.asarray(plain(np.array([b"wind", b"fire x"]))),
    }


def batches(keras: Keras) -> Record:
    """Counted batch by batch."""
    layer = keras.layers.TextVectorization(output_mode="tf_idf")
    for batch in (DOCS[:2], np.array(DOCS[2:])):
        layer.update_state(batch)
    layer.finalize_state()
    found = [_texts(layer.get_vocabulary())]
    layer = keras.layers.TextVectorization()
    layer.adapt(["zebra"])
    found.append(_texts(layer.get_vocabulary()))
    layer.adapt(["b a c", "a b d"])
    return {"found": [*found, _texts(layer.get_vocabulary())]}


def not_split(keras: Keras) -> Record:
    """Texts that are words: n-grams run along the last axis."""
    words = np.array([["foo", "Bar", "baz"], ["bar", "baz", "foo"]], object)
    record: Record = {}
    for ngrams in (None, 2, (2,), (1, 3)):
        for mode in ("int", "count"):
            layer = keras.layers.TextVectorization(split=None, ngrams=ngrams, output_mode=mode)
            layer.adapt(words)
            record[f"{ngrams}_{mode}"] = {
                "vocabulary": _texts(layer.get_vocabulary()),
                "rows": np.asarray(layer(words)),
                "row": np.asarray(layer(words[0])),
                "column": np.asarray(layer(words[:, :1])),
            }
        layer = keras.layers.TextVectorization(split=None, ngrams=ngrams, vocabulary=["foo bar"])
        record[f"{ngrams}_deep"] = np.asarray(layer(words[None]))
        layer = keras.layers.TextVectorization(split=None, ngrams=ngrams, output_sequence_length=4)
        layer.adapt(words)
        record[f"{ngrams}_padded"] = np.asarray(layer(words))
    return record


CASES = [
    *(
        Case(
            "text_vectorization", f"adapted_{name}", functools.partial(adapted, options=options),
            backend="tensorflow", rtol=1e-6,
        )
        for name, options in OPTIONS.items()
    ),
    *(
        Case("text_vectorization", run.__name__, run, backend="tensorflow", rtol=1e-6)
        for run in (odd_signs, given, batches, not_split)
    ),
]  # fmt: skip
