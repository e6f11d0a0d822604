"""Graphs as ONNX models: opset 17, IR version 8, which runtimes since 2022 read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, helper, numpy_helper

import lamina
from lamina.export.graph import InferenceGraph
from lamina.export.lacking import refuse_lacking
from lamina.export.onnx import elements, moving, rows
from lamina.export.onnx.builder import Builder, Call
from lamina.export.onnx.patterns import Patterns
from lamina.graph.tensor import Node

OPSET, IR_VERSION = 17, 8
_LIMIT = 2**31 - 1  # bytes of a protobuf message

OPERATIONS: dict[str, Any] = {**elements.OPERATIONS, **rows.OPERATIONS, **moving.OPERATIONS}


def model_of(graph: InferenceGraph) -> ModelProto:
    """The model of a graph.

    Errors: ValueError for operations that have no operators, and weights that a file cannot hold.
    """
    refuse_lacking(graph, OPERATIONS, "onnx")
    size = sum(x.value.nbytes for x in graph.constants if x.value is not None)
    if size > _LIMIT:
        raise ValueError(f"An ONNX file holds at most 2 GiB. Received: weights of {size} bytes")
    builder = Builder(graph)
    patterns = Patterns(graph)
    for node in graph.nodes:
        if id(node) not in patterns.absorbed:
            builder.begin(node)
            emit = patterns.emitters.get(id(node))
            found = emit(builder) if emit else OPERATIONS[node.operation.name](builder, node)
            builder.end(node.outputs, (found,) if isinstance(found, str) else found)
    builder.results()
    return _model(graph, builder)


def _model(graph: InferenceGraph, builder: Builder) -> ModelProto:
    read = {name for call in builder.calls for name in call.inputs}
    arrays = {name: array for name, array in builder.arrays.items() if name in read}
    layers = {y.name: node for node in graph.nodes for y in node.outputs}
    made = helper.make_graph(
        [_node(call, builder.renamed, layers) for call in builder.calls],
        graph.name,
        [
            helper.make_tensor_value_info(x.name, _kind(dtype), _sizes(x.dims))
            for x, dtype in zip(graph.inputs, graph.input_dtypes)
        ],
        [
            helper.make_tensor_value_info(name, _kind("float32"), _sizes(x.dims))
            for x, name in zip(graph.outputs, graph.output_names)
        ],
        [numpy_helper.from_array(array, n) for n, array in arrays.items()],
    )
    return helper.make_model(
        made,
        producer_name="lamina",
        producer_version=lamina.__version__,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )


def _node(call: Call, renamed: dict[str, str], layers: dict[str, Node]) -> NodeProto:
    inputs, outputs = ([renamed.get(n, n) for n in names] for names in (call.inputs, call.outputs))
    attributes = {k: _kind(v) if k == "to" else v for k, v in call.attributes.items()}
    node = helper.make_node(call.operator, inputs, outputs, name=outputs[0], **attributes)
    made_for = layers.get(outputs[0])
    if made_for is not None:
        node.doc_string = "/".join(made_for.layers[1:])
    return node


def _kind(dtype: str) -> int:
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def _sizes(dims: Sequence[int]) -> list[int | str]:
    return ["batch" if d < 0 else d for d in dims]
