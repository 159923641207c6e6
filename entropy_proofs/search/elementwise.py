"""Parameters whose rows are only ever named one by one: rho[0], rho[1] as parameters of their own.

One unknown stands for all elements of an array.  Where a model names places of an axis literally,
each has a part of its own to play, so the search gets each as a parameter, and its answer is put
together.  So it is with thresholds, which have a range of their own between their neighbours.
The probabilities of a simplex are named one by one too, with those that are named nowhere: their
components add up to zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.families.spaces import INCREASING, POSITIVE, REAL, Space
from entropy_proofs.model.pointwise import FieldComponent, GenericConditional, Identity
from entropy_proofs.search.moving import Moving

Place = tuple[int | None, ...]  # of each axis the number, or None where a row keeps it
Rows = Mapping[Symbol, tuple[Symbol, Place]]  # a row's label -> (array, place)


@dataclass(frozen=True)
class Split:
    """A search's conditionals and parameters with rows apart; `whole` puts an answer together.

    tangent: groups of parameters whose directions add up to zero.
    """

    conditionals: Sequence[GenericConditional]
    parameters: Sequence[Moving]
    rows: Rows
    arrays: Mapping[Symbol, Moving]
    tangent: Sequence[Sequence[Symbol]] = ()

    def whole(self, found: Identity) -> Identity:
        """The field on the arrays; terms are left out."""
        if not self.rows:
            return found
        parts: dict[Symbol, list[FieldComponent]] = {}
        kept = []
        for c in found.field:
            if c.label in self.rows:
                parts.setdefault(self.rows[c.label][0], []).append(c)
            else:
                kept.append(replace(c, element=_rejoined(c.element, self.rows)))
        flows = tuple(
            replace(f, rate=_rejoined(f.rate, self.rows), shift=_rejoined(f.shift, self.rows))
            for f in found.flows
        )
        joined = [self._joined(label, cs) for label, cs in parts.items()]
        return Identity((*kept, *joined), flows, ())

    def _joined(self, label: Symbol, parts: Sequence[FieldComponent]) -> FieldComponent:
        p = self.arrays[label]
        slots = nodes.slots(p.shape)
        total: Expr = sp.Integer(0)
        for c in parts:
            _, row = self.rows[c.label]
            own = dict(zip(c.slots, _kept(slots, row), strict=True))
            named = ((s, k) for s, k in zip(slots, row, strict=True) if k is not None)
            here = sp.Mul(*(KroneckerDelta(s, k) for s, k in named))
            total += here * _rejoined(c.element.xreplace(own), self.rows)
        return FieldComponent(label, p.shape, slots, total)


def split(conditionals: Sequence[GenericConditional], parameters: Sequence[Moving]) -> Split:
    """Rows apart wherever every mention of a parameter names its row by a number."""
    arrays = {next(iter(p.labels)): p for p in parameters if p.shape}
    mentions: dict[Symbol, set[Indexed]] = {label: set() for label in arrays}
    for c in conditionals:
        for a in c.log_density.atoms(Indexed):
            if a.base.label in mentions:
                mentions[a.base.label].add(a)
    apart_along = {label: _axes(arrays[label], found) for label, found in mentions.items() if found}
    replaced: dict[Expr, Expr] = {}
    rows: dict[Symbol, tuple[Symbol, Place]] = {}
    apart: dict[Symbol, Moving] = {}
    tangent: list[list[Symbol]] = []

    def add(p: Moving, label: Symbol, row: Place, domain: Space) -> Symbol:
        own, shape = _row(label, row), _kept(p.shape, row)
        rows[own] = label, row
        apart[own] = replace(p, name=own.name, labels=frozenset([own]), domain=domain, shape=shape)
        return own

    for label, axes in apart_along.items():
        p, named = arrays[label], sorted(mentions[label], key=str) if axes else []
        one_by_one = p.domain.sums_to_one and len(axes) == len(p.shape)
        alone = POSITIVE if one_by_one else REAL if p.domain == INCREASING else p.domain
        for a in named:
            row = tuple(int(i) if k in axes else None for k, i in enumerate(a.indices))
            replaced[a] = nodes.element(add(p, label, row, alone), _kept(a.indices, row))
        for lead in {a.indices[:-1] for a in named} if one_by_one else ():
            places = range(int(p.shape[-1]))
            tangent.append([add(p, label, (*map(int, lead), k), POSITIVE) for k in places])
    if not rows:
        return Split(conditionals, parameters, {}, {})
    stated = [replace(c, log_density=c.log_density.xreplace(replaced)) for c in conditionals]
    gone = {label for label, _ in rows.values()}
    kept = [p for p in parameters if not p.labels & gone]
    return Split(stated, [*kept, *apart.values()], rows, arrays, tangent)


def _axes(p: Moving, mentions: set[Indexed]) -> frozenset[int]:
    """The axes of whose places a number is named everywhere; those of its domain only where each
    of its elements may move by itself."""
    numbers = frozenset(
        k for k in range(len(p.shape))
        if all(a.indices[k].is_Integer and a.indices[k] >= 0 for a in mentions)
    )  # fmt: skip
    own = frozenset(range(len(p.shape) - p.domain.axes, len(p.shape)))
    if p.domain == INCREASING:
        return numbers if own <= numbers else frozenset()
    if p.domain.sums_to_one and len(numbers) == len(p.shape) and p.shape[-1].is_Integer:
        return numbers
    return numbers - own


def _kept(along: Sequence[Any], row: Place) -> tuple[Any, ...]:
    """What stands along the axes that a row keeps."""
    return tuple(x for x, k in zip(along, row, strict=True) if k is None)


def _row(label: Symbol, row: Place) -> Symbol:
    known = {k: v for k, v in label.assumptions0.items() if v}
    shown = ", ".join(":" if k is None else str(k) for k in row)
    return Symbol(f"{label.name}[{shown}]", **known)


def _rejoined(expr: Expr, rows: Rows) -> Expr:
    """With the rows' elements written as elements of their arrays."""

    def whole(own: Symbol, indices: Sequence[Expr]) -> Expr:
        label, row = rows[own]
        rest = iter(indices)
        return nodes.element(label, [next(rest) if k is None else k for k in row])

    return nodes.with_elements(expr, rows, whole)
