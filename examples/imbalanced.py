"""One in fifty: class weights, metrics at thresholds, and the choice of a threshold by its cost.

Payments are checked by hand when the network says so.  A check costs 1, a missed fraud 25.

    python examples/imbalanced.py [--quick] [--seed 0] [--output imbalanced.png]
"""

import argparse

import numpy as np

import lamina as keras
from lamina import layers

CHECK, MISSED = 1.0, 25.0


def make_payments(rng, n):
    """Twelve numbers about each payment, and whether it was a fraud (about 2 %)."""
    x = rng.normal(size=(n, 12)).astype("float32")
    ring = 3.0 * np.exp(-((np.hypot(x[:, 0], x[:, 1]) - 2.2) ** 2) / 0.1)
    score = ring + 1.5 * np.maximum(x[:, 2] * x[:, 3], 0) + 0.8 * x[:, 4] - 5.2
    return x, (rng.random(n) < 1 / (1 + np.exp(-1.6 * score))).astype("float32")


def cost(y, flagged):
    """What checks and missed frauds cost, per thousand payments."""
    return 1000 * float(np.mean(np.where(flagged, CHECK, MISSED * y)))


def save_figure(path, thresholds, costs, best):
    """The cost at each threshold, on each set of payments."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axis = figure.subplots()
    for (name, heights), colour in zip(costs.items(), ("#00BFC4", "#333333")):
        axis.plot(thresholds, heights, label=name, color=colour)
    axis.axvline(best, color="#F8766D", linestyle="--", label="chosen")
    axis.set(xlabel="checked from this prediction on", ylabel="cost per thousand payments", ylim=0)
    axis.legend(frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100)
    print(f"The cost at each threshold: {path}")


def main(quick=False, seed=0, output="imbalanced.png"):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    n = 12000 if quick else 60000
    (x, y), (x_valid, y_valid), (x_test, y_test) = (make_payments(rng, m) for m in (n, n // 3, n))
    share = float(y.mean())
    print(f"{n:,} payments, {share:.2%} of them fraud")

    epochs, batch = (8, 128) if quick else (15, 256)
    model = keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(128, activation="silu"),
            layers.BatchNormalization(),
            layers.Dense(64, activation="silu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    steps = epochs * -(-n // batch)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=0.004, warmup_steps=steps // 10
    )
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=0.01),
        loss="binary_crossentropy",
        metrics=[
            keras.metrics.AUC(name="roc"),
            keras.metrics.AUC(curve="PR", name="pr"),
            keras.metrics.Precision(thresholds=0.5, name="precision"),
            keras.metrics.Recall(thresholds=0.5, name="recall"),
            keras.metrics.RecallAtPrecision(0.5, name="recall_at_half"),
        ],
    )
    model.fit(
        x, y, batch_size=batch, epochs=epochs, validation_data=(x_valid, y_valid),
        class_weight={0: 1.0, 1: 10.0}, verbose=2,
    )  # fmt: skip

    thresholds = np.linspace(0.02, 0.98, 49)
    found = model.predict(x_valid, batch_size=4096, verbose=0)[:, 0]
    costs = {"validation": [cost(y_valid, found >= threshold) for threshold in thresholds]}
    best = float(thresholds[int(np.argmin(costs["validation"]))])

    scores = model.evaluate(x_test, y_test, batch_size=4096, verbose=0, return_dict=True)
    found = model.predict(x_test, batch_size=4096, verbose=0)[:, 0]
    print("\n" + "  ".join(f"{name} {value:.4f}" for name, value in scores.items()))
    print(f"\n{'threshold':>20}{'checked':>10}{'precision':>11}{'recall':>9}{'cost':>8}")
    for name, threshold in (("check nothing", 2.0), ("", 0.5), ("chosen", best), ("", 0.95)):
        flagged = found >= threshold
        hits = float(y_test[flagged].sum())
        print(
            f"{name:14}{threshold:6.2f}{flagged.mean():10.2%}{hits / max(flagged.sum(), 1):11.3f}"
            f"{hits / y_test.sum():9.3f}{cost(y_test, flagged):8.0f}"
        )
    nothing, everything = cost(y_test, found > 2), cost(y_test, found >= 0)
    print(f"check everything: cost {everything:.0f} per thousand payments")
    if output:
        costs["test"] = [cost(y_test, found >= threshold) for threshold in thresholds]
        try:
            save_figure(output, thresholds, costs, best)
        except ImportError:
            print("No figure: matplotlib is not installed.")
    return {
        "pr": scores["pr"],
        "roc": scores["roc"],
        "share": share,
        "cost": cost(y_test, found >= best),
        "careless": min(nothing, everything),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="less data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="imbalanced.png")
    main(**vars(parser.parse_args()))
