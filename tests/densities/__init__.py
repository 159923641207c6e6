"""A registry of densities as plain SymPy, each with what is known about it by hand."""

from . import (
    bounded,
    conditional,
    discrete,
    matrices,
    multivariate,
    positive,
    real_line,
    refused,
)
from .record import Density

REGISTRY: tuple[Density, ...] = tuple(
    density
    for module in (
        real_line,
        positive,
        bounded,
        discrete,
        conditional,
        multivariate,
        matrices,
        refused,
    )
    for density in module.DENSITIES
)

__all__ = ["REGISTRY", "Density"]
