"""Claimed optima: what a parameter is at every stationary point, in terms of expectations.

The stationarity condition is G = 0, where G = E[d log p / d theta] is linear in expectations of
data (on a simplex or for unit columns its tangential part).  A claim theta = C is proved where
G = factor * (theta - C) with a factor that is not zero, as an identity in theta and in the
expectations, which count as numbers that are not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from itertools import product
from math import prod
from typing import Any

import sympy as sp
from sympy import Expr, KroneckerDelta, Lambda, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.binding import at_bound_indices, averaged_over_data, published
from entropy_proofs.algebra.nodes import Expectation, index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import (
    Mono,
    Polynomial,
    at_places,
    is_integer,
    key,
    replaced,
    symbols_in,
)
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.algebra.rational import Rationals
from entropy_proofs.algebra.scalar_rules import content
from entropy_proofs.algebra.sums import open_sum, sum_over, sum_over_all
from entropy_proofs.arrays.array import Shape, broadcast_at, generate, variable_array
from entropy_proofs.arrays.categories import by_category
from entropy_proofs.arrays.display import pretty
from entropy_proofs.arrays.linear_algebra import inv
from entropy_proofs.claims.circles import drawn_apart, harmonic, turned
from entropy_proofs.claims.linear_conditions import by_columns, numerator, opened, without_inverse
from entropy_proofs.equality.compare import Reading, compare
from entropy_proofs.errors import TooLarge
from entropy_proofs.families.spaces import (
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    Category,
)
from entropy_proofs.model.declarations import Variable
from entropy_proofs.model.model import Model, Parameter
from entropy_proofs.model.pointwise import element
from entropy_proofs.printing.plain import plain
from entropy_proofs.proof.outcome import Equal, Outcome
from entropy_proofs.proof.record import ProofRecord, gradient_of
from entropy_proofs.proof.term_results import data_labels, gradient_at

_MOST_NAMED = 16  # elements, each with a condition of its own
_TRIED = (2, 3)  # sizes
_UNCONFIRMED = "the kernel did not confirm the stationarity condition's form"


@dataclass(frozen=True)
class Optimum:
    """A claim theta[slots] = value[slots] about one learned parameter of a model.

    condition: E[d log p / d theta] at the slots where it is at hand; with the optima of other
        parameters put in (`put_in`), the claim is about a solution of all these conditions.
    here: slots at places that are given, if the claim is about these elements alone.
    """

    model: Model
    parameter: Parameter
    claimed: Expr
    condition: Polynomial | None = None
    here: Mapping[Symbol, Expr] = field(default_factory=dict)

    @property
    def slots(self) -> tuple[Any, ...]:
        return tuple(self.here.get(s, s) for s in nodes.slots(self.parameter.shape))

    @property
    def own(self) -> Polynomial:
        return element(self.parameter.label, self.slots)

    @property
    def value(self) -> Expr:
        """The claimed element, what is random in it averaged."""
        element = in_expectations(broadcast_at(self.claimed, self.slots), data_labels(self.model))
        if not _picked_under(element, self.model):
            return element
        return by_category(element, _shapes(self.model), data_labels(self.model))

    def shown(self) -> tuple[str, ...] | str:
        """What must not be zero for it, or why it was not shown."""
        if self.parameter.domain == UNIT_COLUMNS:
            return self._of_columns()
        share, angle = self.value.as_coeff_Mul()
        if isinstance(angle, sp.atan2) and self.parameter.domain == REAL:
            return self._of_angle(1 / share, *angle.args)
        condition = self._condition()
        reason = "the stationarity condition was not brought to this form"
        for distance, limits in self._targets(condition):
            target = named_as(distance, condition)
            factor = _quotient(condition, target)
            shown = reason if factor is None else self._confirmed(condition, factor, target)
            if not isinstance(shown, str):
                return (*limits, *shown)
            reason = shown
        named = self._by_place(condition)
        return reason if named is None else named

    def _by_place(self, condition: Polynomial) -> tuple[str, ...] | None:
        """The same for each element that is named; None where it was not shown of all."""
        conditions: list[str] = []
        places = named_places(condition, self.parameter, self.slots)
        for here in places:
            own = normal(at_places(condition.expr(), here))
            shown = replace(self, condition=own, here={**self.here, **here}).shown()
            if isinstance(shown, str):
                return None
            conditions += shown
        return tuple(dict.fromkeys(conditions)) if places else None

    def _confirmed(
        self, condition: Polynomial, factor: Polynomial, target: Polynomial
    ) -> tuple[str, ...] | str:
        doubtful = _may_vanish(factor)
        if doubtful is None:
            return f"the stationarity condition also holds where {pretty(factor.expr())} = 0"
        limits = self._equal((condition.expr(), (factor * target).expr()))
        if limits is None:
            return _UNCONFIRMED
        return tuple(dict.fromkeys([*limits, *(f"{self._said(a)} ≠ 0" for a in doubtful)]))

    def _condition(self) -> Polynomial:
        """E[d log p / d theta] at the slots, along the parameter's domain."""
        if self.condition is not None:
            return self.condition
        p, slots = self.parameter, self.slots
        gradient = gradient_at(self.model, p, slots)
        if p.domain == SIMPLEX:
            weighted = self.own * gradient
            gradient = weighted - self.own * sum_over(weighted, slots[-1], p.shape[-1])
        return separated(gradient, self.model)

    def _targets(self, condition: Polynomial) -> Iterator[tuple[Polynomial, tuple[str, ...]]]:
        """What vanishes where theta is what is claimed, and nowhere else; and where that is so."""
        claimed = normal(self.value)
        target = claimed - self.own
        if self.parameter.domain == POSITIVE_DEFINITE:
            i, j = self.slots[-2:]  # inv(theta) value inv(theta) - inv(theta)
            n = self.parameter.shape[-1]
            k, m = index("k", n), index("m", n)
            matrix = variable_array(self.parameter.label, self.parameter.shape)
            inverse = inv(matrix[self.slots[:-2]] if len(self.slots) > 2 else matrix)
            middle = normal(self.value.xreplace({i: k, j: m}))
            inner = normal(inverse.at(i, k)) * middle * normal(inverse.at(m, j))
            yield sum_over(sum_over(inner, k, n), m, n) - normal(inverse.at(i, j)), ()
            return
        inverted = sorted(condition.expr().atoms(nodes.InverseElement), key=str)
        for distance, limits in (
            *self._least_squares(claimed),
            (target, ()),
            *self._without_root(),
            *self._without_denominator(),
        ):
            yield distance, limits
            # inv(A) (value - theta), with a matrix A that the condition inverts
            for slot, n in zip(self.slots, self.parameter.shape, strict=True):
                k = index("k", n)
                for matrix, size in dict.fromkeys((a.matrix, a.size) for a in inverted):
                    if size == n:
                        inverse = normal(nodes.InverseElement(matrix, size, slot, k))
                        moved = normal(distance.expr().xreplace({slot: k}))
                        yield sum_over(inverse * moved, k, n), limits
        share, logarithm = self.value.as_coeff_Mul()
        rate = 1 / share if isinstance(logarithm, sp.log) else sp.S.One
        yield normal(sp.exp(rate * target.expr()) - 1), ()

    def _without_root(self) -> Iterator[tuple[Polynomial, tuple[str, ...]]]:
        """theta^c - A of a positive value A^(1/c)."""
        if self.parameter.domain == POSITIVE and isinstance(self.value, sp.Pow):
            base, exponent = self.value.args
            if not exponent.is_Integer and positive(base):
                yield normal(self.own.expr() ** (1 / exponent)) - normal(base), ()

    def _without_denominator(self) -> Iterator[tuple[Polynomial, tuple[str, ...]]]:
        """A - theta B of a value A / B, which asks for B ≠ 0."""
        above, below = sp.fraction(self.value)
        if below.has(Expectation):
            distance = normal(above) - self.own * normal(below)
            _, shown = sp.fraction(broadcast_at(self.claimed, self.slots))
            shown = shown if shown.has(Expectation) else pretty(below)
            yield distance, (f"{published(shown)} ≠ 0",)

    def _said(self, element: Expr) -> str:
        """An element in text, with names for the parameter's own indices."""
        element = element if self.model.latents() else averaged_over_data(element)
        if not symbols_in(element) & set(self.slots):
            return plain(published(element))
        axes = zip(self.slots, self.parameter.shape, strict=True)
        return plain(at_bound_indices(element, axes))

    def _least_squares(self, claimed: Polynomial) -> Iterator[tuple[Polynomial, tuple[str, ...]]]:
        """A - theta M of a value A inv(M): it vanishes where theta is that, as M is invertible."""
        parts = list(opened(claimed))
        for slot, n in zip(self.slots, self.parameter.shape, strict=True):
            stripped = without_inverse(parts, slot)
            if stripped is not None:
                found, matrix = stripped
                if self._is_singular(matrix, n):
                    continue
                k = index("k", n)
                moved = normal(self.own.expr().xreplace({slot: k}))
                product = sum_over(moved * normal(matrix(k, slot)), k, n)
                limits = (f"{plain(published(generate(matrix, (n, n))))} invertible",)
                yield Polynomial.sum(part.polynomial() for part in found) - product, limits

    def _is_singular(self, matrix: Lambda, n: Expr) -> bool:
        """Of a matrix of sizes alone, as n I - 1 1^T: then no data make it invertible."""
        sizes = list(self.model.dims_.values())
        if symbols_in(matrix.expr) - {*matrix.variables, *sizes}:
            return False
        for count in _TRIED:
            here = dict.fromkeys(sizes, sp.Integer(count))
            many = range(int(n.xreplace(here)))
            rows = [[matrix(i, j).xreplace(here).doit() for j in many] for i in many]
            if sp.Matrix(rows).det() != 0:
                return False
        return True

    def _of_angle(self, rate: Expr, above: Expr, below: Expr) -> tuple[str, ...] | str:
        """The condition is f (a cos(rate theta) - b sin(rate theta)) with f > 0: see `circles`."""
        condition = self._condition()
        apart = on_a_circle(condition, self.parameter, self.model)
        read = harmonic(apart, self.parameter.label, self.slots)
        if read is None or read.rate != rate:
            return "the stationarity condition is none of one sine and one cosine"
        target = turned(read.own, rate, above, below)
        factor = _quotient(apart, target)
        if factor is None or not positive(factor.expr()):
            return "the ELBO was not shown to be a cosine that is largest there"
        limits = self._equal((condition.expr(), (factor * target).expr()))
        if limits is None:
            return _UNCONFIRMED
        return *limits, f"{self._said(published(above**2 + below**2))} ≠ 0"

    def _of_columns(self) -> tuple[str, ...] | str:
        """A / |A| of each column, where the ELBO is f A . theta on the sphere, with f > 0."""
        p, (row, _) = self.parameter, self.slots[-2:]
        condition = self.condition or separated(gradient_at(self.model, p, self.slots), self.model)
        found = by_columns(condition, p.label, self.slots, p.shape)
        if found is None:
            return "the ELBO was not shown to be linear in columns of norm one"
        above, below = sp.fraction(self.value)
        direction, length = normal(above), normal(below)
        factor = _quotient(found.slope, direction)
        if factor is None or not positive(factor.expr()) or not _is_a_root(below):
            return "it was not shown to have the direction of the column's slope"
        squares = sum_over(direction * direction, row, p.shape[-2]).expr()
        limits = self._equal(
            ((condition + found.curvature * self.own).expr(), (factor * direction).expr()),
            (squares, (length * length).expr()),
        )
        if limits is None:
            return "the kernel did not confirm a column's slope, or that its norm is one"
        return *limits, f"the slope of every column of {p.name} ≠ 0"

    def _equal(self, *sides: tuple[Expr, Expr]) -> tuple[str, ...] | None:
        """Under which conditions both sides are equal, each of them once, with the slots as known
        places; None where that was not shown of all."""
        model = copy(self.model)
        model.variables = dict(self.model.variables)
        for s, n in zip(self.slots, self.parameter.shape, strict=True):
            if isinstance(s, Symbol):
                model.variables[s.name] = Variable(s.name, s, (), True, Category(n))
        limits: dict[str, None] = {}
        for left, right in sides:
            outcome = equal_on_average(model, left, right, frozenset(self.model.variables))
            if not isinstance(outcome, Equal):
                return None
            limits |= dict.fromkeys(outcome.conditions)
        return tuple(limits)


