"""The pointwise entropy identity of one density, given by its formula alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Lambda, MatrixSymbol, Symbol
from sympy.core.function import AppliedUndef

from entropy_proofs.ad_hoc import ad_hoc_model, shape_of_label, support_of, with_assumptions
from entropy_proofs.algebra.matrices import element_of, scalar
from entropy_proofs.algebra.nodes import LogDet
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.checker import check
from entropy_proofs.display import pretty
from entropy_proofs.errors import InputError, NoIdentity
from entropy_proofs.families import Density
from entropy_proofs.families.base import Support
from entropy_proofs.model import Model, Term
from entropy_proofs.pointwise import Component, Conditional, Identity, TermIdentity
from entropy_proofs.search import Moving, search
from entropy_proofs.validate import check_density


@dataclass(frozen=True)
class DensityIdentity:
    """D_field log p = log p - log h(v) + H(a; parameters), checked.

    field: {parameter: direction}.  entropy: H in nats, the (pseudo-)entropy of a density that
    integrates to one.  log_base_measure: log h, a function of the variable alone.
    normalised: True if the density was seen to integrate to one over its support; None if that
    could not be checked (no support was given, and the variable's assumptions do not say it): H
    is then an entropy only if it does.
    """

    field: Mapping[Any, Any]
    entropy: Expr
    log_base_measure: Expr
    identity: Identity
    normalised: bool | None

    @property
    def is_pseudo(self) -> bool:
        return self.log_base_measure != 0

    def _repr_latex_(self) -> str:
        from entropy_proofs.export.latex import latex

        return f"$\\displaystyle H = {latex(self.entropy)}$"


def identity(
    log_density: Any,
    variable: Any,
    parameters: Any,
    given: Any = (),
    support: sp.Set | None = None,
) -> DensityIdentity:
    """Find and check the pointwise entropy identity of one density.

    Args:
        log_density: log p(v | given; parameters) in nats: a SymPy expression of symbols, matrix
            symbols, or elements of `IndexedBase` arrays.
        variable: the variable, or a tuple of its components.
        parameters: what may move; every other symbol is a known constant.
        given: parents, on which the field may not depend.
        support: of a scalar variable, a SymPy set; its density is then checked to integrate to
            one over it.

    Raises:
        NoIdentity: there is none (`.witness` shows it), or none was found (`.witness` is None).
        InputError: an argument is not of these forms, or the density is not normalised.
    """
    subject = _Subject(log_density, _listed(variable), _listed(parameters), _listed(given))
    normalised = subject.normalised(support)
    for candidate in search([subject.conditional], subject.moving, []):
        if check(candidate, subject.domains, {}).holds:
            return subject.result(candidate, candidate.terms[0], normalised)
    raise subject.failure()


class _Subject:
    """The arguments, with every symbol real and every matrix as its elements."""

    def __init__(self, log_density: Any, variable: list, parameters: list, given: list):
        try:
            density = scalar(sp.sympify(log_density))
        except (sp.SympifyError, TypeError) as error:
            raise InputError(f"log density: {error}") from None
        self.matrices = sp.sympify(log_density).atoms(MatrixSymbol)
        self.real = with_assumptions(density)
        self.back = {v: k for k, v in self.real.items()}
        self.density = density.xreplace(self.real).replace(sp.log, _split_log)
        self.parameters = {self._label(p): p for p in parameters}
        known = symbols_in(self.density)
        own = frozenset(self._label(v) for v in variable)
        for label, p in self.parameters.items():
            if label in own:
                raise InputError(f"{p} is both a parameter and the variable")
        if not own & known:
            raise InputError(f"{variable[0]}: the log density does not depend on the variable")
        parents = frozenset(self._label(g) for g in given)
        self.own, self.parents = own, parents
        self.conditional = Conditional("the density", self.density, own, parents)
        self.domains = dict.fromkeys(self.parameters, "real")
        self.moving = [
            Moving(s.name, frozenset([s]), "real", self._shape(s, p))
            for s, p in self.parameters.items()
        ]

    def _label(self, given: Any) -> Symbol:
        if isinstance(given, MatrixSymbol):
            return element_of(given).label
        if isinstance(given, IndexedBase):
            return self.real.get(given.label, given.label)
        if isinstance(given, Indexed):
            return self._label(given.base)
        if isinstance(given, Symbol):
            return self.real.get(given, given)
        raise InputError(f"{given} is not a symbol, a matrix symbol or an indexed base")

    def _shape(self, label: Symbol, given: Any) -> tuple[Expr, ...]:
        if isinstance(given, MatrixSymbol):
            return given.shape if given.shape[1] != 1 else given.shape[:1]
        return shape_of_label(self.density, label)

    def result(
        self, found: Identity, term: TermIdentity, normalised: bool | None
    ) -> DensityIdentity:
        field = {}
        for c in found.field:
            given = self.parameters[c.label]
            field[given] = self._direction(c, given)
        entropy = self._shown(term.entropy)
        log_h = self._shown(term.log_base_measure)
        return DensityIdentity(field, entropy, log_h, found, normalised)

    def _shown(self, expr: Expr) -> Expr:
        """Written with the caller's symbols and matrix symbols."""
        bases = {element_of(m).label: m for m in self.matrices}
        shown = pretty(expr)
        for a in shown.atoms(LogDet):
            entry, own = a.matrix.expr, a.matrix.variables
            label = entry.base.label if isinstance(entry, Indexed) else None
            if label in bases and entry.indices == own:
                shown = shown.xreplace({a: sp.log(sp.Determinant(bases[label]))})
        return shown.xreplace(self.back)

    def normalised(self, support: sp.Set | None) -> bool | None:
        """Whether the density integrates to one; raises if it is known not to."""
        model, term = self._model()
        if len(self.own) != 1 or term.event or model.variables[term.variable].shape:
            return None
        if support is not None:
            term = replace(term, support=Support.of_set(support, term.variable))
        try:
            checked = check_density(model, term)
        except InputError:
            if support is not None:
                raise
            return None
        except (ArithmeticError, LookupError, NameError, TypeError):
            return None  # no numeric form
        return checked or None

    def failure(self) -> NoIdentity:
        """Why there is none, with a witness if there is one."""
        from entropy_proofs.refute import refute

        model, term = self._model()
        stated = [replace(self.conditional, log_density=term.log_density)]
        witness = refute(model, [term], True, stated) or refute(model, [term], False, stated)
        if witness is None:
            return NoIdentity("no field was found, and none could be excluded")
        return NoIdentity(witness.summary, witness)

    def _model(self) -> tuple[Model, Term]:
        """The density as the only conditional of a model, with every other symbol a constant.

        An unspecified function becomes 2 + tanh: what one function refutes, all do.
        """
        density = self.density.replace(
            lambda e: isinstance(e, AppliedUndef), lambda e: 2 + sp.tanh(sp.Add(*e.args))
        )
        density = density.replace(sp.erfc, lambda x: 1 - sp.erf(x))
        density = density.replace(sp.sech, lambda x: 1 / sp.cosh(x))
        learned = frozenset(self.parameters)
        model = ad_hoc_model([density], self.matrices, self.own, self.parents, learned)
        own = min(self.own, key=str)
        family = Density(lambda _: density)
        term = Term(own.name, own.name, own, (), (), density, support_of(own), family)
        model.terms.append(term)
        return model, term

    def _direction(self, c: Component, given: Any) -> Any:
        if not c.shape:
            return pretty(c.element).xreplace(self.back)
        element = normal(c.element)
        scale, own = element.single(), normal(IndexedBase(c.label)[c.slots]).single()
        if isinstance(given, MatrixSymbol) and scale and own:
            (mono, k), (base, _) = scale, own
            if base <= mono:
                rate = sp.Mul(sp.Rational(k), *[a**e for a, e in mono - base])
                if not symbols_in(rate) & set(c.slots):
                    return rate * given
        return Lambda(c.slots, pretty(c.element).xreplace(self.back))


def _split_log(argument: Expr) -> Expr:
    """log of a product of symbolic powers: for a density to be real, their bases are positive."""
    powers = [f for f in sp.Mul.make_args(argument) if f.is_Pow and not f.exp.is_number]
    rest = sp.Mul(*(f for f in sp.Mul.make_args(argument) if f not in powers))
    return sp.Add(*(f.exp * sp.log(f.base) for f in powers), sp.log(rest))


def _listed(given: Any) -> list:
    if isinstance(given, (Expr, MatrixSymbol, IndexedBase)):
        return [given]
    if isinstance(given, Iterable):
        return list(given)
    raise InputError(f"{given} is not a symbol")
