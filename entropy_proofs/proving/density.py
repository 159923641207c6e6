"""The pointwise entropy identity of one density, given by its formula alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Lambda, MatrixSymbol, Symbol
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef

from entropy_proofs.algebra.nodes import LogDet
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.display import pretty
from entropy_proofs.arrays.matrices import element_of, scalar, shape_of_elements
from entropy_proofs.arrays.parsing import expression
from entropy_proofs.document.blocks import Block
from entropy_proofs.errors import InputError, NoIdentity
from entropy_proofs.families import Density
from entropy_proofs.families.spaces import DOMAINS, REAL, UNIT_INTERVAL, Space, of_set
from entropy_proofs.judge.validate import check_density
from entropy_proofs.judge.vouching import GIVES_UP, Judged, ModelKernel
from entropy_proofs.model.ad_hoc import ad_hoc_model, shape_of_label, support_of, with_assumptions
from entropy_proofs.model.declarations import Variable
from entropy_proofs.model.model import Model, ModelTerm
from entropy_proofs.model.pointwise import FieldComponent, GenericConditional, Identity
from entropy_proofs.notebook.displays import Displayed, displayed, headed, latex_of, listed, titled
from entropy_proofs.notebook.statements import LOG_H
from entropy_proofs.printing.formula import formula, relation
from entropy_proofs.proof.conditions import StatedCondition, stated
from entropy_proofs.proof.directions import Directions
from entropy_proofs.search.moving import Moving, Setting
from entropy_proofs.search.search import search

_INTERNAL = tuple("~_^")


@dataclass(frozen=True)
class DensityIdentity(Displayed):
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
    conditions: tuple[StatedCondition, ...] = ()

    @property
    def is_pseudo(self) -> bool:
        return self.log_base_measure != 0

    def __repr__(self) -> str:
        moves = ", ".join(f"{name} -> {direction}" for name, direction in self.field.items())
        log_h = f", log h = {self.log_base_measure}" if self.is_pseudo else ""
        return f"<Identity along {moves or 'nothing'}: H = {self.entropy}{log_h}>"

    def _repr_latex_(self) -> str:
        return latex_of(relation(formula("H"), "=", self.entropy))

    def _blocks(self) -> tuple[Block, ...]:
        kind = "pseudo-entropy" if self.is_pseudo else "entropy"
        log_h = (relation(LOG_H, "=", self.log_base_measure),) if self.is_pseudo else ()
        seen = "integrates to one" if self.normalised else "if the density integrates to one"
        return (
            headed(kind.capitalize(), f" ({seen})"),
            displayed(relation(formula("H"), "=", self.entropy), *log_h),
            titled("Field"),
            displayed(*Directions(self.field).formulas()),
            *listed("Where", [str(c) for c in self.conditions]),
        )


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

    The gamma density: D log p = log p + H along the field, so H is its entropy.

    >>> import sympy as sp
    >>> import entropy_proofs as ep
    >>> x, a, b = sp.symbols("x a b", positive=True)
    >>> log_p = a * sp.log(b) - sp.loggamma(a) + (a - 1) * sp.log(x) - b * x
    >>> found = ep.identity(log_p, x, [a, b])
    >>> from scipy.stats import gamma
    >>> f"{float(found.entropy.subs({a: 2, b: 3})):.6f} {gamma(2, scale=1 / 3).entropy():.6f}"
    '0.478603 0.478603'
    """
    arguments = _listed(variable), _listed(parameters), _listed(given)
    subject = _Subject(log_density, *arguments, support)
    normalised = subject.normalised()
    kernel = subject.kernel()
    found = kernel.best(subject.proposed(kernel))
    if found is None:
        raise subject.failure(kernel)
    return subject.result(found, normalised)


