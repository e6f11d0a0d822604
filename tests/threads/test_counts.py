"""How many threads: affinity, the quota of control groups, OMP_NUM_THREADS."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models.training import PATHS, run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="affinity and groups are Linux's")

CPUS = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
SHOW = "from lamina import config; print(config.num_threads())"
CLEAN = {"OMP_NUM_THREADS": "", "LAMINA_NUM_THREADS": ""}

several = pytest.mark.skipif(CPUS < 2, reason="needs two processors")


@several
def test_the_affinity_may_change_at_any_time() -> None:
    code = """
import os
from lamina import config
cpus = os.sched_getaffinity(0)
found = [config.num_threads()]
for mask in ([min(cpus)], cpus):
    os.sched_setaffinity(0, mask)
    found.append(config.num_threads())
print(*found)
"""
    assert run_python(code, **CLEAN) == f"{CPUS} 1 {CPUS}"


@several
def test_a_thread_that_is_pinned_counts_for_itself() -> None:
    """Also when it is the first to ask."""
    code = """
import os, threading
from lamina import config
found = []
def work():
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    found.append(config.num_threads())
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(*found, config.num_threads())
"""
    assert run_python(code, **CLEAN) == f"1 {CPUS}"


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("1", 1),
        ("1,2", 1),
        (" 1 ", 1),
        ("4000,2", CPUS),
        ("99999999999999999999", CPUS),
        ("0", CPUS),
        ("-1", CPUS),
        ("nonsense", CPUS),
        ("1e3", CPUS),
    ],
)
def test_omp_num_threads(value: str, want: int) -> None:
    """As OpenMP reads it: a list counts by its first number, what it refuses is ignored."""
    assert run_python(SHOW, **{**CLEAN, "OMP_NUM_THREADS": value}) == str(want)


def test_threads_that_openmp_binds() -> None:
    """OpenMP pins the first thread to one processor: that is not the process's share."""
    assert run_python(SHOW, **CLEAN, OMP_PROC_BIND="true") == str(CPUS)


@several
def test_helpers_that_openmp_binds() -> None:
    """They are not bound to the caller's own processor."""
    code = """
import os, time
from threads.children import *
job_on_a_team()
time.sleep(0.2)
masks = [os.sched_getaffinity(int(task)) for task in os.listdir("/proc/self/task")]
print(len({min(mask) for mask in masks if len(mask) == 1}))
"""
    assert run_python(code, **CLEAN, OMP_PROC_BIND="true") == "2"


# A process that sees other control groups: files bound over its own, in a mount namespace.
ENTER = """
mount --bind "$1/sys" /sys/fs/cgroup && mount --bind "$1/groups" /proc/$$/cgroup || exit 99
exec "$2" -c "$3"
"""


def threads_in_groups(folder: Path, groups: str, files: dict[str, str]) -> int:
    """num_threads of a process with this /proc/self/cgroup and these files in /sys/fs/cgroup."""
    (folder / "sys").mkdir()
    (folder / "groups").write_text(groups)
    for name, text in files.items():
        path = folder / "sys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    if not shutil.which("unshare"):
        pytest.skip("needs unshare")
    own = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", "--mount", *own, "sh", "-c", ENTER, "sh", folder, sys.executable, SHOW],
        env={**os.environ, **CLEAN, "PYTHONPATH": os.pathsep.join(PATHS)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("may not change mounts here")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@several
@pytest.mark.parametrize(
    ("groups", "files", "want"),
    [
        ("0::/\n", {"cpu.max": "100000 100000"}, 1),
        ("0::/\n", {"cpu.max": "20000 100000"}, 1),
        ("0::/\n", {"cpu.max": "100001 100000"}, 2),
        ("0::/\n", {"cpu.max": "75000 50000"}, 2),
        ("0::/\n", {"cpu.max": "max 100000"}, CPUS),
        ("0::/\n", {"cpu.max": "6400000 100000"}, min(CPUS, 64)),
        ("0::/\n", {}, CPUS),
        ("0::/\n", {"cpu.max": "nonsense"}, CPUS),
        ("0::/a/b\n", {"a/b/cpu.max": "50000 50000"}, 1),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000", "a/cpu.max": "100000 100000"}, 1),
        ("0::/a/b\n", {"a/b/cpu.max": "100000 100000", "a/cpu.max": "400000 100000"}, 1),
        ("0::/a/b\n", {"c/cpu.max": "100000 100000"}, CPUS),
        ("0::/seen/from/outside\n", {"cpu.max": "100000 100000"}, 1),
        ("0::/../../other\n", {"cpu.max": "100000 100000"}, 1),
    ],
)
def test_quotas_v2(tmp_path: Path, groups: str, files: dict[str, str], want: int) -> None:
    assert threads_in_groups(tmp_path, groups, files) == want


def quota(microseconds: int, folder: str = "") -> dict[str, str]:
    """The files of a group of the first version."""
    return {
        f"cpu/{folder}cpu.cfs_quota_us": str(microseconds),
        f"cpu/{folder}cpu.cfs_period_us": "100000",
    }


@several
@pytest.mark.parametrize(
    ("groups", "files", "want"),
    [
        ("2:cpuset:/\n1:cpu:/\n", quota(100_000), 1),
        ("1:cpu,cpuacct:/\n", quota(99_000), 1),
        ("1:cpuacct,cpu:/\n", quota(150_000), 2),
        ("1:cpu:/\n0::/\n", quota(-1), CPUS),
        ("1:cpuset:/\n2:cpuacct:/\n", quota(100_000), CPUS),
        ("1:cpu:/a/b\n", {**quota(-1, "a/b/"), **quota(100_000, "a/")}, 1),
        ("1:cpu:/docker/seen-from-outside\n", quota(100_000), 1),
        ("1:cpu:/a\n0::/b\n", {**quota(-1, "a/"), "b/cpu.max": "100000 100000"}, 1),
        ("1:name=a:b:/\n2:cpu:/\n", quota(100_000), 1),
    ],
)
def test_quotas_v1(tmp_path: Path, groups: str, files: dict[str, str], want: int) -> None:
    assert threads_in_groups(tmp_path, groups, files) == want
