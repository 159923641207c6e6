"""Normal forms of sums, products, powers, logarithms, exponentials and cases of scalars."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from operator import mul

import sympy as sp
from sympy import Abs, Expr, Indexed, Integer, KroneckerDelta, Pow, Rational, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.normal import canonical, its_own_normal_form, normal
from entropy_proofs.algebra.poly import (
    ONE,
    Mono,
    Polynomial,
    at_places,
    exponential,
    is_integer,
    key,
    mono_expr,
    symbols_in,
)
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.algebra.sums import fresh, sum_over

_PRIMES = 1 << 48  # of larger numbers, small factors are found alone
_TRIED = 1 << 15  # factors


# powers, logarithms, exponentials ---------------------------------------------------------------
def content(p: Polynomial, only_positive: bool) -> tuple[Mono, Polynomial]:
    """p = m * rest, with the largest (Laurent) monomial m that all terms share."""
    common: dict[Expr, Fraction | int] = {}
    for a in p.atoms():
        if only_positive and not positive(a):
            continue
        low = min(dict(m).get(a, 0) for m in p.terms)
        if low:
            common[a] = low
    rest = p
    for a, e in common.items():
        rest = shift(rest, a, -e)
    return frozenset(common.items()), rest


def shift(p: Polynomial, a: Expr, by: Fraction | int) -> Polynomial:
    """p * a^by, with positive whole powers of an added-up atom multiplied out."""
    parts = []
    for m, c in p:
        exponents = dict(m)
        e = exponents.pop(a, 0) + by
        rest = Polynomial({frozenset(exponents.items()): c})
        if a.is_Add and e > 0 and is_integer(e):
            rest = rest * normal(a).power(int(e))
        elif e:
            rest = Polynomial({frozenset([*exponents.items(), (a, e)]): c})
        parts.append(rest)
    return Polynomial.sum(parts)


def power(p: Polynomial, e: Fraction | int) -> Polynomial:
    """p^e for a rational e."""
    if is_integer(e) and e >= 0:
        return p.power(int(e))
    if not p:
        raise ZeroDivisionError("0 to a negative power")
    term = p.single()
    if term:
        return _power_of_term(*term, e)
    mono, rest = content(p, only_positive=not is_integer(e))
    lead = Fraction(rest.ordered()[0][1])
    scale = lead if is_integer(e) else abs(lead)
    rest = rest.scale(1 / scale)
    outer = _power_of_term(mono, scale, e)
    return outer * Polynomial.atom(rest.expr(), e)


def _power_of_term(mono: Mono, c: Fraction | int, e: Fraction | int) -> Polynomial:
    if is_integer(e):
        result = Polynomial.number(Fraction(c) ** int(e))
        for a, k in mono:
            result = result * _atom_power(a, k * e)
        return result
    result, left = _number_power(abs(Fraction(c)), Fraction(e)), []
    for a, k in mono:
        if positive(a):
            result = result * _atom_power(a, k * e)
        elif is_integer(k) and k % 2 == 0:
            result = result * _abs_power(a, k * e)
        else:
            left.append((a, k))
    if len(left) == 1 and c > 0:
        result = result * Polynomial.atom(left[0][0], left[0][1] * e)
    elif left or c < 0:
        result = result * Polynomial.atom(mono_expr(frozenset(left), 1 if c > 0 else -1), e)
    return result


def _atom_power(a: Expr, e: Fraction | int) -> Polynomial:
    if isinstance(a, Abs):
        return _abs_power(a.args[0], e)
    if a.is_Add and e > 0 and is_integer(e):
        return normal(a).power(int(e))
    return Polynomial.atom(a, e)


def _abs_power(a: Expr, e: Fraction | int) -> Polynomial:
    """|a|^e: |a| to an odd power is |a| times an even power of a."""
    if not is_integer(e):
        size = magnitude(a)
        return Polynomial.atom(Abs(a), e) if size == Polynomial.atom(Abs(a)) else power(size, e)
    odd = int(e) % 2
    even = power(normal(a), int(e) - odd)
    return even * Polynomial.atom(Abs(a)) if odd else even


def _number_power(q: Fraction, e: Fraction) -> Polynomial:
    result = Polynomial.number(1)
    for prime, k in _prime_powers(q):
        total = k * e
        whole = total.numerator // total.denominator
        result = result.scale(Fraction(prime) ** whole)
        if total - whole:
            result = result * Polynomial.atom(Integer(prime), total - whole)
    return result


def _log_number(q: Fraction | int) -> Polynomial:
    return Polynomial.sum(
        Polynomial.atom(sp.log(Integer(prime))).scale(k) for prime, k in _prime_powers(q)
    )


def _prime_powers(q: Fraction | int) -> list[tuple[int, int]]:
    """A positive number as powers of primes; of a large one the last may be no prime."""
    return [
        (int(prime), k * sign)
        for n, sign in ((q.numerator, 1), (q.denominator, -1))
        for prime, k in sp.factorint(n, limit=_TRIED if n > _PRIMES else None).items()
    ]


def log_of(p: Polynomial) -> Polynomial:
    """log p."""
    if not p:
        raise ZeroDivisionError("log of 0")
    mono, rest = content(p, only_positive=True)
    if mono:  # what is left can share factors that stood inside a denominator before
        return Polynomial.sum([*(_log_of_atom(a).scale(e) for a, e in mono), log_of(rest)])
    lead = Fraction(rest.ordered()[0][1])
    term = rest.single()
    result = _log_number(abs(lead))
    if term is None:
        return result + Polynomial.atom(sp.log(rest.scale(1 / abs(lead)).expr()))
    left = []
    for a, k in term[0]:
        if is_integer(k) and k % 2 == 0:
            result = result + log_of(magnitude(a)).scale(k)
        else:
            left.append((a, k))
    if len(left) == 1:
        (a, k), sign = left[0], 1 if lead > 0 else -1
        return result + Polynomial.atom(sp.log(canonical(sign * a))).scale(k)
    if left or lead < 0:
        argument = mono_expr(frozenset(left), 1 if lead > 0 else -1)
        result = result + Polynomial.atom(sp.log(argument, evaluate=False))
    return result


def _log_of_atom(a: Expr) -> Polynomial:
    if isinstance(a, sp.exp):
        return normal(a.args[0])
    if isinstance(a, Pow):
        return normal(a.exp) * log_of(normal(a.base))
    if a is sp.E:
        return Polynomial.number(1)
    if isinstance(a, sp.gamma):
        return normal(sp.loggamma(*a.args, evaluate=False))
    return Polynomial.atom(sp.log(a))


def exp_of(p: Polynomial) -> Polynomial:
    """exp p, one factor for each term of p."""
    result = Polynomial.number(1)
    for m, c in p:
        if m == ONE:
            factor = Polynomial.atom(sp.E, c)
        elif len(m) == 1 and _is_log(m):
            argument = normal(next(iter(m))[0].args[0])
            factor = power(argument, c)
        else:
            factor = Polynomial.atom(exponential(mono_expr(m)), c)
        result = result * factor
    return result


def _is_log(m: Mono) -> bool:
    a, e = next(iter(m))
    return e == 1 and isinstance(a, sp.log)


# rules by class ---------------------------------------------------------------------------------
def _number(expr: Expr) -> Polynomial:
    if not expr.is_finite:  # such as 1/(w[k] - w[0]) at k = 0
        raise ArithmeticError(f"{expr} is no number")
    q = Rational(str(expr)) if expr.is_Float else expr
    return Polynomial.number(Fraction(int(q.p), int(q.q)))


def _indexed(expr: Indexed) -> Polynomial:
    if not expr.base.label.assumptions0.get("symmetric"):
        return Polynomial.atom(expr)
    indices = list(expr.indices)
    indices[-2:] = sorted(indices[-2:], key=key)
    return Polynomial.atom(expr.base[tuple(indices)])


def _pow(expr: Pow) -> Polynomial:
    base, e = expr.base, expr.exp
    if e.is_Rational:
        return power(normal(base), Fraction(int(e.p), int(e.q)))
    if not positive(base) and (base.is_number or e.is_integer):
        term = normal(e).single()
        if term and term[0] and is_integer(term[1]):  # x^(2 k) is (x^k)^2
            return Polynomial.atom(Pow(canonical(base), mono_expr(term[0])), term[1])
        return Polynomial.atom(Pow(canonical(base), canonical(e)))
    return exp_of(normal(e) * _log(sp.log(base, evaluate=False)))


def _log(expr: Expr) -> Polynomial:
    argument = expr.args[0]
    if isinstance(argument, sp.Mul):
        known = [f for f in argument.args if positive(f)]
        other = [f for f in argument.args if not positive(f)]
        if known and (other or len(known) > 1):
            parts = [_log(sp.log(f, evaluate=False)) for f in known]
            if other:
                parts.append(_log(sp.log(sp.Mul(*other), evaluate=False)))
            return Polynomial.sum(parts)
    if isinstance(argument, Pow) and (
        positive(argument.base) or argument.exp.is_odd or not argument.exp.is_integer
    ):
        return normal(argument.exp) * _log(sp.log(argument.base, evaluate=False))
    if isinstance(argument, sp.Product):
        return normal(Sum(sp.log(argument.function), *argument.limits))
    return log_of(normal(argument))


def magnitude(argument: Expr | Polynomial) -> Polynomial:
    """|argument|."""
    p = argument if isinstance(argument, Polynomial) else normal(argument)
    if not p:
        return p
    mono, rest = content(p, only_positive=False)
    lead = Fraction(rest.ordered()[0][1])
    result = Polynomial.number(abs(lead))
    for a, e in mono:
        result = result * (Polynomial.atom(a, e) if positive(a) else _abs_power(a, e))
    rest = rest.scale(1 / lead)
    if rest.constant() == 1:
        return result
    for signed in (rest, rest.scale(-1)):
        if positive(signed.expr()):
            return result * signed
    return result * Polynomial.atom(Abs(rest.expr()))


def _sign(expr: Expr) -> Polynomial:
    argument = normal(expr.args[0])
    return magnitude(argument) * power(argument, -1)


def _sum(expr: Sum) -> Polynomial:
    function, result = expr.function, None
    for i, low, high in expr.limits:
        if low != 0:
            function = canonical(function)  # inner bound names are set apart
        size = high if high is sp.oo else canonical(high - low + 1)
        j = fresh(symbols_in(function) | symbols_in(expr), size)
        function = at_places(function, {i: j + low})
        result = sum_over(normal(function), j, size)
        function = result.expr()
    assert result is not None
    for m in result.terms:
        for a, _ in m:
            if isinstance(a, Sum):  # its indices are named
                its_own_normal_form(a)
    return result


def function(expr: Expr) -> Polynomial:
    """Any other function: an atom of normal arguments."""
    rebuilt = expr.func(*(canonical(a) if isinstance(a, Expr) else a for a in expr.args))
    return Polynomial.atom(rebuilt) if isinstance(rebuilt, expr.func) else normal(rebuilt)


def _delta(expr: Expr) -> Polynomial:
    value = KroneckerDelta(*expr.args)
    if not isinstance(value, KroneckerDelta):
        return normal(value)
    if sp.S.Zero in value.args:  # a variable of few values: where it is none of the others
        (variable,) = (a for a in value.args if a != 0)
        label, size = nodes.label_of(variable), nodes.values_of(variable)
        if size is not None and size.is_Integer and size <= _FEW and nodes.is_variable(label):
            others = (Polynomial.atom(KroneckerDelta(variable, k)) for k in range(1, int(size)))
            return Polynomial.number(1) - Polynomial.sum(others)
    return Polynomial.atom(value)


def _piecewise(expr: sp.Piecewise) -> Polynomial:
    """A sum of cases, each times the indicators that select it."""
    if {value for value, _ in expr.args} == {sp.S.One, sp.S.Zero}:
        return Polynomial.atom(expr)
    result, remaining = Polynomial(), Polynomial.number(1)
    for value, condition in expr.args:
        if condition is sp.true:
            return result + remaining * normal(value)
        indicator = Polynomial.atom(sp.Piecewise((1, condition), (0, True)))
        result = result + remaining * indicator * normal(value)
        remaining = remaining * (Polynomial.number(1) - indicator)
    return result


_FEW = 8  # values of a variable, of which the first is written as none of the others

RULES: dict[type, Callable[..., Polynomial]] = {
    sp.Number: _number,
    sp.NumberSymbol: Polynomial.atom,
    Symbol: Polynomial.atom,
    Indexed: _indexed,
    sp.Add: lambda expr: Polynomial.sum(map(normal, expr.args)),
    sp.Mul: lambda expr: reduce(mul, map(normal, expr.args), Polynomial.number(1)),
    Pow: _pow,
    sp.exp: lambda expr: exp_of(normal(expr.args[0])),
    sp.log: _log,
    Abs: lambda expr: magnitude(expr.args[0]),
    sp.sign: _sign,
    Sum: _sum,
    KroneckerDelta: _delta,
    sp.Piecewise: _piecewise,
    sp.Function: function,
    sp.Derivative: Polynomial.atom,
    sp.Subs: Polynomial.atom,
    nodes.ArrayNode: Polynomial.atom,
}
