"""get_file against real URLs: file:// and a server on the loopback that also misbehaves."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import os
import random
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lamina.utils import _download, file_utils
from lamina.utils.file_utils import get_file

DATA = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
MD5 = hashlib.md5(DATA).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """The path says what happens."""

    release = threading.Event()

    def do_GET(self) -> None:
        if self.path.startswith("/mute"):
            self.release.wait(20)
            return
        self.send_response(404 if self.path.startswith("/missing") else 200)
        if not self.path.startswith("/endless"):
            self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        if self.path.startswith(("/half", "/stall")):
            self.wfile.write(DATA[: len(DATA) // 2])
            self.wfile.flush()
            if self.path.startswith("/stall"):
                self.release.wait(20)
        else:
            self.wfile.write(DATA)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    Handler.release.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        Handler.release.set()
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own, and no proxy on the way to the loopback."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


@pytest.mark.parametrize(
    "hashes",
    [
        {},
        {"file_hash": SHA256},
        {"file_hash": SHA256.upper()},
        {"file_hash": SHA256, "hash_algorithm": "sha256"},
        {"file_hash": MD5},
        {"md5_hash": MD5},
    ],
)
def test_downloads_once(
    server: str, home: Path, hashes: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = get_file("a.bin", f"{server}/x", **hashes)
    assert path == str(home / "datasets" / "a.bin")
    assert Path(path).read_bytes() == DATA
    assert files(home) == ["datasets", "datasets/a.bin"]
    assert capsys.readouterr().out == f"Downloading data from {server}/x\n"
    assert get_file("a.bin", "http://127.0.0.1:9/refused", **hashes) == path
    assert capsys.readouterr().out == ""


def test_length_need_not_be_told(server: str) -> None:
    assert Path(get_file("a", f"{server}/endless")).read_bytes() == DATA


def test_places(server: str, tmp_path: Path, home: Path) -> None:
    url = f"{server}/folder/name.bin?version=3"
    assert get_file(origin=url) == str(home / "datasets" / "name.bin")
    assert get_file(Path("b"), url, cache_dir=tmp_path / "c") == str(tmp_path / "c/datasets/b")
    assert get_file("b", url, cache_subdir=tmp_path / "d") == str(tmp_path / "d/b")
    assert get_file("b", url, cache_subdir="") == str(home / "b")


def test_a_file_url(tmp_path: Path) -> None:
    (tmp_path / "source.bin").write_bytes(DATA)
    path = get_file(origin=(tmp_path / "source.bin").as_uri(), file_hash=SHA256)
    assert Path(path).read_bytes() == DATA


def test_keras_home_and_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert file_utils.cache_home() == str(tmp_path / ".keras")


def test_a_damaged_file_is_replaced(
    server: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(b"old")
    path = get_file("a", f"{server}/x", file_hash=SHA256)
    assert Path(path).read_bytes() == DATA
    assert "does not have the sha256 hash" in capsys.readouterr().out
    Path(path).write_bytes(b"old")
    assert Path(get_file("a", f"{server}/x")).read_bytes() == b"old"
    assert Path(get_file("a", f"{server}/x", force_download=True)).read_bytes() == DATA


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("/half", OSError, "the connection ended after 128000 of 256000 bytes"),
        ("/stall", OSError, "timed out"),
        ("/mute", OSError, "no answer within 0.5 seconds|timed out"),
        ("/missing", OSError, "404"),
        ("/x", ValueError, "does not have the sha256 hash 0000"),
    ],
)
@pytest.mark.parametrize("old", [None, b"old"])
def test_a_failure_changes_nothing(
    server: str,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    error: type[Exception],
    message: str,
    old: bytes | None,
) -> None:
    monkeypatch.setattr(_download, "_TIMEOUT", 0.5)
    if old is not None:
        (home / "datasets").mkdir(parents=True)
        (home / "datasets" / "a").write_bytes(old)
    before = files(home)
    start = time.monotonic()
    with pytest.raises(error, match=message) as caught:
        get_file("a", server + url, file_hash="0" * 64)
    assert time.monotonic() - start < 3
    assert server + url in str(caught.value)
    assert files(home) == before
    if old is not None:
        assert (home / "datasets" / "a").read_bytes() == old


def test_a_damaged_file_and_no_network(home: Path) -> None:
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(b"old")
    with pytest.raises(OSError, match=r"datasets/a does not have the md5 hash .*Could not downl"):
        get_file("a", "http://127.0.0.1:9/a", file_hash=MD5)
    assert (home / "datasets" / "a").read_bytes() == b"old"


def test_an_interrupt_leaves_nothing(
    server: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(fd: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        get_file("a", f"{server}/x")
    assert not home.exists()


def test_the_file_appears_complete(
    server: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(fd: int) -> None:
        assert not (home / "datasets" / "a").exists()
        assert os.fstat(fd).st_size == len(DATA)

    monkeypatch.setattr(os, "fsync", look)
    get_file("a", f"{server}/x")


def test_a_read_only_cache_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "datasets").mkdir(parents=True)
    (home / "datasets" / "a").write_bytes(DATA)
    monkeypatch.setattr(file_utils, "_writable", lambda folder: False)
    assert get_file("a", "http://127.0.0.1:9/a") == str(home / "datasets" / "a")
    place = file_utils._place(None, "datasets", "b")
    assert place.endswith(os.path.join(".keras", "datasets", "b"))
    assert not place.startswith(str(home))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fname": "a"}, "origin must be"),
        ({"fname": "a/b", "origin": "http://x/y"}, "fname must be a plain name.*fname=a/b"),
        ({"fname": "..", "origin": "http://x/y"}, "fname must be a plain name"),
        ({"origin": "http://x/"}, "fname is needed.*origin=http://x/"),
        ({"origin": "http://x/y", "hash_algorithm": "sha1"}, "hash_algorithm='sha1'"),
        ({"origin": "http://x/y", "file_hash": "abc"}, "file_hash='abc'"),
        ({"origin": "http://x/y", "file_hash": "g" * 64}, "file_hash must be 64 hexadecimal"),
        ({"origin": "http://x/y", "md5_hash": SHA256}, "file_hash must be 32 hexadecimal"),
    ],
)
def test_bad_arguments(arguments: Any, message: str, home: Path) -> None:
    with pytest.raises(ValueError, match=message):
        get_file(**arguments)
    assert not home.exists()


def make_tar(path: Path, members: dict[str, bytes], mode: str = "w:gz", **links: str) -> str:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, target in links.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return path.as_uri()


def make_zip(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path.as_uri()


MEMBERS = {"top.txt": b"1", "sub/deep/low.txt": b"2"}


@pytest.mark.parametrize("make", [make_tar, make_zip])
@pytest.mark.parametrize(
    ("fname", "target", "folder"),
    [
        ("pack.one", "pack.one", "pack_extracted"),
        ("pack", "pack_archive", "pack"),
        (None, "source.x_archive", "source.x"),
    ],
)
def test_archives(
    tmp_path: Path, home: Path, make: Any, fname: str | None, target: str, folder: str
) -> None:
    url = make(tmp_path / "source.x", MEMBERS)
    out = Path(get_file(fname, url, extract=True))
    assert out == home / "datasets" / folder
    assert sorted(os.listdir(home / "datasets")) == sorted([target, folder])
    (out / "mine.txt").write_bytes(b"kept")
    (out / "top.txt").write_bytes(b"replaced")
    assert Path(get_file(fname, url, extract=True)) == out
    assert (out / "top.txt").read_bytes() == b"1"
    assert (out / "sub/deep/low.txt").read_bytes() == b"2"
    assert (out / "mine.txt").read_bytes() == b"kept"


def test_links_within_an_archive_work(tmp_path: Path) -> None:
    out = get_file("a", make_tar(tmp_path / "s", MEMBERS, link="top.txt"), untar=True)
    assert (Path(out) / "link").read_bytes() == b"1"


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "sub/../../evil", "..\\evil", "C:/evil", "sub/../../../x/evil"]
)
@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_members_outside_are_refused(tmp_path: Path, home: Path, make: Any, name: str) -> None:
    url = make(tmp_path / "source", {"good.txt": b"1", name: b"2"})
    with pytest.raises(ValueError, match="a_archive is not safe to unpack"):
        get_file("a", url, extract=True)
    assert files(home) == ["datasets", "datasets/a_archive"]
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("target", ["../../outside", "/etc/passwd"])
def test_links_to_the_outside_are_refused(tmp_path: Path, home: Path, target: str) -> None:
    url = make_tar(tmp_path / "source", {"good.txt": b"1"}, link=target)
    with pytest.raises(ValueError, match="a_archive cannot be unpacked"):
        get_file("a", url, extract=True)
    assert files(home) == ["datasets", "datasets/a_archive"]


def test_devices_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "source", "w") as archive:
        pipe = tarfile.TarInfo("pipe")
        pipe.type = tarfile.FIFOTYPE
        archive.addfile(pipe)
    with pytest.raises(ValueError, match="'pipe', which is no file or folder"):
        get_file("a", (tmp_path / "source").as_uri(), extract=True)


NOISE = random.Random(5).randbytes(50000)


@pytest.mark.parametrize("place", [200, 1000, 2000, 4000])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
def test_broken_archives(tmp_path: Path, home: Path, kind: str, place: int, seed: int) -> None:
    members = {"a.txt": random.Random(seed).randbytes(5000)}
    if kind == "zip":
        make_zip(tmp_path / "source", members)
    else:
        make_tar(tmp_path / "source", members, f"w:{kind}")
    broken = bytearray((tmp_path / "source").read_bytes())
    broken[place : place + 100] = bytes(100)
    (tmp_path / "source").write_bytes(broken)
    with pytest.raises(ValueError, match="a_archive cannot be unpacked"):
        get_file("a", (tmp_path / "source").as_uri(), extract=True)
    assert files(home) == ["datasets", "datasets/a_archive"]


def test_a_gz_cut_where_its_tar_cannot_be_seen(tmp_path: Path) -> None:
    make_tar(tmp_path / "source", {"a.txt": NOISE})
    (tmp_path / "source").write_bytes((tmp_path / "source").read_bytes()[:30])
    with pytest.raises(ValueError, match="a_archive cannot be unpacked"):
        get_file("a", (tmp_path / "source").as_uri(), extract=True)


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz", "w"])
def test_a_cut_tar_is_named(tmp_path: Path, mode: str) -> None:
    make_tar(tmp_path / "source", {"a.txt": NOISE}, mode)
    whole = (tmp_path / "source").read_bytes()
    (tmp_path / "source").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="a_archive cannot be unpacked"):
        get_file("a", (tmp_path / "source").as_uri(), extract=True)


def test_a_compressed_file_that_is_no_tar_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(gzip.compress(DATA))
    with pytest.warns(UserWarning, match="nothing was extracted"):
        get_file("a", (tmp_path / "source").as_uri(), extract=True)


@pytest.mark.parametrize("archive_format", ["auto", "tar", None, []])
def test_what_is_no_archive_is_said(tmp_path: Path, archive_format: Any) -> None:
    (tmp_path / "source").write_bytes(DATA)
    with pytest.warns(UserWarning, match="nothing was extracted"):
        get_file("a", (tmp_path / "source").as_uri(), extract=True, archive_format=archive_format)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    url = make_zip(tmp_path / "source", MEMBERS)
    assert get_file("a", url, extract=True, archive_format=["tar", "zip"])
    with pytest.raises(ValueError, match="archive_format='rar'"):
        get_file("b", url, extract=True, archive_format="rar")
