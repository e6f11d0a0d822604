"""The preprocessing layers on arrays: what they give, what they learn, their configs."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, inputs
from .configs import _plain

WORDS: Any = np.array([["b", "a"], ["c", "b"], ["a", "b"], ["d", "e"]], object)
NUMBERS = np.array([[42, 7], [7, 7], [1138, 42], [-3, 9]])


def _array(x: Any) -> np.ndarray:
    """A tensor; strings as NumPy's own."""
    array = np.asarray(x)
    if array.dtype != object:
        return array
    return np.array([v.decode() if isinstance(v, bytes) else v for v in array.ravel()]).reshape(
        array.shape
    )


def _strings(x: Any) -> Any:
    return _array(x).tolist()


def normalization(keras: Keras) -> Record:
    make = keras.layers.Normalization
    x, deep = 3 * inputs(50, 4) + 2, inputs(12, 6).reshape(12, 2, 3)
    record: Record = {}
    for name, data, arguments in [
        ("last", x, {}),
        ("all", x, {"axis": None}),
        ("invert", x, {"invert": True}),
        ("deep", deep, {"axis": (1, 2)}),
        ("middle", deep, {"axis": 1}),
        ("constant", np.ones((5, 2), "float32"), {}),
    ]:
        layer = make(**arguments)
        layer.adapt(data)
        weights = [np.asarray(w) for w in layer.get_weights()[:2]]
        record[name] = {"y": _array(layer(data)), "mean": weights[0], "variance": weights[1]}
    layer = make()
    layer.adapt([x[:7], x[7:20], x[20:]])
    record["batches"] = _array(layer(x))
    record["given"] = _array(make(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 16.0])(x))
    record["scalar"] = _array(make(mean=3.0, variance=2.0)(x))
    record["broadcast"] = _array(make(axis=(1, 2), mean=[1.0, 2.0, 3.0], variance=[1.0] * 3)(deep))
    record["config"] = _plain(make(axis=[-1], mean=[1.0], variance=[4.0], name="n").get_config())
    record["adapted_config"] = _plain(make(name="n").get_config())
    return record


def category_encoding(keras: Keras) -> Record:
    make = keras.layers.CategoryEncoding
    column, rows, deep = np.array([3, 2, 0, 1]), np.array([[0, 1], [0, 0], [1, 2], [3, 1]]), 0
    deep = np.arange(12).reshape(2, 2, 3) % 4
    record: Record = {"config": _plain(make(4, output_mode="count", name="c").get_config())}
    for mode in ("one_hot", "multi_hot", "count"):
        layer = make(4, output_mode=mode)
        record[mode] = [_array(layer(x)) for x in (column, column[:, None], rows)]
        record[f"{mode} shapes"] = [list(layer.compute_output_shape(s)) for s in [(4, 1), (4, 3)]]
    record["deep"] = [_array(make(4, output_mode=mode)(deep)) for mode in ("one_hot", "count")]
    weights = np.array([[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]], "float32")
    record["weighted"] = _array(make(4, output_mode="count")(rows, count_weights=weights))
    record["number"] = _array(make(4, output_mode="one_hot")(2))
    return record


def discretization(keras: Keras) -> Record:
    make = keras.layers.Discretization
    x = np.array([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.1]])
    record: Record = {"int": _array(make(bin_boundaries=[0.0, 1.0, 2.0])(x))}
    record["rounded"] = _array(make(bin_boundaries=[0.1, 0.5, 3.4])(x))
    record["whole"] = _array(make(bin_boundaries=[0, 2, 5])(np.array([[1, 2], [5, -1]])))
    for mode in ("one_hot", "multi_hot", "count"):
        layer = make(bin_boundaries=[0.0, 1.0, 2.0], output_mode=mode)
        record[mode] = [_array(layer(x)), _array(layer(x[:, :1]))]
    for size, bins, epsilon in [(9, 4, 0.01), (1000, 7, 0.01), (1000, 20, 0.1), (333, 5, 0.003)]:
        layer = make(num_bins=bins, epsilon=epsilon)
        layer.adapt(inputs(size, 1, seed=size))
        record[f"{size} in {bins}"] = np.array(layer.bin_boundaries)
    layer = make(num_bins=8)
    layer.adapt([inputs(40, 2, seed=i) for i in range(9)])
    record["batches"] = np.array(layer.bin_boundaries)
    layer.adapt((inputs(40, 2, seed=i) for i in range(9)), steps=3)
    record["steps"] = np.array(layer.bin_boundaries)
    record["config"] = _plain(make(bin_boundaries=[0.0, 2.0], name="d").get_config())
    layer = make(num_bins=3, output_mode="count", name="d")
    layer.adapt(np.arange(9.0))
    record["adapted_config"] = _plain(layer.get_config())
    record["again"] = _plain(type(layer).from_config(layer.get_config()).get_config())
    return record


