"""Every class that a family publishes can be found by its config; no config reaches anything else."""

from __future__ import annotations

import importlib
from types import FunctionType
from typing import Any

import pytest

from lamina.serialization import own

FAMILIES = sorted(set(own._FAMILIES) - {"keras", "keras.models"})


def classes(module: str) -> list[Any]:
    family = importlib.import_module(own._FAMILIES[module])
    found = [getattr(family, name) for name in family.__all__]
    return [c for c in found if isinstance(c, type) and hasattr(c, "from_config")]


@pytest.mark.parametrize("module", FAMILIES)
def test_every_class_has_a_place_and_is_found_there(module: str) -> None:
    for cls in classes(module):
        place = own.place_of(cls)
        assert place is not None, cls
        assert own.find_class(*place[:2]) is cls
        if place[2] is None:
            assert place[:2] == (module, cls.__name__)


@pytest.mark.parametrize("module", FAMILIES)
def test_what_a_family_knows_by_name_is_its_own_and_published(module: str) -> None:
    family = importlib.import_module(own._FAMILIES[module])
    known = next((vars(family)[n] for n in ("_known", "_classes") if n in vars(family)), {})
    for name, item in (known() if callable(known) else known).items():
        assert item.__name__ in family.__all__, name
        if isinstance(item, FunctionType):
            assert own.find_function(name) is not None


@pytest.mark.parametrize("module", FAMILIES)
def test_only_classes_with_a_config_are_found(module: str) -> None:
    family = importlib.import_module(own._FAMILIES[module])
    names = [*dir(family), "__class__", "os", "a.b"]
    for name in names:
        found = own.find_class(module, name)
        assert found is None or found in classes(module)
