"""Expectations under q in closed form, for one generic coordinate of a model.

q factorises over the latents (`q`).  Discrete latents are summed over; of positive ones, of
shares and of probabilities the means of powers and logarithms are known; of normal ones those of
products of affine functions (Isserlis), |affine|, exp(affine) and its product with affine
functions.  Anything else is `NotAnalytic`, or left to Gauss-Hermite nodes where they are allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product

import sympy as sp
from sympy import Expr, Indexed, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.poly import linked, symbols_in
from entropy_proofs.expectation.affine import Affine
from entropy_proofs.expectation.gauss_hermite import Rule
from entropy_proofs.families.spaces import BINARY
from entropy_proofs.q.discrete import BernoulliFactor, CategoricalFactor
from entropy_proofs.q.factor import Law, NotAnalytic
from entropy_proofs.q.markov.discrete_markov import DiscreteMarkovFactor

_MOST_FACTORS = 4  # affine functions in one product


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


class Moments:
    """E_q as an operator on a model's expressions."""

    def __init__(self, factors: Mapping[Symbol, Law], nodes: int | None = None):
        """Of q's factors by the latent's label.

        nodes: how many Gauss-Hermite nodes replace a closed form that is not known; None for none.
        """
        self.factors = factors
        self._affine = Affine(factors)
        self._rule = None if nodes is None else Rule(self._affine, nodes)
        self._discrete = {s for s, f in factors.items() if f.variable.support.discrete}

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
        if isinstance(q, DiscreteMarkovFactor):
            return self._states_summed_out(expr, chosen, elements[1:], q)
        if isinstance(q, BernoulliFactor):
            p = q.element("probability", at)
            one, zero = (self(expr.xreplace({chosen: v})) for v in (sp.S.One, sp.S.Zero))
            return p * one + (1 - p) * zero
        assert isinstance(q, CategoricalFactor)
        (count,) = q.variable.support.bounds
        k = self._affine.new(count)
        weight = q.element("probabilities", (*at, k))
        return Sum(weight * self(expr.xreplace({chosen: k})), (k, 0, count - 1))

    def _states_summed_out(
        self, expr: Expr, chosen: Expr, others: Sequence[Expr], q: DiscreteMarkovFactor
    ) -> Expr:
        """sum over one step of a chain, or over two neighbours, of q times E_q[expr | states]."""
        assert isinstance(chosen, Indexed)
        own = [a for a in others if isinstance(a, Indexed) and a.base == chosen.base]
        if not own:
            return self._over_states(
                expr, (chosen,), q, lambda k: q.element("probabilities", (*chosen.indices, *k))
            )
        (other, *more) = own
        lag = sp.expand(other.indices[0] - chosen.indices[0])
        if more or abs(lag) != 1 or chosen.indices[1:] != other.indices[1:]:
            known = ", ".join(map(str, (chosen, *own)))
            raise NotAnalytic(f"{known}: a Markov q knows a state with its neighbour alone")
        first, second = (chosen, other) if lag == 1 else (other, chosen)
        return self._over_states(
            expr, (first, second), q, lambda k: q.element("pairs", (*first.indices, *k))
        )

    def _over_states(
        self,
        expr: Expr,
        chosen: Sequence[Expr],
        q: DiscreteMarkovFactor,
        weight: Callable[[Sequence[Expr]], Expr],
    ) -> Expr:
        if q.binary:  # numbers, that expressions compute with
            values = product((sp.S.Zero, sp.S.One), repeat=len(chosen))
            given = (dict(zip(chosen, v, strict=True)) for v in values)
            return sp.Add(*(weight(list(v.values())) * self(expr.xreplace(v)) for v in given))
        k = [self._affine.new(q.states) for _ in chosen]
        inner = self(expr.xreplace(dict(zip(chosen, k, strict=True))))
        return Sum(weight(k) * inner, *((i, 0, q.states - 1) for i in k))

    def _is_bit(self, element: Indexed) -> bool:
        return self.factors[element.base.label].variable.support == BINARY

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
        """E of a product: sums in it multiplied out, then one independent group at a time."""
        factors: list[Expr] = []
        for f in given:
            power = isinstance(f, sp.Pow) and f.exp.is_Integer and f.exp > 0
            base, count = (f.base, int(f.exp)) if power else (_split_log(f), 1)
            factors.extend([base] * count)
            if base != f and not power:  # of a log: with factors of its own
                return self._real(sp.Mul(*(_split_log(g) for g in given)))
        total = next(
            (f for f in factors if isinstance(f, (sp.Add, Sum)) and not self._affine.holds(f)),
            None,
        )
        if total is not None:
            return self._distributed(factors, total)
        dependent = linked(map(self._affine.latents, factors))  # the others are independent
        return sp.Mul(*(self._dependent([factors[k] for k in ks]) for ks in dependent))

    def _distributed(self, factors: list[Expr], total: Expr) -> Expr:
        rest = list(factors)
        rest.remove(total)
        if isinstance(total, Sum):  # with indices of its own: another factor may be the same sum
            renaming = {i: self._affine.new(high + 1) for i, _, high in total.limits}
            limits = [(renaming[i], low, high) for i, low, high in total.limits]
            return self._real(Sum(sp.Mul(total.function.xreplace(renaming), *rest), *limits))
        return sp.Add(*(self._real(sp.Mul(a, *rest)) for a in total.args))

    def _dependent(self, factors: list[Expr]) -> Expr:
        """E of a product of factors that share latents."""
        affine = [f for f in factors if self._affine.holds(f)]
        other = [f for f in factors if not self._affine.holds(f)]
        if len(affine) > _MOST_FACTORS:
            raise self._unknown(factors)
        found = self._of_one_element(factors)
        if found is None and not other:
            found = self._affine.product(affine)
        if found is None and len(other) == 1:
            found = self._of_normal(affine, other[0])
        if found is None and self._rule is not None:
            found = self._rule(affine, other)
        if found is None:
            raise self._unknown(factors)
        return found

    def _of_one_element(self, factors: Sequence[Expr]) -> Expr | None:
        """E z^k, E log z or E log(1 - z) of an element of a latent that is not normal."""
        expr = sp.Mul(*factors)
        base, exponent = expr.as_base_exp()
        if self._is_element(base) and not self._random(exponent):
            q, at = self._element(base)
            return q.mean(at) if exponent == 1 else q.power(at, exponent)
        if isinstance(expr, sp.log):
            inside = expr.args[0]
            if self._is_element(inside):
                q, at = self._element(inside)
                return q.log(at)
            if self._is_element(1 - inside):
                q, at = self._element(1 - inside)
                return q.log_complement(at)
        return None

    def _is_element(self, expr: Expr) -> bool:
        label = nodes.label_of(expr)
        known = label in self.factors and label not in self._affine.normal | self._discrete
        return known and not any(map(self._random, nodes.indices_of(expr)))

    def _element(self, expr: Expr) -> tuple[Law, tuple[Expr, ...]]:
        return self.factors[nodes.label_of(expr)], nodes.indices_of(expr)

    def _of_normal(self, affine: Sequence[Expr], other: Expr) -> Expr | None:
        """E |u| or E[prod affine * exp(u)] for u affine in normal latents."""
        u = other.args[0]
        if not self._affine.is_normal(u):
            return None
        mean, variance = self._affine.mean, self._affine.covariance
        if isinstance(other, sp.Abs) and not affine:
            return FoldedMean(mean(u), sp.sqrt(variance(u, u)))
        if isinstance(other, sp.exp):
            # under the tilted normal each mean moves by its covariance with u
            shifts = [self._affine.covariance(a, u) for a in affine]
            return sp.exp(mean(u) + variance(u, u) / 2) * self._affine.product(affine, shifts)
        return None

    def _unknown(self, factors: Sequence[Expr]) -> NotAnalytic:
        names = sorted({s.name for f in factors for s in self._affine.latents(f)})
        shown = sp.Mul(*factors)
        return NotAnalytic(f"no closed form is known for E_q[{shown}] over {', '.join(names)}")


