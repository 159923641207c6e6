"""Sums over indices of symbolic range: flattening, deltas, canonical names of bound indices."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from itertools import permutations, product

from sympy import Expr, Indexed, KroneckerDelta, Lambda, Sum, Symbol, oo

from entropy_proofs.algebra.nodes import index, within
from entropy_proofs.algebra.poly import Mono, Poly, is_integer, key, mono_expr, symbols_in
from entropy_proofs.errors import InputError

_BOUND = re.compile(r"_(\d+)$")


def fresh(avoid: frozenset[Symbol] | set[Symbol], size: Expr | None = None) -> Symbol:
    """An index over 0..size-1 whose name is not in `avoid` (the first one, so that caches hit)."""
    taken = {s.name for s in avoid}
    k = 1
    while f"~{k}" in taken:
        k += 1
    return index(f"~{k}", size)


@cache
def _level(expr: Expr) -> int:
    """The largest number among the names of bound indices."""
    names = (_BOUND.match(s.name) for s in symbols_in(expr))
    return max((int(m[1]) for m in names if m), default=0)


def bind(indices: tuple[Symbol, ...], element: Poly, size: Expr) -> Lambda:
    """The array of that size along each axis with this element, its indices named canonically."""
    expr = element.expr()
    start = _level(expr) + 1
    names = tuple(index(f"_{start + k}", size) for k in range(len(indices)))
    renamed = _normal(expr.xreplace(dict(zip(indices, names, strict=True)))).expr()
    return Lambda(names, renamed)


def open_sum(atom: Sum, avoid: frozenset[Symbol]) -> tuple[list[tuple[Symbol, Expr]], Poly]:
    """Fresh indices with their sizes, and the summand."""
    renaming, indices = {}, []
    avoid = avoid | symbols_in(atom)
    for bound, _, high in atom.limits:
        j = fresh(avoid, high + 1)
        avoid = avoid | {j}
        renaming[bound] = j
        indices.append((j, high + 1))
    return indices, _normal(atom.function.xreplace(renaming))


def sum_over(p: Poly, i: Symbol, size: Expr) -> Poly:
    """sum_{i=0}^{size-1} p."""
    return Poly.sum(_sum_term(m, c, i, size) for m, c in p)


def _sum_term(mono: Mono, c: Fraction | int, i: Symbol, size: Expr) -> Poly:
    inside = [(a, e) for a, e in mono if i in symbols_in(a)]
    outside = Poly({mono - frozenset(inside): c})
    if not inside:
        if size is oo:
            raise InputError("a sum without end over a constant does not converge")
        return outside * _normal(size)
    if len(inside) == 1 and _is_simplex(*inside[0], i, size):
        return outside
    for a, _ in inside:
        if isinstance(a, KroneckerDelta) and i in a.args:
            (other,) = (b for b in a.args if b != i)
            if i in symbols_in(other) or not _in_range(other, size):
                continue
            rest = frozenset((b, e) for b, e in inside if b != a)
            return outside * _normal(mono_expr(rest).xreplace({i: other}))
    return outside * _close(*_flatten(inside, i, size))


def collapsed(p: Poly) -> Poly:
    """Where delta_ij is a factor, the other factors' i written as j."""
    parts = []
    for m, c in p:
        deltas = [a for a, _ in m if isinstance(a, KroneckerDelta)]
        expr = mono_expr(m, c)
        for delta in deltas:
            i, j = sorted(delta.args, key=key)
            if isinstance(i, Symbol):
                without = mono_expr(m - {(delta, 1)}, c)
                expr = delta * without.xreplace({i: j})
        parts.append(_normal(expr))
    return Poly.sum(parts)


def simplex_of(size: Expr) -> dict[str, bool]:
    """The assumption of a label whose `size` components along the last axis sum to one."""
    return {f"simplex of {size}": True}


def _ends(a: Sum) -> list[Expr]:
    return [end for _, low, high in a.limits for end in (low, high)]


def _in_range(other: Expr, size: Expr) -> bool:
    """Whether an index is known to be one of 0..size-1."""
    if other.is_Integer:
        return bool(other == 0 or (size.is_Integer and 0 <= other < size))
    label = other.base.label if isinstance(other, Indexed) else other
    (below,) = within(size)
    return isinstance(label, Symbol) and bool(label.assumptions0.get(below))


def _is_simplex(a: Expr, e: Fraction | int, i: Symbol, size: Expr) -> bool:
    """An element of a simplex, summed over all its components."""
    if not isinstance(a, Indexed) or e != 1 or a.indices[-1] != i:
        return False
    rest = a.indices[:-1]
    (sums_to_one,) = simplex_of(size)
    known = a.base.label.assumptions0.get(sums_to_one)
    return bool(known) and not any(i in symbols_in(r) for r in rest)


def _flatten(
    inside: list[tuple[Expr, Fraction | int]], i: Symbol, size: Expr
) -> tuple[Poly, list[tuple[Symbol, Expr]]]:
    """The factors with inner sums opened, and all bound indices."""
    indices = [(i, size)]
    avoid = frozenset().union(*(symbols_in(a) for a, _ in inside))
    body = Poly.number(1)
    for a, e in inside:
        fixed = isinstance(a, Sum) and not any(i in symbols_in(x) for x in _ends(a))
        if fixed and is_integer(e) and e > 0:
            for _ in range(int(e)):
                opened, summand = open_sum(a, avoid)
                avoid = avoid | {j for j, _ in opened}
                indices += opened
                body = body * summand
        else:
            body = body * Poly.atom(a, e)
    return body, indices


def _close(body: Poly, indices: list[tuple[Symbol, Expr]]) -> Poly:
    """The sum of a connected product over its indices, named canonically."""
    if body.single() is None:  # opening sums can merge factors into several terms
        result = body
        for j, size in indices:
            result = sum_over(result, j, size)
        return result
    factors = [a for m in body.terms for a, _ in m]
    start = max(map(_level, factors)) + 1
    best: tuple[str, Poly, tuple] | None = None
    for order in _orders(body, indices):
        names = [index(f"_{start + k}", size) for k, (_, size) in enumerate(order)]
        renaming = {j: name for (j, _), name in zip(order, names, strict=True)}
        renamed = _normal(body.expr().xreplace(renaming))
        rank = str(renamed.expr())
        if best is None or rank < best[0]:
            limits = tuple(
                (name, 0, size - 1) for (_, size), name in zip(order, names, strict=True)
            )
            best = (rank, renamed, limits)
    assert best is not None
    _, renamed, limits = best
    term = renamed.single()
    assert term is not None
    mono, c = term
    return Poly.atom(Sum(mono_expr(mono), *limits)).scale(c)


def _orders(body: Poly, indices: list[tuple[Symbol, Expr]]) -> list[list[tuple[Symbol, Expr]]]:
    """Orders of the bound indices worth trying: ties of an index's surroundings only."""
    if len(indices) == 1:
        return [indices]
    blank = {j: Symbol("*") for j, _ in indices}
    groups: dict[str, list[tuple[Symbol, Expr]]] = {}
    for j, size in indices:
        masked = [
            f"{_normal(a.xreplace({**blank, j: Symbol('!')})).expr()}^{e}"
            for m in body.terms
            for a, e in m
            if j in symbols_in(a)
        ]
        groups.setdefault(f"{key(size)} {sorted(masked)}", []).append((j, size))
    arrangements = [[list(p) for p in permutations(groups[g])] for g in sorted(groups)]
    return [[pair for group in choice for pair in group] for choice in product(*arrangements)]


def _normal(expr: Expr) -> Poly:
    from entropy_proofs.algebra.normal import normal

    return normal(expr)
