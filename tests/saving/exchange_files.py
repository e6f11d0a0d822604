"""Files from lamina to real Keras and back: weights, optimizer, predictions, and training that goes on.

    PYTHONPATH=python python tests/saving/exchange_files.py write lamina FOLDER
    KERAS_BACKEND=jax python tests/saving/exchange_files.py read keras FOLDER

and the same with the names changed places, where `keras` is any release of Keras 3.  `--only TEXT`
takes the cases whose names have the text in them, `--only kept` those of KEPT; a FOLDER may be a .zip.
`read` prints the worst differences of each group of cases, and every case that failed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import io
import re
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parent.parent))
from exchange import CASES, KEPT, FileCase

Arrays = dict[str, np.ndarray]
PREDICTED, TRAINED = 1e-5, 1e-4  # of the largest number: libraries add in another order
SPECIFICATION = "3.15.1"  # the release that lamina computes as


def arrays_in(data: bytes) -> Arrays:
    """The arrays of a file of weights by path, without what lamina keeps beside them."""
    import h5py

    found: Arrays = {}

    def take(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not path.startswith("_"):
            found[path] = np.asarray(item)

    with h5py.File(io.BytesIO(data), "r") as file:
        file.visititems(take)
    return found


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def state(model: Any) -> Arrays:
    """What a file of this model holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.keras"
        model.save(path)
        return arrays_in(members(path)["model.weights.h5"])


def flat(values: Any) -> list[np.ndarray]:
    if isinstance(values, dict):
        return [array for key in sorted(values) for array in flat(values[key])]
    if isinstance(values, (list, tuple)):
        return [array for value in values for array in flat(value)]
    return [np.asarray(values)]


def predictions(model: Any, x: Any) -> list[np.ndarray]:
    """What a model makes of x, or a FeatureSpace of a table."""
    return flat(model.predict(x, verbose=0) if hasattr(model, "predict") else model(x))


def release_of(keras: Any) -> str:
    """The release of Keras that the library computes as."""
    return SPECIFICATION if keras.__name__ == "lamina" else str(keras.__version__)


def vocabularies(model: Any) -> dict[str, list[str]]:
    """Of the layers that are a model's attributes, by their names."""
    found = {name: x for name, x in vars(model).items() if hasattr(x, "get_vocabulary")}
    return {name: list(map(str, x.get_vocabulary())) for name, x in sorted(found.items())}


def train(model: Any, x: Any, y: Any, epochs: int = 1) -> None:
    model.fit(x, y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)


def difference(found: Any, wanted: Any) -> float:
    """The largest one, as a share of the largest number."""
    found, wanted = np.asarray(found, "float64"), np.asarray(wanted, "float64")
    if found.shape != wanted.shape:
        raise AssertionError(f"shape {found.shape} instead of {wanted.shape}")
    if not np.array_equal(np.isnan(found), np.isnan(wanted)):
        raise AssertionError(f"NaN in other places: {found} instead of {wanted}")
    size = max(1e-3, float(np.nanmax(np.abs(wanted), initial=0)))
    return float(np.nanmax(np.abs(found - wanted), initial=0)) / size


# --- writing --------------------------------------------------------------------------------------


