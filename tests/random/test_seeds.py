"""Seeds, and streams of random numbers."""

from __future__ import annotations

import random as python_random

import numpy as np
import pytest

import lamina
from lamina.graph.trace import Trace
from lamina.random import SeedGenerator, make_default_seed


def test_set_random_seed_seeds_python_and_numpy() -> None:
    draws = []
    for _ in range(2):
        lamina.utils.set_random_seed(3)
        draws.append((python_random.random(), np.random.rand(), make_default_seed()))
    assert draws[0] == draws[1]
    lamina.utils.set_random_seed(4)
    assert python_random.random() != draws[0][0]


def test_a_default_seed_is_drawn_as_keras_draws_it() -> None:
    python_random.seed(11)
    want = [python_random.randint(1, int(1e9)) for _ in range(3)]
    python_random.seed(11)
    assert [make_default_seed() for _ in range(3)] == want


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_out_of_range(seed: int) -> None:
    for make in (lamina.utils.set_random_seed, SeedGenerator):
        with pytest.raises(ValueError, match=f"`seed` must be .*seed={seed}"):
            make(seed)


@pytest.mark.parametrize("seed", [1.5, "1", True])
def test_seeds_of_other_types(seed: object) -> None:
    for make in (lamina.utils.set_random_seed, SeedGenerator):
        with pytest.raises(TypeError, match="`seed` must be an integer"):
            make(seed)  # type: ignore[arg-type]


def test_a_stream_moves_on() -> None:
    stream = SeedGenerator(5)
    assert [stream.next().tolist() for _ in range(3)] == [[5, 0], [5, 1], [5, 2]]
    assert stream.state.numpy().tolist() == [5, 3]
    assert not stream.state.trainable


@pytest.mark.parametrize(
    ("seed", "states"),
    [
        (4, [[4, 0], [26935, 5387], [458387, 95987], [91602, 95110]]),
        (4_000_000_000, [[4_000_000_000, 0], [702714, 5387], [470561, 95987]]),
    ],
)
def test_a_stream_out_of_order(seed: int, states: list[list[int]]) -> None:
    """The states that Keras 3.15.1 gives on JAX and NumPy."""
    stream = SeedGenerator(seed)
    assert [stream.next(ordered=False).tolist() for _ in states] == states
    with Trace(), pytest.raises(ValueError, match=r"Received: ordered=False"):
        stream.next(ordered=False)


def test_streams_are_named() -> None:
    lamina.utils.clear_session()
    assert [SeedGenerator(1).name, SeedGenerator(1).name] == ["seed_generator", "seed_generator_1"]
    stream = SeedGenerator(3, name="mine")
    assert stream.state.name == "seed_generator_state"
    assert SeedGenerator.from_config(stream.get_config()).get_config() == {
        "seed": 3,
        "name": "mine",
    }


def test_a_stream_moves_on_in_a_graph() -> None:
    """Each use sees another state; nothing moves while the graph is recorded."""
    stream = SeedGenerator(5)
    with Trace() as trace:
        first, second = stream.next(), stream.next()
    assert first is trace.leaf(stream.state)
    assert second.node.operation.name == "advance"
    assert trace.state[stream.state].node.inputs == (second,)
    assert stream.state.numpy().tolist() == [5, 0]


def test_the_last_step_is_followed_by_the_first(backend: str) -> None:
    stream = SeedGenerator(5)
    stream.state.assign(np.array([5, 2**32 - 1], np.uint32))
    stream.next()
    assert stream.state.numpy().tolist() == [5, 0]
