"""Finds a field and flows for which the pointwise entropy identity holds.

The unknowns are the components of the field at generic elements, a rate for every label that
occurs inside a determinant or an inverse, and a rate for every latent that can scale.  In
D log p + div u - log p they occur linearly.  Each product of data-dependent factors (a `part`)
has a coefficient of parameters, and the parts that depend on v must cancel: a linear system over
the rational functions of the parameters.  Indices are erased in it (a generic element stands for
all); what comes out is lifted back to arrays and handed to the checker, so a wrong guess here can
cost an answer but never produce a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import Derivation, Rate
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Mono, Poly, is_integer, mono_key, symbols_in
from entropy_proofs.algebra.rational import Rationals, cancel, reduce_rows
from entropy_proofs.algebra.sums import open_sum, sum_over
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.pointwise import (
    Component,
    Conditional,
    Flow,
    Identity,
    TermIdentity,
    element,
)

SLOT = nodes.index("*")
PLAIN, PSEUDO, STAYS = 0, 1, 10  # how a conditional comes out, by badness


@dataclass(frozen=True)
class Moving:
    """A label that may move: a learned parameter, or the labels of one latent."""

    name: str
    labels: frozenset[Symbol]
    domain: str
    shape: tuple[Expr, ...]


@dataclass(frozen=True)
class Column:
    """An unknown: the field at a parameter, a rate, or a conditional's free constant."""

    kind: str  # "field", "rate", "flow" or "constant"
    symbol: Symbol


@dataclass
class Equation:
    """sum_j coefficients[j] u_j + rest = 0, from one part of one conditional."""

    part: tuple
    own: bool  # depends on v
    pure: bool  # a function of v alone
    constant_allowed: bool  # the support makes the part itself constant
    coefficients: dict[Column, Poly] = field(default_factory=dict)
    moved: Poly = field(default_factory=Poly)  # constant part of D log p + div u
    rest: Poly = field(default_factory=Poly)  # minus log p

    @property
    def droppable(self) -> bool:
        return self.pure and not self.coefficients


def search(
    conditionals: Sequence[Conditional],
    parameters: Sequence[Moving],
    latents: Sequence[Moving],
) -> Iterator[Identity]:
    """Candidate identities, those with most entropies first; the caller checks them."""
    for rates_only in (False, True):
        task = _Task(conditionals, parameters, latents, rates_only)
        yield from task.candidates()


