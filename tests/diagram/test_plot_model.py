"""Pictures of models: what is drawn, that nothing stands upon something else, and the files."""

from __future__ import annotations

import importlib.util
import itertools
import random
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lamina as keras
from lamina import layers
from lamina.diagram.layout import place
from lamina.diagram.structure import Graph, Node, Shown, read
from lamina.utils import plot_model

SVG = "{http://www.w3.org/2000/svg}"


def chain() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ],
        name="chain",
    )


def shared() -> Any:
    """Two inputs, two outputs, a layer used on both."""
    left, right = keras.Input((16,), name="left"), keras.Input((16,), name="right")
    tower = layers.Dense(8, name="tower")
    first, second = tower(left), tower(right)
    same = layers.Dense(1, name="same")(layers.Subtract(name="difference")([first, second]))
    kind = layers.Dense(3, name="kind")(first)
    return keras.Model([left, right], [same, kind], name="shared")


def nested() -> Any:
    """Models in a model: a Sequential, and one with two outputs that is used twice."""
    encoder = keras.Sequential([keras.Input((16,)), layers.Dense(4, name="code")], name="encoder")
    x = keras.Input((4,), name="inside")
    wide = layers.Dense(8, name="wide")(x)
    decoder = keras.Model(x, [layers.Dense(8, name="deep")(wide), wide], name="decoder")
    a, b = keras.Input((16,), name="a"), keras.Input((16,), name="b")
    (z1, y1), (z2, y2) = decoder(encoder(a)), decoder(encoder(b))
    outputs = [layers.Add(name="sum")([z1, y2]), keras.ops.exp(z2), y1]
    return keras.Model([a, b], outputs, name="nested")


def knotted() -> Any:
    """A layer used again on its own output, directly and by way of another."""
    x = keras.Input((8,), name="x")
    d, e = layers.Dense(8, name="d"), layers.Dense(8, name="e")
    return keras.Model(x, d(e(d(d(x)))), name="knotted")


def tangled() -> Any:
    """Sixty layers, each on two values of before."""
    choose = random.Random(0)
    inputs = [keras.Input((4,), name=f"in{i}") for i in range(3)]
    values = list(inputs)
    for i in range(57):
        values.append(layers.Add(name=f"add{i}")(choose.sample(values[-9:], 2)))
    return keras.Model(inputs, values[-4:], name="tangled")


MODELS = [chain, shared, nested, knotted, tangled]


def placed(model: Any, lying: bool, **shown: bool) -> Graph:
    graph = read(model, Shown(nested=True, names=True, **shown))
    place(graph, lying)
    return graph


def every(graph: Graph) -> Iterator[tuple[Node, Graph]]:
    for node in graph.nodes:
        yield node, graph
        if node.inner is not None:
            yield from every(node.inner)


def bounds(node: Node, lying: bool) -> tuple[float, float, float, float]:
    across, along = node.size(lying)
    return (
        node.across - across / 2,
        node.along - along / 2,
        node.across + across / 2,
        node.along + along / 2,
    )


