"""What a format has no means for."""

from __future__ import annotations

from collections.abc import Container

from lamina.export.graph import InferenceGraph


def refuse_lacking(graph: InferenceGraph, known: Container[str], format: str) -> None:
    """Errors: ValueError that names operations which are not known, and their layers."""
    lacking = {
        node.operation.name: node.layers[-1]
        for node in reversed(graph.nodes)
        if node.operation.name not in known
    }
    if lacking:
        named = ", ".join(f"ops.{name} (in '{layer}')" for name, layer in sorted(lacking.items()))
        raise ValueError(f"The format '{format}' has no operation for: {named}")
