"""Models in files and back: the same predictions, and training goes on with the same bits."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_of_models import KINDS, X, Y, trained

import lamina
from lamina import callbacks, layers, models, saving

pytest.importorskip("h5py")

ENDINGS = (".keras", ".safetensors")


def predicted(model: Any) -> np.ndarray:
    return np.asarray(model.predict(X, verbose=0))


def state(model: Any) -> list[np.ndarray]:
    return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]


def assert_same(first: Any, second: Any) -> None:
    a, b = state(first), state(second)
    assert len(a) == len(b)
    for one, other in zip(a, b):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_comes_back_and_trains_on_with_the_same_bits(
    kind: str, ending: str, tmp_path: Path
) -> None:
    model = trained(lamina, kind)
    model.save(tmp_path / f"m{ending}")
    again = models.load_model(tmp_path / f"m{ending}")
    np.testing.assert_array_equal(predicted(again), predicted(model))
    assert_same(again, model)
    assert again.history.history == model.history.history
    assert repr(again.history) == repr(model.history)
    for m in (model, again):
        m.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert_same(again, model)


@pytest.mark.parametrize("ending", [".weights.h5", ".safetensors"])
@pytest.mark.parametrize("kind", KINDS)
def test_weights_come_back_with_the_optimizers_state(
    kind: str, ending: str, tmp_path: Path
) -> None:
    model, other = trained(lamina, kind), trained(lamina, kind)
    model.save_weights(tmp_path / f"m{ending}")
    other.load_weights(tmp_path / f"m{ending}")
    assert_same(other, model)
    for m in (model, other):
        m.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert_same(other, model)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_model_that_is_not_built_or_compiled(ending: str, tmp_path: Path) -> None:
    model = KINDS["deferred"](lamina)
    with pytest.warns(UserWarning, match="not yet been built"):
        model.save(tmp_path / f"m{ending}")
    again = models.load_model(tmp_path / f"m{ending}")
    assert not again.built
    assert not again.compiled
    assert len(again.layers) == 2


@pytest.mark.parametrize("ending", ENDINGS)
def test_compiled_and_not_trained(ending: str, tmp_path: Path) -> None:
    model = KINDS["sequential"](lamina)
    model.compile("adam", "mse", nan_policy="stop")
    model.save(tmp_path / f"m{ending}")
    again = models.load_model(tmp_path / f"m{ending}")
    assert again._nan_policy == "stop"
    for m in (model, again):
        m.fit(X, Y, epochs=1, verbose=0, shuffle=False)
    assert_same(again, model)
    assert not models.load_model(tmp_path / f"m{ending}", compile=False).compiled


def test_arrays_of_the_native_file_are_plain_tensors(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    model = trained(lamina, "sequential")
    model.save(tmp_path / "m.safetensors")
    arrays = safetensors.load_file(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(arrays["layers/dense/vars/0"], model.layers[0].kernel.numpy())
    np.testing.assert_array_equal(arrays["layers/dense_1/vars/1"], model.layers[3].bias.numpy())
    assert arrays["optimizer/vars/0"] == 8


def test_weights_may_come_from_another_program(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    model = lamina.Sequential([layers.Input((4,)), layers.Dense(3)])
    arrays = {
        "layers/dense/vars/0": np.ones((4, 3), np.float32),
        "layers/dense/vars/1": np.zeros(3, np.float32),
    }
    safetensors.save_file(arrays, tmp_path / "w.safetensors")
    model.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(model.layers[0].kernel.numpy(), arrays["layers/dense/vars/0"])


# --- what does not fit ----------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".weights.h5", ".safetensors"])
def test_weights_that_do_not_fit_change_nothing(ending: str, tmp_path: Path) -> None:
    trained(lamina, "sequential").save_weights(tmp_path / f"m{ending}")
    other = lamina.Sequential(
        [layers.Input((4,)), layers.Dense(5), layers.BatchNormalization(), layers.Dense(7)]
    )
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"(?s)1 objects could not be loaded.*must match"):
        other.load_weights(tmp_path / f"m{ending}")
    for a, b in zip(before, other.get_weights()):
        np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match="could not be loaded"):
        other.load_weights(tmp_path / f"m{ending}", skip_mismatch=True)
    assert not np.array_equal(before[0], other.get_weights()[0])
    np.testing.assert_array_equal(before[-2], other.get_weights()[-2])


def test_errors(tmp_path: Path) -> None:
    model = trained(lamina, "deferred")
    with pytest.raises(ValueError, match=r"ends in \.keras or \.safetensors"):
        model.save(tmp_path / "m.h5")
    with pytest.raises(ValueError, match=r"\.weights\.h5"):
        model.save_weights(tmp_path / "m.h5")
    with pytest.raises(ValueError, match="zipped=False"):
        model.save(tmp_path / "m", zipped=False)
    with pytest.raises(ValueError, match="include_optimizer=False"):
        model.save(tmp_path / "m.keras", include_optimizer=False)
    with pytest.raises(ValueError, match="save_format"):
        model.save(tmp_path / "m.keras", save_format="tf")
    for name, words in {
        "m.h5": "Keras 2's format",
        "m.hdf5": "Keras 2's format",
        "m.npz": r"filepath=\S*m.npz\.$",
        "m.weights.json": "max_shard_size",
        "hf://team/model": "Hub",
        str(tmp_path): "in folders",
    }.items():
        path = name if "/" in name else tmp_path / name
        readers = (models.load_model, model.load_weights)
        for read in readers[:1] if name == "m.weights.json" else readers:
            with pytest.raises(ValueError, match=rf"not supported: expected .*{words}"):
                read(path)
    with pytest.raises(FileNotFoundError, match="filepath="):
        models.load_model(tmp_path / "m.keras")
    for use in (model.save, model.save_weights, models.load_model, model.load_weights):
        for wrong in (io.BytesIO(), None, 3):
            with pytest.raises(
                TypeError, match=r"`filepath` must be the name .* filepath=(<_io|N|3)"
            ):
                use(wrong)
    with pytest.raises(ValueError, match=r"`by_name` is for files of Keras 2.*by_name=True"):
        model.load_weights(tmp_path / "m.weights.h5", by_name=True)
    with pytest.raises(ValueError, match=r"passed to load_weights: \{'name': 1\}"):
        model.load_weights(tmp_path / "m.weights.h5", name=1)
    unbuilt = KINDS["deferred"](lamina)
    with pytest.raises(ValueError, match="not yet been built"):
        unbuilt.save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match="not yet been built"):
        unbuilt.load_weights(tmp_path / "m.weights.h5")


def test_overwrite_false_leaves_a_file_as_it_is(tmp_path: Path) -> None:
    model = trained(lamina, "deferred")
    model.save(tmp_path / "m.keras", overwrite=False)
    before = (tmp_path / "m.keras").read_bytes()
    with pytest.raises(FileExistsError, match="overwrite"):
        model.save(tmp_path / "m.keras", overwrite=False)
    assert (tmp_path / "m.keras").read_bytes() == before


def test_a_class_that_is_not_known_is_refused(tmp_path: Path) -> None:
    class Own(layers.Dense):
        pass

    model = lamina.Sequential([layers.Input((4,)), Own(3)])
    for ending in ENDINGS:
        model.save(tmp_path / f"m{ending}")
        with pytest.raises((TypeError, ValueError), match="'class_name': 'Own'"):
            models.load_model(tmp_path / f"m{ending}")
        again = saving.load_model(tmp_path / f"m{ending}", custom_objects={"Own": Own})
        assert type(again.layers[0]) is Own
        np.testing.assert_array_equal(predicted(again), predicted(model))


# --- what layers keep beside weights --------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_vocabularies(ending: str, tmp_path: Path) -> None:
    @saving.register_keras_serializable("tests")
    class WithLookup(lamina.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.lookup = layers.StringLookup()
            self.dense = layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = WithLookup()
    model.lookup.adapt(np.array(["b", "a", "b", "ä"]))
    model(X)
    model.save(tmp_path / f"m{ending}")
    again = models.load_model(tmp_path / f"m{ending}")
    assert again.lookup.get_vocabulary() == ["[UNK]", "b", "ä", "a"]


def test_a_layer_may_say_what_is_kept_of_it(tmp_path: Path) -> None:
    @saving.register_keras_serializable("tests")
    class Counting(layers.Layer):
        seen = 0

        def call(self, inputs: Any) -> Any:
            return inputs

        def save_own_variables(self, store: dict[str, Any]) -> None:
            store["seen"] = np.array(self.seen)

        def load_own_variables(self, store: dict[str, Any]) -> None:
            self.seen = int(store["seen"])

    model = lamina.Sequential([layers.Input((4,)), Counting()])
    model.layers[0].seen = 7
    for ending in ENDINGS:
        model.save(tmp_path / f"m{ending}")
        assert models.load_model(tmp_path / f"m{ending}").layers[0].seen == 7


# --- ModelCheckpoint ------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_checkpoints_of_models(ending: str, tmp_path: Path) -> None:
    model = trained(lamina, "sequential")
    path = tmp_path / ("at_{epoch}" + ending)
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[callbacks.ModelCheckpoint(path)])
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"at_{i}{ending}" for i in (1, 2, 3)]
    np.testing.assert_array_equal(
        predicted(models.load_model(tmp_path / f"at_3{ending}")), predicted(model)
    )


def test_checkpoints_of_weights(tmp_path: Path) -> None:
    model = trained(lamina, "sequential")
    saves = callbacks.ModelCheckpoint(
        tmp_path / "best.weights.h5", "loss", save_best_only=True, save_weights_only=True
    )
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[saves])
    other = trained(lamina, "sequential")
    other.load_weights(tmp_path / "best.weights.h5")
    losses = model.history.history["loss"]
    assert saves.best == min(losses)
    assert int(other.optimizer.iterations) == 8 + 1 + losses.index(min(losses))
