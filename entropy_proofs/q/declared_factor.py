"""A declared q in code: a factor whose arrays are expressions of what the model declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array, broadcast_at
from entropy_proofs.families.family import Family
from entropy_proofs.families.multivariate import Categorical, Dirichlet, MultivariateNormal
from entropy_proofs.families.positive import LogNormal
from entropy_proofs.families.scalar import Bernoulli, Beta, Gamma, InverseGamma, Normal
from entropy_proofs.model.declarations import DeclaredQ, ModelTerm, Parameter, Variable
from entropy_proofs.q.dirichlet import BetaFactor, DirichletFactor
from entropy_proofs.q.discrete import BernoulliFactor, CategoricalFactor
from entropy_proofs.q.factor import At, Factor, NotAnalytic
from entropy_proofs.q.gamma import GammaFactor, InverseGammaFactor
from entropy_proofs.q.gaussian import CovarianceNormalFactor, LogNormalFactor, NormalFactor


@dataclass(frozen=True)
class Argument:
    """What one of a factor's arrays is of an argument of the family, and the argument of it."""

    keyword: str
    forward: Callable[[Any], Any] = lambda a: a
    back: Callable[[Any], Any] = lambda a: a


def _root(keyword: str) -> Argument:
    return Argument(keyword, sp.sqrt, lambda a: a**2)


def _sigmoid(logits: Expr) -> Expr:
    return 1 / (1 + sp.exp(-logits))


_SERVED: Mapping[type[Family], tuple[type[Factor], Mapping[str, Argument]]] = {
    Normal: (NormalFactor, {"mean": Argument("mean"), "deviation": _root("variance")}),
    MultivariateNormal: (
        CovarianceNormalFactor,
        {"mean": Argument("mean"), "covariance": Argument("covariance")},
    ),
    LogNormal: (
        LogNormalFactor,
        {"mean": Argument("log_mean"), "deviation": _root("log_variance")},
    ),
    Gamma: (GammaFactor, {"shape": Argument("shape"), "rate": Argument("rate")}),
    InverseGamma: (InverseGammaFactor, {"shape": Argument("shape"), "scale": Argument("scale")}),
    Beta: (BetaFactor, {"alpha": Argument("alpha"), "beta": Argument("beta")}),
    Dirichlet: (DirichletFactor, {"concentration": Argument("concentration")}),
    Bernoulli: (BernoulliFactor, {"probability": Argument("probability")}),
    Categorical: (CategoricalFactor, {"probabilities": Argument("probabilities")}),
}


@dataclass(frozen=True)
class DeclaredFactor:
    """A factor, and its arrays' elements by suffix."""

    factor: Factor
    arguments: Mapping[str, tuple[Expr, Argument]] = field(default_factory=dict)

    def element(self, suffix: str, at: At) -> Expr:
        given, argument = self.arguments[suffix]
        return sp.sympify(argument.forward(broadcast_at(given, tuple(at))))

    def symbols(self) -> frozenset[Symbol]:
        return frozenset().union(*(symbols_in(given) for given, _ in self.arguments.values()))

    def bare(self, suffix: str, parameters: Mapping[str, Parameter]) -> Parameter | None:
        """The parameter that an array is made from alone, element by element."""
        given, _ = self.arguments[suffix]
        shape = self.factor.shapes()[suffix]
        at = tuple(index(f"bare{k}", n) for k, n in enumerate(shape))
        element = broadcast_at(given, at)
        for p in parameters.values():
            own = IndexedBase(p.label)[at] if at else p.label
            if p.shape == shape and element == own:
                return p
        return None


def declared_factor(variable: Variable, q: DeclaredQ) -> DeclaredFactor:
    """The factor of a latent's declared q.

    Raises:
        NotAnalytic: no factor has its family.
    """
    (term,) = q.terms
    family = type(term.family)
    if family not in _SERVED:
        raise NotAnalytic(f"{variable.name}: no code for q of the family {family.__name__}")
    factor, arguments = _SERVED[family]
    given = _arguments(term)
    missing = [a.keyword for a in arguments.values() if a.keyword not in given]
    if missing == ["probability"]:
        return DeclaredFactor(
            factor(variable), {"probability": (given["logits"], Argument("logits", _sigmoid))}
        )
    if missing:
        raise NotAnalytic(f"{variable.name}: no code for q without {missing[0]}=")
    return DeclaredFactor(
        factor(variable), {s: (given[a.keyword], a) for s, a in arguments.items()}
    )


def check_free(variable: Variable, q: DeclaredQ, parameters: Mapping[str, Parameter]) -> None:
    """Raises NotAnalytic unless a Markov q of discrete states is free at every step.

    Then it is any chain, and its marginals, which code takes, are any chain's.
    """
    used: list[Symbol] = []
    for term in q.terms:
        given = _arguments(term).get("probabilities")
        element = given.args[0] if isinstance(given, Array) else given
        label = element.base.label if isinstance(element, Indexed) else None
        own = next((p for p in parameters.values() if p.label == label), None)
        wanted = len(term.plates) + 1 + (term.value != variable.label and bool(term.plates))
        if not isinstance(term.family, Categorical) or own is None or len(own.shape) != wanted:
            raise NotAnalytic(
                f"{variable.name}: code takes a Markov q of discrete states with probabilities of "
                "its own for every step and state before"
            )
        used.append(own.label)
    if len(set(used)) < len(used):
        raise NotAnalytic(f"{variable.name}: a step of q has the probabilities of another")


def _arguments(term: ModelTerm) -> dict[str, Expr]:
    return {k: sp.sympify(v) for k, v in term.family.arguments().items() if v is not None}


def put_in(expr: Expr, declared: Mapping[Symbol, tuple[DeclaredFactor, str]]) -> Expr:
    """The declared expressions in place of the factors' own arrays, by label."""
    found: dict[Expr, Expr] = {}
    for a in expr.atoms(Indexed):
        if a.base.label in declared:
            own, suffix = declared[a.base.label]
            found[a] = own.element(suffix, a.indices)
    arrays = {a.base.label for a in expr.atoms(Indexed)}
    for s in expr.atoms(Symbol) - arrays:
        if s in declared:
            own, suffix = declared[s]
            found[s] = own.element(suffix, ())
    return expr.xreplace(found)


__all__ = ["Argument", "DeclaredFactor", "check_free", "declared_factor", "put_in"]
