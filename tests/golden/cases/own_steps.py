"""Steps of a user's own: a GAN, an autoencoder, losses and metrics that are overridden.

Keras differentiates on TensorFlow with a tape, lamina by `gradients`; all else is the same code.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Keras, Record, arrays, inputs, labels, one_hot

X = inputs(60, 12)
Y = one_hot(labels(X, 3), 3)
LATENT, NOISE = inputs(60, 4, seed=5), inputs(60, 2, seed=6)
WEIGHTS = np.random.default_rng(9).uniform(0, 3, 60).astype("float32")


def slopes(keras: Keras, compute: Callable[[], Any], variables: Any) -> tuple[Any, Any]:
    """The loss, and its gradients."""
    if keras.__name__ == "lamina":
        loss = compute()
        return loss, keras.gradients(loss, variables)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = compute()
    return loss, tape.gradient(loss, variables)


def stack(keras: Keras, *sizes: Any, seed: int, name: str) -> Any:
    """Dense layers with weights drawn here."""
    first, *others = sizes
    layers = [keras.layers.Dense(n, "tanh") for n in others[:-1]]
    model = keras.Sequential(
        [keras.Input((first,)), *layers, keras.layers.Dense(others[-1])], name=name
    )
    rng = np.random.default_rng(seed)
    model.set_weights(
        [rng.uniform(-0.5, 0.5, size=w.shape).astype("float32") for w in model.get_weights()]
    )
    return model


def gan(keras: Keras) -> Record:
    """Two networks, two optimizers; the numbers a generator starts from come with the data."""
    ops = keras.ops

    class GAN(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self, discriminator: Any, generator: Any) -> None:
            super().__init__()
            self.discriminator, self.generator = discriminator, generator
            self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
            self.g_loss_tracker = keras.metrics.Mean(name="g_loss")

        @property
        def metrics(self) -> Any:
            return [self.d_loss_tracker, self.g_loss_tracker]

        def compile(self, d_optimizer: Any, g_optimizer: Any, loss_fn: Any) -> None:
            super().compile()
            self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

        def train_step(self, data: Any) -> Any:
            x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
            real, latent = x["real"], x["latent"]
            generated = self.generator(latent)
            d_weights = self.discriminator.trainable_weights
            g_weights = self.generator.trainable_weights

            def d_loss() -> Any:
                given = ops.concatenate(
                    [self.discriminator(generated), self.discriminator(real)], 1
                )
                truth = ops.concatenate(
                    [ops.ones_like(given[:, :1]), ops.zeros_like(given[:, 1:])], 1
                )
                return self.loss_fn(truth, given)

            def g_loss() -> Any:
                given = self.discriminator(self.generator(latent))
                return self.loss_fn(ops.zeros_like(given), given)

            loss, gradients = slopes(keras, d_loss, d_weights)
            self.d_optimizer.apply(gradients, d_weights)
            self.d_loss_tracker.update_state(loss)
            loss, gradients = slopes(keras, g_loss, g_weights)
            self.g_optimizer.apply(gradients, g_weights)
            self.g_loss_tracker.update_state(loss)
            return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}

    discriminator = stack(keras, 12, 8, 1, seed=1, name="discriminator")
    generator = stack(keras, 4, 8, 12, seed=2, name="generator")
    model = GAN(discriminator, generator)
    model.compile(
        keras.optimizers.Adam(0.003),
        keras.optimizers.RMSprop(0.003),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    data = {"real": X, "latent": LATENT}
    history = model.fit(data, batch_size=16, epochs=3, shuffle=False, verbose=0).history
    return {
        "history": history,
        "keys": list(history),
        "discriminator": arrays(discriminator.get_weights()),
        "generator": arrays(generator.get_weights()),
        "d_optimizer": arrays(model.d_optimizer.variables[1:]),
        "g_optimizer": arrays(model.g_optimizer.variables[1:]),
        "on_batch": _floats(
            model.train_on_batch({"real": X[:9], "latent": LATENT[:9]}, return_dict=True)
        ),
    }  # fmt: skip


def _floats(figures: Any) -> Record:
    return {name: float(value) for name, value in figures.items()}


def autoencoder(keras: Keras) -> Record:
    """A variational one, with trackers of its three losses and a test step of its own."""
    ops = keras.ops

    class VAE(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self, encoder: Any, decoder: Any) -> None:
            super().__init__()
            self.encoder, self.decoder = encoder, decoder
            self.total = keras.metrics.Mean(name="total_loss")
            self.reconstruction = keras.metrics.Mean(name="reconstruction_loss")
            self.kl = keras.metrics.Mean(name="kl_loss")

        @property
        def metrics(self) -> Any:
            return [self.total, self.reconstruction, self.kl]

        def losses_of(self, data: Any) -> Any:
            x, noise = data
            code = self.encoder(x)
            mean, log_variance = code[:, :2], code[:, 2:]
            z = mean + ops.exp(0.5 * log_variance) * noise
            reconstruction = ops.mean(ops.sum(ops.square(x - self.decoder(z)), axis=1))
            kl = -0.5 * (1 + log_variance - ops.square(mean) - ops.exp(log_variance))
            return reconstruction, ops.mean(ops.sum(kl, axis=1))

        def report(self, reconstruction: Any, kl: Any) -> Any:
            self.total.update_state(reconstruction + kl)
            self.reconstruction.update_state(reconstruction)
            self.kl.update_state(kl)
            return {metric.name: metric.result() for metric in self.metrics}

        def train_step(self, data: Any) -> Any:
            parts: list[Any] = []

            def loss() -> Any:
                parts.extend(self.losses_of(data))
                return parts[0] + parts[1]

            _, gradients = slopes(keras, loss, self.trainable_weights)
            self.optimizer.apply(gradients, self.trainable_weights)
            return self.report(*parts)

        def test_step(self, data: Any) -> Any:
            return self.report(*self.losses_of(data))

    model = VAE(
        stack(keras, 12, 8, 4, seed=3, name="encoder"),
        stack(keras, 2, 8, 12, seed=4, name="decoder"),
    )
    model.compile(optimizer=keras.optimizers.Adam(0.005))
    history = model.fit(
        X, NOISE, batch_size=16, epochs=3, shuffle=False, verbose=0, validation_data=(X, NOISE)
    ).history
    return {
        "history": history,
        "keys": list(history),
        "evaluated": model.evaluate(X, NOISE, batch_size=16, verbose=0, return_dict=True),
        "weights": arrays(model.get_weights()),
        "optimizer": arrays(model.optimizer.variables[1:]),
    }


def _functional(keras: Keras, kind: type, x: Any = None, **compiled: Any) -> Any:
    x = keras.Input((12,)) if x is None else x
    first = x["x"] if isinstance(x, dict) else x
    hidden = keras.layers.Dense(8, "tanh", kernel_regularizer="l2")(first)
    model = kind(x, keras.layers.Dense(3)(hidden))
    rng = np.random.default_rng(8)
    model.set_weights(
        [rng.uniform(-0.5, 0.5, size=w.shape).astype("float32") for w in model.get_weights()]
    )
    model.compile(**{"optimizer": "rmsprop", "loss": "mse", "metrics": ["mae"], **compiled})
    return model


def _trained(model: Any, **settings: Any) -> Record:
    history = model.fit(
        X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0, validation_split=0.2, **settings
    ).history
    return {
        "history": history,
        "keys": sorted(history),
        "evaluated": model.evaluate(X, Y, verbose=0, return_dict=True),
        "weights": arrays(model.get_weights()),
    }


def own_train_step(keras: Keras) -> Record:
    """The step of Keras's guide: weights of samples, the metrics of compile."""

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def train_step(self, data: Any) -> Any:
            x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
            found: list[Any] = []

            def loss() -> Any:
                found.append(self(x, training=True))
                return self.compute_loss(y=y, y_pred=found[0], sample_weight=weight)

            value, gradients = slopes(keras, loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(value)
                else:
                    metric.update_state(y, found[0])
            return {metric.name: metric.result() for metric in self.metrics}

    plain = _trained(_functional(keras, Own))
    return {
        "plain": plain,
        "weighted": _trained(_functional(keras, Own), sample_weight=WEIGHTS),
    }


def own_compute_loss(keras: Keras) -> Record:
    """A loss without compile's, tracked by the model itself."""
    ops = keras.ops

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.tracker = keras.metrics.Mean(name="own_loss")

        def compute_loss(
            self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool = True
        ) -> Any:
            loss = ops.mean(ops.square(y_pred - y)) + ops.sum(self.losses)
            loss = loss + 0.1 * ops.mean(ops.abs(y_pred)) * (2.0 if training else 1.0)
            self.tracker.update_state(loss)
            return loss

        def reset_metrics(self) -> None:
            self.tracker.reset_state()

        @property
        def metrics(self) -> Any:
            return [self.tracker]

    return _trained(_functional(keras, Own, loss=None, metrics=None))


def own_compute_metrics(keras: Keras) -> Record:
    """Figures beside those of compile, and one of them left out."""
    ops = keras.ops

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> Any:
            figures = super().compute_metrics(x, y, y_pred, sample_weight)
            figures["largest"] = ops.max(y_pred)
            figures["doubled"] = 2.0 * figures["mae"]
            del figures["mse"]
            return figures

    return _trained(_functional(keras, Own, metrics=["mae", "mse"]))


def own_test_step(keras: Keras) -> Record:
    """What evaluate and validation report."""
    ops = keras.ops

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def test_step(self, data: Any) -> Any:
            x, y = data
            y_pred = self(x, training=False)
            loss = self.compute_loss(x, y, y_pred)
            for metric in self.metrics:
                if metric.name != "loss":
                    metric.update_state(y, y_pred)
            return {
                "own": loss,
                "size": ops.mean(ops.abs(y_pred)),
                "mae": self.metrics[-1].result(),
            }

    model = _functional(keras, Own)
    history = model.fit(
        X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0, validation_data=(X[:16], Y[:16])
    ).history
    return {
        "history": history,
        "evaluated": model.evaluate(X[:9], Y[:9], verbose=0, return_dict=True),
        "in_order": model.evaluate(X[:9], Y[:9], verbose=0),
    }


def parts_of_steps(keras: Keras) -> Record:
    """The loss and the metrics of compile for predictions, before the first fit and after it."""
    model = _functional(keras, keras.Model, loss="categorical_crossentropy")
    record: dict[str, Any] = {}
    for when in ("before", "after"):
        y_pred = model(X[:9])
        record[f"loss {when}"] = float(model.compute_loss(x=X[:9], y=Y[:9], y_pred=y_pred))
        model.reset_metrics()
        record[f"figures {when}"] = _floats(model.compute_metrics(X[:9], Y[:9], y_pred))
        model.fit(X, Y, shuffle=False, verbose=0)
    return record


def own_predict_step(keras: Keras) -> Record:
    """What predict gives, in a nesting of its own; a call of the model does not see it."""

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def predict_step(self, data: Any) -> Any:
            x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
            y_pred = self(x, training=False)
            return {"doubled": 2.0 * y_pred, "first": [y_pred[:, :1]]}

    model = _functional(keras, Own)
    return {
        "arrays": _structure(model.predict(X, batch_size=16, verbose=0)),
        "batches": _structure(model.predict(((x,) for x in (X[:20], X[20:])), verbose=0)),
        "on_batch": _structure(model.predict_on_batch(X[:9])),
        "called": np.array(model(X[:9])),
    }


def _structure(found: Any) -> Record:
    return {"keys": sorted(found), "doubled": found["doubled"], "first": found["first"][0]}


def triplets(keras: Keras) -> Record:
    """Batches (anchor, positive, negative), which are no inputs, targets and weights of samples."""
    ops = keras.ops

    class Triplets(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network
            self.tracker = keras.metrics.Mean(name="loss")

        @property
        def metrics(self) -> Any:
            return [self.tracker]

        def call(self, inputs: Any) -> Any:
            return self.network(inputs)

        def margin(self, data: Any) -> Any:
            near, far = self.network(data)
            return ops.mean(ops.maximum(near - far + 0.5, 0.0))

        def train_step(self, data: Any) -> Any:
            loss, gradients = slopes(keras, lambda: self.margin(data), self.trainable_weights)
            self.optimizer.apply(gradients, self.trainable_weights)
            self.tracker.update_state(loss)
            return {"loss": self.tracker.result()}

        def test_step(self, data: Any) -> Any:
            self.tracker.update_state(self.margin(data))
            return {"loss": self.tracker.result()}

    anchor, positive, negative = inputs = [keras.Input((n,)) for n in (12, 12, 4)]
    encoder = stack(keras, 12, 8, 3, seed=7, name="encoder")
    other = stack(keras, 4, 8, 3, seed=8, name="other")
    near, far = (
        ops.sum(ops.square(encoder(anchor) - code), axis=-1)
        for code in (encoder(positive), other(negative))
    )
    model = Triplets(keras.Model(inputs, [near, far]))
    model.compile("sgd")
    batches = [(X[:30], X[30:], LATENT[:30]), (X[20:40], X[40:], LATENT[40:])]
    history = model.fit((batch for batch in batches * 2), steps_per_epoch=2, epochs=2, verbose=0)
    return {
        "history": history.history,
        "evaluated": model.evaluate((batch for batch in batches), steps=2, verbose=0),
        "called": [np.array(y) for y in model(list(batches[0]))],
        "again": model.fit((batch for batch in batches), steps_per_epoch=2, verbose=0).history,
        "weights": arrays(model.get_weights()),
    }


def what_steps_are_given(keras: Keras) -> Record:
    """x itself of arrays, all else in a tuple."""
    seen: dict[str, Any] = {}

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def note(self, data: Any) -> Any:
            parts = data if isinstance(data, tuple) else [data]
            seen["now"] = [type(data) is tuple, *(type(part) is dict for part in parts)]
            return {"loss": 0.0 * keras.ops.sum(self.trainable_variables[0])}

        def train_step(self, data: Any) -> Any:
            return self.note(data)

        def test_step(self, data: Any) -> Any:
            return self.note(data)

        def predict_step(self, data: Any) -> Any:
            self.note(data)
            x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
            return self(x, training=False)

    class Batches(keras.utils.PyDataset):  # type: ignore[misc, name-defined]
        def __init__(self, batch: Any) -> None:
            super().__init__()
            self.batch = batch

        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> Any:
            return self.batch

    record: dict[str, Any] = {}
    for name, batch in (("x", (X,)), ("x, y", (X, Y)), ("dict", ({"x": X},))):
        for use in ("fit", "evaluate") if len(batch) > 1 else ("fit", "evaluate", "predict"):
            for kind, given in (
                ("arrays", batch),
                ("generator", ((b for b in [batch]),)),
                ("dataset", (Batches(batch),)),
                ("bare", (Batches(batch[0]),)),
            ):
                x = keras.Input((12,), name="x")
                inputs = {"x": x} if name == "dict" else x
                model = _functional(keras, Own, inputs, loss=None, metrics=None)
                getattr(model, use)(*given, verbose=0)
                record[f"{use} {name} {kind}"] = seen.pop("now")
    return record


_case = functools.partial(Case, "own_steps", backend="tensorflow", scaled=1e-5)

CASES = [
    _case("gan", gan),
    _case("autoencoder", autoencoder),
    _case("train_step", own_train_step),
    _case("compute_loss", own_compute_loss),
    _case("compute_metrics", own_compute_metrics),
    _case("test_step", own_test_step),
    _case("parts", parts_of_steps),
    _case("predict_step", own_predict_step),
    _case("triplets", triplets),
    _case("what_is_given", what_steps_are_given),
]
