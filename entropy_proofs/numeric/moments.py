"""Expectations under q in closed form, for one generic coordinate of a model.

q factorises over the latents: a normal for a real one (independent coordinates, or one covariance
for all of them), probabilities for a discrete one.  Discrete latents are summed over; of normal
ones these are known: products of affine functions (Isserlis), |affine|, exp(affine) and its product
with affine functions.  Anything else is `NotAnalytic`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.model import Variable
from entropy_proofs.numeric.differentiate import derivative

Shape = tuple[Expr, ...]
#: The domain of each array that describes q.
DOMAINS_OF = {
    "mean": "real",
    "deviation": "positive",
    "scale": "lower triangular",
    "probability": "unit interval",
    "probabilities": "simplex",
}
_MOST_FACTORS = 4  # affine functions in one product


class NotAnalytic(InputError):
    """No closed form is known for an expectation."""


class FoldedMean(sp.Function):
    """E|u| of u ~ N(mean, deviation^2)."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        mean, deviation = self.args
        if argindex == 1:
            return sp.erf(mean / (sp.sqrt(2) * deviation))
        return sp.sqrt(2 / sp.pi) * sp.exp(-(mean**2) / (2 * deviation**2))

    @staticmethod
    def written(mean: Expr, deviation: Expr) -> Expr:
        gauss = sp.sqrt(2 / sp.pi) * deviation * sp.exp(-(mean**2) / (2 * deviation**2))
        return gauss + mean * sp.erf(mean / (sp.sqrt(2) * deviation))


@dataclass(frozen=True)
class Factor:
    """q of one latent: the arrays that describe it, by the latent's name and a suffix.

    real: "mean" with "deviation" (its shape) or "scale" (a lower triangular root of the covariance
    of a vector).  discrete: "probability" of a binary one, else "probabilities" along a last axis.
    """

    variable: Variable
    covariance: str = "diagonal"

    def __post_init__(self) -> None:
        v = self.variable
        if not v.support.discrete and v.support.kind != "real":
            raise NotAnalytic(f"{v.name}: no closed form for q on the {v.support.kind} numbers")
        if v.support.discrete and v.support.kind not in {"binary", "category"}:
            raise NotAnalytic(f"{v.name}: its values can't be enumerated")
        if self.full and len(v.shape) != 1:
            raise NotAnalytic(f"{v.name}: a full covariance needs a vector")

    @property
    def full(self) -> bool:
        return not self.variable.support.discrete and self.covariance == "full"

    def label(self, suffix: str) -> Symbol:
        real = DOMAINS_OF[suffix] in {"real", "lower triangular"}
        assumption = {"real": True} if real else {"positive": True}
        return Symbol(f"{self.variable.name}.{suffix}", **assumption)

    def shapes(self) -> dict[str, Shape]:
        """Suffix -> shape for one data point."""
        shape, support = self.variable.shape, self.variable.support
        if support.kind == "binary":
            return {"probability": shape}
        if support.discrete:
            return {"probabilities": (*shape, *support.bounds)}
        if self.full:
            return {"mean": shape, "scale": (*shape, *shape)}
        return {"mean": shape, "deviation": shape}

    def element(self, suffix: str, at: Sequence[Expr]) -> Expr:
        label = self.label(suffix)
        return IndexedBase(label)[tuple(at)] if at else label

    def mean(self, at: Sequence[Expr]) -> Expr:
        return self.element("probability" if self.variable.support.discrete else "mean", at)

    def variance(self, at: Sequence[Expr]) -> Expr:
        """Of one coordinate, where the coordinates are independent."""
        if self.variable.support.discrete:
            return self.mean(at) * (1 - self.mean(at))
        return self.element("deviation", at) ** 2

    def entropy(self) -> Expr:
        """H[q] of this latent, summed over its coordinates, in nats."""
        ((suffix, shape), *_) = reversed(self.shapes().items())
        at = tuple(index(f"q{k}", n) for k, n in enumerate(shape))
        p = self.element(suffix, at)
        if self.full:
            (n, _), (i, _) = shape, at
            own = sp.log(self.element("scale", (i, i)) ** 2) / 2
            return Sum(own, (i, 0, n - 1)) + n * sp.log(2 * sp.pi * sp.E) / 2
        if suffix == "deviation":
            own = sp.log(p) + sp.log(2 * sp.pi * sp.E) / 2
        elif suffix == "probabilities":
            own = -p * sp.log(p)
        else:
            own = -p * sp.log(p) - (1 - p) * sp.log(1 - p)
        return Sum(own, *[(i, 0, n - 1) for i, n in zip(at, shape, strict=True)]) if at else own


