"""Boston housing: 506 districts in the 1970s, 13 features each, and their median house price."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from lamina.datasets._files import Arrays

_SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(
    path: str | os.PathLike[str] = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> Arrays:
    """(x_train, y_train), (x_test, y_test): float features (n, 13), prices (n,) in 1,000 dollars.

    One of the features assumes that people segregate by race: teach with `california_housing`.

    path: the file's name, looked for as `mnist.load_data` does; or an absolute path.
    test_split: the share of the samples that is the test set, in [0, 1).
    seed: of the order of the samples.

    Raises ValueError when the file holds anything else, FileNotFoundError when there is none.
    Source: StatLib, Carnegie Mellon University.
    """
    from lamina.datasets import _housing

    _housing.check_split(test_split)
    x, y = _housing.load(path, "boston_housing.npz", _SHA256)
    return _housing.split(x, y, test_split, seed)
