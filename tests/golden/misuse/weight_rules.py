"""Misuse of initializers, regularizers and constraints."""

from __future__ import annotations

import numpy as np

from .case import EITHER, Misuse, each, make, unknown

_L1 = make("regularizers.L1")
_BOTH = make("regularizers.L1L2")
_ORTHOGONAL = make("regularizers.OrthogonalRegularizer")
_MAX = make("constraints.MaxNorm")
_MIN_MAX = make("constraints.MinMaxNorm")

WEIGHT_RULES = [
    *each(_L1, "l1", -0.1, float("nan"), float("inf"), "a", errors=EITHER),
    *each(make("regularizers.L2"), "l2", -1, "a", errors=EITHER),
    *each(_BOTH, "l1", -0.1, errors=EITHER),
    *each(_BOTH, "l2", float("nan"), errors=EITHER),
    *each(_ORTHOGONAL, "factor", -0.1, "a", errors=EITHER),
    *each(_ORTHOGONAL, "mode", "diagonal", None),
    *(unknown(m, "l3") for m in (_L1, _BOTH, _ORTHOGONAL)),
    *each(make("regularizers.get"), "identifier", "l3", 3, word="regularizer"),
    Misuse(
        "OrthogonalRegularizer of a vector",
        lambda k: k.regularizers.OrthogonalRegularizer()(np.ones(3, "float32")),
        ("rank 2", r"\(3,\)"),
    ),
    *each(_MAX, "max_value", -1.0, "a", errors=EITHER),
    *each(_MAX, "axis", 1.5, errors=EITHER),
    *each(_MIN_MAX, "min_value", -1.0, errors=EITHER),
    *each(_MIN_MAX, "max_value", -1.0, errors=EITHER),
    *each(_MIN_MAX, "max_value", 0.5, min_value=0.75),
    *each(_MIN_MAX, "rate", -0.5, 1.5, errors=EITHER),
    *each(make("constraints.UnitNorm"), "axis", "a", errors=EITHER),
    *(unknown(m, "norm") for m in (_MAX, _MIN_MAX, make("constraints.UnitNorm"))),
    *each(make("constraints.get"), "identifier", "max", 3, word="constraint"),
    Misuse(
        "Identity of three axes",
        lambda k: k.initializers.Identity()((2, 3, 4)),
        ("2D", r"\(2, 3, 4\)"),
    ),
    Misuse(
        "Orthogonal of one axis",
        lambda k: k.initializers.Orthogonal()((3,)),
        ("two-dimensional", r"\(3,\)"),
    ),
    *each(make("initializers.Identity"), "gain", "a", errors=EITHER),
    *each(make("initializers.Orthogonal"), "gain", "a", errors=EITHER),
    *each(make("initializers.Orthogonal"), "seed", "a", errors=EITHER),
    Misuse(
        "an array as initializer of another shape",
        lambda k: k.initializers.get(np.ones((2, 3)))((3, 2)),
        ("shape", r"\(2, 3\)", r"\(3, 2\)"),
    ),
    *each(make("initializers.VarianceScaling"), "scale", 0, -1.0),
    *each(make("initializers.VarianceScaling"), "mode", "fan"),
    *each(make("initializers.VarianceScaling"), "distribution", "cauchy"),
]
