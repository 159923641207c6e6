"""Identities between matrices in general dimension, on the kernel's terms.

Rules for `logdet` and `inverse` beyond the kernel's own: products of square matrices, transposes,
Sylvester's det(G + A B) = det G det(I + B G^-1 A) and Woodbury's formula.  `contracted` uses
M^-1 M = I in sums.  Each holds wherever both sides are defined.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from entropy_proofs.kernel.language.sizes import ONE, Size
from entropy_proofs.kernel.language.terms import (
    Term,
    at,
    closed,
    free,
    level_above,
    opened,
    substituted,
)
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import Mono, Number, Poly, whole
from entropy_proofs.kernel.normal.rules import (
    RULES,
    delta_atom,
    is_whole_definite,
    is_whole_inverse,
)

_ROUNDS = 12


# rules --------------------------------------------------------------------------------------------
def in_one_form(algebra: Reducer, t: Term, wide: bool) -> Poly:
    """log |det| or an element of an inverse, of products, transposes and low-rank updates."""
    rule = _logdet if t.op == "logdet" else _inverse
    return Poly.sum(
        algebra.multiply(Poly({mono - {(a, 1)}: c}), found)
        if (a := _alone(mono, t.op)) is not None and (found := rule(algebra, a, wide)) is not None
        else Poly({mono: c})
        for mono, c in RULES[t.op](algebra, t)
    )


def _alone(mono: Mono, op: str) -> Term | None:
    found = [a for a, e in mono if a.op == op and e == 1]
    return found[0] if len(found) == 1 else None


def _logdet(algebra: Reducer, a: Term, wide: bool) -> Poly | None:
    n, body = a.args
    i, j, element = algebra.opened_matrix(body, n)
    if n == ONE:
        return algebra.log(algebra.magnitude(_at(algebra, element, {i: at(0), j: at(0)})))
    factors = square_factors(algebra, element, n, i, j)
    if factors is not None:
        return Poly.sum(algebra.normal(Term("logdet", n, f)) for f in factors)
    split = low_rank(algebra, element, n, i, j, wide)
    if split is not None and split.smaller(n):
        outside = algebra.normal(Term("logdet", n, split.body(i, j)))
        return outside + algebra.normal(Term("logdet", split.rank, split.small(algebra, i, j)))
    upright_body = upright(algebra, element, i, j)
    return None if upright_body is body else Poly.atom(Term("logdet", n, upright_body))


def _inverse(algebra: Reducer, a: Term, wide: bool) -> Poly | None:
    n, body, row, column = a.args
    i, j, element = algebra.opened_matrix(body, n, row, column)
    if n == ONE:
        return algebra.power(_at(algebra, element, {i: at(0), j: at(0)}), -1)
    factors = square_factors(algebra, element, n, i, j)
    if factors is not None:
        first, second = factors
        k = free(level_above(a), n)
        left = algebra.normal(Term("inverse", n, second, row, k))
        right = algebra.normal(Term("inverse", n, first, k, column))
        return algebra.sum_over(algebra.multiply(left, right), k)
    split = low_rank(algebra, element, n, i, j, wide)
    if split is not None and split.smaller(n):
        return split.inverse(algebra, n, i, j, row, column)
    upright_body = upright(algebra, element, i, j)
    if upright_body is body:
        return None
    return Poly.atom(Term("inverse", n, upright_body, column, row))


def _smaller(rank: Size, n: Size) -> bool:
    """One direction for each pair of sizes: numbers by value, others by name."""
    if rank.value is not None and n.value is not None:
        return rank.value < n.value
    if (rank.value is None) != (n.value is None):
        return rank.value is not None
    return str(rank) < str(n)


def upright(algebra: Reducer, element: Poly, i: Term, j: Term) -> Term:
    """The body of the matrix or of its transpose, whichever comes first."""
    turned = algebra.normal(substituted(element.term(), {i: j, j: i}))
    bodies = closed(element.term(), (i, j)), closed(turned.term(), (i, j))
    return min(bodies, key=lambda b: b.key)


def whole_inverse(element: Poly, n: Size, i: Term, j: Term) -> Term | None:
    """The body of M, if the matrix is M^-1 or its transpose."""
    single = element.single()
    if single is None or single[1] != 1 or len(single[0]) != 1:
        return None
    ((a, e),) = single[0]
    return a.args[1] if e == 1 and is_whole_inverse(a, n, i, j) else None


# products -----------------------------------------------------------------------------------------
def _split(
    algebra: Reducer, mono: Mono, c: Number, i: Term, j: Term
) -> tuple[Poly, Poly, Term] | None:
    """left(i, k), right(k, j) and k, if the term is c sum_k left(i, k) right(k, j) for one k.

    Of several indices, that of the left factor next to i is k, and right keeps its sums.
    """
    sums = [a for a, e in mono if a.op == "sum" and e == 1 and i in a.free and j in a.free]
    if len(sums) != 1:
        return None
    (a,) = sums
    outside = mono - {(a, 1)}
    if any(b.free & {i, j} for b, _ in outside):
        return None
    indices, summand = algebra.opened_sum(a, i, j)
    single = summand.single()
    if single is None:
        return None
    with_i = [(b, e) for b, e in single[0] if i in b.free]
    others = [(b, e) for b, e in single[0] if i not in b.free]
    near = {k for b, _ in with_i for k in b.free} & set(indices)
    if any(j in b.free for b, _ in with_i) or len(near) != 1:
        return None
    (k,) = near
    left = Poly({frozenset([*with_i, *outside]): single[1] * c})
    right = Poly({frozenset(others): 1})
    right = algebra.sum_over(right, *(q for q in reversed(indices) if q is not k))
    return left, right, k


def square_factors(
    algebra: Reducer, element: Poly, n: Size, i: Term, j: Term
) -> tuple[Term, Term] | None:
    """The bodies of two square matrices of which this is the product."""
    single = element.single()
    if single is None:
        return None
    split = _split(algebra, *single, i, j)
    if split is None or split[2].args[1] != n:
        return None
    left, right, k = split
    return closed(left.term(), (i, k)), closed(right.term(), (k, j))


@dataclass(frozen=True)
class LowRank:
    """G + A B: the element of G, A(i, k) and B(k, j).  diagonal: whether G is diagonal."""

    core: Poly
    left: Poly
    right: Poly
    k: Term
    diagonal: bool

    @property
    def rank(self) -> Size:
        return self.k.args[1]

    def smaller(self, n: Size) -> bool:
        """Whether it is written in I + B G^-1 A: always, where G is not diagonal."""
        return _smaller(self.rank, n) if self.diagonal else self.rank != n

    def body(self, i: Term, j: Term) -> Term:
        return closed(self.core.term(), (i, j))

    def small(self, algebra: Reducer, i: Term, j: Term) -> Term:
        """delta_km + sum_ij B(k, i) inv(G)(i, j) A(j, m)."""
        level = self._level(i, j)
        m = free(level, self.rank)
        n: Size = i.args[1]
        core = algebra.normal(Term("inverse", n, self.body(i, j), i, j))
        product = algebra.multiply(
            _at(algebra, self.right, {j: i}),
            algebra.multiply(core, _at(algebra, self.left, {i: j, self.k: m})),
        )
        total = algebra.sum_over(product, i, j)
        return closed((algebra.normal(Term("delta", self.k, m)) + total).term(), (self.k, m))

    def inverse(self, algebra: Reducer, n: Size, i: Term, j: Term, row: Term, column: Term) -> Poly:
        """inv(G) - inv(G) A inv(I + B inv(G) A) B inv(G) at one place."""
        level = self._level(i, j, row, column)
        m, p, q = free(level, self.rank), free(level + 1, n), free(level + 2, n)
        body = self.body(i, j)
        middle = Term("inverse", self.rank, self.small(algebra, i, j), self.k, m)
        factors = [
            algebra.normal(Term("inverse", n, body, row, p)),
            _at(algebra, self.left, {i: p}),
            algebra.normal(middle),
            _at(algebra, self.right, {self.k: m, j: q}),
            algebra.normal(Term("inverse", n, body, q, column)),
        ]
        product = reduce(algebra.multiply, factors, Poly.number(1))
        total = algebra.sum_over(product, self.k, m, p, q)
        return algebra.normal(Term("inverse", n, body, row, column)) - total

    def _level(self, *others: Term) -> int:
        atoms = (a for p in (self.core, self.left, self.right) for a in p.atoms())
        return level_above(self.k, *others, *atoms)


def low_rank(
    algebra: Reducer, element: Poly, n: Size, i: Term, j: Term, wide: bool
) -> LowRank | None:
    """The matrix as G + A B with a G known to be invertible.  wide: not diagonal ones alone."""
    delta = (delta_atom(i, j), 1)
    rest = [(m, c) for m, c in element.ordered() if delta not in m]
    for mono, c in rest:
        core = element - Poly({mono: c})
        if not core:
            continue
        found = _split(algebra, mono, c, i, j) or _rank_one(mono, c, i, j)
        if found is None:
            continue
        diagonal = len(rest) == 1
        if diagonal and not algebra.signs.nonzero(
            _at(algebra, _without_delta(core, delta), {j: i})
        ):
            continue
        body = closed(core.term(), (i, j))
        if not diagonal and not (wide and positive_definite(algebra, n, body)):
            continue
        return LowRank(core, *found, diagonal)
    return None


def _without_delta(p: Poly, delta: tuple[Term, int]) -> Poly:
    return Poly({m - {delta}: c for m, c in p if delta in m})


def _rank_one(mono: Mono, c: Number, i: Term, j: Term) -> tuple[Poly, Poly, Term] | None:
    """u(i) v(j) as a product over one index."""
    left = frozenset(f for f in mono if i in f[0].free)
    right = frozenset(f for f in mono if j in f[0].free)
    if not left or not right or left & right:
        return None
    k = free(level_above(i, j, *(a for a, _ in mono)), ONE)
    return Poly({mono - right: c}), Poly({right: 1}), k


def _at(algebra: Reducer, p: Poly, places: dict[Term, Term]) -> Poly:
    return algebra.normal(substituted(p.term(), places))


# M^-1 M = I ---------------------------------------------------------------------------------------
def contracted(algebra: Reducer, p: Poly) -> Poly:
    """The normal form with  sum_b inv(M)[a, b] M[b, c] = delta_ac  used until it no longer applies.

    Of an M of several terms the first of the most factors is replaced by delta minus the others.
    """
    for _ in range(_ROUNDS):
        rewritten = Poly.sum(_contracted_term(algebra, m, c) for m, c in p)
        if rewritten == p:
            break
        p = rewritten
    return p


def _contracted_term(algebra: Reducer, mono: Mono, c: Number) -> Poly:
    for a, e in sorted(mono, key=lambda f: f[0].key):
        if a.op != "sum" or e != 1:
            continue
        indices, summand = algebra.opened_sum(a, *(b for b, _ in mono))
        single = summand.single()
        if single is None:
            continue
        found = _in_product(algebra, single[0], indices)
        if found is None:
            continue
        total = algebra.sum_over(found.scale(single[1]), *indices)
        return algebra.multiply(total, Poly({mono - {(a, 1)}: c}))
    return Poly({mono: c})


def _in_product(algebra: Reducer, mono: Mono, indices: list[Term]) -> Poly | None:
    """The summand with one inv(M) M written as delta; indices that went are divided out below."""
    for inverse_, e in sorted(mono, key=lambda f: f[0].key):
        if inverse_.op != "inverse" or not whole(e) or e < 1:
            continue
        n, body, row, column = inverse_.args
        rest = _without(mono, inverse_)
        for b, outer, right in ((column, row, True), (row, column, False)):
            if b not in indices or row is column or b.args[1] != n:
                continue
            found = _matched(algebra, rest, n, body, b, outer, right, indices)
            if found is not None:
                return found
    return None


def _without(mono: Mono, a: Term) -> Mono:
    exponents = dict(mono)
    exponents[a] -= 1
    return frozenset((b, e) for b, e in exponents.items() if e)


def _matched(
    algebra: Reducer,
    rest: Mono,
    n: Size,
    body: Term,
    b: Term,
    outer: Term,
    right: bool,
    indices: list[Term],
) -> Poly | None:
    """M[b, c] (or M[c, b]) among the factors, for some c: delta(outer, c) in its place."""
    level = level_above(*(a for a, _ in rest), *indices, outer)
    i, j = free(level, n), free(level + 1, n)
    element = algebra.normal(opened(body, (i, j)))
    if not element:
        return None
    ordered = sorted(
        element.ordered(), key=lambda t: -sum(1 + len(a.key) for a, _ in t[0] if a.op != "delta")
    )
    lead, factor = ordered[0]
    others = Poly(dict(ordered[1:]))
    near, far = (i, j) if right else (j, i)
    inner: list[Term] = []
    atoms = [(a, e) for a, e in lead]
    for a, e in lead:
        if a.op == "sum" and e == 1:
            inner = [free(level + 2 + q, m) for q, m in enumerate(a.args[0])]
            single = algebra.normal(opened(a.args[1], inner)).single()
            if single is None:
                return None
            atoms = [f for f in lead if f[0] is not a] + list(single[0])
            factor = factor * single[1]
            break
    pattern = frozenset(atoms)
    available = [q for q in indices if q is not b]
    for found in _assignments(rest, {near: b}, far, inner, available):
        c = found[far]
        taken = _at(algebra, Poly({pattern: 1}), found).single()
        if taken is None or taken[1] != 1:
            continue
        left = _divided(rest, taken[0])
        used = {found[k] for k in inner}
        if left is None or any(a.free & (used | {b}) for a, _ in left):
            continue
        if c in used or outer in used or b in used:
            continue
        scale = 1 / Fraction(factor)
        delta = algebra.normal(Term("delta", outer, c))
        own = _at(algebra, others, {far: c, near: b})
        inv = algebra.normal(Term("inverse", n, body, *((outer, b) if right else (b, outer))))
        replaced = delta - algebra.sum_over(algebra.multiply(inv, own), b)
        # the sums over b and the inner indices are done: take them out of what follows
        result = algebra.multiply(Poly({left: 1}), replaced).scale(scale)
        for q in used | {b}:
            indices.remove(q)
        return result
    return None


def _divided(mono: Mono, by: Mono) -> Mono | None:
    exponents = dict(mono)
    for a, e in by:
        if a not in exponents:
            return None
        exponents[a] -= e
        if exponents[a] < 0:
            return None
    return frozenset((a, e) for a, e in exponents.items() if e)


def _assignments(
    rest: Mono,
    known: dict[Term, Term],
    far: Term,
    inner: list[Term],
    available: list[Term],
) -> list[dict[Term, Term]]:
    """Places for the pattern's indices at which its factors may stand among the others."""
    places = {q for a, _ in rest for t in a.subterms() for q in _places(t)}
    found: list[dict[Term, Term]] = []

    def extend(chosen: dict[Term, Term], left: list[Term]) -> None:
        if len(found) > 200:
            return
        if not left:
            found.append(dict(chosen))
            return
        k, *more = left
        options = available if k in inner else sorted(places, key=lambda t: t.key)
        for q in options:
            size_fits = k not in inner or q.args[1] == k.args[1]
            fresh = q not in chosen.values()
            if size_fits and fresh:
                extend({**chosen, k: q}, more)

    extend(dict(known), [*inner, far])
    return found


