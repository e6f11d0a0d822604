"""Images through a bottleneck: a network writes MNIST's 784 pixels as 32 numbers and reads them back.

Uses real MNIST where it can be had, else digits that lamina draws itself.  Compared with the best
that any linear map through 32 numbers can do (principal components).

    python examples/autoencoder.py [--quick] [--seed 0] [--output autoencoder.png]
"""

import argparse

import numpy as np

import lamina as keras
from lamina import layers

CODE = 32


def load_data(quick):
    try:
        (train, _), (test, labels) = keras.datasets.mnist.load_data()
    except OSError as error:
        print(f"{error}\n\nGoing on with digits that lamina draws ...")
        (train, _), (test, labels) = keras.datasets.digits.load_data()
    train, test = (images.reshape(-1, 784).astype("float32") / 255 for images in (train, test))
    n = 3000 if quick else len(train)
    return train[:n], test[: n // 6], labels[: n // 6]


def build():
    encoder = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(256, activation="relu"),
            layers.Dense(CODE, name="code"),
        ],
        name="encoder",
    )
    decoder = keras.Sequential(
        [
            keras.Input((CODE,)),
            layers.Dense(256, activation="relu"),
            layers.Dense(784, activation="sigmoid", name="pixels"),
        ],
        name="decoder",
    )
    image = keras.Input((784,), name="image")
    return keras.Model(image, decoder(encoder(image)), name="autoencoder")


def principal_components(train, test):
    """The test images from their 32 main components: no linear bottleneck does better."""
    mean = train.mean(axis=0)
    centred = train - mean
    main = np.linalg.eigh(centred.T @ centred)[1][:, -CODE:]
    return mean + (test - mean) @ main @ main.T


def save_figure(path, rows):
    """One example of each digit in each row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.6, 0.8 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), 10)
    for line, (name, images) in zip(axes, rows.items()):
        for axis, image in zip(line, images):
            axis.imshow(image.reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_color("#CCCCCC")
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    figure.savefig(path, dpi=80)
    print(f"Originals and reconstructions: {path}")


def main(quick=False, seed=0, output="autoencoder.png"):
    keras.utils.set_random_seed(seed)
    train, test, labels = load_data(quick)
    model = build()
    model.summary(expand_nested=True)
    model.compile(keras.optimizers.Adam(0.001), "binary_crossentropy", metrics=["mse"])
    model.fit(
        train, train, epochs=10, batch_size=64 if quick else 128,
        validation_data=(test, test), verbose=2,
    )  # fmt: skip

    ways = {
        "original": test,
        f"network, {CODE}": model.predict(test, verbose=0),
        f"linear, {CODE}": principal_components(train, test).clip(0, 1),
    }
    mean = float(np.mean((test - train.mean(axis=0)) ** 2))
    error, linear = (float(np.mean((test - images) ** 2)) for images in list(ways.values())[1:])
    print("\nmean squared error of a pixel:")
    print(f"    the mean image {mean:.5f}, {CODE} principal components {linear:.5f}")
    print(f"    the network {error:.5f}")
    if output:
        one_of_each = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
        try:
            save_figure(output, {name: images[one_of_each] for name, images in ways.items()})
        except ImportError:
            print("No figure: matplotlib is not installed.")
    return {"error": error, "linear": linear, "mean": mean}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="less data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="autoencoder.png")
    main(**vars(parser.parse_args()))
