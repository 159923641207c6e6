"""Signs as a reader expects them: x - mu and 1 - rho, not mu - x and rho - 1."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy import Add, Expr, Indexed, Mul, Pow, Sum, Symbol

from entropy_proofs.algebra.nodes import ArrayNode, Expectation, label_of
from entropy_proofs.algebra.poly import built, holds, symbols_in
from entropy_proofs.printing.gathering import is_mixed, is_negative, is_size, scale_of, sum_of
from entropy_proofs.printing.notation import NetworkValue, Sigmoid


def oriented(expr: Expr) -> Expr:
    """Every difference that is a factor, turned the way it reads best."""
    if not expr.args or isinstance(expr, Indexed):
        return expr
    if isinstance(expr, Expectation):
        scale, inside = scale_of(oriented(expr.args[0]))
        even = _even(inside)
        if scale.could_extract_minus_sign() and inside.is_Mul and len(even) == 1:
            scale, inside = -scale, Mul(*[-f if f in even else f for f in inside.args])
        return scale * expr.func(inside)
    if isinstance(expr, ArrayNode):
        return expr
    if isinstance(expr, Sum):
        inner, limit = expr.limits[:-1], expr.limits[-1]
        body = Sum(expr.function, *inner) if inner else expr.function
        return sum_of(oriented(body), limit)
    args = [oriented(a) for a in expr.args]
    if isinstance(expr, Pow) and args[0].is_Add and expr.exp.is_Integer:
        scale, base = turned(args[0])
        return scale**expr.exp * base**expr.exp
    if isinstance(expr, sp.sign) and args[0].is_Add:
        scale, inside = turned(args[0])
        return sp.sign(scale) * sp.sign(inside, evaluate=False)
    if expr.is_Mul:
        return _product(args)
    return with_arguments(expr, args)


def with_arguments(expr: Expr, args: Sequence[Expr]) -> Expr:
    """The same function of others; a logarithm stays in one piece."""
    if isinstance(expr, sp.log):
        return sp.log(*args, evaluate=False)
    return built(expr.func, *args)


def _product(args: Sequence[Expr]) -> Expr:
    """A product of turned differences, without a minus where one more can be turned."""
    factors = [f for a in args for f in (turned(a) if a.is_Add else (a,))]
    number, rest = Mul(*factors).as_coeff_Mul()
    even = _even(rest)
    if number < 0 and len(even) == 1:
        return Mul(-number, *[-f if f in even else f for f in Mul.make_args(rest)])
    odds = [f for f in Mul.make_args(rest) if _is_log_of_odds(f)]
    if number < 0 and len(odds) == 1:
        upside_down = sp.log(1 / odds[0].args[0], evaluate=False)
        return Mul(-number, upside_down, *[f for f in Mul.make_args(rest) if f not in odds])
    return Mul(number, rest)


def _even(product: Expr) -> list[Expr]:
    """The differences that read as well one way as the other."""
    return [f for f in Mul.make_args(product) if f.is_Add and is_mixed(f) and _leaning(f) == 0]


def _is_log_of_odds(expr: Expr) -> bool:
    """log((1 - p)/p), better read the other way round."""
    if not isinstance(expr, sp.log) or expr.has(sp.NumberSymbol):
        return False
    top, bottom = expr.args[0].as_numer_denom()
    return bool(top.is_Add and (1 - top) == bottom)


def turned(total: Expr) -> tuple[Expr, Expr]:
    """A number, and the rest of the difference."""
    scale, rest = scale_of(total)
    return (-scale, -rest) if rest.is_Add and _leaning(rest) < 0 else (scale, rest)


def _leaning(total: Expr) -> float:
    """Negative if the difference reads better turned around: data minus what predicts it."""
    if not is_mixed(total):
        return 0
    return sum(_weight(a) * (-1 if is_negative(a) else 1) for a in Add.make_args(total))


def _weight(term: Expr) -> float:
    """How much a term wants to be positive."""
    label = label_of(term.as_coeff_Mul()[1])
    if holds(term, Pow) and any(p.exp == 2 for p in term.atoms(Pow)):
        return 1
    if not symbols_in(term):
        return 0.5
    if is_size(label):
        return 1
    if holds(term, Sum, NetworkValue, Sigmoid, sp.exp):
        return -1
    if not isinstance(label, Symbol):
        return 0
    if label.assumptions0.get("unit_interval"):
        return -1
    return 0.5 if len(label.name) == 1 else -0.5
