"""Frames and series of polars are tables of numbers, if all of their columns are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from models.training import network, same, state

pl = pytest.importorskip("polars")
pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
WHOLE = rng.integers(0, 100, (90, 20))  # exact in every type
Y = rng.integers(0, 4, 90)
NAMES = [f"c{i}" for i in range(20)]
TYPES = ["uint8", "float32", "int64", "float64", "int16", "bool"]


def of_many_types(x: np.ndarray) -> Any:
    return pl.DataFrame({name: x[:, i].astype(TYPES[i % 5]) for i, name in enumerate(NAMES)})


KINDS: dict[str, Callable[[np.ndarray], Any]] = {
    "integers": lambda x: pl.DataFrame(x, schema=NAMES),
    "floats": lambda x: pl.DataFrame(x.astype(np.float32), schema=NAMES),
    "many types": of_many_types,
    "in chunks": lambda x: pl.concat([pl.DataFrame(x[:40]), pl.DataFrame(x[40:])], rechunk=False),
    "a part": lambda x: pl.DataFrame(np.repeat(x, 2, axis=0))[::2],
}


def fitted(x: Any, y: Any = Y, **settings: Any) -> Any:
    model = network()
    model.fit(x, y, **{"batch_size": 32, "epochs": 2, "verbose": 0, **settings})
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_frames(kind: str) -> None:
    x, dense = KINDS[kind](WHOLE), WHOLE.astype(np.float32)
    got, want = fitted(x, pl.Series(Y)), fitted(dense)
    assert same(state(got), state(want))
    assert got.evaluate(x, pl.Series(Y), verbose=0) == want.evaluate(dense, Y, verbose=0)
    assert same([got.predict(x, verbose=0)], [want.predict(dense, verbose=0)])


@pytest.mark.parametrize("dtype", TYPES)
def test_columns_of_labels_and_weights(dtype: str) -> None:
    y = Y % 2 if dtype == "bool" else Y
    labels, weights = pl.Series(y.astype(dtype)), pl.Series(y / 2)
    want = fitted(WHOLE, y, sample_weight=y / 2)
    assert same(state(fitted(WHOLE, labels, sample_weight=weights)), state(want))
    assert same(state(fitted(WHOLE, pl.DataFrame({"label": labels}))), state(fitted(WHOLE, y)))


def test_gaps_are_refused_by_their_place() -> None:
    columns = {name: WHOLE[:, i].tolist() for i, name in enumerate(NAMES)}
    columns["c5"][3] = None
    message = r"`{}` must be finite in float32\. Received: {} = nan"
    with pytest.raises(ValueError, match=message.format("x", r"x\[3, 5\]")):
        fitted(pl.DataFrame(columns))
    labels = pl.Series([None, *Y[1:].tolist()])
    with pytest.raises(ValueError, match=message.format("y", r"y\[0\]")):
        fitted(WHOLE, labels)


def test_columns_of_text_are_named() -> None:
    frame = {"age": [1, 2], "name": ["a", "b"], "fit": [True, None], "well": [True, False]}
    with pytest.raises(TypeError, match=r"`x` must be an array of numbers.*columns name, fit\)"):
        fitted(pl.DataFrame(frame), [0, 1])
