"""Variables: when their first value is made, and where it lies."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from lamina import initializers
from lamina.graph.variable import Variable


class Counting(initializers.RandomUniform):
    """Counts its calls, and takes its time."""

    calls = 0

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        self.calls += 1
        time.sleep(0.05)
        return super().__call__(shape, dtype)


def test_random_values_are_drawn_when_they_are_first_read() -> None:
    initializer = Counting(seed=1)
    variable = Variable(initializer, (3, 4))
    assert (variable.shape, variable.dtype, variable.size) == ((3, 4), "float32", 12)
    assert initializer.calls == 0
    first = variable.numpy()
    assert np.array_equal(first, initializers.RandomUniform(seed=1)((3, 4)))
    variable.assign(first + 1)
    assert np.array_equal(variable.array, first + 1)
    assert initializer.calls == 1


def test_a_value_that_was_assigned_first_stays() -> None:
    initializer = Counting(seed=1)
    variable = Variable(initializer, (2,))
    variable.assign([5.0, 6.0])
    assert variable.numpy().tolist() == [5, 6]
    assert initializer.calls == 0


def test_threads_that_read_at_once_share_one_draw() -> None:
    initializer = Counting(seed=1)
    variable = Variable(initializer, (1000,))
    ready = threading.Barrier(8)

    def read() -> None:
        ready.wait()
        variable.array[...] = 7  # a first value that came after this would undo it

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert initializer.calls == 1
    assert np.all(variable.array == 7)


def test_a_users_function_is_called_at_once() -> None:
    order = []

    def ones(shape: tuple[int, ...], dtype: str) -> np.ndarray:
        order.append(shape)
        return np.ones(shape, dtype)

    variable = Variable(ones, (2, 3))
    assert order == [(2, 3)]
    assert variable.numpy().tolist() == [[1, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint32"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (5, 7)])
def test_memory_begins_at_a_cache_line(shape: tuple[int, ...], dtype: str) -> None:
    array = Variable(None, shape, dtype).array
    assert (array.shape, array.dtype) == (shape, dtype)
    assert array.ctypes.data % 64 == 0
    assert array.flags.c_contiguous
    assert not array.any()


def test_no_value_needs_a_shape() -> None:
    with pytest.raises(ValueError, match="needs the argument `shape`"):
        Variable(initializers.Zeros())
    with pytest.raises(ValueError, match="needs the argument `shape`"):
        Variable(None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_child_forked_during_a_draw_draws_itself() -> None:
    initializer = Counting(seed=1)
    variable = Variable(initializer, (3,))
    drawing = threading.Thread(target=variable.numpy)
    drawing.start()
    while not initializer.calls:
        time.sleep(0.001)
    child = os.fork()
    if not child:
        signal.alarm(5)  # a child that waits for ever is ended
        expected = initializers.RandomUniform(seed=1)((3,))
        os._exit(0 if np.array_equal(variable.numpy(), expected) else 1)
    drawing.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
