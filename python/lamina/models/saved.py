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
        """Writes what `predict` computes for use without lamina, in the format of the path's ending.

        See `lamina.export.export_model`.
        """
        from lamina.export.export import export_model

        export_model(self, filepath, format, verbose, input_signature, **kwargs)  # type: ignore[arg-type]