class Moments:
    """E_q as an operator on a model's expressions."""

    def __init__(self, factors: Mapping[Symbol, Factor]):
        """factors: by the latent's label."""
        self.factors = factors
        self._discrete = {s for s, f in factors.items() if f.variable.support.discrete}
        self._names = iter(range(10**9))

    def __call__(self, expr: Expr) -> Expr:
        """E_q[expr], in the arrays of q."""
        chosen = self._categories(expr)
        return self._summed_out(expr, chosen) if chosen else self._real(expr)

    # discrete latents -------------------------------------------------------------------------
    def _categories(self, expr: Expr) -> list[Expr]:
        """The discrete elements that can be summed over one by one.

        None of an array that a sum runs over too: one of its elements could be the same.
        """
        inside = {i for total in expr.atoms(Sum) for i, *_ in total.limits}
        inside |= {i for array in expr.atoms(sp.Lambda) for i in array.variables}
        found = {a for a in expr.atoms(Indexed) if a.base.label in self._discrete}
        scalars = expr.atoms(Symbol) & self._discrete - {a.base.label for a in found}
        running = {a.base.label for a in found if symbols_in(a) & inside}
        return sorted([*(a for a in found if a.base.label not in running), *scalars], key=str)

    def _summed_out(self, expr: Expr, elements: Sequence[Expr]) -> Expr:
        """sum_k q(k) E_q[expr | k] for the first element; what it does not touch is left alone."""
        if isinstance(expr, sp.Add):
            return sp.Add(*map(self, expr.args))
        if isinstance(expr, sp.Mul):
            fixed = [a for a in expr.args if not self._random(a)]
            if fixed:
                return sp.Mul(*fixed, self(sp.Mul(*(a for a in expr.args if self._random(a)))))
        same = _coinciding(elements)
        if same and all(self._is_bit(a) for a in same):
            return self._real(expr)  # as factors with means and variances
        if same:
            a, b = same
            raise NotAnalytic(f"{a} and {b} can be one, so q has no closed form over both")
        chosen = elements[0]
        own = isinstance(chosen, Indexed)
        label, at = (chosen.base.label, chosen.indices) if own else (chosen, ())
        q = self.factors[label]
        if q.variable.support.kind == "binary":
            p = q.element("probability", at)
            one, zero = (self(expr.xreplace({chosen: v})) for v in (sp.S.One, sp.S.Zero))
            return p * one + (1 - p) * zero
        (count,) = q.variable.support.bounds
        k = self._new(count)
        weight = q.element("probabilities", (*at, k))
        return Sum(weight * self(expr.xreplace({chosen: k})), (k, 0, count - 1))

    def _is_bit(self, element: Indexed) -> bool:
        return self.factors[element.base.label].variable.support.kind == "binary"

    def _random(self, expr: Expr) -> bool:
        return bool(symbols_in(expr) & self.factors.keys())

    # real latents -----------------------------------------------------------------------------
    def _real(self, expr: Expr) -> Expr:
        if not self._random(expr):
            return expr
        if isinstance(expr, sp.Add):
            return sp.Add(*map(self._real, expr.args))
        if isinstance(expr, Sum):
            return self._within(expr)
        factors = sp.Mul.make_args(expr)
        fixed = [f for f in factors if not self._random(f)]
        return sp.Mul(*fixed, self._product([f for f in factors if self._random(f)]))

    def _within(self, expr: Sum) -> Expr:
        if any(self._random(end) for _, low, high in expr.limits for end in (low, high)):
            raise NotAnalytic("a sum whose range is random has no closed form")
        return Sum(self(expr.function), *expr.limits)

    def _product(self, given: Sequence[Expr]) -> Expr:
        affine: list[Expr] = []
        other: list[Expr] = []
        for f in given:
            power = isinstance(f, sp.Pow) and f.exp.is_Integer and f.exp > 0
            base, count = (f.base, int(f.exp)) if power else (_split_log(f), 1)
            (affine if self._is_affine(base) else other).extend([base] * count)
        total = next((f for f in other if isinstance(f, (sp.Add, Sum))), None)
        if total is not None:
            return self._distributed([*affine, *other], total)
        if len(other) > 1 or len(affine) > _MOST_FACTORS:
            raise self._unknown(given)
        if not other:
            return self._apart(affine)
        u = other[0].args[0]
        normal = self._is_affine(u) and not symbols_in(u) & self._discrete
        if isinstance(other[0], sp.Abs) and not affine and normal:
            return FoldedMean(self._at_mean(u), sp.sqrt(self._covariance(u, u)))
        if isinstance(other[0], sp.exp) and normal:
            # under the tilted normal each mean moves by its covariance with u
            tilted = sp.exp(self._at_mean(u) + self._covariance(u, u) / 2)
            return tilted * self._isserlis(affine, [self._covariance(a, u) for a in affine])
        raise self._unknown(given)

    def _apart(self, affine: Sequence[Expr]) -> Expr:
        """Factors that share no latent are independent."""
        groups: list[tuple[set[Symbol], list[Expr]]] = []
        for f in affine:
            own, members = symbols_in(f) & self.factors.keys(), [f]
            for labels, others in [g for g in groups if g[0] & own]:
                groups.remove((labels, others))
                own, members = own | labels, others + members
            groups.append((set(own), members))
        return sp.Mul(*(self._isserlis(members) for _, members in groups))

    def _distributed(self, factors: list[Expr], total: Expr) -> Expr:
        rest = list(factors)
        rest.remove(total)
        if isinstance(total, Sum):  # with indices of its own: another factor may be the same sum
            renaming = {i: self._new(high + 1) for i, _, high in total.limits}
            limits = [(renaming[i], low, high) for i, low, high in total.limits]
            return self._real(Sum(sp.Mul(total.function.xreplace(renaming), *rest), *limits))
        return sp.Add(*(self._real(sp.Mul(a, *rest)) for a in total.args))

    def _unknown(self, factors: Sequence[Expr]) -> NotAnalytic:
        names = sorted({s.name for f in factors for s in symbols_in(f) & self.factors.keys()})
        shown = sp.Mul(*factors)
        return NotAnalytic(f"no closed form is known for E_q[{shown}] over {', '.join(names)}")

    def _is_affine(self, expr: Expr) -> bool:
        if not self._random(expr) or isinstance(expr, Symbol):
            return True
        if isinstance(expr, Indexed):
            label = expr.base.label
            kind = self.factors[label].variable.support.kind if label in self.factors else "real"
            return kind in {"real", "binary"} and not any(map(self._random, expr.indices))
        if isinstance(expr, sp.Add):
            return all(map(self._is_affine, expr.args))
        if isinstance(expr, sp.Mul):
            random = [a for a in expr.args if self._random(a)]
            return len(random) == 1 and self._is_affine(random[0])
        fixed = isinstance(expr, Sum) and not any(
            self._random(end) for _, low, high in expr.limits for end in (low, high)
        )
        return fixed and self._is_affine(expr.function)

    def _isserlis(self, factors: Sequence[Expr], shifts: Sequence[Expr] | None = None) -> Expr:
        """E[prod (mean_i + shift_i + noise_i)]: pairs of factors covary, the rest are means."""
        if len(factors) > 2 and any(symbols_in(f) & self._discrete for f in factors):
            raise self._unknown(factors)
        means = [self._at_mean(f) for f in factors]
        means = [m + s for m, s in zip(means, shifts or [sp.S.Zero] * len(means), strict=True)]
        total = []
        for pairs in _pairings(range(len(factors))):
            paired = {k for pair in pairs for k in pair}
            covaried = [self._covariance(factors[a], factors[b]) for a, b in pairs]
            total.append(sp.Mul(*covaried, *(m for k, m in enumerate(means) if k not in paired)))
        return sp.Add(*total)

    def _at_mean(self, expr: Expr) -> Expr:
        elements = {
            a: self.factors[a.base.label].mean(a.indices)
            for a in expr.atoms(Indexed)
            if a.base.label in self.factors
        }
        scalars = {s: q.mean(()) for s, q in self.factors.items() if not q.variable.shape}
        return expr.xreplace(elements).xreplace(scalars)

    def _covariance(self, a: Expr, b: Expr) -> Expr:
        """Cov(a, b) of two affine functions."""
        total = []
        for label, q in self.factors.items():
            if label not in symbols_in(a) & symbols_in(b):
                continue
            shape = q.variable.shape
            i, j = self._slots(shape), self._slots(shape)
            left, right = self._slope(a, label, shape, i), self._slope(b, label, shape, j)
            if q.full:
                (m,) = self._slots(shape)
                between = q.element("scale", (*i, m)) * q.element("scale", (*j, m))
                inner = collapsed_sum(left * right * between, (*i, *j), (*shape, *shape))
                total.append(Sum(inner, (m, 0, shape[0] - 1)))
            else:
                right = right.xreplace(dict(zip(j, i, strict=True)))
                total.append(collapsed_sum(left * right * q.variance(i), i, shape))
        return sp.Add(*total)

    def _slots(self, shape: Shape) -> tuple[Symbol, ...]:
        return tuple(map(self._new, shape))

    def _new(self, size: Expr) -> Symbol:
        return index(f"k{next(self._names)}@", size)

    @staticmethod
    def _slope(expr: Expr, label: Symbol, shape: Shape, at: Sequence[Symbol]) -> Expr:
        found, own = derivative(expr, label, shape)
        return found.xreplace(dict(zip(own, at, strict=True)))


