"""NumPy alone: OpenBLAS for the products, the rest by ufuncs into arrays that are used again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from peer.job import BATCH, EPSILON, LEARNING_RATE, RATES, RHO, Array, Job, Peer, first_weights


class Network:
    """Holds weights and velocities; `step` is one step of RMSprop."""

    def __init__(self, weights: Sequence[Array], rates: Sequence[float] = RATES) -> None:
        self.weights = [w.copy() for w in weights]
        self.velocities = [np.zeros_like(w) for w in weights]
        self.spare = [(np.empty_like(w), np.empty_like(w)) for w in weights]
        self.rates = rates
        self.draws = np.random.Generator(np.random.SFC64(0))

    def forward(self, x: Array, training: bool) -> list[Array]:
        """x (n, 784) bytes; [x, hidden, hidden, probabilities], floats."""
        w = self.weights
        values = [np.multiply(x, np.float32(1 / 255), dtype="f")]
        for i, rate in enumerate(self.rates):
            h = values[-1] @ w[2 * i]
            h += w[2 * i + 1]
            np.maximum(h, 0, out=h)
            if training and rate:
                kept = self.draws.random(h.shape, "f") >= rate
                h *= kept
                h *= np.float32(1 / (1 - rate))
            values.append(h)
        z = values[-1] @ w[-2]
        z += w[-1]
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        return [*values, z]

    def step(self, x: Array, labels: Array) -> tuple[float, int]:
        """The loss of the batch and how many are right, before the step."""
        values = self.forward(x, training=True)
        p, rows = values[-1], np.arange(len(x))
        loss = -float(np.log(p[rows, labels] + np.float32(EPSILON)).mean())
        right = int((p.argmax(axis=1) == labels).sum())
        dy = p
        dy[rows, labels] -= 1
        dy *= np.float32(1 / len(x))
        for i in reversed(range(len(self.weights) // 2)):
            h = values[i]
            dx = dy @ self.weights[2 * i].T if i else dy
            self._update(2 * i, np.matmul(h.T, dy, out=self.spare[2 * i][0]))
            self._update(2 * i + 1, dy.sum(axis=0))
            if i:
                dx *= h > 0  # what relu or dropout made 0
                dx *= np.float32(1 / (1 - self.rates[i - 1]))
                dy = dx
        return loss, right

    def _update(self, i: int, g: Array) -> None:
        """Keras's RMSprop."""
        w, v, root = self.weights[i], self.velocities[i], self.spare[i][1]
        v *= np.float32(RHO)
        np.multiply(g, g, out=root)
        root *= np.float32(1 - RHO)
        v += root
        np.add(v, np.float32(EPSILON), out=root)
        np.sqrt(root, out=root)
        np.divide(g, root, out=root)
        root *= np.float32(LEARNING_RATE)
        w -= root


def build(job: Job) -> Peer:
    network = Network(first_weights())

    def train() -> tuple[float, int]:
        order = network.draws.permutation(len(job.x))
        scores = []
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            scores.append(network.step(job.x[rows], job.labels[rows]))
        return sum(loss for loss, _ in scores), sum(right for _, right in scores)

    def predict(x: Array) -> Array:
        return network.forward(x, training=False)[-1]

    return Peer(f"NumPy {np.__version__}", train, {"forward": predict})
