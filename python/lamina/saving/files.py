"""Models and weights in files, in Keras's formats and lamina's own."""

from __future__ import annotations

import datetime
import json
import warnings
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from lamina.graph.variable import limited_memory
from lamina.layers.weights import WeightHolder
from lamina.saving import paths
from lamina.saving.archive import read_archive, write_archive
from lamina.saving.assets import gather_assets, restore_assets
from lamina.saving.atomic import write_atomically
from lamina.saving.extra_state import gather_extra, restore_extra
from lamina.saving.hdf5 import from_hdf5, to_hdf5
from lamina.saving.native import from_safetensors, to_safetensors
from lamina.saving.newer_arguments import without_newer_arguments
from lamina.saving.paths import Path
from lamina.saving.shards import ENDING, read_shards, write_shards
from lamina.saving.state import gather, restore
from lamina.saving.trees import put_arrays_in, take_arrays_out, take_prefixed
from lamina.serialization.deserialize import deserialize_keras_object
from lamina.serialization.plain_json import read_json
from lamina.serialization.serialize import serialize_keras_object
from lamina.utils import check

_KERAS_VERSION = "3.15.1"  # whose format is written
_ASSETS = "assets/"
_EXTRA = "_lamina_state/"
_SPARE = 32 << 20  # bytes that layers and variables may take beyond those of the arrays


def save_model(
    model: Any, filepath: Path, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
) -> None:
    """Writes a model: config, weights, optimizer, compile's arguments, random streams, history.

    Args:
        filepath: ends in ".keras" (Keras's format) or ".safetensors" (lamina's own).
        overwrite: False asks on a terminal, and elsewhere refuses, where a file is already.

    The file appears as a whole, or the old one stays.

    Errors: ValueError for another ending or argument; OSError where it cannot be written.
    """
    if zipped is False:
        raise ValueError(
            "Models are saved as one file each; folders are neither written nor read. "
            "Received: zipped=False"
        )
    if kwargs.pop("include_optimizer", True) is not True:
        raise ValueError(
            "Models are saved with their optimizers; `load_model(path, compile=False)` leaves them "
            "out. Received: include_optimizer=False"
        )
    check.no_more("save", kwargs)
    write = _MODELS[paths.ending(filepath, _MODELS)]
    if not model.built:
        warnings.warn(
            "You are saving a model that has not yet been built. It might not contain any weights yet. "
            "Consider building the model first by calling it on some data.",
            stacklevel=3,
        )
    if paths.may_write(filepath, overwrite):
        write_atomically(filepath, lambda file: write(file, model))


def save_weights(
    model: Any, filepath: Path, overwrite: bool = True, max_shard_size: float | None = None
) -> None:
    """Writes the weights and the optimizer's state, without config.

    Args:
        filepath: ends in ".weights.h5" (Keras's format) or ".safetensors"; in ".weights.json" for
            several files.
        overwrite: as for `save_model`.
        max_shard_size: the arrays go into files of at most so many GB each, `<name>_00000.weights.h5`
            and so on, and `filepath` says what lies where.

    Errors: ValueError for another ending, an array larger than `max_shard_size`, or a model that is
    not built.
    """
    if max_shard_size is not None:
        _save_shards(model, paths.of_shards(filepath), overwrite, max_shard_size)
        return
    write = _WEIGHTS[paths.ending(filepath, _WEIGHTS)]
    _require_built("saving", model)
    if paths.may_write(filepath, overwrite):
        write_atomically(filepath, lambda file: write(file, model))


def _save_shards(model: Any, filepath: str, overwrite: bool, limit: float) -> None:
    check.number("max_shard_size", limit, 0)
    _require_built("saving", model)
    if paths.may_write(filepath, overwrite):
        write_shards(filepath, gather(model), gather_extra(model), limit)


