"""Utilities, Keras's names.  Each is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lamina._lazy import lazy

if TYPE_CHECKING:
    from lamina.random.seed_generator import set_random_seed
    from lamina.utils.file_utils import get_file
    from lamina.utils.naming import clear_session
    from lamina.utils.numerical import normalize, to_categorical
    from lamina.utils.progbar import Progbar
    from lamina.utils.py_dataset import PyDataset, Sequence
    from lamina.utils.sequences import pad_sequences
    from lamina.utils.splitting import split_dataset
    from lamina.utils.timeseries import timeseries_dataset_from_array

_MODULES = {
    "Progbar": "lamina.utils.progbar",
    "PyDataset": "lamina.utils.py_dataset",
    "Sequence": "lamina.utils.py_dataset",
    "clear_session": "lamina.utils.naming",
    "get_file": "lamina.utils.file_utils",
    "normalize": "lamina.utils.numerical",
    "pad_sequences": "lamina.utils.sequences",
    "set_random_seed": "lamina.random.seed_generator",
    "split_dataset": "lamina.utils.splitting",
    "timeseries_dataset_from_array": "lamina.utils.timeseries",
    "to_categorical": "lamina.utils.numerical",
}

__all__ = list(_MODULES)
__getattr__, __dir__ = lazy(__name__, _MODULES)
