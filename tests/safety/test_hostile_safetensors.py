"""Files of lamina's own format that lie: refused, before anything is made of what they claim."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import join_native, split_native, with_checksum

import lamina
from lamina import layers, models


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(3)])
    path = tmp_path_factory.mktemp("good") / "m.safetensors"
    model.save(path)
    return path.read_bytes()


def load(data: bytes, folder: Path) -> Any:
    path = folder / "m.safetensors"
    path.write_bytes(data)
    return models.load_model(path)


def changed(data: bytes, name: str, **entry: Any) -> bytes:
    """With another entry of an array in the header, and the checksum it would need."""
    header, body = split_native(data)
    header[name] = {**header[name], **entry}
    return with_checksum(header, body)


KERNEL, BIAS = "layers/dense/vars/0", "layers/dense/vars/1"
LIES: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda d: b"", "header should have 8 bytes"),
    (lambda d: d[:-1], "not as many as it needs"),
    (lambda d: d + b"x", "bytes that belong to no array"),
    (lambda d: (2**63).to_bytes(8, "little") + d[8:], "header should have"),
    (lambda d: (5).to_bytes(8, "little") + d[8:], "the header cannot be read"),
    (lambda d: join_native("[]", b""), "must be a JSON object"),
    (lambda d: join_native('{"a": 1, "a": 1}', b""), "a key stands there twice"),
    (lambda d: join_native("[" * 10**6, b""), "cannot be read"),
    (lambda d: join_native('{"a":' * 150 + "1" + "}" * 150, b""), "nested deeper"),
    (lambda d: join_native(json.dumps({"__metadata__": {"a": 1}}), b""), "not strings"),
    (lambda d: join_native(json.dumps({"x": 1}), b""), "must have a dtype"),
    (lambda d: changed(d, KERNEL, dtype="BF16"), "must hold numbers.*BF16"),
    (lambda d: changed(d, KERNEL, dtype="F8_E4M3"), "must hold numbers.*F8_E4M3"),
    (lambda d: changed(d, KERNEL, dtype=["F32"]), "must hold numbers"),
    (lambda d: changed(d, KERNEL, shape=[2, 300]), "not as many as it needs"),
    (lambda d: changed(d, KERNEL, shape=[2**62, 4]), "impossible sizes"),
    (lambda d: changed(d, KERNEL, shape=[2**62, 0]), "impossible sizes"),
    (lambda d: changed(d, KERNEL, shape=[-2, -3]), "impossible sizes"),
    (lambda d: changed(d, KERNEL, shape=[1] * 40 + [2, 3]), "impossible sizes"),
    (lambda d: changed(d, KERNEL, shape=[2.0, 3]), "impossible sizes"),
    (lambda d: changed(d, KERNEL, shape=[True, 6]), "impossible sizes"),
    (lambda d: changed(d, KERNEL, data_offsets=[0, 10**9]), "not as many as it needs"),
    (lambda d: changed(d, KERNEL, data_offsets=[0]), "two offsets"),
    (lambda d: changed(d, BIAS, data_offsets=[0, 12]), "which are not its own"),  # overlapping
    (lambda d: d.replace(b"lamina 1", b"lamina 9"), "another format"),
    (lambda d: d[:-1] + bytes([d[-1] ^ 1]), "checksum"),
    (lambda d: d.replace(b'"units\\": 3', b'"units\\": 4'), "checksum"),
]


@pytest.mark.parametrize(("lie", "message"), LIES)
def test_lies_are_refused(
    good: bytes, lie: Callable[[bytes], bytes], message: str, tmp_path: Path
) -> None:
    assert load(good, tmp_path).built
    with pytest.raises(ValueError, match=message):
        load(lie(good), tmp_path)


def test_arrays_without_numbers_may_have_any_modest_shape(tmp_path: Path) -> None:
    entry = {"dtype": "F32", "shape": [0, 7], "data_offsets": [0, 0]}
    data = with_checksum({"__metadata__": {"format": "lamina 1"}, "a": entry}, b"")
    with pytest.raises(ValueError, match="no model"):
        load(data, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [' + ",".join(["[]"] * 10**6) + "]}",
        '{"a": [' + ",".join(["1000"] * 10**6) + "]}",
        '{"a": [' + ",".join(['"ab"'] * 10**6) + "]}",
        json.dumps({"a": "😀" + "a" * 2 * 10**7}),
    ],
    ids=["lists", "numbers", "words", "wide"],
)
def test_a_text_that_would_become_far_larger_objects(text: str, tmp_path: Path) -> None:
    data = join_native(text, b"")
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="would become objects of"):
            load(data, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data) + (64 << 20)


def test_loading_a_large_model_takes_little_more_than_the_model(tmp_path: Path) -> None:
    model = lamina.Sequential([layers.Input((1000,)), layers.Dense(4000)])
    model.save(tmp_path / "m.safetensors")
    size = (tmp_path / "m.safetensors").stat().st_size
    del model
    tracemalloc.start()
    try:
        models.load_model(tmp_path / "m.safetensors")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2.2 * size


def test_a_long_chain_of_calls_in_the_wrong_order_takes_no_longer(tmp_path: Path) -> None:
    entry = layers.Input((1,))
    x = entry
    for i in range(400):
        x = layers.Dense(1, name=f"a{i}")(x)
    lamina.Model(entry, x).save(tmp_path / "m.safetensors")
    header, body = split_native((tmp_path / "m.safetensors").read_bytes())
    config = json.loads(header["__metadata__"]["config"])
    before = time.process_time()
    load(with_checksum(header, body), tmp_path)
    forwards = time.process_time() - before
    config["config"]["layers"].reverse()
    header["__metadata__"]["config"] = json.dumps(config)
    header = {k: v for k, v in header.items() if k == "__metadata__"}  # their names are others now
    before = time.process_time()
    with pytest.raises(ValueError, match="could not be loaded"):
        load(with_checksum(header, b""), tmp_path)
    assert time.process_time() - before < 3 * forwards + 1


def test_weights_of_a_hostile_file_change_nothing(good: bytes, tmp_path: Path) -> None:
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(3)])
    before = model.get_weights()
    for i, (lie, _) in enumerate(LIES):
        path = tmp_path / f"{i}.safetensors"
        path.write_bytes(lie(good))
        with pytest.raises(ValueError):
            model.load_weights(path)
    for a, b in zip(before, model.get_weights()):
        np.testing.assert_array_equal(a, b)
