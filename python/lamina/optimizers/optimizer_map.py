"""Which optimizer changes which variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from lamina.graph.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.serialization import resolve


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Optimizers by regular expressions for the paths of variables, for `MultiOptimizer`.

    A path is the layer's name and the variable's: `"encoder/kernel"`.  An expression stands for the
    whole path (`"encoder/.*"`), and may have more in front of it, which ends in `/`: `".*/encoder/.*"`
    as for the paths of Keras's `Sequential`, which begin with the model's name.

        map = OptimizerMap(SGD(0.1), {"encoder/.*": Adam(1e-4)})
        map[".*/bias"] = RMSprop()

    Args:
        default_optimizer: for the variables without an expression of their own.
        optimizer_map: a dict of optimizers by expression.

    Errors: TypeError for a default that is no Optimizer and for a map that is no dict; ValueError for
    a key that is no regular expression or is there already, and for a value that is no Optimizer.
    `map[path]` gives the path's optimizer, and ValueError when several expressions fit.
    """

    def __init__(
        self, default_optimizer: Optimizer, optimizer_map: Mapping[str, Optimizer] | None = None
    ) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(
                "`default_optimizer` must be an Optimizer. Received: "
                f"default_optimizer={default_optimizer!r}"
            )
        if not isinstance(optimizer_map, (dict, type(None))):
            raise TypeError(
                "`optimizer_map` must be a dict of optimizers by regular expression. Received: "
                f"optimizer_map={optimizer_map!r}"
            )
        self._default = default_optimizer
        self._by_pattern: dict[str, Optimizer] = {}
        for key, optimizer in (optimizer_map or {}).items():
            self[key] = optimizer

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of the variables that no expression fits."""
        return self._default

    def __call__(self, variable: Variable) -> Optimizer:
        """The variable's optimizer."""
        return self[variable.path]

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._by_pattern:
            return self._by_pattern[key]
        found = self.patterns_for(key)
        if len(found) > 1:
            raise ValueError(
                f"Multiple optimizers assigned to variable {key}: the regular expressions "
                f"{found} fit it"
            )
        return self._by_pattern[found[0]] if found else self._default

    def patterns_for(self, path: str) -> list[str]:
        """The expressions that fit the path; only if there are none, those that want more before it."""
        for name in (path, f"/{path}"):
            found = [p for p in self._by_pattern if re.fullmatch(p, name)]
            if found:
                return found
        return []

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ValueError(f"The key must be a string, a regular expression. Received: {key!r}")
        try:
            re.compile(key)
        except re.error as error:
            raise ValueError(f"{key!r} is not a regular expression: {error}") from error
        if key in self._by_pattern:
            raise ValueError(
                f"{key!r} already exists in the OptimizerMap with value {self._by_pattern[key]!r}"
            )
        if not isinstance(optimizer, Optimizer):
            raise ValueError(f"The value for {key!r} must be an Optimizer. Received: {optimizer!r}")
        self._by_pattern[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._by_pattern[key]

    def __len__(self) -> int:
        return len(self._by_pattern)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_pattern)

    def get_config(self) -> dict[str, Any]:
        """The configs of all optimizers."""
        return {
            "default_optimizer": resolve.serialize(self._default),
            "optimizer_map": {k: resolve.serialize(o) for k, o in self._by_pattern.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> OptimizerMap:
        from lamina import optimizers

        made = {
            k: optimizers.deserialize(o, custom_objects) for k, o in config["optimizer_map"].items()
        }
        return cls(optimizers.deserialize(config["default_optimizer"], custom_objects), made)
