"""What goes to zero while F grows without bound: scales, against what the data resolve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Function, Pow, S

from entropy_proofs.algebra.nodes import ArrayNode, with_elements
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.space_values import scales
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.model.model import Model, ModelTerm, Parameter

COLLAPSED = 1e-8  # a scale this small against the square of the spread stands for zero


class Spreads(Mapping[str, Array]):
    """How far the values of each continuous observed variable's coordinates spread, by variable.

    Neighbours among a coordinate's values are so far apart, in the median, that as many as there
    are would fill this if they were even.  A mean square would not do: a large mean, clusters far
    apart or one outlier leave nothing of what the ordinary data points show.
    """

    def __init__(self, model: Model, data: Mapping[str, Any]):
        self._data = {
            v.name: np.asarray(data[v.name], dtype=float)
            for v in model.variables.values()
            if v.observed and not v.support.discrete
        }

    def __getitem__(self, name: str) -> Array:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    @cached_property
    def _found(self) -> dict[str, Array]:
        found = {}
        for name, x in self._data.items():
            columns = x.reshape(len(x), -1).T
            own = np.array([_spread_of(np.unique(column)) for column in columns])
            found[name] = _filled(own).reshape(x.shape[1:])
        return found

    @cached_property
    def at_most(self) -> dict[str, Array]:
        """Bounds that need no sorting: half of the distances are as large as their median."""
        found = {}
        for name, x in self._data.items():
            wide = np.asarray(4 * (x.max(axis=0) - x.min(axis=0)))
            found[name] = np.where(wide > 0, wide, wide.max() or 1.0)
        return found


def _filled(own: Array) -> Array:
    """Those of constants as the others are."""
    ordinary = own[own > 0].mean() if (own > 0).any() else 1.0
    return np.where(own > 0, own, ordinary)


def _spread_of(values: Array) -> float:
    """Zero for a constant."""
    return float(np.median(np.diff(values)) * len(values)) if len(values) > 1 else 0.0


def collapsed(
    model: Model, values: Mapping[str, Any], spread: Spreads, bounded: bool = True
) -> str:
    """The name of a scale parameter that went to zero against the data; empty if none did.

    Nothing is said of discrete data, which no scale is compared with.
    bounded: also of a scale of latents alone, where F has a limit: E_q[log p(z)] + H[q] <= 0.
    """
    observed = [v for v in model.variables.values() if v.observed]
    if not observed or any(v.support.discrete for v in observed):
        return ""
    terms = (t for t in model.terms if bounded or not _is_bounded(model, t))
    densities = [t.log_density for t in terms]
    for p in model.learned().values():
        if p.name not in values:
            continue
        sizes = scales(p.domain, np.asarray(values[p.name], dtype=float))
        if sizes is None or not np.any(sizes < COLLAPSED * _own(p, model, spread.at_most) ** 2):
            continue
        small = np.any(sizes < COLLAPSED * _own(p, model, spread) ** 2)
        if small and _is_singular(p, densities):
            return p.name
    return ""


def _is_bounded(model: Model, term: ModelTerm) -> bool:
    """Whether the term and H[q] are, together: of a latent that is weighed as H[q] is."""
    alike = term.weight == model.q_weight
    return alike and not model.variables[term.variable].observed


def _is_singular(p: Parameter, densities: Sequence[Expr]) -> bool:
    """Whether a log density may go to infinity with p to zero: a logarithm, a quotient, ... of p.

    Else F has a limit there, as for a mean that is declared to be positive, or for log(1 + p).
    """
    if any(p.label in symbols_in(a) for e in densities for a in e.atoms(ArrayNode)):
        return True
    around = {a for e in densities for a in e.atoms(Function, Pow) if p.label in symbols_in(a)}
    return not all(with_elements(a, {p.label}, lambda *_: S.Zero).is_finite for a in around)


def _own(p: Parameter, model: Model, spread: Mapping[str, Array]) -> Any:
    """The spread of the coordinates that a parameter's last axes run along, or the least one."""
    for name, own in spread.items():
        shape = model.variables[name].shape
        if shape and p.domain == POSITIVE and p.shape[-len(shape) :] == shape:
            return own
    return min((float(own.min()) for own in spread.values() if own.size), default=1.0)
