"""Functions of one number are as close to the truth as docs/numbers.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.accuracy import FUNCTIONS, errors, floats

PAGE = Path(__file__).parents[2] / "docs" / "numbers.md"
BOUNDS = {
    name: float(bound)
    for names, bound in re.findall(r"^\| (`.+?) \| ([\d.]+) \|", PAGE.read_text(), re.M)
    for name in re.findall(r"`([^`]+)`", names)
}


def test_the_table_has_every_function() -> None:
    assert set(BOUNDS) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_error_in_ulp(name: str, level: str) -> None:
    """Every 9973rd float.  The bound is no empty one, but where multiply-adds are rounded twice: a
    third more is allowed there."""
    function, twice = FUNCTIONS[name], level == "baseline"
    x = floats(9973, function.least, function.most)
    found = max(errors(function, block).max() for block in x if block.size)
    assert BOUNDS[name] * (0 if twice else 0.5) < found <= BOUNDS[name] * (4 / 3 if twice else 1)
