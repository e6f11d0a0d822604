"""Mutants of files of models: safetensors, and Keras's archives."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import sys
import tempfile
import zipfile
from typing import Any

import numpy as np
from bytes_edits import edited_bytes
from json_edits import edited_text

import lamina
from lamina import layers
from lamina.saving.native import _checksum

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "saving"))
from kinds_of_models import KINDS, trained

SHAPES = ([], [0], [1], [2**63 - 1, 0], [2**40, 2**40, 0], [10**9], [-1], [1, 1], [3, 4], [2**64])
DTYPES = (
    "F32",
    "F64",
    "F16",
    "BF16",
    "F8_E4M3",
    "I8",
    "I32",
    "I64",
    "U8",
    "U32",
    "U64",
    "BOOL",
    "X",
)


def models() -> list[Any]:
    """Small models that have something of everything a config can hold."""
    made = [trained(lamina, kind) for kind in KINDS]
    made += [_tiny()] * 20  # most mutants are of it: the campaign is long
    schedule = lamina.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    many = lamina.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(4, kernel_regularizer="l2", kernel_constraint="max_norm"),
            layers.PReLU(),
            layers.GaussianNoise(0.1, seed=1),
            layers.Reshape((2, 2)),
            layers.EinsumDense("abc,cd->abd", (2, 3), activation="gelu"),
            layers.GroupNormalization(3),
            layers.Permute((2, 1)),
            layers.ZeroPadding1D(1),
            layers.UpSampling1D(2),
            layers.Flatten(),
            layers.Dense(3, kernel_initializer=lamina.initializers.Orthogonal(seed=1)),
        ]
    )
    many.compile(lamina.optimizers.SGD(schedule, momentum=0.9), "mse", metrics=["mae", "mse"])
    made.append(many)
    tokens = layers.Input((3,))
    embedded = layers.Embedding(5, 4, mask_zero=True)(tokens)
    mixed = lamina.ops.mean(embedded * 2.0 + 1.0, axis=1)
    mixed = lamina.ops.concatenate([mixed, lamina.ops.reshape(mixed, (-1, 4))], axis=-1)
    ends = [
        layers.Dense(1, "sigmoid", name="a")(mixed),
        layers.Dense(3, "softmax", name="b")(mixed),
    ]
    two = lamina.Model(tokens, ends)
    two.compile(
        "rmsprop", ["binary_crossentropy", "categorical_crossentropy"],
        metrics=[[lamina.metrics.AUC(5)], [lamina.metrics.F1Score()]],
    )  # fmt: skip
    made.append(two)
    lookup = layers.StringLookup(vocabulary=["a", "b"], num_oov_indices=2)
    made.append(lamina.Sequential([layers.Rescaling(0.5), layers.Discretization([0.0, 1.0])]))
    made.append(lamina.Sequential([lookup]))
    learnt = layers.StringLookup()
    learnt.adapt(np.array(["c", "d", "d"]))
    made.append(lamina.Sequential([learnt]))
    return made


def _tiny() -> Any:
    model = lamina.Sequential(
        [layers.Input((2,)), layers.Dense(1, "relu"), layers.Dropout(0.5, seed=1)]
    )
    model.compile("sgd", "mse")
    return model


def seeds(ending: str) -> list[bytes]:
    """The files of these models."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for i, model in enumerate(models()):
            path = os.path.join(folder, f"{i}{ending}")
            model.save(path)
            with open(path, "rb") as file:
                found.append(file.read())
    return found


def read_model(path: str, index: int) -> str:
    """What `load_model` makes of it; what is loaded must describe itself, and may predict."""
    model = lamina.models.load_model(path)
    model.get_config()
    for variable in model.variables:
        assert variable.numpy().shape == variable.shape
    if index % 8 == 0 and getattr(model, "inputs", None):
        return _used(model)
    return "loaded"


def _used(model: Any) -> str:
    shapes = [tuple(2 if d is None else d for d in x.shape) for x in model.inputs]
    if sum(int(np.prod(shape, dtype=float)) for shape in shapes) > 10000:
        return "loaded"
    x = [np.zeros(shape, np.float32) for shape in shapes]
    try:
        model.predict(x if len(x) > 1 else x[0], verbose=0)
    except Exception as error:  # using it may well be too much
        return f"loaded; predict: {type(error).__name__}"
    return "loaded, predicts"


# --- safetensors ----------------------------------------------------------------------------------


