"""Files of real Keras, of several releases, and lamina's own beside them.

The other direction needs Keras itself: exchange_files.py.
"""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exchange import CASES, KEPT

import lamina
from lamina.saving.newer_arguments import without_newer_arguments

h5py = pytest.importorskip("h5py")
import exchange_files  # noqa: E402

ARCHIVES = sorted((Path(__file__).parent / "keras_files").glob("*.zip"))
NEWEST = Path(__file__).parent / "keras_files" / "3.15.1.zip"
WRITTEN = [
    (archive, name)
    for archive in ARCHIVES
    for name in CASES
    if name.replace("/", "-") + ".npz" in zipfile.ZipFile(archive).namelist()
]


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The files of one case, of the archive that the test is for."""
    archive, name = request.getfixturevalue("written")
    with zipfile.ZipFile(archive) as packed:
        for member in packed.namelist():
            if member.startswith(name.replace("/", "-") + "."):
                packed.extract(member, tmp_path)
    return tmp_path


# What files of older releases say differently, to Keras 3.15.1 too.  (It only warns of weights that
# are not in the file, in lists inside of lists.)
OLDER = ("3.0.5", "3.3.3", "3.6.0", "3.9.2", "3.12.0")
CHANGED = {
    **{(release, "model/subclassed"): "expected 2 variables, but received 0" for release in OLDER},
    **{(release, "optimizer/SGD_accumulation"): "shape" for release in OLDER[:4]},  # of averages
    ("3.6.0", "layer/normalization"): "predictions differ",
    ("3.6.0", "compile/dicts"): "figures differ",
}


@pytest.mark.parametrize("written", WRITTEN, ids=lambda w: f"{w[0].stem} {w[1]}")
@pytest.mark.filterwarnings("ignore:Layer 'flatten' .* was passed an input with a mask")
def test_what_keras_wrote(written: tuple[Path, str], folder: Path) -> None:
    """Weights and optimizer bit by bit, predictions, figures, and training that goes on."""
    release, name = written[0].stem, written[1]
    read = functools.partial(exchange_files.read_case, lamina, CASES[name], name.replace("/", "-"))
    if (release, name) in CHANGED:
        with pytest.raises((ValueError, AssertionError), match=CHANGED[release, name]):
            read(folder)
    else:
        assert read(folder).keys() >= {"predicted"}


def test_operations_that_keras_wrote(tmp_path: Path) -> None:
    """A model of most functions of `ops` and `activations`, from its TensorFlow backend."""
    with zipfile.ZipFile(Path(__file__).parent / "keras_operations.zip") as packed:
        packed.extractall(tmp_path)
    case = CASES["operations/all"]
    assert exchange_files.read_case(lamina, case, "operations-all", tmp_path).keys() == {
        "predicted"
    }


def test_six_releases_are_kept() -> None:
    assert [archive.stem for archive in ARCHIVES] == [
        "3.0.5", "3.12.0", "3.15.1", "3.3.3", "3.6.0", "3.9.2",
    ]  # fmt: skip
    assert {name for archive, name in WRITTEN if archive == NEWEST} == set(KEPT)


# --- what lamina writes, beside Keras's -----------------------------------------------------------


def layout(data: bytes) -> dict[str, Any]:
    """Shapes and dtypes of arrays, and the names of groups, by path."""
    found: dict[str, Any] = {}

    def take(path: str, item: Any) -> None:
        if not path.startswith("_"):  # lamina's own
            array = isinstance(item, h5py.Dataset)
            found[path] = (item.shape, str(item.dtype)) if array else sorted(item.attrs)

    with h5py.File(io.BytesIO(data), "r") as file:
        file.visititems(take)
    return found


def plain(entry: Any, key: str = "") -> Any:
    """A config without what Keras writes by its backend, addresses, what calls are told by default,
    and the gain of Identity, which Keras leaves out."""
    if isinstance(entry, dict):
        left_out = {"jit_compile", "shared_object_id", "gain"}
        told = {"mask": None, "training": False} if key == "kwargs" else {}
        items = {k: v for k, v in entry.items() if k not in left_out and (k, v) not in told.items()}
        return {k: plain(v, k) for k, v in items.items()}
    if key == "input_shape" and entry:
        return [None, *entry[1:]]  # Keras keeps the number of rows that a class was built with
    return [plain(v) for v in entry] if isinstance(entry, list) else entry


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.filterwarnings("ignore:Layer 'flatten' .* was passed an input with a mask")
def test_files_are_laid_out_as_keras_lays_them_out(name: str, tmp_path: Path) -> None:
    lamina.utils.clear_session()
    model, x, y = CASES[name].make(lamina)
    if y is not None:
        exchange_files.train(model, x, y)
    model.save(tmp_path / "m.keras")
    own = exchange_files.members(tmp_path / "m.keras")
    with zipfile.ZipFile(NEWEST) as packed:
        (tmp_path / "k.keras").write_bytes(packed.read(name.replace("/", "-") + ".keras"))
    other = exchange_files.members(tmp_path / "k.keras")
    assert list(own) == list(other)
    assert layout(own["model.weights.h5"]) == layout(other["model.weights.h5"])
    metadata = [json.loads(files["metadata.json"]) for files in (own, other)]
    assert metadata[0].keys() == metadata[1].keys()
    assert metadata[0]["keras_version"] == metadata[1]["keras_version"]
    configs = [json.loads(files["config.json"]) for files in (own, other)]
    assert configs[0] == without_newer_arguments(configs[0])
    configs = [plain(without_newer_arguments(config)) for config in configs]
    for config in configs:
        del config["config"]["name"]  # counted on
    assert configs[0] == configs[1]


def test_newer_arguments_are_left_out_where_they_say_nothing() -> None:
    """Keras up to 3.12.0 refuses a file that has them.  Those of users' classes stay."""
    layer = lamina.layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 3.0})
    entry = lamina.saving.serialize_keras_object([layer, lamina.layers.Dense(2)])
    own = {"module": "mine", "class_name": "Mine", "config": {"renorm": False}}
    norm, dense, mine = without_newer_arguments([*entry, own])
    assert norm["config"]["renorm"] is True
    assert norm["config"]["renorm_clipping"] == {"rmax": 3.0}
    assert "renorm_momentum" not in norm["config"]
    assert "quantization_config" not in dense["config"]
    assert "input_axes" not in dense["config"]["kernel_initializer"]["config"]
    assert mine == own
    again = lamina.saving.deserialize_keras_object([norm, dense])
    assert [lamina.saving.serialize_keras_object(x) for x in again] == entry


