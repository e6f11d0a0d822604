"""A training that was interrupted goes on, and ends with the same bits."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from runs import RUNS, Run, assert_same, outcome

from lamina import callbacks


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
