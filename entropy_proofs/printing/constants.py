"""Constants where they belong: entropies as log(2 pi e s), not as sums of their parts."""

from __future__ import annotations

import sympy as sp
from sympy import Add, Expr, Indexed, Integer, Mul, Sum

from entropy_proofs.algebra.nodes import Expectation, HiddenUnit, LogDet
from entropy_proofs.printing.gathering import opened, parts, total

Terms = list[tuple[Expr, Expr]]  # functions with their weights


def absorbed(expr: Expr) -> Expr:
    """n/2 log(2 pi e) + 1/2 sum_{i<n} log a_i becomes 1/2 sum_i log(2 pi e a_i), and alike."""
    if not expr.is_Add or not expr.has(sp.log, LogDet, Expectation):
        return expr
    terms = _terms(expr)
    for function, weight in list(terms):
        lacks_e = isinstance(function, sp.log) and not function.has(sp.E) and function.has(sp.pi)
        if lacks_e and _took(terms, Integer(1), weight):
            terms.remove((function, weight))
            terms.append((sp.log(sp.E * function.args[0], evaluate=False), weight))
    for function, weight in list(terms):
        if isinstance(function, Expectation):
            inside = _terms(_with_biases(terms, weight, function.args[0]))
            grown = function.func(Add(*[w * _grown(terms, f, weight * w) for f, w in inside]))
        else:
            grown = _grown(terms, function, weight)
        if grown != function:
            terms.remove((function, weight))
            terms.append((grown, weight))
    return total(terms, gather=False)


def _terms(expr: Expr) -> Terms:
    """Functions with their weights, logarithms as they stand."""
    logs = [t for t in opened(expr) if any(isinstance(f, sp.log) for f in Mul.make_args(t))]
    rest = [t for t in opened(expr) if t not in logs]
    return [pair for t in [*logs, Add(*rest)] for pair in parts(t).items()]


def _took(terms: Terms, function: Expr, weight: Expr) -> bool:
    """Takes weight * function out of the terms, if one of them holds all of it."""
    wanted = sp.expand(weight).as_coefficients_dict()
    for term in terms:
        available = sp.expand(term[1]).as_coefficients_dict()
        if term[0] == function and all(available.get(m) == c for m, c in wanted.items()):
            terms.remove(term)
            left = sp.expand(term[1] - weight)
            terms += [(function, left)] if left != 0 else []
            return True
    return False


def _grown(terms: Terms, function: Expr, weight: Expr) -> Expr:
    """A log det or a sum of logarithms, with the constants that its size times weight buys."""
    core, count = function, Integer(1)
    if isinstance(core, Sum):
        count *= Mul(*[high - low + 1 for _, low, high in core.limits])
        core = core.function
    if not isinstance(core, (sp.log, LogDet)) or isinstance(function, sp.log):
        return function
    if isinstance(core, LogDet):
        count *= core.size
    for other in [f for f, _ in terms if isinstance(f, sp.log) and f.args[0].is_number]:
        for sign in (1, -1):
            if _took(terms, other, sign * weight * count):
                constant = other.args[0]
                if not constant.has(sp.E) and _took(terms, Integer(1), sign * weight * count):
                    constant *= sp.E
                return sign * function.xreplace({core: _scaled(core, constant, sign)})
    return function


def _scaled(core: Expr, constant: Expr, sign: int) -> Expr:
    """sign * (log of the determinant or number, plus sign * log of a constant)."""
    if isinstance(core, LogDet):
        matrix = sp.Lambda(core.matrix.variables, constant**sign * core.matrix.expr)
        return sign * LogDet(matrix, core.size)
    return sp.log(constant * core.args[0] ** sign, evaluate=False)


def _with_biases(terms: Terms, weight: Expr, inside: Expr) -> Expr:
    """A network's sum of biases joins the rest of its output under the expectation."""
    biases = {f"{str(u.name).removeprefix('phi_')}.b" for u in inside.atoms(HiddenUnit)}
    for function, own in list(terms):
        labels = {str(e.base.label) for e in function.atoms(Indexed)}
        if isinstance(function, Sum) and labels and labels <= biases:
            terms.remove((function, own))
            inside += own / weight * function
    return inside
