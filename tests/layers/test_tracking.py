"""What a layer keeps in lists and dicts: as they change, as they are copied, and in files."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref
from collections import OrderedDict, defaultdict, namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Layer, layers, tree
from lamina.layers.containers import TrackedDict, TrackedList
from lamina.random import SeedGenerator

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def weight() -> Any:
    return lamina.Variable(np.zeros(1))


class Holder(Layer):
    """With a list and a dict of weights."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listed = [weight(), weight()]
        self.named = {"a": weight(), "b": weight()}

    def call(self, inputs: Any) -> Any:
        return inputs


def holds(layer: Layer, *wanted: Any) -> bool:
    return [id(w) for w in layer.weights] == [id(w) for w in wanted]


def test_every_way_to_change_a_list() -> None:
    layer = Layer()
    a, b, c, d, e = (weight() for _ in range(5))
    layer.x = [a, b]
    layer.x[0] = c
    assert holds(layer, b, c)
    layer.x[1:] = (w for w in [d, e])
    assert holds(layer, c, d, e)
    layer.x *= 2
    layer.x.reverse()
    assert holds(layer, c, d, e)
    del layer.x[:3]
    assert holds(layer, c, d, e)
    assert layer.x.pop(0) is e
    assert holds(layer, c, d)
    del layer.x[-1]
    layer.x.clear()
    assert holds(layer)
    layer.x += [a]
    assert holds(layer, a)


def test_every_way_to_change_a_dict() -> None:
    for kind in (dict, OrderedDict):
        layer = Layer()
        a, b, c, d, e = (weight() for _ in range(5))
        layer.x = kind(a=a)
        layer.x |= {"b": b}
        layer.x.update([("c", c)], d=d)
        assert layer.x.setdefault("a", e) is a
        assert layer.x.setdefault("e", e) is e
        assert holds(layer, a, b, c, d, e)
        assert layer.x.popitem() == ("e", e)
        assert layer.x.pop("none", None) is None
        assert layer.x.pop("a") is a
        layer.x["b"] = a
        assert holds(layer, c, d, a)
        del layer.x["c"]
        assert holds(layer, d, a)
        layer.x.clear()
        assert holds(layer)
        with pytest.raises(KeyError):
            layer.x.pop("a")


def test_what_is_elsewhere_too_stays() -> None:
    layer = Holder()
    a, b = layer.listed
    layer.again, layer.within = a, ({"x": [b]},)
    layer.listed.clear()
    assert [id(w) for w in layer.weights[:2]] == [id(a), id(b)]
    layer.within[0]["x"].pop()
    assert [id(w) for w in layer.weights[:1]] == [id(a)]


def test_containers_within_containers() -> None:
    point = namedtuple("point", "x y")  # type: ignore[name-match]
    layer = Layer()
    layer.x = {"a": [], "b": (1, []), "c": point([], 2)}
    layer.x["d"] = {}
    wanted = [weight() for _ in range(5)]
    layer.x["a"].append([wanted[0]])
    layer.x["a"][0].append(wanted[1])
    layer.x["b"][1].append(wanted[2])
    layer.x["c"].x.append(wanted[3])
    layer.x["d"]["e"] = wanted[4]
    assert holds(layer, *wanted)
    assert type(layer.x["c"]) is point


def test_all_kinds_of_things_in_a_private_list() -> None:
    layer = Layer()
    layer._things = []
    inner, metric = layers.Dense(2), lamina.metrics.Mean()
    layer._things += [inner, SeedGenerator(1), metric]
    inner.build((None, 3))
    assert len(layer.weights) == 2
    assert len(layer.variables) == 3

    class Net(lamina.Model):
        def __init__(self) -> None:
            super().__init__()
            self._parts = [inner]
            self._gathered = {"m": metric}

    assert Net().metrics == [metric]
    assert Net().layers == [inner]