def write_case(keras: Any, case: FileCase, name: str, folder: Path) -> None:
    """<name>.keras, <name>.weights.h5, <name>.weights.json with files of a size in which the largest
    array fits, and what is to be found again in <name>.npz."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    model, x, y = case.make(keras)
    if y is not None:
        train(model, x, y, 2)
    path = folder / name
    model.save(path.with_suffix(".keras"))
    if hasattr(model, "save_weights"):
        model.save_weights(path.with_suffix(".weights.h5"))
        if has_shards(model):
            kept = (*model.variables, *optimizer_of(model))
            sizes = [np.dtype(v.dtype).itemsize * np.prod(v.shape) for v in kept]
            size = max(sizes, default=4)
            index = path.with_suffix(".weights.json")
            for _ in range(2):  # lamina gives a set that takes the place of another other names
                model.save_weights(index, max_shard_size=1.5 * float(size) / 1024**3)
    expected: Arrays = {"release": np.array(release_of(keras))}
    for i, array in enumerate(predictions(model, x)):
        expected[f"predicted/{i}"] = array
    for name_of, words in vocabularies(model).items():
        expected[f"vocabulary/{name_of}"] = np.array(words)
    if y is not None:
        figures = model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)
        for key, value in figures.items():
            expected[f"evaluated/{key}"] = np.asarray(value)
        if refits(keras, case) and not case.random:
            train(model, x, y)
            found = state(model)
            expected |= {f"trained/{key}": value for key, value in found.items()}
    np.savez_compressed(
        path.with_suffix(".npz"), **{k.replace("/", "|"): v for k, v in expected.items()}
    )


# --- reading --------------------------------------------------------------------------------------


def read_case(keras: Any, case: FileCase, name: str, folder: Path) -> dict[str, float]:
    """The worst differences; AssertionError where bits or more than roundings differ."""
    keras.utils.clear_session()
    _, x, y = case.make(keras)  # makes the classes known
    path = folder / name
    stored = arrays_in(members(path.with_suffix(".keras"))["model.weights.h5"])
    with np.load(path.with_suffix(".npz")) as file:
        expected = {key.replace("|", "/"): file[key] for key in file.files}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        model = keras.models.load_model(path.with_suffix(".keras"))
    told = [str(w.message) for w in warned if re.search("load|skip|unknown", str(w.message), re.I)]
    assert not told, told
    assert_same(state(model), stored, "of the model")
    found = {"predicted": 0.0}
    for i, array in enumerate(predictions(model, x)):
        wanted = expected[f"predicted/{i}"]
        found["predicted"] = max(found["predicted"], difference(array, wanted))
    assert found["predicted"] <= PREDICTED, f"predictions differ by {found['predicted']}"
    for name_of, words in vocabularies(model).items():
        if f"vocabulary/{name_of}" in expected:  # not in the files that are kept
            assert words == expected[f"vocabulary/{name_of}"].tolist(), f"words of {name_of}"
    if hasattr(model, "load_weights"):
        overwrite(model)
        model.load_weights(path.with_suffix(".weights.h5"))
        assert_same(state(model), stored, "of the weights")
        if has_shards(model) and path.with_suffix(".weights.json").exists():
            overwrite(model)
            model.load_weights(path.with_suffix(".weights.json"))
            assert_same(state(model), stored, "of the weights in several files")
    if y is not None:
        same = str(expected["release"]) == release_of(keras)
        found |= read_compiled(model, x, y, expected, same)
        if refits(keras, case):
            found |= read_training(model, x, y, expected, same and not case.random)
    return found


def read_compiled(model: Any, x: Any, y: Any, expected: Arrays, same: bool) -> dict[str, float]:
    """What it measures: `same` as the release that wrote the file, else what both have, because
    names have changed."""
    figures = model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)
    wanted = {k.partition("/")[2]: v for k, v in expected.items() if k.startswith("evaluated/")}
    if same:
        assert sorted(figures) == sorted(wanted), f"{sorted(figures)} instead of {sorted(wanted)}"
    both = figures.keys() & wanted.keys()
    assert "loss" in both
    found = max(difference(figures[key], wanted[key]) for key in both)
    assert found <= TRAINED, f"figures differ: {figures} instead of {wanted}"
    return {"evaluated": found}


def read_training(model: Any, x: Any, y: Any, expected: Arrays, same: bool) -> dict[str, float]:
    """Training that goes on: to the `same` numbers, else to finite ones, where random numbers are
    drawn and where the formulas of another release were others."""
    train(model, x, y)
    trained = state(model)
    wanted = {k.partition("/")[2]: v for k, v in expected.items() if k.startswith("trained/")}
    if not same or not wanted:
        assert all(np.isfinite(array).all() for array in trained.values())
        return {}
    assert sorted(trained) == sorted(wanted)
    found = {key: difference(trained[key], wanted[key]) for key in wanted}
    worst = max(found, key=lambda key: found[key])
    assert found[worst] <= TRAINED, f"{worst} differs by {found[worst]}"
    return {"trained": found[worst]}


def has_shards(model: Any) -> bool:
    """Whether the library writes weights in several files."""
    return "max_shard_size" in inspect.signature(model.save_weights).parameters


def optimizer_of(model: Any) -> list[Any]:
    """The optimizer's variables."""
    optimizer = getattr(model, "optimizer", None)
    return list(optimizer.variables) if optimizer else []