def texts(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("lying", [False, True])
@pytest.mark.parametrize("build", MODELS)
def test_boxes_do_not_touch(build: Any, lying: bool) -> None:
    graph = placed(build(), lying, shapes=True)
    groups = [graph, *(node.inner for node, _ in every(graph) if node.inner is not None)]
    for group in groups:
        boxes = [bounds(node, lying) for node in group.nodes if node.title]
        for (a, b, c, d), (e, f, g, h) in itertools.combinations(boxes, 2):
            assert c <= e or g <= a or d <= f or h <= b


@pytest.mark.parametrize("lying", [False, True])
@pytest.mark.parametrize("build", MODELS)
def test_arrows_begin_and_end_at_their_boxes(build: Any, lying: bool) -> None:
    for node, graph in every(placed(build(), lying)):
        for edge in graph.edges:
            for (across, along), box in zip(
                (edge.points[0], edge.points[-1]), (edge.source, edge.target)
            ):
                low, top, high, bottom = bounds(box, lying)
                assert low <= across <= high
                assert along in (pytest.approx(top), pytest.approx(bottom))
            assert node.kind in ("entry", "exit") or edge.points[0] != edge.points[-1]


@pytest.mark.parametrize("build", [chain, shared, nested, tangled])
def test_arrows_follow_the_flow(build: Any) -> None:
    for _, graph in every(placed(build(), lying=False)):
        for edge in graph.edges:
            along = [b for _, b in edge.points]
            assert along == sorted(along)


@pytest.mark.parametrize("lying", [False, True])
def test_frames_hold_their_layers(lying: bool) -> None:
    graph = placed(nested(), lying)
    frames = {node.name: node for node in graph.nodes if node.inner is not None}
    assert set(frames) == {"encoder", "decoder"}
    for frame in frames.values():
        assert frame.inner is not None
        left, top, right, bottom = bounds(frame, lying)
        for node in frame.inner.nodes:
            a, b, c, d = bounds(node, lying)
            assert left <= a
            assert top <= b + 1e-9
            assert c <= right
            assert d <= bottom + 1e-9


def test_frames_are_not_much_wider_than_their_layers() -> None:
    """The class of a nested model stands below its name, where an arrow comes in beside both."""
    x = keras.Input((12,), name="x")
    tower = keras.Sequential([layers.Dense(32), layers.Dense(8)], name="user_tower")
    graph = placed(keras.Model(x, tower(x)), lying=False, shapes=True)
    (frame,) = (node for node in graph.nodes if node.inner is not None)
    assert frame.inner is not None
    widest = max(node.width for node in frame.inner.nodes)
    assert widest < frame.width < 1.6 * widest


def test_a_layer_used_twice_is_one_box_with_numbered_arrows() -> None:
    graph = placed(shared(), lying=False)
    (tower,) = [node for node in graph.nodes if node.name == "tower"]
    into = [(edge.source.name, edge.uses[1]) for edge in graph.edges if edge.target is tower]
    away = [(edge.target.name, edge.uses[0]) for edge in graph.edges if edge.source is tower]
    assert sorted(into) == [("left", "1"), ("right", "2")]
    assert sorted(away) == [("difference", "1"), ("difference", "2"), ("kind", "1")]


def test_a_straight_chain_is_drawn_straight() -> None:
    graph = placed(chain(), lying=False)
    assert len({round(node.across, 3) for node in graph.nodes}) == 1
    assert [node.title for node in graph.nodes] == ["Flatten", "Dense", "Dropout", "Dense"]


def test_what_boxes_tell() -> None:
    model = chain()
    model.layers[1].trainable = False
    bare = plot_model(model, None).svg
    assert texts(bare) == ["Flatten", "Dense", "Dropout", "Dense"]
    told = plot_model(
        model, None, show_shapes=True, show_dtype=True, show_layer_names=True,
        show_layer_activations=True, show_trainable=True,
    ).svg  # fmt: skip
    found = texts(told)
    for text in (
        "(None, 28, 28)", "(None, 784)", "(None, 10)", "float32", "relu", "softmax",
        model.layers[1].name, "yes", "no",
    ):  # fmt: skip
        assert text in found


def test_shapes_of_several_inputs() -> None:
    a, b = keras.Input((2,)), keras.Input((3,))
    joined = layers.Concatenate()([a, b])
    model = keras.Model([a, b], layers.Add()([joined, joined]))
    found = texts(plot_model(model, None, show_shapes=True).svg)
    assert found.count("(None, 2)") == 2
    assert found.count("(None, 3)") == 2
    assert "2 × (None, 5)" in found


def test_models_in_models_are_closed_unless_asked_for() -> None:
    closed = texts(plot_model(nested(), None, show_layer_names=True).svg)
    assert "encoder" in closed
    assert "code" not in closed
    opened = texts(plot_model(nested(), None, show_layer_names=True, expand_nested=True).svg)
    assert {"encoder", "code", "decoder", "inside", "wide", "deep"} <= set(opened)


def test_names_are_escaped() -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, name="a<b&c")])
    assert "a<b&c" in texts(plot_model(model, None, show_layer_names=True).svg)


def test_a_model_of_own_code_is_one_box() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Own()
    with pytest.raises(ValueError, match="is not built yet"):
        plot_model(model, None)
    model.build((None, 3))
    assert texts(plot_model(model, None).svg) == ["Own"]


def test_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    diagram = plot_model(chain())
    assert [path.name for path in tmp_path.iterdir()] == ["model.svg"]
    assert Path("model.svg").read_text(encoding="utf-8") == diagram.svg == diagram._repr_svg_()
    lying = plot_model(chain(), tmp_path / "lying.svg", rankdir="LR", splines="line")
    root = ET.fromstring(lying.svg)
    assert float(root.attrib["width"]) > float(root.attrib["height"])


@pytest.mark.skipif(importlib.util.find_spec("cairosvg") is not None, reason="cairosvg is there")
@pytest.mark.parametrize("name", ["model.png", "model.pdf"])
def test_other_formats_need_cairosvg(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImportError, match="needs cairosvg"):
        plot_model(chain(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_png(tmp_path: Path) -> None:
    pytest.importorskip("cairosvg")
    plot_model(chain(), tmp_path / "a.png", dpi=96)
    plot_model(chain(), tmp_path / "b.png", dpi=192)
    small, large = [
        int.from_bytes((tmp_path / f).read_bytes()[16:20], "big") for f in ("a.png", "b.png")
    ]
    assert abs(large - 2 * small) <= 1


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"to_file": "model.jpg"}, ValueError, "to_file='model.jpg'"),
        ({"to_file": "model"}, ValueError, "to_file='model'"),
        ({"rankdir": "up"}, ValueError, "rankdir='up'"),
        ({"splines": "ortho"}, ValueError, "splines='ortho'"),
        ({"dpi": 0}, ValueError, "dpi=0"),
        ({"model": "model"}, TypeError, "model='model'"),
        ({"model": keras.Sequential([layers.Dense(1)])}, ValueError, "is not built yet"),
    ],
)
def test_misuse(change: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        plot_model(**{"model": chain(), "to_file": None, **change})
