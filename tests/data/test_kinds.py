"""Data of any kind trains as its float32 copy does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lamina
from lamina import Input, Sequential, layers
from models.training import network, same, state

pytestmark = pytest.mark.usefixtures("backend")
rng = np.random.default_rng(0)
WHOLE = rng.integers(0, 100, (90, 20))  # exact in every type
Y = rng.integers(0, 4, 90)


def strided(x: np.ndarray) -> np.ndarray:
    """Every second row and column of something larger."""
    large = np.full((2 * len(x), 2 * x.shape[1]), -1, x.dtype)
    large[::2, ::2] = x
    return large[::2, ::2]


def read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


KINDS: dict[str, Callable[[np.ndarray], Any]] = {
    **{
        f"of {dtype}": lambda x, dtype=dtype: x.astype(dtype)
        for dtype in (
            "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
            "float32", "float64", "longdouble", ">f4", ">f8", ">i4", ">u2", "<i8",
        )
    },
    "every second row and column": lambda x: strided(x.astype(np.float32)),
    "every second row": lambda x: np.repeat(x, 2, axis=0).astype(np.uint8)[::2],
    "rows backwards": lambda x: x[::-1].astype(np.int16)[::-1],
    "columns backwards": lambda x: x[:, ::-1].astype(np.int16)[:, ::-1],
    "by columns": lambda x: np.asfortranarray(x.astype(np.float64)),
    "transposed": lambda x: x.T.astype(np.float32).copy().T,
    "not aligned": lambda x: np.frombuffer(b"!" + x.astype("<f4").tobytes(), "<f4", offset=1).reshape(
        x.shape
    ),
    "read-only": lambda x: read_only(x.astype(np.float32)),
    "lists": lambda x: x.tolist(),
    "a list of arrays": lambda x: list(x.astype(np.float32)),
    "tuples": lambda x: tuple(map(tuple, x.astype(float).tolist())),
    "a frame of integers": pd.DataFrame,
    "a frame of floats": lambda x: pd.DataFrame(x.astype(np.float32)),
    "a frame of many types": lambda x: pd.DataFrame(
        {f"c{i}": x[:, i].astype(["uint8", "float32", "int64", "float64"][i % 4]) for i in range(20)}
    ),
    "a frame that can have gaps": lambda x: pd.DataFrame(x).astype("Int64"),
    "a frame of floats that can have gaps": lambda x: pd.DataFrame(x).astype("Float32"),
    "a frame with another index": lambda x: pd.DataFrame(x, index=rng.permutation(len(x)) + 7),
    "what has __array__": lambda x: Wrapped(x),
}  # fmt: skip


class Wrapped:
    """An array of some other library."""

    def __init__(self, x: np.ndarray) -> None:
        self.x = x

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.x if dtype is None else self.x.astype(dtype)


def trained(x: Any, y: Any = Y, **settings: Any) -> Sequential:
    model = network()
    model.fit(x, y, batch_size=32, epochs=2, verbose=0, **settings)
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_samples(kind: str) -> None:
    """The same weights, losses and predictions, bit for bit."""
    want, got = trained(WHOLE.astype(np.float32)), trained(KINDS[kind](WHOLE))
    assert same(state(got), state(want))
    x = KINDS[kind](WHOLE)
    plain = want.predict(WHOLE.astype(np.float32), verbose=0)
    assert same([got.predict(x, verbose=0)], [plain])
    assert got.evaluate(x, Y, verbose=0) == want.evaluate(WHOLE.astype("f"), Y, verbose=0)


@pytest.mark.parametrize("dtype", [bool, np.uint8])
def test_samples_of_two_values(dtype: Any) -> None:
    x = WHOLE % 2
    assert same(state(trained(x.astype(dtype))), state(trained(x.astype(np.float32))))


def test_numbers_that_float32_rounds() -> None:
    """float64, int64 and longdouble are rounded to the nearest, as a copy would be."""
    for x in (rng.normal(size=(90, 20)), rng.integers(-(2**40), 2**40, (90, 20))):
        for wide in (x, x.astype(np.longdouble)):
            scaled = wide / 2**40 if x.dtype.kind == "i" else wide
            assert same(state(trained(scaled)), state(trained(scaled.astype(np.float32))))
    large = rng.integers(-(2**63), 2**63 - 1, (90, 20))
    model = network()
    got, want = (model.predict(x, verbose=0) for x in (large, large.astype(np.float32)))
    assert same([got], [want])


@pytest.mark.parametrize(
    "labels",
    [
        Y.astype("uint8"), Y.astype("int8"), Y.astype(float), Y.astype(">i8"), Y.tolist(), tuple(Y),
        Y[:, None], np.repeat(Y, 2)[::2], pd.Series(Y), pd.Series(Y).astype("Int8"),
        pd.DataFrame({"label": Y}), pd.Series(Y, index=rng.permutation(90)),
    ],
    ids=lambda x: f"{type(x).__name__} {getattr(x, 'dtype', '')} {getattr(x, 'shape', '')}",
)  # fmt: skip
def test_labels(labels: Any) -> None:
    x = WHOLE.astype(np.float32)
    assert same(state(trained(x, labels)), state(trained(x)))


@pytest.mark.parametrize("kind", [np.asarray, list, pd.Series, lambda w: w[:, None], np.float16])
def test_weights(kind: Any) -> None:
    weights = (rng.integers(0, 5, 90) / 2).astype(np.float32)
    x = WHOLE.astype(np.float32)
    want = trained(x, sample_weight=weights)
    assert same(state(trained(x, sample_weight=kind(weights))), state(want))
    assert not same(state(want), state(trained(x)))


def test_a_file_of_samples(tmp_path: Path) -> None:
    """np.memmap and np.load(mmap_mode): read as they are needed."""
    np.save(tmp_path / "x.npy", WHOLE.astype(np.uint8))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert isinstance(x, np.memmap)
    assert same(state(trained(x)), state(trained(WHOLE.astype(np.float32))))
    raw = np.memmap(tmp_path / "raw", np.float64, "w+", shape=WHOLE.shape)
    raw[:] = WHOLE
    assert same(state(trained(raw)), state(trained(WHOLE.astype(np.float32))))


def test_a_gap_is_refused() -> None:
    """A missing value of pandas, by its place."""
    x = pd.DataFrame(WHOLE).astype("Int64")
    x.iloc[3, 5] = pd.NA
    with pytest.raises(
        ValueError, match=r"`x` must be finite in float32. Received: x\[3, 5\] = nan"
    ):
        trained(x)
    labels = pd.Series(Y).astype("Int64")
    labels[7] = pd.NA
    with pytest.raises(ValueError, match=r"`y` must be finite in float32. Received: y\[7\] = nan"):
        trained(WHOLE, labels)


def test_columns_of_text_are_named() -> None:
    x = pd.DataFrame({"age": [1, 2], "name": ["a", "b"], "when": pd.to_datetime([0, 1])})
    with pytest.raises(TypeError, match=r"`x` must be an array of numbers.*columns name, when"):
        trained(x, [0, 1])


def images(scale: float | None, shape: tuple[int, ...] = (28, 28)) -> Sequential:
    lamina.utils.set_random_seed(1)
    rescaling = [] if scale is None else [layers.Rescaling(scale)]
    model = Sequential(
        [Input(shape), *rescaling, layers.Flatten(), layers.Dense(4, activation="softmax")]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    return model


def test_images_of_bytes() -> None:
    """Flatten takes images, Rescaling takes bytes: as if it had been done before."""
    x = rng.integers(0, 256, (90, 28, 28), np.uint8)
    got, want = images(1 / 255), images(None, (784,))
    got.fit(x, Y, verbose=0)
    lamina.utils.set_random_seed(1)
    want = images(None, (784,))
    scaled = x.reshape(90, 784).astype(np.float32) * np.float32(1 / 255)
    want.fit(scaled, Y, verbose=0)
    assert same(state(got), state(want))
    plain = images(None)
    plain.fit(x, Y, verbose=0)
    assert same(state(plain), state(trained_flat(x)))


def trained_flat(x: np.ndarray) -> Sequential:
    model = images(None, (784,))
    model.fit(x.reshape(90, 784).astype(np.float32), Y, verbose=0)
    return model


def test_an_axis_of_size_1_comes_or_goes() -> None:
    """(n,) for (n, 1), (n, 28, 28, 1) for (n, 28, 28): as in Keras."""
    lamina.utils.set_random_seed(1)
    model = Sequential([Input((1,)), layers.Dense(2)])
    x = np.arange(5.0)
    assert np.array_equal(model.predict(x, verbose=0), model.predict(x[:, None], verbose=0))
    flat, deep = images(None), rng.normal(size=(6, 28, 28, 1))
    assert np.array_equal(flat.predict(deep, verbose=0), flat.predict(deep[..., 0], verbose=0))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("contiguous", [True, False])
def test_numbers_that_float32_cannot_hold_are_refused(dtype: str, contiguous: bool) -> None:
    x = WHOLE.astype(dtype)
    x[3, 7] = np.float64(
        3.40282356e38
    )  # the first float64 to become infinite is 3.4028235677...e38
    x = x if contiguous else strided(x)
    network().fit(x, Y, verbose=0)
    too_large = x.astype(np.float64)
    too_large[3, 7] = -3.4028235677973366e38
    with pytest.raises(ValueError, match=r"`x` must be finite in float32. Received: x\[3, 7\]"):
        network().fit(too_large, Y, verbose=0)