def _split_log(expr: Expr) -> Expr:
    """log(a z^k exp(u)) as log a + k log z + u, for positive z."""
    if not isinstance(expr, sp.log):
        return expr
    split: list[Expr] = []
    rest: list[Expr] = []
    for f in sp.Mul.make_args(expr.args[0]):
        base, exponent = f.as_base_exp()
        if isinstance(f, sp.exp):
            split.append(f.args[0])
        elif base.is_positive and (exponent != 1 or isinstance(base, (Symbol, Indexed))):
            split.append(exponent * sp.log(base))
        else:
            rest.append(f)
    return sp.Add(sp.log(sp.Mul(*rest)), *split)


def _coinciding(elements: Sequence[Expr]) -> tuple[Indexed, Indexed] | None:
    """Two elements that may be one and the same: z[i] and z[j], but not z[t] and z[t + 1]."""
    arrays = [a for a in elements if isinstance(a, Indexed)]
    for a, b in combinations(arrays, 2):
        steps = [i - j for i, j in zip(a.indices, b.indices, strict=False)]
        if a.base == b.base and not any(step.is_number and step != 0 for step in steps):
            return a, b
    return None


def reach_of(label: Symbol, expr: Expr) -> int:
    """How many steps of a chain the elements in an expression are apart at most."""
    steps = {a.indices[0] for a in expr.atoms(Indexed) if a.base.label == label}
    apart = (sp.expand(t - u) for t, u in combinations(steps, 2))
    return max((abs(int(n)) for n in apart if n.is_Integer), default=0)


def exponents_of(label: Symbol, expr: Expr) -> set[Expr]:
    """The powers of a positive latent's elements that an expression calls for."""
    if label not in symbols_in(expr):
        return set()
    base, exponent = expr.as_base_exp()
    if base == label or (isinstance(base, Indexed) and base.base.label == label):
        return {exponent}
    if isinstance(expr, sp.log):
        split = _split_log(expr)
        if split != expr:
            return exponents_of(label, split)
        inside = expr.args[0]
        if inside == label or isinstance(inside, Indexed):
            return set()
    return {e for a in expr.args for e in exponents_of(label, a)}
