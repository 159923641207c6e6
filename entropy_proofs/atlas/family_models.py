"""A family of distributions as a model of one observed variable, learned as far as possible."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from entropy_proofs.export.family_table import arguments
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import REAL
from entropy_proofs.judge.validate import Model

#: Letters for arguments; of one that is not here, its own name.
_LETTERS = {
    "alpha": "alpha", "beta": "beta", "trials": "n", "probability": "p", "probabilities": "p",
    "concentration": "alpha", "rate": "lam", "shape": "k", "mean": "mu", "variance": "sigma2",
    "covariance": "Sigma", "scale": "s", "scale2": "s", "power": "b", "location": "mu",
    "degrees_of_freedom": "nu", "scale_matrix": "V", "log_mean": "mu", "log_variance": "sigma2",
    "row_covariance": "U", "column_covariance": "V", "minimum": "m", "thresholds": "tau",
    "slant": "a", "low": "a", "high": "b",
}  # fmt: skip


#: Arguments that bound the support of whatever family has them.
BOUNDS = frozenset({"trials", "minimum", "low", "high"})


def model_of(cls: type[Family], known: Collection[str] = ()) -> Model:
    """The model; of arguments that replace one another the first is taken.

    known: arguments that are not learned, beside those that bound the support: no field moves it.

    >>> from entropy_proofs import Pareto, prove
    >>> model = model_of(Pareto)
    >>> [p.name for p in model.parameters.values() if p.fixed], prove(model).verdict.value
    (['m'], 'proved')
    """
    model = Model(cls.__name__)
    size: Any = model.dims("K") if any(cls.event_axes.values()) else None
    given: dict[str, Any] = {}
    for name in arguments(cls):
        shape = (size,) * cls.event_axes.get(name, 0)
        fixed = name in known or name in BOUNDS
        domain, letter = cls.domains.get(name, REAL), letter_of(cls, name)
        value = model.declare_parameter(letter, shape, domain, fixed)
        of_matrices = name == "degrees_of_freedom" and size and "mean" not in cls.event_axes
        given[name] = size - 1 + value if of_matrices else value
    model.observed("x", cls(**given))
    return model


def letter_of(cls: type[Family], name: str) -> str:
    """What stands for an argument in formulas.

    >>> from entropy_proofs import VonMises
    >>> letter_of(VonMises, "concentration")
    'kappa'
    """
    if name == "concentration" and not cls.event_axes:
        return "kappa"
    return _LETTERS.get(name, name)