class _Task:
    def __init__(
        self,
        conditionals: Sequence[Conditional],
        parameters: Sequence[Moving],
        latents: Sequence[Moving],
        rates_only: bool,
    ):
        self.conditionals = conditionals
        self.parameters = {next(iter(p.labels)): p for p in parameters}
        self.latents = latents
        self.columns: dict[Symbol, Column] = {}
        self.lifts: dict[tuple[Symbol, Symbol], tuple] = {}
        directions: dict[Symbol, Any] = {}
        inside = _labels_inside_matrices(conditionals)
        for label, p in self.parameters.items():
            if p.domain == "unit columns":
                continue
            rate = rates_only or label in inside or p.domain == "positive definite"
            directions[label] = self._rate(label) if rate else self._free(label)
        for latent in latents:
            k = Rate(f"kappa({latent.name})", real=True)
            self.columns[k] = Column("flow", k)
            for label in latent.labels:
                directions[label] = lambda i, s=label, k=k: Poly.atom(k) * element(s, i)
        d = Derivation(directions)
        self.equations = [self._equations(c, d) for c in conditionals]

    def _rate(self, label: Symbol) -> Any:
        k = Rate(f"k({label.name})", real=True)
        self.columns[k] = Column("rate", label)
        return lambda i: Poly.atom(k) * element(label, i)

    def _free(self, label: Symbol) -> Any:
        beta = Symbol(f"beta({label.name})", real=True)
        self.columns[beta] = Column("field", label)
        return lambda i: element(beta, i)

    # equations ------------------------------------------------------------------------------------
    def _equations(self, c: Conditional, d: Derivation) -> list[Equation]:
        log_p = normal(c.log_density)
        moved = d(log_p)
        for latent in self.latents:
            if latent.labels & c.own:
                k = Symbol(f"kappa({latent.name})", real=True)
                rate = next(s for s in self.columns if s.name == k.name)
                moved = moved + Poly.atom(rate) * normal(c.dimension)
        found: dict[tuple, Equation] = {}
        for poly, target in ((c.applied(moved), "moved"), (-c.applied(log_p), "rest")):
            for mono, k in _reduced(poly, c.own):
                self._add(found, c, mono, k, target)
        return [e for e in found.values() if e.coefficients or e.moved or e.rest]

    def _add(
        self, found: dict[tuple, Equation], c: Conditional, mono: Mono, k: Any, target: str
    ) -> None:
        factors, indices = self._opened(c, mono)
        stuff, coefficient = Poly.number(1), Poly.number(k)
        column, lookup = None, False
        for a, e in factors:
            label = a.base.label if isinstance(a, Indexed) else a
            if label in self.columns:
                column = self.columns[label]
                self._note_lift(column, a, factors)
                lookup = lookup or bool(symbols_in(a) & c.own)
                continue
            masked = self._mask(a)
            if symbols_in(masked) & (c.own | c.parents) or isinstance(a, KroneckerDelta):
                stuff = stuff * Poly.atom(a, e)
            else:
                lookup = lookup or bool(symbols_in(a) & c.own)
                coefficient = coefficient * (normal(masked) if e == 1 else _power(masked, e))
        used = symbols_in(stuff.expr())
        spare = tuple(sorted(str(n) for i, n in indices if i not in used))
        for i, n in indices:
            if i in used:
                stuff = sum_over(stuff, i, n)
        term = stuff.single()
        if term is None:
            stuff_expr, scale = stuff.expr(), 1
        else:
            stuff_expr, scale = Poly({term[0]: 1}).expr(), term[1]
        coefficient = coefficient.scale(scale)
        part = (stuff_expr, spare, lookup)
        if part not in found:
            labels = symbols_in(stuff_expr)
            outside = c.parents | frozenset(self.parameters)
            found[part] = Equation(
                part,
                own=bool(labels & c.own) or lookup,
                pure=not lookup and not labels & outside,
                constant_allowed=(lookup and stuff_expr == 1) or self._is_relation(c, stuff_expr),
            )
        equation = found[part]
        if column is not None:
            old = equation.coefficients.get(column, Poly())
            equation.coefficients[column] = old + coefficient
        elif target == "moved":
            equation.moved = equation.moved + coefficient
        else:
            equation.rest = equation.rest + coefficient

    @staticmethod
    def _is_relation(c: Conditional, stuff: Expr) -> bool:
        return any(symbols_in(r) & symbols_in(stuff) & c.own and _same_sum(r, stuff)
                   for r in c.relations)  # fmt: skip

    def _opened(self, c: Conditional, mono: Mono) -> tuple[list, list]:
        """The factors with sums over data or unknowns opened, and the open indices."""
        labels = c.own | c.parents | frozenset(self.columns)
        factors, indices = [], []
        avoid = frozenset().union(*(symbols_in(a) for a, _ in mono)) if mono else frozenset()
        pending = list(mono)
        while pending:
            a, e = pending.pop()
            opens = isinstance(a, Sum) and is_integer(e) and e > 0 and symbols_in(a) & labels
            if not opens or (c.relations and a in c.relations):
                factors.append((a, e))
                continue
            for _ in range(int(e)):
                fresh_indices, summand = open_sum(a, avoid)
                avoid = avoid | {i for i, _ in fresh_indices}
                indices += fresh_indices
                term = summand.single()
                pending += list(term[0]) if term else [(summand.expr(), 1)]
        return factors, indices

    def _mask(self, a: Expr) -> Expr:
        """The expression with all indices of parameters erased."""
        inverses = {i: i.func(*i.args[:2], SLOT, SLOT) for i in a.atoms(nodes.InverseElement)}
        a = a.xreplace(inverses)
        erased = {}
        for i in a.atoms(Indexed):
            if i.base.label in self.parameters or symbols_in(i.base.label) & set(self.columns):
                erased[i] = i.base[tuple(n if n.is_Number else SLOT for n in i.indices)]
        return a.xreplace(erased)

    def _note_lift(self, column: Column, unknown: Expr, factors: list) -> None:
        """Remember how other labels' indices follow from the unknown's own."""
        own = unknown.indices if isinstance(unknown, Indexed) else ()
        for a, _ in factors:
            for other in a.atoms(Indexed):
                if all(i in own or i.is_Number for i in other.indices):
                    places = tuple(own.index(i) if i in own else i for i in other.indices)
                    self.lifts.setdefault((column.symbol, other.base.label), places)

    # solving ----------------------------------------------------------------------------------------
    def candidates(self) -> Iterator[Identity]:
        options = [
            [m for m in (PLAIN, PSEUDO, STAYS) if self._sensible(k, m)]
            for k in range(len(self.conditionals))
        ]
        alone = [[m for m in ms if m == STAYS or self._solve({k: m}) is not None]
                 for k, ms in enumerate(options)]  # fmt: skip
        for modes in sorted(product(*alone), key=lambda ms: (sum(ms), ms)):
            if all(m == STAYS for m in modes):
                return
            solution = self._solve(dict(enumerate(modes)))
            if solution is not None:
                identity = self._identity(modes, solution)
                if identity is not None:
                    yield identity

    def _sensible(self, k: int, mode: int) -> bool:
        """A pseudo-entropy needs something that moves, and something left to h."""
        if mode != PSEUDO:
            return True
        equations = self.equations[k]
        return any(e.coefficients for e in equations) and any(
            e.own and e.droppable for e in equations
        )

    def _solve(self, modes: Mapping[int, int]) -> dict[Column, Poly] | None:
        """Values of the unknowns (in terms of the free constants), or None."""
        rows: list[tuple[dict[Column, Poly], Poly]] = []
        constants: list[Column] = []
        for k, mode in modes.items():
            constant = Column("constant", Symbol(f"c({k})", real=True))
            for e in self.equations[k]:
                if mode == STAYS:
                    if e.coefficients or e.moved:
                        rows.append((e.coefficients, e.moved))
                    continue
                if not e.own or (mode == PSEUDO and e.droppable):
                    continue
                coefficients = dict(e.coefficients)
                if e.constant_allowed:
                    coefficients[constant] = Poly.number(-1)
                    if constant not in constants:
                        constants.append(constant)
                rows.append((coefficients, e.moved + e.rest))
        order = ["field", "rate", "flow"]
        columns = sorted(
            self.columns.values(),
            key=lambda u: (order.index(u.kind), len(self._shape(u)), u.symbol.name),
        )
        columns += constants
        if not rows:
            return {}
        over = Rationals([p for cs, r in rows for p in (*cs.values(), r)])
        zero = over.field.zero
        matrix = [
            [over.of(cs[u]) if u in cs else zero for u in columns] + [-over.of(r)]
            for cs, r in rows
        ]
        reduced, pivots = reduce_rows(matrix)
        if len(columns) in pivots:
            return None
        solution: dict[Column, Poly] = {}
        for row, pivot in zip(reduced, pivots, strict=False):
            value = over.poly(row[-1])
            for k, u in enumerate(columns):
                if u in constants and k != pivot and row[k]:
                    value = value - over.poly(row[k]) * Poly.atom(u.symbol)
            solution[columns[pivot]] = value
        return solution

    def _shape(self, u: Column) -> tuple:
        return self.parameters[u.symbol].shape if u.symbol in self.parameters else ()

    # lifting ----------------------------------------------------------------------------------------
    def _identity(self, modes: Sequence[int], solution: Mapping[Column, Poly]) -> Identity | None:
        components, flows = [], []
        constants: dict[Symbol, Expr] = {}
        for u, value in solution.items():
            if u.kind in {"constant"} or not value:
                continue
            if u.kind == "flow":
                if value.expr().has(Indexed):
                    return None  # a rate is one number, not one for each coordinate
                latent = next(x for x in self.latents if f"kappa({x.name})" == u.symbol.name)
                flows.append(Flow(latent.name, latent.labels, value.expr()))
                continue
            component = self._component(u, value, constants)
            if component is None:
                return None
            components.append(component)
        components = [c for c in components if normal(c.element)]
        identity = Identity(tuple(components), tuple(flows), ())
        return completed(identity, self.conditionals, modes, frozenset(self.parameters))

    def _component(
        self, u: Column, value: Poly, constants: dict[Symbol, Expr]
    ) -> Component | None:
        p = self.parameters[u.symbol]
        slots = tuple(nodes.index(f"i{k}") for k in range(len(p.shape)))
        lifted = self._lift(u.symbol, value.expr(), slots)
        if lifted is None:
            return None
        if u.kind == "rate":
            lifted = lifted * element(u.symbol, slots).expr()
        free = [s for s in symbols_in(lifted) if s.name.startswith("c(")]
        if free and p.domain == "simplex":
            lifted = _tangent(lifted, free[0], slots[-1], p.shape[-1])
        elif free:
            lifted = lifted.xreplace(dict.fromkeys(free, sp.Integer(0)))
        pretty = _tidy(lifted)
        return Component(u.symbol, p.domain, p.shape, slots, pretty)

    def _lift(self, label: Symbol, value: Expr, slots: tuple[Symbol, ...]) -> Expr | None:
        replaced: dict[Expr, Expr] = {}
        for i in value.atoms(Indexed):
            if SLOT not in i.indices:
                continue
            other = i.base.label
            places = self.lifts.get((label, other))
            if other == label:
                places = tuple(range(len(slots)))
            if places is None:
                return None
            at = tuple(slots[q] if isinstance(q, int) else q for q in places)
            replaced[i] = i.base[at]
        lifted = value.xreplace(replaced)
        return None if SLOT in symbols_in(lifted) else lifted


