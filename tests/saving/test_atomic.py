"""Writes that go wrong: the old file stays, and the error says what happened."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

import lamina
from lamina import callbacks, layers
from lamina.saving.atomic import write_atomically


def model() -> Any:
    lamina.utils.set_random_seed(0)
    made = lamina.Sequential([lamina.Input((4,)), layers.Dense(2)])
    made.compile("adam", "mse")
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.safetensors"
    model().save(path)
    return path


def only(path: Path, content: bytes) -> None:
    """Asserts that the file is as it was, and alone."""
    assert path.read_bytes() == content
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fails(
    call: str, number: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any) -> None:
        raise OSError(number, os.strerror(number))

    before = path.read_bytes()
    monkeypatch.setattr(os, call, fails)
    with pytest.raises(OSError, match="nothing was written: the file that was there") as caught:
        model().save(path)
    assert caught.value.errno == number
    assert caught.value.filename == str(path)
    only(path, before)


def test_a_short_write(path: Path) -> None:
    """The kernel takes a part of the bytes and no more: the limit of a file's size."""
    before = path.read_bytes()
    code = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from test_atomic import model
made = model()
made.fit([[0.0] * 4], [[0.0] * 2], verbose=0)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    made.save({str(path)!r})
except OSError as error:
    print(error)
"""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert "File too large; nothing was written: the file that was there is as it was" in run.stdout
    only(path, before)


def test_no_permission(path: Path) -> None:
    before = path.read_bytes()
    path.parent.chmod(0o500)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("root may write everywhere")
        with pytest.raises(PermissionError, match="nothing was written"):
            model().save(path)
    finally:
        path.parent.chmod(0o700)
    only(path, before)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing was written: .*run\.safetensors"):
        model().save(tmp_path / "no" / "run.safetensors")


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    path.mkdir()
    with pytest.raises(IsADirectoryError, match="there is a folder of this name"):
        model().save(path)
    assert os.listdir(tmp_path) == [path.name]


def test_what_a_killed_process_left_goes_and_what_is_being_written_stays(path: Path) -> None:
    left, written = path.parent / ".1.lamina-part", path.parent / ".2.lamina-part"
    left.write_bytes(b"torn")
    with written.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        model().save(path)
        assert not left.exists()
        assert written.exists()
    model().save(path)
    only(path, path.read_bytes())


def test_two_writers_of_one_file(path: Path) -> None:
    def write(file: IO[bytes]) -> None:
        write_atomically(path, lambda other: other.write(b"second"))
        file.write(b"first")

    write_atomically(path, write)
    only(path, b"first")


def test_permissions_are_those_of_the_old_file_or_of_open(path: Path) -> None:
    (path.parent / "open").write_bytes(b"")
    assert path.stat().st_mode == (path.parent / "open").stat().st_mode
    path.chmod(0o640)
    model().save(path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_synced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network file systems refuse that: the file is there all the same."""
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.EINVAL, "no")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(path, lambda file: file.write(b"new"))
    only(path, b"new")


def test_a_checkpoint_that_cannot_be_written_ends_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is as after the step, and goes on once there is room."""

    def fails(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    made, x = model(), np.ones((12, 4), "float32")
    saving = callbacks.BackupAndRestore(tmp_path / "backup", save_freq=2)
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space left"):
        made.fit(x, x[:, :2], batch_size=4, epochs=2, callbacks=[saving], verbose=0)
    monkeypatch.undo()
    assert int(made.optimizer.iterations) == 2
    made.fit(
        x, x[:, :2], batch_size=4, epochs=2, callbacks=[saving], verbose=0, initial_epoch="auto"
    )
    assert int(made.optimizer.iterations) == 6
