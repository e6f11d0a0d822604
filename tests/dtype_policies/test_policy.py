"""Which dtype is meant: policies, `floatx`, and who follows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as keras
from lamina import dtype_policies
from lamina.layers import Add, Dense, Input

POLICY = {
    "module": "keras",
    "class_name": "DTypePolicy",
    "config": {"name": "float64"},
    "registered_name": None,
}


@pytest.mark.parametrize(
    "identifier", ["float64", np.float64, np.dtype("float64"), keras.DTypePolicy("float64"), POLICY]
)
def test_every_way_to_say_it(identifier: Any) -> None:
    layer = Dense(3, dtype=identifier)
    assert layer.dtype_policy == dtype_policies.get(identifier) == keras.DTypePolicy("float64")
    assert layer.dtype == layer.compute_dtype == layer.variable_dtype == "float64"
    assert layer.get_config()["dtype"] == dtype_policies.serialize(layer.dtype_policy) == POLICY
    assert Dense.from_config(layer.get_config()).dtype == "float64"


def test_a_policy() -> None:
    policy = keras.DTypePolicy("float64")
    assert repr(policy) == '<DTypePolicy "float64">'
    assert policy.name == "float64"
    assert policy.quantization_mode is None
    assert keras.DTypePolicy.from_config(policy.get_config()) == policy
    assert policy != keras.DTypePolicy()
    assert policy != "float64"
    assert len({policy, keras.DTypePolicy("float64")}) == 1
    assert dtype_policies.deserialize(POLICY) == policy


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a dtype that there is not": (lambda: Dense(2, dtype="float65"), ValueError, "'float65'"),
    "half precision": (lambda: Dense(2, dtype="float16"), ValueError, "'float16'"),
    "a mixed policy": (lambda: Dense(2, dtype="mixed_float16"), ValueError, "'mixed_float16'"),
    "integers": (lambda: Dense(2, dtype=np.int32), ValueError, "'int32'"),
    "a number": (lambda: Dense(2, dtype=3), ValueError, "dtype=3"),
    "another class": (lambda: Dense(2, dtype={"class_name": "A", "config": {}}), ValueError, "'A'"),
    "an empty config": (lambda: Dense(2, dtype={}), ValueError, "config={}"),
    "a policy of a number": (lambda: keras.DTypePolicy(3), TypeError, "name=3"),
    "a policy of a word": (lambda: keras.DTypePolicy("foo"), ValueError, "'foo'"),
    "floatx of a word": (lambda: keras.config.set_floatx("float65"), ValueError, "'float65'"),
    "floatx of half": (lambda: keras.config.set_floatx("float16"), ValueError, "'float16'"),
    "floatx of a type": (lambda: keras.config.set_floatx(np.float64), ValueError, "numpy.float64"),
    "floatx of None": (lambda: keras.config.set_floatx(None), ValueError, "None"),
    "no policy": (lambda: keras.config.set_dtype_policy(None), ValueError, "policy=None"),
    "a policy of a type": (
        lambda: keras.config.set_dtype_policy(np.float64), ValueError, "numpy.float64",
    ),
    "a loss": (lambda: keras.losses.MeanSquaredError(dtype="int8"), ValueError, "dtype='int8'"),
    "a metric": (lambda: keras.metrics.Mean(dtype="float16"), ValueError, "dtype='float16'"),
    "a metric's variable": (
        lambda: keras.metrics.Mean().add_variable((), dtype="int8"), ValueError, "dtype='int8'",
    ),
    "an input": (lambda: Input((2,), dtype="float65"), ValueError, "float65"),
    "an input of a policy": (lambda: Input((2,), dtype="mixed_float16"), ValueError, "mixed"),
    "an input of a number": (lambda: Input((2,), dtype=3), ValueError, "dtype=3"),
    "a variable": (lambda: keras.Variable(1.0, dtype="float16"), ValueError, "dtype='float16'"),
    "tensors of half": (
        lambda: keras.ops.cast(Input((2,)), "float16"), ValueError, "dtype='float16'",
    ),
    "sums of half": (lambda: keras.ops.cumsum([1.0], dtype="float16"), ValueError, "'float16'"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    function, error, message = REFUSED[name]
    before = keras.config.floatx(), keras.config.dtype_policy()
    with pytest.raises(error, match=message):
        function()
    assert (keras.config.floatx(), keras.config.dtype_policy()) == before


def made_now() -> dict[str, str]:
    """The dtypes of things that say none."""
    return {
        "layer": Dense(2).dtype,
        "loss": keras.losses.MeanSquaredError().dtype,
        "metric": keras.metrics.Mean().dtype,
        "input": Input((2,)).dtype,
        "variable": keras.Variable([1.0]).dtype,
        "rate": keras.optimizers.SGD().variables[1].dtype,
        "zeros": keras.ops.zeros(2).dtype.name,
        "eye": keras.ops.eye(2).dtype.name,
        "arange": keras.ops.arange(2.0).dtype.name,
        "linspace": keras.ops.linspace(0, 1, 3).dtype.name,
        "one_hot": keras.ops.one_hot([0], 2).dtype.name,
        "floats": keras.ops.exp([1.0, 2.0]).dtype.name,
        "tensor": keras.ops.convert_to_tensor(0.5).dtype.name,
        "initial": keras.initializers.GlorotUniform(1)((2, 2)).dtype.name,
        "orthogonal": keras.initializers.Orthogonal(seed=1)((2, 2)).dtype.name,
        "constant": keras.initializers.Ones()((2,)).dtype.name,
        "normal": keras.random.normal((2,), seed=1).dtype.name,
        "window": keras.ops.hanning(3).dtype.name,
    }


def test_floatx_is_followed() -> None:
    assert set(made_now().values()) == {"float32"}
    keras.config.set_floatx("float64")
    assert keras.config.floatx() == keras.backend.floatx() == "float64"
    assert set(made_now().values()) == {"float64"}
    assert Dense(2, dtype="float32").dtype == "float32"


def test_a_policy_is_followed_by_layers_losses_and_metrics() -> None:
    keras.config.set_dtype_policy("float64")
    assert keras.config.dtype_policy() == keras.DTypePolicy("float64")
    wide = {name for name, dtype in made_now().items() if dtype == "float64"}
    assert wide == {"layer", "loss", "metric"}
    keras.config.set_dtype_policy(keras.DTypePolicy("float32"))
    keras.config.set_floatx("float64")
    assert Dense(2).dtype == "float32"
    keras.utils.clear_session()
    assert Dense(2).dtype == "float64"


def test_a_layer_gets_another_policy() -> None:
    layer = Dense(2)
    layer.dtype_policy = "float64"
    assert layer(np.ones((3, 4))).dtype == "float64"
    assert layer.kernel.dtype == "float64"
    with pytest.raises(ValueError, match="float65"):
        layer.dtype_policy = "float65"
    with pytest.raises(AttributeError):
        layer.dtype = "float32"  # type: ignore[misc]


class Seen(keras.Layer):
    """Gives what it gets."""

    def call(self, x: Any, other: Any = None) -> Any:
        return {"x": x} if other is None else {"x": x, "other": other}


def dtypes_seen(layer: Any, x: Any, other: Any) -> list[str]:
    return [str(leaf.dtype) for leaf in keras.tree.flatten(layer(x, other=other))]


def test_floats_are_cast_on_the_way_in() -> None:
    single, double, whole = (np.ones((2, 3), d) for d in ("float32", "float64", "int32"))
    wide, narrow = Seen(dtype="float64"), Seen()
    assert dtypes_seen(wide, {"a": single, "b": [whole]}, single) == ["float64"] * 2 + ["int32"]
    assert dtypes_seen(narrow, double, np.ones(2, "float16")) == ["float32"] * 2
    assert dtypes_seen(Seen(autocast=False), double, single) == ["float32", "float64"]
    symbolic = [Input((3,), dtype=d) for d in ("float32", "float64", "int32")]
    given = keras.tree.flatten(wide(symbolic)["x"])
    assert [x.dtype for x in given] == ["float64", "float64", "int32"]
    assert Add(dtype="float64")([symbolic[0], symbolic[1]]).dtype == "float64"
    assert Dense(2)(symbolic[1]).dtype == "float32"


def test_a_mask_survives_the_cast() -> None:
    x = keras.layers.Masking()(Input((4, 3)))
    with pytest.warns(UserWarning, match="'seen.*was passed an input with a mask"):  # as in Keras
        assert Seen(dtype="float64")(x)["x"].dtype == "float64"

    class Masked(keras.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, x: Any, mask: Any = None) -> Any:
            return x if mask is None else keras.ops.where(mask[..., None], x, -1.0)

    model = keras.Model(
        entry := Input((2, 1)), Masked(dtype="float64")(keras.layers.Masking()(entry))
    )
    found = model.predict(np.array([[[0.0], [2.0]]]), verbose=0)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[[-1.0], [2.0]]])
