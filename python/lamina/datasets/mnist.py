"""MNIST: 70,000 handwritten digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from lamina.datasets._files import Arrays

_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path: str | os.PathLike[str] = "mnist.npz") -> Arrays:
    """(x_train, y_train), (x_test, y_test): uint8 images (60000, 28, 28) and (10000, 28, 28) from
    0 to 255, uint8 labels (60000,) and (10000,) from 0 to 9.

    path: the file's name in $LAMINA_DATA_DIR or Keras's cache ($KERAS_HOME or ~/.keras, in it
        "datasets"), whichever has it first; else it is downloaded into the cache.  A file in the
        cache must have the sha256 of Keras's own, one in $LAMINA_DATA_DIR only its arrays.
        An absolute path is read as it is, or downloaded to.

    Raises ValueError when a file holds anything else than these arrays, naming the file;
    FileNotFoundError, telling what was tried, when there is none and no network.
    Source: Yann LeCun and Corinna Cortes, CC BY-SA 3.0.
    """
    # Only here: the archive's modules take longer to import than all of lamina.
    from lamina.datasets._files import DIGITS, load_path, read_digits

    arrays = load_path(path, "mnist.npz", read_digits, _SHA256, DIGITS)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
