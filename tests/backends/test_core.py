"""The native module: what it refuses, how it reads numbers of any type, and its stub."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import _core

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def out(*shape: int, dtype: Any = np.float32) -> np.ndarray:
    return np.empty(shape, dtype)


@pytest.mark.parametrize(
    ("name", "inputs", "outputs", "attributes", "error", "message"),
    [
        ("relu", [X.astype(float)], [out(6, 4)], {}, TypeError, "relu: expected an array of float32"),
        ("relu", [X], [out(6, 4, dtype=np.int32)], {}, TypeError, "expected an array of float32"),
        ("relu", [X.astype(">f4")], [out(6, 4)], {}, TypeError, "relu"),
        ("relu", [X.T], [out(4, 6)], {}, ValueError, "expected a C-contiguous array"),
        ("relu", [X], [out(6, 5)], {}, ValueError, r"relu: .*\(6, 4\) -> \(6, 5\)"),
        ("relu", [X, X], [out(6, 4)], {}, ValueError, "wrong number of operands"),
        ("add", [X, X[:5]], [out(6, 4)], {}, ValueError, "does not broadcast"),
        ("add", [X, X], [out(4)], {}, ValueError, "more axes than the result"),
        ("sum", [X], [out(6)], {"axes": ()}, ValueError, "no axes"),
        ("sum", [X], [out(6)], {"axes": (2,)}, ValueError, "out of bounds"),
        ("sum", [X[None]], [out(4)], {"axes": (0, 2)}, ValueError, "neighbours|out of bounds"),
        ("sum", [X], [out(6)], {}, ValueError, "attribute axes is missing"),
        ("sum", [X], [out(5)], {"axes": (1,)}, ValueError, "wrong size"),
        ("transpose", [X], [out(6, 4)], {"axes": (1, 0)}, ValueError, "wrong shape"),
        (
            "matmul", [X, X], [out(6, 4)], {"transpose_a": 0, "transpose_b": 0}, ValueError,
            "inner sizes must agree",
        ),
        (
            "matmul", [X, X], [out(6, 4)], {"transpose_a": 0, "transpose_b": 1}, ValueError,
            "wrong shape",
        ),
        ("dropout", [X, X[0]], [out(6, 4)], {"rate": 0.5}, TypeError, "int32 or uint32"),
        ("dropout", [X, out(3, dtype=np.uint32)], [out(6, 4)], {"rate": 0.5}, ValueError, "state"),
        ("argmax", [out(6, 0)], [out(6)], {}, ValueError, "result per row"),
        ("one_hot", [X[0]], [out(4)], {}, ValueError, "a row per element"),
    ],
)  # fmt: skip
def test_calls_are_checked(
    name: str, inputs: Any, outputs: Any, attributes: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match=message):
        getattr(_core, name)(inputs, outputs, attributes)


def test_results_are_not_written_where_they_must_not_be() -> None:
    result = out(6, 4)
    result.flags.writeable = False
    with pytest.raises(ValueError, match="relu: the output array is read-only"):
        _core.relu([X], [result], {})


def program(**changes: Any) -> Any:
    """y = relu(x), for batches of up to 4 rows of 4."""
    arguments: dict[str, Any] = {
        "slots": [((-1, 4), 0), ((-1, 4), 16)],
        "instructions": [("relu", [0], [1], {}, 0)],
        "inputs": [0],
        "outputs": [1],
        "views": [],
        "workspace_size": 32,
        "batch_size": 4,
    }
    return _core.Program(**{**arguments, **changes})


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"workspace_size": 31}, ValueError, "a slot lies outside the workspace"),
        ({"instructions": [("relux", [0], [1], {}, 0)]}, ValueError, "unknown operation relux"),
        ({"instructions": [("relu", [0], [2], {}, 0)]}, IndexError, "."),
        (
            {"slots": [((), 0), ((), 16)], "instructions": [("relu", [0], [1], {}, 1)]},
            ValueError,
            "relu: the results of a group must start with one axis",
        ),
        (
            {"slots": [((-1, 4), 0), ((-1, 4), None)]},
            ValueError,
            "a local slot must be computed in",
        ),
        ({"inputs": [2]}, IndexError, "."),
        ({"outputs": [5]}, IndexError, "."),
        ({"views": [(0, 2)]}, IndexError, "."),
        ({"slots": [((-1, 4), 0), ((-1, 3), 16)]}, ValueError, "relu: "),
        ({"slots": [((-1, 4), 0), ((2, 2), X)]}, ValueError, "slot's array has another size"),
        ({"slots": [((-1, 4), 0), ((6, 4), X.astype(float))]}, TypeError, "float32"),
    ],
)
def test_programs_are_checked(changes: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        program(**changes)


@pytest.mark.parametrize(
    ("arrays", "rows", "results", "message"),
    [
        ([], 6, [out(6, 4)], "expected 1 arrays. Received: 0"),
        ([X, X], 6, [out(6, 4)], "expected 1 arrays. Received: 2"),
        ([X[:, :3]], 6, [out(6, 4)], r"input 0 has shape \(6, 3\), expected rows of 4"),
        ([X], 7, [out(7, 4)], "input 0 has shape"),
        ([X[:, ::-1]], 6, [out(6, 4)], "each sample must lie in one piece"),
        ([X], 6, [], "wrong number of results"),
        ([X], 6, [out(5, 4)], "result 0 has shape"),
    ],
)
def test_runs_are_checked(arrays: Any, rows: int, results: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        program().map(arrays, rows, results)


def test_rows_are_checked() -> None:
    for wrong in (-1, 6):
        with pytest.raises(IndexError, match=f"row {wrong} of 6"):
            program().run_steps([X], np.array([0, wrong]), 0, 1, 1.0)


def test_a_program_maps_any_number_of_rows() -> None:
    made = program()
    for rows in (1, 3, 4, 5, 6):
        result = out(rows, 4)
        made.map([X], rows, [result])
        assert np.array_equal(result, np.maximum(X[:rows], 0))


def test_a_program_predicts_from_an_array_of_its_shape() -> None:
    made = program()
    x = X.copy()
    x.flags.writeable = False
    first, second = made.predict(x), made.predict(x[1:4])
    assert np.array_equal(first, np.maximum(X, 0))
    assert np.array_equal(second, np.maximum(X[1:4], 0))
    assert first.dtype == np.float32
    assert first.flags.owndata
    assert first.flags.writeable


@pytest.mark.parametrize("dtype", ["?", "u1", "i1", "u2", "i4", "i8", "f2", "f8"])
def test_a_program_predicts_from_numbers_of_other_dtypes(dtype: str) -> None:
    x = (X * 3).astype(dtype)
    want = np.maximum(x.astype(np.float32), 0)
    assert np.array_equal(program().predict(x), want)


@pytest.mark.parametrize(
    "x",
    [
        X.astype(">f4"), X.astype(complex), X.astype(np.longdouble), X.astype(str),
        X[:, :3], X[:0], X[0], X[:, :, None], X[::2], X[:, ::-1],
        np.asfortranarray(X), X.tolist(), None, 1.0,
    ],
)  # fmt: skip
def test_a_program_leaves_other_input_to_be_prepared(x: Any) -> None:
    assert program().predict(x) is None


def test_a_program_with_two_inputs_does_not_predict() -> None:
    with pytest.raises(TypeError, match="one input and one output"):
        program(inputs=[0, 0]).predict(X)


def test_views_follow_an_input_that_is_read_where_it_lies() -> None:
    """y = relu(reshape(x)): float32 rows are not copied into the workspace."""
    made = program(
        slots=[((-1, 2, 2), 0), ((-1, 4), 0), ((-1, 4), 16)],
        instructions=[("relu", [1], [2], {}, 0)],
        outputs=[2],
        views=[(1, 0)],
    )
    x = X.reshape(-1, 2, 2)
    for given in (x, x.astype(float), x[::2], x[::-1], x):
        result = out(len(given), 4)
        made.map([given], len(given), [result])
        assert np.array_equal(result, np.maximum(given.reshape(-1, 4), 0))
    assert np.array_equal(made.predict(x), np.maximum(X, 0))


TYPES = [
    "?", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32",
    "float64",
]  # fmt: skip


def numbers(dtype: str) -> np.ndarray:
    """Every number of a small type, and the hard ones of a large type."""
    kind = np.dtype(dtype)
    if kind.itemsize <= 2:
        bits = np.arange(2 ** (8 * kind.itemsize), dtype=f"uint{8 * kind.itemsize}")
        return bits[:2].astype(bool) if dtype == "?" else bits.view(kind)
    raw = np.random.default_rng(0).integers(0, 256, (4000, kind.itemsize), np.uint8)
    random = raw.view(kind).ravel()
    if kind.kind == "f":
        near = np.random.default_rng(1).normal(size=1000).astype(kind)
        ends = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-45, 3.4028235e38, 1e-39], kind)
        return np.concatenate([random, near, ends])
    limits = np.iinfo(kind)
    ends = [limits.min, limits.max, 0, 1, 2**24 - 1, 2**24 + 1, 2**24 + 3, 2**31 - 1]
    return np.concatenate([random, np.array(ends, kind)])


@pytest.mark.parametrize("dtype", TYPES)
def test_numbers_of_any_type_are_read(dtype: str, level: str) -> None:
    """As astype(float32): rounded to the nearest; from rows in any order, at any stride."""
    x = numbers(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        want = x.astype(np.float32)
    table, expected = (a[: len(a) // 2 * 2].reshape(2, -1) for a in (x, want))
    order = np.array([1, 0, 1])
    spread = np.zeros((5, table.shape[1]), dtype)
    spread[4], spread[2] = table
    for rows in (table, spread[4::-2]):
        result = out(3, table.shape[1])
        _core.take_rows(result, rows, order)
        assert np.array_equal(result, expected[order], equal_nan=True)
        zeros = result == 0
        assert np.array_equal(np.signbit(result[zeros]), np.signbit(expected[order][zeros]))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("n", [1, 7, 1024, 1025, 40_000])
def test_the_first_number_that_is_not_finite(dtype: str, n: int, level: str) -> None:
    """And what is finite in float64, but not in float32."""
    overflow = (2 - 2.0**-24) * 2.0**127  # rounded to float32, infinite
    x = np.zeros(n, dtype)
    x[0] = min(np.nextafter(overflow, 0), float(np.finfo(dtype).max))
    assert _core.first_nonfinite(x) == -1
    values = [np.nan, np.inf, -np.inf]
    values += [overflow, -overflow, 1e300] if dtype == "float64" else []
    for place in {0, n // 2, n - 1}:
        for value in values:
            wrong = x.copy()
            wrong[place:] = value
            assert _core.first_nonfinite(wrong) == place


def test_the_stub_names_what_is_there() -> None:
    stub = Path(lamina.__file__).with_name("_core.pyi")
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    classes = {
        n.name: {m.name for m in n.body if isinstance(m, ast.FunctionDef)}
        for n in tree.body
        if isinstance(n, ast.ClassDef)
    }
    there = {name for name in dir(_core) if not name.startswith("_")}
    assert functions | set(classes) | {"operations"} == there
    for name, methods in classes.items():
        public = {m for m in vars(getattr(_core, name)) if not m.startswith("_")}
        assert methods - {"__init__"} == public
    assert set(_core.operations) <= functions
