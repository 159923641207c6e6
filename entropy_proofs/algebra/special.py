"""Normal forms of special functions, by their recurrences."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import ONE, Polynomial
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.algebra.scalar_rules import exp_of, function, log_of, power

_FAR = 12  # the most terms of a recurrence


def _loggamma(expr: Expr) -> Polynomial:
    """log Gamma(x + n) = log Gamma(x) + log x + ... + log(x + n - 1)."""
    base, n = _split_whole(expr.args[0])
    start = Polynomial.atom(sp.loggamma(base.expr(), evaluate=False))
    if base.constant() == 1:
        start = Polynomial()
    elif base.constant() == Fraction(1, 2):
        start = log_of(normal(sp.pi)).scale(Fraction(1, 2))
    steps = [log_of(base + Polynomial.number(k)) for k in range(n)]
    steps += [-log_of(base + Polynomial.number(k)) for k in range(n, 0)]
    return Polynomial.sum([start, *steps])


def _polygamma(expr: Expr) -> Polynomial:
    """psi_m(x + n) = psi_m(x) + (-1)^m m! (x^(-m-1) + ...)."""
    order = expr.args[0]
    if not (order.is_Integer and order >= 0):
        return function(expr)
    base, n = _split_whole(expr.args[1])
    m = int(order)
    start = Polynomial.atom(sp.polygamma(order, base.expr(), evaluate=False))
    if m == 0 and base.constant() == 1:
        start = normal(-sp.EulerGamma)
    elif m == 0 and base.constant() == Fraction(1, 2):
        start = normal(-sp.EulerGamma - 2 * sp.log(2))
    factor = (-1) ** m * int(sp.factorial(m))
    steps = [power(base + Polynomial.number(k), -m - 1).scale(factor) for k in range(n)]
    steps += [power(base + Polynomial.number(k), -m - 1).scale(-factor) for k in range(n, 0)]
    return Polynomial.sum([start, *steps])


def _split_whole(argument: Expr) -> tuple[Polynomial, int]:
    """x + n with n whole, and the number in x from 0 up to 1 (1 if x is a whole number).

    Only where x is known to be positive: the recurrences have poles at 0, -1, ...
    """
    p = normal(argument)
    if ONE in p.terms and len(p) > 1 and not positive((p - Polynomial.number(p.terms[ONE])).expr()):
        return p, 0
    q = Fraction(p.terms.get(ONE, 0))
    n = q.numerator // q.denominator
    if p == Polynomial.number(q):
        n = n if q != n else n - 1
        if q <= 0:
            n = 0
    elif abs(n) > _FAR:
        n = 0  # a recurrence of many terms tells nothing apart
    elif p.expr().is_integer:
        n -= 1
    return p - Polynomial.number(n), n


def _factorial(expr: Expr) -> Polynomial:
    (n,) = expr.args
    return normal(sp.gamma(n + 1)) if positive(n + 1) else function(expr)


def _rewritten(by: Callable[..., Expr]) -> Callable[[Expr], Polynomial]:
    return lambda expr: normal(by(*expr.args))


def _larger(expr: Expr, sign: int) -> Polynomial:
    """max(a, b) = (a + b + |a - b|) / 2, one argument after the other."""
    first, *others = expr.args
    for other in others:
        first = (first + other + sign * sp.Abs(first - other)) / 2
    return normal(first)


RULES: dict[type, Callable[..., Polynomial]] = {
    sp.loggamma: _loggamma,
    sp.polygamma: _polygamma,
    sp.digamma: _rewritten(lambda x: sp.polygamma(0, x)),
    sp.gamma: lambda expr: exp_of(_loggamma(expr)) if positive(expr.args[0]) else function(expr),
    sp.factorial: _factorial,
    sp.binomial: _rewritten(lambda n, k: sp.factorial(n) / sp.factorial(k) / sp.factorial(n - k)),
    sp.beta: _rewritten(lambda a, b: sp.gamma(a) * sp.gamma(b) / sp.gamma(a + b)),
    sp.cosh: _rewritten(lambda x: (sp.exp(x) + sp.exp(-x)) / 2),
    sp.sinh: _rewritten(lambda x: (sp.exp(x) - sp.exp(-x)) / 2),
    sp.tanh: _rewritten(lambda x: 1 - 2 / (sp.exp(2 * x) + 1)),  # x once: towers stay small
    sp.Max: lambda expr: _larger(expr, 1),
    sp.Min: lambda expr: _larger(expr, -1),
    sp.erfc: _rewritten(lambda x: 1 - sp.erf(x)),
    sp.sech: _rewritten(lambda x: 2 / (sp.exp(x) + sp.exp(-x))),
}
