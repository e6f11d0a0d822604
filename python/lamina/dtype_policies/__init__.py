"""Dtypes of layers, losses and metrics: float32, or float64 where digits matter more than time."""

from lamina.dtype_policies.policy import DTypePolicy, deserialize, get, serialize

__all__ = ["DTypePolicy", "deserialize", "get", "serialize"]
