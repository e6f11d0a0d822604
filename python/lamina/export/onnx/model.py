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
from lamina.graph.tensor import Tensor

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
    tensors = {y.name: y for node in graph.nodes for y in node.outputs}
    nodes = [_node(call, builder.renamed, tensors) for call in builder.calls]
    inner = {name for node in nodes for name in node.output} - set(graph.output_names)
    made = helper.make_graph(
        nodes,
        graph.name,
        [
            helper.make_tensor_value_info(x.name, _kind(dtype), _sizes(x.dims))
            for x, dtype in zip(graph.inputs, graph.input_dtypes)
        ],
        [
            helper.make_tensor_value_info(name, _kind("float32"), _sizes(x.dims))
            for x, name in zip(graph.outputs, graph.output_names)
        ],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
        value_info=[
            helper.make_tensor_value_info(name, _kind("float32"), _sizes(x.dims))
            for name, x in tensors.items()
            if name in inner
        ],
    )
    return helper.make_model(
        made,
        producer_name="lamina",
        producer_version=lamina.__version__,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )


def _node(call: Call, renamed: dict[str, str], tensors: dict[str, Tensor]) -> NodeProto:
    inputs, outputs = ([renamed.get(n, n) for n in names] for names in (call.inputs, call.outputs))
    attributes = {k: _kind(v) if k == "to" else v for k, v in call.attributes.items()}
    node = helper.make_node(call.operator, inputs, outputs, name=outputs[0], **attributes)
    made_for = tensors.get(outputs[0])
    if made_for is not None and made_for.node is not None:
        node.doc_string = "/".join(made_for.node.layers[1:])
    return node


def _kind(dtype: str) -> int:
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def _sizes(dims: Sequence[int]) -> list[int | str]:
    return [d if d >= 0 else "batch" if d == -1 else f"{-d}*batch" for d in dims]
