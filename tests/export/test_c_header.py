"""C headers: compiled, and equal to `predict` bit for bit."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from export.architectures import ACTIVATIONS, LAYERS, activation, random_model, samples_of
from export.c_compiled import C99, CPP, FAST, Headers, call, command, compiled, same_bits
from export.single import NOT_IN_PREDICTIONS, graph_of_one
from lamina import _core, backends, config, layers, ops
from lamina.export.c_header import export, library
from lamina.export.c_header.elementwise import FUNCTIONS
from lamina.export.c_header.header import OPERATIONS, TYPES
from lamina.export.graph import InferenceGraph, inference_graph
from lamina.graph.operation import operations
from lamina.graph.tensor import Spec
from ops.cases import CASES

Array = np.ndarray


@pytest.fixture(autouse=True)
def _fused() -> None:
    """Headers have the bits of the levels with fused multiply-adds; only x86's baseline has none."""
    levels = [level for level in config.available_levels() if level != "baseline"]
    if levels:
        config.set_level(levels[0])
    elif platform.machine() in ("x86_64", "AMD64"):
        pytest.skip("this CPU has no fused multiply-add: predict rounds where a header does not")


# --- functions ------------------------------------------------------------------------------------

_OPERANDS = dict.fromkeys(
    ("arctan2", "elu", "floor_divide", "hypot", "leaky_relu", "maximum", "minimum", "mod", "power"),
    2,
)


def some_floats(operands: int) -> list[Array]:
    """Every 2^16th float of all; for two operands, all pairs of some."""
    bits = np.arange(0, 2**32, 2**16, dtype=np.uint64) + np.arange(2**16, dtype=np.uint64)
    every = bits.astype(np.uint32).view(np.float32)
    small = np.arange(-8, 8.5, 0.5, dtype=np.float32)
    if operands == 1:
        return [np.concatenate([every, small])]
    some = np.concatenate([every[::257], small])
    return [np.repeat(some, some.size), np.tile(some, some.size)]


@pytest.mark.parametrize("compiler", [C99, FAST], ids=" ".join)
def test_functions_have_the_bits_of_the_kernels(tmp_path: Path, compiler: tuple[str, ...]) -> None:
    source = [
        "#include <math.h>",
        "#include <stddef.h>",
        "#include <stdint.h>",
        "#include <string.h>",
    ]
    source.append(library.source(FUNCTIONS, "c_"))
    for name in FUNCTIONS:
        operands = ", ".join(f"x[{j}][i]" for j in range(_OPERANDS.get(name, 1)))
        head = f"FUNCTION run_{name}(float **x, size_t n)"
        source.append(f"{head};\n{head} {{")
        source.append(f"for (size_t i = 0; i < n; ++i) x[2][i] = c_{name}({operands});\n}}")
    found = compiled(tmp_path, "\n".join(source), compiler)
    for name in FUNCTIONS:
        operands = some_floats(_OPERANDS.get(name, 1))
        y, expected = np.empty_like(operands[0]), np.empty_like(operands[0])
        call(found, f"run_{name}", [operands[0], operands[-1], y], y.size)
        getattr(_core, name)(operands, [expected], {})
        assert same_bits(y, expected), name


