"""ONNX Runtime: predicts with lamina's trained weights, in the graph that an exporter would write."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from peer.job import SIZES, Array, Job, Peer


def graph(weights: Sequence[Array]) -> bytes:
    """The model: "x", bytes (n, 784), to "y", probabilities (n, 10)."""
    held = [numpy_helper.from_array(w, f"w{i}") for i, w in enumerate(weights)]
    held.append(numpy_helper.from_array(np.float32(1 / 255), "scale"))
    nodes = [
        helper.make_node("Cast", ["x"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["h0"]),
    ]
    for i in range(len(weights) // 2):
        last = 2 * i + 2 == len(weights)
        inputs, outputs = [f"h{i}", f"w{2 * i}", f"w{2 * i + 1}"], ["y" if last else f"h{i + 1}"]
        nodes.append(helper.make_node("Gemm", inputs, [f"z{i}"]))
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"z{i}"], outputs))
    x = helper.make_tensor_value_info("x", TensorProto.UINT8, ["n", SIZES[0]])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", SIZES[-1]])
    model = helper.make_model(
        helper.make_graph(nodes, "seed", [x], [y], held),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    return model.SerializeToString()


def build(job: Job) -> Peer:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job.threads
    session = onnxruntime.InferenceSession(
        graph(job.trained), options, providers=["CPUExecutionProvider"]
    )
    ways = {"run": lambda x: session.run(None, {"x": x})[0]}
    return Peer(f"ONNX Runtime {onnxruntime.__version__}", None, ways)
