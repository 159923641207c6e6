"""Which family serves a latent."""

from __future__ import annotations

from sympy import Expr

from entropy_proofs.families.spaces import (
    POSITIVE,
    REAL,
    Bit,
    Category,
    ProbabilityVectors,
    RealNumbers,
    Space,
    UnitInterval,
)
from entropy_proofs.model.declarations import Variable
from entropy_proofs.q.dirichlet import BetaFactor, DirichletFactor
from entropy_proofs.q.discrete import BernoulliFactor, CategoricalFactor
from entropy_proofs.q.factor import Factor, NotAnalytic
from entropy_proofs.q.gamma import GammaFactor, InverseGammaFactor
from entropy_proofs.q.gaussian import FullNormalFactor, LogNormalFactor, NormalFactor
from entropy_proofs.q.markov.discrete_markov import DiscreteMarkovFactor
from entropy_proofs.q.markov.gaussian_markov import GaussianMarkovFactor

_BY_SUPPORT: dict[type[Space], type[Factor]] = {
    RealNumbers: NormalFactor,
    Bit: BernoulliFactor,
    Category: CategoricalFactor,
    UnitInterval: BetaFactor,
    ProbabilityVectors: DirichletFactor,
}
_MARKOV = {
    RealNumbers: GaussianMarkovFactor,
    Bit: DiscreteMarkovFactor,
    Category: DiscreteMarkovFactor,
}
FAMILIES: tuple[type[Factor], ...] = (
    FullNormalFactor,
    GammaFactor,
    InverseGammaFactor,
    LogNormalFactor,
    *_BY_SUPPORT.values(),
)
#: What the arrays of any q are called, after its latent.
SUFFIXES = frozenset(suffix for family in FAMILIES for suffix in family.domains)


def markov_factor(variable: Variable, reach: int) -> Factor | None:
    """The family of a latent chain that is Markov in time, if there is one.

    reach: how many steps the terms of the model bring together.

    Raises:
        NotAnalytic: there is one of first order only.
    """
    family = _MARKOV.get(type(variable.support))
    if family is GaussianMarkovFactor and len(variable.shape) < 3:
        return GaussianMarkovFactor(variable, reach)
    if family is not DiscreteMarkovFactor:
        return None
    if reach > 1:
        raise NotAnalytic(f"{variable.name}: q of discrete states is Markov of first order only")
    return DiscreteMarkovFactor(variable)


def factor_of(variable: Variable, covariance: str, exponents: set[Expr]) -> Factor:
    """The family for a latent.

    exponents: the powers of a positive latent that the model's terms call for.  Gamma q has means
        of all positive ones, inverse gamma q of all negative ones, log-normal q of both.

    Raises:
        NotAnalytic: no family serves it.
    """
    support = variable.support
    if support == REAL and covariance == "full":
        if len(variable.shape) != 1:
            raise NotAnalytic(f"{variable.name}: a full covariance needs a vector")
        return FullNormalFactor(variable)
    if support == POSITIVE:
        if all(e.is_positive for e in exponents):
            return GammaFactor(variable)
        if all(e.is_negative for e in exponents):
            return InverseGammaFactor(variable)
        return LogNormalFactor(variable)
    if type(support) in _BY_SUPPORT:
        return _BY_SUPPORT[type(support)](variable)
    if support.discrete:
        raise NotAnalytic(f"{variable.name}: its values can't be enumerated")
    raise NotAnalytic(f"{variable.name}: no closed form for q on the {support} numbers")