def named_places(
    condition: Polynomial, p: Parameter, slots: Sequence[Any]
) -> list[dict[Symbol, Expr]]:
    """All places along the axes along which the condition names the parameter's elements.

    Empty where it names none, or where they are many.
    """
    own = [a for a in condition.expr().atoms(sp.Indexed) if a.base.label == p.label]
    named = [
        (slot, int(n))
        for k, (slot, n) in enumerate(zip(slots, p.shape, strict=True))
        if n.is_Integer and isinstance(slot, Symbol) and any(a.indices[k].is_Integer for a in own)
    ]
    if prod(n for _, n in named) > _MOST_NAMED:
        return []
    names = [slot for slot, _ in named]
    at = product(*(range(n) for _, n in named)) if named else ()
    return [dict(zip(names, map(sp.Integer, place), strict=True)) for place in at]


def named_as(p: Polynomial, other: Polynomial) -> Polynomial:
    """With the names of bound indices that another has in the same sums and expectations."""
    known = {published(a): a for a in other.expr().atoms(Sum, Expectation)}
    named = replaced(p.expr(), (Sum, Expectation), lambda a: known.get(published(a), a))
    return normal(named)


def put_in(condition: Polynomial, optima: Sequence[Any]) -> Polynomial:
    """A condition with optima in place of the parameters that they are of."""
    return normal(reduce(_with, optima, condition.expr()))


