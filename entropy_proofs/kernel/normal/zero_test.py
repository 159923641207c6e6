"""The zero test: denominators are cleared, and sums over one range gathered into one."""

from __future__ import annotations

from collections.abc import Container

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term, free, level_above, opened
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import Mono, Number, Poly, quotient, whole
from entropy_proofs.kernel.refusal import spend


def vanishes(algebra: Reducer, p: Poly) -> bool:
    """True if p is shown to be zero; False says nothing.

    A rational function of the atoms is zero exactly if its numerator is; a sum is zero if its
    summand is, or if what is left of the summand sums up to what stands outside.
    """
    p = numerator(algebra, _without_zeros(algebra, p))
    if not p:
        return True
    sums = sorted({a for a in p.atoms() if a.op == "sum"}, key=_key)
    for size in dict.fromkeys(n for a in sums for n in a.args[0]):
        i, inside, outside = _gathered(algebra, p, size)
        if inside and len(outside) < len(p):
            if vanishes(algebra, inside):
                return vanishes(algebra, outside)
            shorter = inside if size.infinite else _divided_out(algebra, inside)
            if len(shorter) >= len(inside):
                return False
            return vanishes(algebra, algebra.sum_over(shorter, i) + outside)
    return False


def _without_zeros(algebra: Reducer, p: Poly) -> Poly:
    """p without what is zero by itself: the coefficients of products of atoms that are in none
    of its denominators, each of which has few of these."""
    below = {a for m in p.terms for a, e in m if a.op == "add" and e < 0}
    if len(below) < 2:
        return p
    inside, pending = set(below), list(below)
    while pending:
        new = algebra.summands(pending.pop()).atoms() - inside
        inside |= new
        pending += (a for a in new if a.op == "add")
    spend(len(p))
    groups = _grouped(p, inside)
    kept = (outer for outer, terms in groups.items() if numerator(algebra, terms))
    return Poly({outer | m: c for outer in kept for m, c in groups[outer]})


def numerator(algebra: Reducer, p: Poly) -> Poly:
    """p times the sums in its denominators (and their roots), multiplied out."""
    while p:
        lowest = {
            a: low
            for a in p.atoms()
            if a.op == "add" and (low := min(dict(m).get(a, 0) for m in p.terms)) != 0
        }
        if not lowest:
            break
        spend(len(p))
        a = min(lowest, key=_key)
        p = algebra.multiply(p, Poly.atom(a, -lowest[a]))
    return p


def _divided_out(algebra: Reducer, p: Poly) -> Poly:
    """p without denominators that divide what is above them: a / (a + b) + b / (a + b) is 1."""
    before = None
    while p != before:
        before = p
        below = {a for m in p.terms for a, e in m if a.op == "add" and e < 0}
        for a in sorted(below, key=_key):
            divisor = algebra.summands(a)
            groups = _grouped(p, divisor.atoms() | {a})
            p = Poly.sum(
                algebra.multiply(Poly({outer: 1}), _divided_by(algebra, a, divisor, inner))
                for outer, inner in groups.items()
            )
    return p


def _divided_by(algebra: Reducer, a: Term, divisor: Poly, p: Poly) -> Poly:
    """p, whose terms above the sum a are divided by it as often as they can be."""
    low = min(dict(m).get(a, 0) for m in p.terms)
    while low < 0 and whole(low):
        above = algebra.multiply(p, Poly.atom(a, -low))
        if not above:
            return above
        common, above = algebra.content(above, positive_only=False)
        found = quotient(above, divisor)
        if found is None:
            break
        low += 1
        p = algebra.multiply(found, algebra.monomial({**dict(common), a: low}, 1))
    return p


def _gathered(algebra: Reducer, p: Poly, size: Size) -> tuple[Term, Poly, Poly]:
    """i, inside and outside, where p = sum_{i < size} inside + outside."""
    i = free(max((f.args[0] for f in p.free()), default=-1) + 1, size)
    within, outside = [], []
    for mono, c in p:
        own = [(a, e) for a, e in mono if a.op == "sum" and e == 1 and size in a.args[0]]
        if own:
            (a, _) = min(own, key=lambda f: (not _divides(f[0]), f[0].key))
            summand = _open_one(algebra, a, i)
            within.append(algebra.multiply(Poly({mono - {(a, 1)}: c}), summand))
        elif size.value is None and (factor := _size_factor(mono, size)):
            within.append(Poly({mono - {factor}: c}))
        else:
            outside.append(Poly({mono: c}))
    return i, Poly.sum(within), Poly.sum(outside)


def _size_factor(mono: Mono, size: Size) -> tuple[Term, Number] | None:
    if len(size.terms) != 1 or next(iter(size))[1] != 1 or len(size.names) != 1:
        return None
    factor = (Term("size", size), 1)
    return factor if factor in mono else None


def _open_one(algebra: Reducer, a: Term, i: Term) -> Poly:
    """The summand of a sum along its first index of i's range, which becomes i."""
    sizes, body = a.args
    k = sizes.index(i.args[1])
    start = max(i.args[0], level_above(a)) + 1
    indices = [free(start + q, n) for q, n in enumerate(sizes)]
    indices[k] = i
    summand = algebra.normal(opened(body, indices))
    return algebra.sum_over(summand, *(index for index in reversed(indices) if index is not i))


def _grouped(p: Poly, own: Container[Term]) -> dict[Mono, Poly]:
    """The terms by their factors that are no powers of these atoms."""
    groups: dict[Mono, dict[Mono, Number]] = {}
    for m, c in p:
        outer = frozenset((a, e) for a, e in m if a not in own)
        groups.setdefault(outer, {})[m - outer] = c
    return {outer: Poly(terms) for outer, terms in groups.items()}


def _divides(a: Term) -> bool:
    """Whether something may cancel in a sum: whether it holds a power of a sum."""
    return any(t.op == "power" and t.args[0].op == "add" for t in a.subterms())


def _key(a: Term) -> str:
    return a.key