def overwrite(model: Any) -> None:
    """Other numbers in all weights and optimizer variables."""
    for variable in [*model.weights, *optimizer_of(model)]:
        variable.assign(np.full(variable.shape, 77, variable.dtype))


def assert_same(found: Arrays, stored: Arrays, what: str) -> None:
    """Bit by bit; counts may be of another width, as they are on TensorFlow."""
    missing, more = sorted(set(stored) - set(found)), sorted(set(found) - set(stored))
    assert not missing + more, f"arrays {what}: missing {missing}, unexpected {more}"
    for path, array in stored.items():
        other = found[path].astype("int64") if found[path].dtype.kind == "i" else found[path]
        array = array.astype("int64") if array.dtype.kind == "i" else array
        same = other.dtype == array.dtype and other.tobytes() == array.tobytes()
        assert same, f"{path} {what} has other bits: {other} instead of {array}"


# --- all of it ------------------------------------------------------------------------------------


def chosen(keras: Any, only: str) -> Iterator[tuple[str, FileCase]]:
    for name, case in CASES.items():
        if (name in KEPT if only == "kept" else only in name) and has(keras, case):
            yield name, case


def refits(keras: Any, case: FileCase) -> bool:
    """Whether training can go on after it ended."""
    return keras.__name__ == "lamina" or case.refits or keras.backend.backend() != "jax"


def has(keras: Any, case: FileCase) -> bool:
    """Whether this release of Keras, with its backend, can make the case."""
    if keras.__name__ == "lamina":
        return True
    release = tuple(int(part) for part in keras.__version__.split(".")[:2])
    of = keras.backend.backend()
    can = (of != "torch" or case.on_torch) and (of == "tensorflow" or not case.tensorflow)
    return can and case.since <= release


@contextlib.contextmanager
def unpacked(folder: Path, what: str) -> Iterator[Path]:
    """The folder; of a name that ends in ".zip" one that is packed there, or was."""
    if folder.suffix != ".zip":
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        if what == "read":
            with zipfile.ZipFile(folder) as archive:
                archive.extractall(name)
        yield Path(name)
        if what == "write":
            with zipfile.ZipFile(folder, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
                for path in sorted(Path(name).iterdir()):
                    archive.write(path, path.name)


def run(what: str, keras: Any, folder: Path, only: str) -> dict[str, Exception]:
    """Writes or reads the chosen cases and prints what was found; the errors by case."""
    worst: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    passed: dict[str, int] = defaultdict(int)
    failed = {}
    for name, case in chosen(keras, only):
        group, file = name.partition("/")[0], name.replace("/", "-")
        if what == "read" and not (folder / f"{file}.npz").exists():
            continue
        try:
            if what == "write":
                write_case(keras, case, file, folder)
            else:
                for kind, size in read_case(keras, case, file, folder).items():
                    worst[group][kind] = max(worst[group][kind], size)
            passed[group] += 1
        except Exception as error:  # told by the caller, one and all
            failed[name] = error
    for group, count in passed.items():
        figures = ", ".join(f"{kind} {size:.1e}" for kind, size in worst[group].items())
        print(f"{group:14} {count:4} cases  {figures}")
    count, release = sum(passed.values()), f"{keras.__name__} {keras.__version__}"
    print(f"{what} {release}: {count} cases, {len(failed)} failed")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("write", "read"))
    parser.add_argument("library", choices=("lamina", "keras"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    keras = importlib.import_module(options.library)
    with unpacked(options.folder, options.what) as folder:
        failed = run(options.what, keras, folder, options.only)
    for name, error in failed.items():
        where = traceback.extract_tb(error.__traceback__)[-1]
        print(
            f"FAILED {name}: {type(error).__name__}: {str(error)[:600]} ({where.filename}:{where.lineno})"
        )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
