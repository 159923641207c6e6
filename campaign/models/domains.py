"""Whether arguments of families lie in their domains, and whether a proof says where they may not.

Zero at single values of a learned parameter, as w**2 is, is no way out: there is no density there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_EXACT = 1e-9


class OutOfDomain(ValueError):
    """An argument's values at a point, of which the family has no density."""

    def __init__(self, variable: str, argument: str, found: Any):
        super().__init__(f"{argument} of {variable} is {np.asarray(found).tolist()}")
        self.variable, self.argument = variable, argument


def _positive(a: Any) -> bool:
    return bool(np.all(a > 0))


def _unit(a: Any) -> bool:
    return bool(np.all((a > 0) & (a <= 1)))  # a sigmoid rounds to one


def _simplex(a: Any) -> bool:
    return _positive(a) and np.allclose(a.sum(axis=-1), 1, rtol=0, atol=_EXACT)


def _definite(a: Any) -> bool:
    turned = np.swapaxes(a, -1, -2)
    size = np.abs(a).max(initial=0)
    symmetric = np.allclose(a, turned, rtol=0, atol=_EXACT * size)
    return symmetric and bool(np.all(np.linalg.eigvalsh((a + turned) / 2) > 0))


_SCALES = "variance", "scale", "scale2", "degrees_of_freedom", "power", "precision"
_RATES = "shape", "rate", "alpha", "beta", "concentration"
_HOLDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys((*_SCALES, *_RATES), _positive),
    "probability": _unit,
    "weight": _unit,
    "probabilities": _simplex,
    "covariance": _definite,
}  # others are any real numbers


def check(variable: str, arguments: Mapping[str, Any]) -> None:
    """Raises OutOfDomain."""
    for name, value in arguments.items():
        holds = _HOLDS.get(name)
        if holds is not None and not holds(np.asarray(value)):
            raise OutOfDomain(variable, name, value)
