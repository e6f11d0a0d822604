"""Models in files."""

from __future__ import annotations

import os
from typing import Any

from lamina.models.trainer import Trainer


class Saved(Trainer):
    """A model that can be written to files, and its weights read from them."""

    def save(
        self,
        filepath: str | os.PathLike[str],
        overwrite: bool = True,
        zipped: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """As `lamina.saving.save_model`."""
        from lamina.saving.files import save_model

        save_model(self, filepath, overwrite, zipped, **kwargs)

    def save_weights(
        self,
        filepath: str | os.PathLike[str],
        overwrite: bool = True,
        max_shard_size: None = None,
    ) -> None:
        """As `lamina.saving.save_weights`."""
        from lamina.saving.files import save_weights

        save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(
        self, filepath: str | os.PathLike[str], skip_mismatch: bool = False, **kwargs: Any
    ) -> None:
        """As `lamina.saving.load_weights`."""
        from lamina.saving.files import load_weights

        load_weights(self, filepath, skip_mismatch, **kwargs)

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str | None = None,
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Writes what `predict` computes to a file for use without lamina.

        The file is there as a whole, or as it was before.

        Args:
            filepath: ends in ".onnx": a model that ONNX Runtime and others read (`pip install
                lamina[onnx]` to write it); in ".py": a module and program that needs NumPy; or in
                ".h": C99 and C++ that needs nothing and has `predict`'s bits.
            format: "onnx", "numpy" or "c"; by the ending when None.
            verbose: whether the path is printed at the end, as in Keras; True when None.
            input_signature: the shapes of the inputs, nested like them, as objects with a `shape`
                (`InputSpec`, symbolic values, arrays): a model that is not built is built for them.
            kwargs: options of the format: `opset_version` of "onnx", which can only be 17; `name` of
                "c", with which all names in the header begin: that of the file when None.

        Errors: ValueError for another ending or format, a model that is not built, inputs of other
        shapes, and a model that computes what the format has no means for; ImportError without the
        package onnx; OSError for a path that cannot be written.
        """
        from lamina.export.export import export_model

        export_model(self, filepath, format, verbose, input_signature, **kwargs)  # type: ignore[arg-type]
