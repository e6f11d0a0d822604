"""Random training steps give the same on both backends, fused or not, in any batches."""

from __future__ import annotations

import numpy as np
import pytest

from graph.random_graphs import bits, random_step, run
from lamina import config, ops
from lamina.graph.graph import graph_of
from lamina.graph.tensor import Spec
from lamina.graph.trace import Trace
from lamina.graph.variable import Variable
from lamina.programs.native import NativeProgram
from lamina.programs.nodewise import NodewiseProgram

SEEDS = range(80)


@pytest.mark.parametrize(("rows", "batch"), [(11, 4), (400, 300)], ids=["whole", "in parts"])
@pytest.mark.parametrize("seed", SEEDS)
def test_native_agrees_with_numpy(seed: int, rows: int, batch: int) -> None:
    """Within 2e-4 of each array's largest number, after six or four steps of training.

    A batch of 300 is computed in parts, and so are weights of more than 16 rows.
    """
    step = random_step(seed, rows)
    want = run(NodewiseProgram(step.graph, batch), step)
    got = run(NativeProgram(step.graph, batch), step)
    for kind, wanted, found in zip(("output", "variable"), want, got):
        for i, (w, g) in enumerate(zip(wanted, found)):
            assert np.isfinite(w).all()
            scale = 2e-4 * np.abs(w.astype(np.float64)).max(initial=1e-3)
            np.testing.assert_allclose(g, w, rtol=0, atol=scale, err_msg=f"{kind} {i}")


@pytest.mark.parametrize("seed", SEEDS)
def test_fused_has_the_bits_of_unfused(seed: int) -> None:
    step = random_step(seed)
    got, want = (run(NativeProgram(step.graph, 4, fused=f), step) for f in (True, False))
    assert bits(got[0]) == bits(want[0])
    assert bits(got[1]) == bits(want[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_that_are_read_where_they_lie_have_the_bits_of_copies(seed: int) -> None:
    step = random_step(seed)
    program = NativeProgram(step.graph, 4)
    want = run(program, step)  # float64: copied
    step.arrays = [x.astype(np.float32) for x in step.arrays]
    kept = bits(step.arrays)
    got = run(program, step)
    assert bits(got[0]) == bits(want[0])
    assert bits(got[1]) == bits(want[1])
    assert bits(step.arrays) == kept


@pytest.mark.parametrize("seed", range(20))
def test_threads_and_levels_do_not_change_bits(seed: int) -> None:
    step = random_step(seed, rows=300)
    program = NativeProgram(step.graph, 128)
    found = set()
    for level in ("v3", "v4"):
        if level in config.available_levels():
            config.set_level(level)
            for threads in (1, 2, 3):
                config.set_num_threads(threads)
                outputs, variables = run(program, step)
                found.add((*bits(outputs), *bits(variables)))
    assert len(found) <= 1


@pytest.mark.parametrize("program", [NativeProgram, NodewiseProgram])
def test_a_run_can_stop_and_go_on(program: type[NativeProgram | NodewiseProgram]) -> None:
    """run_steps returns the step after the last one, at least one further each time."""
    step = random_step(3)
    compiled = program(step.graph, 2)
    order = np.arange(11)
    compiled.run_steps(step.arrays, order, 0, 6, 1e9)
    want = [v.numpy() for v in step.variables]
    step.reset()
    at = 0
    while at < 6:
        last, at = at, compiled.run_steps(step.arrays, order, at, 6, 0.0)
        assert at == last + 1
    assert bits([v.numpy() for v in step.variables]) == bits(want)


@pytest.mark.parametrize("program", [NativeProgram, NodewiseProgram])
def test_steps_take_the_rows_in_the_order_given(
    program: type[NativeProgram | NodewiseProgram],
) -> None:
    step = random_step(5)
    order = np.random.default_rng(0).permutation(11)
    compiled = program(step.graph, 4)
    compiled.run_steps(step.arrays, order, 0, 3, 1e9)
    want = [v.numpy() for v in step.variables]
    step.reset()
    sorted_arrays = [a[order] for a in step.arrays]
    compiled.run_steps(sorted_arrays, np.arange(11), 0, 3, 1e9)
    assert bits([v.numpy() for v in step.variables]) == bits(want)


@pytest.mark.parametrize("size", [3, 300_000])
def test_steps_have_no_denormal_numbers(size: int) -> None:
    """In any thread; outside of steps they are there."""
    tiny = np.finfo(np.float32).tiny
    kept = Variable(np.full(size, tiny, np.float32))
    doubled = Variable(np.zeros(size, np.float32))
    with Trace() as trace:
        x = trace.input(Spec((-1, 1)), "x")
        doubled.assign(ops.multiply(kept, 2.0**20))  # of what is not denormal yet
        kept.assign(ops.multiply(kept, 0.5))
    program = NativeProgram(graph_of(trace, [x]), 1)
    rows = [np.ones((2, 1), np.float32)]
    program.run_steps(rows, np.arange(2), 0, 1, 0.0)
    assert (kept.array == 0).all()
    assert (doubled.array == tiny * np.float32(2**20)).all()
    assert np.float32(tiny) * np.float32(0.5) > 0
    kept.array[...] = tiny / 2
    program.run_steps(rows, np.arange(2), 1, 2, 0.0)
    assert (doubled.array == 0).all()
    with Trace() as trace:
        x = trace.input(Spec((-1, 1)), "x")
        half = ops.multiply(x, 0.5)
    result = np.empty((1, 1), np.float32)
    NativeProgram(graph_of(trace, [half]), 1).map([np.full((1, 1), tiny)], 1, [result])
    assert result[0, 0] > 0
