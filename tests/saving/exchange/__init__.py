"""Models that go through files from lamina to real Keras and back."""

from . import of_layers, of_models, of_operations, of_tables, of_training
from .case import FileCase

CASES: dict[str, FileCase] = {
    **of_layers.CASES,
    **of_models.CASES,
    **of_operations.CASES,
    **of_training.CASES,
    **of_tables.CASES,
}
# What files of several releases of Keras are kept of.
KEPT = (
    "model/sequential", "model/functional", "model/nested", "model/blocks", "model/subclassed",
    "model/own_layer",
    "functional/operators", "layer/normalization", "layer/embedding_masked", "initializers/all",
    "optimizer/RMSprop_both", "optimizer/SGD_accumulation", "optimizer/AdamW_scheduled",
    "compile/dicts",
)  # fmt: skip
