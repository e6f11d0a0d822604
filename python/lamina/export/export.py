"""A model as a file for use elsewhere."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from lamina import tree
from lamina.export.c_header.names import identifier
from lamina.export.graph import inference_graph
from lamina.saving.atomic import write_atomically

if TYPE_CHECKING:
    from lamina.models.model import Model


class _Format(NamedTuple):
    """A file's ending, the module whose `export(graph, **options)` gives its bytes, and the backend
    that has the same bits."""

    ending: str
    module: str
    backend: str | None = None


_FORMATS = {
    "onnx": _Format(".onnx", "lamina.export.onnx"),
    "numpy": _Format(".py", "lamina.export.numpy_script", "numpy"),
    "c": _Format(".h", "lamina.export.c_header", "native"),
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
    format = _format_of(os.fspath(filepath), format)
    write: Callable[..., bytes] = importlib.import_module(_FORMATS[format].module).export
    if format == "c" and kwargs.get("name") is None:
        kwargs["name"] = identifier(os.path.splitext(os.path.basename(filepath))[0])
    if input_signature is not None:
        _match(model, input_signature)
    content = write(inference_graph(model, _FORMATS[format].backend), **kwargs)
    write_atomically(filepath, lambda file: file.write(content))
    if verbose is None or verbose:
        print(f"Saved artifact at '{os.fspath(filepath)}'.")


def _format_of(filepath: str, format: str | None) -> str:
    """The format that is asked for, or that of the ending."""
    if format is None:
        ending = os.path.splitext(filepath)[1].lower()
        found = [name for name, known in _FORMATS.items() if known.ending == ending]
        endings = ", ".join(f"'{known.ending}'" for known in _FORMATS.values())
        if not found:
            raise ValueError(
                f"The format is told by the ending, one of {endings}, or by `format`. "
                f"Received: filepath={filepath!r}"
            )
        return found[0]
    if format not in _FORMATS:
        raise ValueError(
            f"`format` must be one of {', '.join(map(repr, _FORMATS))}. Received: format={format!r}"
        )
    return format


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