def test_a_list_of_another_layer_is_copied() -> None:
    first, second = Layer(), Layer()
    first.x = given = [weight()]
    second.x = first.x
    first.x.append(weight())
    given.append(weight())
    assert len(first.weights) == 2
    assert len(second.weights) == 1
    first.y = first.x
    assert first.y is first.x


def test_subclasses_stay_what_they_are() -> None:
    """Of them what is in them when they are set is tracked."""
    layer = Layer()
    layer.x = defaultdict(list, a=[weight()])
    assert type(layer.x) is defaultdict
    assert len(layer.weights) == 1


def test_they_are_lists_and_dicts() -> None:
    layer = Layer()
    layer.units, layer.sizes = [1, 2], {"b": 1, "a": [2, 3]}
    layer.ordered = OrderedDict(z=1, y=2)
    assert layer.units == [1, 2]
    assert [0, *layer.units] == [0, 1, 2]
    assert layer.units + [3] == [1, 2, 3]
    assert repr(layer.sizes) == "{'b': 1, 'a': [2, 3]}"
    assert json.dumps([layer.units, layer.sizes]) == '[[1, 2], {"b": 1, "a": [2, 3]}]'
    assert tree.flatten(layer.sizes) == [2, 3, 1]
    assert tree.map_structure(lambda x: 2 * x, layer.sizes) == {"b": 2, "a": [4, 6]}
    assert tree.flatten(layer.ordered) == [1, 2]
    assert list(tree.map_structure(str, layer.ordered)) == ["z", "y"]
    tree.assert_same_structure(layer.sizes, {"b": 0, "a": [0, 0]})
    config = lamina.saving.serialize_keras_object([layer.units, layer.sizes])
    assert lamina.saving.deserialize_keras_object(config) == [[1, 2], {"b": 1, "a": [2, 3]}]


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), lambda x: x.copy()],
)
def test_copies_are_no_layers(copied: Any) -> None:
    layer = Layer()
    layer.x, layer.y, layer.z = [1, 2], {"a": 1}, OrderedDict(b=1, a=2)
    for value in (layer.x, layer.y, layer.z):
        assert copied(value) == value
    first, second = copied(layer.x), copied(layer.y)
    first.append(weight())
    second["b"] = weight()
    assert not isinstance(first, TrackedList)
    assert not isinstance(second, TrackedDict)
    assert layer.weights == []
    assert list(copied(layer.z)) == ["b", "a"]


class Late(lamina.Model):
    """Fills a list and a dict after they were set."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.blocks: list[Any] = []
        self._heads: dict[str, Any] = {}
        for name in ("a", "b"):
            self.blocks.append(layers.Dense(4, "tanh"))
            self._heads[name] = layers.Dense(2, kernel_regularizer="l2")

    def call(self, inputs: Any) -> Any:
        for block in self.blocks:
            inputs = block(inputs)
        return self._heads["a"](inputs) + self._heads["b"](inputs)


def test_files_have_them(tmp_path: Path) -> None:
    model, other = Late(), Late()
    for each in (model, other):
        each.compile("adam", "mse")
        each.fit(X, X[:, :2], verbose=0)
    for name in ("a.weights.h5", "a.safetensors"):
        model.save_weights(tmp_path / name)
        other.set_weights([0 * w for w in other.get_weights()])
        other.load_weights(tmp_path / name)
        assert np.array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    copied = copy.deepcopy(model)
    assert np.array_equal(copied.predict(X, verbose=0), model.predict(X, verbose=0))
    assert len(copied.weights) == 8


def test_lists_do_not_keep_their_layer() -> None:
    layer = Holder()
    layer(X)
    listed, known = layer.listed, weakref.ref(layer)
    gc.disable()
    del layer
    gc.enable()
    assert known() is None
    listed.append(1)
    assert len(listed) == 3


def test_long_lists_of_numbers_take_no_time() -> None:
    layer = Layer()
    layer.seen, layer.table = [], {}
    for i in range(50_000):
        layer.seen.append(i)
        layer.table[i] = i
    while layer.seen:
        layer.seen.pop()
    assert layer.weights == []