def test_fma_without_the_instruction_is_rounded_once(tmp_path: Path) -> None:
    """Sums next to the middle between two floats, and subnormal ones: where rounding twice differs."""
    source = [
        "#include <math.h>",
        "#include <stddef.h>",
        "#include <stdint.h>",
        "#include <string.h>",
    ]
    source.append("#undef __FMA__\n#undef __FP_FAST_FMAF\n#undef FP_FAST_FMAF\n#undef __aarch64__")
    source.append(library.source(["fma"], "c_"))
    source.append("""
FUNCTION run_fma(float **x, size_t n);
FUNCTION run_fma(float **x, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        x[3][i] = c_fma(x[0][i], x[1][i], x[2][i]);
        x[4][i] = fmaf(x[0][i], x[1][i], x[2][i]);
        x[5][i] = (float)((double)x[0][i] * (double)x[1][i] + (double)x[2][i]);
    }
}""")
    rng = np.random.default_rng(0)
    n = 1_000_000
    a = rng.uniform(1, 2, n).astype(np.float32)
    inverse = (2 * rng.integers(0, 2, n) + 1) / a.astype(np.float64)
    c = np.ldexp(rng.uniform(1, 2, n).astype(np.float32), rng.integers(-100, 100, n))
    c[::2] = np.ldexp(rng.integers(-300, 300, c[::2].size), -149).astype(np.float32)
    half = np.where(np.arange(n) % 2, np.frexp(c)[1] - 25, -150)  # of the last place of c
    b = np.ldexp(inverse.astype(np.float32), half - half // 2)
    a = np.ldexp(a, half // 2) * rng.choice(np.array([-1, 1], np.float32), n)
    c[::7], a[::1001], b[::1003] = a[::7] * b[::7], np.inf, np.nan
    y, expected, twice = np.empty((3, n), np.float32)
    call(compiled(tmp_path, "\n".join(source), C99), "run_fma", [a, b, c, y, expected, twice], n)
    assert same_bits(y, expected)
    assert not same_bits(twice, expected)


# --- operations -----------------------------------------------------------------------------------


def test_every_operation_is_known() -> None:
    assert set(operations) - OPERATIONS == NOT_IN_PREDICTIONS


def test_operations(tmp_path: Path) -> None:
    """On inputs, and with the last operand as a constant."""
    tried: list[tuple[InferenceGraph, str, Any]] = []
    for name in sorted(OPERATIONS):
        for case in CASES[name][:: -(-len(CASES[name]) // 2)]:
            last = int(len(case.operands) > 1 and case.size < 10_000)
            tried += [(graph_of_one(name, case, n), name, case) for n in {0, last}]
    headers = Headers(tmp_path, [graph for graph, _, _ in tried], C99)
    for i, (graph, name, case) in enumerate(tried):
        operands = [np.array(x, np.float32, order="C") for x in case.operands]
        specs = operations[name].specs([Spec(x.shape) for x in operands], case.attributes)
        expected = [np.empty(spec.dims, np.float32) for spec in specs]
        getattr(_core, name)(operands, expected, case.attributes)
        found = headers.run(i, operands[: len(graph.inputs)], 1)
        for f, e in zip(found, expected, strict=True):
            assert same_bits(f, e), f"{name}: {case.name} {case.attributes}"


# --- models ---------------------------------------------------------------------------------------


def assert_equal(folder: Path, models: dict[str, Any], compiler: tuple[str, ...]) -> None:
    """The models and their headers agree, for one row and for several."""
    headers = Headers(folder, [inference_graph(m) for m in models.values()], compiler)
    for i, (name, model) in enumerate(models.items()):
        for rows in (1, 5):
            samples = samples_of(model, rows, i)
            wanted = lamina.tree.flatten(model.predict(samples, verbose=0))
            found = headers.run(i, list(samples.values()), rows)
            for f, w in zip(found, wanted, strict=True):
                assert same_bits(f, w), name


def test_layers_and_activations(tmp_path: Path) -> None:
    models = {name: make() for name, make in LAYERS.items()}
    assert_equal(tmp_path, models | {name: activation(name) for name in ACTIVATIONS}, C99)


@pytest.mark.parametrize("compiler", [C99, FAST, (*CPP, "-O1")], ids=" ".join)
def test_random_models(tmp_path: Path, compiler: tuple[str, ...]) -> None:
    count = 20 if compiler is C99 else 6
    assert_equal(tmp_path, {f"seed {s}": random_model(s) for s in range(count)}, compiler)


def test_products_and_sums_stay_apart(tmp_path: Path) -> None:
    """What compilers would like to fuse."""
    x = lamina.Input((64,), name="x")
    y = layers.BatchNormalization()(x)
    z = ops.subtract(ops.multiply(x, 0.7), ops.multiply(x, ops.square(x)))
    model = lamina.Model(x, [y, z, ops.sum(ops.multiply(x, x), axis=-1, keepdims=True)])
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in model.get_weights()])
    assert_equal(tmp_path, {"model": model}, FAST)


# --- files ----------------------------------------------------------------------------------------


def digits_model() -> lamina.Sequential:
    lamina.utils.set_random_seed(0)
    return lamina.Sequential(
        [
            lamina.Input((28, 28), dtype="uint8"),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(16, "relu"),
            layers.Dense(10, "softmax"),
        ]
    )


def commented(text: str) -> str:
    """The comment that a header begins with."""
    lines = text.partition("\n\n")[0].splitlines()
    assert all(line.startswith("//") for line in lines)
    return "\n".join(line[3:] for line in lines)


@pytest.mark.parametrize("compiler", ["cc", "c++"])
def test_the_example_in_the_header_runs(tmp_path: Path, compiler: str) -> None:
    """One sample of zeros; the program prints what predict gives for it."""
    model = digits_model()
    model.export(tmp_path / "some-digits.h", verbose=False)
    text = (tmp_path / "some-digits.h").read_text()
    example = re.findall(r"^    (?:    .*|#.*|int main.*|\}|)$", commented(text), re.M)
    source = tmp_path / ("main.c" if compiler == "cc" else "main.cpp")
    source.write_text("\n".join([*example, ""]).replace('"some_digits.h"', '"some-digits.h"'))
    subprocess.run(
        [*command(compiler), "-O2", source.name, "-o", "main", "-lm"], cwd=tmp_path, check=True
    )
    printed = subprocess.run([tmp_path / "main"], check=True, capture_output=True, text=True).stdout
    found = np.array(printed.split(), np.float32)
    assert same_bits(found, model.predict(np.zeros((1, 28, 28), np.uint8), verbose=0)[0])


def test_two_headers_in_one_file_and_memory_of_the_caller(tmp_path: Path) -> None:
    models = [random_model(1), random_model(2)]
    for name, model in zip("ab", models):
        (tmp_path / f"{name}.h").write_bytes(export(inference_graph(model), name))
    x = lamina.Input((3,))
    model = lamina.Model(x, layers.Dense(4, "tanh")(layers.Dense(5, "gelu")(x)))
    model.export(tmp_path / "small.h", verbose=False)
    source = """
#include "a.h"
#include "b.h"
#include "small.h"
FUNCTION run(float **x, size_t n);
FUNCTION run(float **x, size_t n) {
    float memory[SMALL_WORKSPACE];
    for (size_t i = 0; i < n; ++i)
        small_predict_with(x[0] + i * SMALL_X_SIZE, x[1] + i * SMALL_Y_SIZE, memory);
}"""
    given = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    y = np.empty((9, 4), np.float32)
    call(compiled(tmp_path, source, C99), "run", [given, y], 9)
    assert same_bits(y, model.predict(given, verbose=0))


def test_a_header_needs_no_memory_of_the_heap_and_no_state() -> None:
    model = digits_model()
    text = export(inference_graph(model), "digits").decode()
    assert not re.search(r"\b(malloc|calloc|realloc|alloca|free)\b", text)
    assert re.findall(r"^ *static (?!const|inline)", text.partition("#ifndef")[2], re.M) == []
    assert text.encode() == export(inference_graph(model), "digits")


def test_much_memory_is_not_taken_from_the_stack(tmp_path: Path) -> None:
    x = lamina.Input((200, 100), name="x")
    model = lamina.Model(x, ops.max(ops.softmax(ops.transpose(x, (0, 2, 1))), axis=1))
    text = export(inference_graph(model), "large").decode()
    assert "static float workspace[LARGE_WORKSPACE]" in text
    assert "not for two threads at a time" in " ".join(commented(text).split())
    assert_equal(tmp_path, {"large": model}, C99)


def test_outputs_that_are_no_results(tmp_path: Path) -> None:
    """An input, a view of one, a value twice, and one that others read."""
    x, ids = lamina.Input((3, 2), name="x"), lamina.Input((2,), dtype="int16", name="ids")
    y = ops.relu(x)
    outputs = [x, ops.reshape(x, (-1, 6)), y, y, y[:, 1], ops.exp(y), ids, ops.sum(y, axis=(1, 2))]
    assert_equal(tmp_path, {"model": lamina.Model([x, ids], outputs)}, C99)


def test_inputs_of_every_dtype(tmp_path: Path) -> None:
    """Numbers over the whole range of each are converted as `predict` converts them."""
    models = {
        t: lamina.Sequential([lamina.Input((64,), dtype=t), layers.Identity()]) for t in TYPES
    }
    headers = Headers(tmp_path, [inference_graph(m) for m in models.values()], C99)
    rng = np.random.default_rng(0)
    for i, (dtype, model) in enumerate(models.items()):
        bits = rng.integers(0, 256, (5, 64 * np.dtype(dtype).itemsize), np.uint8)
        x = (bits % 2 if dtype == "bool" else bits).view(dtype)
        assert same_bits(headers.run(i, [x], 5)[0], model.predict(x, verbose=0)), dtype


def test_names_that_c_has_for_itself(tmp_path: Path) -> None:
    names = ["i", "v0", "a", "A", "double", "rows", "sqrtf", "2nd", "été"]
    inputs = [lamina.Input((2, 3), name=name) for name in names]
    y = layers.Concatenate(name="exp")([layers.Permute((2, 1))(x) for x in inputs])
    y = layers.Dense(3, "relu", name="relu")(ops.exp(ops.sqrt(ops.abs(y))))
    model = lamina.Model(inputs, {"j": y, "float": ops.mean(y, axis=1), "workspace": ops.sin(y)})
    assert_equal(tmp_path, {"model": model}, C99)


def test_weights_that_are_not_finite(tmp_path: Path) -> None:
    model = lamina.Sequential([lamina.Input((4,)), layers.Dense(3, "relu"), layers.Dense(3)])
    weights = model.get_weights()
    weights[0][1, 1], weights[2][0, 2], weights[3][0] = np.nan, np.inf, -np.inf
    model.set_weights(weights)
    assert_equal(tmp_path, {"model": model}, C99)
    headers = Headers(tmp_path, [inference_graph(model)], C99)
    rows = np.array([[0, 0, 0, 0], [1, 0, np.inf, 0], [np.nan, 0, 0, -1]], np.float32)
    assert same_bits(headers.run(0, [rows], 3)[0], model.predict(rows, verbose=0))


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("-ffast-math", "-ffast-math changes results"),
        ("-ffinite-math-only", "-ffast-math changes results"),
        ("-mfpmath=387", "floats must be computed as floats"),
    ],
)
def test_compilers_that_would_change_results_are_refused(
    tmp_path: Path, flag: str, message: str
) -> None:
    (tmp_path / "main.c").write_text("int none;\n")
    run = [*command("cc"), flag, "-c", "main.c"]
    if flag.startswith("-m") and subprocess.run(run, cwd=tmp_path, capture_output=True).returncode:
        pytest.skip(f"this compiler has no {flag}")
    (tmp_path / "main.c").write_bytes(export(inference_graph(digits_model()), "digits"))
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert message in done.stderr


