"""A training that was interrupted goes on, and ends with the same bits."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from kill_runs import KINDS, campaign
from runs import RUNS, Batches, Run, X, Y, assert_same, outcome

import lamina
from lamina import backends, callbacks, config, models


class CrashError(Exception):
    """An error in the midst of fit."""


class CrashAt(callbacks.Callback):
    """Raises at the n-th call of any of its hooks."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.calls = calls

    def _count(self, *args: Any, **kwargs: Any) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise CrashError

    on_epoch_begin = on_epoch_end = on_train_batch_begin = on_train_batch_end = _count
    on_test_begin = on_test_batch_end = on_test_end = _count


def whole(run: Run, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    model = run.made()
    return outcome(model, run.fit(model, folder), folder)


STRIDE = {"native": 5, "numpy": 8}  # 1 for each and every moment


@pytest.mark.parametrize("name", RUNS)
def test_backups_go_on_from_every_moment(name: str, backend: str, tmp_path: Path) -> None:
    run = RUNS[name]
    expected = whole(run, tmp_path / "whole")
    folder = tmp_path / "parts"
    folder.mkdir()
    moments = 0
    for moment in itertools.count(0, STRIDE[backend]):
        backup = callbacks.BackupAndRestore(folder / "backup", (1, 3, "epoch")[moments % 3])
        model = run.made()
        try:
            run.fit(model, folder, backup, CrashAt(moment))
        except CrashError:
            moments += 1
        else:
            break
        model = run.made()
        assert_same(outcome(model, run.fit(model, folder, backup), folder), expected)
        assert not (folder / "backup").exists()
        for path in folder.iterdir():
            path.unlink()
    assert moments > 3


@pytest.mark.parametrize("ending", [".keras", ".weights.h5", ".safetensors"])
@pytest.mark.parametrize("name", ["arrays", "validated", "steps", "dataset", "callbacks"])
def test_checkpoints_go_on_from_their_step(name: str, ending: str, tmp_path: Path) -> None:
    if ending != ".safetensors":
        pytest.importorskip("h5py")
    run = RUNS[name]
    expected = whole(run, tmp_path / "whole")
    folder = tmp_path / "parts"
    folder.mkdir()
    path = folder / f"run{ending}"
    for moment in (9, 17, 28):
        saving = callbacks.ModelCheckpoint(path, save_weights_only="we" in ending, save_freq=2)
        with pytest.raises(CrashError):
            run.fit(run.made(), folder, saving, CrashAt(moment))
        if "weights" in ending:
            model = run.made()
            model.load_weights(path)
        else:
            model = models.load_model(path)
        assert model.interrupted.step > 0
        listed = run.fit(model, folder, saving, initial_epoch="auto")
        listed = [callback for callback in listed if callback is not saving]
        assert_same(outcome(model, listed, folder), expected)
        assert model.interrupted is None


def test_another_number_of_threads_may_go_on(tmp_path: Path) -> None:
    backends.set_backend("native")
    run = RUNS["functional"]
    config.set_num_threads(2)
    expected = whole(run, tmp_path / "whole")
    for first, second in ((1, 2), (2, 1)):
        backup = callbacks.BackupAndRestore(tmp_path / "backup", 2)
        config.set_num_threads(first)
        with pytest.raises(CrashError):
            run.fit(run.made(), tmp_path, backup, CrashAt(25))
        config.set_num_threads(second)
        model = run.made()
        assert_same(outcome(model, run.fit(model, tmp_path, backup), tmp_path), expected)


def test_more_epochs_may_follow(tmp_path: Path) -> None:
    run, longer = RUNS["arrays"], Run(epochs=5)
    backup = callbacks.BackupAndRestore(tmp_path / "backup", 4, delete_checkpoint=False)
    run.fit(run.made(), tmp_path, backup)
    model = longer.made()
    found = outcome(model, longer.fit(model, tmp_path, backup), tmp_path)
    assert_same(found, whole(longer, tmp_path / "whole"))


def test_a_number_begins_that_epoch_anew(tmp_path: Path) -> None:
    run = RUNS["arrays"]
    model = run.made()
    with pytest.raises(CrashError):
        run.fit(model, tmp_path, CrashAt(20))
    assert (model.interrupted.epoch, model.interrupted.step) == (1, 3)
    run.fit(model, tmp_path, initial_epoch=1)
    assert model.history.epoch == [1, 2]
    assert int(model.optimizer.iterations) == 9 + 12


def test_auto_begins_with_epoch_0_where_nothing_was_interrupted(tmp_path: Path) -> None:
    run = RUNS["arrays"]
    model = run.made()
    assert_same(
        outcome(model, run.fit(model, tmp_path, initial_epoch="auto"), tmp_path),
        whole(run, tmp_path / "whole"),
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_size": 5}, "batch_size=4.*batch_size=5"),
        ({"shuffle": False}, "shuffle=True.*shuffle=False"),
        ({"steps_per_epoch": 2}, "steps=6.*steps=2"),
        ({"epochs": 1}, "in epoch 1.*epochs=1"),
    ],
)
def test_another_training_is_refused(arguments: Any, words: str, tmp_path: Path) -> None:
    run = RUNS["arrays"]
    model = run.made()
    with pytest.raises(CrashError):
        run.fit(model, tmp_path, CrashAt(20))
    with pytest.raises(ValueError, match=words):
        run.fit(model, tmp_path, initial_epoch="auto", **arguments)
    run.fit(model, tmp_path, initial_epoch="auto")  # it still can


