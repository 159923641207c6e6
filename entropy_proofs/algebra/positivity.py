"""What is known to be positive; nothing is guessed."""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Expr, Indexed, KroneckerDelta, Pow, Sum, Symbol

from entropy_proofs.algebra.nodes import (
    Expectation,
    InverseElement,
    label_of,
    sizes_of_tied,
    values_of,
)

_known: dict[Expr, bool] = {}


def positive(a: Expr) -> bool:
    """Whether the expression is known to be positive (never guesses)."""
    found = _known.get(a)
    if found is None:
        found = _known[a] = _is_positive(a)
    return found


def _is_positive(a: Expr) -> bool:
    if isinstance(a, (sp.exp, Abs, sp.factorial, sp.binomial)):
        return True
    if isinstance(a, sp.gamma):
        return positive(a.args[0])
    if isinstance(a, sp.zeta):
        return positive(a.args[0] - 1)
    if isinstance(a, Expectation):
        return all(positive(f) or _is_square(f) for f in sp.Mul.make_args(a.args[0]))
    if isinstance(a, sp.besselk):
        return positive(a.args[1])
    if isinstance(a, sp.besseli):
        order = a.args[0]
        return positive(a.args[1]) and bool(order.is_nonnegative or order.is_integer)
    if isinstance(a, Pow):
        return positive(a.base) or not (a.exp.is_number or a.exp.is_integer)
    if isinstance(a, sp.Mul):
        return all(positive(f) for f in a.args)
    if isinstance(a, Sum):
        return positive(a.function)
    if isinstance(a, sp.Add):
        others = [t for t in a.args if not positive(t)]
        above = len(others) < len(a.args) and all(sign(t) == 1 for t in others)
        return above or _is_a_gap(a) or bool(a.is_positive) or _is_positive_at_sizes(a)
    return bool(a.is_positive) or _is_diagonal(a)


def _is_diagonal(a: Expr) -> bool:
    """An element of a positive definite matrix on its diagonal."""
    if not isinstance(a, Indexed) or not a.base.label.assumptions0.get("positive_definite"):
        return False
    return bool(a.indices[-1] == a.indices[-2])


def _is_square(a: Expr) -> bool:
    """An even power of what is continuous: positive on average."""
    return bool(isinstance(a, Pow) and a.exp.is_even and a.base.is_integer is not True)


def _is_a_gap(a: Expr) -> bool:
    """1 - p q or 1 - p**2 / 2 - q**2 / 2 with p, q between 0 and 1; exp(x) - 1 or 1 - exp(-x) with
    0 < x."""
    for power, growth in ((a + 1, 1), (1 - a, -1)):
        if isinstance(power, sp.exp):
            return positive(growth * power.args[0])
    whole, rest = a.as_coeff_Add()
    taken = sp.S.Zero
    for term in sp.Add.make_args(rest):
        number, share = term.as_coeff_Mul()
        powers = [f.as_base_exp() for f in sp.Mul.make_args(share)]
        if not number.is_Rational or number > 0:
            return False
        if not all(in_unit_interval(base) and e.is_positive for base, e in powers):
            return False
        taken -= number
    return bool(whole.is_Rational and taken <= whole)


def _is_positive_at_sizes(a: Expr) -> bool:
    """D + n - 1: a polynomial in whole numbers from one on, of how far they are above one."""
    sizes = sorted(a.free_symbols, key=str)
    if not sizes or not all(s.is_integer and s.is_positive for s in sizes):
        return False
    if not a.is_polynomial(*sizes):
        return False
    above = sp.Poly(a.xreplace({s: s + 1 for s in sizes}), *sizes)
    return bool(above.eval(dict.fromkeys(sizes, 0)) > 0) and all(c >= 0 for c in above.coeffs())


def in_unit_interval(a: Expr) -> bool:
    """Whether a scalar's or an element's label is declared so."""
    return bool(label_of(a).assumptions0.get("unit_interval"))


# what may be zero ---------------------------------------------------------------------------------
def nonnegative(a: Expr) -> bool:
    """Whether the expression is known never to be negative."""
    return sign(a) == 1


def sign(a: Expr) -> int | None:
    """+1 where it is never negative, -1 where it is never positive, None where neither is known."""
    number, rest = a.as_coeff_Mul()
    result = 1 if number >= 0 else -1
    for f in sp.Mul.make_args(rest):
        known = _sign_of_factor(f)
        if known is None:
            return None
        result *= known
    return result


