"""The linear system behind a search: what D log p + div u - log p asks of the unknowns.

The unknowns are the components of the field at generic elements, a rate for every label that occurs
inside a determinant or an inverse, and a rate for every latent that can scale.  Each product of
data-dependent factors (a `part`) has a coefficient of parameters.  Indices are erased there: a
generic element stands for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, Literal

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import Direction, Rate, SymbolicDerivation
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import (
    INDICATORS,
    Mono,
    Polynomial,
    is_integer,
    key,
    mono_key,
    mono_quotient,
    nodes_in,
    spend,
    symbols_in,
)
from entropy_proofs.algebra.rational import Ratio, Rationals
from entropy_proofs.algebra.scalar_rules import power, shift
from entropy_proofs.algebra.sums import open_sum, sum_over
from entropy_proofs.families.spaces import POSITIVE_DEFINITE, REAL, UNIT_COLUMNS
from entropy_proofs.model.pointwise import GenericConditional, element, scaling
from entropy_proofs.search.moving import (
    Moving,
    deciding_cases,
    elements_in,
    inside_matrices,
    mixed,
    mixing,
    offsets,
)

Variant = Literal[
    "free",
    "rates only",
    "by place",
    "offsets along",
    "designs apart",
    "whole",
    "alike",
    "by degree",
    "shifting",
]
#: "rates only": every parameter scales.  "by place": terms that look parameters up at different
#: places must match apart, so that no direction needs what stands at another's place.  "designs
#: apart": so must terms with different known arrays and hidden units, so that no direction needs
#: what stands in one row alone; "offsets along": but for arrays that multiply nothing that moves,
#: which it may need (b in X @ (a + b)).  "whole": what is added to a matrix scales with it (S + I),
#: and weights move along the known array that they are multiplied with (a in a.w).  "alike":
#: what is mixed, sum_k w[k] p[k, d] with simplexes w or p, moves as one, and w stands still.
#: "by degree": every parameter scales by a number, so that sums such as s^2 + t^2 scale as a whole.
#: "shifting", which is none of those that are tried on every model: real latents shift as well.
VARIANTS: tuple[Variant, ...] = (
    "free", "rates only", "by place", "offsets along", "designs apart", "whole", "alike",
    "by degree",
)  # fmt: skip
SHIFTING: tuple[Variant, ...] = ("shifting",)

SLOT = nodes.index("*")  # an erased index


@dataclass
class PartEquation:
    """sum_j coefficients[j] u_j + moved + rest = 0, from one part of one conditional.

    own: the part depends on v.  pure: it is a function of v alone.  constant_allowed: the
    support makes the part's sum over an index constant.  moved and rest are what D log p + div u
    and -log p leave without an unknown.
    """

    own: bool
    pure: bool
    constant_allowed: bool
    coefficients: dict[Symbol, Polynomial] = field(default_factory=dict)
    moved: Polynomial = field(default_factory=Polynomial)
    rest: Polynomial = field(default_factory=Polynomial)


EquationRow = tuple[PartEquation, dict[Symbol, Ratio], Ratio, Ratio]


class System:
    """The equations of some conditionals, and how to read their solution.

    fields, rates, flows, shifts: unknown symbol -> the label (or latent) that it moves.
    scaled: rate -> what its label's direction is a multiple of.
    suggested: the directions of the variant "whole".
    lifts: (moving label, other label) -> where the other's indices stand among the moving one's, or
        None where they are none of them.
    """

    def __init__(
        self,
        conditionals: Sequence[GenericConditional],
        parameters: Sequence[Moving],
        latents: Sequence[Moving],
        variant: Variant,
        tangent: Sequence[Sequence[Symbol]] = (),
        suggested: Mapping[Symbol, Direction] | None = None,
    ):
        self.by_place = variant == "by place"
        self.designs_apart = variant in {"offsets along", "designs apart"}
        self.by_degree = variant == "by degree"
        self.parameters = {next(iter(p.labels)): p for p in parameters}
        self.fields: dict[Symbol, Symbol] = {}
        self.rates: dict[Symbol, Symbol] = {}
        self.flows: dict[Symbol, Moving] = {}
        self.shifts: dict[Symbol, Moving] = {}
        self.scaled: dict[Symbol, Direction] = {}
        self.lifts: dict[tuple[Symbol, Symbol], tuple] = {}
        whole = (suggested or {}) if variant == "whole" else {}
        self._alike = mixed(conditionals, parameters) if variant == "alike" else {}
        directions = self._directions(conditionals, latents, variant, whole)
        self._unknown = frozenset(self.unknowns)
        self._conditionals = conditionals
        self._learned = self.parameters.keys() | self.fields.keys()
        self._along = offsets(conditionals, self._learned) if variant == "offsets along" else set()
        self._masked: dict[tuple[Expr, str], Expr] = {}
        self._places: dict[Symbol, dict[Symbol, tuple]] = {}
        d = SymbolicDerivation(directions)
        self.equations = [self._equations(c, d) for c in conditionals]
        self.constraints = [self._constraint(labels) for labels in tangent]
        self._rows: dict[int, list[EquationRow]] = {}
        self._exact = True

    @cached_property
    def over(self) -> Rationals:
        """The field that all coefficients are in."""
        equations = [e for es in self.equations for e in es]
        polys = [p for e in equations for p in (*e.coefficients.values(), e.moved, e.rest)]
        polys += [p for c in self.constraints for p in c.values()]
        return Rationals(polys, self._exact)

    def coarsen(self) -> bool:
        """Takes sums that stand as factors for atoms from now on; False if they are already."""
        was, self._exact = self._exact, False
        self._rows.clear()
        self.__dict__.pop("over", None)
        return was

    def rows(self, k: int) -> list[EquationRow]:
        """The equations of conditional k with their coefficients, moved and rest in that field."""
        if k not in self._rows:
            of = self.over.of
            self._rows[k] = [
                (e, {u: of(p) for u, p in e.coefficients.items()}, of(e.moved), of(e.rest))
                for e in self.equations[k]
            ]
        return self._rows[k]

    @property
    def unknowns(self) -> list[Symbol]:
        """All unknowns; those that should rather be zero come later."""

        def rank(u: Symbol) -> tuple[int, str]:
            return len(self.parameters[self.fields.get(u) or self.rates[u]].shape), u.name

        fields, rates = sorted(self.fields, key=rank), sorted(self.rates, key=rank)
        return [*fields, *rates, *sorted(self.flows, key=str), *sorted(self.shifts, key=str)]

    def _constraint(self, labels: Sequence[Symbol]) -> dict[Symbol, Polynomial]:
        """sum of the directions of these scalars = 0, as coefficients of the unknowns."""
        fields = {u: Polynomial.number(1) for u, s in self.fields.items() if s in labels}
        return fields | {u: normal(s) for u, s in self.rates.items() if s in labels}

    def tangency(self) -> list[dict[Symbol, Ratio]]:
        """The constraints with their coefficients in the field of all."""
        return [{u: self.over.of(p) for u, p in c.items()} for c in self.constraints]

    def _directions(
        self,
        conditionals: Sequence[GenericConditional],
        latents: Sequence[Moving],
        variant: Variant,
        whole: Mapping[Symbol, Direction],
    ) -> dict[Symbol, Direction]:
        directions: dict[Symbol, Direction] = {}
        inside = inside_matrices(conditionals)
        still = deciding_cases(conditionals) | mixing(conditionals, self._alike)
        for label, p in self.parameters.items():
            if p.domain == UNIT_COLUMNS or label in still:
                continue
            scales = variant in {"rates only", "by degree"} or p.domain == POSITIVE_DEFINITE
            if scales or label in whole or label in inside:
                k = Rate(f"k({p.name})", real=True)
                self.rates[k] = label
                self.scaled[k] = whole.get(label) or partial(element, label)
                directions[label] = _times(Polynomial.atom(k), self.scaled[k])
            else:
                beta = Symbol(f"beta({p.name})", real=True)
                self.fields[beta] = label
                directions[label] = partial(self._moved, label, beta)
        for latent in (m for m in latents if not m.labels & still):
            k = Rate(f"kappa({latent.name})", real=True)
            self.flows[k] = latent
            moved = {label: scaling(label, Polynomial.atom(k)) for label in latent.labels}
            if variant == "shifting" and latent.domain == REAL:
                shift = Symbol(f"sigma({latent.name})", real=True)
                self.shifts[shift] = latent
                moved = {label: _plus(d, Polynomial.atom(shift)) for label, d in moved.items()}
            directions |= moved
        return directions

    def _moved(self, label: Symbol, beta: Symbol, at: Sequence[Expr]) -> Polynomial:
        alike = self._alike.get(label, ())
        return element(beta, [i for k, i in enumerate(at) if k not in alike])

    def _equations(self, c: GenericConditional, d: SymbolicDerivation) -> list[PartEquation]:
        log_p = normal(c.log_density)
        moved = d(log_p)
        for k, latent in self.flows.items():
            if latent.labels & c.own:
                moved = moved + Polynomial.atom(k) * normal(c.dimension)
        found: dict[tuple, PartEquation] = {}
        apart = c.parents | self._designs(c) | (self._learned if self.by_degree else frozenset())
        sides = levelled([c.applied(moved), -c.applied(log_p)], apart)
        for poly, target in zip(sides, ("moved", "rest"), strict=True):
            for mono, k in reduced(poly, c.own):
                self._add(found, c, mono, k, target)
        return [e for e in found.values() if e.coefficients or e.moved or e.rest]

    def _add(
        self,
        found: dict[tuple, PartEquation],
        c: GenericConditional,
        mono: Mono,
        k: Any,
        target: str,
    ) -> None:
        """Files one term of D log p + div u - log p under its part."""
        factors, indices = self._opened(c, mono)
        spend(sum(nodes_in(a) for a, _ in factors))
        part, coefficient = Polynomial.number(1), Polynomial.number(k)
        unknown, lookup = None, False  # lookup: v occurs as an index of a parameter
        places: set[Symbol] = set()  # the indices of parameters
        for a, e in factors:
            label = nodes.label_of(a)
            masked = self._mask(a, c)
            if label in self._unknown:
                unknown = label
                self._note_lift(label, a, factors)
            elif (
                symbols_in(masked) & (c.own | c.parents)
                or isinstance(a, KroneckerDelta)
                or (self.designs_apart and self._is_design(a))
                or (self.by_degree and symbols_in(masked) & self._learned)
            ):
                part = part * Polynomial.atom(a, e)
                continue
            else:
                base = normal(masked)
                if not base and e < 0:  # as exp(t[k + 1]) - exp(t[k]), of an array's neighbours
                    base = normal(a)
                coefficient = coefficient * power(base, e)
            lookup = lookup or bool(symbols_in(a) & c.own)
            places |= {s for i in self._elements(a, c) for n in i.indices for s in symbols_in(n)}
        used = symbols_in(part.expr())
        spare = tuple(sorted(str(n) for i, n in indices if i not in used))
        for i, n in indices:
            if i in used:
                part = sum_over(part, i, n)
        term = part.single()
        if term is not None:
            part, coefficient = Polynomial({term[0]: 1}), coefficient.scale(term[1])
        place = tuple(sorted(map(str, places))) if self.by_place else ()
        equation = self._filed(found, c, (part.expr(), spare, lookup, place))
        if unknown is not None:
            old = equation.coefficients.get(unknown, Polynomial())
            equation.coefficients[unknown] = old + coefficient
        elif target == "moved":
            equation.moved = equation.moved + coefficient
        else:
            equation.rest = equation.rest + coefficient

    def _designs(self, c: GenericConditional) -> frozenset[Symbol]:
        """Arrays whose terms must match apart."""
        if not self.designs_apart:
            return frozenset()
        labels = {a.base.label for a in elements_in(c.log_density)}
        return frozenset(labels - self._learned - self._along - c.own - c.parents)

    def _is_design(self, a: Expr) -> bool:
        """Whether it is known for each row, or for each unit: a design, a network's hidden unit; or
        a sum or an exponential of such."""
        if isinstance(a, nodes.HiddenUnit):
            return True
        varies = isinstance(a, (sp.Add, sp.exp))
        return self._holds_design(a) and (varies or not symbols_in(a) & self._learned)

    def _holds_design(self, a: Expr) -> bool:
        known = {i.base.label for i in a.atoms(Indexed)} - self._learned - self._along
        return bool(known) or a.has(nodes.HiddenUnit)

    def _filed(
        self, found: dict[tuple, PartEquation], c: GenericConditional, part: tuple
    ) -> PartEquation:
        if part not in found:
            expr, _, lookup, _ = part
            labels = symbols_in(expr)
            found[part] = PartEquation(
                own=bool(labels & c.own) or lookup,
                pure=not lookup and not labels & (c.parents | frozenset(self.parameters)),
                constant_allowed=(lookup and expr == 1) or expr in c.relations,
            )
        return found[part]

    def _opened(self, c: GenericConditional, mono: Mono) -> tuple[list, list]:
        """The factors with sums over data or unknowns opened, and the open indices."""
        labels = c.own | c.parents | self._unknown
        factors, indices = [], []
        avoid = frozenset[Symbol]().union(*(symbols_in(a) for a, _ in mono))
        pending = sorted(mono, key=lambda factor: key(factor[0]))
        while pending:
            a, e = pending.pop()
            holds = symbols_in(a) & labels or (self.designs_apart and self._holds_design(a))
            opens = isinstance(a, Sum) and is_integer(e) and e > 0 and holds
            if not opens or a in c.relations:
                factors.append((a, e))
                continue
            for _ in range(int(e)):
                fresh_indices, summand = open_sum(a, avoid)
                avoid = avoid | {i for i, _ in fresh_indices}
                indices += fresh_indices
                ((product, _),) = summand  # one, without a number: the sum is in normal form
                pending += list(product)
        return factors, indices

    def _mask(self, a: Expr, c: GenericConditional) -> Expr:
        """The expression with all indices of parameters erased, but for those of its own sums."""
        known = self._masked.get((a, c.name))
        if known is not None:
            return known
        inverses = {i: i.func(*i.args[:2], SLOT, SLOT) for i in a.atoms(nodes.InverseElement)}
        masked = a.xreplace(inverses)
        bound = {i for s in masked.atoms(Sum) for i in s.bound_symbols}
        erased = {
            i: i.base[tuple(n if n.is_Number or n in bound else SLOT for n in i.indices)]
            for i in self._elements(masked, c)
        }
        masked = masked.xreplace(erased)
        if masked.has(sp.zoo, sp.nan):  # 1 / (t[k] - t[k + 1]): neighbours are told apart
            masked = a
        self._masked[a, c.name] = masked
        return masked

    def _elements(self, a: Expr, c: GenericConditional) -> set[Indexed]:
        """The elements of parameters, of fields on them, and of what v looks up."""
        return {
            i
            for i in elements_in(a)
            if i.base.label in self._learned
            or (i.base.label not in c.own | c.parents and symbols_in(sp.Tuple(*i.indices)) & c.own)
        }

    def places(self, label: Symbol, other: Symbol) -> tuple | None:
        """Where the other's indices stand among those of the label that moves, or None.

        Where nothing holds both, arrays say it that stand beside the one and beside the other.
        """
        if label not in self._places:
            known = {label: tuple(range(len(self.parameters[label].shape)))}
            pending = [label]
            for middle in pending:
                for new in sorted(self._indices.keys() - known.keys(), key=str):
                    beside = self._beside(middle, new)
                    if beside is not None:
                        at = known[middle]
                        known[new] = tuple(at[p] if isinstance(p, int) else p for p in beside)
                        pending.append(new)
            self._places[label] = known
        return self._places[label].get(other) or self._beside(label, other, partly=True)

    @cached_property
    def _indices(self) -> dict[Symbol, list[set[tuple[Expr, ...]]]]:
        """By label, where each conditional looks it up."""
        found: dict[Symbol, list[set[tuple[Expr, ...]]]] = {}
        for k, c in enumerate(self._conditionals):
            for a in c.log_density.atoms(Indexed):
                places = found.setdefault(a.base.label, [set() for _ in self._conditionals])
                places[k].add(a.indices)
        return found

    def _beside(self, label: Symbol, other: Symbol, partly: bool = False) -> tuple | None:
        """Where the other's indices stand among the label's: as a term says that holds both, or a
        conditional that looks both up at one place, as (W + V) @ z does.

        partly: some may be none of the label's, as that of a sum over h of V[d, h] beside b[d].
        """
        known = self.lifts.get((label, other))
        if known is not None and None not in known:
            return known
        every = self._indices.get(label, ()), self._indices.get(other, ())
        for own, at in zip(*every, strict=False):
            found = {tuple(_place(i, o) for i in indices) for o in own for indices in at}
            found = {places for places in found if partly or None not in places}
            if len(found) == 1:
                return found.pop()
        return known if partly else None

    def _note_lift(self, unknown: Symbol, at: Expr, factors: list) -> None:
        """Remember how other labels' indices follow from the unknown's own."""
        label = self.fields.get(unknown) or self.rates.get(unknown)
        if label is None:
            return
        own: list[Expr | None] = list(nodes.indices_of(at))
        for k in sorted(self._alike.get(label, ())):
            own.insert(k, None)
        for a, _ in factors:
            for other in elements_in(a):
                places = tuple(_place(i, own) for i in other.indices)
                known = self.lifts.get((label, other.base.label), (None,) * len(places))
                pairs = zip(known, places, strict=True)
                self.lifts[label, other.base.label] = tuple(p if k is None else k for k, p in pairs)


def _times(rate: Polynomial, direction: Direction) -> Direction:
    return lambda at: rate * direction(at)


def _plus(direction: Direction, shift: Polynomial) -> Direction:
    return lambda at: direction(at) + shift


def _place(i: Expr, own: Sequence[Expr | None]) -> Any:
    """Which of its own indices, a number that is always the same, or None."""
    return own.index(i) if i in own else i if i.is_Number else None


def reduced(p: Polynomial, own: frozenset[Symbol]) -> Polynomial:
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
            if sum(_part(m, own) == _part(lead, own) for m in divisor.terms) > 1:
                continue  # its coefficient is a sum: the rest would hold it again, without end
            quotient = _divide(mono, lead, own)
            if quotient is None:
                continue
            scale = Polynomial({quotient: Fraction(k) / c})
            pending += list(scale * Polynomial.atom(a) - scale * (divisor - Polynomial({lead: c})))
            break
        else:
            done.append(Polynomial({mono: k}))
    return Polynomial.sum(done)


def levelled(sides: list[Polynomial], varying: frozenset[Symbol]) -> list[Polynomial]:
    """Over one power of each sum that varies with parents or designs: y / P is y P / P^2.

    For P = X w + b its terms match apart then, as those of X beta(w) + beta(b) beside it.
    """
    powers = [(a, e) for p in sides for m, _ in p for a, e in m if e < 0]
    below = {a for a, _ in powers if a.is_Add and symbols_in(a) & varying}
    for a in sorted(below, key=key):
        lowest = min(e for b, e in powers if b == a)
        sides = [Polynomial.sum(_over(m, k, a, lowest) for m, k in p) for p in sides]
    return sides


def _over(mono: Mono, k: Any, a: Expr, lowest: Any) -> Polynomial:
    term, e = Polynomial({mono: k}), dict(mono).get(a, 0)
    if not (e < 0 and is_integer(e - lowest)):
        return term
    return shift(shift(term, a, -e) * normal(a).power(int(e - lowest)), a, lowest)


def _leading(p: Polynomial, own: frozenset[Symbol]) -> tuple[Mono, Any]:
    """The term of highest degree in v."""

    def degree(term: tuple[Mono, Any]) -> tuple:
        mono, _ = term
        return sum(e for a, e in mono if symbols_in(a) & own), str(mono_key(mono))

    return max(p, key=degree)


def _part(mono: Mono, own: frozenset[Symbol]) -> Mono:
    """The factors that depend on v."""
    return frozenset((a, e) for a, e in mono if symbols_in(a) & own)


def _divide(mono: Mono, by: Mono, own: frozenset[Symbol]) -> Mono | None:
    """mono / by, if what depends on v divides."""
    left = mono_quotient(mono, by)
    if any(left.get(a, 0) < 0 and symbols_in(a) & own for a, _ in by):
        return None
    return frozenset(left.items())
