"""The seed job in other libraries, each as well as it can reasonably be written there.

A peer's module has `build(job) -> Peer` (see job.py); it runs in a process of its own (worker.py).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """Where a peer is built, the packages it takes, and what a user's script would import."""

    build: str
    packages: tuple[str, ...]
    imports: str
    note: str = ""
    environment: dict[str, str] = field(default_factory=dict)


def _keras(backend: str, package: str) -> Entry:
    imports = "import keras; keras.Sequential, keras.layers.Dense, keras.optimizers.RMSprop"
    environment = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "2"}
    return Entry("keras_api.build", ("keras", package), imports, "", environment)


ENTRIES = {
    "lamina": Entry(
        "keras_api.build_lamina",
        ("lamina",),
        "import lamina; lamina.Sequential, lamina.layers.Dense, lamina.optimizers.RMSprop",
    ),
    "keras-tensorflow": _keras("tensorflow", "tensorflow"),
    "keras-jax": _keras("jax", "jax"),
    "keras-torch": _keras("torch", "torch"),
    "torch": Entry("torch_eager.build", ("torch",), "import torch"),
    "jax": Entry("jax_scan.build", ("jax",), "import jax, jax.numpy", "whole epoch in one scan"),
    "onnxruntime": Entry(
        "onnx_runtime.build",
        ("onnxruntime", "onnx"),
        "import onnxruntime",
        "predicts only, lamina's weights",
    ),
    "sklearn": Entry(
        "sklearn_mlp.build",
        ("sklearn",),
        "from sklearn.neural_network import MLPClassifier",
        "Adam, no dropout",
    ),
    "numpy": Entry("numpy_blas.build", ("numpy",), "import numpy", "OpenBLAS for the products"),
}

_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LAMINA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS", "NPROC", "PJRT_NPROC",
)  # fmt: skip
_FOREIGN = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)  # would choose another kernel than the CPU's own


def environment(threads: int) -> dict[str, str]:
    """This process's, with every library told how many threads to use before it is imported."""
    kept = {k: v for k, v in os.environ.items() if k not in _FOREIGN}
    return {**kept, **{name: str(threads) for name in _THREADS}}
