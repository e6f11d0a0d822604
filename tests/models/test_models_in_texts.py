"""The texts of models that Keras's goldens were made with are what lamina writes today."""

from __future__ import annotations

import json

import pytest

import lamina
from golden.cases.functional import MODELS, written_by


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
    x = lamina.ops.ones((64, 6))
    assert len({tuple(row) for row in model(x, training=True).tolist()}) > 1
    assert len({tuple(row) for row in model.predict(x, verbose=0).tolist()}) == 1