def _with(expr: Expr, s: Any) -> Expr:
    return nodes.with_elements(expr, {s.parameter.label}, lambda _, at: s.at(at))


# expectations -------------------------------------------------------------------------------------
def on_average(expr: Expr, random: frozenset[Symbol]) -> Expr:
    """The expectation of what is random outside of expectations; anything else as it is."""
    outside = replaced(expr, Expectation, lambda _: sp.S.One)
    return Expectation(expr) if symbols_in(outside) & random else expr


def in_expectations(expr: Expr, random: frozenset[Symbol]) -> Expr:
    """The same on average, in expectations of simple products."""
    return replaced(
        on_average(expr, random), Expectation, lambda e: drawn(normal(e.args[0]), random).expr()
    )


def on_a_circle(condition: Polynomial, p: Parameter, model: Model) -> Polynomial:
    """A condition with the parameter's angles drawn apart, and out of the expectations."""
    written = drawn_apart(condition.expr(), p.label)
    return normal(in_expectations(written, data_labels(model)))


def equal_on_average(model: Model, left: Expr, right: Expr, random: frozenset[str]) -> Outcome:
    """What can be said of left = right, where expectations go over the variables `random`.

    Where both are linear in expectations it is enough that what is averaged is equal.
    """
    reading = Reading(random=random)
    plain = _stripped(left), _stripped(right)
    if None not in plain and (left.has(Expectation) or right.has(Expectation)):
        outcome = compare(model, *plain, reading)
        if isinstance(outcome, Equal):
            return outcome
    return compare(model, left, right, reading)


