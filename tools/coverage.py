"""Writes docs/coverage.md: what lamina has of Keras's public names, counted by family.

    python tools/coverage.py

Keras's names stand in keras_names.json; `keras_names.py` takes them from real Keras.
"""

from __future__ import annotations

import importlib
import json
import pathlib
from collections import defaultdict
from typing import Any

HERE = pathlib.Path(__file__).parent
PAGE = HERE.parent / "docs" / "coverage.md"

TITLES = {"optimizers.schedules": "schedules", "random": "random numbers", "datasets": "data sets"}

# Which parts of Keras's sources belong to which kind; the longest beginning decides.
LAYERS = {
    "": "dense",
    "attention": "attention",
    "convolutional": "convolution",
    "jax_layer": "other frameworks",
    "pooling": "pooling",
    "preprocessing/image_preprocessing": "images and sound",
    "preprocessing/mel_spectrogram": "images and sound",
    "preprocessing/stft_spectrogram": "images and sound",
    "reshaping/cropping2d": "images and sound",
    "reshaping/cropping3d": "images and sound",
    "reshaping/up_sampling2d": "images and sound",
    "reshaping/up_sampling3d": "images and sound",
    "reshaping/zero_padding2d": "images and sound",
    "reshaping/zero_padding3d": "images and sound",
    "rnn": "recurrent",
    "tfsm_layer": "other frameworks",
    "torch_utils": "other frameworks",
}
OPS = {
    "": "core",
    "einops": "core",
    "linalg": "linear algebra",
    "math": "mathematics",
    "nn": "networks",
    "numpy": "arrays",
}
IN_SCOPE = ("dense", "arrays", "core", "linear algebra", "mathematics", "networks", "")


class Group:
    """Objects of a kind: their public names, and those that lamina does not have."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.missing: list[str] = []

    def add(self, name: str, item: tuple[str, str], there: bool) -> None:
        self.objects[item].append(name)
        if not there:
            self.missing.append(name)

    @property
    def there(self) -> int:
        """Objects of which lamina has at least one name."""
        return sum(not set(names) <= set(self.missing) for names in self.objects.values())


def kind_of(family: str, part: str) -> str:
    """The kind of an object; "" in families that have no kinds."""
    kinds = {"layers": LAYERS, "ops": OPS}.get(family, {})
    fitting = [begin for begin in kinds if part.startswith(begin)]
    return kinds[max(fitting, key=len)] if fitting else ""


def groups(family: str, names: dict[str, list[str]]) -> dict[str, Group]:
    """The objects of a family by their kinds."""
    own = set(own_names(family))
    found: dict[str, Group] = defaultdict(Group)
    for name, (item, part) in names.items():
        found[kind_of(family, part)].add(name, (item, part), name in own)
    return dict(sorted(found.items(), key=lambda x: (x[0] not in IN_SCOPE, x[0])))


def own_names(family: str) -> list[str]:
    """lamina's public names of a family."""
    module: Any = importlib.import_module(f"lamina.{family}")
    helpers = ("get", "serialize", "deserialize", "schedules")
    return [name for name in module.__all__ if name not in helpers]


def page() -> str:
    """The page as markdown."""
    known = json.loads((HERE / "keras_names.json").read_text())
    rows, missing, more = [], [], []
    for family, names in known["families"].items():
        title = TITLES.get(family, family)
        for kind, group in groups(family, names).items():
            label = f"{title}: {kind}" if kind else title
            scope = "" if kind in IN_SCOPE else "not in scope for now"
            rows.append(f"| {label} | {len(group.objects)} | {group.there} | {scope} |")
            if group.missing:
                missing.append(f"- **{label}**: {_listed(group.missing)}")
        if further := sorted(set(own_names(family)) - set(names)):
            more.append(f"- **{title}**: {_listed(further)}")
    return _PAGE.format(
        version=known["version"],
        rows="\n".join(rows),
        missing="\n".join(missing),
        more="\n".join(more),
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_PAGE = """\
# What is there

The public objects of Keras {version}, and how many of them lamina has. Another name of the same object
is not counted again. `make docs` writes this page anew; a test sees that it claims nothing that is not
there.

| family | Keras | lamina | |
|---|---|---|---|
{rows}

How close the numbers are is another question: `tests/golden` compares them, and
[the differences](keras.md) are listed.

## Not there

{missing}

## Beyond Keras

{more}
"""

if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE} is written")
