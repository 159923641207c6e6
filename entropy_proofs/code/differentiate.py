"""Derivatives of scalar expressions with respect to a generic array element.

This is the numeric check's own route: the chain rule over the expression tree, with deltas kept
apart and contracted as soon as a sum over one of their indices closes. It shares no code with the
symbolic derivation of the proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.code.axes import same
from entropy_proofs.errors import NoNumericForm


@dataclass(frozen=True)
class Delta:
    """1 where the index `own` of an array equals the index `at` of the derivative's element."""

    own: Expr
    at: Symbol
    size: Expr


@dataclass(frozen=True)
class Part:
    """A coefficient times deltas; a derivative is a list of them."""

    coefficient: Expr
    deltas: tuple[Delta, ...] = ()

    def times(self, factor: Expr) -> Part:
        return replace(self, coefficient=self.coefficient * factor)

    def expr(self, bound: Container[Expr] = ()) -> Expr:
        """The product, with a discrete variable that a delta fixes replaced in the coefficient.

        bound: indices of partial sums, which stand for places that the other index has not.
        """
        coefficient = self.coefficient
        for d in self.deltas:
            if isinstance(d.own, Indexed | Symbol) and d.own not in bound:
                coefficient = _replaced(coefficient, d.own, d.at)
        return sp.Mul(coefficient, *(KroneckerDelta(d.own, d.at) for d in self.deltas))


def element_indices(label: Symbol, shape: tuple[Expr, ...]) -> tuple[Symbol, ...]:
    """Index symbols for the element of an array that a derivative is taken for."""
    return tuple(index(f"{label.name}.{k}", size) for k, size in enumerate(shape))


def derivative(
    expr: Expr, label: Symbol, shape: tuple[Expr, ...] = ()
) -> tuple[Expr, tuple[Symbol, ...]]:
    """d expr / d label[i, j, ...] and the indices (i, j, ...).

    The elements of the array are varied independently, those of a symmetric matrix too.
    """
    expr = sp.sympify(expr)
    at = element_indices(label, shape)
    variation = Variation(label, at, shape)
    return sp.Add(*(part.expr() for part in variation.parts(expr))), at


