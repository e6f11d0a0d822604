"""Own layer, own loss, own training step: a variational autoencoder (Kingma and Welling, 2014) that
learns to draw digits from two numbers.

    python examples/vae.py [--quick] [--seed 0] [--output vae.png]
"""

import argparse

import numpy as np

import lamina as keras
from lamina import layers, ops


class Sampling(layers.Layer):
    """z = mean + exp(log_variance / 2) * noise, with (mean, log_variance) as input."""

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs):
        mean, log_variance = inputs
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise


class VAE(keras.Model):
    """An encoder to a normal distribution of codes, and a decoder of codes."""

    def __init__(self, code=2, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(256, activation="relu")
        self.mean, self.log_variance = layers.Dense(code), layers.Dense(code)
        self.sampling = Sampling()
        self.decoder = keras.Sequential(
            [
                keras.Input((code,)),
                layers.Dense(128, activation="relu"),
                layers.Dense(256, activation="relu"),
                layers.Dense(784),
            ]
        )
        self.trackers = [keras.metrics.Mean(name=name) for name in ("loss", "pixels", "code")]

    @property
    def metrics(self):
        """What is reported, and begins anew with each epoch."""
        return self.trackers

    def encode(self, x):
        hidden = self.inner(x)
        return self.mean(hidden), self.log_variance(hidden)

    def call(self, x):
        """How many nats an image takes: of its pixels, given the code, and of the code."""
        mean, log_variance = self.encode(x)
        logits = self.decoder(self.sampling([mean, log_variance]))
        pixels = ops.sum(ops.softplus(logits) - x * logits, axis=-1)  # cross-entropy from logits
        code = ops.square(mean) + ops.exp(log_variance) - log_variance - 1.0
        return pixels, 0.5 * ops.sum(code, axis=-1)

    def train_step(self, data):
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        pixels, code = self(x, training=True)
        loss = ops.mean(pixels + code)
        weights = self.trainable_variables
        self.optimizer.apply(keras.gradients(loss, weights), weights)
        for tracker, values in zip(self.trackers, (pixels + code, pixels, code)):
            tracker.update_state(values)
        return {tracker.name: tracker.result() for tracker in self.trackers}


def load_data(quick):
    """Black and white digits, as those a Bernoulli distribution describes."""
    try:
        (train, _), (test, _) = keras.datasets.mnist.load_data()
    except OSError as error:
        print(f"{error}\n\nGoing on with digits that lamina draws ...")
        (train, _), (test, _) = keras.datasets.digits.load_data()
    train, test = ((images.reshape(-1, 784) > 127).astype("float32") for images in (train, test))
    return (train[:4000], test[:1000]) if quick else (train, test)


def save_figure(path, decoder, across=13):
    """What the decoder draws over the square of codes."""
    from matplotlib.figure import Figure

    at = np.linspace(-2.2, 2.2, across, dtype="float32")
    codes = np.stack(np.meshgrid(at, at[::-1]), axis=-1).reshape(-1, 2)
    images = 1 / (1 + np.exp(-decoder.predict(codes, verbose=0)))
    sheet = images.reshape(across, across, 28, 28).swapaxes(1, 2).reshape(across * 28, -1)
    figure = Figure(figsize=(5, 5), layout="constrained")
    figure.subplots().imshow(sheet, cmap="gray_r", extent=(-2.2, 2.2, -2.2, 2.2))
    figure.savefig(path, dpi=80)
    print(f"What the decoder draws: {path}")


def main(quick=False, seed=0, output="vae.png"):
    keras.utils.set_random_seed(seed)
    train, test = load_data(quick)
    model = VAE()
    model.compile(keras.optimizers.Adam(0.001))
    model.fit(train, epochs=12 if quick else 10, batch_size=64 if quick else 128, verbose=2)

    nats = float(np.mean(sum(model.predict(test, batch_size=500, verbose=0))))
    share = train.mean(axis=0).clip(1e-3, 1 - 1e-3)
    alone = -np.mean(np.sum(test * np.log(share) + (1 - test) * np.log(1 - share), axis=1))
    print(f"\nnats for a test image: {nats:.1f} (each pixel for itself: {alone:.1f})")
    if output:
        try:
            save_figure(output, model.decoder)
        except ImportError:
            print("No figure: matplotlib is not installed.")
    return {"nats": nats, "alone": float(alone)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="less data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="vae.png")
    main(**vars(parser.parse_args()))
