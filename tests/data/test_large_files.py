"""Files larger than memory: only the rows of the steps are read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models.training import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs files with holes, and /proc")

# 64 GB that take no room on the disk, but for the rows that are written.
CODE = """
import re, sys
from models.training import *

def resident():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

dtype, path, backend = sys.argv[1:]
lamina.backends.set_backend(backend)
rows, features = 1_000_000, 2**36 // 1_000_000 // np.dtype(dtype).itemsize
x = np.memmap(path, dtype, "w+", shape=(rows, features))
assert x.nbytes > 64e9
some = np.arange(0, 400)
x[some] = (some[:, None] * 7 + np.arange(features)) % 5
y = np.arange(rows) % 4
kept = np.array(x[:400], np.float32)

def run(x, y, **settings):
    model = network(features=features, units=4)
    fit = {"batch_size": 50, "shuffle": False, "steps_per_epoch": 4, "epochs": 2, "verbose": 0}
    model.fit(x, y, **{**fit, **settings})
    return model

want = run(kept, y[:400])
before = resident()
got = run(x, y)
assert same(state(got), state(want))
some = {"batch_size": 50, "steps": 8, "verbose": 0}
assert got.evaluate(x, y, **some) == want.evaluate(kept, y[:400], **some)
assert same([got.predict(x, **some)], [want.predict(kept, **some)])
split = run(x, y, shuffle=True, validation_split=0.2, validation_steps=2, epochs=1)
assert np.isfinite(split.history.history["val_loss"][0])
print(resident() - before)
"""


@pytest.mark.parametrize(
    ("backend", "dtype"), [("native", "uint8"), ("native", "float32"), ("numpy", "uint8")]
)
def test_a_file_of_64_gigabytes(dtype: str, backend: str, tmp_path: Path) -> None:
    """Bit for bit as its first rows in memory, in less than half of a gigabyte.

    What is read of the file counts as resident: about 900 rows of 64 KB, and their copies in float32.
    """
    code = f"import sys; sys.argv[1:] = [{dtype!r}, {str(tmp_path / 'x')!r}, {backend!r}]\n{CODE}"
    assert float(run_python(code)) < 512
