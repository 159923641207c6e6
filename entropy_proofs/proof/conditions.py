"""Under what a result holds: what must not be zero (or must be positive) for its field to exist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.nodes import InverseElement, LogDet, index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.document.blocks import Block
from entropy_proofs.kernel import found
from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.model.lowering import CONSTANTS, NAMES
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.displays import Displayed, displayed, latex_of

if TYPE_CHECKING:
    from entropy_proofs.printing.formula import Formula


@dataclass(frozen=True)
class StatedCondition(Displayed):
    """`value` != 0 (or > 0, if `positive`), for all indices of `over`.

    learned: whether it is on a learned parameter; else it is on known constants and sizes.
    """

    value: Expr
    positive: bool
    over: tuple[tuple[Symbol, Expr], ...]
    learned: bool

    def relation(self) -> Expr:
        """The condition as one writes it: a ≠ 1 for 2 - 2 a, t ≠ 1 for 1 - t**2 with t > 0."""
        value, sign = self._essence()
        constant, rest = value.as_coeff_Add()
        if not constant or rest.is_Add:
            constant, rest = sp.Integer(0), value
        scale = rest.as_coeff_Mul()[0] if constant else sp.Integer(1)
        left, right = rest / scale, -constant / scale
        if self.positive:
            return sp.Gt(left, right) if sign * scale > 0 else sp.Lt(left, right)
        if left.is_integer and left.is_positive and right == 1:
            return sp.Ge(left, 2, evaluate=False)
        return sp.Ne(left, right, evaluate=False)

    def _essence(self) -> tuple[Expr, int]:
        """What vanishes where the value does, without factors that have a sign; the sign of these.

        Its coefficients are whole, and the first is positive.
        """
        positive = {e: sp.Dummy(positive=True) for e in self.value.atoms(Indexed) if _positive(e)}
        value = self.value.xreplace(positive)
        try:
            scale, factors = sp.factor_list(sp.together(value).as_numer_denom()[0])
        except sp.PolynomialError:
            scale, factors = sp.Integer(1), [(value, 1)]
        kept = [(f, n) for f, n in factors if f.is_positive is not True]
        if self.positive:
            essence = sp.Mul(*(f**n for f, n in kept))
        else:
            essence = sp.Mul(*(f for f, _ in kept))
        if len(kept) > 1:
            essence = sp.expand(essence)
        sign = 1 if scale > 0 else -1
        if _leading(essence) < 0:
            essence, sign = sp.expand(-essence), -sign
        return essence.xreplace({d: e for e, d in positive.items()}), sign

    def _named(self) -> tuple[Expr, list[Symbol]]:
        """The relation, with indices named after their sizes."""
        from entropy_proofs.printing.layout import indices_for

        taken = {s.name for s in symbols_in(self.value)}
        names = indices_for((n for _, n in self.over), taken)
        places = dict(zip((i for i, _ in self.over), names, strict=True))
        return self.relation().xreplace(places), list(names)

    def failing(self) -> str:
        """Where it fails: w = 0, or w[d] = 0 for some d."""
        text = str(self).replace("≠", "=").replace(" for all ", " for some ")
        return text.replace(">", "≤").replace("<", "≥") if self.positive else text

    def __str__(self) -> str:
        from entropy_proofs.printing.plain import plain

        relation, indices = self._named()
        sign = {sp.Ne: "≠", sp.Gt: ">", sp.Lt: "<", sp.Ge: "≥"}[type(relation)]
        text = f"{plain(relation.lhs)} {sign} {plain(relation.rhs)}"
        return f"{text} for all {', '.join(map(str, indices))}" if indices else text

    def __repr__(self) -> str:
        return f"<{self}>"

    def formula(self) -> Formula:
        """As a formula: w \\neq 0, for all indices if there are any."""
        from entropy_proofs.printing import formula as formulas
        from entropy_proofs.printing.typeset.tree import Blank, Letter, phrase

        relation, indices = self._named()
        sign = {sp.Ne: r"\neq", sp.Gt: ">", sp.Lt: "<", sp.Ge: r"\geq"}[type(relation)]
        shown = formulas.relation(relation.lhs, sign, relation.rhs)
        if not indices:
            return shown
        every = (Blank(r"\ "), Letter(r"\forall"), Blank(), formulas.commas(*indices).tree)
        return formulas.Formula(phrase(shown.tree, *every))

    def latex(self) -> str:
        """The formula in LaTeX."""
        return self.formula().latex

    def _blocks(self) -> tuple[Block, ...]:
        return (displayed(self.formula()),)

    def _repr_latex_(self) -> str:
        with self._names_used():
            return latex_of(self.formula())


class StatedConditions(Displayed, tuple[StatedCondition, ...]):
    """All conditions of a result."""

    def _blocks(self) -> tuple[Block, ...]:
        return (displayed(*(c.formula() for c in self)),) if self else ()


def _positive(element: Indexed) -> bool:
    return bool(element.base.label.is_positive)


def _leading(expr: Expr) -> int:
    """The sign of the coefficient of the first term that is no number."""
    terms = [t for t in expr.as_ordered_terms() if not t.is_number] or [expr]
    return -1 if terms[0].as_coeff_Mul()[0].is_negative else 1


def stated(model: Model, condition: found.Condition) -> StatedCondition:
    """The kernel's condition in the model's own symbols."""
    back = _Raising(model)
    over = tuple((index(f"i{k}", back.size(n)), back.size(n)) for k, n in enumerate(condition.over))
    value = back.value(condition.value, tuple(i for i, _ in over))
    names = condition.value.labels
    learned = any(p.name in names for p in model.learned().values())
    return StatedCondition(value, condition.what == "positive", over, learned)


_FUNCTIONS = {name: kind for kind, name in NAMES.items()}
_CONSTANTS = {name: constant for constant, name in CONSTANTS.items()}


class _Raising:
    """From the kernel's terms back to SymPy, for display."""

    def __init__(self, model: Model):
        self.sizes = dict(model.dims_)
        self.labels = {p.name: p.label for p in model.parameters.values()}
        self._depth = 0

    def size(self, n: Size) -> Expr:
        return sp.Add(*(c * sp.Mul(*(self.sizes[name] for name in names)) for names, c in n))

    def index(self, t: Term, bound: tuple[Symbol, ...]) -> Expr:
        if t.op == "bound":
            return bound[t.args[0]]
        if t.op == "at":
            return self.size(t.args[0])
        if t.op == "plus":
            return self.index(t.args[0], bound) + self.size(t.args[1])
        raise TypeError(f"no index in a condition: {t}")

    def value(self, t: Term, bound: tuple[Symbol, ...]) -> Expr:
        op, args = t.op, t.args
        if op == "rational":
            q: Fraction = args[0]
            return sp.Rational(q.numerator, q.denominator)
        if op == "constant":
            return _CONSTANTS[args[0]]
        if op == "size":
            return self.size(args[0])
        if op == "index":
            return self.index(args[0], bound)
        if op == "element":
            label = self.labels[args[0]]
            return nodes.element(label, [self.index(i, bound) for i in args[1:]])
        if op in {"add", "multiply", "power"}:
            made = {"add": sp.Add, "multiply": sp.Mul, "power": sp.Pow}[op]
            return made(*(self.value(a, bound) for a in args))
        if op == "apply":
            return _FUNCTIONS[args[0]](*(self.value(a, bound) for a in args[1:]))
        if op == "delta":
            return sp.KroneckerDelta(*(self.index(i, bound) for i in args))
        if op == "sum":
            own = self._own(args[0])
            body = self.value(args[1], (*own, *bound))
            limits = [(i, 0, self.size(n) - 1) for i, n in zip(own, args[0], strict=True)]
            return sp.Sum(body, *reversed(limits))
        if op in {"logdet", "inverse"}:
            size = self.size(args[0])
            own = self._own((args[0], args[0]))
            matrix = sp.Lambda(own, self.value(args[1], (*own, *bound)))
            if op == "logdet":
                return LogDet(matrix, size)
            return InverseElement(matrix, size, *(self.index(i, bound) for i in args[2:]))
        raise TypeError(f"no part of a condition: {t}")

    def _own(self, sizes: tuple[Size, ...]) -> tuple[Symbol, ...]:
        self._depth += len(sizes)
        start = self._depth - len(sizes)
        return tuple(index(f"_{start + k + 1}", self.size(n)) for k, n in enumerate(sizes))


def where(conditions: Iterable[StatedCondition]) -> str:
    r"""\quad\text{where } w \neq 0, to stand behind a formula that needs it."""
    return rf"\quad\text{{where }} {', '.join(c.latex() for c in conditions)}"
