"""Proofs that the ELBO of a latent-variable model is a sum of entropies.

Declare a `Model`, then `prove` it. Public names load on first use, so that importing the
package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from entropy_proofs.version import __version__ as __version__

if TYPE_CHECKING:
    from entropy_proofs.arrays.functions import (
        Abs as Abs,
        E as E,
        Expectation as Expectation,
        FiniteSet as FiniteSet,
        Interval as Interval,
        KroneckerDelta as KroneckerDelta,
        Range as Range,
        Rational as Rational,
        Reals as Reals,
        S as S,
        Sum as Sum,
        arange as arange,
        array as array,
        atan2 as atan2,
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
    from entropy_proofs.audits.audit_record import Audit as Audit
    from entropy_proofs.audits.auditing import audit as audit
    from entropy_proofs.audits.distributions import (
        GapCurve as GapCurve,
        SampledAudit as SampledAudit,
        audit_distributions as audit_distributions,
    )
    from entropy_proofs.enclosures.enclosure import Enclosure as Enclosure, enclose as enclose
    from entropy_proofs.equality.steps import check_steps as check_steps
    from entropy_proofs.errors import InputError as InputError, NoIdentity as NoIdentity
    from entropy_proofs.evaluate.compiled import compile as compile
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
        Geometric as Geometric,
        Gumbel as Gumbel,
        HalfCauchy as HalfCauchy,
        HalfNormal as HalfNormal,
        HurdleNegativeBinomial as HurdleNegativeBinomial,
        HurdlePoisson as HurdlePoisson,
        InverseGamma as InverseGamma,
        InverseGaussian as InverseGaussian,
        InverseWishart as InverseWishart,
        Laplace as Laplace,
        Logistic as Logistic,
        LogLogistic as LogLogistic,
        LogNormal as LogNormal,
        MatrixNormal as MatrixNormal,
        Multinomial as Multinomial,
        MultivariateNormal as MultivariateNormal,
        MultivariateStudentT as MultivariateStudentT,
        NegativeBinomial as NegativeBinomial,
        Normal as Normal,
        OrderedCategorical as OrderedCategorical,
        Pareto as Pareto,
        Poisson as Poisson,
        SkewNormal as SkewNormal,
        StudentT as StudentT,
        TruncatedPoisson as TruncatedPoisson,
        Uniform as Uniform,
        VonMises as VonMises,
        Weibull as Weibull,
        Wishart as Wishart,
        ZeroInflatedNegativeBinomial as ZeroInflatedNegativeBinomial,
        ZeroInflatedPoisson as ZeroInflatedPoisson,
    )
    from entropy_proofs.judge.validate import Model as Model
    from entropy_proofs.learn.estimator import (
        VariationalEstimator as VariationalEstimator,
        fit as fit,
    )
    from entropy_proofs.model.catalogue import load as load
    from entropy_proofs.points.stationary_points import stationary_points as stationary_points
    from entropy_proofs.points.verify import Verification as Verification, verify as verify
    from entropy_proofs.proof.verdict import Verdict as Verdict
    from entropy_proofs.proving.density import identity as identity
    from entropy_proofs.proving.proof import prove as prove
    from entropy_proofs.standalone.codegen import codegen as codegen
    from entropy_proofs.sweeps.sweep import Sweep as Sweep, sweep as sweep

_EXPORTS: dict[str, str] = {
    "model.catalogue": "load",
    "proving.density": "identity",
    "errors": "InputError NoIdentity",
    "families": (
        "Bernoulli Beta Binomial Categorical Density Dirichlet Exponential Gamma "
        "GeneralizedNormal Geometric Gumbel HalfCauchy HalfNormal HurdleNegativeBinomial "
        "HurdlePoisson InverseGamma InverseGaussian InverseWishart Laplace LogLogistic LogNormal "
        "Logistic MatrixNormal Multinomial MultivariateNormal MultivariateStudentT "
        "NegativeBinomial Normal OrderedCategorical Pareto Poisson SkewNormal StudentT "
        "TruncatedPoisson Uniform VonMises Weibull Wishart ZeroInflatedNegativeBinomial "
        "ZeroInflatedPoisson"
    ),
    "arrays.functions": (
        "Abs E Expectation FiniteSet Interval KroneckerDelta Range Rational Reals S Sum arange "
        "array atan2 besseli besselk beta cos det diag digamma erf exp eye gamma inv log "
        "logdet loggamma oo pi sigmoid sin softplus sqrt tanh trace"
    ),
    "learn.estimator": "VariationalEstimator fit",
    "judge.validate": "Model",  # which checks its densities as they are declared
    "audits.audit_record": "Audit",
    "audits.auditing": "audit",
    "audits.distributions": "GapCurve SampledAudit audit_distributions",
    "enclosures.enclosure": "Enclosure enclose",
    "evaluate.compiled": "compile",
    "points.stationary_points": "stationary_points",
    "sweeps.sweep": "Sweep sweep",
    "points.verify": "Verification verify",
    "proof.verdict": "Verdict",
    "proving.proof": "prove",
    "standalone.codegen": "codegen",
    "equality.steps": "check_steps",
}
_MODULE_OF = {name: module for module, names in _EXPORTS.items() for name in names.split()}

__all__ = sorted(_MODULE_OF)

if "IPython" in sys.modules:
    import_module(f"{__name__}.notebook.shell").register()


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        from entropy_proofs.spelling import meant

        hint = "" if name.startswith("_") else meant(name, __all__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
