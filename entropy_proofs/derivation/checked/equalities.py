"""Equalities that are shown because they were checked, and by whom.

The kernel is asked first: both sides in its language, derivatives by its own rule.  What its
language has no words for is compared by the normal forms that the search uses.  An equality that
neither shows is none: `Judge.equality` returns None, and nothing may display it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.derive import SymbolicDerivation
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, length
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays.display import pretty
from entropy_proofs.errors import InputError
from entropy_proofs.judge.vouching import ModelKernel
from entropy_proofs.kernel.derivation import Derivation, along, flowing
from entropy_proofs.kernel.language.terms import Term, closed
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Poly
from entropy_proofs.kernel.refusal import Refused, bounded
from entropy_proofs.model.pointwise import FieldComponent, Identity, LatentFlow, derivation_along
from entropy_proofs.proof.record import ProofRecord

Axes = tuple[tuple[Symbol, Expr], ...]
KERNEL, NORMAL_FORMS = "the kernel", "normal forms"
_LIMITS = (
    ArithmeticError, AssertionError, InputError, LookupError, NotImplementedError, RecursionError,
    Refused, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """The derivative of an expression along components of a field and flows of latents."""

    of: Expr
    components: tuple[FieldComponent, ...] = ()
    flows: tuple[LatentFlow, ...] = ()

    def derivation(self) -> SymbolicDerivation:
        return derivation_along(self.components, self.flows)

    def normal(self) -> Polynomial:
        """In normal form.  Raises TypeError where there is no rule for it."""
        return self.derivation()(normal(self.of))

    def shown(self) -> Expr:
        """An expression of it, term by term: a multiple of a term of `of` is written as that."""
        d = self.derivation()
        return sp.Add(*(self._term(d, part) for part in sp.Add.make_args(self.of)))

    def _term(self, d: SymbolicDerivation, part: Expr) -> Expr:
        before, after = normal(part), d(normal(part))
        if not after:
            return sp.Integer(0)
        lead = before.ordered()[0][0]
        ratio = Fraction(after.terms.get(lead, 0)) / Fraction(before.terms[lead])
        if ratio and after == before.scale(ratio):
            return sp.Rational(ratio.numerator, ratio.denominator) * part
        found = [pretty(after.expr())]
        if len(self.components) == 1 and not self.flows and not self.components[0].shape:
            (c,) = self.components
            found.append(pretty(c.element) * sp.diff(part, c.label))
        return min(found, key=length)


Side: TypeAlias = Expr | Moved


@dataclass(frozen=True)
class Equality:
    """left = right at all indices of `axes`, all values and all parameters.

    judge: who checked it, `KERNEL` or `NORMAL_FORMS`.
    """

    left: Side
    right: Expr
    axes: Axes
    judge: str


class Judge:
    """What one model's equalities are checked by; `asked` counts them."""

    def __init__(self, proof: ProofRecord):
        self.asked = 0
        self._kernel = ModelKernel(proof.model)
        self._algebra: Algebra | None = None
        self._indices: dict[tuple[Symbol, Expr], Term] = {}  # of both sides alike
        if self._kernel.unsupported is None:
            self._algebra = Algebra(self._kernel.statement.signature())
            for c in proof.conditions:
                self._assume(c.value, c.over, c.positive)

    def _assume(self, value: Expr, over: Axes, positive: bool) -> None:
        assert self._algebra is not None
        try:
            with bounded():
                p = self._normal(value, over)
                self._algebra.signs.assume(p, "+" if positive else "≠")
        except _LIMITS:
            return  # then less is shown

    def equality(self, left: Side, right: Expr, axes: Axes = ()) -> Equality | None:
        """The equality, if it is shown."""
        self.asked += 1
        if self._by_kernel(left, right, axes):
            return Equality(left, right, axes, KERNEL)
        if self._by_normal_forms(left, right):
            return Equality(left, right, axes, NORMAL_FORMS)
        return None

    def _by_normal_forms(self, left: Side, right: Expr) -> bool:
        try:
            one = left.normal() if isinstance(left, Moved) else normal(left)
            return is_zero(one - normal(right))
        except _LIMITS:
            return False

    def _by_kernel(self, left: Side, right: Expr, axes: Axes) -> bool:
        if self._algebra is None:
            return False
        try:
            with bounded():
                one = self._side(left, axes)
                return bool(self._algebra.vanishes(one - self._normal(right, axes)))
        except _LIMITS:
            return False

    def _side(self, side: Side, axes: Axes) -> Poly:
        if not isinstance(side, Moved):
            return self._normal(side, axes)
        assert self._algebra is not None
        lowering, moved = self._kernel.lowering, {}
        for c in side.components:
            fresh = [lowering.fresh(lowering.size(n)) for n in c.shape]
            indices = {**self._indices_of(axes), **dict(zip(c.slots, fresh, strict=True))}
            element = closed(lowering.value(c.element, indices), fresh)
            moved[c.label.name] = along(self._algebra, element)
        for f in lowering.certificate(Identity((), side.flows, ()), ()).flows:
            moved[f.label] = flowing(self._algebra, self._algebra.normal(f.rate), f.shift)
        return Derivation(self._algebra, moved)(self._normal(side.of, axes))

    def _normal(self, expr: Expr, axes: Axes) -> Poly:
        assert self._algebra is not None
        lowering = self._kernel.lowering
        return self._algebra.normal(lowering.value(expr, self._indices_of(axes)))

    def _indices_of(self, axes: Axes) -> dict[Symbol, Term]:
        lowering = self._kernel.lowering
        for i, n in axes:
            if (i, n) not in self._indices:
                self._indices[i, n] = lowering.fresh(lowering.size(n))
        return {i: self._indices[i, n] for i, n in axes}
