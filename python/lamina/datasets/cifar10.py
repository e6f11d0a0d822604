"""CIFAR-10: 60,000 small photographs of 10 kinds of things."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamina.datasets._files import Arrays

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def load_data() -> Arrays:
    """(x_train, y_train), (x_test, y_test): uint8 images (50000, 32, 32, 3) and
    (10000, 32, 32, 3), uint8 labels (50000, 1) and (10000, 1): 0 airplane, 1 automobile, 2 bird,
    3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship, 9 truck.

    The folder cifar-10-batches-py is looked for in $LAMINA_DATA_DIR, then in Keras's cache
    ($KERAS_HOME or ~/.keras, in it datasets/cifar-10-batches-py-target), else downloaded there.

    Raises ValueError when a file holds anything else than these arrays, naming the file;
    FileNotFoundError, telling what was tried, when there is none and no network.
    Source: Krizhevsky, Learning multiple layers of features from tiny images (2009).
    """
    from lamina.datasets._cifar import read_batches
    from lamina.datasets._files import load

    def read(folder: str) -> Arrays:
        x, y = read_batches(folder, [f"data_batch_{i}" for i in range(1, 6)], "labels")
        x_test, y_test = read_batches(folder, ["test_batch"], "labels")
        return (x, y.astype("uint8")), (x_test, y_test.astype("uint8"))

    found: Arrays = load(
        "cifar-10-batches-py-target", "", read, _SHA256, _ORIGIN, inside="cifar-10-batches-py"
    )
    return found
