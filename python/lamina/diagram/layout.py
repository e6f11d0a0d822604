"""Places boxes in ranks along the flow, after Sugiyama, Tagawa and Toda (1981).

Each box is as far from the end as its longest way there.  Arrows over several ranks get a bend in
each; the order in a rank is that of the neighbours' mean places, as long as fewer arrows cross; and
the places in a rank are the least squares' nearest to their neighbours' with room between.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from lamina.diagram.arrows import Link, loop, open_doors, port_of, route
from lamina.diagram.structure import (
    BEND_GAP,
    FRAME,
    GAP_ACROSS,
    GAP_ALONG,
    TITLE,
    TITLE_SIZE,
    Graph,
    Node,
)
from lamina.diagram.text import text_width

_SWEEPS = 24

Ranks = list[list[Node]]


def place(graph: Graph, lying: bool) -> tuple[float, float]:
    """Gives every box its place and every arrow its points.

    Args:
        graph: what to place; its places are measured from its own corner.
        lying: whether the flow goes from left to right, not downwards.

    Returns:
        How much room it takes across and along the flow.
    """
    for node in graph.nodes:
        if node.inner is not None:
            across, along = place(node.inner, lying)
            width, height = (along, across) if lying else (across, along)
            node.width, node.height = width + 2 * FRAME, height + 2 * FRAME + TITLE
            if not lying:  # the title stands beside an arrow that comes in the middle
                name = text_width(node.name, TITLE_SIZE, bold=True)
                title = text_width(node.title, TITLE_SIZE)
                node.width = max(node.width, 2 * (max(name, title) + FRAME))
    links = _links(graph)
    ranks = _ranked(graph, links)
    pieces = _bent(links, ranks)
    _order(ranks, pieces)
    graph.across = _place_across(ranks, pieces, lying)
    along = _place_along(ranks, lying)
    for link in links:
        route(link, links, lying)
    for edge in graph.edges:
        if edge.source is edge.target:
            edge.points = loop(edge.source, lying)
    for node in graph.nodes:
        if node.inner is not None:
            open_doors(node.inner, lying)
            _move(node.inner, *_corner(node, lying))
    return graph.across, along


def _links(graph: Graph) -> list[Link]:
    """The arrows but those from a box to itself, which need no place."""
    number = {id(node): i for i, node in enumerate(graph.nodes)}
    for edge in graph.edges:
        edge.turned = number[id(edge.source)] > number[id(edge.target)]
    return [Link(edge) for edge in graph.edges if edge.source is not edge.target]


def _ranked(graph: Graph, links: Sequence[Link]) -> Ranks:
    distance = {id(node): 0 for node in graph.nodes}
    for node in reversed(graph.nodes):  # which are in an order of the flow
        for link in links:
            if link.first is node:
                distance[id(node)] = max(distance[id(node)], distance[id(link.last)] + 1)
    far = max(distance.values())
    ranks: Ranks = [[] for _ in range(far + 1)]
    for node in graph.nodes:
        node.rank = 0 if node.kind == "entry" else far - distance[id(node)]
        ranks[node.rank].append(node)
    return ranks


def _bent(links: Sequence[Link], ranks: Ranks) -> list[tuple[Node, int, Node, int]]:
    """The pieces of arrows between neighbouring ranks, with the ports at their ends."""
    pieces = []
    for link in links:
        for rank in range(link.first.rank + 1, link.last.rank):
            bend = Node("bend", rank=rank)
            link.bends.append(bend)
            ranks[rank].append(bend)
        ports = [link.ports[0], *[0] * (2 * len(link.bends)), link.ports[1]]
        way = link.way
        for i, (a, b) in enumerate(itertools.pairwise(way)):
            pieces.append((a, ports[2 * i], b, ports[2 * i + 1]))
    return pieces


# --- order in a rank ------------------------------------------------------------------------------


def _order(ranks: Ranks, pieces: Sequence[tuple[Node, int, Node, int]]) -> None:
    best, fewest = [list(rank) for rank in ranks], _crossings(ranks, pieces)
    for sweep in range(8):
        down = sweep % 2 == 0
        for rank in ranks if down else ranks[::-1]:
            spot = _spots(ranks)
            means = {}
            for node in rank:
                near = [
                    spot[id(a)] + port / 64 if down else spot[id(b)] + other / 64
                    for a, port, b, other in pieces
                    if (b if down else a) is node
                ]
                means[id(node)] = sum(near) / len(near) if near else float(spot[id(node)])
            rank.sort(key=lambda node: means[id(node)])
        crossings = _crossings(ranks, pieces)
        if crossings < fewest:
            best, fewest = [list(rank) for rank in ranks], crossings
    ranks[:] = best


def _spots(ranks: Ranks) -> dict[int, int]:
    return {id(node): i for rank in ranks for i, node in enumerate(rank)}


def _crossings(ranks: Ranks, pieces: Sequence[tuple[Node, int, Node, int]]) -> int:
    spot = _spots(ranks)
    ends: list[list[tuple[tuple[int, int], tuple[int, int]]]] = [[] for _ in ranks]
    for a, port, b, other in pieces:
        ends[a.rank].append(((spot[id(a)], port), (spot[id(b)], other)))
    return sum(
        (a < c and b > d) or (a > c and b < d)
        for group in ends
        for i, (a, b) in enumerate(group)
        for c, d in group[:i]
    )


# --- places ---------------------------------------------------------------------------------------


def _place_across(
    ranks: Ranks, pieces: Sequence[tuple[Node, int, Node, int]], lying: bool
) -> float:
    for rank in ranks:
        middles = _apart([0.0] * len(rank), [1.0] * len(rank), _rooms(rank, lying))
        for node, middle in zip(rank, middles):
            node.across = middle
    for sweep in range(_SWEEPS):
        sides = (True, True) if sweep >= _SWEEPS // 2 else (sweep % 2 == 0, sweep % 2 == 1)
        for rank in ranks if sweep % 2 == 0 else ranks[::-1]:
            wishes, weights = zip(*(_wish(node, pieces, sides, lying) for node in rank))
            for node, middle in zip(rank, _apart(wishes, weights, _rooms(rank, lying))):
                node.across = middle
    nodes = [node for rank in ranks for node in rank]
    left = min(node.across - node.size(lying)[0] / 2 for node in nodes)
    for node in nodes:
        node.across -= left
    return max(node.across + node.size(lying)[0] / 2 for node in nodes)


def _wish(
    node: Node,
    pieces: Sequence[tuple[Node, int, Node, int]],
    sides: tuple[bool, bool],
    lying: bool,
) -> tuple[float, float]:
    """Where the neighbours before and after (as `sides` says) would have a box, and how much."""
    total = weight = 1e-3
    total *= node.across
    for a, port, b, other in pieces:
        if (b is node and sides[0]) or (a is node and sides[1]):
            pull = 8.0 if a.kind == b.kind == "bend" else 1.0
            offset = port_of(a, port, lying, False) - port_of(b, other, lying, True)
            total += pull * (a.across + offset if b is node else b.across - offset)
            weight += pull
    return total / weight, weight


def _rooms(rank: Sequence[Node], lying: bool) -> list[float]:
    """The least distances between the middles of neighbours in a rank."""
    rooms = []
    for a, b in itertools.pairwise(rank):
        gap = BEND_GAP if "bend" in (a.kind, b.kind) else GAP_ACROSS
        rooms.append((a.size(lying)[0] + b.size(lying)[0]) / 2 + gap)
    return rooms


def _apart(
    wishes: Sequence[float], weights: Sequence[float], rooms: Sequence[float]
) -> list[float]:
    """The places nearest to the wishes that keep the distances: pools of neighbours in the way."""
    shifts = [0.0]
    for room in rooms:
        shifts.append(shifts[-1] + room)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for wish, weight, shift in zip(wishes, weights, shifts):
        mean, count = wish - shift, 1
        while pools and pools[-1][0] > mean:
            other, more, number = pools.pop()
            mean = (mean * weight + other * more) / (weight + more)
            weight, count = weight + more, count + number
        pools.append((mean, weight, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + shift for mean, shift in zip(means, shifts)]


def _place_along(ranks: Ranks, lying: bool) -> float:
    start = 0.0
    for i, rank in enumerate(ranks):
        thick = max(node.size(lying)[1] for node in rank)
        bare = all(node.kind in ("entry", "exit") for node in rank)
        for node in rank:
            node.along = start + thick / 2
            if node.kind == "bend":  # an arrow passes the rank straight
                node.width, node.height = (thick, 0) if lying else (0, thick)
        start += thick
        if i + 1 < len(ranks):
            after = all(node.kind in ("entry", "exit") for node in ranks[i + 1])
            start += GAP_ALONG / 2 if bare or after else GAP_ALONG
    return start


def _corner(node: Node, lying: bool) -> tuple[float, float]:
    """Where the inside of a frame begins: in its middle, below its title."""
    across, along = node.size(lying)
    if lying:
        return node.across - across / 2 + FRAME + TITLE, node.along - along / 2 + FRAME
    inside = node.inner.across if node.inner is not None else 0.0
    return node.across - inside / 2, node.along - along / 2 + FRAME + TITLE


def _move(graph: Graph, across: float, along: float) -> None:
    for node in graph.nodes:
        node.across += across
        node.along += along
        if node.inner is not None:
            _move(node.inner, across, along)
    for edge in graph.edges:
        edge.points = [(a + across, b + along) for a, b in edge.points]
