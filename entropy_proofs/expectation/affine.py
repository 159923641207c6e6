"""Affine functions of the latents: their means, covariances and products under q."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, Sum, Symbol

from entropy_proofs.algebra.nodes import element, index, with_elements
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.categories import collapsed_sum
from entropy_proofs.code.differentiate import derivative
from entropy_proofs.q.factor import Law, NotAnalytic
from entropy_proofs.q.gaussian import CovarianceNormalFactor, FullNormalFactor
from entropy_proofs.q.markov.discrete_markov import DiscreteMarkovFactor
from entropy_proofs.q.markov.gaussian_markov import GaussianMarkovFactor

Shape = tuple[Expr, ...]


class Affine:
    """What is affine in the latents, and what q makes of it."""

    def __init__(self, factors: Mapping[Symbol, Law]):
        """factors: by the latent's label."""
        self.factors = factors
        self.normal = {s for s, q in factors.items() if q.normal}
        self._names = iter(range(10**9))

    def new(self, size: Expr) -> Symbol:
        """An index that nothing else uses."""
        return index(f"k{next(self._names)}@", size)

    def latents(self, expr: Expr) -> frozenset[Symbol]:
        return symbols_in(expr) & self.factors.keys()

    def is_normal(self, expr: Expr) -> bool:
        """Whether the expression is affine in normal latents and free of others."""
        return self.latents(expr) <= self.normal and self.holds(expr)

    def holds(self, expr: Expr) -> bool:
        """Whether the expression is affine."""
        if not self.latents(expr):
            return True
        if isinstance(expr, Symbol):
            return not self.factors[expr].labels
        if isinstance(expr, Indexed):
            q = self.factors.get(expr.base.label)
            return not (q and q.labels) and not any(map(self.latents, expr.indices))
        if isinstance(expr, sp.Add):
            return all(map(self.holds, expr.args))
        if isinstance(expr, sp.Mul):
            random = [a for a in expr.args if self.latents(a)]
            return len(random) == 1 and self.holds(random[0])
        fixed = isinstance(expr, Sum) and not any(
            self.latents(end) for _, low, high in expr.limits for end in (low, high)
        )
        return fixed and self.holds(expr.function)

    def mean(self, expr: Expr) -> Expr:
        return with_elements(expr, self.factors, lambda label, at: self.factors[label].mean(at))

    def covariance(self, a: Expr, b: Expr) -> Expr:
        """Cov(a, b) of two affine functions."""
        total = []
        for label, q in self.factors.items():
            if label not in symbols_in(a) & symbols_in(b):
                continue
            shape = q.variable.shape
            if isinstance(q, (DiscreteMarkovFactor, GaussianMarkovFactor)):
                total.append(self._along_time(a, b, q))
                continue
            i, j = self._slots(shape), self._slots(shape)
            left, right = self._slope(a, label, shape, i), self._slope(b, label, shape, j)
            if isinstance(q, FullNormalFactor):
                (m,) = self._slots(shape)
                between = q.element("scale", (*i, m)) * q.element("scale", (*j, m))
                inner = collapsed_sum(left * right * between, (*i, *j), (*shape, *shape))
                total.append(Sum(inner, (m, 0, shape[0] - 1)))
            elif isinstance(q, CovarianceNormalFactor):  # of vectors, that are independent
                *copies, _ = shape
                same = dict(zip(j[:-1], i[:-1], strict=True))
                between = q.element("covariance", (*i, j[-1]))
                summand = left * right.xreplace(same) * between
                total.append(collapsed_sum(summand, (*i, j[-1]), (*copies, shape[-1], shape[-1])))
            else:
                right = right.xreplace(dict(zip(j, i, strict=True)))
                total.append(collapsed_sum(left * right * q.variance(i), i, shape))
        return sp.Add(*total)

    def _along_time(self, a: Expr, b: Expr, q: DiscreteMarkovFactor | GaussianMarkovFactor) -> Expr:
        """Their covariance by one chain: that of each pair of steps in them."""
        shape = q.variable.shape[1:]
        i, j = self._slots(shape), self._slots(shape)
        total = []
        for t, left in self._by_step(a, q, i).items():
            for u, right in self._by_step(b, q, j).items():
                lag = sp.expand(t - u)
                if not lag.is_Integer or abs(lag) > q.reach:
                    raise NotAnalytic(f"steps {t} and {u} of {q.variable.name} are far apart")
                later, earlier = ((t, *i), (u, *j)) if lag >= 0 else ((u, *j), (t, *i))
                between = q.covariance(later, earlier, abs(int(lag)))
                if isinstance(q, DiscreteMarkovFactor):  # coordinates are independent
                    same = dict(zip(j, i, strict=True))
                    summand = (left * right * between).xreplace(same)
                    total.append(collapsed_sum(summand, i, shape))
                else:
                    total.append(collapsed_sum(left * right * between, (*i, *j), (*shape, *shape)))
        return sp.Add(*total)

    def _by_step(
        self, expr: Expr, q: DiscreteMarkovFactor | GaussianMarkovFactor, at: Sequence[Symbol]
    ) -> dict[Expr, Expr]:
        """Step -> the slope of an affine function in the chain's element there."""
        label, shape = q.variable.label, q.variable.shape[1:]
        own = [e for e in expr.atoms(Indexed) if e.base.label == label]
        inside = {i for total in expr.atoms(Sum) for i, *_ in total.limits}
        if any(symbols_in(e.indices[0]) & inside for e in own):
            raise NotAnalytic(f"a sum over the steps of {q.variable.name} has no closed form")
        step = Symbol(f"{label.name}@step", real=True)
        found = {}
        for t in dict.fromkeys(e.indices[0] for e in sorted(own, key=str)):
            here = {e: element(step, e.indices[1:]) for e in own if e.indices[0] == t}
            found[t] = self._slope(expr.xreplace(here), step, shape, at)
        return found

    def product(self, factors: Sequence[Expr], shifts: Sequence[Expr] | None = None) -> Expr:
        """E[prod (factor_i + shift_i)] (Isserlis, for normal latents)."""
        if len(factors) > 2 and any(self.latents(f) - self.normal for f in factors):
            raise NotAnalytic("products of more than two are known for normal latents only")
        shifts = shifts or [sp.S.Zero] * len(factors)
        means = [self.mean(f) + s for f, s in zip(factors, shifts, strict=True)]
        return isserlis(means, lambda i, j: self.covariance(factors[i], factors[j]))

    def _slots(self, shape: Shape) -> tuple[Symbol, ...]:
        return tuple(map(self.new, shape))

    @staticmethod
    def _slope(expr: Expr, label: Symbol, shape: Shape, at: Sequence[Symbol]) -> Expr:
        found, own = derivative(expr, label, shape)
        return found.xreplace(dict(zip(own, at, strict=True)))


def isserlis(means: Sequence[Expr], covariance: Callable[[int, int], Expr]) -> Expr:
    """E[prod (mean_i + noise_i)]: pairs of factors covary, the rest are means."""
    total = []
    for pairs in _pairings(range(len(means))):
        paired = {k for pair in pairs for k in pair}
        covaried = [covariance(a, b) for a, b in pairs]
        total.append(sp.Mul(*covaried, *(m for k, m in enumerate(means) if k not in paired)))
    return sp.Add(*total)


def _pairings(items: Any) -> Iterator[list[tuple[int, int]]]:
    """All ways to pair up some of the items."""
    items = list(items)
    for count in range(len(items) // 2 + 1):
        for chosen in combinations(items, 2 * count):
            yield from _perfect(list(chosen))


def _perfect(items: list[int]) -> Iterator[list[tuple[int, int]]]:
    if not items:
        yield []
        return
    first, *rest = items
    for other in rest:
        for pairs in _perfect([k for k in rest if k != other]):
            yield [(first, other), *pairs]
