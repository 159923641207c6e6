"""Whether a stationary point of the ELBO over a block of parameters is its maximum over the block.

It is, if every conditional's log density is concave in the block: E_q and weights are positive, so
the ELBO is concave too, and its domain is convex.  Concavity is read off by composition
(Grant, Boyd & Ye 2006, Disciplined convex programming): -(affine)^2, log affine, -exp affine, and
-a^T inv(S) a of an affine a and a positive definite S.  A scale need not appear so itself; it is
enough that it does after a change of variable that maps the domain onto a convex one, such as
1 / sigma2 or inv(Sigma), since stationary points and maxima are then the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

import sympy as sp
from sympy import Abs, Expr, Indexed, IndexedBase, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.nodes import InverseElement, LogDet
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.positivity import (
    is_positive_definite,
    is_whole_definite,
    positive,
    sign,
)
from entropy_proofs.families.spaces import POSITIVE, POSITIVE_DEFINITE, UNIT_COLUMNS
from entropy_proofs.model.model import Model, Parameter


@dataclass(frozen=True)
class Curvature:
    """is_maximum: shown.  because: by what rule, or why it was not."""

    is_maximum: bool
    because: str


class Bend(Enum):
    """Of a function of the block."""

    CONSTANT = 0
    AFFINE = 1
    CONVEX = 2
    CONCAVE = -2
    UNKNOWN = None

    def scaled(self, sign: int | None) -> Bend:
        """Of a multiple: sign is +1, -1 or not known."""
        if self in (Bend.CONSTANT, Bend.AFFINE, Bend.UNKNOWN):
            return self
        if sign is None:
            return Bend.UNKNOWN
        return self if sign > 0 else Bend(-self.value)

    @staticmethod
    def added(parts: Sequence[Bend]) -> Bend:
        """Of a sum."""
        found = {p for p in parts if p != Bend.CONSTANT}
        bent = found - {Bend.AFFINE}
        if len(bent) > 1 or Bend.UNKNOWN in found:
            return Bend.UNKNOWN
        return bent.pop() if bent else Bend.AFFINE if found else Bend.CONSTANT


def curvature(model: Model, block: Sequence[Parameter]) -> Curvature:
    """What is known of the ELBO as a function of the block."""
    names = ", ".join(p.name for p in block)
    labels = frozenset(p.label for p in block)
    densities = [t.log_density for t in model.terms if symbols_in(t.log_density) & labels]
    if any(p.domain == UNIT_COLUMNS for p in block):
        return Curvature(False, f"{names} does not range over a convex set")
    for said, change, reads in _changes(block):
        shape = _Reading(labels, reads)
        changed = [change(e) for e in densities]
        if all(shape(e) in _CONCAVE or shape(normal(e).expr()) in _CONCAVE for e in changed):
            return Curvature(True, f"the ELBO is concave in {said}")
    return Curvature(False, f"the ELBO was not shown to be concave in {names} or a function of it")


_CONCAVE = (Bend.CONSTANT, Bend.AFFINE, Bend.CONCAVE)
Change = Callable[[Expr], Expr]


def _changes(block: Sequence[Parameter]) -> Iterator[tuple[str, Change, bool]]:
    """What is said, the block in terms of the new variable, and whether matrices are inverses."""
    names = ", ".join(p.name for p in block)
    yield f"({names}) jointly" if len(block) > 1 else names, lambda e: e, False
    if len(block) > 1:
        return
    (p,) = block
    if p.domain == POSITIVE:
        for power, said in ((-1, f"1/{p.name}"), (sp.Rational(-1, 2), f"1/{p.name}**2")):
            yield said, partial(_raised, p=p, power=power), False
    if p.domain == POSITIVE_DEFINITE:
        yield f"inv({p.name})", lambda e: e, True


def _raised(expr: Expr, p: Parameter, power: Expr) -> Expr:
    """The parameter's power in place of it."""
    if not p.shape:
        return expr.xreplace({p.label: p.label**power})
    base = IndexedBase(p.label)
    return expr.replace(
        lambda a: isinstance(a, Indexed) and a.base == base, lambda a: sp.Pow(a, power)
    )


