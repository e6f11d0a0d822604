"""`plot_model`: a model's layers as a picture."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from lamina.diagram.layout import place
from lamina.diagram.structure import Shown, read
from lamina.diagram.svg import render
from lamina.models.model import Model
from lamina.utils import check

_CONVERTED = {".png": "svg2png", ".pdf": "svg2pdf"}
_SPLINES = {"curved": False, "spline": False, "line": True, "polyline": True}
_CSS_DPI = 96  # an SVG's own unit


class Diagram:
    """A picture of a model, which a notebook shows; `svg` is its text."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg


def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] | None = "model.svg",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "curved",
) -> Diagram:
    """Draws the layers of a model and how they are connected.  Nothing needs to be installed.

    A layer that is used several times is one box; small numbers at its arrows tell its uses apart.

    Args:
        model: a built model; one with a `call` of its own is a single box.
        to_file: where to write it; the suffix is .svg, or, with cairosvg installed, .png or .pdf.
            None writes no file.
        show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable: what the
            boxes tell beside the layers' classes.
        rankdir: "TB" from top to bottom or "LR" from left to right.
        expand_nested: draw models in the model with their layers, in a frame.
        dpi: dots per inch of a .png.
        splines: "curved" or "line" arrows.

    Returns:
        The picture, which a notebook shows.

    Errors: TypeError for what is no model; ValueError for a model that is not built, another suffix,
    rankdir or splines; ImportError for a .png or .pdf without cairosvg.
    """
    if not isinstance(model, Model):
        raise TypeError(f"`model` must be a model. Received: model={model!r}")
    if not model.built:
        raise ValueError(
            f"Model '{model.name}' is not built yet: call `build()`, or the model on some data, "
            "before it is drawn."
        )
    _check_choice("rankdir", rankdir, ("TB", "LR"))
    _check_choice("splines", splines, tuple(_SPLINES))
    scale = check.integer("dpi", dpi, 1) / _CSS_DPI
    target = None if to_file is None else _target(to_file)
    shown = Shown(
        show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable,
        expand_nested,
    )  # fmt: skip
    graph, lying = read(model, shown), rankdir == "LR"
    svg = render(graph, *place(graph, lying), lying, _SPLINES[splines])
    if target is not None:
        _write(target, svg, scale)
    return Diagram(svg)


def _check_choice(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"`{name}` must be one of {known}. Received: {name}={value!r}")


def _target(to_file: str | os.PathLike[str]) -> Path:
    path = Path(to_file)
    suffix = path.suffix.lower()
    if suffix != ".svg" and suffix not in _CONVERTED:
        raise ValueError(
            "`to_file` must end in .svg, .png or .pdf (the last two need cairosvg). "
            f"Received: to_file={os.fspath(to_file)!r}"
        )
    if suffix != ".svg":
        try:
            import cairosvg  # noqa: F401
        except ImportError as error:
            raise ImportError(
                f"Models are drawn as SVG; a {suffix} file needs cairosvg (`pip install cairosvg`), "
                f"or choose a name that ends in .svg. Received: to_file={os.fspath(to_file)!r}"
            ) from error
    return path


def _write(path: Path, svg: str, scale: float) -> None:
    """Writes the file whole, or leaves the old one."""
    content = svg.encode()
    if path.suffix.lower() in _CONVERTED:
        import cairosvg

        content = getattr(cairosvg, _CONVERTED[path.suffix.lower()])(content, scale=scale)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
