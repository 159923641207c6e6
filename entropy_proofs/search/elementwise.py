"""Parameters whose rows are only ever named one by one: rho[0], rho[1] as parameters of their own.

One unknown stands for all elements of an array.  Where a model names rows literally, each has a
part of its own to play, so the search gets each as a parameter, and its answer is put together.
The probabilities of a simplex are named one by one too, with those that are named nowhere: their
components add up to zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.families.spaces import POSITIVE, Space
from entropy_proofs.model.pointwise import FieldComponent, GenericConditional, Identity
from entropy_proofs.search.equations import Moving

Rows = Mapping[Symbol, tuple[Symbol, tuple[int, ...]]]  # a row's label -> (array, row)


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
            own = dict(zip(c.slots, slots[len(row) :], strict=True))
            here = sp.Mul(*(KroneckerDelta(s, k) for s, k in zip(slots, row, strict=False)))
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
    depth = {label: _depth(arrays[label], found) for label, found in mentions.items() if found}
    replaced: dict[Expr, Expr] = {}
    rows: dict[Symbol, tuple[Symbol, tuple[int, ...]]] = {}
    apart: dict[Symbol, Moving] = {}
    tangent: list[list[Symbol]] = []

    def add(p: Moving, label: Symbol, row: tuple[int, ...], domain: Space) -> Symbol:
        own, shape = _row(label, row), p.shape[len(row) :]
        rows[own] = label, row
        apart[own] = replace(p, name=own.name, labels=frozenset([own]), domain=domain, shape=shape)
        return own

    for label, count in depth.items():
        p, named = arrays[label], sorted(mentions[label], key=str) if count else []
        one_by_one = p.domain.sums_to_one and count == len(p.shape)
        for a in named:
            rest = a.indices[count:]
            own = add(
                p, label, tuple(map(int, a.indices[:count])), POSITIVE if one_by_one else p.domain
            )
            replaced[a] = IndexedBase(own)[rest] if rest else own
        for lead in {a.indices[:-1] for a in named} if one_by_one else ():
            places = range(int(p.shape[-1]))
            tangent.append([add(p, label, (*map(int, lead), k), POSITIVE) for k in places])
    if not rows:
        return Split(conditionals, parameters, {}, {})
    stated = [replace(c, log_density=c.log_density.xreplace(replaced)) for c in conditionals]
    gone = {label for label, _ in rows.values()}
    kept = [p for p in parameters if not p.labels & gone]
    return Split(stated, [*kept, *apart.values()], rows, arrays, tangent)


def _depth(p: Moving, mentions: set[Indexed]) -> int:
    """How many leading axes are indexed by numbers from 0 everywhere, less those a row keeps."""
    named = [
        next((k for k, i in enumerate(a.indices) if not (i.is_Integer and i >= 0)), len(a.indices))
        for a in mentions
    ]
    if p.domain.sums_to_one and min(named) == len(p.shape) and p.shape[-1].is_Integer:
        return len(p.shape)
    return max(0, min(*named, len(p.shape) - p.domain.axes))


def _row(label: Symbol, row: tuple[int, ...]) -> Symbol:
    known = {k: v for k, v in label.assumptions0.items() if v}
    return Symbol(f"{label.name}[{', '.join(map(str, row))}]", **known)


def _rejoined(expr: Expr, rows: Rows) -> Expr:
    """With the rows' elements written as elements of their arrays."""
    found = {
        a: IndexedBase(rows[a.base.label][0])[(*rows[a.base.label][1], *a.indices)]
        for a in expr.atoms(Indexed)
        if a.base.label in rows
    }
    scalars = {s: IndexedBase(rows[s][0])[rows[s][1]] for s in expr.atoms(Symbol) if s in rows}
    return expr.xreplace(found).xreplace(scalars)
