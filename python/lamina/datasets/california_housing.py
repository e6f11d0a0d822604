"""California housing: 20,640 districts in 1990, 8 features each, and their median house price."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from lamina.datasets._files import Arrays

_SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_SMALL = 600


def load_data(
    version: str = "large",
    path: str | os.PathLike[str] = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> Arrays:
    """(x_train, y_train), (x_test, y_test): float features (n, 8), prices (n,) in dollars.

    The features: median income, age of the house, rooms, bedrooms, population, occupants,
    latitude, longitude.

    version: "large", or "small" for the first 600 samples.
    path: the file's name, looked for as `mnist.load_data` does; or an absolute path.
    test_split: the share of the samples that is the test set, in [0, 1).
    seed: of the order of the samples.

    Raises ValueError when the file holds anything else, FileNotFoundError when there is none.
    Source: StatLib, Carnegie Mellon University, from the US census.
    """
    from lamina.datasets import _housing

    _housing.check_split(test_split)
    if version not in ("small", "large"):
        raise ValueError(f"`version` must be 'small' or 'large'. Received: version={version!r}")
    x, y = _housing.load(path, "california_housing.npz", _SHA256)
    if version == "small":
        x, y = x[:_SMALL], y[:_SMALL]
    return _housing.split(x, y, test_split, seed)