def _places(t: Term) -> list[Term]:
    """Indices at which labels and inverses stand."""
    if t.op == "element":
        return [i for i in t.args[1:] if not i.dangling]
    if t.op == "inverse":
        return [i for i in t.args[2:] if not i.dangling]
    return [i for i in t.args if not i.dangling] if t.op == "delta" else []


# positive definite --------------------------------------------------------------------------------
def positive_definite(algebra: Reducer, n: Size, body: Term) -> bool:
    """Known to be: a sum of positive multiples of positive definite matrices and B B^T."""
    i, j, element = algebra.opened_matrix(body, n)
    if not element:
        return False
    kinds = [_definite(algebra, m, c, n, i, j) for m, c in element]
    return all(kinds) and "definite" in kinds


def _definite(algebra: Reducer, mono: Mono, c: Number, n: Size, i: Term, j: Term) -> str:
    inside = frozenset(f for f in mono if f[0].free & {i, j})
    outside = Poly({mono - inside: c})
    sign, kind = algebra.signs.of(outside), _definite_alone(algebra, inside, n, i, j)
    if sign not in {"+", "0+"} or not kind:
        return ""
    return kind if sign == "+" else "semidefinite"


def _definite_alone(algebra: Reducer, inside: Mono, n: Size, i: Term, j: Term) -> str:
    delta = (delta_atom(i, j), 1)
    if delta in inside:
        diagonal = _at(algebra, Poly({inside - {delta}: 1}), {j: i})
        return {"+": "definite", "0+": "semidefinite"}.get(algebra.signs.of(diagonal), "")
    if len(inside) != 1:
        return ""
    ((a, e),) = inside
    if e != 1:
        return ""
    if is_whole_definite(algebra, a, i, j):
        return "definite"
    if is_whole_inverse(a, n, i, j):
        return "definite" if positive_definite(algebra, n, a.args[1]) else ""
    return "semidefinite" if a.op == "sum" and _gram(algebra, a, i, j) else ""


def _gram(algebra: Reducer, a: Term, i: Term, j: Term) -> bool:
    """sum_k w_k L(i, k) L(j, k) with w >= 0, or with a positive definite matrix between."""
    indices, summand = algebra.opened_sum(a)
    single = summand.single()
    if single is None or single[1] <= 0:
        return False
    left = frozenset(f for f in single[0] if i in f[0].free)
    right = frozenset(f for f in single[0] if j in f[0].free)
    rest = single[0] - left - right
    if left & right:
        return False
    mirrored = _at(algebra, Poly({right: 1}), {j: i})
    if mirrored == Poly({left: 1}):
        return algebra.signs.of(Poly({rest: 1})) in {"+", "0+"}
    if len(rest) != 1 or len(indices) != 2:
        return False
    ((core, e),) = rest
    k, m = indices
    swapped = _at(algebra, Poly({right: 1}), {j: i, k: m, m: k})
    return e == 1 and swapped == Poly({left: 1}) and is_whole_definite(algebra, core, k, m)
