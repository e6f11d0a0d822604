"""Weights that change within a step: several updates, penalties on gradients, a layer that assigns.

Keras differentiates on TensorFlow with a tape, lamina by `gradients`.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs
from .own_steps import slopes, stack

X, LATENT = inputs(48, 6), inputs(48, 3, seed=5)


def _slope_of_inputs(keras: Keras, network: Any, x: Any) -> Any:
    """d (sum of the network's outputs) / d x, itself to be differentiated."""
    if keras.__name__ == "lamina":
        return keras.gradients(keras.ops.sum(network(x)), [x])[0]
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        score = keras.ops.sum(network(x))
    return tape.gradient(score, x)


def critic(keras: Keras, activation: str) -> Record:
    """A critic that learns three times a step, its slope held at 1 (Gulrajani et al., 2017)."""
    ops = keras.ops

    class Critical(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self, critic: Any, generator: Any) -> None:
            super().__init__()
            self.critic, self.generator = critic, generator

        def penalty(self, x: Any) -> Any:
            slope = _slope_of_inputs(keras, self.critic, x)
            norm = ops.sqrt(ops.sum(ops.square(slope), axis=1) + 1e-12)
            return ops.mean(ops.square(norm - 1.0))

        def critic_loss(self, real: Any, latent: Any) -> Any:
            made = self.generator(latent)
            between = 0.3 * real + 0.7 * made
            cost = ops.mean(self.critic(made)) - ops.mean(self.critic(real))
            return cost + 10.0 * self.penalty(between)

        def train_step(self, data: Any) -> Any:
            real, latent = data
            weights = self.critic.trainable_weights
            for _ in range(3):
                cost, gradients = slopes(keras, lambda: self.critic_loss(real, latent), weights)
                self.optimizer.apply(gradients, weights)
            weights = self.generator.trainable_weights
            loss, gradients = slopes(
                keras, lambda: -ops.mean(self.critic(self.generator(latent))), weights
            )
            self.other.apply(gradients, weights)
            return {"critic": cost, "generator": loss}

    model = Critical(
        stack(keras, 6, 8, 1, seed=1, name="critic"),
        stack(keras, 3, 8, 6, seed=2, name="generator"),
    )
    model.critic.layers[0].activation = keras.activations.get(activation)
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    model.other = keras.optimizers.RMSprop(0.01)
    history = model.fit(X, LATENT, batch_size=16, epochs=3, shuffle=False, verbose=0).history
    return {
        "history": history,
        "critic": arrays(model.critic.get_weights()),
        "generator": arrays(model.generator.get_weights()),
        "critic_slots": arrays(model.optimizer.variables[2:10]),
        "generator_slots": arrays(model.other.variables[2:]),
    }


def assigning(keras: Keras) -> Record:
    """A layer that divides its kernel by its length before it is used, in training."""
    ops = keras.ops

    class Divided(keras.layers.Dense):  # type: ignore[misc, name-defined]
        def call(self, x: Any, training: bool = False) -> Any:
            before = ops.mean(ops.square(self.kernel))
            if training:
                length = ops.sqrt(ops.sum(ops.square(self.kernel)))
                self.kernel.assign(self.kernel / length)
            return super().call(x) + before

    model = keras.Sequential([keras.Input((6,)), Divided(4, "tanh"), keras.layers.Dense(1)])
    rng = np.random.default_rng(8)
    model.set_weights(
        [rng.uniform(-0.5, 0.5, size=w.shape).astype("float32") for w in model.get_weights()]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum=0.5), "mse")
    y = X[:, :1] * 2
    history = model.fit(X, y, batch_size=16, epochs=3, shuffle=False, verbose=0).history
    return {"history": history, "weights": arrays(model.get_weights())}


_case = functools.partial(Case, "repeated_steps", backend="tensorflow", scaled=2e-5)

CASES = [
    *(_case(f"critic_{a}", functools.partial(critic, activation=a)) for a in ("tanh", "silu")),
    _case("assigning", assigning),
]