def _lookups(
    keras: Keras, make: Any, data: Any, vocabulary: Any, unknown: Any, mask: Any
) -> Record:
    record: Record = {}
    for name, arguments in {
        "int": {},
        "mask": {"mask_token": mask},
        "three": {"num_oov_indices": 3},
        "three_mask": {"num_oov_indices": 3, "mask_token": mask},
        "few": {"max_tokens": 3},
        "one_hot": {"output_mode": "one_hot"},
        "multi_hot": {"output_mode": "multi_hot", "mask_token": mask},
        "count": {"output_mode": "count", "max_tokens": 9, "pad_to_max_tokens": True},
        "tf_idf": {"output_mode": "tf_idf"},
        "tf_idf_padded": {"output_mode": "tf_idf", "max_tokens": 8, "pad_to_max_tokens": True},
    }.items():
        layer = make(**arguments)
        layer.adapt(data)
        query = np.concatenate([data, unknown])
        record[name] = {
            "vocabulary": [str(v) for v in layer.get_vocabulary()],
            "bare": [str(v) for v in layer.get_vocabulary(include_special_tokens=False)],
            "size": layer.vocabulary_size(),
            "rows": _array(layer(query)),
            "column": _array(layer(query[:, :1])),
        }
    layer = make()
    layer.adapt(batch for batch in [data[:1], data[1:]])
    record["batches"] = [str(v) for v in layer.get_vocabulary()]
    layer = make(vocabulary=vocabulary)
    record["given"] = _array(layer(data))
    record["given_vocabulary"] = [str(v) for v in layer.get_vocabulary()]
    config = layer.get_config()
    record["config"] = {k: v for k, v in _plain(config).items() if k not in ("name", "dtype")}
    record["again"] = _array(type(layer).from_config(config)(data))
    weights = [0.25, 0.75, 0.5][: len(vocabulary)]
    layer = make(vocabulary=vocabulary, idf_weights=weights, output_mode="tf_idf")
    record["weighted"] = _array(layer(data))
    for name, arguments in {"invert": {}, "invert_mask": {"mask_token": mask}}.items():
        layer = make(vocabulary=vocabulary, invert=True, **arguments)
        record[name] = _strings(layer(np.array([[0, 1, 2], [3, 4, 9]])))
    return record


def integer_lookup(keras: Keras) -> Record:
    make = keras.layers.IntegerLookup
    unknown = np.array([[100, 101], [-7, 42]])
    record = _lookups(keras, make, NUMBERS, [12, 9, 42], unknown, 7)
    layer = make(vocabulary=[7, 42], num_oov_indices=4, oov_method="farmhash")
    record["farmhash"] = _array(layer(np.arange(-20, 60)))
    layer = make(vocabulary=[7, 42], num_oov_indices=4, oov_method="farmhash", salt=[5, 6])
    record["salted"] = _array(layer(np.arange(-20, 60)))
    layer = make(vocabulary=[7, 9, 42], mask_token=0, output_mode="int")
    record["specials"] = _array(make(vocabulary=layer.get_vocabulary(), mask_token=0)(NUMBERS))
    return record


def string_lookup(keras: Keras) -> Record:
    make = keras.layers.StringLookup
    unknown: Any = np.array([["zebra", "[UNK]"], ["x", "a"]], object)
    record = _lookups(keras, make, WORDS, ["b", "c", "d"], unknown, "a")
    salted = make(vocabulary=["a"], num_oov_indices=5, salt=3)
    record["salted"] = _array(salted(np.array([f"word{i}" for i in range(30)], object)))
    record["unicode"] = [
        str(v) for v in _learnt(make(), np.array(["ä", "z", "ä", "日本", "a", "Z"], object))
    ]
    return record


def _learnt(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer.get_vocabulary()


def _texts(count: int = 120) -> Any:
    rng = np.random.default_rng(4)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyzäß日 "))
    return np.array(["".join(rng.choice(letters, n)) for n in range(count)], object)


def hashing(keras: Keras) -> Record:
    make = keras.layers.Hashing
    texts, numbers = _texts(), np.arange(-60, 60) ** 5
    record: Record = {}
    for name, arguments in {
        "plain": {"num_bins": 1000},
        "one": {"num_bins": 1},
        "salt": {"num_bins": 1000, "salt": 1337},
        "salts": {"num_bins": 10**6, "salt": [133, -7]},
        "int32": {"num_bins": 77, "dtype": "int32"},
    }.items():
        layer = make(**arguments)
        record[name] = {"texts": _array(layer(texts)), "numbers": _array(layer(numbers))}
    record["masked"] = _array(make(5, mask_value="")(texts))
    record["masked_number"] = _array(make(5, mask_value=-1)(np.array([[-1, 2], [3, -1]])))
    record["floats"] = _array(make(9)(np.array([[1.7, -2.5], [3.0, 0.2]])))
    for mode in ("one_hot", "multi_hot", "count"):
        layer = make(6, output_mode=mode)
        record[mode] = [_array(layer(WORDS)), _array(layer(NUMBERS[:, :1]))]
    record["config"] = _plain(make(6, salt=3, mask_value="x", name="h").get_config())
    record["encoded_config"] = _plain(make(6, output_mode="count", name="h").get_config())
    return record


def hashed_crossing(keras: Keras) -> Record:
    make = keras.layers.HashedCrossing
    texts, numbers = _texts(40), np.arange(40) - 20
    record: Record = {}
    for name, columns in {
        "both": [texts, numbers],
        "other_order": [numbers, texts],
        "texts": [texts, texts[::-1]],
        "numbers": [numbers, numbers * 7],
        "three": [numbers, texts, numbers],
        "columns": [texts[:, None], numbers[:, None]],
    }.items():
        record[name] = _array(make(1000)(columns))
    record["one_hot"] = [
        _array(make(5, output_mode="one_hot")([texts[:9], numbers[:9]])),
        _array(make(5, output_mode="one_hot")([texts[:9, None], numbers[:9, None]])),
    ]
    record["single"] = _array(make(50)([np.array("x"), np.array(3)]))
    record["config"] = _plain(make(6, name="h").get_config())
    record["encoded_config"] = _plain(make(6, output_mode="one_hot", name="h").get_config())
    return record


_case = functools.partial(Case, "preprocessing", backend="tensorflow", atol=1e-6, rtol=2e-6)

CASES = [
    _case("normalization", normalization),
    _case("category_encoding", category_encoding),
    _case("discretization", discretization),
    _case("integer_lookup", integer_lookup),
    _case("string_lookup", string_lookup),
    _case("hashing", hashing),
    _case("hashed_crossing", hashed_crossing),
]
