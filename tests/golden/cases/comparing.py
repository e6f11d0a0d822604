"""Steps that compare the samples of a batch with each other, or mix them."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs, labels, one_hot
from .own_steps import slopes, stack

X = inputs(60, 12)
LABELS = labels(X, 3)
Y = one_hot(LABELS, 3)


def contrast(keras: Keras) -> Record:
    """Two views of a sample are told from those of all others (Chen et al., 2020)."""
    ops = keras.ops

    class Contrast(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self, encoder: Any) -> None:
            super().__init__()
            self.encoder = encoder
            self.loss_tracker = keras.metrics.Mean(name="c_loss")
            self.accuracy = keras.metrics.SparseCategoricalAccuracy(name="c_acc")

        @property
        def metrics(self) -> Any:
            return [self.loss_tracker, self.accuracy]

        def step(self, data: Any) -> Any:
            x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
            views = [ops.normalize(self.encoder(v), axis=-1) for v in (x, x + 0.3 * ops.sin(9 * x))]
            scores = ops.matmul(views[0], ops.transpose(views[1])) / 0.2
            truth = ops.arange(ops.shape(x)[0])
            loss = keras.losses.sparse_categorical_crossentropy(truth, scores, from_logits=True)
            return ops.mean(loss), truth, scores

        def report(self, loss: Any, truth: Any, scores: Any) -> Any:
            self.loss_tracker.update_state(loss)
            self.accuracy.update_state(truth, scores)
            return {metric.name: metric.result() for metric in self.metrics}

        def train_step(self, data: Any) -> Any:
            found: list[Any] = []

            def loss() -> Any:
                found.extend(self.step(data))
                return found[0]

            _, gradients = slopes(keras, loss, self.encoder.trainable_weights)
            self.optimizer.apply(gradients, self.encoder.trainable_weights)
            return self.report(*found)

        def test_step(self, data: Any) -> Any:
            return self.report(*self.step(data))

    model = Contrast(stack(keras, 12, 8, 4, seed=1, name="encoder"))
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    history = model.fit(
        X, batch_size=16, epochs=3, shuffle=False, verbose=0, validation_data=(X[:20],)
    ).history
    return {
        "history": history,
        "keys": list(history),
        "evaluated": model.evaluate(X, batch_size=25, verbose=0, return_dict=True),
        "weights": arrays(model.encoder.get_weights()),
        "optimizer": arrays(model.optimizer.variables[1:]),
    }


def mixup(keras: Keras) -> Record:
    """Each sample is mixed with the one from the other end of its batch (Zhang et al., 2018)."""
    ops = keras.ops

    class Mixing(keras.Sequential):  # type: ignore[misc, name-defined]
        def train_step(self, data: Any) -> Any:
            x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
            x, y = (0.7 * v + 0.3 * ops.flip(v, axis=0) for v in (x, y))
            found: list[Any] = []

            def loss() -> Any:
                found.append(self(x, training=True))
                return self.compute_loss(x=x, y=y, y_pred=found[0])

            value, gradients = slopes(keras, loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(value)
                else:
                    metric.update_state(y, found[0])
            return {metric.name: metric.result() for metric in self.metrics}

    return _trained(keras, Mixing, "categorical_crossentropy", Y)


def scatter_loss(keras: Keras) -> Record:
    """A loss of compile: labels of one class come together, others a distance apart."""
    ops = keras.ops

    class Scatter(keras.losses.Loss):  # type: ignore[misc, name-defined]
        def call(self, y_true: Any, y_pred: Any) -> Any:
            label = ops.reshape(y_true, (-1, 1))
            same = ops.cast(ops.equal(label, ops.transpose(label)), "float32")
            apart = ops.expand_dims(y_pred, 1) - ops.expand_dims(y_pred, 0)
            distance = ops.sum(ops.square(apart), axis=-1)
            return ops.mean(same * distance + (1 - same) * ops.relu(1 - distance), axis=-1)

    return _trained(keras, keras.Sequential, Scatter(), LABELS)


def _trained(keras: Keras, kind: Any, loss: Any, y: Any) -> Record:
    model = kind(
        [
            keras.Input((12,)),
            keras.layers.Dense(8, "tanh"),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    rng = np.random.default_rng(8)
    model.set_weights(
        [rng.uniform(-0.5, 0.5, size=w.shape).astype("float32") for w in model.get_weights()]
    )
    model.compile("rmsprop", loss, metrics=["mse"] if y is Y else None)
    settings: dict[str, Any] = {"batch_size": 16, "verbose": 0, "shuffle": False}
    history = model.fit(X, y, epochs=2, validation_split=0.2, **settings).history
    return {
        "history": history,
        "evaluated": model.evaluate(X, y, batch_size=25, verbose=0, return_dict=True),
        "on_batch": model.train_on_batch(X[:7], y[:7], return_dict=True),
        "weights": arrays(model.get_weights()),
    }


_case = functools.partial(Case, "comparing", backend="tensorflow", scaled=1e-5)

CASES = [
    _case("contrast", contrast),
    _case("mixup", mixup),
    _case("scatter_loss", scatter_loss),
]
