"""Values moved along a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath as mp
import sympy as sp

from oracle.expressions import Values, principal


def shift(values: Values, field: Mapping[Any, Any], step: Any) -> dict:
    """`values` moved along `field` by `step` (exact arithmetic).

    A key is a Symbol, a MatrixSymbol, an IndexedBase or its generic entry `base[k]`; a
    direction is a scalar or a matrix, or a Lambda of the entry's indices.
    """
    moved = dict(values)
    for key, direction in field.items():
        if isinstance(direction, sp.Lambda):
            moved[key] = _moved_entries(key, direction, values, step)
        elif isinstance(key, sp.Indexed):
            entry = sp.Lambda(key.indices, direction)
            moved[key.base] = _moved_entries(key.base, entry, values, step)
        else:
            moved[key] = values[key] + step * principal(direction, values)
    return moved


def _moved_entries(key: Any, direction: sp.Lambda, values: Values, step: Any) -> Any:
    """Every entry of a vector or matrix moved; indices count from the base's offset."""
    offset = int(getattr(key, "offset", None) or 0)
    old = values[key]

    def at(*position: int) -> Any:
        indices = (mp.mpf(place + offset) for place in position)
        known = {**values, **dict(zip(direction.variables, indices, strict=False))}
        return principal(direction.expr, known)

    if isinstance(old, list):
        return [entry + step * at(place) for place, entry in enumerate(old)]
    return mp.matrix(
        [[old[i, j] + step * at(i, j) for j in range(old.cols)] for i in range(old.rows)]
    )


__all__ = ["shift"]
