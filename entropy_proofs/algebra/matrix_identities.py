"""Identities between matrices in general dimension: products, low-rank updates, inverses.

log det(A B) = log det A + log det B, Sylvester's  det(G + A B) = det G det(I + B G^-1 A)  and
Woodbury's formula for the inverse, for diagonal G, and  A^-1 A = I.  They bring both sides of an
equation to one form; trace cyclicity needs nothing, since sums over indices have one form already.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra.matrix_rules import open_matrix
from entropy_proofs.algebra.nodes import InverseElement, LogDet
from entropy_proofs.algebra.normal import log_of, normal, power
from entropy_proofs.algebra.poly import Mono, Poly, key, mono_expr, symbols_in
from entropy_proofs.algebra.sums import bind, fresh, open_sum, sum_over

_ROUNDS = 8


def unified(p: Poly) -> Poly:
    """The normal form with these identities used until none applies."""
    for _ in range(_ROUNDS):
        rewritten = _contracted(_expanded(p))
        if rewritten == p:
            return p
        p = rewritten
    return p


def _expanded(p: Poly) -> Poly:
    """Determinants and inverses of products and low-rank updates written out."""
    expr = p.expr()
    found: dict[Expr, Expr] = {}
    for a in expr.atoms(LogDet, InverseElement):
        new = _logdet(a) if isinstance(a, LogDet) else _inverse(a)
        if new is not None:
            found[a] = new.expr()
    return normal(expr.xreplace(found)) if found else p


def _logdet(a: LogDet) -> Poly | None:
    i, j, element = open_matrix(a, frozenset())
    split = _low_rank(element, i, j)
    if split is None:
        return None
    diagonal, left, right, k, rank = split
    if diagonal is None:
        if normal(rank) != normal(a.size):
            return None
        first = normal(LogDet(bind((i, k), left, a.size), a.size))
        return first + normal(LogDet(bind((k, j), right, a.size), a.size))
    if key(a.size) >= key(rank):
        return None
    small, k, m = _small(diagonal, left, right, (i, j, k), a.size, rank)
    outside = sum_over(log_of(diagonal), i, a.size)
    return outside + normal(LogDet(bind((k, m), small, rank), rank))


def _inverse(a: InverseElement) -> Poly | None:
    i, j, element = open_matrix(a, symbols_in(a))
    split = _low_rank(element, i, j)
    if split is None:
        return None
    diagonal, left, right, k, rank = split
    if diagonal is None or key(a.size) >= key(rank):
        return None
    small, k, m = _small(diagonal, left, right, (i, j, k), a.size, rank)
    middle = normal(InverseElement(bind((k, m), small, rank), rank, k, m))
    inverse = power(diagonal, -1)
    outer = _at(left * inverse, i, a.row)
    inner = _at(_at(right, k, m), j, a.column) * _at(inverse, i, a.column)
    total = sum_over(sum_over(outer * middle * inner, k, rank), m, rank)
    return normal(KroneckerDelta(a.row, a.column)) * _at(inverse, i, a.row) - total


def _low_rank(
    element: Poly, i: Symbol, j: Symbol
) -> tuple[Poly | None, Poly, Poly, Symbol, Expr] | None:
    """element = delta_ij g(i) + sum_k left(i, k) right(k, j), with g or None, or None."""
    delta = KroneckerDelta(i, j)
    diagonal, rest = [], []
    for m, c in element:
        if (delta, 1) in m:
            diagonal.append(Poly({m - {(delta, 1)}: c}))
        else:
            rest.append((m, c))
    if len(rest) != 1:
        return None
    (mono, c), g = rest[0], Poly.sum(diagonal)
    sums = [a for a, e in mono if isinstance(a, Sum) and e == 1]
    if len(sums) != 1 or symbols_in(mono_expr(mono - {(sums[0], 1)})) & {i, j}:
        return None
    indices, summand = open_sum(sums[0], frozenset({i, j}))
    body = summand.single()
    if body is None or len(indices) != 1:
        return None
    ((k, rank),) = indices
    left, right = Poly({mono - {(sums[0], 1)}: c * body[1]}), Poly.number(1)
    for a, e in body[0]:
        if i in symbols_in(a):
            if j in symbols_in(a):
                return None
            left = left * Poly.atom(a, e)
        else:
            right = right * Poly.atom(a, e)
    return (_at(g, j, i) if g else None), left, right, k, rank


def _small(
    diagonal: Poly,
    left: Poly,
    right: Poly,
    indices: tuple[Symbol, Symbol, Symbol],
    size: Expr,
    rank: Expr,
) -> tuple[Poly, Symbol, Symbol]:
    """delta_km + sum_i right(k, i) left(i, m) / g(i), and k, m."""
    i, j, k = indices
    inside = frozenset().union(*(symbols_in(a) for p in (left, right) for a in p.atoms()))
    m = fresh(inside | {i, j, k}, rank)
    product = _at(right, j, i) * power(diagonal, -1) * _at(left, k, m)
    return normal(KroneckerDelta(k, m)) + sum_over(product, i, size), k, m


def _contracted(p: Poly) -> Poly:
    """sum_b inv(A)[a, b] A[b, c] as delta_ac, where A's element is one term."""
    return Poly.sum(_contract_term(m, c) for m, c in p)


def _contract_term(mono: Mono, c: Fraction | int) -> Poly:
    for a, e in mono:
        if not isinstance(a, Sum) or e != 1:
            continue
        indices, summand = open_sum(a, frozenset().union(*(symbols_in(x) for x, _ in mono)))
        body = summand.single()
        if body is None:
            continue
        for b, extent in indices:
            replaced = _contract_index(body[0], b, extent)
            if replaced is None:
                continue
            result = replaced.scale(body[1])
            for i, size in indices:
                if i != b:
                    result = sum_over(result, i, size)
            return result * Poly({mono - {(a, 1)}: c})
    return Poly({mono: c})


def _contract_index(body: Mono, b: Symbol, extent: Expr) -> Poly | None:
    for inverse, e in body:
        if not isinstance(inverse, InverseElement) or e != 1 or b not in inverse.args[2:]:
            continue
        if normal(inverse.size) != normal(extent):
            continue
        outer = inverse.row if inverse.column == b else inverse.column
        i, j, element = open_matrix(inverse, symbols_in(mono_expr(body)))
        own = element.single()
        if own is None or len(own[0]) != 1:
            continue
        ((entry, one),) = own[0]
        if not isinstance(entry, Indexed) or one != 1:
            continue
        for other, f in body:
            if not isinstance(other, Indexed) or f != 1 or other.base != entry.base:
                continue
            left = body - {(inverse, 1), (other, 1)}
            if any(b in symbols_in(a) for a, _ in left):
                continue
            for c in symbols_in(other) - {b}:
                for x, y in ((b, c), (c, b)) if _symmetric(element, i, j) else ((b, c),):
                    if normal(entry.xreplace({i: x, j: y})) == normal(other):
                        rest = Poly({left: 1 / Fraction(own[1])})
                        return rest * normal(KroneckerDelta(outer, c))
    return None


def _symmetric(element: Poly, i: Symbol, j: Symbol) -> bool:
    return normal(element.expr().xreplace({i: j, j: i})) == element


def _at(p: Poly, i: Symbol, place: Expr) -> Poly:
    return normal(p.expr().xreplace({i: place}))
