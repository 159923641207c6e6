"""Sums over indices of symbolic range: flattening, deltas, canonical names of bound indices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache, partial

from sympy import Expr, Indexed, KroneckerDelta, Lambda, Sum, Symbol, Tuple, oo

from entropy_proofs.algebra.nodes import index, label_of, tied, within
from entropy_proofs.algebra.normal import canonical, normal
from entropy_proofs.algebra.poly import (
    Mono,
    Polynomial,
    at_places,
    is_integer,
    key,
    mono_expr,
    summation,
    symbols_in,
)
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
def level(expr: Expr, *apart: Symbol) -> int:
    """The largest number among the names of bound indices other than these."""
    names = (_BOUND.match(s.name) for s in symbols_in(expr).difference(apart))
    return max((int(m[1]) for m in names if m), default=0)


def over(indices: tuple[Symbol, ...], element: Expr, size: Expr) -> Lambda:
    """The array of that size along each axis with this element, its indices named by depth."""
    start = level(element) + 1
    names = tuple(index(f"_{start + k}", size) for k in range(len(indices)))
    return Lambda(names, at_places(element, dict(zip(indices, names, strict=True))))


def bind(indices: tuple[Symbol, ...], element: Polynomial, size: Expr) -> Lambda:
    """The same of a normal form, in normal form."""
    array = over(indices, element.expr(), size)
    return Lambda(array.variables, canonical(array.expr))


def open_sum(atom: Sum, avoid: frozenset[Symbol]) -> tuple[list[tuple[Symbol, Expr]], Polynomial]:
    """Fresh indices with their sizes, and the summand."""
    renaming, indices = {}, []
    avoid = avoid | symbols_in(atom)
    for bound, _, high in atom.limits:
        j = fresh(avoid, high + 1)
        avoid = avoid | {j}
        renaming[bound] = j
        indices.append((j, high + 1))
    return indices, normal(at_places(atom.function, renaming))


def sum_over(p: Polynomial, i: Symbol, size: Expr) -> Polynomial:
    """sum_{i=0}^{size-1} p."""
    return Polynomial.sum(_sum_term(m, i, size).scale(c) for m, c in p)


def sum_over_all(p: Polynomial, indices: Iterable[tuple[Symbol, Expr]]) -> Polynomial:
    """The sum over these indices with their sizes, one after the other."""
    for i, size in indices:
        p = sum_over(p, i, size)
    return p


@cache
def _sum_term(mono: Mono, i: Symbol, size: Expr) -> Polynomial:
    inside = [(a, e) for a, e in mono if i in symbols_in(a)]
    outside = Polynomial({mono - frozenset(inside): 1})
    if not inside:
        if size is oo:
            raise InputError("a sum without end over a constant does not converge")
        return outside * normal(size)
    for a, _ in inside:
        if isinstance(a, KroneckerDelta) and i in a.args:
            (other,) = (b for b in a.args if b != i)
            if i in symbols_in(other) or not _in_range(other, size):
                continue
            rest = frozenset((b, e) for b, e in inside if b != a)
            return outside * normal(at_places(mono_expr(rest), {i: other}))
    return outside * _close(*_flatten(inside, i, size))


def simplex_of(size: Expr) -> dict[str, bool]:
    """The assumption of a label whose `size` components along the last axis sum to one."""
    return tied("simplex", size)


def _ends(a: Sum) -> list[Expr]:
    return [end for _, low, high in a.limits for end in (low, high)]


def _in_range(other: Expr, size: Expr) -> bool:
    """Whether an index is known to be one of 0..size-1."""
    if other.is_Integer:
        return bool(other == 0 or (size.is_Integer and 0 <= other < size))
    (below,) = within(size)
    return bool(label_of(other).assumptions0.get(below))


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
) -> tuple[Polynomial, list[tuple[Symbol, Expr]]]:
    """The factors with inner sums opened, and all bound indices."""
    indices = [(i, size)]
    avoid = frozenset().union(*(symbols_in(a) for a, _ in inside))
    body = Polynomial.number(1)
    for a, e in inside:
        fixed = isinstance(a, Sum) and not any(i in symbols_in(x) for x in _ends(a))
        if fixed and is_integer(e) and e > 0:
            for _ in range(int(e)):
                opened, summand = open_sum(a, avoid)
                avoid = avoid | {j for j, _ in opened}
                indices += opened
                body = body * summand
        else:
            body = body * Polynomial.atom(a, e)
    return body, indices


def _close(body: Polynomial, indices: list[tuple[Symbol, Expr]]) -> Polynomial:
    """The sum of a connected product over its indices, named canonically."""
    if body.single() is None:  # opening sums can merge factors into several terms
        return sum_over_all(body, indices)
    factors = [factor for m in body.terms for factor in m]
    for j, size in indices:
        own = [(a, e) for a, e in factors if j in symbols_in(a)]
        if len(own) == 1 and _is_simplex(own[0][0], own[0][1], j, size):
            rest = Polynomial({m.difference(own): c for m, c in body})
            return sum_over_all(rest, (k for k in indices if k[0] != j))
    start = max(level(a) for a, _ in factors) + 1
    order = _ordered(factors, indices)
    names = [index(f"_{start + k}", size) for k, (_, size) in enumerate(order)]
    renaming = {j: name for (j, _), name in zip(order, names, strict=True)}
    term = normal(at_places(body.expr(), renaming)).single()
    if term is None:  # a fraction in lowest terms can hold powers of sums
        return _close(normal(body.expr()), indices)
    mono, c = term
    limits = [Tuple(name, 0, size - 1) for (_, size), name in zip(order, names, strict=True)]
    return Polynomial.atom(summation(mono_expr(mono), *limits)).scale(c)


Indices = list[tuple[Symbol, Expr]]
Factors = list[tuple[Expr, Fraction | int]]


def _ordered(factors: Factors, indices: Indices) -> Indices:
    """The bound indices in an order that has nothing to do with their names.

    They are told apart by where they stand in the factors, and beside which others; of those that
    nothing tells apart (as a rule they can be exchanged) one is taken first, and so on.
    """
    if len(indices) == 1:
        return indices
    blank = {j: Symbol("*") for j, _ in indices}
    cells = _split(indices, partial(_beside, factors, blank))
    while True:
        cells = _refined(cells, factors)
        tied = next((k for k, cell in enumerate(cells) if len(cell) > 1), None)
        if tied is None:
            return [cell[0] for cell in cells]
        first, *rest = cells[tied]
        cells[tied : tied + 1] = [[first], rest]


def _refined(cells: list[Indices], factors: Factors) -> list[Indices]:
    """Split until indices of one cell stand beside the same cells."""
    while True:
        marks = {j: Symbol(f"*{k}") for k, cell in enumerate(cells) for j, _ in cell}
        told_by = partial(_beside, factors, marks)
        finer = [part for cell in cells for part in _split(cell, told_by)]
        if len(finer) == len(cells):
            return finer
        cells = finer


def _split(cell: Indices, told_by: Callable[[Symbol, Expr], str]) -> list[Indices]:
    if len(cell) == 1:
        return [cell]
    parts: dict[str, Indices] = {}
    for j, size in cell:
        parts.setdefault(told_by(j, size), []).append((j, size))
    return [parts[told] for told in sorted(parts)]


def _beside(factors: Factors, marks: Mapping[Symbol, Symbol], j: Symbol, size: Expr) -> str:
    """An index's size and the factors in which it stands, with marks for all others."""
    replaced = {**marks, j: Symbol("!")}
    found = sorted(
        f"{key(normal(at_places(a, replaced)).expr())}^{e}"
        for a, e in factors
        if j in symbols_in(a)
    )
    return f"{key(size)} {found}"
