"""Two inputs, two outputs: the words of a support ticket and numbers about the customer tell which
desk should answer, and within how many hours.

    python examples/multi_input.py [--quick] [--seed 0] [--output multi_input.svg]
"""

import argparse

import numpy as np

import lamina as keras
from lamina import layers, ops

WORDS, LENGTH, DESKS = 400, 24, 5


def make_tickets(rng, n):
    """Tickets as numbers of words, three facts about the customer; desk and hours.

    A fifth of a ticket's words belong to its desk; a few words are urgent; important customers
    with many orders are answered sooner.
    """
    desk = rng.integers(DESKS, size=n)
    words = rng.integers(WORDS, size=(n, LENGTH))
    own = rng.integers(20, size=(n, LENGTH)) + 40 + 20 * desk[:, None]
    words = np.where(rng.random((n, LENGTH)) < 0.2, own, words)
    urgent = (words < 12).sum(axis=1)
    facts = np.stack(
        [rng.random(n) < 0.2, rng.exponential(2.0, n), rng.normal(0.0, 1.0, n)], axis=1
    ).astype("float32")
    hours = 24 + 3 * desk - 5 * urgent - 8 * facts[:, 0] - 2 * facts[:, 1]
    hours += rng.normal(0, 1.5, n)
    x = {"words": words, "facts": facts}
    return x, {"desk": desk, "hours": hours.astype("float32")}


def build():
    words = keras.Input((LENGTH,), dtype="int32", name="words")
    facts = keras.Input((3,), name="facts")
    meaning = ops.mean(layers.Embedding(WORDS, 32, name="embedding")(words), axis=1)
    meaning = layers.Dense(64, activation="relu", name="meaning")(meaning)
    both = layers.Concatenate(name="both")([meaning, layers.LayerNormalization()(facts), facts])
    shared = layers.Dense(64, activation="relu", name="shared")(both)
    desk = layers.Dense(DESKS, activation="softmax", name="desk")(meaning)
    hours = layers.Dense(1, name="hours")(shared)
    return keras.Model({"words": words, "facts": facts}, {"desk": desk, "hours": hours})


def main(quick=False, seed=0, output="multi_input.svg"):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = make_tickets(rng, 4000 if quick else 30000)
    x_test, y_test = make_tickets(rng, 2000 if quick else 5000)

    model = build()
    model.summary()
    if output:
        keras.utils.plot_model(model, output, show_shapes=True, show_layer_names=True)
        print(f"The model as a picture: {output}")
    epochs, batch = 10 if quick else 6, 64
    rate = keras.optimizers.schedules.CosineDecay(0.005, epochs * len(y["desk"]) // batch)
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss={"desk": "sparse_categorical_crossentropy", "hours": "mean_squared_error"},
        loss_weights={"desk": 1.0, "hours": 0.05},
        metrics={"desk": ["accuracy"], "hours": ["mean_absolute_error"]},
    )
    model.fit(x, y, batch_size=batch, epochs=epochs, validation_split=0.1, verbose=2)

    scores = model.evaluate(x_test, y_test, verbose=0, return_dict=True)
    frequent = np.bincount(y_test["desk"]).max() / len(y_test["desk"])
    typical = np.abs(y_test["hours"] - np.median(y["hours"])).mean()
    accuracy, error = scores["desk_accuracy"], scores["hours_mean_absolute_error"]
    print(f"\ndesk: accuracy {accuracy:.4f} (always the most frequent one: {frequent:.4f})")
    print(
        f"hours: mean error {error:.2f} (always the median: {typical:.2f}; the noise alone: 1.20)"
    )
    first = model.predict({name: value[:4] for name, value in x_test.items()}, verbose=0)
    for i in range(4):
        print(
            f"    ticket {i}: desk {first['desk'][i].argmax()} ({first['desk'][i].max():.0%}), "
            f"{first['hours'][i, 0]:.1f} h; truly desk {y_test['desk'][i]}, {y_test['hours'][i]:.1f} h"
        )
    return {"accuracy": accuracy, "frequent": frequent, "error": error, "typical": typical}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="less data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="multi_input.svg")
    main(**vars(parser.parse_args()))