# --- misuse ---------------------------------------------------------------------------------------


def _of_batch(function: Any) -> lamina.Model:
    x = lamina.Input((4,), name="x")
    return lamina.Model(x, layers.Lambda(function, output_shape=(4,), name="mixing")(x))


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (digits_model, "2nd", ("`name`", "'2nd'")),
        (digits_model, "a-b", ("`name`", "'a-b'")),
        (digits_model, "double", ("`name`", "'double'")),
        (digits_model, 3, ("`name`", "3")),
        (
            lambda: _of_batch(lambda x: x - ops.mean(x, axis=0)),
            "model",
            ("'mean'", "mixing", "samples together"),
        ),
        (
            lambda: _of_batch(lambda x: ops.max(x, axis=0, keepdims=True) + x),
            "model",
            ("'max'", "mixing", "samples together"),
        ),
        (
            lambda: lamina.Sequential([lamina.Input((4,), dtype="float16"), layers.Dense(2)]),
            "model",
            ("float16", "uint8"),
        ),
    ],
)  # fmt: skip
def test_misuse(make: Any, name: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError) as caught:
        export(inference_graph(make()), name)
    for word in words:
        assert word in str(caught.value)


class Swelling(layers.Layer):
    """Times a number that functions make of a weight."""

    def build(self, input_shape: Any) -> None:
        self.wide = self.add_weight((64,), "random_normal", name="wide")

    def call(self, x: Any) -> Any:
        return x * ops.sum(ops.softplus(self.wide) * ops.gelu(self.wide))


def test_what_follows_from_weights_has_the_bits_of_the_format_s_backend(tmp_path: Path) -> None:
    lamina.utils.set_random_seed(0)
    model = lamina.Sequential([lamina.Input((4,)), Swelling()])
    for ending, options in ((".h", {"name": "m"}), (".py", {})):
        for backend in backends.names:
            backends.set_backend(backend)
            model.export(tmp_path / f"{backend}{ending}", verbose=False, **options)
        native, numpy = (tmp_path / f"{backend}{ending}" for backend in backends.names)
        assert native.read_bytes() == numpy.read_bytes()
    assert export(inference_graph(model, "native"), "m") != export(
        inference_graph(model, "numpy"), "m"
    )


def test_what_has_no_c_is_named_with_its_layer() -> None:
    gradient = operations["relu_gradient"]
    x = lamina.Input((4,))
    y = layers.Lambda(lambda v: gradient(v, v), output_shape=(4,), name="back")(x)
    graph = inference_graph(lamina.Model(x, y))
    with pytest.raises(
        ValueError, match=r"'c' has no operation for: ops.relu_gradient \(in 'back'"
    ):
        export(graph, "model")
