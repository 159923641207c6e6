"""The table of functions: where each is defined, its derivatives, its relations, its values.

Everything that the kernel knows of a function stands in its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import acb, arb

from entropy_proofs.kernel.language.terms import Term, rational
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import Poly
from entropy_proofs.kernel.refusal import spend

Rewriting = Callable[..., Term]


@dataclass(frozen=True)
class Function:
    """One function.

    needs: for each argument "any", "positive", "nonzero", "whole" (a whole number >= 0).
    slopes: its partial derivatives as terms of its arguments; None where no formula is known.
    jumps: whether it jumps where its argument is zero ("zero") or somewhere else ("anywhere");
        such arguments may not move.
    rewritten: what it is an abbreviation of.
    reduced: a normal form found from its arguments' (recurrences, parities), or None.
    sign: from its arguments' signs (see signs.py).
    bounds: (low, high) of its values; attained: whether finite arguments have these.
    value: in ball arithmetic.
    """

    needs: tuple[str, ...] = ("any",)
    slopes: tuple[Rewriting | None, ...] = ()
    jumps: str = ""
    rewritten: Rewriting | None = None
    reduced: Callable[..., Poly | None] | None = None
    sign: Callable[..., str] = lambda *signs: "?"
    bounds: tuple[int, int] | None = None
    attained: bool = True
    value: Callable[..., Any] | None = None


def add(*terms: Term) -> Term:
    return Term("add", *terms)


def times(*terms: Term) -> Term:
    return Term("multiply", *terms)


def power(base: Term, e: Term | int) -> Term:
    return Term("power", base, rational(e) if isinstance(e, int) else e)


def apply(name: str, *args: Term) -> Term:
    return Term("apply", name, *args)


ONE, MINUS, TWO = rational(1), rational(-1), rational(2)
PI, EULER = Term("constant", "pi"), Term("constant", "euler")


def _minus(a: Term, b: Term) -> Term:
    return add(a, times(MINUS, b))


def _exponentials(x: Term) -> tuple[Term, Term]:
    return apply("exp", x), apply("exp", times(MINUS, x))


def _half(x: Term) -> Term:
    return times(rational(Fraction(1, 2)), x)


# recurrences --------------------------------------------------------------------------------------
def _loggamma(algebra: Reducer, p: Poly) -> Poly | None:
    """log Gamma(x + n) = log Gamma(x) + log x + ... + log(x + n - 1)."""
    base, n = algebra.signs.split_whole(p)
    start = algebra.atom_of("loggamma", base)
    if base.constant() == 1:
        start = Poly.number(0)
    elif base.constant() == Fraction(1, 2):
        start = algebra.log(algebra.normal(PI)).scale(Fraction(1, 2))
    return Poly.sum(
        [start, *(s for k, s in _steps(n, lambda k: algebra.log(base + Poly.number(k))))]
    )


def _polygamma(algebra: Reducer, order: Poly, p: Poly) -> Poly | None:
    """psi_m(x + n) = psi_m(x) + (-1)^m m! (x^(-m-1) + ... + (x + n - 1)^(-m-1))."""
    m = order.constant()
    if m is None or not 0 <= m <= 50 or m.denominator != 1:
        return None
    base, n = algebra.signs.split_whole(p)
    start = algebra.atom_of("polygamma", order, base)
    if m == 0 and base.constant() == 1:
        start = -algebra.normal(EULER)
    elif m == 0 and base.constant() == Fraction(1, 2):
        start = -algebra.normal(EULER) - algebra.log(Poly.number(2)).scale(2)
    factor = (-1) ** int(m)
    for k in range(1, int(m) + 1):
        factor *= k
    steps = _steps(n, lambda k: algebra.power(base + Poly.number(k), -int(m) - 1).scale(factor))
    return Poly.sum([start, *(s for k, s in steps)])


def _steps(n: int, step: Callable[[int], Poly]) -> list[tuple[int, Poly]]:
    spend(10 * abs(n))
    up = [(k, step(k)) for k in range(n)]
    return up + [(k, -step(k)) for k in range(n, 0)]


def _parity(name: str, even: bool = False) -> Callable[[Reducer, Poly], Poly | None]:
    """f(-x) = f(x) or -f(x)."""

    def reduced(algebra: Reducer, p: Poly) -> Poly | None:
        if not p:
            return Poly.number(1 if even else 0)  # cos 0 = 1; odd functions vanish
        if p.ordered()[0][1] > 0:
            return None
        mirrored = algebra.normal(apply(name, (-p).term()))
        return mirrored if even else -mirrored

    return reduced


# signs --------------------------------------------------------------------------------------------
def _same(*signs: str) -> str:
    return signs[-1]


def _positive(*signs: str) -> str:
    return "+"


FUNCTIONS: Mapping[str, Function] = {
    "exp": Function(slopes=(lambda x: apply("exp", x),), sign=_positive, value=arb.exp),
    "log": Function(needs=("positive",), slopes=(lambda x: power(x, -1),), value=arb.log),
    "abs": Function(sign=lambda s: "+" if s in {"+", "-", "≠"} else "0+", value=abs),
    "sin": Function(
        slopes=(lambda x: apply("cos", x),), reduced=_parity("sin"), bounds=(-1, 1), value=arb.sin
    ),
    "cos": Function(
        slopes=(lambda x: times(MINUS, apply("sin", x)),),
        reduced=_parity("cos", even=True),
        bounds=(-1, 1),
        value=arb.cos,
    ),
    "atan": Function(
        slopes=(lambda x: power(add(ONE, power(x, 2)), -1),),
        reduced=_parity("atan"),
        sign=_same,
        bounds=(-2, 2),
        attained=False,
        value=arb.atan,
    ),
    "erf": Function(
        slopes=(
            lambda x: times(
                TWO, power(PI, rational(Fraction(-1, 2))), apply("exp", times(MINUS, power(x, 2)))
            ),
        ),
        reduced=_parity("erf"),
        sign=_same,
        bounds=(-1, 1),
        attained=False,
        value=arb.erf,
    ),
    "loggamma": Function(
        needs=("positive",),
        slopes=(lambda x: apply("polygamma", rational(0), x),),
        reduced=_loggamma,
        value=arb.lgamma,
    ),
    "polygamma": Function(
        needs=("whole", "positive"),
        slopes=(None, lambda m, x: apply("polygamma", add(m, ONE), x)),
        reduced=_polygamma,
        value=lambda m, x: acb(x).polygamma(m).real,
    ),
    "besseli": Function(
        needs=("any", "positive"),
        slopes=(
            None,
            lambda v, x: add(
                apply("besseli", add(v, ONE), x), times(v, power(x, -1), apply("besseli", v, x))
            ),
        ),
        sign=lambda v, x: "+" if v in {"+", "0+", "0"} else "?",
        value=lambda v, x: x.bessel_i(v),
    ),
    "besselk": Function(
        needs=("any", "positive"),
        slopes=(
            None,
            lambda v, x: _minus(
                times(v, power(x, -1), apply("besselk", v, x)), apply("besselk", add(v, ONE), x)
            ),
        ),
        sign=_positive,
        value=lambda v, x: x.bessel_k(v),
    ),
    "zeta": Function(needs=("above one",), slopes=(None,), sign=_positive, value=arb.zeta),
    "hyp1f1": Function(
        needs=("any", "positive", "any"),
        slopes=(
            None,
            None,
            lambda a, b, x: times(a, power(b, -1), apply("hyp1f1", add(a, ONE), add(b, ONE), x)),
        ),
        sign=lambda a, b, x: "+" if a == b == "+" and x in {"+", "0+", "0"} else "?",
        value=lambda a, b, x: x.hypgeom_1f1(a, b),
    ),
    "sign": Function(jumps="zero", sign=_same, bounds=(-1, 1)),
    "floor": Function(jumps="anywhere"),
    "ceiling": Function(jumps="anywhere"),
    # abbreviations
    "gamma": Function(needs=("positive",), rewritten=lambda x: apply("exp", apply("loggamma", x))),
    "factorial": Function(
        needs=("whole",), rewritten=lambda n: apply("exp", apply("loggamma", add(n, ONE)))
    ),
    "tan": Function(
        needs=("cosine nonzero",),
        rewritten=lambda x: times(apply("sin", x), power(apply("cos", x), -1)),
    ),
    "cosh": Function(rewritten=lambda x: _half(add(*_exponentials(x)))),
    "sinh": Function(rewritten=lambda x: _half(_minus(*_exponentials(x)))),
    "tanh": Function(
        rewritten=lambda x: _minus(
            ONE, times(TWO, power(add(apply("exp", times(TWO, x)), ONE), -1))
        )
    ),
    "sech": Function(rewritten=lambda x: times(TWO, power(add(*_exponentials(x)), -1))),
    "erfc": Function(rewritten=lambda x: _minus(ONE, apply("erf", x))),
    "max": Function(
        needs=("any", "any"),
        rewritten=lambda a, b: _half(add(a, b, apply("abs", _minus(a, b)))),
    ),
    "min": Function(
        needs=("any", "any"),
        rewritten=lambda a, b: _half(add(a, b, times(MINUS, apply("abs", _minus(a, b))))),
    ),
}
CONSTANTS: Mapping[str, Callable[[], Any]] = {
    "pi": arb.pi,
    "e": arb.const_e,
    "euler": arb.const_euler,
}
