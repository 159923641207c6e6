"""Normal forms: every scalar expression becomes a `Poly` over independent atoms.

Logarithms of products are split only where every factor is known to be positive, special
functions are brought to one form by their recurrences, and sums over indices are flattened and
their bound indices named canonically.  Every rewrite is an identity, so two expressions with equal
normal forms are equal; the converse holds as far as the atoms are independent.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp
from sympy import Abs, Expr, Indexed, Integer, KroneckerDelta, Pow, Rational, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.poly import ONE, Mono, Poly, is_integer, key, mono_expr, symbols_in
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.algebra.sums import fresh, sum_over
from entropy_proofs.errors import InputError

_normals: dict[Expr, Poly] = {}


def normal(expr: Expr | int) -> Poly:
    """The normal form of a scalar expression."""
    expr = sp.sympify(expr)
    found = _normals.get(expr)
    if found is None:
        found = _normals[expr] = _rule(expr)(expr)
    return found


def canonical(expr: Expr) -> Expr:
    """The expression that stands for its whole class of equal normal forms."""
    return normal(expr).expr()


def _rule(expr: Expr) -> Callable[[Expr], Poly]:
    for kind in type(expr).__mro__:
        if kind in RULES:
            return RULES[kind]
    raise InputError(f"no normal form for {expr} ({type(expr).__name__})")


def is_symmetric(label: Expr) -> bool:
    return isinstance(label, Symbol) and bool(label.assumptions0.get("symmetric"))


# powers, logarithms, exponentials ---------------------------------------------------------------
def content(p: Poly, only_positive: bool) -> tuple[Mono, Poly]:
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


def shift(p: Poly, a: Expr, by: Fraction | int) -> Poly:
    """p * a^by, with positive whole powers of an added-up atom multiplied out."""
    parts = []
    for m, c in p:
        exponents = dict(m)
        e = exponents.pop(a, 0) + by
        rest = Poly({frozenset(exponents.items()): c})
        if a.is_Add and e > 0 and is_integer(e):
            rest = rest * normal(a).power(int(e))
        elif e:
            rest = Poly({frozenset([*exponents.items(), (a, e)]): c})
        parts.append(rest)
    return Poly.sum(parts)


def power(p: Poly, e: Fraction | int) -> Poly:
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
    return outer * Poly.atom(rest.expr(), e)


def _power_of_term(mono: Mono, c: Fraction | int, e: Fraction | int) -> Poly:
    if is_integer(e):
        result = Poly.number(Fraction(c) ** int(e))
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
        result = result * Poly.atom(left[0][0], left[0][1] * e)
    elif left or c < 0:
        result = result * Poly.atom(mono_expr(frozenset(left), 1 if c > 0 else -1), e)
    return result


def _atom_power(a: Expr, e: Fraction | int) -> Poly:
    if isinstance(a, Abs):
        return _abs_power(a.args[0], e)
    if a.is_Add and e > 0 and is_integer(e):
        return normal(a).power(int(e))
    return Poly.atom(a, e)


def _abs_power(a: Expr, e: Fraction | int) -> Poly:
    """|a|^e: |a| to an odd power is |a| times an even power of a."""
    if not is_integer(e):
        size = magnitude(a)
        return Poly.atom(Abs(a), e) if size == Poly.atom(Abs(a)) else power(size, e)
    odd = int(e) % 2
    even = power(normal(a), int(e) - odd)
    return even * Poly.atom(Abs(a)) if odd else even


def _number_power(q: Fraction, e: Fraction) -> Poly:
    result = Poly.number(1)
    for n, sign in ((q.numerator, 1), (q.denominator, -1)):
        for prime, k in sp.factorint(n).items():
            total = k * e * sign
            whole = total.numerator // total.denominator
            result = result.scale(Fraction(int(prime)) ** whole)
            if total - whole:
                result = result * Poly.atom(Integer(prime), total - whole)
    return result


def _log_number(q: Fraction | int) -> Poly:
    q = Fraction(q)
    parts = [
        Poly.atom(sp.log(Integer(prime))).scale(k * sign)
        for n, sign in ((q.numerator, 1), (q.denominator, -1))
        for prime, k in sp.factorint(n).items()
    ]
    return Poly.sum(parts)


def log_of(p: Poly) -> Poly:
    """log p."""
    if not p:
        raise ZeroDivisionError("log of 0")
    mono, rest = content(p, only_positive=True)
    lead = Fraction(rest.ordered()[0][1])
    term = rest.single()
    result = _log_number(abs(lead)) + _log_of_positive(mono)
    if term is None:
        return result + Poly.atom(sp.log(rest.scale(1 / abs(lead)).expr()))
    left = []
    for a, k in term[0]:
        if is_integer(k) and k % 2 == 0:
            result = result + log_of(magnitude(a)).scale(k)
        else:
            left.append((a, k))
    if len(left) == 1:
        (a, k), sign = left[0], 1 if lead > 0 else -1
        return result + Poly.atom(sp.log(canonical(sign * a))).scale(k)
    if left or lead < 0:
        argument = mono_expr(frozenset(left), 1 if lead > 0 else -1)
        result = result + Poly.atom(sp.log(argument, evaluate=False))
    return result


def _log_of_positive(mono: Mono) -> Poly:
    return Poly.sum(_log_of_atom(a).scale(e) for a, e in mono)


def _log_of_atom(a: Expr) -> Poly:
    if isinstance(a, sp.exp):
        return normal(a.args[0])
    if isinstance(a, Pow):
        return normal(a.exp) * log_of(normal(a.base))
    if a is sp.E:
        return Poly.number(1)
    if isinstance(a, sp.gamma):
        return RULES[sp.loggamma](a)
    return Poly.atom(sp.log(a))


def exp_of(p: Poly) -> Poly:
    """exp p, one factor for each term of p."""
    result = Poly.number(1)
    for m, c in p:
        if m == ONE:
            factor = Poly.atom(sp.E, c)
        elif len(m) == 1 and _is_log(m):
            argument = normal(next(iter(m))[0].args[0])
            factor = power(argument, c)
        else:
            factor = Poly.atom(sp.exp(mono_expr(m)), c)
        result = result * factor
    return result


def _is_log(m: Mono) -> bool:
    a, e = next(iter(m))
    return e == 1 and isinstance(a, sp.log)


# rules by class ---------------------------------------------------------------------------------
def _number(expr: Expr) -> Poly:
    q = Rational(str(expr)) if expr.is_Float else expr
    return Poly.number(Fraction(int(q.p), int(q.q)))


def _indexed(expr: Indexed) -> Poly:
    indices = list(expr.indices)
    if is_symmetric(expr.base.label):
        indices[-2:] = sorted(indices[-2:], key=key)
    return Poly.atom(expr.base[tuple(indices)])


def _add(expr: Expr) -> Poly:
    return Poly.sum(normal(a) for a in expr.args)


def _mul(expr: Expr) -> Poly:
    result = Poly.number(1)
    for a in expr.args:
        result = result * normal(a)
    return result


def _pow(expr: Pow) -> Poly:
    base, e = expr.base, expr.exp
    if e.is_Rational:
        return power(normal(base), Fraction(int(e.p), int(e.q)))
    if not positive(base) and (base.is_number or e.is_integer):
        term = normal(e).single()
        if term and term[0] and is_integer(term[1]):  # x^(2 k) is (x^k)^2
            return Poly.atom(Pow(canonical(base), mono_expr(term[0])), term[1])
        return Poly.atom(Pow(canonical(base), canonical(e)))
    return exp_of(normal(e) * _log(sp.log(base, evaluate=False)))


def _exp(expr: Expr) -> Poly:
    return exp_of(normal(expr.args[0]))


def _log(expr: Expr) -> Poly:
    argument = expr.args[0]
    if isinstance(argument, sp.Mul):
        known = [f for f in argument.args if positive(f)]
        other = [f for f in argument.args if not positive(f)]
        if known and (other or len(known) > 1):
            parts = [_log(sp.log(f, evaluate=False)) for f in known]
            if other:
                parts.append(_log(sp.log(sp.Mul(*other), evaluate=False)))
            return Poly.sum(parts)
    if isinstance(argument, Pow) and (
        positive(argument.base) or argument.exp.is_odd or not argument.exp.is_integer
    ):
        return normal(argument.exp) * _log(sp.log(argument.base, evaluate=False))
    if isinstance(argument, sp.Product):
        return normal(Sum(sp.log(argument.function), *argument.limits))
    return log_of(normal(argument))


def magnitude(argument: Expr | Poly) -> Poly:
    """|argument|."""
    p = argument if isinstance(argument, Poly) else normal(argument)
    if not p:
        return p
    mono, rest = content(p, only_positive=False)
    lead = Fraction(rest.ordered()[0][1])
    result = Poly.number(abs(lead))
    for a, e in mono:
        result = result * (Poly.atom(a, e) if positive(a) else _abs_power(a, e))
    rest = rest.scale(1 / lead)
    if rest.constant() == 1:
        return result
    expr = rest.expr()
    return result * (rest if positive(expr) else Poly.atom(Abs(expr)))


def _sign(expr: Expr) -> Poly:
    argument = normal(expr.args[0])
    return magnitude(argument) * power(argument, -1)


def _sum(expr: Sum) -> Poly:
    function, result = canonical(expr.function), None  # inner bound names are set apart
    for i, low, high in expr.limits:
        size = high if high is sp.oo else canonical(high - low + 1)
        j = fresh(symbols_in(function) | symbols_in(expr), size)
        function = function.xreplace({i: j + low})
        result = sum_over(normal(function), j, size)
        function = result.expr()
    assert result is not None
    return result


def function(expr: Expr) -> Poly:
    """Any other function: an atom of normal arguments."""
    rebuilt = expr.func(*(canonical(a) if isinstance(a, Expr) else a for a in expr.args))
    return Poly.atom(rebuilt) if isinstance(rebuilt, expr.func) else normal(rebuilt)


def _delta(expr: Expr) -> Poly:
    value = KroneckerDelta(*expr.args)
    return Poly.atom(value) if isinstance(value, KroneckerDelta) else normal(value)


def _piecewise(expr: sp.Piecewise) -> Poly:
    """A sum of cases, each times the indicators that select it."""
    if {value for value, _ in expr.args} == {sp.S.One, sp.S.Zero}:
        return Poly.atom(expr)
    result, remaining = Poly(), Poly.number(1)
    for value, condition in expr.args:
        if condition is sp.true:
            return result + remaining * normal(value)
        indicator = Poly.atom(sp.Piecewise((1, condition), (0, True)))
        result = result + remaining * indicator * normal(value)
        remaining = remaining * (Poly.number(1) - indicator)
    return result


def _atom(expr: Expr) -> Poly:
    return Poly.atom(expr)


RULES: dict[type, Callable[..., Poly]] = {
    sp.Number: _number,
    sp.NumberSymbol: _atom,
    Symbol: _atom,
    Indexed: _indexed,
    sp.Add: _add,
    sp.Mul: _mul,
    Pow: _pow,
    sp.exp: _exp,
    sp.log: _log,
    Abs: lambda expr: magnitude(expr.args[0]),
    sp.sign: _sign,
    Sum: _sum,
    KroneckerDelta: _delta,
    sp.Piecewise: _piecewise,
    sp.Function: function,
    sp.Derivative: _atom,
    sp.Subs: _atom,
    nodes.ArrayNode: _atom,
}
