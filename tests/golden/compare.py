"""Goldens on disk, and the comparison of a record with its golden."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
_ARRAY = "__array__"  # in the JSON, an array is this key with its name in the .npz

Allowed = Callable[[Any], Any]  # from the wanted numbers to the differences that are allowed


def save(family: str, records: dict[str, Any]) -> None:
    """Write <family>.json, and its arrays of more than one number into <family>.npz."""
    kept: dict[str, np.ndarray] = {}

    def plain(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {k: plain(v, f"{path}.{k}") for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(v, f"{path}.{i}") for i, v in enumerate(value)]
        if isinstance(value, np.ndarray):
            kept[path] = value
            return {_ARRAY: path}
        return value

    text = json.dumps({k: plain(v, k) for k, v in records.items()}, indent=1, ensure_ascii=False)
    (FOLDER / f"{family}.json").write_text(text + "\n", encoding="utf-8")
    if kept:
        np.savez_compressed(FOLDER / f"{family}.npz", **kept)


def load(family: str) -> dict[str, Any]:
    """The records of a family by name of case."""
    path = FOLDER / f"{family}.npz"
    kept = dict(np.load(path)) if path.exists() else {}

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            if _ARRAY in value:
                return kept[value[_ARRAY]]
            return {k: whole(v) for k, v in value.items()}
        return [whole(v) for v in value] if isinstance(value, list) else value

    text = (FOLDER / f"{family}.json").read_text(encoding="utf-8")
    return {name: whole(record) for name, record in json.loads(text).items()}


def differences(got: Any, want: Any, allowed: Allowed, where: str = "") -> list[str]:
    """Every place where the two differ, as lines to read; empty when they agree."""
    if isinstance(want, dict):
        if not isinstance(got, dict) or set(got) != set(want):
            return [f"{where}: got {_brief(got)}, want the keys {list(want)}"]
        return [d for k in want for d in differences(got[k], want[k], allowed, f"{where}.{k}")]
    if isinstance(want, list):
        if not isinstance(got, (list, tuple)) or len(got) != len(want):
            return [f"{where}: got {_brief(got)}, want {_brief(want)}"]
        pairs = enumerate(zip(got, want))
        return [d for i, (g, w) in pairs for d in differences(g, w, allowed, f"{where}.{i}")]
    if isinstance(want, np.ndarray):
        return _array_differences(got, want, allowed, where)
    if isinstance(want, float):
        same = type(got) in (int, float) and bool(_agree(got, want, allowed))
    else:
        same = type(got) is type(want) and got == want
    return [] if same else [f"{where}: got {_brief(got)}, want {_brief(want)}"]


def _array_differences(got: Any, want: np.ndarray, allowed: Allowed, where: str) -> list[str]:
    if not isinstance(got, np.ndarray) or (got.dtype, got.shape) != (want.dtype, want.shape):
        return [f"{where}: got {_brief(got)}, want {_brief(want)}"]
    bad = ~_agree(got, want, allowed)
    if not np.any(bad):
        return []
    at = tuple(int(i) for i in np.argwhere(bad)[0])
    return [
        f"{where}: {np.sum(bad)} of {want.size} differ, first at {at}: got {got[at]!r}, "
        f"want {want[at]!r}; the largest difference is {np.nanmax(distance(got, want)):.3g}"
    ]


def distance(got: Any, want: Any) -> np.ndarray:
    """|got - want| in float64; 0 where both are the same infinity or NaN."""
    got, want = np.asarray(got, "float64"), np.asarray(want, "float64")
    with np.errstate(invalid="ignore"):
        away = np.abs(got - want)
    return np.where((got == want) | (np.isnan(got) & np.isnan(want)), 0.0, away)


def _agree(got: Any, want: Any, allowed: Allowed) -> np.ndarray:
    return np.less_equal(distance(got, want), allowed(want))


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {value.dtype}"
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}..."
