"""Training by L-BFGS: SciPy's, on losses and gradients of a program."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from lamina.sklearn.rows import Rows
from lamina.utils import interrupts

if TYPE_CHECKING:
    from lamina.sklearn.base import BaseMLP, Taken

BLOCK = 1024  # rows whose gradients are added up in one step


class Objective:
    """The loss of all rows, and its gradient, as functions of all weights in one vector."""

    def __init__(self, mlp: BaseMLP, taken: Taken) -> None:
        self.network, self.alpha = mlp._network, float(mlp.alpha)
        count = len(taken.y)
        self.rows = Rows(
            taken.x, taken.y, taken.weight, np.arange(count), min(BLOCK, count), self.network.dtype
        )
        self.size = count if taken.weight is None else float(taken.weight.sum())
        self._program = self.network.gradient_program(
            mlp._recipe(), self.rows.samples, self.rows.batch_size
        )
        self._coefs = sum(v.size for v in self.network.coefs)
        self.calls, self.last = 0, np.inf

    def put(self, packed: np.ndarray) -> None:
        """Lets the network have these weights."""
        ends = np.cumsum([v.size for v in self.network.weights])
        for variable, part in zip(self.network.weights, np.split(packed, ends[:-1])):
            variable.assign(part.reshape(variable.shape))

    def start(self) -> np.ndarray:
        """The network's weights, float64."""
        return _packed(self.network.weights)

    def __call__(self, packed: np.ndarray) -> tuple[float, np.ndarray]:
        self.put(packed)
        network = self.network
        for variable in (network.loss, *network.gradients):
            variable.assign(np.zeros(variable.shape))
        self.rows.run(self._program)
        gradient = _packed(network.gradients)
        coefs = packed[: self._coefs]
        gradient[: self._coefs] += self.alpha * coefs
        loss = float(network.loss.numbers()) + 0.5 * self.alpha * float(coefs @ coefs)
        self.calls, self.last = self.calls + 1, loss / self.size
        return self.last, gradient / self.size


def train(mlp: BaseMLP, taken: Taken) -> None:
    """Minimises the loss; a ConvergenceWarning says why it ended early."""
    objective = Objective(mlp, taken)

    def tell(packed: np.ndarray) -> None:
        print(f"Evaluation {objective.calls}, loss = {objective.last:.8f}")

    with interrupts.watched():
        found = minimize(
            objective,
            objective.start(),
            method="L-BFGS-B",
            jac=True,
            callback=tell if mlp.verbose else None,
            options={"maxfun": mlp.max_fun, "maxiter": mlp.max_iter, "gtol": mlp.tol},
        )
    objective.put(found.x)
    mlp.loss_ = float(found.fun)
    mlp.n_iter_ = min(int(found.nit), mlp.max_iter)
    if found.status != 0:
        warnings.warn(
            f"L-BFGS ended before it converged, after {mlp.n_iter_} iterations: {found.message} "
            f"(status {found.status}). Larger max_iter or scaled data may help",
            ConvergenceWarning,
            stacklevel=4,
        )


def _packed(variables: Any) -> np.ndarray:
    return np.concatenate([v.array.ravel() for v in variables]).astype(np.float64)
