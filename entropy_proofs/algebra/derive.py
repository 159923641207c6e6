"""The derivative of a normal form along a vector field, in general dimension.

A derivation is fixed by what it does to the labels: a scalar label moves by an expression, an
array's element at (i, j, ...) by an expression in these indices.  Everything else is the chain
rule.  Where an inner expression P moves as  D P = rate * P + rest,  the rate passes through log,
powers, absolute values, determinants and inverses without meeting P's inverse: this keeps the
result in few atoms.

What jumps (a sign, a case's test) has the derivative 0, as it has almost everywhere.  Where log p
itself jumps as a label moves, the derivative of its average has another part: `derivative_along`
raises there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set as AbstractSet
from fractions import Fraction
from functools import cache

import sympy as sp
from sympy import Abs, Expr, Indexed, Integer, Pow, Sum, Symbol
from sympy.core.relational import Relational

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.matrix_rules import open_matrix
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Mono, Polynomial, holds, mono_quotient, spend, symbols_in
from entropy_proofs.algebra.scalar_rules import power
from entropy_proofs.algebra.sums import fresh, open_sum, sum_over, sum_over_all

_EACH = 4  # of work for each factor of a derivative: each is multiplied a few times
Direction = Callable[[tuple[Expr, ...]], Polynomial]


class NoDerivative(TypeError):
    """An expression has none, or no rule for it is known."""


class Rate(Symbol):
    """An unknown number of the search: the rate at which a label scales."""


class SymbolicDerivation:
    """D = sum of direction * d/d label, acting on normal forms."""

    def __init__(self, directions: Mapping[Symbol, Direction]):
        self.directions = directions
        self.moving = frozenset(directions)
        self._known: dict[Expr, Polynomial] = {}

    def __call__(self, p: Polynomial) -> Polynomial:
        parts = []
        for mono, c in p:
            for a, e in mono:
                d = self.of_atom(a)
                if d:
                    rest = (mono - {(a, e)}) | ({(a, e - 1)} if e != 1 else frozenset())
                    parts.append(Polynomial({frozenset(rest): c * e}) * d)
        return Polynomial.sum(parts)

    def of_atom(self, a: Expr) -> Polynomial:
        if not symbols_in(a) & self.moving:
            return Polynomial()
        found = self._known.get(a)
        if found is None:
            found = self._known[a] = self._rule(a)
            spend(_EACH * sum(len(mono) for mono, _ in found))  # functions of functions double it
        return found

    def _rule(self, a: Expr) -> Polynomial:
        if isinstance(a, Symbol):
            return self.directions[a](())
        if isinstance(a, Indexed):
            if a.base.label not in self.directions:
                return Polynomial()  # only an index moves, and an index is discrete
            return self.directions[a.base.label](a.indices)
        if isinstance(a, Sum):
            indices, summand = open_sum(a, frozenset())
            return sum_over_all(self(summand), indices)
        if isinstance(a, sp.log):
            rate, rest, p = self._split(a.args[0])
            return rate + rest * power(p, -1) if rest else rate
        if isinstance(a, sp.exp):
            return Polynomial.atom(a) * self(normal(a.args[0]))
        if isinstance(a, Pow):
            return Polynomial.atom(a) * self(normal(a.exp * sp.log(a.base)))
        if isinstance(a, Abs):
            rate, rest, p = self._split(a.args[0])
            return Polynomial.atom(a) * (rate + rest * power(p, -1) if rest else rate)
        if a.is_Mul:
            return self(normal(a))
        if a.is_Add:
            rate, rest, _ = self._split(a)
            return Polynomial.atom(a) * rate + rest
        if isinstance(a, nodes.LogDet):
            return self._logdet(a)
        if isinstance(a, nodes.InverseElement):
            return self._inverse(a)
        if isinstance(a, nodes.HiddenUnitDerivative):
            raise NoDerivative(f"no second derivative of {a}")
        if isinstance(a, nodes.HiddenUnit):
            return self._hidden_unit(a)
        if isinstance(a, _CASES):
            return Polynomial()
        if isinstance(a, sp.Function):
            inner = [self(normal(x)) if isinstance(x, Expr) else Polynomial() for x in a.args]
            return Polynomial.sum(normal(_slope(a, k)) * d for k, d in enumerate(inner) if d)
        raise NoDerivative(f"no derivative of {a} ({type(a).__name__})")

    def _split(self, inner: Expr) -> tuple[Polynomial, Polynomial, Polynomial]:
        """D P = rate P + rest, with the rate read off P's leading term."""
        p = normal(inner)
        return *self._split_poly(p), p

    def _split_matrix(self, element: Polynomial, *indices: Symbol) -> tuple[Polynomial, Polynomial]:
        """The same for a matrix's element; here any label may be a rate that has none of its
        indices."""
        own = set(indices)
        return self._split_poly(
            element, lambda a: isinstance(a, (Symbol, Indexed)) and not own & symbols_in(a)
        )

    def _split_poly(
        self, p: Polynomial, is_rate: Callable[[Expr], bool] = lambda a: isinstance(a, Rate)
    ) -> tuple[Polynomial, Polynomial]:
        d = self(p)
        if not d:
            return Polynomial(), Polynomial()
        lead, c = p.ordered()[0]
        rate = Polynomial.sum(_rate_of(m, lead, Fraction(k) / c, is_rate) for m, k in d)
        return rate, d - rate * p

    def _logdet(self, a: nodes.LogDet) -> Polynomial:
        i, j, element = open_matrix(a, frozenset())
        rate, rest = self._split_matrix(element, i, j)
        result = rate * normal(a.size)
        if rest:
            inverse = normal(nodes.InverseElement(a.matrix, a.size, j, i))
            result = result + sum_over_all(inverse * rest, [(i, a.size), (j, a.size)])
        return result

    def _inverse(self, a: nodes.InverseElement) -> Polynomial:
        i, j, element = open_matrix(a, symbols_in(a))
        rate, rest = self._split_matrix(element, i, j)
        result = -(rate * Polynomial.atom(a))
        if rest:
            left = normal(nodes.InverseElement(a.matrix, a.size, a.row, i))
            right = normal(nodes.InverseElement(a.matrix, a.size, j, a.column))
            middle = left * rest * right
            result = result - sum_over_all(middle, [(i, a.size), (j, a.size)])
        return result

    def _hidden_unit(self, a: nodes.HiddenUnit) -> Polynomial:
        parts = []
        for which, argument in enumerate(a.inputs):
            if not isinstance(argument, sp.Tuple):
                continue
            vector, size = argument
            m = fresh(symbols_in(a), size)
            moved = self(normal(vector.expr.xreplace({vector.variables[0]: m})))
            if moved:
                slope = nodes.HiddenUnitDerivative(*a.args[:3], Integer(which), m)
                parts.append(sum_over(moved * normal(slope), m, size))
        return Polynomial.sum(parts)