def _reduced(p: Poly, own: frozenset[Symbol]) -> Poly:
    """Divided out: (P's leading term) / P is written as 1 - rest / P, for P that depend on v.

    Without this |P| and x |P| / P would be parts that depend on each other.
    """
    pending, done = list(p), []
    while pending:
        mono, k = pending.pop()
        for a, e in mono:
            if not (a.is_Add and e < 0 and is_integer(e) and symbols_in(a) & own):
                continue
            divisor = normal(a)
            lead, c = _leading(divisor, own)
            quotient = _divide(mono, lead)
            if quotient is None:
                continue
            whole = Poly({quotient: Fraction(k) / c}) * Poly.atom(a)
            rest = (divisor - Poly({lead: c})) * Poly({quotient: Fraction(k) / c})
            pending += list(whole - rest)
            break
        else:
            done.append(Poly({mono: k}))
    return Poly.sum(done)


def _leading(p: Poly, own: frozenset[Symbol]) -> tuple[Mono, Any]:
    """The term of highest degree in v."""

    def degree(term: tuple[Mono, Any]) -> tuple:
        mono, _ = term
        return sum(e for a, e in mono if symbols_in(a) & own), str(mono_key(mono))

    return max(p, key=degree)


def _divide(mono: Mono, by: Mono) -> Mono | None:
    exponents = dict(mono)
    for a, e in by:
        left = exponents.get(a, 0) - e
        if left < 0:
            return None
        if left:
            exponents[a] = left
        else:
            del exponents[a]
    return frozenset(exponents.items())


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
        residual = candidate.left(c, d) - log_p
        own = Poly({m: k for m, k in residual if _depends(m, c.own)})
        log_h, entropy = Poly(), residual - own
        if mode == PSEUDO and not is_zero(own):
            random = c.own | c.parents | learned
            constant = Poly({m: k for m, k in log_p if not _depends(m, random)})
            log_h, entropy = constant - cancel(own), entropy + constant
        terms.append(TermIdentity(c, log_h.expr(), _tidy(entropy.expr())))
    return Identity(candidate.field, candidate.flows, tuple(terms), tuple(unmoved))


