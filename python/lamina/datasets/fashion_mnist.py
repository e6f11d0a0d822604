"""Fashion-MNIST: 70,000 images of clothes, shaped as MNIST is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamina.datasets._files import Array, Arrays

_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}


def load_data() -> Arrays:
    """(x_train, y_train), (x_test, y_test): uint8 images (60000, 28, 28) and (10000, 28, 28),
    uint8 labels (60000,) and (10000,): 0 T-shirt/top, 1 trouser, 2 pullover, 3 dress, 4 coat,
    5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot.

    The four gzipped idx files are looked for in $LAMINA_DATA_DIR/fashion-mnist, then in Keras's
    cache ($KERAS_HOME or ~/.keras, in it datasets/fashion-mnist), else downloaded into the cache.

    Raises ValueError when a file holds anything else than these arrays, naming the file;
    FileNotFoundError, telling what was tried, when there is none and no network.
    Source: Zalando SE, MIT licence.
    """
    from lamina.datasets._files import DIGITS, SHAPES, load, read_idx

    arrays: dict[str, Array] = {
        key: load(name, "fashion-mnist", partial(read_idx, shape=SHAPES[key]), instead=DIGITS)
        for key, name in _FILES.items()
    }
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