class _Reading:
    """The shape of expressions, by composition.

    labels: of the block.  inverted: a matrix of the block is the inverse of the variable.
    """

    def __init__(self, labels: frozenset[Symbol], inverted: bool):
        self.labels, self.inverted = labels, inverted

    def __call__(self, e: Expr) -> Bend:
        if not symbols_in(e) & self.labels:
            return Bend.CONSTANT
        for kind, rule in _RULES.items():
            if isinstance(e, kind):
                return rule(self, e)
        return Bend.UNKNOWN

    def element(self, e: Expr) -> Bend:
        inside = any(symbols_in(i) & self.labels for i in nodes.indices_of(e))
        return Bend.UNKNOWN if self.inverted or inside else Bend.AFFINE

    def add(self, e: sp.Add) -> Bend:
        return Bend.added([self(a) for a in e.args])

    def mul(self, e: sp.Mul) -> Bend:
        own = [f for f in e.args if symbols_in(f) & self.labels]
        if len(own) > 1:
            return self._simplified(e)
        return self(own[0]).scaled(sign(sp.Mul(*(f for f in e.args if f != own[0]))))

    def _simplified(self, e: sp.Mul) -> Bend:
        """Of a product that is none of several factors once powers are gathered."""
        merged = sp.powdenest(sp.powsimp(e, force=True), force=True)
        own = [f for f in sp.Mul.make_args(merged) if symbols_in(f) & self.labels]
        if len(own) == 1 and not own[0].is_Mul:
            return self(merged)
        spread = sp.powdenest(sp.expand(e), force=True)
        return self(spread) if spread.is_Add else Bend.UNKNOWN

    def power(self, e: sp.Pow) -> Bend:
        base, exponent = e.args
        if isinstance(base, sp.Pow):
            merged = sp.powdenest(e, force=True)
            return Bend.UNKNOWN if merged == e else self(merged)
        if isinstance(base, sp.Mul) and all(positive(f) for f in base.args):
            own = [f for f in base.args if symbols_in(f) & self.labels]
            return self(own[0] ** exponent) if len(own) == 1 else Bend.UNKNOWN
        if symbols_in(exponent) & self.labels or self(base) != Bend.AFFINE:
            return Bend.UNKNOWN
        if exponent.is_Integer and exponent > 0 and exponent % 2 == 0:
            return Bend.CONVEX
        if not positive(base):
            return Bend.UNKNOWN
        if exponent.is_negative or (exponent - 1).is_nonnegative:
            return Bend.CONVEX
        return Bend.CONCAVE if exponent.is_positive and (1 - exponent).is_positive else Bend.UNKNOWN

    def log(self, e: sp.log) -> Bend:
        (inside,) = e.args
        if isinstance(inside, sp.Pow):
            if not positive(inside.base):  # log w**2 is 2 log |w|, concave on either side of 0
                return Bend.UNKNOWN
            return self(inside.exp * sp.log(inside.base))
        factors = sp.Mul.make_args(inside)
        own = [f for f in factors if symbols_in(f) & self.labels]
        if len(factors) > 1 and all(map(positive, factors)):
            return Bend.added([self(sp.log(f)) for f in own])
        if self._is_sum_of_exponentials(inside):
            return Bend.CONVEX
        return Bend.CONCAVE if self(inside) in (Bend.AFFINE, Bend.CONCAVE) else Bend.UNKNOWN

    def _is_sum_of_exponentials(self, e: Expr) -> bool:
        if isinstance(e, sp.Add):
            return all(self._is_sum_of_exponentials(a) for a in e.args)
        if isinstance(e, Sum):
            return self._is_sum_of_exponentials(e.function)
        if not symbols_in(e) & self.labels:
            return positive(e)
        return isinstance(e, sp.exp) and self(e.args[0]) in (Bend.AFFINE, Bend.CONVEX)

    def exponential(self, e: sp.exp) -> Bend:
        inner = self(e.args[0])
        return Bend.CONVEX if inner in (Bend.AFFINE, Bend.CONVEX) else Bend.UNKNOWN

    def absolute(self, e: Abs) -> Bend:
        return Bend.CONVEX if self(e.args[0]) == Bend.AFFINE else Bend.UNKNOWN

    def logdet(self, e: LogDet) -> Bend:
        """log det of the inverse of the variable is convex, log det of the variable concave."""
        if not self._is_own(e.matrix.expr, e.matrix.variables):
            return Bend.UNKNOWN
        return Bend.CONVEX if self.inverted else Bend.CONCAVE

    def inverse(self, e: InverseElement) -> Bend:
        own = self._is_own(e.matrix.expr, e.matrix.variables)
        return Bend.AFFINE if self.inverted and own else Bend.UNKNOWN

    def _is_own(self, element: Expr, at: Sequence[Symbol]) -> bool:
        """Whether a matrix is a positive multiple of one of the block."""
        (own, *others) = [f for f in sp.Mul.make_args(element) if symbols_in(f) & self.labels]
        rest = [f for f in sp.Mul.make_args(element) if f != own]
        scale = sp.Mul(*rest)
        one = is_whole_definite(own, *at) and positive(scale) and not scale.has(*at)
        return one and not others

    def sum(self, e: Sum) -> Bend:
        quadratic = self._quadratic_form(e)
        return quadratic or self(e.function)

    def _quadratic_form(self, e: Sum) -> Bend | None:
        """Of sum_ij a_i inv(S)_ij a_j with an affine a and an S of known ends; or None."""
        factors, limits = _flat(e)
        inverses = [f for f in factors if isinstance(f, InverseElement)]
        if len(inverses) != 1 or symbols_in(inverses[0]) & self.labels:
            return None
        (inverse,) = inverses
        i, j = inverse.row, inverse.column
        if i == j or not {i, j} <= limits or not is_positive_definite(inverse):
            return None
        rest = [f for f in factors if f is not inverse]
        left = [f for f in rest if i in symbols_in(f)]
        right = [f for f in rest if j in symbols_in(f)]
        scale = sp.Mul(*(f for f in rest if f not in left and f not in right))
        first, second = sp.Mul(*left).xreplace({i: j}), sp.Mul(*right)
        same = not set(left) & set(right) and normal(first) == normal(second)
        if not same or self(second) != Bend.AFFINE or symbols_in(scale) & self.labels:
            return None
        return Bend.CONVEX.scaled(sign(scale))


_RULES: dict[type, Callable[[_Reading, Expr], Bend]] = {
    Symbol: _Reading.element,
    Indexed: _Reading.element,
    sp.Add: _Reading.add,
    sp.Mul: _Reading.mul,
    sp.exp: _Reading.exponential,
    sp.Pow: _Reading.power,
    sp.log: _Reading.log,
    Abs: _Reading.absolute,
    LogDet: _Reading.logdet,
    InverseElement: _Reading.inverse,
    Sum: _Reading.sum,
}


def _flat(e: Sum) -> tuple[list[Expr], set[Symbol]]:
    """The factors of a sum of a product with sums in it, and all their indices."""
    factors: list[Expr] = []
    limits = {i for i, *_ in e.limits}
    for f in sp.Mul.make_args(e.function):
        holds = isinstance(f, Sum) and f.has(InverseElement)
        inner, more = _flat(f) if holds else ([f], set())
        factors += inner
        limits |= more
    return factors, limits