class _Subject:
    """The arguments, with every symbol real and every matrix as its elements."""

    def __init__(
        self,
        log_density: Any,
        variable: list,
        parameters: list,
        given: list,
        support: sp.Set | None = None,
    ):
        if not variable:
            raise InputError("the density's variable is not given")
        density, self.matrices = _read(log_density)
        self.support = None if support is None else of_set(support, str(variable[0]))
        self.real: dict[Symbol, Symbol] = {}
        named = {role: [self._label(a) for a in listed]
                 for role, listed in {"the variable": variable, "a parameter": parameters,
                                      "given": given}.items()}  # fmt: skip
        _check_symbols(symbols_in(density), named)
        kinds = {v: k for v in named["the variable"] if (k := self._kind(density, v))}
        self.real = with_assumptions(density, kinds)
        self.back = {v: k for k, v in self.real.items()}
        self.density = density.xreplace(self.real).replace(sp.log, _split_log)
        _check_numbers(self.density)
        self.parameters = {self._label(p): p for p in parameters}
        self.own = frozenset(self._label(v) for v in variable)
        self.parents = frozenset(self._label(g) for g in given)
        if not self.own & symbols_in(self.density):
            raise InputError(f"{variable[0]}: the log density does not depend on the variable")
        if self.support is not None:
            self.support = self._fixed(self.support, str(variable[0]))
        self.conditional = GenericConditional("the density", self.density, self.own, self.parents)
        self.moving = [
            Moving(s.name, frozenset([s]), REAL, self._shape(s, p))
            for s, p in self.parameters.items()
        ]

    def _kind(self, density: Expr, label: Symbol) -> str | None:
        """The support that goes into the variable's assumptions; where log(1 - v) is real."""
        if self.support is not None:
            return self.support.name if self.support.name in DOMAINS else None
        inside = [a.args[0] for a in density.atoms(sp.log)]
        inside += [a.base for a in density.atoms(sp.Pow) if not a.exp.is_Integer]
        below_one = any(_has_sign_of(e, 1 - label) for e in inside)
        return UNIT_INTERVAL.name if label.is_positive and below_one else None

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
            return shape_of_elements(given)
        return shape_of_label(self.density, label)

    def kernel(self) -> ModelKernel:
        """The kernel, with the density before it."""
        model, term = self._model(self.density)
        own = sorted(self.own, key=str)
        return ModelKernel(model, [replace(term, name=self.conditional.name)], joint=own)

    def result(self, judged: Judged, normalised: bool | None) -> DensityIdentity:
        found = judged.identity
        (term,) = found.terms
        field = {}
        for c in found.field:
            given = self.parameters[c.label]
            field[given] = self._direction(c, given)
        entropy = self._shown(term.entropy)
        log_h = self._shown(term.log_base_measure)
        model, _ = self._model(self.density)
        conditions = tuple(stated(model, c) for c in judged.conditions)
        return DensityIdentity(field, entropy, log_h, found, normalised, conditions)

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

    def normalised(self) -> bool | None:
        """Whether the density integrates to one; raises if it is known not to."""
        model, term = self._numeric_model()
        if len(self.own) != 1 or term.event or model.variables[term.variable].shape:
            return None
        try:
            checked = check_density(model, term)
        except InputError:
            if self.support is not None:
                raise
            return None
        except (ArithmeticError, LookupError, NameError, TypeError):
            return None  # no numeric form
        return checked or None

    def _fixed(self, support: Space, name: str) -> Space:
        """The support; raises if it moves with a parameter, a parent or the variable itself."""
        symbols = set().union(*(symbols_in(sp.sympify(b)) for b in support.bounds))
        for s in sorted(symbols, key=str):
            if self._label(s) in {*self.parameters, *self.parents, *self.own}:
                raise InputError(f"{name}: its support moves with {s}")
        return support.mapped(lambda b: b.xreplace(self.real))

    def proposed(self, kernel: ModelKernel) -> Iterator[Identity]:
        """The search's candidates; where it fails, it says why."""
        try:
            yield from search(Setting([self.conditional], self.moving))
        except InputError:
            raise
        except GIVES_UP as error:
            kernel.gave_up = f"the search gave up ({type(error).__name__}: {error})"

    def failure(self, kernel: ModelKernel) -> NoIdentity:
        """Why there is none, with a witness if there is one."""
        from entropy_proofs.refute.exclusion import refute

        try:
            model, term = self._numeric_model()
            alone = [replace(self.conditional, log_density=term.log_density)]
            for base_measure in (True, False):
                witness = refute(model, [term], base_measure, conditionals=alone)
                if witness is not None:
                    break
        except GIVES_UP:
            witness = None
        if witness is None:
            why = kernel.unsupported or kernel.gave_up or "none could be excluded"
            return NoIdentity(f"no field was found, and {why}")
        return NoIdentity(witness.summary, witness)

    def _numeric_model(self) -> tuple[Model, ModelTerm]:
        """The same with an unspecified function as 2 + tanh: what one function refutes, all do."""
        density = self.density.replace(
            lambda e: isinstance(e, AppliedUndef), lambda e: 2 + sp.tanh(sp.Add(*e.args))
        )
        density = density.replace(sp.erfc, lambda x: 1 - sp.erf(x))
        return self._model(density.replace(sp.sech, lambda x: 1 / sp.cosh(x)))

    def _model(self, density: Expr) -> tuple[Model, ModelTerm]:
        """The density as the only conditional of a model, with every other symbol a constant."""
        learned = frozenset(self.parameters)
        model = ad_hoc_model([density], self.matrices, self.own, self.parents, learned)
        for s in self.own - {v.label for v in model.variables.values()}:  # uniform
            model.variables[s.name] = Variable(s.name, s, (), True, support_of(s))
        own = min(self.own, key=str)
        family = Density(lambda _: density)
        if self.support is not None and len(self.own) == 1:
            model.variables[own.name] = replace(model.variables[own.name], support=self.support)
        support = model.variables[own.name].support
        term = ModelTerm(own.name, own.name, own, (), (), density, support, family)
        model.terms.append(term)
        return model, term

    def _direction(self, c: FieldComponent, given: Any) -> Any:
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


