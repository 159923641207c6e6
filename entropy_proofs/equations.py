"""The linear system behind a search: what D log p + div u - log p asks of the unknowns.

The unknowns are the components of the field at generic elements, a rate for every label that occurs
inside a determinant or an inverse, and a rate for every latent that can scale.  Each product of
data-dependent factors (a `part`) has a coefficient of parameters.  Indices are erased there: a
generic element stands for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, Literal

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import Derivation, Direction, Rate
from entropy_proofs.algebra.normal import normal, power
from entropy_proofs.algebra.poly import (
    INDICATORS,
    Mono,
    Poly,
    is_integer,
    key,
    mono_key,
    symbols_in,
)
from entropy_proofs.algebra.sums import open_sum, sum_over
from entropy_proofs.pointwise import Conditional, element, scaling

Variant = Literal["free", "rates only", "by place"]
#: "rates only": every parameter scales.  "by place": terms that look parameters up at different
#: places must match apart, so that no direction needs what stands at another's place.
VARIANTS: tuple[Variant, ...] = ("free", "rates only", "by place")

SLOT = nodes.index("*")  # an erased index


@dataclass(frozen=True)
class Moving:
    """What may move: a learned parameter (one label), or a latent (all labels of its slices)."""

    name: str
    labels: frozenset[Symbol]
    domain: str
    shape: tuple[Expr, ...]


@dataclass
class Equation:
    """sum_j coefficients[j] u_j + moved + rest = 0, from one part of one conditional.

    own: the part depends on v.  pure: it is a function of v alone.  constant_allowed: the
    support makes the part's sum over an index constant.  moved and rest are what D log p + div u
    and -log p leave without an unknown.
    """

    own: bool
    pure: bool
    constant_allowed: bool
    coefficients: dict[Symbol, Poly] = field(default_factory=dict)
    moved: Poly = field(default_factory=Poly)
    rest: Poly = field(default_factory=Poly)


class System:
    """The equations of some conditionals, and how to read their solution.

    fields, rates, flows: unknown symbol -> the label (or latent) that it moves.
    lifts: (moving label, other label) -> where the other's indices stand among the moving one's.
    """

    def __init__(
        self,
        conditionals: Sequence[Conditional],
        parameters: Sequence[Moving],
        latents: Sequence[Moving],
        variant: Variant,
    ):
        self.by_place = variant == "by place"
        self.parameters = {next(iter(p.labels)): p for p in parameters}
        self.fields: dict[Symbol, Symbol] = {}
        self.rates: dict[Symbol, Symbol] = {}
        self.flows: dict[Symbol, Moving] = {}
        self.lifts: dict[tuple[Symbol, Symbol], tuple] = {}
        directions = self._directions(conditionals, latents, variant == "rates only")
        d = Derivation(directions)
        self.equations = [self._equations(c, d) for c in conditionals]

    @property
    def unknowns(self) -> list[Symbol]:
        """All unknowns; those that should rather be zero come later."""

        def rank(u: Symbol) -> tuple[int, str]:
            return len(self.parameters[self.fields.get(u) or self.rates[u]].shape), u.name

        fields, rates = sorted(self.fields, key=rank), sorted(self.rates, key=rank)
        return [*fields, *rates, *sorted(self.flows, key=str)]

    def _directions(
        self, conditionals: Sequence[Conditional], latents: Sequence[Moving], rates_only: bool
    ) -> dict[Symbol, Direction]:
        directions: dict[Symbol, Direction] = {}
        inside, deciding = _inside_matrices(conditionals), _deciding_cases(conditionals)
        for label, p in self.parameters.items():
            if p.domain == "unit columns" or label in deciding:
                continue
            if rates_only or label in inside or p.domain == "positive definite":
                k = Rate(f"k({p.name})", real=True)
                self.rates[k] = label
                directions[label] = scaling(label, Poly.atom(k))
            else:
                beta = Symbol(f"beta({p.name})", real=True)
                self.fields[beta] = label
                directions[label] = partial(element, beta)
        for latent in latents:
            k = Rate(f"kappa({latent.name})", real=True)
            self.flows[k] = latent
            directions |= {label: scaling(label, Poly.atom(k)) for label in latent.labels}
        return directions

    def _equations(self, c: Conditional, d: Derivation) -> list[Equation]:
        log_p = normal(c.log_density)
        moved = d(log_p)
        for k, latent in self.flows.items():
            if latent.labels & c.own:
                moved = moved + Poly.atom(k) * normal(c.dimension)
        found: dict[tuple, Equation] = {}
        for poly, target in ((c.applied(moved), "moved"), (-c.applied(log_p), "rest")):
            for mono, k in reduced(poly, c.own):
                self._add(found, c, mono, k, target)
        return [e for e in found.values() if e.coefficients or e.moved or e.rest]

    def _add(
        self, found: dict[tuple, Equation], c: Conditional, mono: Mono, k: Any, target: str
    ) -> None:
        """Files one term of D log p + div u - log p under its part."""
        factors, indices = self._opened(c, mono)
        part, coefficient = Poly.number(1), Poly.number(k)
        unknown, lookup = None, False  # lookup: v occurs as an index of a parameter
        places: set[Symbol] = set()  # the indices of parameters
        for a, e in factors:
            label = a.base.label if isinstance(a, Indexed) else a
            masked = self._mask(a)
            if label in self.fields or label in self.rates or label in self.flows:
                unknown = label
                self._note_lift(label, a, factors)
            elif symbols_in(masked) & (c.own | c.parents) or isinstance(a, KroneckerDelta):
                part = part * Poly.atom(a, e)
                continue
            else:
                coefficient = coefficient * power(normal(masked), e)
            lookup = lookup or bool(symbols_in(a) & c.own)
            places |= {s for i in self._elements(a) for n in i.indices for s in symbols_in(n)}
        used = symbols_in(part.expr())
        spare = tuple(sorted(str(n) for i, n in indices if i not in used))
        for i, n in indices:
            if i in used:
                part = sum_over(part, i, n)
        term = part.single()
        if term is not None:
            part, coefficient = Poly({term[0]: 1}), coefficient.scale(term[1])
        place = tuple(sorted(map(str, places))) if self.by_place else ()
        equation = self._filed(found, c, (part.expr(), spare, lookup, place))
        if unknown is not None:
            old = equation.coefficients.get(unknown, Poly())
            equation.coefficients[unknown] = old + coefficient
        elif target == "moved":
            equation.moved = equation.moved + coefficient
        else:
            equation.rest = equation.rest + coefficient

    def _filed(self, found: dict[tuple, Equation], c: Conditional, part: tuple) -> Equation:
        if part not in found:
            expr, _, lookup, _ = part
            labels = symbols_in(expr)
            found[part] = Equation(
                own=bool(labels & c.own) or lookup,
                pure=not lookup and not labels & (c.parents | frozenset(self.parameters)),
                constant_allowed=(lookup and expr == 1) or expr in c.relations,
            )
        return found[part]

    def _opened(self, c: Conditional, mono: Mono) -> tuple[list, list]:
        """The factors with sums over data or unknowns opened, and the open indices."""
        labels = c.own | c.parents | frozenset((*self.fields, *self.rates, *self.flows))
        factors, indices = [], []
        avoid = frozenset[Symbol]().union(*(symbols_in(a) for a, _ in mono))
        pending = sorted(mono, key=lambda factor: key(factor[0]))
        while pending:
            a, e = pending.pop()
            opens = isinstance(a, Sum) and is_integer(e) and e > 0 and symbols_in(a) & labels
            if not opens or a in c.relations:
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
        erased = {
            i: i.base[tuple(n if n.is_Number else SLOT for n in i.indices)]
            for i in self._elements(a)
        }
        return a.xreplace(erased)

    def _elements(self, a: Expr) -> set[Indexed]:
        """The elements of parameters, and of fields on them."""
        moving = self.parameters.keys() | self.fields.keys()
        return {i for i in a.atoms(Indexed) if i.base.label in moving}

    def _note_lift(self, unknown: Symbol, at: Expr, factors: list) -> None:
        """Remember how other labels' indices follow from the unknown's own."""
        label = self.fields.get(unknown) or self.rates.get(unknown)
        if label is None:
            return
        own = at.indices if isinstance(at, Indexed) else ()
        for a, _ in factors:
            for other in a.atoms(Indexed):
                if all(i in own or i.is_Number for i in other.indices):
                    places = tuple(own.index(i) if i in own else i for i in other.indices)
                    self.lifts.setdefault((label, other.base.label), places)


def reduced(p: Poly, own: frozenset[Symbol]) -> Poly:
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
            if any(isinstance(x, INDICATORS) for x, _ in lead):
                continue  # an indicator is its own square: nothing is ever divided out
            quotient = _divide(mono, lead, own)
            if quotient is None:
                continue
            scale = Poly({quotient: Fraction(k) / c})
            pending += list(scale * Poly.atom(a) - scale * (divisor - Poly({lead: c})))
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


def _divide(mono: Mono, by: Mono, own: frozenset[Symbol]) -> Mono | None:
    """mono / by, if what depends on v divides."""
    exponents = dict(mono)
    for a, e in by:
        left = exponents.get(a, 0) - e
        if left < 0 and symbols_in(a) & own:
            return None
        if left:
            exponents[a] = left
        else:
            del exponents[a]
    return frozenset(exponents.items())


def _deciding_cases(conditionals: Sequence[Conditional]) -> set[Symbol]:
    """Labels that decide which case of a `Piecewise` holds: they stand still."""
    found: set[Symbol] = set()
    for c in conditionals:
        for a in c.log_density.atoms(sp.Piecewise):
            for _, condition in a.args:
                found |= symbols_in(condition)
    return found


def _inside_matrices(conditionals: Sequence[Conditional]) -> set[Symbol]:
    """Labels that occur inside a determinant or an inverse."""
    found: set[Symbol] = set()
    for c in conditionals:
        for a in c.log_density.atoms(nodes.LogDet, nodes.InverseElement):
            found |= symbols_in(a.matrix)
    return found
