"""The learning rates of a model's optimizer: one, or one for each part of a MultiOptimizer."""

from __future__ import annotations

from typing import Any


def labelled(optimizer: Any) -> list[tuple[str, Any]]:
    """The optimizers that have a rate, each with its name for messages, "" for a single one."""
    parts = optimizer.parts
    return [("" if part is optimizer else f"{part.name} ", part) for part in parts]


def logged(optimizer: Any) -> dict[str, float]:
    """The rates as they are called in the logs."""
    return {
        f"learning_rate_{label.strip()}" if label else "learning_rate": float(part.learning_rate)
        for label, part in labelled(optimizer)
    }
