"""Which variables decay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lamina.graph.variable import Variable


class Exclusions:
    """The variables listed, and those in whose name one of the regular expressions is found."""

    def __init__(self, variables: Iterable[Variable] = (), names: Iterable[str] = ()) -> None:
        self._listed = {id(v) for v in variables}
        patterns = "|".join(names)
        self._pattern = re.compile(patterns) if patterns else None

    def __contains__(self, variable: Variable) -> bool:
        named = self._pattern is not None and self._pattern.search(variable.name) is not None
        return named or id(variable) in self._listed
