"""Names that are imported when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lamina

SEED_SCRIPT = """
import sys
import numpy
before = set(sys.modules)
import lamina as keras
from lamina import callbacks, layers
keras.Input, keras.Sequential, layers.Dense, layers.Dropout, layers.Flatten, layers.Rescaling
keras.optimizers.RMSprop, callbacks.LambdaCallback, keras.datasets.mnist
keras.utils.set_random_seed, keras.utils.to_categorical
heavy = {
    "bz2", "dataclasses", "gzip", "http", "lzma", "matplotlib", "numpy.random", "numpy.typing",
    "pandas", "pathlib", "random", "safetensors", "shutil", "socket", "ssl", "subprocess", "tarfile",
    "tempfile", "tqdm", "urllib", "zipfile", "lamina._core", "lamina.losses", "lamina.metrics",
}
"""


def printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_naming_what_a_seed_script_names_imports_nothing_heavy() -> None:
    assert printed(SEED_SCRIPT + "print(heavy & (set(sys.modules) - before))") == "set()\n"


def test_importing_lamina_imports_no_other_package() -> None:
    assert printed("import sys, lamina; print({'numpy', 'tqdm'} & set(sys.modules))") == "set()\n"


@pytest.mark.parametrize("package", [lamina, lamina.callbacks, lamina.datasets, lamina.utils])
def test_every_name_is_there(package: object) -> None:
    names = package.__all__  # type: ignore[attr-defined]
    assert set(names) <= set(dir(package))
    for name in names:
        assert getattr(package, name) is getattr(package, name)


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(AttributeError, match=r"module 'lamina.utils' has no attribute 'to_cats'"):
        lamina.utils.to_cats  # type: ignore[attr-defined]  # noqa: B018