def load_model(
    filepath: Path,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """The model of a file, as it was saved: it predicts the same, and training goes on.

    Args:
        filepath: a file of `model.save`, here or in Keras 3.
        custom_objects: own classes and functions by name, beside the registered ones.
        compile: whether to compile the model as it was, if it was.
        safe_mode: as in Keras.  Code is never run from a file, whatever it says.

    Errors: ValueError for files that are damaged, lie about what they hold, or do not fit their
    config; TypeError for classes that are not known.  (h5py is needed for writing `.keras` alone.)
    """
    native = paths.ending(filepath, _MODELS) == ".safetensors"
    read = read_native if native else read_keras
    return read(paths.read(filepath), custom_objects, compile, safe_mode)


def load_weights(
    model: Any,
    filepath: Path,
    skip_mismatch: bool = False,
    objects_to_skip: Any = None,
    **kwargs: Any,
) -> None:
    """Sets the weights and the optimizer's state to those of a file.

    Args:
        filepath: of `model.save_weights` or `model.save`, here or in Keras 3.
        skip_mismatch: leaves layers that do not fit as they are, with a warning.
        objects_to_skip: layers that are left as they are.

    Errors: ValueError for a model that is not built, or a file that is damaged or does not fit:
    nothing is changed then; for `by_name`, which is about files of Keras 2.
    """
    if "by_name" in kwargs:
        raise ValueError(
            "`by_name` is for files of Keras 2, which are not read; `skip_mismatch` and "
            f"`objects_to_skip` leave layers as they are. Received: by_name={kwargs['by_name']}"
        )
    check.no_more("load_weights", kwargs)
    kind = paths.ending(filepath, (*_WEIGHTS, ".keras", ENDING))
    _require_built("loading weights into", model)
    arrays, extra = _weights_of(filepath, kind)
    if "run" in extra and model.compiled and not model.optimizer.built:
        model.optimizer.build(model.trained_variables)  # a training that goes on needs its slots
    restore(model, arrays, skip_mismatch, objects_to_skip or ())
    if extra:
        restore_extra(model, extra, with_history=False)


def _weights_of(filepath: Path, kind: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays of a file by path, and what lamina keeps beside them."""
    if kind == ENDING:
        return read_shards(filepath)
    data = paths.read(filepath)
    if kind == ".safetensors":
        arrays, strings = from_safetensors(data)
        return arrays, _extra(arrays, strings)
    return from_hdf5(read_archive(data)["model.weights.h5"] if kind == ".keras" else data)


# --- the two formats ------------------------------------------------------------------------------


def write_keras(file: IO[bytes], model: Any) -> None:
    """A `.keras` archive."""
    now = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    members = {
        "metadata.json": json.dumps({"keras_version": _KERAS_VERSION, "date_saved": now}).encode(),
        "config.json": json.dumps(without_newer_arguments(serialize_keras_object(model))).encode(),
        "model.weights.h5": to_hdf5(gather(model), gather_extra(model)),
    }
    assets = {_ASSETS + name: content for name, content in gather_assets(model).items()}
    write_archive(file, {**members, **assets})


def _write_hdf5(file: IO[bytes], model: Any) -> None:
    file.write(to_hdf5(gather(model), gather_extra(model)))


def write_native(file: IO[bytes], model: Any) -> None:
    """A safetensors file; assets are arrays of bytes in it."""
    assets = gather_assets(model)
    arrays = {_ASSETS + name: np.frombuffer(c, np.uint8) for name, c in assets.items()}
    _write_safetensors(file, model, arrays, {"config": json.dumps(serialize_keras_object(model))})


def _write_arrays(file: IO[bytes], model: Any) -> None:
    """A safetensors file without config and assets."""
    _write_safetensors(file, model, {}, {})


def _write_safetensors(
    file: IO[bytes], model: Any, arrays: dict[str, np.ndarray], strings: dict[str, str]
) -> None:
    from lamina import __version__

    tree, found = take_arrays_out(gather_extra(model))
    arrays |= gather(model).arrays
    arrays |= {_EXTRA + name: array for name, array in found.items()}
    strings["state"] = json.dumps(tree)
    strings["versions"] = json.dumps({"lamina": __version__, "numpy": np.__version__})
    file.write(to_safetensors(arrays, strings))


_MODELS = {".keras": write_keras, ".safetensors": write_native}
_WEIGHTS = {".weights.h5": _write_hdf5, ".safetensors": _write_arrays}


def _extra(arrays: dict[str, np.ndarray], strings: Mapping[str, str]) -> Any:
    """What lamina keeps beside the state, taken out of the arrays."""
    tree = read_json("The state", strings.get("state", "{}"))
    return put_arrays_in(tree, take_prefixed(_EXTRA, arrays))


def read_keras(data: bytes, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """The model of the bytes of a `.keras` archive."""
    members = read_archive(data)
    config = read_json("config.json", members["config.json"])
    arrays, extra = from_hdf5(members["model.weights.h5"])
    assets = {n[len(_ASSETS) :]: c for n, c in members.items() if n.startswith(_ASSETS)}
    size = len(members["model.weights.h5"])
    model = _made(config, size, custom_objects, compile, safe_mode)
    return _filled(model, arrays, extra, assets)


def read_native(data: bytes, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """The model of the bytes of a safetensors file."""
    arrays, strings = from_safetensors(data)
    if "config" not in strings:
        raise ValueError("The file holds arrays, but no model: load it by `model.load_weights`")
    config = read_json("The config", strings["config"])
    extra = _extra(arrays, strings)
    size = sum(array.nbytes for array in arrays.values())
    model = _made(config, size, custom_objects, compile, safe_mode)
    assets = {n[len(_ASSETS) :]: a.tobytes() for n, a in arrays.items() if n.startswith(_ASSETS)}
    return _filled(model, arrays, extra, assets)


def _made(config: dict[str, Any], size: int, custom: Any, compile: bool, safe: bool) -> Any:
    """The layer or model of a config, which may take no more memory than the file's arrays and some."""
    if not compile:
        config["compile_config"] = None
    with limited_memory(size + _SPARE):
        try:
            made = deserialize_keras_object(config, custom, safe_mode=safe)
        except (ValueError, TypeError):
            raise
        except Exception as error:  # of a class that was given what nobody would give it
            raise ValueError(f"The config does not describe a model: {error!r}") from error
    if not isinstance(made, WeightHolder):
        raise ValueError(f"The config must describe a model. Received: {type(made).__name__}")
    return made


def _filled(model: Any, arrays: Any, extra: dict[str, Any], assets: Mapping[str, bytes]) -> Any:
    restore(model, arrays)
    restore_assets(model, assets)
    restore_extra(model, extra)
    return model


def _require_built(what: str, model: Any) -> None:
    if not model.built:
        raise ValueError(
            f"You are {what} a model that has not yet been built. Build it first, by calling it on "
            "some data or by `build()`."
        )
