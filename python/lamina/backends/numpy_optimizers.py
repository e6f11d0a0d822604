"""The optimizers' steps of the reference backend."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def sgd(
    w: Array, g: Array, learning_rate: Array, *slots: Array, momentum: float, nesterov: bool
) -> tuple[Array, ...]:
    """Keras's SGD.  Returns w, and m where momentum is not 0."""
    change = learning_rate * g
    if momentum == 0:
        return (w - change,)
    m = momentum * slots[0] - change
    return w + (momentum * m - change if nesterov else m), m


def adam(
    w: Array, g: Array, rate: Array, m: Array, v: Array, *slots: Array,
    beta_1: float, beta_2: float, epsilon: float, amsgrad: bool,
) -> tuple[Array, ...]:  # fmt: skip
    """Keras's Adam, epsilon outside the root.  Returns w, m, v, and v_hat with amsgrad."""
    m = m + (g - m) * (1 - beta_1)
    v = v + (g * g - v) * (1 - beta_2)
    spread = np.maximum(slots[0], v) if amsgrad else v
    w = w - rate * m / (np.sqrt(spread) + epsilon)
    return (w, m, v, spread) if amsgrad else (w, m, v)


def rmsprop(
    w: Array, g: Array, learning_rate: Array, v: Array, *slots: Array,
    rho: float, epsilon: float, momentum: float, centered: bool,
) -> tuple[Array, ...]:  # fmt: skip
    """Keras's RMSprop, epsilon inside the root.  Returns w, v and the slots (m, mean) in use."""
    rest = list(slots)
    v = rho * v + (1 - rho) * (g * g)
    denominator = v + epsilon
    m = rest.pop(0) if momentum > 0 else None
    mean = None
    if centered:
        mean = rho * rest.pop(0) + (1 - rho) * g
        denominator = v - mean * mean + epsilon
    step = learning_rate * g / np.sqrt(denominator)
    if m is not None:
        step = m = momentum * m + step
    return tuple(s for s in (w - step, v, m, mean) if s is not None)