def _slope(a: Expr, k: int) -> Expr:
    """The partial derivative of a function with respect to its argument number k."""
    if isinstance(a, (sp.besseli, sp.besselk)) and k == 1:
        order, x = a.args
        sign = 1 if isinstance(a, sp.besseli) else -1
        return sign * a.func(order + 1, x) + order / x * a
    try:
        return a.fdiff(k + 1)
    except sp.core.function.ArgumentIndexError:
        if isinstance(a.args[k], Symbol):
            return sp.Derivative(a, a.args[k])
        there = Symbol("ξ^")
        moved = a.func(*(there if n == k else b for n, b in enumerate(a.args)))
        return sp.Subs(sp.Derivative(moved, there), there, a.args[k])


def _rate_of(m: Mono, lead: Mono, c: Fraction, is_rate: Callable[[Expr], bool]) -> Polynomial:
    """c * (m / lead) if that quotient is a number or made of rates, else 0."""
    quotient = mono_quotient(m, lead)
    if all(is_rate(a) for a in quotient):
        return Polynomial({frozenset(quotient.items()): c})
    return Polynomial()


# jumps --------------------------------------------------------------------------------------------
_CASES = sp.Piecewise, sp.Heaviside
_ROUNDED = sp.floor, sp.ceiling


def derivative_along(directions: Mapping[Symbol, Direction], log_p: Expr) -> Polynomial:
    """The derivative, whose average is that of the average.

    Raises NoDerivative where log p may jump as the labels move.
    """
    if may_jump(log_p, directions.keys()):
        raise NoDerivative(f"log p may jump as {', '.join(map(str, directions))} moves")
    return SymbolicDerivation(directions)(normal(log_p))


def may_jump(expr: Expr, labels: AbstractSet[Symbol]) -> bool:
    """Whether the expression was not shown to be continuous in the labels.

    It is where both sides of every switch that they are in are equal: those of a two-piece Laplace
    density's cases, x < mu and x >= mu, at x = mu.
    """
    if not holds(expr, *_CASES, *_ROUNDED, sp.sign):
        return False
    if any(symbols_in(a) & labels for a in expr.atoms(*_ROUNDED)):
        return True
    moving = (s for s in _switches(expr) if symbols_in(s) & labels)
    return not all(_agrees_across(expr, s) for s in moving)


@cache
def _switches(expr: Expr) -> dict[Expr, dict[sp.Basic, int]]:
    """What is zero where tests, signs and steps switch -> these, and +1 or -1: whose sign they ask
    for, its own or that of its negative."""
    found: dict[Expr, dict[sp.Basic, int]] = {}
    for a in expr.atoms(Relational, sp.Heaviside, sp.sign):
        p = normal(a.lhs - a.rhs if isinstance(a, Relational) else a.args[0])
        if p:
            lead = p.ordered()[0][1]
            found.setdefault(p.scale(1 / Fraction(lead)).expr(), {})[a] = 1 if lead > 0 else -1
    return found


@cache
def _agrees_across(expr: Expr, switch: Expr) -> bool:
    """Whether the expression is the same on both sides of where the switch is zero."""
    root = _root(switch)
    if root is None or not switch.free_symbols <= expr.free_symbols:
        return False  # a switch in a sum: each place has its own

    def beside(side: int) -> Expr:
        return expr.xreplace({a: _beside(a, side * k) for a, k in _switches(expr)[switch].items()})

    difference = (beside(1) - beside(-1)).xreplace(root)
    if difference.has(sp.nan, sp.zoo, sp.oo):
        return False
    return not normal(difference)


def _beside(a: sp.Basic, side: int) -> sp.Basic:
    """What it is where that is positive (or negative) which it asks the sign of."""
    return a.func(Integer(side), 0) if isinstance(a, Relational) else a.func(Integer(side))


def _root(switch: Expr) -> dict[Expr, Expr] | None:
    """A label's element that the switch is linear in, with a number for its slope, and where it is
    for the switch to be zero."""
    p = normal(switch)
    for mono, c in p.ordered():
        ((a, e), *others) = mono or ((None, 0),)
        if isinstance(a, (Symbol, Indexed)) and e == 1 and not others:
            rest = p - Polynomial({mono: c})
            if all(nodes.label_of(a) not in symbols_in(b) for b in rest.atoms()):
                return {a: rest.scale(-1 / Fraction(c)).expr()}
    return None
