"""A model as a file for use elsewhere."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lamina import tree
from lamina.export.graph import inference_graph
from lamina.saving.atomic import write_atomically

if TYPE_CHECKING:
    from lamina.models.model import Model

# Each format's ending, and the module whose `export(graph, **options)` gives the file's bytes.
_FORMATS = {
    "onnx": (".onnx", "lamina.export.onnx"),
    "numpy": (".py", "lamina.export.numpy_script"),
}


def export_model(
    model: Model,
    filepath: str | os.PathLike[str],
    format: str | None = None,
    verbose: bool | None = None,
    input_signature: Any = None,
    **kwargs: Any,
) -> None:
    """As `Model.export`."""
    write = _exporter(os.fspath(filepath), format)
    if input_signature is not None:
        _match(model, input_signature)
    content = write(inference_graph(model), **kwargs)
    write_atomically(filepath, lambda file: file.write(content))
    if verbose is None or verbose:
        print(f"Saved artifact at '{os.fspath(filepath)}'.")


def _exporter(filepath: str, format: str | None) -> Callable[..., bytes]:
    """The function that makes the bytes of a format."""
    if format is None:
        ending = os.path.splitext(filepath)[1].lower()
        found = [module for known, module in _FORMATS.values() if known == ending]
        endings = ", ".join(f"'{known}'" for known, _ in _FORMATS.values())
        if not found:
            raise ValueError(
                f"The format is told by the ending, one of {endings}, or by `format`. "
                f"Received: filepath={filepath!r}"
            )
        module = found[0]
    elif format in _FORMATS:
        module = _FORMATS[format][1]
    else:
        raise ValueError(
            f"`format` must be one of {', '.join(map(repr, _FORMATS))}. Received: format={format!r}"
        )
    export: Callable[..., bytes] = importlib.import_module(module).export
    return export


def _match(model: Model, input_signature: Any) -> None:
    """Builds the model for the shapes, or refuses those that it was not built for."""
    for spec in tree.flatten(input_signature):
        if getattr(spec, "shape", None) is None:
            raise TypeError(
                "`input_signature` must hold objects with a shape, such as InputSpec. "
                f"Received: {spec!r}"
            )
    shapes = tree.map_structure(lambda spec: tuple(spec.shape), input_signature)
    if isinstance(input_signature, (list, tuple)) and len(input_signature) == 1:
        shapes = shapes[0]
    if model.signature is None:
        model.build(shapes)
    assert model.signature is not None
    given = [tuple(spec.shape)[1:] for spec in tree.flatten(input_signature)]
    wanted = [shape[1:] for shape in model.signature.input_shapes]
    if given != wanted:
        raise ValueError(
            f"`input_signature` must have the shapes of the model's inputs, {wanted} after the batch. "
            f"Received: {given}"
        )
