"""The pages of the API reference: one for each family, made from the names it exports.

A page holds a line for mkdocstrings for each object; its text comes from the docstrings.
`mkdocs_hooks.py` gives the pages to mkdocs, so that no list of names is kept by hand.
"""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

FAMILIES = {
    "lamina": "The package",
    "lamina.models": "Models",
    "lamina.layers": "Layers",
    "lamina.activations": "Activations",
    "lamina.losses": "Losses",
    "lamina.metrics": "Metrics",
    "lamina.optimizers": "Optimizers",
    "lamina.optimizers.schedules": "Schedules of the learning rate",
    "lamina.initializers": "Initializers",
    "lamina.regularizers": "Regularizers",
    "lamina.constraints": "Constraints",
    "lamina.callbacks": "Callbacks",
    "lamina.ops": "Operations",
    "lamina.random": "Random numbers",
    "lamina.datasets": "Data sets",
    "lamina.utils": "Utilities",
    "lamina.saving": "Files and configs",
    "lamina.sklearn": "scikit-learn's perceptrons",
    "lamina.wrappers": "Models as scikit-learn's estimators",
    "lamina.config": "Settings",
    "lamina.dtype_policies": "Dtypes of layers",
    "lamina.backend": "The backend's names",
    "lamina.tree": "Nested structures",
}

# What a user subclasses or calls by its methods: inherited ones are shown too.
_WITH_INHERITED = ("lamina.models.Model",)


def families() -> dict[str, str]:
    """The families that are there: their modules and titles."""
    return {name: title for name, title in FAMILIES.items() if _module(name) is not None}


def names(family: str) -> list[str]:
    """The public names of a family, those of its own families aside."""
    module = _module(family)
    listed = getattr(module, "__all__", None) or _defined(module)
    own = [n for n in listed if f"{family}.{n}" not in FAMILIES and not n.startswith("__")]
    return sorted(own, key=lambda n: (n.lower(), n))


def documented(family: str) -> dict[str, Any]:
    """The objects of a family by name; of the package only those that no other family has."""
    found = {name: getattr(_module(family), name) for name in names(family)}
    if family != "lamina":
        return found
    return {n: x for n, x in found.items() if not isinstance(x, ModuleType) and not _home(n, x)}


def page(family: str) -> str:
    """The page of a family as markdown."""
    module = _module(family)
    parts = [f"# {FAMILIES[family]}", f"`{family}`", inspect.getdoc(module) or ""]
    first: dict[str, str] = {}
    others: list[str] = []
    for name, found in sorted(documented(family).items(), key=lambda item: _alias(*item)):
        path = path_of(found, f"{family}.{name}")
        if path in first:
            others.append(f"`{family}.{name}` is another name of `{first[path]}`.")
            continue
        first[path] = name
        parts.append(_entry(family, name, path))
    if others:
        parts += ["## Other names", *others]
    if family == "lamina":
        parts += _shortcuts()
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """All pages: their text by the path below docs/."""
    made = {f"reference/{file_name(family)}": page(family) for family in families()}
    index = "\n".join(
        f"- [{title}]({file_name(family)}): `{family}`, {len(documented(family))} names"
        for family, title in families().items()
    )
    made["reference/index.md"] = f"# API reference\n\nMade from the docstrings.\n\n{index}\n"
    return made


def file_name(family: str) -> str:
    """The file of a family's page."""
    return f"{family.removeprefix('lamina.').replace('.', '-')}.md"


def path_of(found: Any, name: str) -> str:
    """Where an object is defined, as mkdocstrings looks for it."""
    if isinstance(found, ModuleType):
        return found.__name__
    module, inner = getattr(found, "__module__", None), getattr(found, "__qualname__", "")
    if module is None or not inner or "<" in inner or not module.startswith("lamina"):
        return name
    return f"{module}.{inner}"


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def _defined(module: ModuleType | None) -> list[str]:
    return [
        name
        for name, x in vars(module).items()
        if inspect.isfunction(x) and x.__module__.startswith("lamina") and not name.startswith("_")
    ]


def _alias(name: str, found: Any) -> tuple[bool, str, str]:
    """Sorts by name, other names after the object's own."""
    return getattr(found, "__name__", name).rpartition(".")[2] != name, name.lower(), name


def _home(name: str, found: Any) -> str | None:
    """The family other than the package itself that has the object."""
    for family in families():
        if family != "lamina" and getattr(_module(family), name, None) is found:
            return family
    return None


def _shortcuts() -> list[str]:
    lines = [
        f"- `lamina.{name}` is [`{home}.{name}`]({file_name(home)})"
        for name in names("lamina")
        if (home := _home(name, getattr(_module("lamina"), name)))
    ]
    return ["## Also in a family", "\n".join(lines)]


def _entry(family: str, name: str, path: str) -> str:
    lines = [f"::: {path}", "    options:", f"      heading: {family}.{name}"]
    lines.append(f"      toc_label: {name}")
    if f"{family}.{name}" in _WITH_INHERITED:
        lines.append("      inherited_members: true")
    return "\n".join(lines)
