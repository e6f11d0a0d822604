"""What a model takes and gives: names and shapes, and how users' data are matched to them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from lamina import tree
from lamina.graph.masks import mask_of
from lamina.graph.symbolic import KerasTensor
from lamina.graph.tensor import Tensor
from lamina.layers.arguments import has_tensors

Shape = tuple[int | None, ...]


class Signature:
    """The inputs and outputs of a built model: tensors, nested as the model's `call` has them.

    Names are those of the layers that make them; the keys of a dict go before.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs, self.outputs = (tree.map_structure(detached, x) for x in (inputs, outputs))
        self.input_names = names_of(inputs, "input")
        self.output_names = names_of(outputs, "output")
        self.gives_masks = any(mask_of(x) is not None for x in tree.flatten(outputs))

    @property
    def input_shapes(self) -> list[Shape]:
        return [x.shape for x in tree.flatten(self.inputs)]

    @property
    def output_shapes(self) -> list[Shape]:
        return [x.shape for x in tree.flatten(self.outputs)]

    @property
    def output_dtypes(self) -> list[str]:
        return [x.dtype for x in tree.flatten(self.outputs)]

    @property
    def output_paths(self) -> list[str]:
        """What Keras calls the outputs' losses: by the keys and places that lead to the output, with
        its name for the last place of a list."""
        named = zip(tree.flatten_with_path(self.outputs), self.output_names)
        return [
            "/".join(map(str, path if path and isinstance(path[-1], str) else (*path[:-1], name)))
            for (path, _), name in named
        ]

    @property
    def has_deep_outputs(self) -> bool:
        """Whether there are lists or dicts in the list or dict of outputs."""
        return _is_deep(self.outputs)

    @property
    def input_shape(self) -> Any:
        """The shape, or nested shapes, None for the batch."""
        return tree.map_structure(lambda x: x.shape, self.inputs)

    @property
    def output_shape(self) -> Any:
        return tree.map_structure(lambda x: x.shape, self.outputs)

    def match_inputs(self, name: str, x: Any) -> list[Any]:
        """What was given for each input, in their order.

        Inputs in a dict are given in a dict; in a list only if their keys are in alphabetical order.
        """
        keys = list(self.inputs) if isinstance(self.inputs, dict) else []
        if keys != sorted(keys) and not isinstance(x, dict):
            raise ValueError(
                f"`{name}` must be a dict with the keys {keys}. Received: {name}: {_described(x)}"
            )
        return _matched(name, x, self.inputs, self.input_names, "input")

    def match_outputs(self, name: str, y: Any) -> list[Any]:
        """What was given for each output, in their order."""
        return _matched(name, y, self.outputs, self.output_names, "output")


def detached(x: Tensor) -> Tensor:
    """The tensor without the graph that made it."""
    return x if isinstance(x, KerasTensor) else Tensor(x.spec)


def names_of(structure: Any, default: str) -> list[str]:
    """A name for each leaf, all different."""
    if isinstance(structure, dict) and not any(map(tree.is_nested, structure.values())):
        return sorted(structure)
    leaves = tree.flatten(structure)
    names = [x.call.made_by.name for x in leaves] if _named(leaves) else [default] * len(leaves)
    if len(set(names)) == len(names):
        return names
    return [f"{name}_{i}" for i, name in enumerate(names)]


def _named(leaves: Sequence[Any]) -> bool:
    return all(isinstance(x, KerasTensor) for x in leaves)


def _matched(name: str, given: Any, wanted: Any, names: Sequence[str], what: str) -> list[Any]:
    """The leaves of `given` in the order of the leaves of `wanted`.

    Dicts are read by the names; a single array stands for a model of one input or output.  Other
    nestings are as good as one that has as many arrays.
    """
    n, deep = len(names), _is_deep(wanted)
    if isinstance(given, dict) and not deep:
        return _by_name(name, given, names, what)
    leaves = tree.flatten(given)
    arrays = all(x is None or getattr(x, "shape", ()) for x in leaves)
    named = not isinstance(given, dict) or (isinstance(wanted, dict) and set(given) == set(wanted))
    if len(leaves) == n and arrays and named:
        return leaves
    if n == 1:
        return [given]
    if isinstance(given, (list, tuple)) and len(given) == n and not deep:
        return list(given)
    inside = f", nested as {tree.pack_sequence_as(wanted, names)}" if deep else ""
    raise ValueError(
        f"`{name}` must hold {n} arrays, one for each {what} of the model ({', '.join(names)})"
        f"{inside}. Received: {name}: {_described(given)}"
    )


def _described(given: Any) -> str:
    """What came, in an error."""
    if isinstance(given, dict):
        return f"a dict with the keys {list(given)}"
    if isinstance(given, (list, tuple)):
        return f"{len(tree.flatten(given) if has_tensors(given) else given)} arrays"
    return type(given).__name__


def _is_deep(structure: Any) -> bool:
    items = structure.values() if isinstance(structure, dict) else structure
    return tree.is_nested(structure) and any(map(tree.is_nested, items))


def _by_name(name: str, given: dict[str, Any], names: Sequence[str], what: str) -> list[Any]:
    missing = [key for key in names if key not in given]
    if missing:
        raise ValueError(
            f"`{name}` misses {', '.join(repr(key) for key in missing)}: the {what}s of the model are "
            f"{list(names)}. Received: {name} with the keys {sorted(map(str, given))}"
        )
    extra = sorted(str(key) for key in given if key not in names)
    if extra:
        warnings.warn(f"`{name}` has keys that the model does not use: {extra}", stacklevel=4)
    return [given[key] for key in names]
