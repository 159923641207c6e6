"""Families of distributions; a new one is a short definition here and nothing elsewhere."""

from entropy_proofs.families.family import Family
from entropy_proofs.families.multivariate import (
    Categorical,
    Dirichlet,
    Multinomial,
    MultivariateNormal,
)
from entropy_proofs.families.scalar import (
    Bernoulli,
    Beta,
    Binomial,
    Density,
    Exponential,
    Gamma,
    GeneralizedNormal,
    InverseGamma,
    Laplace,
    Normal,
    Poisson,
    StudentT,
    VonMises,
)

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Density",
    "Dirichlet",
    "Exponential",
    "Family",
    "Gamma",
    "GeneralizedNormal",
    "InverseGamma",
    "Laplace",
    "Multinomial",
    "MultivariateNormal",
    "Normal",
    "Poisson",
    "StudentT",
    "VonMises",
]
