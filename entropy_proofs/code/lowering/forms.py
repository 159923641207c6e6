"""Forms that expressions take in code: their coefficients and signs, and functions' names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum

from entropy_proofs.algebra.nodes import MatrixNode
from entropy_proofs.algebra.poly import symbols_in


@lru_cache(maxsize=2**14)
def primitive_part(expr: Expr) -> tuple[Expr, Expr]:
    """A number and an expression that 2 a - 2 b, b - a and a - b have in common."""
    if isinstance(expr, Sum):
        coefficient, factors = coefficient_and_factors(expr.function)
        if coefficient == 1 or coefficient == 0:
            return sp.S.One, expr
        return coefficient, Sum(sp.Mul(*factors), *expr.limits)
    if isinstance(expr, sp.Pow) and expr.exp == 2:
        coefficient, rest = primitive_part(expr.base)
        return coefficient**2, rest**2
    if not isinstance(expr, sp.Add):
        return sp.S.One, expr
    coefficient, primitive = expr.primitive()
    if primitive.could_extract_minus_sign():
        return -coefficient, -primitive
    return coefficient, primitive


def coefficient_and_factors(expr: Expr) -> tuple[Expr, list[Expr]]:
    coefficient, factors = expr.as_coeff_mul()
    found = []
    for f in factors:
        number, rest = primitive_part(f)
        coefficient *= number
        found.append(rest)
    return coefficient, found


def numbers_together(coefficient: Expr, factors: list[Expr]) -> tuple[Expr, list[Expr]]:
    """The same, with numbers such as pi or sqrt(2) in the coefficient."""
    numbers = [f for f in factors if _is_number(f)]
    if not numbers:
        return coefficient, factors
    return sp.Mul(coefficient, *numbers), [f for f in factors if not _is_number(f)]


@lru_cache(maxsize=2**14)
def _is_number(expr: Expr) -> bool:
    """SymPy's answer, for which it looks through a sum for free symbols each time; but a sum over
    the inverse of a known matrix, which has none either, is an array's business."""
    only_indices = all(s.is_integer for s in symbols_in(expr))
    return only_indices and bool(expr.is_number) and not expr.has(MatrixNode)


def signed(expr: sp.Add) -> list[tuple[Expr, bool]]:
    """The terms without their signs, and whether each is negative."""
    found = []
    for term in expr.args:
        coefficient, factors = coefficient_and_factors(term)
        negative = bool(coefficient.is_negative)
        found.append((sp.Mul(abs(coefficient), *factors), negative))
    return found


def is_reciprocal(expr: Expr) -> bool:
    return isinstance(expr, sp.Pow) and bool(expr.exp.is_Rational and expr.exp < 0)


def exponent_of(expr: Expr) -> Expr | None:
    """The logarithm of a positive number or an exponential."""
    if isinstance(expr, sp.exp):
        return expr.args[0]
    return sp.log(expr) if expr.is_number and expr.is_positive else None


def scaled(matrix: sp.Lambda) -> tuple[Expr, sp.Lambda]:
    """A number and the matrix that it multiplies: multiples of a matrix are inverted once."""
    factors = sp.Mul.make_args(matrix.expr)
    numbers = [f for f in factors if f.is_number and f.is_positive]
    rest = sp.Mul(*(f for f in factors if f not in numbers))
    return sp.Mul(*numbers), sp.Lambda(matrix.variables, rest)


def squares_together(factors: list[Expr]) -> list[Expr]:
    """a^2 / b^2 as (a / b)^2, where a / b is an array of one element for each of a's."""
    squares = [f for f in factors if isinstance(f, sp.Pow) and abs(f.exp) == 2]
    if len(squares) < 2 or len({frozenset(_indices(f)) for f in squares}) > 1:
        return factors
    root = sp.Mul(*(sp.Pow(f.base, f.exp / 2) for f in squares))
    return [*(f for f in factors if f not in squares), sp.Pow(root, 2, evaluate=False)]


