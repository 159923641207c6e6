"""Last steps to see that a difference is zero: signs beside what they are the signs of, sums over
neighbouring ranges, powers of an index.

Each is an identity wherever both sides are defined.
"""

from __future__ import annotations

from fractions import Fraction

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import (
    Term,
    at,
    free,
    level_above,
    opened,
    parts,
    plus,
    rational,
    substituted,
)
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Mono, Number, Poly, mono_term, whole

_FAR = 4  # how far sums are moved
SIGN = "·sign"
_MINUS = rational(-1)


def settled(algebra: Algebra, p: Poly) -> Poly:
    """The difference with all of these done."""
    return _aligned(algebra, Poly.sum(_signs(algebra, m, c) for m, c in p))


# signs --------------------------------------------------------------------------------------------
def _signs(algebra: Algebra, mono: Mono, c: Number) -> Poly:
    """u sign(u) = |u|, u [0 <= u] = u [0 < u] and |u| = 2 u [0 < u] - u, for unknown signs."""
    result = Poly({mono: c})
    for a, e in mono:
        if a.op == "power" and a.args[0] is _MINUS and whole(e) and e not in {0, 1}:
            odd = frozenset([(a, 1)] if e % 2 else [])  # (-1)^n for whole n
            return _signs(algebra, (mono - {(a, e)}) | odd, c)
        if a.op == "map" and a.args[0] == SIGN and whole(e) and e > 0:
            u = a.args[2]
            if dict(mono).get(u, 0) > 0:
                rest = Poly({mono - {(a, e)}: c})
                if e % 2 == 0:
                    return Poly.sum(_signs(algebra, m, d) for m, d in rest)
                signless = Poly({mono - {(a, e), (u, dict(mono)[u])}: c})
                power = algebra.monomial({u: dict(mono)[u] - 1}, 1)
                size = algebra.multiply(power, algebra.magnitude(Poly.atom(u)))
                found = algebra.multiply(signless, size)
                return Poly.sum(_signs(algebra, m, d) for m, d in found)
        if a.op == "case" and a.args[0].args[0] == "at-most":
            u = a.args[0].args[2]
            if dict(mono).get(u, 0) > 0:
                rest = Poly({mono - {(a, e)}: c})
                result = algebra.multiply(rest, Poly.atom(_positive(u)))
                return Poly.sum(_signs(algebra, m, d) for m, d in result)
        if a.op == "apply" and a.args[0] == "abs" and e == -1:  # 1/|u| = |u| u^-2
            rest = Poly({mono - {(a, e)}: c})
            below = algebra.power(algebra.normal(a.args[1]), -2)
            found = algebra.multiply(algebra.multiply(rest, Poly.atom(a)), below)
            return Poly.sum(_signs(algebra, m, d) for m, d in found)
        if a.op == "apply" and a.args[0] == "abs" and e == 1:
            u = a.args[1]
            rest = Poly({mono - {(a, e)}: c})
            value = algebra.normal(u)
            twice = algebra.multiply(Poly.atom(_positive(u)), value).scale(2) - value
            result = algebra.multiply(rest, twice)
            return Poly.sum(_signs(algebra, m, d) for m, d in result)
    return result


def _positive(u: Term) -> Term:
    test = Term("test", "less", Term("rational", Fraction(0)), u)
    return Term("case", test, Term("rational", Fraction(1)), Term("rational", Fraction(0)))


# sums ---------------------------------------------------------------------------------------------
def _aligned(algebra: Algebra, p: Poly) -> Poly:
    """Sums of one index with their places moved to start at zero, over the shortest range."""
    sizes = sorted(
        {a.args[0][0] for a in p.atoms() if a.op == "sum" and len(a.args[0]) == 1}, key=str
    )
    shortest: dict[Size, Size] = {}
    for n in sizes:
        gaps = [(n - m).value for m in sizes]
        far = max((g for g in gaps if g is not None and 0 <= g <= _FAR), default=0)
        shortest[n] = n - Size.number(far)
    return Poly.sum(_moved(algebra, m, c, shortest) for m, c in p)


def _moved(algebra: Algebra, mono: Mono, c: Number, shortest: dict[Size, Size]) -> Poly:
    sums = [a for a, e in mono if a.op == "sum" and e == 1 and len(a.args[0]) == 1]
    if not sums:
        return Poly({mono: c})
    (a, *_) = sums
    (n,) = a.args[0]
    i = free(level_above(*(b for b, _ in mono)), n)
    rest = Poly({mono - {(a, 1)}: c})
    total = _closed_form(algebra, opened(a.args[1], (i,)), i, n)
    if total is None:
        total = _from_zero(algebra, algebra.normal(opened(a.args[1], (i,))), i, n, shortest)
    return algebra.multiply(rest, total)


def _closed_form(algebra: Algebra, t: Term, i: Term, n: Size) -> Poly | None:
    """sum of i^e over i < n, for small e."""
    index = Term("index", i)
    single = algebra.normal(t).single()
    if single is None or len(single[0]) != 1:
        return None
    ((a, e),) = single[0]
    if a is not index or e not in {1, 2, 3}:
        return None
    m, one = algebra.normal(Term("size", n)), Poly.number(1)
    first = algebra.multiply(m, m - one)
    if e == 1:
        found = first.scale(Fraction(1, 2))
    elif e == 2:
        found = algebra.multiply(first, m.scale(2) - one).scale(Fraction(1, 6))
    else:
        found = algebra.multiply(first, first).scale(Fraction(1, 4))
    return found.scale(single[1])


def _from_zero(
    algebra: Algebra, summand: Poly, i: Term, n: Size, shortest: dict[Size, Size]
) -> Poly:
    """sum_{k<m} g(k+1) = sum_{k<m} g(k) + g(m) - g(0), and the last terms one by one."""
    parts_ = []
    for m, c in summand:
        body, extra = mono_term(m), Poly()
        for _ in range(_FAR):
            lower = _lowered(body, i)
            if lower is None:
                break
            ends = [algebra.normal(substituted(lower, {i: at(k)})) for k in (n, Size.number(0))]
            extra = extra + (ends[0] - ends[1])
            body = lower
        short = shortest.get(n, n)
        last = (n - short).value or 0
        for k in range(last):
            place = at(short + Size.number(k))
            extra = extra + algebra.normal(substituted(body, {i: place}))
        j = free(i.args[0], short)
        inside = algebra.normal(substituted(body, {i: j}))
        parts_.append((algebra.sum_over(inside, j) + extra).scale(c))
    return Poly.sum(parts_)


def _lowered(t: Term, i: Term) -> Term | None:
    """The term with i - 1 for i, if i stands in places alone and always as i + 1 or more."""
    places: set[Term] = set()

    def gather(u: Term) -> bool:
        if i not in u.free:
            return True
        if u.op in {"element", "plus"}:
            own = [v for v in u.args if isinstance(v, Term)] if u.op == "element" else [u]
            places.update(v for v in own if i in v.free)
            return True
        if u.op in {"index", "delta", "free", "inverse", "map", "sum", "logdet", "case"}:
            return False
        return all(gather(v) for v in u.args if isinstance(v, Term))

    if not gather(t) or not places:
        return None
    offsets = [parts(v) for v in places]
    if any(a is not i or d.value is None or d.value < 1 for a, d in offsets):
        return None
    return _shifted(t, i)


def _shifted(t: Term, i: Term) -> Term:
    if i not in t.free:
        return t
    if t.op == "plus":
        return plus(t.args[0], t.args[1] - Size.number(1))
    return Term(t.op, *(_shifted(a, i) if isinstance(a, Term) else a for a in t.args))
