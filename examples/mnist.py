"""The Keras introduction: train a small network on MNIST, look at its history, use it.

Uses real MNIST where it can be had, else digits that lamina draws itself.

    python examples/mnist.py [--epochs 30] [--seed 0] [--output DIR]
"""

import argparse
import pathlib

import numpy as np

import lamina as keras
from lamina import layers


def load_data():
    try:
        return "MNIST", keras.datasets.mnist.load_data()
    except OSError as error:
        print(f"{error}\n\nGoing on with digits that lamina draws (60,000 + 10,000 images) ...")
        return "drawn digits", keras.datasets.digits.load_data()


def show(image, label, prediction):
    """An image as text, two rows of pixels per line."""
    shades = np.array(list(" .:-=+*#%@"))
    rows = shades[(image[::2].astype(int) + image[1::2]) * (len(shades) - 1) // 510]
    print("\n".join("    " + "".join(row) for row in rows))
    print(f"    label {label}, predicted {prediction}\n")


parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=30)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("demo-output"))
arguments = parser.parse_args()

keras.utils.set_random_seed(arguments.seed)
name, ((x_train, y_train), (x_test, y_test)) = load_data()

model = keras.Sequential(
    [
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Rescaling(1 / 255),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.4),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
model.compile(
    loss="categorical_crossentropy",
    optimizer=keras.optimizers.RMSprop(),
    metrics=["accuracy"],
)
history = model.fit(
    x_train,
    keras.utils.to_categorical(y_train, 10),
    epochs=arguments.epochs,
    batch_size=128,
    validation_split=0.2,
)
print(history)

arguments.output.mkdir(parents=True, exist_ok=True)
plot = arguments.output / "history.png"
try:
    history.plot(path=plot)
    print(f"\nThe history as a picture: {plot}")
except ImportError:
    print("\nNo picture of the history: matplotlib is not installed.")

loss, accuracy = model.evaluate(x_test, keras.utils.to_categorical(y_test, 10), verbose=0)
print(f"On the {len(x_test):,} test images of {name}: loss {loss:.4f}, accuracy {accuracy:.4f}\n")

classes = model.predict_classes(x_test)
for i in [0, *np.flatnonzero(classes != y_test)[:2]]:
    show(x_test[i], y_test[i], classes[i])
