"""keras.ops of networks and of correlations on arrays, and small utilities."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record

Family = dict[str, Callable[[Any], Any]]

_rng = np.random.default_rng(21)


def _normal(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).astype("float32")


TRUE = np.array([[0, 1, 0], [0.2, 0.3, 0.5]], "float32")
P = np.array([[0.2, 0.7, 0.2], [0, 0, 0.1]], "float32")
LOGITS = 3 * P - 1
LABELS = np.array([1, 2], "int32")
BITS = np.array([0.0, 1, 0, 1], "float32")

CROSSENTROPIES: Family = {
    "categorical": lambda o: o.categorical_crossentropy(TRUE, P),
    "categorical_logits": lambda o: o.categorical_crossentropy(TRUE, LOGITS, True),
    "categorical_first": lambda o: o.categorical_crossentropy(TRUE, P + 0.1, axis=0),
    "categorical_first_logits": lambda o: o.categorical_crossentropy(TRUE, LOGITS, True, 0),
    "categorical_vector": lambda o: o.categorical_crossentropy(TRUE[0], P[0]),
    "categorical_cube": lambda o: o.categorical_crossentropy(TRUE[None], P[None] + 0.1),
    "binary": lambda o: o.binary_crossentropy(TRUE, P),
    "binary_logits": lambda o: o.binary_crossentropy(TRUE, LOGITS, from_logits=True),
    "binary_number": lambda o: o.binary_crossentropy(TRUE[0, 1], P[0, 1]),
    "binary_far": lambda o: o.binary_crossentropy(BITS[:3], BITS[[0, 1, 3]] * np.float32(60), True),
    "sparse": lambda o: o.sparse_categorical_crossentropy(LABELS, P),
    "sparse_logits": lambda o: o.sparse_categorical_crossentropy(LABELS, LOGITS, True),
    "sparse_column": lambda o: o.sparse_categorical_crossentropy(LABELS[:, None], P),
    "sparse_one": lambda o: o.sparse_categorical_crossentropy(LABELS[0], P[0]),
}

Q, K, V = _normal(2, 3, 4, 5), _normal(2, 6, 4, 5), _normal(2, 6, 4, 5)
BIAS = _normal(2, 4, 3, 6)
MASK = _rng.random((2, 1, 3, 6)) > 0.4
MASK[0, 0, 0] = False


def _attention(**options: Any) -> Callable[[Any], Any]:
    return lambda o: o.dot_product_attention(Q, K, V, **options)


ATTENTION: Family = {
    "plain": _attention(),
    "scale": _attention(scale=0.1),
    "causal": _attention(is_causal=True),
    "bias": _attention(bias=BIAS),
    "bias_row": _attention(bias=BIAS[0, 0, 0]),
    "mask": _attention(mask=MASK),
    "mask_of_places": _attention(mask=MASK[0, 0]),
    "mask_of_numbers": _attention(mask=MASK.astype("float32")),
    "all": _attention(bias=BIAS, mask=MASK, is_causal=True, scale=0.7, flash_attention=False),
    "two_heads": lambda o: o.dot_product_attention(Q, K[:, :, :2], V[:, :, :2]),
    "one_head": lambda o: o.dot_product_attention(Q, K[:, :, :1], V[:, :, :1], is_causal=True),
}

IMAGE = _normal(2, 4, 6, 3)
DEEP = _normal(2, 2, 3, 8)
FIRST = _normal(2, 2, 5, 7)
ODD: dict[str, Any] = {
    "kernel_size": (2, 3),
    "dilation": (1, 2),
    "padding": (1, 2),
    "stride": (2, 1),
}


def _there_and_back(o: Any, **options: Any) -> Any:
    return o.fold(o.unfold(FIRST, **options), FIRST.shape[2:], **options)


PATCHES: Family = {
    "space_to_depth": lambda o: o.space_to_depth(IMAGE, 2),
    "space_to_depth_first": lambda o: o.space_to_depth(
        IMAGE.transpose(0, 3, 1, 2), 2, data_format="channels_first"
    ),
    "depth_to_space": lambda o: o.depth_to_space(DEEP, 2),
    "depth_to_space_first": lambda o: o.depth_to_space(
        DEEP.transpose(0, 3, 1, 2), 2, data_format="channels_first"
    ),
    "unfold": lambda o: o.unfold(FIRST, 2),
    "unfold_three": lambda o: o.unfold(FIRST, 3, padding=1, stride=2),
    "unfold_odd": lambda o: o.unfold(FIRST, **ODD),
    "fold": lambda o: _there_and_back(o, kernel_size=2),
    "fold_three": lambda o: _there_and_back(o, kernel_size=3, padding=1, stride=2),
    "fold_odd": lambda o: _there_and_back(o, **ODD),
}  # fmt: skip

X, Y = _normal(3, 6), _normal(4, 6)
COMPARED: Family = {
    "corrcoef": lambda o: o.corrcoef(X),
    "corrcoef_vector": lambda o: o.corrcoef(X[0]),
    "corrcoef_constant": lambda o: o.corrcoef(X * np.float32([[1], [0], [2]])),
    "corrcoef_integers": lambda o: o.corrcoef(np.array([[1, 2, 4], [3, 1, 0]], "int32")),
    **{
        f"correlate_{mode}_{m}_{n}": (
            lambda o, mode=mode, m=m, n=n: o.correlate(X[0, :m], Y[0, :n], mode)
        )
        for mode in ("valid", "same", "full")
        for m, n in ((6, 3), (3, 6), (6, 2), (2, 6), (5, 5), (4, 1), (1, 4), (1, 1), (5, 4), (4, 5))
    },
    "cdist": lambda o: o.cdist(X, Y),
    "cdist_far": lambda o: o.cdist(100 * X, 100 * X),
    "cdist_batches": lambda o: o.cdist(np.stack([X, X + 1]), Y[None]),
    "i0": lambda o: o.i0(np.array([0.0, 0.5, 1, -1, 3.74, 3.76, 5, 20, 80], "float32")),
    "real": lambda o: o.real(X),
    "imag": lambda o: o.imag(X),
    "conj": lambda o: o.conj(X),
    "conjugate": lambda o: o.conjugate(np.array([1, -2], "int32")),
    "isreal": lambda o: 1 * np.asarray(o.isreal(np.array([1.5, np.nan, np.inf], "float32"))),
    "angle": lambda o: o.angle(np.array([1.0, -2, 0, -0.0, np.nan, np.inf, -np.inf], "float32")),
    "vectorize": lambda o: o.vectorize(lambda a, b: a + b * 2)(X, Y[0]),
    "vectorize_signature": lambda o: o.vectorize(lambda m, v: m @ v, signature="(m,n),(n)->(m)")(
        X[None], Y[:2]
    ),
    "vectorize_excluded": lambda o: o.vectorize(lambda a, b: a + b[1], excluded={1})(X, Y[0]),
    "vectorize_ops": lambda o: o.vectorize(o.sum, signature="(n)->()")(X),
}  # fmt: skip


def _record(keras: Keras, family: Family) -> Record:
    return {
        name: {"value": np.asarray(y), "dtype": np.asarray(y).dtype.kind}
        for name, y in ((name, compute(keras.ops)) for name, compute in family.items())
    }


def utilities(keras: Keras) -> Record:
    """Names of dtypes, packed data, symbolic values and where they come from."""
    keras.utils.clear_session()
    u, k = keras.utils, keras.layers
    dtypes = [None, "float32", "int", "bool", int, float, bool, str, complex, np.float64]
    dtypes += [np.dtype("int8"), "uint16", "bfloat16", "string", np.zeros(1).dtype]
    a, b = k.Input((2,)), k.Input((2,))
    hidden = k.Add()([k.Dense(2)(a), k.Dense(2)(b)])
    end = k.Add()([hidden, k.Dense(2)(a)])
    values = [a, end, np.ones(2), 3, None, k.Dense(2)]
    enabled = [u.is_interactive_logging_enabled()]
    u.disable_interactive_logging()
    enabled += [keras.config.is_interactive_logging_enabled()]
    keras.config.enable_interactive_logging()
    enabled += [u.is_interactive_logging_enabled()]
    pack = u.pack_x_y_sample_weight
    return {
        "dtypes": [u.standardize_dtype(dtype) for dtype in dtypes],
        "packed": [repr(pack(*data)) for data in ((1,), ([1],), ((1, 2),), (1, 2), (1, 2, 3))],
        "symbolic": [u.is_keras_tensor(value) for value in values],
        "sources": [[a.name, b.name].index(value.name) for value in u.get_source_inputs(end)],
        "own": u.get_source_inputs(a)[0] is a,
        "else": u.get_source_inputs(3),
        "enabled": enabled,
    }


_case = functools.partial(Case, "networks", backend="jax", atol=2e-6, rtol=2e-5)

CASES = [
    *(
        _case(name, functools.partial(_record, family=family))
        for name, family in (
            ("crossentropies", CROSSENTROPIES), ("attention", ATTENTION), ("patches", PATCHES),
            ("compared", COMPARED),
        )
    ),
    Case("networks", "utilities", utilities),
]  # fmt: skip