def _indices(expr: Expr) -> set[Expr]:
    return {i for a in expr.atoms(Indexed) for i in a.indices}


class Entr(sp.Function):
    """-p log p, which is 0 at p = 0 as the limit is; libraries call it so."""

    nargs = 1


def entropies_together(coefficient: Expr, factors: list[Expr]) -> tuple[Expr, list[Expr]]:
    """The same, with p and log p among the factors as one, so that 0 log 0 is no NaN."""
    for log in factors:
        if not isinstance(log, sp.log) or _is_number(log.args[0]):
            continue
        number, p = primitive_part(log.args[0])
        if p in factors and number.is_Rational:
            rest = list(factors)
            rest.remove(log)
            rest.remove(p)
            coefficient, rest = entropies_together(-coefficient / number, rest)
            return coefficient, [*rest, Entr(*log.args)]
    return coefficient, factors


class ScaledBesseli(sp.Function):
    """exp(-x) I_order(x) of positive x, which does not overflow; SciPy calls it `ive`."""

    nargs = 2


def bessels_together(coefficient: Expr, factors: list[Expr]) -> tuple[Expr, list[Expr]]:
    """The same, with quotients of I_a(x) and I_b(x) as those of scaled functions.

    Each factor exp(x) is left out of as many above as below, so that none overflows.
    """
    powers: dict[Expr, Expr] = {}
    for f in factors:
        base, exponent = f.as_base_exp()
        if isinstance(base, sp.besseli):
            x = base.args[1]
            powers[x] = powers.get(x, sp.S.Zero) + exponent
    level = {x for x, power in powers.items() if power == 0 and x.is_positive}
    if not level:
        return coefficient, factors
    return coefficient, [_scaled_bessel(f, level) for f in factors]


def _scaled_bessel(factor: Expr, arguments: set[Expr]) -> Expr:
    base, exponent = factor.as_base_exp()
    if not isinstance(base, sp.besseli) or base.args[1] not in arguments:
        return factor
    return ScaledBesseli(*base.args) ** exponent


class Log1pErf(sp.Function):
    """log(1 + erf(x)), of which the tail keeps its digits."""

    nargs = 1


def argument_of_tail(expr: Expr) -> Expr | None:
    """x of 1 + erf(x)."""
    if isinstance(expr, sp.Add) and len(expr.args) == 2 and sp.S.One in expr.args:
        sign, rest = (expr - 1).as_coeff_Mul()
        if isinstance(rest, sp.erf) and abs(sign) == 1:
            return sign * rest.args[0]
    return None


def exponent_above_one(expr: Expr) -> Expr | None:
    """x of exp(x) - 1."""
    if isinstance(expr, sp.Add) and len(expr.args) == 2 and sp.S.NegativeOne in expr.args:
        rest = expr + 1
        return rest.args[0] if isinstance(rest, sp.exp) else None
    return None


def exponentials_together(coefficient: Expr, factors: list[Expr]) -> tuple[Expr, list[Expr]]:
    """The same, with quotients of an exponential and what vanishes or grows with it as one.

    exp(-x^2) / (1 + erf(x)) in one exponent, and exp(x) / (exp(x) - 1) of positive x as
    1 / (1 - exp(-x)).
    """
    for below in factors:
        base, power = below.as_base_exp()
        if not (power.is_Rational and power < 0):
            continue
        tail = argument_of_tail(base)
        x, sign = exponent_above_one(base), sp.S.One
        if x is None:
            x, sign = exponent_above_one(-base), sp.S.NegativeOne
        for above in factors:
            if not isinstance(above, sp.exp):
                continue
            left = [f for f in factors if f not in (below, above)]
            if tail is not None and symbols_in(above) <= symbols_in(tail):
                return coefficient, [*left, sp.exp(above.args[0] + power * Log1pErf(tail))]
            if x is not None and x.is_positive and power == -1 and above.args[0] == x:
                return sign * coefficient, [*left, 1 / (1 - sp.exp(-x))]
    return coefficient, factors