def _sign_of_factor(f: Expr) -> int | None:
    if positive(f) or isinstance(f, (KroneckerDelta, Abs)) or f.is_nonnegative:
        return 1
    if isinstance(f, Pow):
        return 1 if f.exp.is_even else sign(f.base) if f.exp.is_odd else sign(f.base) and 1
    if isinstance(f, (Sum, Expectation)):
        return 1 if _is_quadratic_form(f) else sign(f.args[0])
    if isinstance(f, sp.log):
        return -1 if in_unit_interval(f.args[0]) else None
    if isinstance(f, sp.Add):
        signs = {sign(a) for a in f.args}
        if len(signs) == 1:
            return signs.pop()
        elements = f.atoms(Indexed)  # each a number of its own: x_i - x_j is not x - x
        known = f.xreplace({a: sp.Dummy(**a.base.label.assumptions0) for a in elements})
        if known.is_nonpositive or _is_bit(1 + f) or _is_a_gap(-f):
            return -1
        return 1 if known.is_nonnegative or _is_bit(1 - f) else None
    return 1 if isinstance(f, Indexed) and f.base.label.is_nonnegative else None


def rarely_zero(a: Expr) -> bool:
    """Whether what is never negative vanishes at values of continuous symbols alone, if at all.

    Not at an index, a size or a value of a discrete variable, as |k - 1|, K - 1 and a sum over
    1..K-1 do.
    """
    if isinstance(a, sp.Mul):
        return all(map(rarely_zero, a.args))
    if isinstance(a, (Pow, Abs, Expectation)):
        return rarely_zero(a.args[0])
    if isinstance(a, Sum):
        filled = all((high - low).is_nonnegative for _, low, high in a.limits)
        return filled and rarely_zero(a.function)
    if isinstance(a, sp.Add) and all(map(nonnegative, a.args)):
        return any(map(rarely_zero, a.args))
    return bool(a.is_positive) or isinstance(a, sp.exp) or _is_continuous(a)


def _is_continuous(a: Expr) -> bool:
    """Whether it holds each of its labels once, and only such that are free and continuous; sizes
    and indices only in sums with some."""
    labels = [e.base.label for e in a.atoms(Indexed)]
    summed = {t: sp.Dummy(real=True) for t in a.atoms(Sum) if _some_continuous(t)}
    bare = _without_places(a.xreplace(summed))
    discrete = a.has(KroneckerDelta) or any(s.is_integer for s in bare.free_symbols)
    totals = (sizes_of_tied("simplex", s) for s in {*labels, *bare.free_symbols})
    alone = any(n is not None and not (n[-1] - 1).is_positive for n in totals)  # p[0] = 1, then
    return len({*labels}) == len(labels) and not discrete and not alone


def _some_continuous(total: Sum) -> bool:
    return any(not s.is_integer for s in _without_places(total).free_symbols)


def _without_places(a: Expr) -> Expr:
    """With labels for their elements."""
    return a.xreplace({e: e.base.label for e in a.atoms(Indexed)})


def _is_quadratic_form(total: Expr) -> bool:
    """E[sum_ij a_i inv(S)_ij a_j] with a positive definite S."""
    inner = total.args[0]
    while isinstance(inner, (Sum, Expectation)):
        inner = inner.args[0]
    factors = [
        g
        for f in sp.Mul.make_args(inner)
        for g in sp.Mul.make_args(f.args[0] if isinstance(f, Expectation) else f)
    ]
    inverses = [f for f in factors if isinstance(f, InverseElement)]
    if len(inverses) != 1 or not is_positive_definite(inverses[0]):
        return False
    i, j = inverses[0].row, inverses[0].column
    limits = {k for s in (total, *total.atoms(Sum)) if isinstance(s, Sum) for k, *_ in s.limits}
    left, right = (sp.Mul(*(f for f in factors if f.has(k) and f != inverses[0])) for k in (i, j))
    alone = len(sp.Mul.make_args(left)) + len(sp.Mul.make_args(right)) + 1 == len(factors)
    return i != j and {i, j} <= limits and alone and left.xreplace({i: j}) == right


def is_positive_definite(inverse: InverseElement) -> bool:
    """Of the matrix: a positive multiple of one that is declared so."""
    i, j = inverse.matrix.variables
    factors = sp.Mul.make_args(inverse.matrix.expr)
    own = [f for f in factors if is_whole_definite(f, i, j)]
    rest = sp.Mul(*(f for f in factors if f not in own))
    return len(own) == 1 and positive(rest) and not rest.has(i, j)


def is_whole_definite(f: Expr, i: Symbol, j: Symbol) -> bool:
    """Whether this is element (i, j), or (j, i), of one matrix that is declared positive definite:
    not of rows of several."""
    if not isinstance(f, Indexed) or not f.base.label.assumptions0.get("positive_definite"):
        return False
    return {*f.indices[-2:]} == {i, j} and not sp.Tuple(*f.indices[:-2]).has(i, j)


def _is_bit(e: Expr) -> bool:
    """Whether it is 0 or 1, so that 1 - e is never negative and e - 1 never positive."""
    return isinstance(e, KroneckerDelta) or values_of(e) == 2
