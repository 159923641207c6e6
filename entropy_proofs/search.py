"""Finds a field and flows for which the pointwise entropy identity holds.

A conditional can come out in three ways: with an entropy, with a pseudo-entropy (the parts of its
log density that depend on v alone may go to a base measure), or unmoved.  For every combination,
the best first, the linear system is solved; the solution is lifted from generic elements to arrays
and handed to the checker.  So a wrong guess here can cost an answer but never produce a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations, islice, product

import sympy as sp
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.linear import Row, solve
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Mono, Poly, symbols_in
from entropy_proofs.algebra.rational import cancel
from entropy_proofs.algebra.sums import sum_over
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.equations import SLOT, VARIANTS, Moving, System, Variant, reduced
from entropy_proofs.literal import split
from entropy_proofs.pointwise import (
    Component,
    Conditional,
    Flow,
    Identity,
    TermIdentity,
    element,
)

PLAIN, PSEUDO, STAYS = 0, 1, 10  # how a conditional comes out, by badness
_MOST = 200  # combinations of modes that are tried
Solution = dict[Symbol, Poly]


def search(
    conditionals: Sequence[Conditional],
    parameters: Sequence[Moving],
    latents: Sequence[Moving],
) -> Iterator[Identity]:
    """Candidate identities, those with most entropies first; the caller checks them."""
    learned = frozenset(label for p in parameters for label in p.labels)
    apart = split(conditionals, parameters)
    systems = [_System(apart.conditionals, apart.parameters, latents, v) for v in VARIANTS]
    alone = []
    for k, c in enumerate(conditionals):
        modes = [PLAIN, PSEUDO] if symbols_in(c.log_density) & (learned | c.parents) else [PLAIN]
        alone.append([m for m in modes if any(s.allows(k, m) for s in systems)] + [STAYS])
    for chosen in islice(_combinations(alone), _MOST):
        if all(m == STAYS for m in chosen):
            return
        for system in systems:
            found = system.solved(chosen)
            moved = found and apart.whole(found)
            if moved and _base_measures_move(conditionals, chosen, moved):
                yield completed(moved, conditionals, chosen, learned)


class _System:
    """The linear system of one variant, written when it is first needed."""

    def __init__(
        self,
        conditionals: Sequence[Conditional],
        parameters: Sequence[Moving],
        latents: Sequence[Moving],
        variant: Variant,
    ):
        self._given = conditionals, parameters, latents, variant

    @cached_property
    def _written(self) -> System:
        return System(*self._given)

    def allows(self, k: int, mode: int) -> bool:
        """Whether conditional k alone could come out so."""
        return _solve(self._written, {k: mode}) is not None

    def solved(self, modes: Sequence[int]) -> Identity | None:
        """The field and flows under which the conditionals come out so, without terms."""
        solution = _solve(self._written, dict(enumerate(modes)))
        return None if solution is None else _lifted(self._written, solution)


def _combinations(alone: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """One mode for each conditional: the best of all, then with one changed, with two, ..."""
    for count in range(len(alone) + 1):
        found = []
        for changed in combinations(range(len(alone)), count):
            choices = [ms[1:] if k in changed else ms[:1] for k, ms in enumerate(alone)]
            found += list(product(*choices)) if count < 3 else [next(product(*choices), ())]
            if len(found) > _MOST:
                break
        yield from sorted((f for f in found if f), key=lambda ms: (sum(ms), ms))


def _solve(system: System, modes: Mapping[int, int]) -> Solution | None:
    """Values of the unknowns (in terms of the free constants), or None."""
    rows: list[Row] = []
    free: dict[int, Symbol] = {}  # D log p - log p = c(a) is all that a look-up asks for
    weights: list[Symbol] = []  # of the parts of log h: numbers
    for k, mode in modes.items():
        for e in system.equations[k]:
            if mode == STAYS:
                if e.coefficients or e.moved:
                    rows.append((e.coefficients, e.moved))
                continue
            if not e.own:
                continue
            coefficients = dict(e.coefficients)
            if mode == PSEUDO and e.pure:
                weights.append(Symbol(f"h({k}, {len(weights)})", real=True))
                coefficients[weights[-1]] = Poly.number(-1)
            if e.constant_allowed:
                constant = free.setdefault(k, Symbol(f"c({k})", real=True))
                coefficients[constant] = Poly.number(-1)
            rows.append((coefficients, e.moved + e.rest))
    learned = frozenset(system.parameters)
    return solve(rows, system.unknowns, list(free.values()), weights, learned)


def _base_measures_move(
    conditionals: Sequence[Conditional], modes: Sequence[int], moved: Identity
) -> bool:
    """A base measure needs a parameter or a parent that moves: else it would be the density."""
    labels = frozenset(c.label for c in moved.field).union(*(f.labels for f in moved.flows))
    pairs = zip(conditionals, modes, strict=True)
    return all(m != PSEUDO or symbols_in(c.log_density) & (labels - c.own) for c, m in pairs)


# from generic elements to arrays ------------------------------------------------------------------
def _lifted(system: System, solution: Solution) -> Identity | None:
    """The field and flows of a solution, without terms yet; None if it does not lift."""
    components, flows = [], []
    for u, value in solution.items():
        if not value or u.name.startswith("c("):
            continue
        if u in system.flows:
            if value.expr().has(Indexed):
                return None  # a rate is one number, not one for each coordinate
            latent = system.flows[u]
            flows.append(Flow(latent.name, latent.labels, value.expr()))
            continue
        component = _component(system, u, value)
        if component is None:
            return None
        if normal(component.element):
            components.append(component)
    return Identity(tuple(components), tuple(flows), ())


def _component(system: System, u: Symbol, value: Poly) -> Component | None:
    label = system.fields.get(u) or system.rates[u]
    p = system.parameters[label]
    slots = nodes.slots(p.shape)
    lifted = _at_slots(system, label, value.expr(), slots)
    if lifted is None:
        return None
    if u in system.rates:
        lifted = lifted * element(label, slots).expr()
    free = [s for s in symbols_in(lifted) if s.name.startswith("c(")]
    if free and p.domain == "simplex":
        lifted = _tangent(lifted, free[0], slots[-1], p.shape[-1])
    elif free:
        lifted = lifted.xreplace(dict.fromkeys(free, sp.Integer(0)))
    return Component(label, p.domain, p.shape, slots, _tidy(lifted))


def _at_slots(system: System, label: Symbol, value: Expr, slots: tuple[Symbol, ...]) -> Expr | None:
    """Erased indices as the index slots of the label whose direction this is."""
    replaced: dict[Expr, Expr] = {}
    for i in value.atoms(Indexed):
        if SLOT not in i.indices:
            continue
        own = tuple(range(len(slots))) if i.base.label == label else None
        places = own or system.lifts.get((label, i.base.label))
        if places is None:
            return None
        replaced[i] = i.base[tuple(slots[q] if isinstance(q, int) else q for q in places)]
    lifted = value.xreplace(replaced)
    return None if SLOT in symbols_in(lifted) else lifted


def _tangent(direction: Expr, constant: Symbol, slot: Symbol, size: Expr) -> Expr:
    """The constant for which the components sum to zero, put in (it occurs linearly)."""
    offset = direction.xreplace({constant: sp.Integer(0)})
    slope = normal(direction.xreplace({constant: sp.Integer(1)})) - normal(offset)
    total, per_unit = sum_over(normal(offset), slot, size), sum_over(slope, slot, size)
    return direction.xreplace({constant: -(total.expr() / per_unit.expr())})


def completed(
    candidate: Identity,
    conditionals: Sequence[Conditional],
    modes: Sequence[int],
    learned: frozenset[Symbol],
) -> Identity:
    """The candidate's field and flows with log h and H read off D log p + div u - log p.

    A base measure takes the constants of log p with it, so that H is A - eta . A'.
    """
    d = candidate.derivation()
    terms, unmoved = [], []
    for c, mode in zip(conditionals, modes, strict=True):
        if mode == STAYS:
            unmoved.append(c)
            continue
        log_p = c.applied(normal(c.log_density))
        residual = reduced(candidate.left(c, d) - log_p, c.own)
        own = Poly({m: k for m, k in residual if _depends(m, c.own)})
        log_h, entropy = Poly(), residual - own
        if mode == PSEUDO and not is_zero(own):
            random = c.own | c.parents | learned
            constant = Poly({m: k for m, k in log_p if not _depends(m, random)})
            log_h, entropy = constant - cancel(own), entropy + constant
        terms.append(TermIdentity(c, log_h.expr(), _tidy(entropy.expr())))
    return replace(candidate, terms=tuple(terms), unmoved=tuple(unmoved))


def _depends(mono: Mono, labels: frozenset[Symbol]) -> bool:
    return any(symbols_in(a) & labels for a, _ in mono)


def _tidy(expr: Expr) -> Expr:
    """The shorter of the normal form and its cancelled form."""
    p = normal(expr)
    return min(p.expr(), cancel(p).expr(), key=lambda e: len(str(e)))


__all__ = ["Moving", "completed", "search"]