def _depends(mono: Mono, labels: frozenset[Symbol]) -> bool:
    return any(symbols_in(a) & labels for a, _ in mono)


def _tangent(direction: Expr, constant: Symbol, slot: Symbol, size: Expr) -> Expr:
    """The constant for which the components sum to zero, put in."""
    p = normal(direction)
    zero = sp.Integer(0)
    offset = normal(direction.xreplace({constant: zero}))
    slope = p - offset  # linear in the constant
    total = sum_over(offset, slot, size)
    per_unit = sum_over(normal(slope.expr().xreplace({constant: sp.Integer(1)})), slot, size)
    value = -(total.expr() / per_unit.expr())
    return direction.xreplace({constant: value})


def _power(a: Expr, e: Any) -> Poly:
    from entropy_proofs.algebra.normal import power

    return power(normal(a), e)


def _tidy(expr: Expr) -> Expr:
    """The shorter of the normal form and its cancelled form."""
    p = normal(expr)
    return min(p.expr(), cancel(p).expr(), key=lambda e: len(str(e)))


def _same_sum(a: Expr, b: Expr) -> bool:
    return normal(a) == normal(b)


def _labels_inside_matrices(conditionals: Sequence[Conditional]) -> set[Symbol]:
    """Labels that occur inside a determinant or an inverse."""
    found: set[Symbol] = set()
    for c in conditionals:
        for a in c.log_density.atoms(nodes.LogDet, nodes.InverseElement):
            found |= symbols_in(a.matrix)
    return found


__all__ = ["Moving", "completed", "search"]
