"""Indices of weights in several files that lie."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from json_edits import edited_text

import lamina
from lamina import layers

pytest.importorskip("h5py")


def made() -> Any:
    return lamina.Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(5)])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    made().save_weights(folder / "m.weights.json", max_shard_size=100 / 1024**3)
    return folder / "m.weights.json"


def rewrite(path: Path, edit: Callable[[Any], Any]) -> None:
    index = json.loads(path.read_text())
    path.write_text(json.dumps(edit(index) or index))


NAMES = [
    "../m_00000.weights.h5", "/etc/m.weights.h5", "a/b.weights.h5", "..\\m.weights.h5", "C:m.weights.h5",
    "m\0.weights.h5", "..", ".weights.h5", ".hidden.weights.h5", "m_00000.h5", "", 3, None, ["m"],
    {"a": 1}, 1.5, True,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=repr)
@pytest.mark.parametrize("listed", [True, False])
def test_names_that_lead_elsewhere(name: Any, listed: bool, path: Path) -> None:
    (path.parent.parent / "m_00000.weights.h5").write_bytes(b"not to be opened")
    where = [name] if listed else name
    if isinstance(where, list) and where == ["m"]:
        where = [["m"]]
    rewrite(path, lambda i: i["weight_map"].update({"/layers/dense/vars": where}))
    with pytest.raises(ValueError, match="names a file that is not allowed"):
        made().load_weights(path)
    made().save_weights(path, max_shard_size=1)  # nor does writing remove what it names
    assert (path.parent.parent / "m_00000.weights.h5").read_bytes() == b"not to be opened"


def test_writing_removes_no_file_but_of_the_set(path: Path) -> None:
    (path.parent / "precious.weights.h5").write_bytes(b"kept")
    rewrite(path, lambda i: i["weight_map"].update({"/x/vars": ["precious.weights.h5"]}))
    made().save_weights(path, max_shard_size=1)
    assert (path.parent / "precious.weights.h5").read_bytes() == b"kept"


LIES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda i: i.pop("weight_map") and None, "must have a dict `weight_map`"),
    (lambda i: i.update(weight_map=[]), "must have a dict `weight_map`"),
    (lambda i: i.update(weight_map=None), "must have a dict `weight_map`"),
    (lambda i: i["metadata"].update(total_size=3), "3 bytes, but those in its files have"),
    (lambda i: i["metadata"].update(total_size="x" * 10**6), "bytes, but those in its files have"),
    (lambda i: i["metadata"].update(total_size=[1e300]), "bytes, but those in its files have"),
    (lambda i: i["weight_map"].pop("/layers/dense/vars") and None, "bytes, but those in its files"),
    (
        lambda i: i["lamina"].update({"m_00000.weights.h5": "0"}),
        "is damaged, or belongs to another",
    ),
    (lambda i: i["lamina"].update({"m_00000.weights.h5": None}), "is damaged"),
]


@pytest.mark.parametrize("number", range(len(LIES)))
def test_an_index_that_lies(number: int, path: Path) -> None:
    edit, words = LIES[number]
    rewrite(path, edit)
    with pytest.raises(ValueError, match=words) as caught:
        made().load_weights(path)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "text",
    ["", "[]", "3", '{"weight_map": ', '{"a": 1, "a": 1}', "[" * 10**6, "\xff", '{"":' * 300],
)
def test_an_index_that_is_none(text: str, path: Path) -> None:
    path.write_bytes(text.encode("latin1"))
    with pytest.raises(ValueError, match="The index"):
        made().load_weights(path)


def test_without_sums_and_size_as_keras_writes_it(path: Path) -> None:
    rewrite(path, lambda i: {"weight_map": i["weight_map"]})
    made().load_weights(path)
    rewrite(path, lambda i: i["weight_map"].pop("/layers/dense_1/vars") and None)
    with pytest.raises(ValueError, match="could not be loaded"):
        made().load_weights(path)


def test_a_file_that_is_none(path: Path) -> None:
    rewrite(path, lambda i: i.pop("lamina") and None)
    first = path.parent / "m_00000.weights.h5"
    whole = first.read_bytes()
    for data in (b"", b"nothing", whole[: len(whole) // 2], whole[:-1]):
        first.write_bytes(data)
        with pytest.raises(ValueError, match="no HDF5 that can be read"):
            made().load_weights(path)


def test_an_array_in_two_files(path: Path) -> None:
    first, second = (path.parent / f"m_0000{i}.weights.h5" for i in (0, 1))

    def both(index: Any) -> None:
        index.pop("lamina")
        where = index["weight_map"]
        index["weight_map"] = {group: [first.name, second.name] for group in where}

    second.write_bytes(first.read_bytes())
    rewrite(path, both)
    with pytest.raises(ValueError, match=r"'layers/dense/vars/0' lies in .* and in another file"):
        made().load_weights(path)


def test_mutants_of_the_index_load_or_are_refused(path: Path) -> None:
    text, rng = path.read_text(), random.Random(0)
    model = made()
    before = model.get_weights()
    loaded = 0
    for _ in range(1500):
        path.write_text(edited_text(text, rng), encoding="utf-8", errors="surrogateescape")
        try:
            model.load_weights(path)
            loaded += 1
            model.set_weights(before)
        except (ValueError, TypeError, FileNotFoundError):
            for a, b in zip(before, model.get_weights()):
                assert np.array_equal(a, b)
    assert 0 < loaded < 1500
