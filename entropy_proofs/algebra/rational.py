"""Normal forms as rational functions of their atoms, for cancelling and for linear systems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from sympy import QQ, Expr
from sympy.polys.fields import FracField

from entropy_proofs.algebra.normal import normal, power
from entropy_proofs.algebra.poly import Mono, Poly, is_integer, key


class Rationals:
    """The field of rational functions over the atoms of some normal forms."""

    def __init__(self, polys: Iterable[Poly]):
        roots: dict[Expr, int] = {}
        pending = list(polys)
        seen: set[Expr] = set()
        while pending:
            for m, _ in pending.pop():
                for a, e in m:
                    if a.is_Add and is_integer(e):
                        if a not in seen:
                            seen.add(a)
                            pending.append(normal(a))
                    else:
                        roots[a] = lcm(roots.get(a, 1), Fraction(e).denominator)
        self.atoms = sorted(roots, key=key)
        self.roots = [roots[a] for a in self.atoms]
        names = [f"g{k}" for k in range(len(self.atoms))] or ["g0"]
        self.field = FracField(names, QQ)
        self.generators = dict(zip(self.atoms, self.field.gens, strict=False))

    def of(self, p: Poly) -> Any:
        """The field element of a normal form."""
        total = self.field.zero
        for m, c in p:
            c = Fraction(c)
            term = self.field.one * QQ(c.numerator, c.denominator)
            for a, e in m:
                if a.is_Add and is_integer(e):
                    term = term * self.of(normal(a)) ** int(e)
                else:
                    root = self.roots[self.atoms.index(a)]
                    term = term * self.generators[a] ** int(e * root)
            total = total + term
        return total

    def poly(self, element: Any) -> Poly:
        """The normal form of a field element, numerator over factored content."""
        numerator, denominator = self._expand(element.numer), self._expand(element.denom)
        if denominator.constant() == 1:
            return numerator
        return numerator * power(denominator, -1)

    def _expand(self, polynomial: Any) -> Poly:
        terms: dict[Mono, Fraction | int] = {}
        for exponents, c in polynomial.terms():
            pairs = zip(self.atoms, self.roots, exponents, strict=False)
            mono = frozenset((a, _exact(Fraction(n, root))) for a, root, n in pairs if n)
            terms[mono] = Fraction(int(c.numerator), int(c.denominator))
        return Poly(terms)


def _exact(q: Fraction) -> Fraction | int:
    return q.numerator if q.denominator == 1 else q


def cancel(p: Poly) -> Poly:
    """The same function with common factors of numerator and denominator cancelled."""
    if not any(a.is_Add for a in p.atoms()):
        return p
    over = Rationals([p])
    return over.poly(over.of(p))


def reduce_rows(rows: Sequence[Sequence[Any]]) -> tuple[list[list[Any]], list[int]]:
    """Reduced row echelon form over a field, and the pivot columns."""
    work = [list(r) for r in rows]
    pivots: list[int] = []
    width = len(work[0]) if work else 0
    for column in range(width):
        top = len(pivots)
        candidates = [r for r in range(top, len(work)) if work[r][column]]
        if not candidates:
            continue
        best = min(candidates, key=lambda r: len(str(work[r][column])))
        work[top], work[best] = work[best], work[top]
        lead = work[top][column]
        work[top] = [x / lead for x in work[top]]
        for r in range(len(work)):
            factor = work[r][column]
            if r != top and factor:
                work[r] = [x - factor * y for x, y in zip(work[r], work[top], strict=True)]
        pivots.append(column)
    return work, pivots
