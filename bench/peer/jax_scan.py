"""Plain JAX: a whole epoch is one compiled scan over its batches, bytes gathered inside it.

Of what was tried (float images, bits of 16 and 32, the "rbg" generator) this was the fastest.  Dropout
draws a byte per element, so its rates are 102/256 and 77/256.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from peer.job import BATCH, EPSILON, LEARNING_RATE, RATES, RHO, Array, Job, Peer, first_weights


def logits(weights: list[Any], x: Any, rates: Sequence[float], key: Any) -> Any:
    """x (n, 784) bytes or floats to (n, 10); rates of 0 need no key."""
    h = x.astype(jnp.float32) * (1 / 255)
    for i, rate in enumerate(rates):
        h = jax.nn.relu(h @ weights[2 * i] + weights[2 * i + 1])
        if rate:
            bits = jax.random.bits(jax.random.fold_in(key, i), h.shape, jnp.uint8)
            h = jnp.where(bits >= round(rate * 256), h / (1 - round(rate * 256) / 256), 0)
    return h @ weights[-2] + weights[-1]


def loss(weights: list[Any], x: Any, labels: Any, rates: Sequence[float], key: Any) -> Any:
    """The mean cross-entropy, and how many of the batch are right."""
    z = logits(weights, x, rates, key)
    entropy = -jnp.take_along_axis(jax.nn.log_softmax(z), labels[:, None], axis=1)
    return entropy.mean(), (z.argmax(axis=1) == labels).sum()


def step(state: Any, x: Any, labels: Any, rates: Sequence[float], key: Any) -> Any:
    """One step of Keras's RMSprop on state = (weights, velocities)."""
    weights, velocities = state
    (value, right), gradients = jax.value_and_grad(loss, has_aux=True)(
        weights, x, labels, rates, key
    )
    velocities = [RHO * v + (1 - RHO) * g * g for v, g in zip(velocities, gradients)]
    weights = [
        w - LEARNING_RATE * g / jnp.sqrt(v + EPSILON)
        for w, g, v in zip(weights, gradients, velocities)
    ]
    return (weights, velocities), (value, right)


@partial(jax.jit, donate_argnums=0)
def epoch(state: Any, x: Any, labels: Any, order: Any, key: Any) -> Any:
    """Steps over the rows of `order` (steps, batch); the new state, the mean loss, the number right."""

    def body(state: Any, inputs: Any) -> Any:
        i, rows = inputs
        return step(state, x[rows], labels[rows], RATES, jax.random.fold_in(key, i))

    state, (values, right) = jax.lax.scan(body, state, (jnp.arange(len(order)), order))
    return state, values.mean(), right.sum()


def build(job: Job) -> Peer:
    weights = [jnp.asarray(w) for w in first_weights()]
    state = (weights, [jnp.zeros_like(w) for w in weights])
    x, labels = jnp.asarray(job.x), jnp.asarray(job.labels)
    draws = np.random.default_rng(0)
    probabilities = jax.jit(lambda w, x: jax.nn.softmax(logits(w, x, (0, 0), None)))

    def train() -> None:
        nonlocal state
        order = draws.permutation(len(x)).astype("int32").reshape(-1, BATCH)
        key = jax.random.key(int(draws.integers(2**31)))
        state, *scores = epoch(state, x, labels, order, key)
        jax.block_until_ready(scores)

    def predict(x: Array) -> Array:
        return np.asarray(probabilities(state[0], x))

    return Peer(f"JAX {jax.__version__}", train, {"jit": predict})
