"""Texts as numbers: own functions, files, before a model, what is refused.  Beside Keras's: goldens."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.layers import TextVectorization

DOCS = ["a dog", "a cat and a dog", "the bird"]


@lamina.saving.register_keras_serializable("tests")
def without_a(texts: Any) -> Any:
    """An array of strings without the letter a."""
    return np.char.replace(texts, "a", "")


@lamina.saving.register_keras_serializable("tests")
def by_d(texts: Any) -> Any:
    return [text.split("d") for text in texts]


def test_own_functions() -> None:
    seen: list[Any] = []

    def noted(texts: Any) -> Any:
        seen.append((texts.dtype.kind, texts.shape))
        return np.char.upper(texts)

    layer = TextVectorization(standardize=noted, split=by_d)
    layer.adapt(np.array(DOCS)[:, None])
    assert seen == [("U", (3, 1))]
    assert layer.get_vocabulary(False)[:3] == ["THE BIRD", "A DOG", "A CAT AND A DOG"]
    split = TextVectorization(standardize=without_a, split=by_d)
    split.adapt(DOCS)
    assert split.get_vocabulary(False) == ["og", "the bir", " ct n", "  ", " "]
    again = TextVectorization.from_config(split.get_config())
    assert again.standardize is without_a
    assert again.split is by_d


@pytest.mark.parametrize("mode", ["int", "count", "multi_hot", "tf_idf"])
@pytest.mark.parametrize("ending", [".keras", ".safetensors"])
def test_a_vocabulary_goes_through_files(mode: str, ending: str, tmp_path: pathlib.Path) -> None:
    pytest.importorskip("h5py")

    @lamina.saving.register_keras_serializable("tests")
    class Reader(lamina.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.texts = TextVectorization(output_mode=mode, ngrams=2)
            self.dense = layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Reader()
    model.texts.adapt(DOCS)
    x = model.texts(DOCS).astype("float32")
    model(x)
    model.save(tmp_path / f"m{ending}")
    again = lamina.models.load_model(tmp_path / f"m{ending}")
    assert again.texts.get_vocabulary() == model.texts.get_vocabulary()
    np.testing.assert_array_equal(again.texts(["a dog", "x"]), model.texts(["a dog", "x"]))


def test_it_prepares_the_data_of_a_model() -> None:
    texts = np.array(["good film", "bad film", "good play", "bad play"] * 8)
    labels = np.array([1, 0, 1, 0] * 8)
    vectorize = TextVectorization(output_sequence_length=3)
    vectorize.adapt(texts)
    lamina.utils.set_random_seed(0)
    model = lamina.Sequential(
        [
            lamina.Input((3,), dtype="int32"), layers.Embedding(vectorize.vocabulary_size(), 4),
            layers.Flatten(), layers.Dense(1, "sigmoid"),
        ]
    )  # fmt: skip
    model.compile(lamina.optimizers.Adam(0.05), "binary_crossentropy")
    model.fit(vectorize(texts), labels, epochs=20, verbose=0)
    found = model.predict(vectorize(["good film", "bad"]), verbose=0)[:, 0]
    assert found[0] > 0.5 > found[1]


def test_batches_and_steps() -> None:
    layer = TextVectorization()
    layer.adapt((batch for batch in (DOCS[:1], np.array(DOCS[1:]))), steps=1)
    assert layer.get_vocabulary(False) == ["dog", "a"]
    layer.adapt("a single text")
    assert layer.get_vocabulary(False) == ["text", "single", "a"]
    assert layer([]).shape == (0, 0)


def test_more_neighbours_than_there_are() -> None:
    layer = TextVectorization(ngrams=10**18)
    layer.adapt(["a b c"])
    assert layer.get_vocabulary(False) == ["c", "b c", "b", "a b c", "a b", "a"]


def test_bytes() -> None:
    layer = TextVectorization(vocabulary=["é"], encoding="latin-1")
    assert layer(np.array(["é".encode("latin-1")], object)).tolist() == [[2]]


def test_a_file_of_words(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("one\ntwo\n")
    layer = TextVectorization(vocabulary=str(path))
    assert layer(["two three"]).tolist() == [[3, 1]]
    assert layer.get_config()["vocabulary"] is None
    config = {**layer.get_config(), "vocabulary": str(path)}
    with pytest.raises(ValueError, match="names a file of tokens, which is not read"):
        TextVectorization.from_config(config)


def test_shapes() -> None:
    assert TextVectorization().compute_output_shape((None, 1)) == (None, None)
    assert TextVectorization(output_sequence_length=5).compute_output_shape((7,)) == (7, 5)
    counted = TextVectorization(output_mode="count", vocabulary=["a", "b"])
    assert counted.compute_output_shape((None, 1)) == (None, 3)


REFUSED: dict[str, tuple[Any, str]] = {
    "a model": (lambda: TextVectorization()(lamina.Input((1,))), "not inside of a model"),
    "a matrix": (lambda: TextVectorization(vocabulary=["a"])([["a", "b"]]), r"shape \(1, 2\)"),
    "numbers": (lambda: TextVectorization(vocabulary=["a"])([1.5]), "strings"),
    "None": (lambda: TextVectorization(vocabulary=["a"])(["a", None]), "None at index"),
    "no vocabulary": (lambda: TextVectorization()(["a"]), "TextVectorization.*no vocabulary"),
    "another shape": (
        lambda: TextVectorization(standardize=lambda t: t[:1]).adapt(DOCS), "in the shape"
    ),
    "no strings": (
        lambda: TextVectorization(standardize=lambda t: np.zeros(t.shape)).adapt(DOCS), "strings"
    ),
    "too few lists": (lambda: TextVectorization(split=lambda t: [["a"]]).adapt(DOCS), "1 for 3"),
    "a lambda in a config": (
        lambda: TextVectorization(split=lambda t: t).get_config(), "Cannot serialize a lambda"
    ),
    "adapt a given one": (lambda: TextVectorization(vocabulary=["a"]).adapt(DOCS), "Cannot adapt"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    call, words = REFUSED[name]
    with pytest.raises((ValueError, TypeError, RuntimeError), match=words):
        call()


def test_an_unknown_mode_is_this_layers() -> None:
    with pytest.raises(ValueError, match=r"`output_mode` of TextVectorization.*output_mode='hot'"):
        TextVectorization(output_mode="hot")