class Variation:
    """The derivative with respect to one element of one array."""

    def __init__(self, label: Symbol, at: tuple[Symbol, ...], shape: tuple[Expr, ...]):
        self.label, self.at, self.shape = label, at, shape
        self._memo: dict[Expr, list[Part]] = {}

    def parts(self, expr: Expr) -> list[Part]:
        found = self._memo.get(expr)
        if found is None:
            depends = self.label in symbols_in(expr)
            found = self._memo[expr] = _merged(self._rule(expr)(self, expr)) if depends else []
        return found

    def _rule(self, expr: Expr) -> Callable[[Variation, Any], list[Part]]:
        for kind in type(expr).__mro__:
            if kind in _RULES:
                return _RULES[kind]
        raise NoNumericForm(f"no derivative of {expr} ({type(expr).__name__})")

    def chain(self, pairs: Any) -> list[Part]:
        """Sum of factor * d inner over (factor, inner)."""
        return [p.times(factor) for factor, inner in pairs for p in self.parts(inner)]

    def symbol(self, expr: Symbol) -> list[Part]:
        return [Part(sp.S.One)]

    def indexed(self, expr: Indexed) -> list[Part]:
        if expr.base.label != self.label:
            return []  # only an index could vary, and indices are whole numbers
        triples = zip(expr.indices, self.at, self.shape, strict=True)
        return [Part(sp.S.One, tuple(Delta(own, at, size) for own, at, size in triples))]

    def add(self, expr: sp.Add) -> list[Part]:
        return self.chain((sp.S.One, a) for a in expr.args)

    def mul(self, expr: sp.Mul) -> list[Part]:
        args = expr.args
        log = next((a for a in args if isinstance(a, sp.log) and a.args[0] in args), None)
        if log is not None:  # p log p, whose derivative holds where 1 - p is 0 only in this form
            (p,) = log.args
            rest = sp.Mul(*(a for a in args if a not in (p, log)))
            return self.chain([(rest * (log + 1), p), (p * log, rest)])
        others = ((sp.Mul(*args[:k], *args[k + 1 :]), a) for k, a in enumerate(args))
        return self.chain(others)

    def power(self, expr: sp.Pow) -> list[Part]:
        """Of a root of squares, where all of them are 0, none: so have distances from a to a."""
        base, e = expr.args
        if e.is_Rational and 0 < e < 1 and _is_squares(base):
            above = nodes.cases((base, base > 0), (sp.S.One, sp.true))  # at 0 the squares' own is 0
            return self.chain([(e * above ** (e - 1), base)])
        return self.chain([(e * base ** (e - 1), base), (expr * sp.log(base), e)])

    def function(self, expr: Expr) -> list[Part]:
        varying = [k for k, a in enumerate(expr.args) if self.parts(a)]
        try:
            return self.chain((expr.fdiff(k + 1), expr.args[k]) for k in varying)
        except sp.core.function.ArgumentIndexError:
            raise NoNumericForm(f"no derivative of {expr} is known") from None

    def absolute(self, expr: sp.Abs) -> list[Part]:
        return self.chain([(sp.sign(expr.args[0]), expr.args[0])])

    def extreme(self, expr: sp.Max | sp.Min) -> list[Part]:
        """Of the larger (or smaller) of two, half of both where they are equal."""
        first, *others = expr.args
        rest = expr.func(*others)
        side = sp.sign(first - rest) / (2 if isinstance(expr, sp.Max) else -2)
        half = sp.Rational(1, 2)
        return self.chain([(half + side, first), (half - side, rest)])

    def nothing(self, expr: Expr) -> list[Part]:
        return []

    def cases(self, expr: nodes.Cases | sp.Piecewise) -> list[Part]:
        found: list[Part] = []
        before: Any = sp.true
        for branch, condition in expr.args:
            here, before = sp.And(condition, before), sp.And(before, sp.Not(condition))
            found += [
                replace(p, coefficient=nodes.cases((p.coefficient, here), (0, sp.true)))
                for p in self.parts(branch)
            ]
        return found

    def sum(self, expr: Sum) -> list[Part]:
        return [self._summed(part, expr.limits) for part in self.parts(expr.function)]

    def _summed(self, part: Part, limits: Iterable[tuple[Symbol, Expr, Expr]]) -> Part:
        """The sum of a part: a delta over the whole range of an index replaces the index."""
        coefficient, deltas = part.coefficient, list(part.deltas)
        left, replacing = [], {}
        for i, low, high in limits:
            full = next(
                (d for d in deltas if d.own == i and low == 0 and same(d.size, high + 1)), None
            )
            if full is None:
                left.append((i, low, high))
            else:
                deltas.remove(full)
                replacing[i] = full.at
        coefficient = _renamed(coefficient, replacing)
        deltas = [replace(d, own=d.own.xreplace(replacing)) for d in deltas]
        bound = {i for i, _, _ in left}
        if not left:
            return Part(coefficient, tuple(deltas))
        inside = [d for d in deltas if bound & symbols_in(d.own)]
        outside = tuple(d for d in deltas if d not in inside)
        left = [(i, low.xreplace(replacing), high.xreplace(replacing)) for i, low, high in left]
        return Part(Sum(Part(coefficient, tuple(inside)).expr(bound), *left), outside)

    def logdet(self, expr: nodes.LogDet) -> list[Part]:
        """d log|det A| = sum_ij inv(A)_ji dA_ij."""

        def factor(i: Symbol, j: Symbol) -> Expr:
            return nodes.InverseElement(expr.matrix, expr.size, j, i)

        return self._through_matrix(expr, factor)

    def inverse(self, expr: nodes.InverseElement) -> list[Part]:
        """d inv(A)_rc = -sum_ij inv(A)_ri dA_ij inv(A)_jc."""
        matrix, n = expr.matrix, expr.size

        def factor(i: Symbol, j: Symbol) -> Expr:
            left = nodes.InverseElement(matrix, n, expr.row, i)
            return -left * nodes.InverseElement(matrix, n, j, expr.column)

        return self._through_matrix(expr, factor)

    def _through_matrix(self, expr: Any, factor: Callable[[Symbol, Symbol], Expr]) -> list[Part]:
        i, j = (_unused(expr, f"{self.label.name}.{letter}") for letter in "rc")
        own_i, own_j = expr.matrix.variables
        element = expr.matrix.expr.xreplace({own_i: i, own_j: j})
        limits = [(i, sp.S.Zero, expr.size - 1), (j, sp.S.Zero, expr.size - 1)]
        weight = factor(i, j)
        return [self._summed(part.times(weight), limits) for part in self.parts(element)]


