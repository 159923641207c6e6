"""Normal forms written the way a paper would: log 2 + log pi + 1 + log s becomes log(2 pi e s)."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.nodes import LogDet
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import ONE, Mono, Polynomial, length, mono_expr, mono_key
from entropy_proofs.algebra.scalar_rules import content

_CIRCLE = {sp.log(2), sp.log(sp.pi)}  # constants that attract a lone number into the logarithm


def pretty(expr: Expr) -> Expr:
    """An equal expression, with logarithms of equal weight gathered."""
    weights, rest = _log_weights(normal(expr))
    groups: dict[tuple, list[tuple[Expr, Fraction]]] = defaultdict(list)
    plain: dict[Mono, Fraction | int] = dict(rest.terms)
    scales: dict[tuple, Polynomial] = {}
    for atom, weight in weights.items():
        lead = Fraction(weight.ordered()[0][1])
        unit = weight.scale(1 / lead)
        name: tuple = tuple((mono_key(m), c) for m, c in unit.ordered())
        scales[name] = unit
        groups[name].append((atom, lead))
    parts = []
    for name in sorted(groups):
        unit, logs = scales[name], groups[name]
        parts += [_product(unit, c) * a for a, c in logs if isinstance(a, LogDet)]
        logs = [(a, c) for a, c in logs if not isinstance(a, LogDet)]
        if not logs:
            continue
        scale = min(abs(c) for _, c in logs)
        sign = 1 if logs[0][1] > 0 else -1
        if any((c / scale).denominator != 1 for _, c in logs):
            parts += [_product(unit, c) * a for a, c in logs]
            continue
        number = Fraction(0)
        if any(a in _CIRCLE for a, _ in logs):
            number = _multiple(plain, unit)
        if number * sign > 0 and (number / scale).denominator == 1:
            plain = {m: c for m, c in plain.items() if m not in unit.terms}
        else:
            number = Fraction(0)
        inside = sp.Mul(*[a.args[0] ** int(c / scale * sign) for a, c in logs])
        inside *= sp.E ** int(number / scale * sign)
        parts.append(_product(unit, scale * sign) * sp.log(inside, evaluate=False))
    return sp.Add(*parts, _factored(Polynomial(plain)))


def _multiple(plain: dict[Mono, Fraction | int], unit: Polynomial) -> Fraction:
    """The number of units among the terms without logarithms."""
    ratios = {Fraction(plain.get(m, 0)) / c for m, c in unit}
    return ratios.pop() if len(ratios) == 1 else Fraction(0)


def _log_weights(p: Polynomial) -> tuple[dict[Expr, Polynomial], Polynomial]:
    """p = sum of weight * log(atom) + rest, each term counted once."""
    weights: dict[Expr, Polynomial] = {}
    rest: dict[Mono, Fraction | int] = {}
    for m, c in p:
        logs = [a for a, e in m if isinstance(a, (sp.log, LogDet)) and e == 1]
        if len(logs) != 1:
            rest[m] = c
            continue
        others = m - {(logs[0], 1)}
        weights[logs[0]] = weights.get(logs[0], Polynomial()) + Polynomial({others: c})
    return weights, Polynomial(rest)


def _product(unit: Polynomial, scale: Fraction) -> Expr:
    p = unit.scale(scale)
    if len(p) == 1:
        return p.expr()
    mono, inner = content(p, only_positive=False)
    lead = inner.ordered()[0][1]
    outer = lead if all(Fraction(c / lead).denominator == 1 for _, c in inner) else 1
    if p.terms.get(ONE, 0) > 0 and Fraction(outer) < 0:
        outer = -Fraction(outer)
    return sp.Mul(mono_expr(mono, outer), inner.scale(1 / Fraction(outer)).expr(), evaluate=False)


def _factored(p: Polynomial) -> Expr:
    """A polynomial remainder, factored if that makes it shorter."""
    plain = p.expr()
    if len(p) < 2 or len(p) > 8:
        return plain
    shorter = sp.factor_terms(plain)
    return min(plain, shorter, key=length)
