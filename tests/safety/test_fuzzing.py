"""The fuzzer for a few seconds, and the files that it has found before."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

if sys.platform != "linux":
    pytest.skip("the fuzzer needs fork, timers and limits of Linux", allow_module_level=True)

import dataset_files
import model_files
from fuzz_files import FORMATS, fuzz
from guarded import run

from lamina.datasets import boston_housing, reuters

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


@pytest.mark.parametrize(
    ("name", "count"),
    [("native", 300), ("keras", 200), ("configs", 300), ("npz", 400), ("idx", 500)],
)
@pytest.mark.filterwarnings("ignore:You are saving a model that has not yet been built")
def test_mutants_load_or_are_refused(name: str, count: int) -> None:
    if name == "keras":
        pytest.importorskip("h5py")
    report = fuzz(name, range(count), seed=1)
    assert not report.finds, str(report)
    assert sum(report.counts.values()) == count
    assert report.counts["ValueError"] > count / 10
    assert any(outcome.startswith("loaded") for outcome in report.counts)


def _reader(name: str) -> Any:
    if not name.endswith(".npz"):
        return model_files.read_model
    module = reuters if name.startswith("pickle") else boston_housing
    return lambda path, index: str(module.load_data(path))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_was_found_before_is_refused(path: Path) -> None:
    report = run(lambda index: path.read_bytes(), _reader(path.name), path.suffix, range(1))
    assert not report.finds, str(report)
    assert set(report.counts) <= {"ValueError", "TypeError"}, str(report)


# --- the fuzzer sees what it looks for ------------------------------------------------------------


def _crash(path: str, index: int) -> str:
    os.abort()


def _hang(path: str, index: int) -> str:
    while True:
        pass


def _take_memory(path: str, index: int) -> str:
    return str(len(np.ones(100 << 20, np.uint8)))


def _raise(path: str, index: int) -> str:
    raise KeyError("x")


def _open(path: str, index: int) -> str:
    with open("/etc/hostname" if os.path.exists("/etc/hostname") else "/etc/passwd") as file:
        return file.read()[:0] + "loaded"


def _write(path: str, index: int) -> str:
    with open(os.path.join(os.path.dirname(dataset_files.__file__), "written"), "a"):
        return "loaded"


@pytest.mark.parametrize(
    ("read", "kind"),
    [(_crash, "crash"), (_hang, "hang"), (_take_memory, "MemoryError"), (_raise, "KeyError"),
     (_open, "forbidden: open '/etc"), (_write, "forbidden: open")],
)  # fmt: skip
def test_a_reader_that_does_wrong_is_found(
    read: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guarded.SECONDS", 0.2)

    def third(path: str, index: int) -> str:
        if index == 2:
            return read(path, index)
        raise ValueError

    report = run(lambda index: b"x", third, ".x", range(5))
    Path(dataset_files.__file__).with_name("written").unlink(missing_ok=True)
    assert [found[: len(kind)] for found in report.finds] == [kind]
    assert list(report.finds.values()) == [[2]]
    assert report.counts["ValueError"] == 4
    assert sum(report.counts.values()) == 5


def test_every_format_has_seeds_that_are_read_as_they_are(tmp_path: Path) -> None:
    """Mutants of what is refused anyway would show nothing."""
    for path_or_data in (*_seeds("native"), *_seeds("keras")):
        suffix, data = path_or_data
        path = tmp_path / f"seed{suffix}"
        path.write_bytes(data)
        assert model_files.read_model(str(path), 0).startswith("loaded")


def _seeds(name: str) -> list[tuple[str, bytes]]:
    if name == "keras":
        pytest.importorskip("h5py")
    with pytest.warns(UserWarning, match="not yet been built"):
        return [(FORMATS[name].suffix, data) for data in set(FORMATS[name].seeds())]
