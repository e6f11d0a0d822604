"""The texts of models that Keras's goldens were made with are what lamina writes today."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from golden.cases.functional import MODELS, written_by
from lamina import ops


@pytest.mark.parametrize("name", MODELS)
def test_the_stored_texts_are_current(name: str) -> None:
    lamina.utils.clear_session()
    stored = json.loads(written_by("lamina").read_text(encoding="utf-8"))
    assert json.loads(MODELS[name](lamina).to_json()) == json.loads(stored[name])


def test_layers_learn_though_a_text_says_training_false(backend: str) -> None:
    """Keras writes what `training` was when a model was described; fit knows better."""
    text = json.loads(json.loads(written_by("keras").read_text(encoding="utf-8"))["chain"])
    (dropout,) = (e for e in text["config"]["layers"] if e["class_name"] == "Dropout")
    assert dropout["inbound_nodes"][0]["kwargs"] == {"training": False}
    model = lamina.models.model_from_json(json.dumps(text))
    x = ops.ones((64, 6))
    assert len({tuple(row) for row in model(x, training=True).tolist()}) > 1
    assert len({tuple(row) for row in model.predict(x, verbose=0).tolist()}) == 1


# What Keras itself cannot read back is no part of tests/saving/exchange/of_operations.py.
BOUNDS = np.array([0.0, 1.0], "float32")
BY_NAME: dict[str, Callable[[Any], Any]] = {
    "clip by symbolic values": lambda x: ops.clip(x, -0.5, ops.abs(x[:, :1])),
    "searchsorted in an array": lambda x: ops.searchsorted(BOUNDS, x, side="right"),
    "heights and places": lambda x: ops.trapezoid(ops.square(x), x=x),
    "differences allowed": lambda x: ops.isclose(x, x + 0.3, atol=0.5),
    "values by name": lambda x: ops.where(x > 0.0, x2=x, x1=1.0),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_operations_keep_their_arguments(name: str) -> None:
    entry = lamina.Input((4,))
    model = lamina.Model(entry, BY_NAME[name](entry))
    again = lamina.models.model_from_json(model.to_json())
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(again(x), model(x))


@pytest.mark.parametrize(
    ("make", "kind", "name"),
    [
        (lamina.activations.relu, "ReLU", "re_lu"),
        (ops.relu, "Relu", "relu"),
        (ops.layer_normalization, "LayerNorm", "layer_norm"),
        (ops.rms_normalization, "RMSNorm", "rms_norm"),
        (lambda x: ops.cdist(x, x), "CDist", "c_dist"),
        (lambda x: ops.isin(x, BOUNDS), "IsIn", "is_in"),
    ],
)
def test_operations_are_named_as_in_keras(make: Callable[[Any], Any], kind: str, name: str) -> None:
    lamina.utils.clear_session()
    entry = lamina.Input((3, 4))
    made_by = make(entry).call.made_by
    assert (made_by.class_name, made_by.name) == (kind, name)


def test_arguments_that_operations_lack_are_told() -> None:
    entry = lamina.Input((4,))
    text = json.loads(lamina.Model(entry, ops.layer_normalization(entry)).to_json())
    operation = text["config"]["layers"][-1]["config"]
    operation["rms_scaling"] = False  # as Keras writes it
    lamina.models.model_from_json(json.dumps(text))
    operation["rms_scaling"] = True
    with pytest.raises(ValueError, match=r"'LayerNorm' has the arguments .*rms_scaling"):
        lamina.models.model_from_json(json.dumps(text))
