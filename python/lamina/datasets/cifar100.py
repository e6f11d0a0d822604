"""CIFAR-100: 60,000 small photographs of 100 kinds of things in 20 groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamina.datasets._files import Arrays

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def load_data(label_mode: str = "fine") -> Arrays:
    """(x_train, y_train), (x_test, y_test): uint8 images (50000, 32, 32, 3) and
    (10000, 32, 32, 3), integer labels (50000, 1) and (10000, 1).

    The folder cifar-100-python is looked for in $LAMINA_DATA_DIR, then in Keras's cache
    ($KERAS_HOME or ~/.keras, in it datasets/cifar-100-python-target), else downloaded there.

    label_mode: "fine" for the 100 kinds, "coarse" for the 20 groups.

    Raises ValueError when a file holds anything else than these arrays, naming the file;
    FileNotFoundError, telling what was tried, when there is none and no network.
    Source: Krizhevsky, Learning multiple layers of features from tiny images (2009).
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(
            f"`label_mode` must be 'fine' or 'coarse'. Received: label_mode={label_mode!r}"
        )
    from lamina.datasets._cifar import read_batches
    from lamina.datasets._files import load

    def read(folder: str) -> Arrays:
        key = f"{label_mode}_labels"
        return read_batches(folder, ["train"], key), read_batches(folder, ["test"], key)

    found: Arrays = load(
        "cifar-100-python-target", "", read, _SHA256, _ORIGIN, inside="cifar-100-python"
    )
    return found