# --- every case in lamina's hands -----------------------------------------------------------------


def classes(entry: Any) -> Iterator[str]:
    """The names of the classes in a config."""
    if isinstance(entry, dict):
        if "class_name" in entry:
            yield entry["class_name"]
        entry = list(entry.values())
    if isinstance(entry, list):
        for item in entry:
            yield from classes(item)


def public(family: Any, base: type) -> set[str]:
    found = {name: getattr(family, name) for name in family.__all__}
    kinds = {n: c for n, c in found.items() if isinstance(c, type) and issubclass(c, base)}
    return {name for name, kind in kinds.items() if kind is not base and kind.__name__ == name}


@functools.cache
def covered() -> set[str]:
    found: set[str] = set()
    for case in CASES.values():
        lamina.utils.clear_session()
        config = lamina.saving.serialize_keras_object(case.make(lamina)[0])
        found |= set(classes(json.loads(json.dumps(config))))
    return found


@pytest.mark.filterwarnings("ignore:Layer 'flatten' .* was passed an input with a mask")
def test_every_class_that_has_a_config_goes_through_files() -> None:
    families = {
        lamina.layers: lamina.layers.Layer,
        lamina.optimizers: lamina.optimizers.Optimizer,
        lamina.optimizers.schedules: lamina.optimizers.schedules.LearningRateSchedule,
        lamina.losses: lamina.losses.Loss,
        lamina.initializers: lamina.initializers.Initializer,
        lamina.regularizers: lamina.regularizers.Regularizer,
        lamina.constraints: lamina.constraints.Constraint,
    }
    wanted = {name for family, base in families.items() for name in public(family, base)}
    elsewhere = {
        "RandomInitializer",  # a base class
        "Wrapper",  # too; its subclasses are in files
        "TextVectorization",  # in table/texts, as an attribute that no config lists
        "FunctionLoss",  # has the name that Keras gives it: LossFunctionWrapper
        "HashedCrossing",  # made by FeatureSpace, whose config names what is crossed
    }
    assert len(wanted) > 100
    assert wanted - covered() - elsewhere == set()


def bits(model: Any) -> list[bytes]:
    optimizer = getattr(model, "optimizer", None)
    state = [*model.variables, *(optimizer.variables if optimizer else [])]
    return [v.numpy().tobytes() for v in state]


@pytest.mark.parametrize(  # the formats in turn
    ("name", "ending"),
    [
        (name, (".keras", ".safetensors")[i % 2])
        for i, name in enumerate(CASES)
        if not name.startswith("table/space")
    ],
)
@pytest.mark.filterwarnings("ignore:Layer 'flatten' .* was passed an input with a mask")
def test_training_goes_on_with_the_same_bits(name: str, ending: str, tmp_path: Path) -> None:
    """Also where random numbers are drawn, and where Keras itself could not go on."""
    lamina.utils.clear_session()
    model, x, y = CASES[name].make(lamina)
    if y is not None:
        model.fit(x, y, batch_size=8, epochs=1, verbose=0)
    model.save(tmp_path / f"m{ending}")
    other = lamina.models.load_model(tmp_path / f"m{ending}")
    assert bits(other) == bits(model)
    if y is not None:
        np.testing.assert_equal(other.history.history, model.history.history)
        for each in (model, other):
            each.fit(x, y, batch_size=8, epochs=1, verbose=0)
        assert bits(other) == bits(model)
    for a, b in zip(exchange_files.predictions(model, x), exchange_files.predictions(other, x)):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("ending", [".keras", ".safetensors"])
@pytest.mark.parametrize("name", ["table/space", "table/space_of_dicts"])
def test_spaces_come_back(name: str, ending: str, tmp_path: Path) -> None:
    space, table, _ = CASES[name].make(lamina)
    space.save(tmp_path / f"s{ending}")
    other = lamina.models.load_model(tmp_path / f"s{ending}")
    for a, b in zip(exchange_files.flat(space(table)), exchange_files.flat(other(table))):
        np.testing.assert_array_equal(a, b)


def test_a_space_that_was_not_adapted(tmp_path: Path) -> None:
    space = lamina.utils.FeatureSpace({"a": "float_normalized", "b": "string_categorical"})
    with pytest.warns(UserWarning, match="not yet been built"):
        space.save(tmp_path / "s.keras")
    other = lamina.models.load_model(tmp_path / "s.keras")
    with pytest.raises(ValueError, match="adapt"):
        other({"a": [1.0], "b": ["x"]})
