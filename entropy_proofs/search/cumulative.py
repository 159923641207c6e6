"""Thresholds t of ordered categories as cumulative probabilities s = sigmoid(t), for the search.

The probability of a category is then s_k - s_(k-1), and the field that a categorical has for its
probabilities p, p_k (log p_k + H), is one of polynomials in s.  In t, sums of exp(t) would have to
be brought over one denominator.  What moves s by D s moves t by D s / (s (1 - s)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Symbol

from entropy_proofs.families.spaces import INCREASING
from entropy_proofs.model.pointwise import FieldComponent, GenericConditional, Identity
from entropy_proofs.search.moving import Setting, of_these

Labels = Mapping[Symbol, Symbol]


@dataclass(frozen=True)
class Cumulative:
    """A search's setting in s.  thresholds: {label of s: label of t}."""

    setting: Setting
    thresholds: Labels

    def restored(self, found: Identity, conditionals: Sequence[GenericConditional]) -> Identity:
        """The identity of these conditionals, which are in t."""
        moved = replace(found, field=tuple(map(self._component, found.field)))
        return of_these(moved, conditionals, self._in_thresholds)

    def _component(self, c: FieldComponent) -> FieldComponent:
        """D t = D s / (s (1 - s)), with s divided out of the terms that have it as a factor."""
        if c.label not in self.thresholds:
            return replace(c, element=self._in_thresholds(c.element))
        label = self.thresholds[c.label]
        t = IndexedBase(label)[c.slots]
        inside, alone = sp.S.Zero, sp.S.Zero
        for term in sp.Add.make_args(sp.expand(c.element)):
            (k,) = (next(i for i in d.args if i.is_Integer) for d in _deltas(term, c.slots[-1]))
            s = IndexedBase(c.label)[(*c.slots[:-1], k)]
            if s in sp.Mul.make_args(term):
                inside += term / s
            else:
                alone += term
        element = self._in_thresholds(inside) * (1 + sp.exp(t))
        element += self._in_thresholds(alone) * (2 + sp.exp(t) + sp.exp(-t))
        return replace(c, label=label, element=element)

    def _in_thresholds(self, expr: Expr) -> Expr:
        logs = {a: self._log(a) for a in expr.atoms(sp.log) if self._elements(a)}
        found = expr.xreplace(logs)
        return found.xreplace({s: 1 / (1 + sp.exp(-self._t(s))) for s in self._elements(found)})

    def _log(self, log: Expr) -> Expr:
        """log s, log(1 - s) or log(s_k - s_j), as the densities have them."""

        def below(s: Expr) -> Expr:
            return -sp.log(1 + sp.exp(-self._t(s)))

        def above(s: Expr) -> Expr:
            return below(s) - self._t(s)

        (argument,) = log.args
        signs = dict(argument.as_coefficients_dict())
        (upper,) = [a for a, sign in signs.items() if sign == 1]
        lower = [a for a, sign in signs.items() if sign == -1]
        if not lower:
            return below(upper)
        if upper == 1:
            return above(*lower)
        between = sp.log(1 - sp.exp(self._t(*lower) - self._t(upper)))
        return below(upper) + above(*lower) + between

    def _elements(self, expr: Expr) -> list[Indexed]:
        return [a for a in expr.atoms(Indexed) if a.base.label in self.thresholds]

    def _t(self, s: Indexed) -> Expr:
        return IndexedBase(self.thresholds[s.base.label])[s.indices]


def cumulative(setting: Setting) -> Cumulative | None:
    """The conditionals in s; None where there are none, or logarithms hold other things too."""
    shares = {
        label: Symbol(f"sigmoid({label.name})", positive=True)
        for p in setting.parameters
        for label in p.labels
        if p.domain == INCREASING and p.shape[-1].is_Integer
    }
    if not shares:
        return None
    moved = [_in_shares(c.log_density, shares) for c in setting.conditionals]
    if None in moved:
        return None
    renamed = [
        replace(p, labels=frozenset(shares.get(label, label) for label in p.labels))
        for p in setting.parameters
    ]
    shown = replace(setting.written(moved), parameters=renamed)
    return Cumulative(shown, {s: t for t, s in shares.items()})


def _in_shares(log_p: Expr, shares: Labels) -> Expr | None:
    """With t = log s - log(1 - s), where logarithms of polynomials in s alone come of it."""
    new: dict[Expr, Expr] = {}
    places: dict[Expr, Expr] = {}  # s[..., k] in order of k, at which factors' signs are seen
    for t in (a for a in log_p.atoms(Indexed) if a.base.label in shares):
        s, k = IndexedBase(shares[t.base.label])[t.indices], t.indices[-1]
        if not k.is_Integer:
            return None
        new[t], places[s] = sp.log(s) - sp.log(1 - s), 1 - sp.Rational(1, k + 2)
    for log in (a for a in log_p.atoms(sp.log) if a.atoms(Indexed) & new.keys()):
        split = sp.Integer(0)
        for factor, e in sp.factor(log.args[0].xreplace(new)).as_powers_dict().items():
            value = factor.xreplace(places)
            if not value.is_Rational:
                return None
            split += e * sp.log(sp.expand(factor * sp.sign(value)))
        new[log] = split
    return log_p.xreplace(new)


def _deltas(term: Expr, slot: Expr) -> list[Expr]:
    """The indicators of a threshold's place."""
    return [d for d in term.atoms(KroneckerDelta) if slot in d.args]
