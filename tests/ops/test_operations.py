"""Every operation of the registry: on the native backend at every level, against the reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import lamina.ops
from lamina import _core, config
from lamina.backends import native
from lamina.backends import numpy as reference
from lamina.graph.operation import operations
from lamina.graph.tensor import Spec
from ops.cases import CASES
from ops.draws import SIZES, Case
from ops.rounding import ROUNDING

assert lamina.ops  # it fills the registry
Array = np.ndarray

# What has no gradient: whole numbers, truth values, state, and what stops one.
WITHOUT_GRADIENT = {
    "sign", "floor", "logical_not", "isnan", "isfinite", "floor_divide", "greater",
    "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and", "logical_or", "argmax",
    "argsort", "top_k", "searchsorted",
    "categorical_accuracy", "one_hot", "count", "stop_gradient", "advance", "increment", "counter",
    "choose", "accumulate", "sgd", "adam", "rmsprop", "ceil", "round",
    "random_uniform", "random_normal",
}  # fmt: skip


def run(backend: Any, name: str, operands: Sequence[Array], attributes: dict[str, Any]) -> Any:
    """The results on a backend, checked to have the shapes and dtypes that the shape rule says."""
    specs = operations[name].specs([Spec(x.shape, x.dtype.name) for x in operands], attributes)
    results = backend.run(name, operands, attributes, specs)
    assert [(r.shape, r.dtype.name) for r in results] == [(s.dims, s.dtype) for s in specs]
    return results


def exact(case: Case, name: str) -> Any:
    """The results of the reference in float64."""
    operands = [x.astype(np.float64) if x.dtype == np.float32 else x for x in case.operands]
    return run(reference, name, operands, case.attributes)


def assert_close(got: Array, want: Array, allowed: Array, what: str) -> None:
    """NaN and infinity in the same places, all else as close as allowed."""
    with np.errstate(all="ignore"):
        rounded = want.astype(np.float32)
        special = ~np.isfinite(rounded) | ~np.isfinite(got)
        same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
        near = np.abs(got - want.astype(np.float64)) <= allowed
    wrong = np.where(special, ~same, ~near)
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise AssertionError(
            f"{what}: {wrong.sum()} of {wrong.size} differ; at {at} got {got[at]!r}, want {want[at]!r} "
            f"within {allowed[at] if allowed.shape else allowed!r}"
        )


@pytest.mark.parametrize("name", operations)
def test_every_operation_is_complete(name: str) -> None:
    assert name in reference.functions, "it needs a function in lamina/backends/numpy.py"
    assert name in _core.operations, "it needs a line in cpp/program/operations.cpp"
    assert CASES.get(name), "it needs cases in tests/ops/cases.py"
    assert name in ROUNDING, "it needs a rounding in tests/ops/rounding.py"
    has_rule = operations[name].gradient_rule is not None
    assert has_rule != (name in WITHOUT_GRADIENT), "it needs a gradient rule, or to be listed here"


def test_nothing_is_left_of_operations_that_are_gone() -> None:
    known = set(operations)
    assert set(CASES) == known
    assert set(ROUNDING) == known
    assert known >= WITHOUT_GRADIENT
    assert set(reference.functions) == known
    assert set(_core.operations) - known == {"dense", "gate"}  # what fuse makes


@pytest.mark.parametrize("name", operations)
def test_cases_have_every_size(name: str) -> None:
    """Sizes around the widths of vectors, on some axis of an operand or result."""
    fixed = {
        "advance": set(),
        "increment": set(),
        "counter": set(),
        "choose": set(),
        "reshape": {0, 1, 5},
    }
    needed = fixed.get(name, set(SIZES))
    if name in ("max", "min", "argmax", "softmax", "log_softmax", "one_hot", "top_k"):
        needed = needed - {0}  # nothing is the largest of no numbers
    if name == "broadcast_to":
        needed = {0, 1, 9, 17, 33, 257}
    found = set()
    for case in CASES[name]:
        for x in (*case.operands, *exact(case, name)):
            found |= {n for n in x.shape if not case.edges}
    assert needed <= found, f"no case of size {sorted(needed - found)}"


@pytest.mark.parametrize("name", operations)
def test_native_is_the_reference_but_for_rounding(name: str, level: str) -> None:
    for case in CASES[name]:
        operands = [x.copy() for x in case.operands]
        want = exact(case, name)
        got = run(native, name, operands, case.attributes)
        wide = [x.astype(np.float64) for x in operands]
        for g, w, a in zip(got, want, ROUNDING[name].allowed(wide, case.attributes, want)):
            assert_close(g, w, np.asarray(a), f"{name}, {level}, {case.name}")
        for before, after in zip(case.operands, operands):
            assert before.tobytes() == after.tobytes(), f"{name}, {case.name}: operand changed"


@pytest.mark.parametrize("name", operations)
def test_levels_with_fma_give_the_same_bits(name: str) -> None:
    levels = [level for level in ("v3", "v4") if level in config.available_levels()]
    if len(levels) < 2:
        pytest.skip(f"this CPU has only {levels} of the levels v3 and v4")
    for case in CASES[name]:
        results = []
        for level in levels:
            config.set_level(level)
            made = run(native, name, case.operands, case.attributes)
            results.append([np.where(np.isnan(r), np.nan, r).tobytes() for r in made])
        assert results[0] == results[1], f"{name}, {case.name}"


@pytest.mark.parametrize("name", operations)
def test_threads_do_not_change_bits(name: str, level: str) -> None:
    for case in CASES[name]:
        if case.size < 2**14:
            continue
        results = []
        for threads in (1, 2, 3):
            config.set_num_threads(threads)
            made = run(native, name, case.operands, case.attributes)
            results.append([r.tobytes() for r in made])
        assert results[0] == results[1] == results[2], f"{name}, {level}, {case.name}"


@pytest.mark.parametrize("name", operations)
def test_a_repeated_call_gives_the_same_bits(name: str) -> None:
    for case in CASES[name]:
        first, second = (run(native, name, case.operands, case.attributes) for _ in range(2))
        assert [r.tobytes() for r in first] == [r.tobytes() for r in second], f"{name}, {case.name}"


# NaN for what is outside has no integer; negative numbers as bytes are not sorted.
BY_INDEX = ("take", "take_along_axis", "searchsorted")
STATEFUL = (  # have dtypes of their own
    "dropout", "advance", "increment", "counter", "choose", "sgd", "adam", "rmsprop",
    "random_uniform", "random_normal",
)  # fmt: skip
NOT_BY_ZERO = ("divide", "reciprocal", "rsqrt", "log", "log2", "log10")


@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
@pytest.mark.parametrize("name", [n for n in operations if n not in (*STATEFUL, *BY_INDEX)])
def test_whole_numbers_come_out_alike(name: str, dtype: str) -> None:
    """Integer and boolean operands: the same dtype and the same numbers on both backends."""
    for case in CASES[name][1:20]:
        operands = [np.clip(np.nan_to_num(x), -5, 5).astype(dtype) for x in case.operands]
        if name in NOT_BY_ZERO:
            operands[-1] |= np.array(1, dtype)
        if name == "power":  # negative ones of integers are refused
            operands[-1] = abs(operands[-1])
        want, got = (run(b, name, operands, case.attributes) for b in (reference, native))
        for g, w in zip(got, want):
            what = f"{name}, {case.name}, {dtype}"
            allowed = 1e-5 * np.abs(w.astype(np.float64)) + 1e-6
            assert_close(g.astype(np.float32), w.astype(np.float64), allowed, what)
