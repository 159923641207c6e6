"""What goes to zero while F grows without bound: scales, against what the data resolve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.space_values import scales
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.model.model import Model, Parameter

COLLAPSED = 1e-8  # a scale this small against the square of the spread stands for zero
Spreads = Mapping[str, Array]


def spreads(model: Model, data: Mapping[str, Any]) -> Spreads:
    """How far the values of each continuous observed variable's coordinates spread, by variable.

    Neighbours among a coordinate's values are so far apart, in the median, that as many as there
    are would fill this if they were even.  A mean square would not do: a large mean, clusters far
    apart or one outlier leave nothing of what the ordinary data points show.
    """
    found = {}
    for v in model.variables.values():
        if v.observed and not v.support.discrete:
            x = np.asarray(data[v.name], dtype=float)
            columns = x.reshape(len(x), -1).T
            own = np.array([_spread_of(np.unique(column)) for column in columns])
            ordinary = own[own > 0].mean() if (own > 0).any() else 1.0
            found[v.name] = np.where(own > 0, own, ordinary).reshape(x.shape[1:])
    return found


def _spread_of(values: Array) -> float:
    """Zero for a constant."""
    return float(np.median(np.diff(values)) * len(values)) if len(values) > 1 else 0.0


def collapsed(model: Model, values: Mapping[str, Any], spread: Spreads) -> str:
    """The name of a scale parameter that went to zero against the data; empty if none did.

    Nothing is said of discrete data, which no scale is compared with.
    """
    observed = [v for v in model.variables.values() if v.observed]
    if not observed or any(v.support.discrete for v in observed):
        return ""
    for p in model.learned().values():
        if p.name not in values:
            continue
        sizes = scales(p.domain, np.asarray(values[p.name], dtype=float))
        if sizes is not None and np.any(sizes < COLLAPSED * _own(p, model, spread) ** 2):
            return p.name
    return ""


def _own(p: Parameter, model: Model, spread: Spreads) -> Any:
    """The spread of the coordinates that a parameter's last axes run along, or the least one."""
    for name, own in spread.items():
        shape = model.variables[name].shape
        if shape and p.domain == POSITIVE and p.shape[-len(shape) :] == shape:
            return own
    return min(_least(spread.values()), default=1.0)


def _least(spread: Iterable[Array]) -> list[float]:
    return [float(own.min()) for own in spread if own.size]
