"""From the solution of a linear system, on generic elements, to a field and flows on arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, nodes_in, symbols_in
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.algebra.rational import cancel
from entropy_proofs.algebra.sums import sum_over
from entropy_proofs.model.pointwise import FieldComponent, Identity, LatentFlow
from entropy_proofs.search.equations import SLOT, System
from entropy_proofs.search.identity_tables import without_tables

_LONG = 2_000  # nodes: more than is ever read
Solution = Mapping[Symbol, Polynomial]


def lifted(system: System, solution: Solution) -> tuple[Identity | None, set[Symbol]]:
    """The field and flows of a solution, without terms yet, and the unknowns it is in doubt for.

    None if it does not lift.  In doubt are those that do not lift, and those that have a
    denominator which is not known to be positive.
    """
    components, whole = [], True
    flows: dict[str, LatentFlow] = {}
    doubtful: set[Symbol] = set()
    for u, value in solution.items():
        if not value or u.name.startswith("c("):
            continue
        if any(e < 0 and not positive(a) for m, _ in value for a, e in m):
            doubtful.add(u)
        latent = system.flows.get(u) or system.shifts.get(u)
        if latent is not None and not value.expr().has(Indexed):  # one number, not many
            still = LatentFlow(latent.name, latent.labels, sp.S.Zero)
            changed = {"rate" if u in system.flows else "shift": value.expr()}
            flows[latent.name] = replace(flows.get(latent.name, still), **changed)
            continue
        found = None if latent is not None else _component(system, u, value)
        if found is None:
            doubtful.add(u)
            whole = False
        elif normal(found.element):
            components.append(found)
    made = Identity(tuple(components), tuple(flows.values()), ())
    return (made if whole else None), doubtful


def _component(system: System, u: Symbol, value: Polynomial) -> FieldComponent | None:
    label = system.fields.get(u) or system.rates[u]
    p = system.parameters[label]
    slots = nodes.slots(p.shape)
    free = [s for s in symbols_in(value.expr()) if s.name.startswith("c(")]
    stated = value.expr()
    if not p.domain.sums_to_one:
        stated = stated.xreplace(dict.fromkeys(free, sp.Integer(0)))
    moved = _at_slots(system, label, stated, slots)
    if moved is None:
        return None
    if u in system.rates:
        moved = moved * system.scaled[u](slots).expr()
    if free and p.domain.sums_to_one:
        moved = _tangent(moved, free[0], slots[-1], p.shape[-1])
    return FieldComponent(label, p.shape, slots, tidy(moved))


def _at_slots(system: System, label: Symbol, value: Expr, slots: tuple[Symbol, ...]) -> Expr | None:
    """Indices that are erased, or follow from its own, as the slots of the label that moves."""
    replaced: dict[Expr, Expr] = {}
    open_indices = {s for s in value.free_symbols if _is_index(s)}
    for i in value.atoms(Indexed):
        if not open_indices.intersection(i.indices):
            continue
        own = tuple(range(len(slots))) if i.base.label == label else None
        places = own or system.places(label, i.base.label)
        if places is None:
            return None
        at = [
            n if n not in open_indices else slots[q] if isinstance(q, int) else q
            for n, q in zip(i.indices, places, strict=True)
        ]
        if None in at:
            return None
        replaced[i] = i.base[tuple(at)]
    lifted = without_tables(value.xreplace(replaced))
    loose = {s for s in lifted.free_symbols if _is_index(s)} - set(slots)
    return None if loose else lifted  # w is one for all rows: its direction names none of them


def _is_index(s: Expr) -> bool:
    return s == SLOT or nodes.size_of_range(s) is not None


def _tangent(direction: Expr, constant: Symbol, slot: Symbol, size: Expr) -> Expr:
    """The constant for which the components sum to zero, put in (it occurs linearly)."""
    offset = direction.xreplace({constant: sp.Integer(0)})
    slope = normal(direction.xreplace({constant: sp.Integer(1)})) - normal(offset)
    total, per_unit = sum_over(normal(offset), slot, size), sum_over(slope, slot, size)
    return direction.xreplace({constant: -(total.expr() / per_unit.expr())})


def tidy(expr: Expr) -> Expr:
    """The shorter of the normal form and its cancelled form."""
    p = normal(expr)
    forms = p.expr(), cancel(p).expr()
    if max(map(nodes_in, forms)) > _LONG:
        return min(forms, key=nodes_in)
    return min(forms, key=lambda e: len(str(e)))