def _is_squares(expr: Expr) -> bool:
    """Whether it is a sum of squares of real numbers, which are all 0 where it is."""
    if isinstance(expr, Sum):
        return _is_squares(expr.function)
    if isinstance(expr, sp.Add):
        return all(map(_is_squares, expr.args))
    if isinstance(expr, sp.Pow):
        return bool(expr.exp.is_Integer and expr.exp.is_even and expr.exp.is_positive)
    return False


def _unused(expr: Expr, name: str) -> Symbol:
    while (symbol := index(name)) in symbols_in(expr):
        name += "'"
    return symbol


def _merged(parts: list[Part]) -> list[Part]:
    """Parts with the same deltas added up."""
    groups: dict[tuple[Delta, ...], list[Expr]] = {}
    for p in parts:
        groups.setdefault(p.deltas, []).append(p.coefficient)
    return [Part(_collected(cs), deltas) for deltas, cs in groups.items()]


def _collected(terms: list[Expr]) -> Expr:
    """A sum of terms, their common factors written once."""
    if len(terms) == 1:
        return terms[0]
    shared = set(sp.Mul.make_args(terms[0])).intersection(*map(sp.Mul.make_args, terms[1:]))
    outside = {f for f in shared if not f.is_number}
    if not outside:
        return sp.Add(*terms)
    rest = [sp.Mul(*(f for f in sp.Mul.make_args(t) if f not in outside)) for t in terms]
    return sp.Mul(sp.Add(*rest), *outside)


def _renamed(expr: Expr, replacing: dict[Symbol, Symbol]) -> Expr:
    """Free indices replaced; bound ones of the same name, in inner sums, are left alone."""
    for old, new in replacing.items():
        expr = _replaced(expr, old, new)
    return expr


@cache
def _replaced(expr: Expr, old: Expr, new: Symbol) -> Expr:
    if expr == old:
        return new
    if not symbols_in(old) <= symbols_in(expr) or not expr.args:
        return expr
    if isinstance(expr, Sum) and symbols_in(old) & {i for i, *_ in expr.limits}:
        ends = [
            (_replaced(low, old, new), _replaced(high, old, new)) for _, low, high in expr.limits
        ]
        return Sum(expr.function, *[(i, *e) for (i, *_), e in zip(expr.limits, ends, strict=True)])
    if isinstance(expr, sp.Lambda) and symbols_in(old) & set(expr.variables):
        return expr
    return expr.func(*(_replaced(a, old, new) for a in expr.args))


_RULES: dict[type, Callable[[Variation, Any], list[Part]]] = {
    Symbol: Variation.symbol,
    Indexed: Variation.indexed,
    sp.Add: Variation.add,
    sp.Mul: Variation.mul,
    sp.Pow: Variation.power,
    Sum: Variation.sum,
    sp.Abs: Variation.absolute,
    sp.sign: Variation.nothing,
    sp.Max: Variation.extreme,
    sp.Min: Variation.extreme,
    KroneckerDelta: Variation.nothing,
    nodes.Cases: Variation.cases,
    sp.Piecewise: Variation.cases,
    nodes.LogDet: Variation.logdet,
    nodes.InverseElement: Variation.inverse,
    sp.Function: Variation.function,
}
