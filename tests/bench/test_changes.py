"""Every object that `bench/objects.py` measures can be measured, and none is forgotten."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lamina import layers

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
import changes
import objects

del sys.path[0]  # where other names are those of tests' folders

# Measured under another name, moved without arithmetic, or working on data before the model.
NOT_MEASURED = {
    "Activation", "Dense", "Flatten", "Identity", "InputLayer", "Lambda", "Masking", "Permute",
    "Pipeline", "RepeatVector", "Reshape", "Wrapper", "Cropping1D", "UpSampling1D", "ZeroPadding1D",
    "SpatialDropout2D", "SpatialDropout3D", "Subtract", "Dot", "ReversibleEmbedding",
    "CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "Normalization",
    "StringLookup", "TextVectorization",
}  # fmt: skip
CHANGES = {
    f"{family}.{name}": change for family, of in changes.FAMILIES.items() for name, change in of()
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_trained(name: str) -> None:
    contender = objects.Contender(name, CHANGES[name], (16, 32, 16), 1)
    assert contender.time() > 0
    assert contender.calls()[0] > 10
    assert contender.least(contender, 1.0, 1e-9) > 0


def test_no_layer_is_forgotten() -> None:
    measured = {name.split(".")[1].partition(",")[0].split(" ")[0] for name in CHANGES}
    assert set(layers._classes()) - measured == NOT_MEASURED