def _stripped(expr: Expr) -> Expr | None:
    """What is averaged, if the expression is linear in expectations."""
    if isinstance(expr, Expectation) or not expr.has(Expectation):
        return expr.args[0] if isinstance(expr, Expectation) else expr
    if isinstance(expr, Sum):
        inside = _stripped(expr.function)
        return None if inside is None else Sum(inside, *expr.limits)
    many = sum(a.has(Expectation) for a in expr.args)
    if not (expr.is_Add or (expr.is_Mul and many == 1)):
        return None
    parts = [_stripped(a) for a in expr.args]
    return None if None in parts else expr.func(*parts)


def drawn(p: Polynomial, random: frozenset[Symbol]) -> Polynomial:
    """E[p] by linearity: what is not random comes out, and sums too."""
    return Polynomial.sum(
        _drawn(m, c, random) for m, c in Polynomial.sum(_picked(m, c, random) for m, c in p)
    )


def separated(p: Polynomial, model: Model) -> Polynomial:
    """E[p] with what a random index picks of a parameter as a sum over the index's values."""
    random = data_labels(model)
    found = drawn(p, random)
    if not _picked_under(found.expr(), model):
        return found
    apart = by_category(found.expr(), _shapes(model), random)
    return drawn(normal(apart), random)


def _shapes(model: Model) -> dict[Symbol, Shape]:
    return {label: p.shape for label, p in model.learned().items() if p.shape}


def _picked_under(expr: Expr, model: Model) -> bool:
    """Whether an element of a learned array stands under an expectation."""
    learned = model.learned()
    found = (a for e in expr.atoms(Expectation) for a in e.atoms(sp.Indexed))
    return any(a.base.label in learned for a in found)


def _picked(mono: Mono, c: Fraction | int, random: frozenset[Symbol]) -> Polynomial:
    """delta(c, k) mu[c] as delta(c, k) mu[k], for a random c."""
    places: dict[Expr, Expr] = {}
    for a, _ in mono:
        if isinstance(a, KroneckerDelta):
            varying = [i for i in a.args if symbols_in(i) & random]
            places |= {i: a.args[a.args[0] == i] for i in varying[: len(varying) == 1]}
    deltas = frozenset(f for f in mono if isinstance(f[0], KroneckerDelta))
    rest = Polynomial({mono - deltas: c}).expr().xreplace(places)
    return Polynomial({deltas: 1}) * normal(rest)