def _read(log_density: Any) -> tuple[Expr, set[MatrixSymbol]]:
    """The density as a scalar, and the matrices in it."""
    try:
        given = expression(log_density)
        if not isinstance(given, (Expr, sp.MatrixBase, sp.MatrixExpr)):
            raise TypeError(f"{given} is no expression")
        return scalar(given), given.atoms(MatrixSymbol)
    except (InputError, TypeError) as error:
        raise InputError(f"log density: {error}") from None


def _check_numbers(expr: sp.Basic) -> None:
    """Raises where a density is infinite, or no real number."""
    if expr in {sp.oo, -sp.oo}:
        where = "give support=, the set on which the density is positive, and its formula there"
        raise InputError(f"log density: it holds {expr}; {where}")
    if expr in {sp.zoo, sp.nan, sp.I}:
        raise InputError(f"log density: it holds {expr}, which is no real number")
    if isinstance(expr, sp.Piecewise) and expr.args[-1].cond != sp.true:
        raise InputError(f"log density: {expr} has no value where none of its cases holds")
    for a in expr.args[:1] if isinstance(expr, ExprWithLimits) else expr.args:
        _check_numbers(a)


def _check_symbols(known: Set[Symbol], named: Mapping[str, list[Symbol]]) -> None:
    """Raises InputError for names that mean two things, and symbols that can't be what they are."""
    roles: dict[Symbol, str] = {}
    for role, labels in named.items():
        for s in labels:
            if roles.setdefault(s, role) != role:
                raise InputError(f"{s} is both {role} and {roles[s]}")
    names: dict[str, Symbol] = {}
    own = {s for s in known if s.name[:1] in _INTERNAL} - set(roles)  # bound indices
    for s in sorted((known | set(roles)) - own, key=str):
        if names.setdefault(s.name, s) != s:
            raise InputError(f"{s.name}: two symbols of one name, with different assumptions")
        if not s.is_commutative or s.is_real is False or (s.is_complex and s.is_real is None):
            raise InputError(f"{s.name}: not known to be a real number")
        if s in roles and s.name[:1] in _INTERNAL:
            raise InputError(f"{s.name}: a name can't start with {s.name[:1]!r}")
        if roles.get(s) == "a parameter" and s.is_integer:
            raise InputError(f"{s.name}: an integer can't move along a field")


def _split_log(argument: Expr) -> Expr:
    """log of a product: for a density to be real, what has a root or a Γ is positive."""
    rest: list[Expr] = []
    logs: list[Expr] = []
    for f in sp.Mul.make_args(argument):
        base, exponent = f.as_base_exp()
        if isinstance(base, (sp.beta, sp.gamma, sp.binomial)):
            logs.append(exponent * _log_of_gammas(base))
        elif (f.is_Pow and not f.exp.is_Integer) or (f.is_positive and not f.is_number):
            logs.append(exponent * sp.log(base))
        else:
            rest.append(f)
    return sp.Add(*logs, sp.log(sp.Mul(*rest)))


def _log_of_gammas(function: Expr) -> Expr:
    if isinstance(function, sp.gamma):
        return sp.loggamma(*function.args)
    a, b = function.args
    if isinstance(function, sp.beta):
        return sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b)
    return sp.loggamma(a + 1) - sp.loggamma(b + 1) - sp.loggamma(a - b + 1)


def _has_sign_of(product: Expr, factor: Expr) -> bool:
    """Whether it is the factor, or one over it, times what is positive."""
    rest = [f for f in sp.Mul.make_args(product) if f not in (factor, 1 / factor)]
    others = len(sp.Mul.make_args(product)) - len(rest)
    return others == 1 and all(f.is_positive for f in rest)


def _listed(given: Any) -> list:
    if isinstance(given, (Expr, MatrixSymbol, IndexedBase)):
        return [given]
    if isinstance(given, Iterable) and not isinstance(given, str):
        return list(given)
    raise InputError(f"{given} is not a symbol")
