"""A declared q in code: a factor whose arrays are expressions of what the model declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra import nodes
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
            if p.shape == shape and element == nodes.element(p.label, at):
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
    """Raises NotAnalytic unless a Markov q is any chain of its kind: discrete, or Gaussian.

    Code takes the moments of a chain, which are free as long as every step has parameters of its
    own: probabilities for every state before, or a slope, an intercept and a (co)variance.
    """
    used: list[Symbol] = []
    for term in q.terms:
        found = _of_step(term, parameters)
        if found is None or len(q.terms) != 2:
            raise NotAnalytic(
                f"{variable.name}: code takes a Markov q of first order that has parameters of its "
                f"own for every step: {_written(term, variable)}"
            )
        used += found
    if len(set(used)) < len(used):
        raise NotAnalytic(f"{variable.name}: a parameter of q stands for two things")


def _written(term: ModelTerm, variable: Variable) -> str:
    """Such a transition, as a model declares it where it is one of categories."""
    if isinstance(term.family, Categorical):
        steps, k = variable.shape[0], variable.support.bounds[0]
        return (
            "transition=lambda previous, t: Categorical(probabilities=R[t, previous]) with "
            f'R = model.variational("R", {steps}, {k}, {k}, domain="simplex")'
        )
    return "probabilities for every state before, or a slope, an intercept and a variance"


def _of_step(term: ModelTerm, parameters: Mapping[str, Parameter]) -> list[Symbol] | None:
    """The parameters of a conditional of a chain if it is free; else None."""
    given, time = _arguments(term), [i for i, _ in term.plates]
    past = [a for a in term.aliases if a != term.value]
    before = [e for e in term.log_density.atoms(Indexed) if e.base.label in past]
    if isinstance(term.family, Categorical) and "probabilities" in given:
        found = [_bare(given["probabilities"], parameters, [*time, *before])]
        return None if None in found or len(before) > 1 else [f for f in found if f is not None]
    if not isinstance(term.family, (Normal, MultivariateNormal)):
        return None
    spread = given["variance" if isinstance(term.family, Normal) else "covariance"]
    mean, axes = given["mean"], []
    if isinstance(mean, Array):
        axes = [index(f"bare{k}", n) for k, n in enumerate(mean.shape)]
        mean = mean.at(*axes)
    rest = [a for a in sp.Add.make_args(mean) if not symbols_in(a) & set(past)]
    moved = [a for a in sp.Add.make_args(mean) if symbols_in(a) & set(past)]
    if len(rest) != 1 or len(moved) != bool(time):
        return None
    labels = [_bare(spread, parameters, time), _bare(rest[0], parameters, [*time, *axes])]
    for a in moved:
        inner = [i for i, *_ in a.limits] if isinstance(a, sp.Sum) else []
        factors = sp.Mul.make_args(a.function if isinstance(a, sp.Sum) else a)
        slopes = [f for f in factors if not symbols_in(f) & set(past)]
        if len(factors) != 2 or len(slopes) != 1 or len(inner) != len(axes):
            return None
        labels.append(_bare(slopes[0], parameters, [*time, *axes, *inner]))
    return None if None in labels else [f for f in labels if f is not None]


def _bare(
    value: Expr, parameters: Mapping[str, Parameter], varying: Sequence[Expr]
) -> Symbol | None:
    """The parameter that a value is alone, with a place of its own for all that varies."""
    if isinstance(value, Array):
        axes = [index(f"own{k}", n) for k, n in enumerate(value.shape)]
        value, varying = value.at(*axes), [*varying, *axes]
    label = nodes.label_of(value)
    if label not in {p.label for p in parameters.values()}:
        return None
    left = list(varying)
    for place in nodes.indices_of(value):
        met = [v for v in left if (place - v).is_Integer]
        if not met:
            return None
        left.remove(met[0])
    return None if left else label


def _arguments(term: ModelTerm) -> dict[str, Expr]:
    return {k: sp.sympify(v) for k, v in term.family.arguments().items() if v is not None}


def put_in(expr: Expr, declared: Mapping[Symbol, tuple[DeclaredFactor, str]]) -> Expr:
    """The declared expressions in place of the factors' own arrays, by label."""

    def element(label: Symbol, at: tuple[Expr, ...]) -> Expr:
        own, suffix = declared[label]
        return own.element(suffix, at)

    return nodes.with_elements(expr, declared, element)
