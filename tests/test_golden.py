"""Every golden case on both backends against what real Keras computed (see golden/)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lamina
from golden.cases import CASES
from golden.compare import differences, load

GOLDENS = {
    f"{family}/{name}": record
    for family in sorted({case.family for case in CASES.values()})
    for name, record in load(family).items()
}


def _changed(value: Any) -> Iterator[Any]:
    """Copies of a record, each with one leaf changed by a little more than a rounding."""
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            for leaf in _changed(value[key]):
                other = copy.copy(value)
                other[key] = leaf
                yield other
    elif isinstance(value, np.ndarray):
        if value.size:
            other, size = value.copy(), np.abs(value[np.isfinite(value)])
            off = max(1e-4 * np.max(size, initial=0), 1e-5) if value.dtype.kind == "f" else 1
            other.flat[np.nanargmin(np.abs(value))] += off
            yield other
    elif isinstance(value, float):
        yield value + max(1e-4 * abs(value), 1e-5)
    else:
        yield f"not {value}"


def test_every_case_has_a_golden() -> None:
    assert set(GOLDENS) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_changed_golden_is_noticed(name: str) -> None:
    case, golden = CASES[name], GOLDENS[name]
    assert not differences(golden, golden, case.allowed)
    changes = list(_changed(golden))
    assert changes
    assert all(differences(golden, change, case.allowed) for change in changes)


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, backend: str) -> None:
    case = CASES[name]
    found = differences(case.run(lamina), GOLDENS[name], case.allowed)
    assert not found, "\n".join(found)