def split_native(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and bytes."""
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def join_native(header: Any, body: bytes) -> bytes:
    """A file; the header is a value, or a text."""
    text = (header if isinstance(header, str) else json.dumps(header)).encode("utf-8", "replace")
    return len(text).to_bytes(8, "little") + text + body


def native(files: list[bytes], rng: random.Random) -> bytes:
    """A mutant of a safetensors file."""
    data = rng.choice(files)
    kind = rng.random()
    if kind < 0.85:
        return edited_bytes(data, rng, rng.choice(files))
    header, body = split_native(data)
    if kind < 0.95:
        strings = header["__metadata__"]
        key = rng.choice(("config", "config", "config", "config", "state", "versions", "format"))
        if key in ("config", "state"):
            strings[key] = edited_text(strings[key], rng)
        else:
            strings[key] = rng.choice(("", "{}", "lamina 2", "x"))
    elif kind < 0.98:
        body = _edit_arrays(header, body, rng)
    else:
        return join_native(edited_text(json.dumps(header), rng), body)
    return with_checksum(header, body)


def _edit_arrays(header: dict[str, Any], body: bytes, rng: random.Random) -> bytes:
    names = [name for name in header if name != "__metadata__"] or ["x"]
    name = rng.choice(names)
    entry = header.setdefault(name, {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]})
    kind = rng.randrange(7)
    if kind == 0:
        header[rng.choice((name + "x", "assets/../x", "assets/a/b", "x" * 300, ""))] = header.pop(
            name
        )
    elif kind == 1:
        entry["shape"] = rng.choice((*SHAPES, entry["shape"][::-1], [*entry["shape"], 1]))
    elif kind == 2:
        entry["dtype"] = rng.choice(DTYPES)
    elif kind == 3:
        entry["data_offsets"] = [rng.choice((0, -1, 4, 10**9, 2**63, len(body))) for _ in "ab"]
    elif kind == 4:
        del header[name]
    elif kind == 5:
        more = {"dtype": rng.choice(DTYPES), "shape": rng.choice(SHAPES)}
        header["y"] = {**more, "data_offsets": [len(body), len(body)]}
    else:
        return edited_bytes(body, rng)
    return body


def with_checksum(header: dict[str, Any], body: bytes) -> bytes:
    """With the checksum that fits, if there is one: else nothing would come further than it."""
    strings = {k: v for k, v in header["__metadata__"].items() if k != "checksum"}
    arrays = {}
    try:
        for name, entry in header.items():
            if name != "__metadata__":
                first, last = entry["data_offsets"]
                dtype = {"F": "f", "I": "i", "U": "u"}[entry["dtype"][0]]
                array = np.frombuffer(body[first:last], f"{dtype}{int(entry['dtype'][1:]) // 8}")
                arrays[name] = array.reshape(entry["shape"])
        header["__metadata__"]["checksum"] = _checksum(arrays, strings)
    except (ValueError, KeyError, TypeError, OverflowError, UnicodeEncodeError):
        pass
    return join_native(header, body)


# --- Keras's archives -----------------------------------------------------------------------------


def keras(files: list[bytes], rng: random.Random) -> bytes:
    """A mutant of a `.keras` archive."""
    data = rng.choice(files)
    kind = rng.random()
    if kind < 0.4:
        return edited_bytes(data, rng, rng.choice(files))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = members["model.weights.h5"]
    if kind < 0.55:
        members["config.json"] = edited_text(members["config.json"].decode(), rng).encode(
            "utf-8", "replace"
        )
    elif kind < 0.87:
        members["model.weights.h5"] = edited_bytes(weights, rng, weights)
    elif kind < 0.97:
        from hdf5_edits import edited_hdf5

        members["model.weights.h5"] = edited_hdf5(weights, rng)
    else:
        name = rng.choice(list(members))
        members[rng.choice(("assets/x", "../x", "/x", "x", "assets/../x", "assets/"))] = members[
            name
        ]
        if rng.random() < 0.5:
            del members[name]
    return _edit_zip(_zipped(members, rng), rng)


def _zipped(members: dict[str, bytes], rng: random.Random) -> bytes:
    buffer = io.BytesIO()
    kinds = (zipfile.ZIP_STORED,) * 5 + (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)
    with zipfile.ZipFile(buffer, "w", rng.choice(kinds)) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
            if rng.random() < 0.01:
                archive.infolist().append(archive.infolist()[0])
    return buffer.getvalue()


def _edit_zip(data: bytes, rng: random.Random) -> bytes:
    """Now and then a field of a central or local header with another value."""
    if rng.random() > 0.15:
        return data
    made = bytearray(data)
    mark = rng.choice((b"PK\1\2", b"PK\3\4", b"PK\5\6"))
    places = [i for i in range(len(made) - 46) if made[i : i + 4] == mark]
    if places:
        at = rng.choice(places) + 4 + 2 * rng.randrange(21)
        value = rng.choice((0, 1, 8, 9, 255, 2**16 - 1, 2**31, 2**32 - 1, len(data)))
        struct.pack_into("<I", made, min(at, len(made) - 4), value)
    return bytes(made)
