"""Proofs that the ELBO of a latent-variable model is a sum of entropies.

Declare a `Model`, then `prove` it. Public names load on first use, so that importing the
package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entropy_proofs.catalogue import load as load
    from entropy_proofs.density import identity as identity
    from entropy_proofs.errors import InputError as InputError, NoIdentity as NoIdentity
    from entropy_proofs.families import (
        Bernoulli as Bernoulli,
        Beta as Beta,
        Binomial as Binomial,
        Categorical as Categorical,
        Density as Density,
        Dirichlet as Dirichlet,
        Exponential as Exponential,
        Gamma as Gamma,
        GeneralizedNormal as GeneralizedNormal,
        InverseGamma as InverseGamma,
        Laplace as Laplace,
        Multinomial as Multinomial,
        MultivariateNormal as MultivariateNormal,
        Normal as Normal,
        Poisson as Poisson,
        StudentT as StudentT,
        VonMises as VonMises,
    )
    from entropy_proofs.functions import (
        Abs as Abs,
        E as E,
        FiniteSet as FiniteSet,
        Interval as Interval,
        Range as Range,
        Rational as Rational,
        Reals as Reals,
        S as S,
        Sum as Sum,
        besseli as besseli,
        besselk as besselk,
        beta as beta,
        cos as cos,
        det as det,
        diag as diag,
        digamma as digamma,
        erf as erf,
        exp as exp,
        eye as eye,
        gamma as gamma,
        inv as inv,
        log as log,
        logdet as logdet,
        loggamma as loggamma,
        oo as oo,
        pi as pi,
        sigmoid as sigmoid,
        sin as sin,
        softplus as softplus,
        sqrt as sqrt,
        tanh as tanh,
        trace as trace,
    )
    from entropy_proofs.learn.estimator import (
        VariationalEstimator as VariationalEstimator,
        fit as fit,
    )
    from entropy_proofs.model import Model as Model
    from entropy_proofs.numeric.certify.enclosure import Enclosure as Enclosure, enclose as enclose
    from entropy_proofs.numeric.functions import compile as compile
    from entropy_proofs.numeric.points import stationary_points as stationary_points
    from entropy_proofs.numeric.sweep import Sweep as Sweep, sweep as sweep
    from entropy_proofs.numeric.verify import Verification as Verification, verify as verify
    from entropy_proofs.proof import Verdict as Verdict, prove as prove
    from entropy_proofs.standalone.codegen import codegen as codegen
    from entropy_proofs.steps import check_steps as check_steps

__version__ = "0.1.0"

_EXPORTS: dict[str, str] = {
    "catalogue": "load",
    "density": "identity",
    "errors": "InputError NoIdentity",
    "families": (
        "Bernoulli Beta Binomial Categorical Density Dirichlet Exponential Gamma GeneralizedNormal "
        "InverseGamma Laplace Multinomial MultivariateNormal Normal Poisson StudentT VonMises"
    ),
    "functions": (
        "Abs E FiniteSet Interval Range Rational Reals S Sum besseli besselk beta cos det diag "
        "digamma erf exp eye gamma inv log logdet loggamma oo pi sigmoid sin softplus sqrt tanh "
        "trace"
    ),
    "learn.estimator": "VariationalEstimator fit",
    "model": "Model",
    "numeric.certify.enclosure": "Enclosure enclose",
    "numeric.functions": "compile",
    "numeric.points": "stationary_points",
    "numeric.sweep": "Sweep sweep",
    "numeric.verify": "Verification verify",
    "proof": "Verdict prove",
    "standalone.codegen": "codegen",
    "steps": "check_steps",
}
_MODULE_OF = {name: module for module, names in _EXPORTS.items() for name in names.split()}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
