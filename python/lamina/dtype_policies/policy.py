"""Which dtype a layer computes in, and which its weights have: here they are one."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.dtype_policies.floatx import FLOATS, floatx

_set: DTypePolicy | None = None  # by `set_dtype_policy`


class DTypePolicy:
    """The dtype of a layer's weights, arithmetic and results.

    Args:
        name: "float32" or "float64"; `floatx()` when None.  Keras's mixed policies keep weights and
            compute in half-precision numbers, which CPUs have no fast arithmetic for.

    Errors: ValueError for another dtype, TypeError for what is no name.

    Examples:
        >>> lamina.layers.Dense(3, dtype="float64").dtype_policy
        <DTypePolicy "float64">
    """

    def __init__(self, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(
                "'name' must be a string, such as 'float32'. "
                f"Received: name={name!r} (of type {type(name)})"
            )
        name = name or floatx()
        if name not in FLOATS:
            raise ValueError(f"A dtype policy must be one of {FLOATS}. Received: {name!r}")
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype of arithmetic and results."""
        return self._name

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights."""
        return self._name

    @property
    def quantization_mode(self) -> None:
        """None: nothing is quantized."""

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are made without one: that of `set_dtype_policy`, or `floatx()`."""
    return DTypePolicy() if _set is None else _set


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Sets the policy of layers, losses and metrics that are made from now on without one.

    Errors: ValueError for what is neither a policy nor the name of one.
    """
    global _set
    if not isinstance(policy, (str, DTypePolicy)):
        raise ValueError(
            "Invalid `policy` argument. Expected the name of a policy (such as 'float64') or a "
            f"`DTypePolicy`. Received: policy={policy!r} (of type {type(policy)})"
        )
    _set = DTypePolicy(policy) if isinstance(policy, str) else policy


def forget_dtype_policy() -> None:
    """Undoes `set_dtype_policy`: policies follow `floatx()` again."""
    global _set
    _set = None


def get(identifier: Any) -> DTypePolicy:
    """The policy that a `dtype` argument means: a policy, its config, or a dtype or its name.

    None means that of `dtype_policy()`.  Errors: ValueError for anything else.
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    if isinstance(identifier, (np.dtype, type)):
        with contextlib.suppress(TypeError):
            identifier = np.dtype(identifier).name
    if not isinstance(identifier, str):
        raise ValueError(
            "Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. "
            f"Received: dtype={identifier!r}"
        )
    if identifier not in FLOATS:
        raise ValueError(f"`dtype` must be one of {FLOATS}. Received: dtype={identifier!r}")
    return DTypePolicy(identifier)


def serialize(policy: DTypePolicy) -> dict[str, Any]:
    """The config of a policy, as Keras's files have it."""
    return config_of(policy.name)


def config_of(dtype: str) -> dict[str, Any]:
    """The config of a policy of that dtype: layers for data have such of whole numbers too."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": dtype},
        "registered_name": None,
    }


def deserialize(config: Mapping[str, Any]) -> DTypePolicy:
    """The policy of a config.  Errors: ValueError for the config of anything else."""
    inner = config.get("config")
    if config.get("class_name") != "DTypePolicy" or not isinstance(inner, Mapping):
        raise ValueError(f"Expected the config of a DTypePolicy. Received: config={config!r}")
    return get(inner.get("name"))
