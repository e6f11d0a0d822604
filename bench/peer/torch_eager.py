"""Plain PyTorch, eager, with Keras's RMSprop (PyTorch's own has epsilon outside the root)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from torch.nn import functional

from peer.job import BATCH, EPSILON, LEARNING_RATE, RATES, RHO, Array, Job, Peer, first_weights

Tensor = torch.Tensor


class Network:
    """Holds weights and velocities; `step` is one step of RMSprop."""

    def __init__(self, weights: Sequence[Array], rates: Sequence[float] = RATES) -> None:
        self.weights = [torch.from_numpy(w.copy()).requires_grad_() for w in weights]
        self.velocities = [torch.zeros_like(w) for w in self.weights]
        self.rates = rates

    def logits(self, x: Tensor, training: bool) -> Tensor:
        """x (n, 784) bytes to (n, 10)."""
        h = x.float().mul_(1 / 255)
        w = self.weights
        for i, rate in enumerate(self.rates):
            h = torch.addmm(w[2 * i + 1], h, w[2 * i]).relu_()
            h = functional.dropout(h, rate, training)
        return torch.addmm(w[-1], h, w[-2])

    def step(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The loss of the batch and how many are right, before the step."""
        z = self.logits(x, training=True)
        loss = functional.cross_entropy(z, labels)
        gradients = torch.autograd.grad(loss, self.weights)
        with torch.no_grad():
            torch._foreach_mul_(self.velocities, RHO)
            torch._foreach_addcmul_(self.velocities, gradients, gradients, 1 - RHO)
            roots = torch._foreach_add(self.velocities, EPSILON)
            torch._foreach_sqrt_(roots)
            torch._foreach_addcdiv_(self.weights, gradients, roots, -LEARNING_RATE)
            return loss.detach(), (z.argmax(1) == labels).sum()

    def probabilities(self, x: Tensor) -> Tensor:
        return self.logits(x, training=False).softmax(1)


def traced(network: Network, x: Array) -> torch.jit.ScriptModule:
    """The forward pass as TorchScript, weights frozen into it."""

    class Forward(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for i, w in enumerate(network.weights):
                self.register_parameter(f"w{i}", torch.nn.Parameter(w.detach()))

        def forward(self, x: Tensor) -> Tensor:
            held = Network.__new__(Network)
            held.weights, held.rates = list(self.parameters()), network.rates
            return held.probabilities(x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated; for one row it is the fastest
        return torch.jit.freeze(torch.jit.trace(Forward().eval(), torch.from_numpy(x[:1])))


def build(job: Job) -> Peer:
    torch.set_num_threads(job.threads)
    torch.manual_seed(0)
    network = Network(first_weights())
    x, labels = torch.from_numpy(job.x), torch.from_numpy(job.labels).long()
    script: list[torch.jit.ScriptModule] = []

    def train() -> tuple[float, float]:
        script.clear()
        loss, right = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for rows in torch.randperm(len(x)).split(BATCH):
            value, good = network.step(x[rows], labels[rows])
            loss += value
            right += good
        return loss.item(), right.item()

    def eager(x: Array) -> Array:
        with torch.inference_mode():
            return network.probabilities(torch.from_numpy(x)).numpy()

    def script_of(x: Array) -> Array:
        if not script:
            script.append(traced(network, x))
        with torch.inference_mode():
            return script[0](torch.from_numpy(x)).numpy()

    return Peer(f"PyTorch {torch.__version__}", train, {"eager": eager, "traced": script_of})
