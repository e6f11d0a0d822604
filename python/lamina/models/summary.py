"""The table that `model.summary()` prints.

The model is duck-typed. A model has `name`, `layers`, perhaps `operations` (layers, and
operations with a `class_name`), `trainable_weights`,
`non_trainable_weights`, `optimizer` (None, or with `built` and `variables`) and, when its layers
are no plain chain, `connections`: layer name -> list of inputs such as "dense[0][0]".
A layer has `name`, `built`, `output_shape` (a shape, a list or dict of shapes, or None),
`count_params()`, `weights`, `trainable`, `layers` if it is a model itself, and perhaps
`get_build_config()` and `compute_output_shape()`. A weight has `shape` and `dtype`.
"""

from __future__ import annotations

import contextlib
import math
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lamina.utils.console import write_line
from lamina.utils.text_table import column_widths, render


def summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], object] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print the layers of a model, their output shapes and parameter counts, as Keras does.

    Args:
        model: a Sequential or Model.
        line_length: width of the table in characters. Default: 88 (108 with connections),
            12 more with `show_trainable`, but at most 4 less than the terminal's width.
        positions: where each column ends, as rising fractions of the line, one per column
            (the "Trainable" column is added to them).
        print_fn: called once with the whole text. Default: write to standard output.
        expand_nested: also list the layers of models used as layers.
        show_trainable: add a column with Y, N, or - for a layer without weights.
        layer_range: two regular expressions: list only the layers from the first that matches
            the one to the last that matches the other.

    Raises:
        ValueError: a bad `line_length`, `positions` or `layer_range`.
    """
    connections = getattr(model, "connections", None)
    header, align, ends, usual = _columns(connections is not None, show_trainable, positions)
    widths = column_widths(ends, _line_length(line_length, usual))
    rows = [
        row
        for layer in _in_range(list(getattr(model, "operations", model.layers)), layer_range)
        for row in _layer_rows(layer, connections, expand_nested, show_trainable)
    ]
    table = render(header, rows, widths, align)
    text = "\n".join([f'Model: "{model.name}"', *table, *_totals(model)])
    if print_fn is None:
        write_line(text)
    else:
        print_fn(text + "\n")


def _columns(
    connected: bool, show_trainable: bool, positions: Sequence[float] | None
) -> tuple[list[str], str, list[float], int]:
    """Headers, alignments, where the columns end, and the usual length of a line."""
    header, align, usual = ["Layer (type)", "Output Shape", "Param #"], "llr", 88
    ends = [0.45, 0.80, 1.0]
    if connected:
        header, align, usual = [*header, "Connected to"], "llrl", 108
        ends = [0.3, 0.56, 0.74, 1.0]
    if positions is not None:
        ends = _check_positions(positions, len(header))
    if show_trainable:
        header, align, usual = [*header, "Trainable"], align + "c", usual + 12
        ends = [end * 0.90 for end in ends] + [1.0]
    return header, align, ends, usual


def _check_positions(positions: Sequence[float], columns: int) -> list[float]:
    ends = [float(end) for end in positions]
    rising = all(a < b for a, b in zip([0.0, *ends], [*ends, math.inf]))
    if len(ends) != columns or not rising or ends[-1] > 1:
        raise ValueError(
            f"positions must be {columns} rising fractions of the line, above 0 and at most 1. "
            f"Received: positions={list(positions)}"
        )
    return ends


def _line_length(line_length: int | None, usual: int) -> int:
    if line_length is None:
        return min(usual, shutil.get_terminal_size().columns - 4)
    if isinstance(line_length, bool) or not isinstance(line_length, int) or line_length < 1:
        raise ValueError(
            f"line_length must be a positive integer. Received: line_length={line_length!r}"
        )
    return line_length


def _in_range(layers: list[Any], layer_range: Sequence[str] | None) -> list[Any]:
    """The layers between the two patterns, whichever comes first in the model."""
    if layer_range is None:
        return layers
    patterns = [layer_range] if isinstance(layer_range, str) else list(layer_range)
    if len(patterns) != 2 or not all(isinstance(p, str) for p in patterns):
        raise ValueError(
            f"layer_range must be a pair of strings. Received: layer_range={layer_range!r}"
        )
    first, last = (
        [i for i, layer in enumerate(layers) if re.match(pattern, layer.name)]
        for pattern in patterns
    )
    if not first or not last:
        raise ValueError(
            "layer_range must match the name of a layer at both ends; the layers are "
            f"{[layer.name for layer in layers]}. Received: layer_range={layer_range!r}"
        )
    if first[0] > last[-1]:
        first, last = last, first
    return layers[first[0] : last[-1] + 1]


def _layer_rows(
    layer: Any,
    connections: Mapping[str, Iterable[str]] | None,
    expand_nested: bool,
    show_trainable: bool,
    level: int = 0,
) -> list[list[str]]:
    """The row of a layer and, when asked for, of the layers in it."""
    indent = "   " * level + "└ " if level else ""
    kind = getattr(layer, "class_name", type(layer).__name__)
    row = [f"{indent}{layer.name} ({kind})", _shape_text(layer), _params_text(layer)]
    if connections is not None:
        row.append(", ".join(connections.get(layer.name, ())) or "-")
    if show_trainable:
        row.append(("Y" if layer.trainable else "N") if getattr(layer, "weights", ()) else "-")
    rows = [row]
    if expand_nested:
        for inner in getattr(layer, "layers", ()):
            rows += _layer_rows(inner, connections, expand_nested, show_trainable, level + 1)
    return rows


def _params_text(layer: Any) -> str:
    """An operation between layers has no parameters."""
    if not hasattr(layer, "built"):
        return "0"
    return f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"


def _shape_text(layer: Any) -> str:
    """The shapes of the outputs, in one list however they are nested, as Keras shows them."""
    shapes = [format_shape(shape) for shape in _flat_shapes(_output_shape(layer))]
    if len(shapes) > 1:
        return f"[{', '.join(shapes)}]"
    return shapes[0] if shapes else "?"


def _output_shape(layer: Any) -> Any:
    """In a model of inputs and outputs, or else for what the layer was built for; None if unknown."""
    shape = getattr(layer, "output_shape", None)
    if shape is not None or not hasattr(layer, "get_build_config"):
        return shape
    built_for = (layer.get_build_config() or {}).get("input_shape")
    if built_for is not None:
        with contextlib.suppress(Exception):  # of a `call` that needs more than that
            return layer.compute_output_shape(built_for)
    return None


def _flat_shapes(shape: Any) -> list[Any]:
    if shape is None or _is_shape(shape):
        return [] if shape is None else [shape]
    inner = shape.values() if isinstance(shape, dict) else shape
    return [flat for one in inner for flat in _flat_shapes(one)]


def _is_shape(value: object) -> bool:
    return isinstance(value, tuple) and all(n is None or isinstance(n, int) for n in value)


def format_shape(shape: Sequence[int | None]) -> str:
    """(None, 10)"""
    return f"({', '.join(map(str, shape))})"


def _totals(model: Any) -> list[str]:
    """Parameters and their size in memory: of all, trained, not trained, the optimizer's."""
    trainable, fixed = list(model.trainable_weights), list(model.non_trainable_weights)
    optimizer = getattr(model, "optimizer", None)
    built = optimizer is not None and optimizer.built
    slots: list[Any] = list(optimizer.variables) if optimizer is not None and built else []
    totals = [
        ("Total", trainable + fixed + slots),
        ("Trainable", trainable),
        ("Non-trainable", fixed),
    ]
    if built:
        totals.append(("Optimizer", slots))
    return [f" {name} params: {_count(weights):,} ({_size(weights)})" for name, weights in totals]


def _count(weights: Iterable[Any]) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def _size(weights: Iterable[Any]) -> str:
    size: float = sum(math.prod(w.shape) * np.dtype(w.dtype).itemsize for w in weights)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"
