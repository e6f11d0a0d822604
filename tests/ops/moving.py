"""Cases of operations that take elements out, put them in, and order them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.draws import EDGES, SIZES, Case, generator, normal

Part = tuple[int, int, int]  # start, step, size

# Shapes, and parts of them.
PARTS: tuple[tuple[tuple[int, ...], tuple[Part, ...]], ...] = (
    ((9,), ((2, 3, 2),)), ((9,), ((8, -1, 9),)), ((9,), ((7, -3, 3),)), ((9,), ((4, 1, 0),)), ((), ()),
    ((3, 5), ((0, 1, 3), (1, 1, 3))), ((3, 5), ((0, 1, 3), (4, -2, 3))),
    ((3, 5), ((2, -1, 3), (0, 2, 3))), ((3, 5), ((1, 1, 1), (0, 1, 5))), ((3, 5), ((0, 1, 3), (3, 1, 1))),
    ((2, 3, 4), ((0, 1, 2), (1, 1, 2), (0, 1, 4))), ((2, 3, 4), ((1, -1, 2), (0, 2, 2), (3, -1, 4))),
    ((2, 3, 4, 5), ((0, 1, 2), (0, 1, 3), (1, 2, 2), (0, 1, 5))), ((4, 0), ((0, 1, 2), (0, 1, 0))),
    ((300, 257), ((0, 1, 300), (0, 2, 129))), ((300, 257), ((10, 1, 200), (5, 1, 250))),
    ((300, 257), ((0, 1, 300), (3, 1, 1))), ((70001,), ((70000, -1, 70001),)),
)  # fmt: skip


def _attributes(parts: tuple[Part, ...]) -> dict[str, Any]:
    return {"starts": tuple(p[0] for p in parts), "steps": tuple(p[1] for p in parts)}


def slicing(name: str) -> Iterator[Case]:
    rng = generator(name)
    for shape, parts in PARTS:
        attributes = {**_attributes(parts), "shape": tuple(p[2] for p in parts)}
        yield Case(f"{shape}, {parts}", (normal(rng, *shape),), attributes)
    for n in SIZES:
        attributes = {"starts": (0, 1), "steps": (1, 1), "shape": (2, n)}
        yield Case(f"rows of {n}", (normal(rng, 2, n + 2),), attributes)
    attributes = {"starts": (len(EDGES) - 1,), "steps": (-1,), "shape": (len(EDGES),)}
    yield Case("edges", (EDGES,), attributes, edges=True)


def placing(name: str) -> Iterator[Case]:
    rng = generator(name)
    for i, (shape, parts) in enumerate(PARTS):
        x = normal(rng, *(p[2] for p in parts))
        attributes = {**_attributes(parts), "shape": shape, "value": float(i % 3)}
        yield Case(f"{shape}, {parts}", (x,), attributes)
    for n in SIZES:
        attributes = {"starts": (0, 1), "steps": (1, 1), "shape": (2, n + 2), "value": -1.5}
        yield Case(f"rows of {n}", (normal(rng, 2, n),), attributes)
    attributes = {"starts": (1,), "steps": (2,), "shape": (2 * len(EDGES),), "value": 0.0}
    yield Case("edges", (EDGES,), attributes, edges=True)


def joining(name: str) -> Iterator[Case]:
    rng = generator(name)
    for n in SIZES:
        operands = normal(rng, 3, n), normal(rng, 3, 2), normal(rng, 3, 1)
        yield Case(f"{n}, 2 and 1 columns", operands, {"axis": 1})
        operands = normal(rng, n, 3), normal(rng, 2, 3)
        yield Case(f"{n} and 2 rows", operands, {"axis": 0})
    for shapes, axis in (
        (((5,),), 0), (((2,), (0,), (3,)), 0), (((2, 1, 3), (2, 4, 3)), 1), (((2, 3, 4),) * 3, 2),
        (((300, 100), (300, 157)), 1), (((300, 7), (900, 7)), 0), (((0, 3), (0, 2)), 1),
    ):  # fmt: skip
        yield Case(f"{shapes}", tuple(normal(rng, *s) for s in shapes), {"axis": axis})
    yield Case("edges", (EDGES, EDGES), {"axis": 0}, edges=True)
