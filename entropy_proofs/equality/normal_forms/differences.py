"""Last steps to see that a difference is zero: signs beside what they are the signs of, sums over
neighbouring ranges, powers of an index.

Each is an identity wherever both sides are defined.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb

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
from entropy_proofs.kernel.normal.ring import UNIT, Mono, Number, Poly, mono_term, whole

_FAR = 4  # how far sums are moved
_POWERS = 20  # the highest power of an index whose sum is written out
SIGN = "·sign"
_MINUS = rational(-1)


def settled(algebra: Algebra, p: Poly) -> Poly:
    """The difference with all of these done."""
    return _aligned(algebra, Poly.sum(_signs(algebra, m, c) for m, c in p))


# signs --------------------------------------------------------------------------------------------
def _signs(algebra: Algebra, mono: Mono, c: Number) -> Poly:
    """All that asks for the sign of some u written in [0 < u] and [0 = u], and few of these."""
    found = _rewritten(algebra, mono)
    if found is None:
        return Poly({mono: c})
    return Poly.sum(_signs(algebra, m, c * d) for m, d in found)


def _rewritten(algebra: Algebra, mono: Mono) -> Poly | None:
    """The product after one step; what is zero goes before it is taken apart."""
    for rule in (_unnested, _as_indicators):
        for a, e in mono:
            found = rule(algebra, a, e)
            if found is not None:
                return algebra.multiply(Poly({mono - {(a, e)}: 1}), found)
    indicators = [a for a, e in mono if e == 1 and a.op in {"case", "delta"}]
    for a, b in combinations((i for i in indicators if i.op == "case"), 2):
        found = _both(algebra, a, b)
        if found is not None:
            return algebra.multiply(Poly({mono - {(a, 1), (b, 1)}: 1}), found)
    for a in indicators:
        found = _beside_zero(algebra, a, mono - {(a, 1)})
        if found is not None:
            return found
    for a, e in mono:
        found = _by_sign(algebra, a, e)
        if found is not None:
            return algebra.multiply(Poly({mono - {(a, e)}: 1}), found)
    return None


def _unnested(algebra: Algebra, a: Term, e: Number) -> Poly | None:
    """f(|v|)^e = [0 < v] f(v)^e + (1 - [0 < v]) f(-v)^e for a magnitude, sign or case f of a sum;
    so for indicators in it."""
    if a.op == "case":
        what, left, right = a.args[0].args
        inside = algebra.normal(right) - algebra.normal(left)
    elif (a.op == "apply" and a.args[0] == "abs") or (a.op == "map" and a.args[0] == SIGN):
        inside = algebra.normal(a.args[-1])
    else:
        return None

    def outer(u: Poly) -> Poly:
        if a.op == "case":
            return algebra.power(_indicator(algebra, what, u.term()), e)
        return algebra.power(algebra.normal(Term(a.op, *a.args[:-1], u.term())), e)

    for b in (b for m, _ in inside.ordered() for b, k in m if k == 1):
        pieces = _pieces(algebra, b)
        if pieces is not None:
            return _chosen(algebra, [(i, outer(_with(algebra, inside, b, v))) for i, v in pieces])
    return None


def _pieces(algebra: Algebra, a: Term) -> list[tuple[Poly, Poly]] | None:
    """Indicators and the values where they hold; the last value is that of all else."""
    one, zero = Poly.number(1), Poly()
    if a.op == "case":
        return [(Poly.atom(a), one), (one, zero)]
    if a.op == "apply" and a.args[0] == "abs":
        v = algebra.normal(a.args[1])
        return [(_indicator(algebra, "less", v.term()), v), (one, -v)]
    if a.op == "map" and a.args[0] == SIGN:
        places = (_indicator(algebra, what, a.args[2]) for what in ("less", "equal"))
        return [*zip(places, (one, zero), strict=True), (one, -one)]
    return None


def _chosen(algebra: Algebra, pieces: list[tuple[Poly, Poly]]) -> Poly:
    """The value that holds."""
    *chosen, (_, other) = pieces
    return Poly.sum(algebra.multiply(i, v - other) for i, v in chosen) + other


def _with(algebra: Algebra, p: Poly, a: Term, value: Poly) -> Poly:
    """The sum with a value in place of an atom."""
    factor = (a, 1)
    return Poly.sum(
        algebra.multiply(Poly({m - {factor}: c}), value) if factor in m else Poly({m: c})
        for m, c in p
    )


def _as_indicators(algebra: Algebra, a: Term, e: Number) -> Poly | None:
    """A power of an indicator, in those of [0 < u] and [0 = u] themselves."""
    if a.op != "case" or not whole(e) or e < 1:
        return None
    op, _, u = a.args[0].args
    if op == "at-most":
        return _indicator(algebra, "less", u) + _indicator(algebra, "equal", u)
    if op == "less" and algebra.signs.of(algebra.normal(u)) == "0+":
        return Poly.number(1) - _indicator(algebra, "equal", u)
    return Poly.atom(a) if e > 1 else None


def _by_sign(algebra: Algebra, a: Term, e: Number) -> Poly | None:
    """a^e, if it is a magnitude or a sign."""
    if not whole(e):
        return None
    if a.op == "power" and a.args[0] is _MINUS:  # (-1)^n for whole n
        return None if e == 1 else algebra.power(Poly.atom(a), e % 2)
    pieces = _pieces(algebra, a) if a.op == "apply" or (a.op == "map" and e > 0) else None
    if pieces is None:
        return None
    return _chosen(algebra, [(i, algebra.power(v, e)) for i, v in pieces])


def _indicator(algebra: Algebra, op: str, u: Term) -> Poly:
    test = Term("test", op, rational(0), u)
    return algebra.normal(Term("case", test, rational(1), rational(0)))


def _both(algebra: Algebra, a: Term, b: Term) -> Poly | None:
    """The product of two indicators, as of 1 < u and 2 < u, if they ask for one value."""
    (one, u, s), (other, v, t) = _asked(algebra, a), _asked(algebra, b)
    if u != v:
        return None
    if one == other:
        return Poly() if one == "equal" else Poly.atom(a if s > t else b)
    place, end = (s, t) if one == "equal" else (t, s)
    return Poly.atom(a if one == "equal" else b) if place > end else Poly()


def _asked(algebra: Algebra, a: Term) -> tuple[str, Poly, Fraction]:
    """t < u or t = u, of an indicator."""
    op, left, right = a.args[0].args
    p = algebra.normal(right) - algebra.normal(left)
    constant = Fraction(p.terms.get(UNIT, 0))
    varying = p - Poly.number(constant)
    scale = abs(Fraction(varying.ordered()[0][1]))
    return op, varying.scale(1 / scale), -constant / scale


def _beside_zero(algebra: Algebra, a: Term, rest: Mono) -> Poly | None:
    """[0 = u] rest, if a is such an indicator: with what u = 0 says of a factor put in its place.

    None if nothing is to be done.
    """
    if a.op == "delta":
        i, j = (algebra.normal(Term("index", i)) for i in a.args)
        u = i - j
    elif a.args[0].args[0] == "equal":
        u = algebra.normal(a.args[0].args[2])
    else:
        return None
    for m, c in u.ordered():
        others = u - Poly({m: c})
        if len(m) != 1:
            continue
        ((b, e),) = m
        if e != 1 or b in others.term().subterms():
            continue
        power = dict(rest).get(b, 0)  # of the first that can go, so that it does not come back
        if not whole(power) or power < 1:
            return None
        instead = algebra.power(others.scale(-1 / Fraction(c)), power)
        return algebra.multiply(Poly({rest - {(b, power)} | {(a, 1)}: 1}), instead)
    return None


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
    sums = [(a, e) for a, e in mono if a.op == "sum" and len(a.args[0]) == 1 and whole(e) and e > 0]
    level = level_above(*(b for b, _ in mono)) if sums else 0
    result = Poly({mono.difference(sums): c})
    for a, e in sums:
        (n,) = a.args[0]
        i = free(level, n)
        body = opened(a.args[1], (i,))
        total = _closed_form(algebra, body, i, n)
        if total is None:
            total = _from_zero(algebra, algebra.normal(body), i, n, shortest)
        result = algebra.multiply(result, algebra.power(total, e))
    return result


def _closed_form(algebra: Algebra, t: Term, i: Term, n: Size) -> Poly | None:
    """sum of i^e over i < n for whole e, by Faulhaber: sum_k (e+1 over k) B_k n^(e+1-k) / (e+1)."""
    index = Term("index", i)
    single = algebra.normal(t).single()
    if single is None or len(single[0]) != 1:
        return None
    ((a, e),) = single[0]
    if a is not index or not whole(e) or not 0 < e <= _POWERS:
        return None
    size = algebra.normal(Term("size", n))
    parts_ = (
        algebra.power(size, e + 1 - k).scale(comb(e + 1, k) * b)
        for k, b in enumerate(_bernoulli(e))
    )
    return Poly.sum(parts_).scale(Fraction(single[1]) / (e + 1))


def _bernoulli(last: int) -> list[Fraction]:
    """B_0, ..., B_last, with B_1 = -1/2."""
    found: list[Fraction] = []
    for m in range(last + 1):
        total = sum((comb(m + 1, k) * b for k, b in enumerate(found)), Fraction(0))
        found.append(Fraction(m == 0) - total / (m + 1))
    return found


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