def logarithms_of(argument: Expr) -> tuple[Expr, ...]:
    """Terms of the logarithm of a positive expression none of which overflows; none if it is one
    as it stands.

    The factors I_order(x) of positive x, 1 + erf(x), and exp(x) - 1.
    """
    tail, x = argument_of_tail(argument), exponent_above_one(argument)
    if tail is not None:
        return (Log1pErf(tail),)
    if x is not None:
        return x, sp.log(1 - sp.exp(-x))
    factors = sp.Mul.make_args(argument)
    found = [f for f in factors if isinstance(f, sp.besseli) and f.args[1].is_positive]
    rest = sp.Mul(*(f for f in factors if f not in found))
    return tuple(sp.log(f) for f in (rest, *found) if f != 1) if len(factors) > 1 and found else ()


def written_out(function: Expr) -> Expr:
    """A product whose factors are written out: terms of sums may be contracted one by one."""
    factors = sp.Mul.make_args(function)
    return sp.Mul(*(f if (written := rewrite(f)) is None else written for f in factors))


def rewrite(expr: Expr) -> Expr | None:
    """An expression in terms that code has, if it needs to be written otherwise.

    A class of expressions can say how in a function `written` of its arguments.
    """
    rule = REWRITES.get(type(expr)) or getattr(type(expr), "written", None)
    return None if rule is None else rule(*expr.args)


def _log_binomial(n: Expr, k: Expr) -> Expr:
    return sp.loggamma(n + 1) - sp.loggamma(k + 1) - sp.loggamma(n - k + 1)


def _log_beta(a: Expr, b: Expr) -> Expr:
    return sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b)


def _step(x: Expr, at_zero: Expr) -> Expr:
    sign = sp.sign(x)
    return (1 + sign) / 2 + (at_zero - sp.S.Half) * (1 - sp.Abs(sign))


_ALIKE = (  # that SymPy calls as libraries do
    *("exp", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "gamma", "loggamma"),
    *("polygamma", "besseli", "besselk"),
)
FUNCTIONS: dict[type, str] = {
    **{getattr(sp, name): name for name in _ALIKE},
    sp.Abs: "abs",
    sp.atan: "arctan",
    sp.atan2: "arctan2",
    KroneckerDelta: "equal",
    Entr: "entr",
    ScaledBesseli: "scaled_besseli",
    Log1pErf: "log1p_erf",
}
LOGARITHMS: dict[type, Callable[..., Expr]] = {
    sp.factorial: lambda n: sp.log(sp.gamma(n + 1)),
    sp.binomial: _log_binomial,
    sp.beta: _log_beta,
}
REWRITES: dict[type, Callable[..., Expr]] = {
    sp.factorial: lambda n: sp.gamma(n + 1),
    sp.binomial: lambda n, k: sp.exp(_log_binomial(n, k)),
    sp.beta: lambda a, b: sp.exp(_log_beta(a, b)),
    sp.Heaviside: _step,
    sp.sech: lambda x: 1 / sp.cosh(x),
    sp.csch: lambda x: 1 / sp.sinh(x),
    sp.coth: lambda x: 1 / sp.tanh(x),
    sp.sec: lambda x: 1 / sp.cos(x),
    sp.csc: lambda x: 1 / sp.sin(x),
    sp.cot: lambda x: 1 / sp.tan(x),
    sp.asin: lambda x: sp.atan2(x, sp.sqrt(1 - x**2)),
    sp.acos: lambda x: sp.atan2(sp.sqrt(1 - x**2), x),
    sp.asinh: lambda x: sp.sign(x) * sp.log(sp.Abs(x) + sp.sqrt(x**2 + 1)),
    sp.acosh: lambda x: sp.log(x + sp.sqrt(x**2 - 1)),
    sp.atanh: lambda x: (sp.log(1 + x) - sp.log(1 - x)) / 2,
    sp.erfc: lambda x: 1 - sp.erf(x),
}
