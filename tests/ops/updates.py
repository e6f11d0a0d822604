"""Cases of the optimizers' steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ops.draws import LARGE, SIZES, Array, Case, generator, normal, positive

RATE = np.array(0.01, np.float32)


def sgd(name: str) -> Iterator[Case]:
    rng = generator(name)
    for momentum, nesterov in ((0.0, False), (0.9, False), (0.5, True)):
        kind = f"momentum={momentum} nesterov={nesterov}"
        attributes = {"momentum": momentum, "nesterov": nesterov}
        for n in (*SIZES, LARGE, 257):
            w, g, m = normal(rng, n), normal(rng, n), normal(rng, n)
            yield Case(f"n={n} {kind}", (w, g, RATE, *[m] * (momentum > 0)), attributes)
        hard = np.resize(np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], np.float32), n)
        for w2, g2, m2 in ((hard, g, m), (w, hard, m), (w, g, hard)):
            operands = (w2, g2, RATE, *[m2] * (momentum > 0))
            yield Case(f"edges {kind}", operands, attributes, edges=True)


def adam(name: str) -> Iterator[Case]:
    rng = generator(name)
    for amsgrad in (False, True):
        kind = f"amsgrad={amsgrad}"
        for n in (*SIZES, LARGE, 257):
            w, g, m = normal(rng, n), normal(rng, n), normal(rng, n)
            slots = [positive(rng, n) for _ in range(1 + amsgrad)]
            beta_2 = 0.999 if n % 2 else 0.99999
            betas = {"beta_1": 0.9, "beta_2": beta_2, "epsilon": 1e-7, "amsgrad": amsgrad}
            yield Case(f"n={n} {kind}", (w, g, RATE, m, *slots), betas)
        for number in range(4, 5 + amsgrad):
            m[:200] = 0
            yield from no_gradient(f"{number} {kind}", (w, g, RATE, m, *slots), betas, number)


def rmsprop(name: str) -> Iterator[Case]:
    rng = generator(name)
    for momentum, centered in ((0.0, False), (0.9, False), (0.0, True), (0.9, True)):
        kind = f"momentum={momentum} centered={centered}"
        for n in (*SIZES, LARGE, 257):
            w, g, m = normal(rng, n), normal(rng, n), normal(rng, n)
            mean = normal(rng, n)
            v = 2 * mean * mean + positive(rng, n)
            slots = [v] + [m] * (momentum > 0) + [mean] * centered
            rho = 0.9 if n % 2 else 0.99999
            attributes = {"rho": rho, "epsilon": 1e-7, "momentum": momentum, "centered": centered}
            yield Case(f"n={n} {kind}", (w, g, RATE, *slots), attributes)
        yield from no_gradient(kind, (w, g, RATE, *slots), attributes)


def no_gradient(
    kind: str, operands: tuple[Array, ...], attributes: dict[str, Any], at: int = 3
) -> Iterator[Case]:
    """Gradients of 0 and -0 in whole vectors, over an operand v, number `at`, that makes 0 / 0,
    NaN and infinity."""
    given = [x.copy() for x in operands]
    w, g, v = given[0], given[1], given[at]
    w[:8] = -0.0
    g[:200], g[50:100], g[150] = 0.0, -0.0, 1.0
    yield Case(f"no gradient {kind}", tuple(given), attributes)
    hard = v.copy()
    hard[0], hard[17], hard[40], hard[70:90] = np.nan, np.inf, -1.0, 0.0
    given[at] = hard
    for epsilon in (0.0, 1e-7):
        changed = {**attributes, "epsilon": epsilon}
        yield Case(f"hard v, {epsilon=} {kind}", tuple(given), changed, edges=True)
