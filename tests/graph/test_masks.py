"""Masks that travel with arrays.  What layers make of them, beside Keras's: tests/golden."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from lamina import Input, Model, Sequential, layers
from lamina.graph import masks
from lamina.graph.masks import mask_of, with_mask

X = np.arange(6.0, dtype=np.float32).reshape(1, 3, 2)
MASK = np.array([[True, True, False]])
IDS = np.array([[1, 2, 0]])


def test_an_array_that_others_hold_stays_without() -> None:
    masked = with_mask(X, MASK)
    assert mask_of(masked) is MASK
    assert np.shares_memory(masked, X)
    assert mask_of(X) is None
    assert mask_of(masked + 1) is None


@pytest.mark.filterwarnings("ignore:Layer .* mask")
def test_a_call_leaves_the_users_array_as_it_was() -> None:
    entry = Input((3, 2))
    model = Model(entry, layers.Activation("linear")(entry))
    assert mask_of(model(X, mask=MASK)) is MASK
    assert mask_of(X) is None


@pytest.mark.filterwarnings("ignore:Layer .* mask")
def test_a_mask_that_is_given_goes_before_the_one_that_travels() -> None:
    entry = Input((3, 2))
    model = Model(entry, layers.Activation("linear")(entry))
    masked, other = with_mask(X, MASK), ~MASK
    assert mask_of(model(masked)) is MASK
    assert mask_of(model(masked, mask=other)) is other
    assert mask_of(masked) is MASK


def test_nothing_is_kept_of_arrays_that_are_gone() -> None:
    gc.collect()
    before = len(masks._of_arrays)
    for _ in range(100):
        layers.Embedding(5, 2, mask_zero=True)(IDS)
    assert len(masks._of_arrays) == before


def test_bad_masks() -> None:
    model = Sequential([Input((3, 2)), layers.Dense(1)])
    with pytest.raises(
        TypeError, match=r"`mask` must be an array or a tensor\. Received: mask=True"
    ):
        model(X, mask=MASK.tolist())


def test_a_model_gives_numbers_alone_but_for_a_layer_around() -> None:
    model = Sequential([Input((3,)), layers.Embedding(5, 2, mask_zero=True)])

    class Around(layers.Layer):
        def call(self, x: np.ndarray) -> np.ndarray:
            self.seen = mask_of(model(x))
            return x

    around = Around()
    around(IDS)
    assert np.array_equal(around.seen, IDS != 0)
    assert mask_of(model(IDS)) is None
    assert mask_of(model.predict(IDS, verbose=0)) is None


@pytest.mark.filterwarnings("ignore:Layer .* mask")
def test_a_config_refuses_masks_by_themselves() -> None:
    """Keras's format has no word for them."""
    entry = Input((3,))
    embedded = layers.Embedding(5, 2, mask_zero=True, name="e")(entry)
    model = Model(
        entry, layers.BatchNormalization()(layers.Dense(2)(embedded), mask=embedded._keras_mask)
    )
    with pytest.raises(ValueError, match="cannot say that the mask of 'e' is used by itself"):
        model.get_config()
