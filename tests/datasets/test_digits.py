"""Drawn digits: the same bytes for a seed in whatever portions, MNIST's form, and readable."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from lamina.datasets import digits, mnist
from lamina.datasets.digits import draws, glyphs, render, strokes

Array = npt.NDArray[Any]


def sha256(*arrays: Array) -> str:
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()


@pytest.fixture(scope="module")
def drawn() -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    return digits.load_data(6000, 1000, seed=5)


def test_a_seed_gives_these_bytes() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data(300, 40, seed=1)
    assert sha256(x_train, y_train, x_test, y_test) == (
        "56e00d23c155f9dfa451a8324362052ae753d090ddf6b621a8226f4c64ffdc46"
    )


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_portions_do_not_matter(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    whole = digits.load_data(150, 30, seed=2)
    monkeypatch.setattr(digits, "_CHUNK", chunk)
    again = digits.load_data(150, 30, seed=2)
    for (x, y), (x2, y2) in zip(whole, again):
        np.testing.assert_array_equal(x, x2)
        np.testing.assert_array_equal(y, y2)


def test_the_first_images_do_not_depend_on_how_many() -> None:
    (x, y), _ = digits.load_data(200, 10, seed=3)
    (x2, y2), (v2, w2) = digits.load_data(70, 0, seed=3)
    np.testing.assert_array_equal(x[:70], x2)
    np.testing.assert_array_equal(y[:70], y2)
    assert v2.shape == (0, 28, 28)
    assert w2.shape == (0,)


def test_seeds_and_splits_differ() -> None:
    (x, _), (v, _) = digits.load_data(50, 50, seed=0)
    (x2, _), _ = digits.load_data(50, 0, seed=2**64 - 1)
    assert not (x == v).all((1, 2)).any()
    assert not (x == x2).all((1, 2)).any()


def test_form_is_that_of_mnist(drawn: tuple[tuple[Array, Array], tuple[Array, Array]]) -> None:
    for (x, y), count in zip(drawn, (6000, 1000)):
        assert x.dtype == y.dtype == np.uint8
        assert x.shape == (count, 28, 28)
        assert y.shape == (count,)
        assert x.flags.writeable
        assert x.flags.c_contiguous
        assert x.max((1, 2)).min() > 128


def test_every_digit_is_equally_likely(
    drawn: tuple[tuple[Array, Array], tuple[Array, Array]],
) -> None:
    counts = np.bincount(drawn[0][1], minlength=10)
    expected, deviation = 600, (6000 * 0.1 * 0.9) ** 0.5
    assert counts.shape == (10,)
    assert (np.abs(counts - expected) < 5 * deviation).all()


def test_ink_lies_in_20_pixels_around_the_centre_of_mass(
    drawn: tuple[tuple[Array, Array], tuple[Array, Array]],
) -> None:
    x = drawn[0][0].astype(float)
    for axis in (1, 2):
        line = x.sum(3 - axis)
        centre = (line * np.arange(28)).sum(1) / line.sum(1)
        where = np.where(line > 0, np.arange(28), np.nan)
        extent = np.nanmax(where, 1) - np.nanmin(where, 1) + 1
        assert extent.max() <= 20
        central = np.abs(centre - 14) <= 0.5  # unless the 20 pixels then reach out of the 28
        assert central.mean() > 0.99


def test_a_nearest_mean_reads_them(
    drawn: tuple[tuple[Array, Array], tuple[Array, Array]],
) -> None:
    (x, y), (v, w) = drawn
    x, v = x.reshape(-1, 784) / 255.0, v.reshape(-1, 784) / 255.0
    means = np.stack([x[y == d].mean(0) for d in range(10)])
    far = (v**2).sum(1)[:, None] - 2 * v @ means.T + (means**2).sum(1)
    assert (far.argmin(1) == w).mean() > 0.6


@pytest.mark.skipif(
    not os.path.exists(os.path.join(os.environ.get("LAMINA_DATA_DIR", ""), "mnist.npz")),
    reason="needs real MNIST: LAMINA_DATA_DIR names no folder with mnist.npz",
)
def test_neighbours_among_drawn_digits_read_real_ones(
    drawn: tuple[tuple[Array, Array], tuple[Array, Array]],
) -> None:
    (x, y), _ = drawn
    _, (v, w) = mnist.load_data()
    x, v, w = x.reshape(-1, 784) / 255.0, v[:1000].reshape(-1, 784) / 255.0, w[:1000]
    far = (x**2).sum(1) - 2 * v @ x.T
    assert (y[far.argmin(1)] == w).mean() > 0.8


def test_the_pen_draws_what_it_is_told() -> None:
    """A horizontal line of radius 2 through the middle: rows 8 to 11 are black, others white."""
    points = np.array([[[2.0, 10.0, 18.0], [10.0, 10.0, 10.0]]])
    radius = np.array([2.0])
    far = render.distance(points, np.full((1, 2), 2.0), np.ones((1, 2), bool))
    box = render.ink(far, radius, np.zeros((1, 20, 20)), blur=1.0)[0]
    assert (box[8:12, 3:17] == 255).all()
    assert (box[:7] == 0).all()
    assert (box[13:] == 0).all()
    assert far[0, 10, 10] == pytest.approx(0.25)  # half a pixel over the radius 2
    assert far[0, 10, 19] == pytest.approx(np.hypot(1.5, 0.5) / 2)


def test_a_lifted_pen_leaves_no_ink() -> None:
    points = np.array([[[2.0, 10.0, 18.0], [10.0, 10.0, 10.0]]])
    far = render.distance(points, np.ones((1, 2)), np.array([[True, False]]))
    assert far[0, 10, 17] > 6


def test_paths_pass_through_their_control_points_and_are_all_used() -> None:
    for digit, ways in glyphs.GLYPHS.items():
        us = np.linspace(0, 1, 400, endpoint=False)
        found = strokes.pick(np.full(400, digit), us)
        assert len(set(found.tolist())) == len(ways)
        shares = np.array([share for share, _ in ways])
        np.testing.assert_allclose(
            np.bincount(found - found.min()) / 400, shares / shares.sum(), atol=0.01
        )
    still = np.zeros((1, 2, strokes.CONTROLS)), np.zeros((1, 2, strokes.STROKES))
    one = strokes.pick(np.array([1]), np.array([0.0]))
    points, down = strokes.trace(one, *still)
    np.testing.assert_allclose(points[0, 0], points[0, 0, 0])  # "50,0 50,100" is upright
    np.testing.assert_allclose(points[0, 1], np.linspace(-1, 1, strokes.POINTS), atol=1e-3)
    assert down.all()
    four = strokes.pick(np.array([4]), np.array([0.0]))
    _, down = strokes.trace(four, *still)
    assert (~down).sum() == 1


def test_random_numbers_have_the_promised_moments() -> None:
    numbers = draws.Draws(0, 0, 0, 4000)
    u, b, octets = numbers.uniform(), numbers.bell(2, 3), numbers.byte(5, 5)
    assert u.min() >= 0
    assert u.max() < 1
    assert u.mean() == pytest.approx(0.5, abs=0.02)
    assert b.shape == (4000, 2, 3)
    np.testing.assert_allclose([b.mean(), b.var()], [0, 1], atol=0.02)
    assert abs(b).max() <= 6**0.5
    assert octets.shape == (4000, 5, 5)
    assert octets.mean() == pytest.approx(127.5, abs=1)
    with pytest.raises(IndexError, match="words"):
        numbers.bell(200)


@pytest.mark.parametrize("name", ["num_train", "num_test", "seed"])
@pytest.mark.parametrize(
    ("value", "error"), [(-1, ValueError), (2**64, ValueError), (1.0, TypeError), ("3", TypeError)]
)
def test_bad_arguments(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"{name} must .* Received: {name}="):
        digits.load_data(**{"num_train": 1, "num_test": 1, name: value})


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    digits.load_data(5, 5)
    assert not list(tmp_path.iterdir())
