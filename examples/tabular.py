"""A table of numbers, codes and words: who will renew a subscription?

The table is made here by a rule the network does not know, so the best score there can be is known.

    python examples/tabular.py [--quick] [--seed 0] [--output tabular.png]
"""

import argparse

import numpy as np

import lamina as keras
from lamina import layers

PLANS = {"basic": -0.8, "family": 0.5, "student": 0.1, "": -0.3}  # "": nobody wrote it down
REGIONS = ["north", "south", "east", "west", "islands"]


def make_table(rng, n):
    """Columns of four kinds, whether each customer renewed, and how likely that was."""
    table = {
        "age": rng.normal(45, 14, n).clip(18, 90).round(1),
        "monthly_spend": rng.lognormal(3, 0.7, n).round(2),
        "support_calls": rng.poisson(1.5, n),
        "plan": rng.choice(list(PLANS), n, p=[0.45, 0.25, 0.2, 0.1]),
        "region": rng.choice(REGIONS, n, p=[0.3, 0.3, 0.2, 0.15, 0.05]),
    }
    plan = np.array([PLANS[name] for name in table["plan"]])
    south = np.isin(table["region"], ["south", "islands"])
    score = plan + 0.8 * np.log(table["monthly_spend"] / 20) - 0.45 * (table["support_calls"] - 1.5)
    score += np.where(south, 1.2, -0.6) * (table["age"] - 45) / 14  # the south keeps the old
    score -= 0.5 * ((table["age"] - 45) / 14) ** 2 - 0.7
    likely = 1 / (1 + np.exp(-1.5 * score))
    return table, (rng.random(n) < likely).astype("float32"), likely


def report(table, renewed, likely):
    """Predicted and true share of renewals by plan, and by tenths of the prediction."""
    print(f"\n{'':18}{'customers':>10}{'predicted':>11}{'renewed':>9}")
    deciles = np.argsort(np.argsort(likely)) * 10 // len(likely)
    groups = [(f"plan {plan or '(missing)'}", table["plan"] == plan) for plan in PLANS]
    groups += [(f"prediction {d + 1}/10", deciles == d) for d in (0, 4, 9)]
    for name, rows in groups:
        print(f"{name:18}{rows.sum():10,}{likely[rows].mean():11.1%}{renewed[rows].mean():9.1%}")


def main(quick=False, seed=0, output="tabular.png"):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    n = 3000 if quick else 20000
    table, y, _ = make_table(rng, n)
    test_table, y_test, test_likely = make_table(rng, n // 2)
    test_table["region"][:50] = "overseas"  # a word that training never saw

    table["monthly_spend"] = np.log(table["monthly_spend"])
    test_table["monthly_spend"] = np.log(test_table["monthly_spend"])
    space = keras.utils.FeatureSpace(
        {
            "age": "float_normalized",
            "monthly_spend": "float_normalized",
            "support_calls": "integer_categorical",
            "plan": "string_categorical",
            "region": "string_categorical",
        }
    )
    space.adapt(table)
    x, x_test = space(table), space(test_table)

    inputs = keras.Input((x.shape[1],))
    hidden = layers.Dense(64, activation="gelu")(inputs)
    hidden = layers.Dropout(0.1)(hidden)
    hidden = layers.Concatenate()([inputs, layers.Dense(32, activation="gelu")(hidden)])
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss="binary_crossentropy",
        metrics=["accuracy", keras.metrics.AUC(name="auc")],
    )
    model.summary()
    stop = keras.callbacks.EarlyStopping("val_loss", patience=5, restore_best_weights=True)
    history = model.fit(
        x, y, batch_size=128, epochs=10 if quick else 60, validation_split=0.2, callbacks=[stop],
        verbose=2,
    )  # fmt: skip
    print(f"Stopped after {len(history.epoch)} epochs.")

    loss, accuracy, auc = model.evaluate(x_test, y_test, verbose=0)
    report(test_table, y_test, model.predict(x_test, verbose=0)[:, 0])
    majority = max(y_test.mean(), 1 - y_test.mean())
    best = np.mean((test_likely > 0.5) == y_test)
    print(f"\naccuracy {accuracy:.4f} (AUC {auc:.4f}, loss {loss:.4f})")
    print(f"    always the more frequent answer {majority:.4f}, knowing the rule {best:.4f}")
    if output:
        try:
            history.plot(["loss", "auc"], path=output)
            print(f"The history: {output}")
        except ImportError:
            print("No figure: matplotlib is not installed.")
    return {"accuracy": accuracy, "majority": majority, "best": best, "auc": auc}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="less data, fewer epochs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="tabular.png")
    main(**vars(parser.parse_args()))