def _split_log(expr: Expr) -> Expr:
    """log(a exp(u)) as log a + u."""
    if not isinstance(expr, sp.log):
        return expr
    factors = sp.Mul.make_args(expr.args[0])
    exponents = [f.args[0] for f in factors if isinstance(f, sp.exp)]
    rest = sp.Mul(*(f for f in factors if not isinstance(f, sp.exp)))
    return sp.Add(sp.log(rest), *exponents) if exponents else expr


def _coinciding(elements: Sequence[Expr]) -> tuple[Indexed, Indexed] | None:
    """Two elements that may be one and the same: z[i] and z[j], but not z[t] and z[t + 1]."""
    arrays = [a for a in elements if isinstance(a, Indexed)]
    for a, b in combinations(arrays, 2):
        steps = [i - j for i, j in zip(a.indices, b.indices, strict=False)]
        if a.base == b.base and not any(step.is_number and step != 0 for step in steps):
            return a, b
    return None


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


def collapsed_sum(expr: Expr, slots: Sequence[Symbol], shape: Sequence[Expr]) -> Expr:
    """The sum over the slots; a delta that fixes one replaces it."""
    if expr.has(KroneckerDelta):
        expr = sp.expand_mul(expr)
    if isinstance(expr, sp.Add):
        return sp.Add(*(collapsed_sum(a, slots, shape) for a in expr.args))
    limits = []
    for i, n in zip(slots, shape, strict=True):
        delta = next(
            (
                f
                for f in sp.Mul.make_args(sp.powdenest(expr))
                for base in [f.base if isinstance(f, sp.Pow) else f]
                if isinstance(base, KroneckerDelta) and i in base.args
            ),
            None,
        )
        if delta is None:
            limits.append((i, 0, n - 1))
            continue
        base = delta.base if isinstance(delta, sp.Pow) else delta
        (other,) = (a for a in base.args if a != i)
        expr = (expr / delta).xreplace({i: other})
    return Sum(expr, *limits) if limits else expr