def _drawn(mono: Mono, c: Fraction | int, random: frozenset[Symbol]) -> Polynomial:
    inside = frozenset(f for f in mono if _varies(f[0], random))
    outside = Polynomial({mono - inside: c})
    if not inside:
        return outside
    for a, e in sorted(inside, key=lambda factor: (key(factor[0]), factor[1])):
        if not (isinstance(a, Sum) and is_integer(e) and e > 0):
            continue
        rest = dict(inside)
        rest[a] = e - 1
        others = Polynomial({frozenset((b, k) for b, k in rest.items() if k): 1})
        avoid = frozenset[Symbol]().union(*(symbols_in(b) for b, _ in mono))
        indices, summand = open_sum(a, avoid)
        return outside * sum_over_all(drawn(others * summand, random), indices)
    return outside * Polynomial.atom(Expectation(Polynomial({inside: 1}).expr()))


def _varies(a: Expr, random: frozenset[Symbol]) -> bool:
    return not isinstance(a, Expectation) and bool(symbols_in(a) & random)


# factors ------------------------------------------------------------------------------------------
def _quotient(condition: Polynomial, target: Polynomial) -> Polynomial | None:
    """condition / target in lowest terms, if all of the target cancels in it."""
    if not condition or not target:
        return None
    try:
        over = Rationals([condition, target])
        above, below = over.of(condition), over.of(target)
        common = above.numerator.gcd(below.numerator)
        if common.total_degree() < below.numerator.total_degree():
            return None  # the condition does not ask for all of it
        return over.poly(above / below)
    except (TooLarge, ZeroDivisionError):
        return None


def _may_vanish(factor: Polynomial) -> list[Expr] | None:
    """Atoms that must not be zero for the factor not to be; None where that is no product."""
    if _has_a_sign(factor):
        return []
    if any(a.is_Add for a in factor.atoms()):  # it vanishes where its numerator does
        with suppress(TooLarge):
            factor = numerator(factor)
        if _has_a_sign(factor):
            return []
    single = factor.single()
    if single is None:
        shared, known = _without_what_is_known(factor)
        if known is None:
            return None
        others = _may_vanish(shared)
        return None if others is None else [*others, known]
    doubtful = (a for a, e in single[0] if e > 0 and (isinstance(a, sp.Abs) or not positive(a)))
    return sorted(doubtful, key=str)


def _has_a_sign(factor: Polynomial) -> bool:
    whole = factor.expr()
    return not whole.atoms(sp.Abs) and (positive(whole) or positive((-factor).expr()))


def _is_a_root(e: Expr) -> bool:
    """A square root but for factors that are positive: it is never negative."""
    left = [f for f in sp.Mul.make_args(e) if not positive(f)]
    return all(isinstance(f, sp.Pow) and f.exp == sp.Rational(1, 2) for f in left)


def _without_what_is_known(factor: Polynomial) -> tuple[Polynomial, Expr | None]:
    """The factor as one product times an expression in sizes, such as T - 1, or in expectations."""
    mono, rest = content(factor, only_positive=False)
    whole = rest.scale(1 / Fraction(rest.ordered()[0][1])).expr()
    whole = -whole if whole.could_extract_minus_sign() else whole
    letters = symbols_in(replaced(whole, Expectation, lambda _: sp.S.One))
    known = all(s.is_integer and s.is_positive for s in letters) and not whole.has(sp.Sum)
    return Polynomial({mono: 1}), whole if known else None


def condition_of(proof: ProofRecord, p: Parameter) -> Polynomial:
    """E[d log p / d theta] at the slots, with no learned parameter under an expectation, if so.

    What a random index picks out is a sum over the index's values.
    """
    return proof.once(_condition, p)


def _condition(proof: ProofRecord, p: Parameter) -> Polynomial:
    return separated(gradient_of(proof, p), proof.model)


def optimum(proof: ProofRecord, p: Parameter, claimed: Expr) -> Optimum:
    """The claim about a proof's model, whose conditions are found once."""
    return Optimum(proof.model, p, claimed, None if p.domain.tied else condition_of(proof, p))