def test_a_generator_goes_on_with_what_comes_next(tmp_path: Path) -> None:
    def batches() -> Any:
        while True:
            yield X[:4], Y[:4]

    def fit(*more: Any) -> Any:
        model = RUNS["arrays"].made()
        backup = callbacks.BackupAndRestore(tmp_path / "backup", 1)
        model.fit(batches(), steps_per_epoch=4, epochs=2, verbose=0, callbacks=[backup, *more])
        return model

    with pytest.raises(CrashError):
        fit(CrashAt(9))
    with pytest.warns(UserWarning, match="generator cannot be asked again"):
        model = fit()
    assert int(model.optimizer.iterations) == 8
    assert model.history.epoch == [0, 1]


def test_batches_that_begin_anew_are_drawn_up_to_the_step(tmp_path: Path) -> None:
    class Loader:
        def __iter__(self) -> Any:
            return iter([(X[i : i + 4], Y[i : i + 4]) for i in range(0, 20, 4)])

    run = Run(data=lambda: {"x": Loader()})
    expected = whole(run, tmp_path / "whole")
    backup = callbacks.BackupAndRestore(tmp_path / "backup", 1)
    with pytest.raises(CrashError):
        run.fit(run.made(), tmp_path, backup, CrashAt(18))
    model = run.made()
    assert_same(outcome(model, run.fit(model, tmp_path, backup), tmp_path), expected)


# --- backups --------------------------------------------------------------------------------------


def test_the_last_two_backups_are_kept(tmp_path: Path) -> None:
    run, folder = RUNS["arrays"], tmp_path / "backup"
    backup = callbacks.BackupAndRestore(folder, save_freq=4, delete_checkpoint=False)
    run.fit(run.made(), tmp_path, backup)
    names = ["backup-000003.safetensors", "backup-000004.safetensors"]
    assert sorted(os.listdir(folder)) == names
    (folder / names[1]).write_bytes(b"torn")
    model = run.made()
    with pytest.warns(UserWarning, match="000004.* cannot be read"):
        found = outcome(model, run.fit(model, tmp_path, backup), tmp_path)
    assert_same(found, whole(run, tmp_path / "whole"))


def test_backups_none_of_which_can_be_read_are_refused(tmp_path: Path) -> None:
    run = RUNS["arrays"]
    (tmp_path / "backup-000001.safetensors").write_bytes(b"torn")
    with (
        pytest.warns(UserWarning, match="cannot be read"),
        pytest.raises(ValueError, match="None of the backups can be read"),
    ):
        run.fit(run.made(), tmp_path, callbacks.BackupAndRestore(tmp_path))


def test_what_else_lies_in_the_folder_stays(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    run = RUNS["arrays"]
    run.fit(run.made(), tmp_path, callbacks.BackupAndRestore(folder))
    assert os.listdir(folder) == ["notes.txt"]


def test_a_model_that_is_not_built_is_refused_for_batches(tmp_path: Path) -> None:
    model = lamina.Sequential([lamina.layers.Dense(3)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="built before `fit`"):
        model.fit(Batches(), verbose=0, callbacks=[callbacks.BackupAndRestore(tmp_path)])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"backup_dir": ""}, "Empty `backup_dir`"),
        ({"backup_dir": "a", "save_freq": "day"}, "save_freq='day'"),
        ({"backup_dir": "a", "save_freq": 0}, "save_freq=0"),
        ({"backup_dir": "a", "save_freq": True}, "save_freq=True"),
    ],
)
def test_bad_arguments(arguments: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        callbacks.BackupAndRestore(**arguments)


def test_a_state_that_a_file_cannot_hold_is_named(tmp_path: Path) -> None:
    class Odd(callbacks.Callback):
        state_names = ("odd",)
        odd = object()

    run = RUNS["arrays"]
    with pytest.raises(TypeError, match="object at 'run/callbacks/1/state/odd'"):
        run.fit(run.made(), tmp_path, callbacks.BackupAndRestore(tmp_path), Odd())


# --- processes that are killed --------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_random_instants(kind: str) -> None:
    if kind == "keras":
        pytest.importorskip("h5py")
    counts = campaign(kind, kills=4, seed=1)
    assert counts["unreadable"] == 0
    assert counts["equal"] == counts["ends"] >= 4
