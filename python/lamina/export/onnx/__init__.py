"""Models as ONNX files."""

from __future__ import annotations

from lamina.export.graph import InferenceGraph


def export(graph: InferenceGraph, opset_version: int | None = None) -> bytes:
    """The file of a graph's ONNX model.

    Errors: ImportError without onnx; ValueError for another opset, and as `model_of`.
    """
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise ImportError("ONNX files need onnx: pip install lamina[onnx]") from error
    from lamina.export.onnx.model import OPSET, model_of

    if opset_version not in (None, OPSET):
        raise ValueError(
            f"`opset_version` must be {OPSET}, which every runtime since 2022 reads. "
            f"Received: opset_version={opset_version!r}"
        )
    return model_of(graph).SerializeToString()
