"""The arrows of a picture: where they leave, bend and arrive."""

from __future__ import annotations

from collections.abc import Sequence

from lamina.diagram.structure import BEND_GAP, FRAME, GAP_ALONG, TITLE, Edge, Graph, Node

PORTS_APART = 22.0  # the most between two arrows at one side of a box


class Link:
    """An arrow as the ranks see it: from the earlier box by its bends to the later one."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        ends = (edge.source, edge.target)
        self.first, self.last = ends[::-1] if edge.turned else ends
        self.ports = edge.ports[::-1] if edge.turned else edge.ports
        self.bends: list[Node] = []

    @property
    def way(self) -> list[Node]:
        return [self.first, *self.bends, self.last]


def port_of(node: Node, port: int, lying: bool, into: bool) -> float:
    """Where a frame's entry or exit stands, from the frame's middle."""
    if node.inner is None:
        return 0.0
    middle = (node.inner.across - TITLE) / 2 if lying else node.inner.across / 2
    return _door(node.inner, port, into).across - middle


def _door(graph: Graph, port: int, into: bool) -> Node:
    doors = graph.entries if into else graph.exits
    return doors[min(port, len(doors) - 1)]


def route(link: Link, links: Sequence[Link], lying: bool) -> None:
    """The points of an arrow: its ends, and before and after each bend's rank."""
    points = [_end(link, links, lying, into=False)]
    for bend in link.bends:
        half = bend.size(lying)[1] / 2
        points += [(bend.across, bend.along - half), (bend.across, bend.along + half)]
    points.append(_end(link, links, lying, into=True))
    link.edge.points = points[::-1] if link.edge.turned else points


def loop(node: Node, lying: bool) -> list[tuple[float, float]]:
    """Around a box, from its end to its beginning, in the gaps beside it."""
    across, along = (length / 2 for length in node.size(lying))
    inside, beside = node.across + across - 14, node.across + across + BEND_GAP
    before, after = node.along - along, node.along + along
    turn = GAP_ALONG / 2
    return [
        (inside, after),
        (inside, after + turn),
        (beside, after + turn),
        (beside, before - turn),
        (inside, before - turn),
        (inside, before),
    ]


def _end(link: Link, links: Sequence[Link], lying: bool, into: bool) -> tuple[float, float]:
    """Where an arrow meets a box: arrows side by side, but those of one output as one."""
    node = link.last if into else link.first
    across, along = node.size(lying)
    along = node.along + (-along if into else along) / 2
    door = link.ports[into] if node.inner is not None else None
    others = [
        x
        for x in links
        if (x.last if into else x.first) is node and (door is None or x.ports[into] == door)
    ]
    spread = {_bundle(x, into): 0.0 for x in others}
    for key in spread:
        far = [(x.way[-2] if into else x.way[1]).across for x in others if _bundle(x, into) == key]
        spread[key] = sum(far) / len(far)
    keys = sorted(spread, key=lambda key: spread[key])
    step = min(PORTS_APART, across / (len(keys) + 1))
    if node.inner is not None and len(keys) > 1:
        _door(node.inner, link.ports[into], into).bar = (len(keys) - 1) * step + 8
    middle = node.across + port_of(node, link.ports[into], lying, into)
    return middle + (keys.index(_bundle(link, into)) - (len(keys) - 1) / 2) * step, along


def _bundle(link: Link, into: bool) -> tuple[object, ...]:
    """What arrows that meet a box at the same point have in common."""
    return (id(link),) if into else (link.ports[0], link.edge.uses[link.edge.turned])


def open_doors(graph: Graph, lying: bool) -> None:
    """Leads the arrows at entries and exits on to the frame."""
    for doors, away in (
        (graph.entries, -FRAME - (0.0 if lying else TITLE)),
        (graph.exits, FRAME),
    ):
        for door in doors:
            door.along += away
            for edge in graph.edges:
                if edge.source is door:
                    edge.points.insert(0, (door.across, door.along))
                elif edge.target is door:
                    edge.points.append((door.across, door.along))
